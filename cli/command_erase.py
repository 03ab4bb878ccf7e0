"""``vitals erase``: forgets a person in every file of the site, for good, through the running dashboard."""

import argparse
import time
from typing import Any, Final
from urllib.parse import quote

from cli.configuration import printed_config, settings_of
from cli.dashboard_client import DashboardClient
from vitals.errors import InputError
from vitals.settings import add_common_flags

EXIT_WAITS: Final = 1
"""Somebody has not answered, or will not; the system goes on asking who has not answered."""

LOOK_S: Final = 0.5


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``erase``."""
    parser = subcommands.add_parser(
        "erase",
        help="forget a person everywhere, for good",
        description="Asks the running dashboard to forget a person: readings, alarms, entries, limits, name. Each part "
        "that owns a file is asked until it has done so, over any restart. It cannot be undone; backups that were made "
        "before still know the person. Ends with code 0 when all have done it, 1 when somebody is still asked.",
    )
    parser.add_argument("--participant", required=True, metavar="ID", help="pseudonym, as in the register and exports")
    parser.add_argument("--why", required=True, metavar="TEXT", help="for the audit log; no name")
    parser.add_argument("--by", default="staff", metavar="WHO", help="who asked for it")
    parser.add_argument("--wait", type=float, default=60.0, metavar="S", help="seconds to wait for all answers (60)")
    add_common_flags(parser)
    parser.set_defaults(run=_run, command_name="erase")


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    client = DashboardClient(settings)
    place = f"/api/v1/people/{quote(arguments.participant, safe='')}"
    body = {"participant": arguments.participant, "why": arguments.why, "by": arguments.by}
    told = _begin(client, place, body)
    ends_s = time.monotonic() + arguments.wait
    while not told["is_done"] and time.monotonic() < ends_s and not _is_refused(told):
        # The owners answer the dashboard, not us: asking now and then is all there is, and nothing else runs here.
        time.sleep(LOOK_S)
        told = client.get(f"{place}/erasure")
    for step in told["steps"]:
        done = "done" if step["done_utc_ms"] is not None else (step["refused"] or "is still asked")
        print(f"{step['owner']:10} {done}")
    if told["kept_by_sink"]:
        print(
            f"influxdb   keeps {told['kept_by_sink']} stretches of erased people: it does not delete (docs/stores.md)"
        )
    return 0 if told["is_done"] else EXIT_WAITS


def _begin(client: DashboardClient, place: str, body: dict[str, str]) -> Any:
    """Ask, unless it was asked before and all have answered or are being asked."""
    try:
        told = client.get(f"{place}/erasure")
    except InputError:
        return client.post(f"{place}/erase", body)
    return client.post(f"{place}/erase", body) if told["is_done"] or _is_refused(told) else told


def _is_refused(told: Any) -> bool:
    return any(step["refused"] for step in told["steps"])
