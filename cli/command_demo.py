"""``vitals demo``: a simulated class over the virtual air, through every part, to the wall."""

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from math import inf
from pathlib import Path
from typing import Final

from cli.broker import BrokerPlan, free_port
from cli.command_parts import add_people_flags, add_web_flags
from cli.command_serve import choose_broker
from cli.configuration import printed_config, settings_of
from cli.dashboard_client import DashboardClient, dashboard_url
from cli.left_behind import end_left_behind
from cli.running import run_until_told
from cli.supervisor import Supervisor
from cli.system import anchored, prepare_data, require_free_port, run_system, wait_for_dashboard
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import Settings, add_common_flags
from vitals.site_key import open_site_key

CLASS_NAME: Final = "Demo class"


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``demo``."""
    parser = subcommands.add_parser(
        "demo",
        help="a simulated class on the wall, in one command",
        description="Runs a simulated class through every part of the system and prints the address of the wall. "
        "Within two minutes somebody's heart rate and somebody's saturation pass their limits, a strap loses "
        "contact, and one person walks out of range and comes back. Ctrl-C ends everything; nothing is kept "
        "unless --data names a folder.",
    )
    add_common_flags(parser)
    add_web_flags(parser)
    add_people_flags(parser)
    parser.add_argument("--seconds", type=_seconds, default=0, metavar="N", help="end after N seconds; 0: by Ctrl-C")
    parser.add_argument("--scenario", dest="simulators.scenario", metavar="NAME", help="demo, quiet or crisis")
    parser.set_defaults(run=_run, command_name="demo")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < inf:
        msg = f"{text} is no time from 0 on"
        raise argparse.ArgumentTypeError(msg)
    return seconds


def _run(arguments: argparse.Namespace) -> int:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="session-vitals-")))
        settings = anchored(
            settings_of(
                arguments,
                # Somebody who looks at a demo looks at the wall.
                quiet=True,
                mode=GenerationMode.SIMULATED.value,
                data=str(scratch),
                **_air_overrides(),
            )
        )
        if printed_config(arguments, settings):
            return 0
        require_free_port(settings)
        settings, broker = choose_broker(settings, port=free_port())
        prepare_data(settings)
        return run_until_told(_demo(settings, broker, seconds=arguments.seconds))


def _air_overrides() -> dict[str, object]:
    """Return settings that join gateway and simulator by a port that is free now."""
    port = free_port()
    return {"simulators__port": port, "gateway__radios": (f"bumble:tcp-client:127.0.0.1:{port}?slots=1000",)}


async def _demo(settings: Settings, broker: BrokerPlan, *, seconds: float) -> None:
    async def host(_supervisor: Supervisor) -> None:
        body = await asyncio.to_thread(_plan, settings)
        await wait_for_dashboard(settings)
        client = DashboardClient(settings)
        await asyncio.to_thread(end_left_behind, client, settings, name=CLASS_NAME)
        await asyncio.to_thread(client.post, "/api/v1/sessions", body)
        print(f"wall: {dashboard_url(settings)}/wall   (simulated data; Ctrl-C ends)", flush=True)
        await asyncio.sleep(seconds or 10**9)

    await run_system(settings, broker, with_simulator=True, host=host)


def _plan(settings: Settings) -> dict[str, object]:
    """Return the body of the demo's class. Imports here: bumble takes a while, and parts are starting meanwhile."""
    from simulators.cast import cast_people, draw_people, plan_class  # noqa: PLC0415
    from simulators.kit import plan_kit  # noqa: PLC0415
    from simulators.service import plan_scenario  # noqa: PLC0415

    people = draw_people(people=settings.simulators.participants, seed=settings.simulators.seed)
    return plan_class(
        cast_people(people, plan_kit(settings.simulators)),
        name=CLASS_NAME,
        mode=settings.mode,
        room=settings.dashboard.room,
        gateway=GatewayId(settings.gateway.id),
        site_key=open_site_key(settings.site_key_file),
        scenario=plan_scenario(settings),
    )
