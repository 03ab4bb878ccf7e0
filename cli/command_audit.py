"""``vitals audit list | verify``: who did what, and whether the log was tampered with."""

import argparse
from datetime import UTC, datetime

from cli.command_user import opened
from cli.configuration import printed_config, settings_of
from vitals.errors import SetupError, SetupReason
from vitals.settings import Settings, add_common_flags


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``audit`` and its verbs."""
    parser = subcommands.add_parser("audit", help="show the audit log, and look whether it was tampered with")
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="list the newest entries, oldest of them first")
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="how many (100)")
    verify = verbs.add_parser(
        "verify",
        help="look whether a row was changed, removed, inserted or moved",
        description="Computes the chain of hashes anew and names the first row that breaks it. Prints the newest hash: "
        "note it outside this machine, and give it with --noted later to prove that nothing before it was rewritten. "
        "Ends with code 0 when the log is whole, else 1.",
    )
    verify.add_argument("--noted", metavar="HASH", help="a hash that an earlier run printed")
    listing.set_defaults(act=_list)
    verify.set_defaults(act=_verify)
    for verb in (listing, verify):
        add_common_flags(verb)
        verb.set_defaults(run=_run, command_name="audit")


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    if not settings.access_file.exists():
        raise SetupError(f"{settings.access_file}: there is no audit log; is --data right?", SetupReason.SETTINGS)
    return int(arguments.act(settings, arguments))


def _list(settings: Settings, arguments: argparse.Namespace) -> int:
    with opened(settings) as shelves:
        for row in shelves.trail.newest(limit=max(1, arguments.limit)):
            event = row.event
            at = datetime.fromtimestamp(event.utc_ms / 1000, UTC)
            who = f"{event.who or '-'} ({event.role or event.via})"
            said = " ".join(word for word in (event.what, event.subject, event.detail) if word)
            print(f"{row.seq:6}  {at:%Y-%m-%d %H:%M:%S}Z  {event.address:15}  {who:30}  {_one_line(said)}")
    return 0


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    with opened(settings) as shelves:
        wrong = shelves.trail.find_break(noted=arguments.noted)
        head = shelves.trail.head()
    if wrong is not None:
        print(f"audit log NOT whole: {wrong}")
        return 1
    print(f"audit log whole: {head.count} rows, newest {head.hash}")
    return 0


def _one_line(text: str) -> str:
    """Return a text without control characters: what somebody typed must not speak to a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
