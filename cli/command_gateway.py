"""``vitals gateway invite | pair | paired | expel``: gateways on other boxes, each with credentials of its own."""

import argparse
import importlib
from collections.abc import Callable
from typing import Any

from cli.configuration import printed_config, settings_of
from vitals.errors import SetupError, SetupReason
from vitals.settings import add_common_flags


def add_gateway_verbs(parser: argparse.ArgumentParser) -> None:
    """Add the verbs to the parser of ``gateway``, which without one runs it."""
    verbs = parser.add_subparsers(title="gateways on other boxes", metavar="VERB", required=False)
    invite = verbs.add_parser(
        "invite",
        help="on the server: let one gateway in, by a code that holds for ten minutes",
        description="Prints a one-time code and waits for the gateway that is told it. Needs lan.host in the settings.",
    )
    invite.add_argument("name", metavar="NAME", help="name of the gateway, as in class files: g2")
    invite.set_defaults(run=_runner("invite"))
    pair = verbs.add_parser(
        "pair",
        help="on the other box: become a gateway of a site",
        description="Asks the server for credentials and writes them, for this user alone, into the data folder.",
    )
    pair.add_argument("--server", required=True, metavar="HOST[:PORT]", help="the server, as lan.names calls it")
    pair.add_argument("--code", required=True, metavar="CODE", help="as `vitals gateway invite` printed it")
    pair.add_argument("--replace", action="store_true", help="give up the site that this box belongs to")
    pair.set_defaults(run=_runner("pair"))
    paired = verbs.add_parser("paired", help="on the server: list the gateways that may come in")
    paired.set_defaults(run=_runner("list_paired"))
    expel = verbs.add_parser("expel", help="on the server: shut a gateway out, at once")
    expel.add_argument("name", metavar="NAME", help="its name")
    expel.set_defaults(run=_runner("expel"))
    for verb in (invite, pair, paired, expel):
        add_common_flags(verb)
        verb.set_defaults(command_name="gateway")


def _runner(act: str) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        settings = settings_of(arguments, quiet=True)
        if printed_config(arguments, settings):
            return 0
        try:
            acts: Any = importlib.import_module("cli.pairing.acts")
        except ModuleNotFoundError as error:
            msg = f"pairing needs the package {error.name}: install session-vitals[lan]"
            raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
        getattr(acts, act)(settings, arguments)
        return 0

    return run
