"""``vitals push-test``: sends a message marked as a test by all ways to one person, through the running system."""

import argparse
import sys
import time
from typing import Any, Final

from cli.configuration import printed_config, settings_of
from cli.dashboard_client import DashboardClient
from vitals.errors import InputError, InputReason
from vitals.settings import add_common_flags

WAIT_S: Final = 30.0
"""Retries of a channel take some 15 s."""

_POLL_S: Final = 0.5


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``push-test``."""
    parser = subcommands.add_parser(
        "push-test",
        help="send a test to somebody's phones",
        description="Asks the running system to send a message marked as a test by all ways to one person, and tells "
        "what became of it. That it was sent is no proof that it was seen: the person accepts it on the phone.",
    )
    parser.add_argument("--to", required=True, metavar="NAME", help="login of the member of staff")
    add_common_flags(parser)
    parser.add_argument("--host", dest="dashboard.host", metavar="ADDRESS", help="where the dashboard listens")
    parser.add_argument("--port", dest="dashboard.port", type=int, metavar="PORT", help="its port (8080)")
    parser.set_defaults(run=_run, command_name="push-test")


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if printed_config(arguments, settings):
        return 0
    client = DashboardClient(settings)
    sent = client.post("/api/v1/push/test", {"staff": arguments.to})
    call = _wait_for_call(client, f"test-{sent['command']}")
    if call is None:
        msg = f"no news of it within {WAIT_S:g} s: has {arguments.to!r} a phone, and does the part `alerts` run?"
        raise InputError("push-test", msg, InputReason.UNKNOWN_NAME)
    if not call.get("called"):
        msg = f"no service took it within {WAIT_S:g} s: see the log of the part `alerts`"
        raise InputError("push-test", msg, InputReason.CONFLICT)
    sys.stdout.write(f"test handed over to the phones of {arguments.to}; now accept it there\n")
    return 0


def _wait_for_call(client: DashboardClient, alarm: str) -> dict[str, Any] | None:
    """Return how far the news of the test has come, as soon as a service took it; None: nothing is known of it."""
    found: dict[str, Any] | None = None
    until_s = time.monotonic() + WAIT_S
    while time.monotonic() < until_s:
        try:
            found = client.get(f"/api/v1/alarms/{alarm}").get("call")
        except InputError:
            found = None
        if found is not None and found.get("called"):
            return found
        # A command that waits for one answer over HTTP: asking now and then is all there is, and nothing else runs.
        time.sleep(_POLL_S)
    return found
