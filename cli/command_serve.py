"""``vitals serve``: all parts on one machine, started, watched and restarted."""

import argparse
import asyncio
import sys

from cli.broker import BrokerPlan, keep_renewed, no_broker
from cli.command_parts import add_web_flags
from cli.command_user import make_first_link
from cli.configuration import printed_config, settings_of
from cli.dashboard_client import dashboard_url
from cli.house_files import require_sound
from cli.running import run_until_told
from cli.supervisor import Supervisor
from cli.system import PIDS_FILE, anchored, plan_own_broker, require_free_port, run_system, wait_for_dashboard
from vitals.broker_url import parse_broker_url
from vitals.settings import Settings, add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``serve``."""
    parser = subcommands.add_parser(
        "serve",
        help="run all parts on this machine",
        description="Starts broker, gateway, record, analysis, alerts and dashboard, and starts again what dies. "
        "Ctrl-C ends everything cleanly. With --broker the broker of that address is used.",
    )
    add_common_flags(parser)
    add_web_flags(parser)
    parser.set_defaults(run=_run, command_name="serve")


def _run(arguments: argparse.Namespace) -> int:
    settings = anchored(settings_of(arguments))
    if printed_config(arguments, settings):
        return 0
    require_free_port(settings)
    require_sound(settings)
    settings, broker = choose_broker(settings)
    return run_until_told(_serve(settings, broker))


def choose_broker(settings: Settings, *, port: int | None = None) -> tuple[Settings, BrokerPlan]:
    """Return settings and plan: the broker that the settings name, else one of our own on ``port``.

    Raises:
        SetupError: none is named and none is installed.
    """
    if "broker" in settings.model_fields_set:
        return settings, no_broker(settings.broker)
    return plan_own_broker(settings, port=parse_broker_url(settings.broker).port if port is None else port)


async def _serve(settings: Settings, broker: BrokerPlan) -> None:
    async def host(_supervisor: Supervisor) -> None:
        await wait_for_dashboard(settings)
        print(f"wall: {dashboard_url(settings)}/wall", file=sys.stdout, flush=True)
        link = await asyncio.to_thread(make_first_link, settings)
        if link:
            print(f"first admin: {link}   (works once, for an hour)", file=sys.stdout, flush=True)
        await keep_renewed(broker, pids_file=settings.data / PIDS_FILE)

    await run_system(settings, broker, with_simulator=False, host=host)
