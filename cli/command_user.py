"""``vitals user add | list | role | password | disable | enable | token | revoke``: who may come in."""

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.configuration import printed_config, settings_of
from cli.dashboard_client import dashboard_url
from cli.system import prepare_data
from vitals.errors import InputError, InputReason, SetupError, SetupReason
from vitals.settings import Settings, add_common_flags
from vitals.units import UtcMs

if TYPE_CHECKING:
    from dashboard.access.chain import Event
    from dashboard.access.shelves import Shelves

FIRST_LINK_MS: Final = 3_600_000
ROLES: Final = ("admin", "supervisor", "therapist")
_PASSWORD_HELP: Final = "file whose first line is the password; without it, it is asked for, or read from a pipe"  # noqa: S105


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``user`` and its verbs."""
    parser = subcommands.add_parser("user", help="say who may log in, and let scripts in")
    verbs = parser.add_subparsers(title="what to do", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="add a user", description="Adds a user; asks for the password twice.")
    role = verbs.add_parser("role", help="give a user another role; ends the user's logins")
    password = verbs.add_parser("password", help="give a user another password; ends the user's logins")
    disable = verbs.add_parser("disable", help="shut a user out, at once")
    enable = verbs.add_parser("enable", help="let a user in again")
    token = verbs.add_parser(
        "token",
        help="make a token for scripts",
        description="Makes a key for a script and prints it, or writes it into a file for this user alone. "
        "`vitals session` takes it from dashboard.token_file.",
    )
    revoke = verbs.add_parser("revoke", help="end a token, or shut a paired wall or tablet out, at once")
    listing = verbs.add_parser("list", help="list users, tokens, and paired walls and tablets")
    for verb in (add, role, password, disable, enable, token, revoke):
        verb.add_argument("name", metavar="NAME", help="a to z, 0 to 9, . _ -")
    add.add_argument("--role", choices=ROLES, default="therapist", help="(therapist)")
    role.add_argument("role", choices=ROLES, help="the new role")
    token.add_argument("--role", choices=ROLES, default="therapist", help="what the script may do (therapist)")
    token.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of printing it")
    for verb in (add, password):
        verb.add_argument("--password-file", type=Path, metavar="FILE", help=_PASSWORD_HELP)
    acts: tuple[tuple[argparse.ArgumentParser, Callable[[Settings, argparse.Namespace], None]], ...] = (
        (add, _add),
        (role, _role),
        (password, _password),
        (disable, _disable),
        (enable, _enable),
        (token, _token),
        (revoke, _revoke),
        (listing, _list),
    )
    for verb, act in acts:
        add_common_flags(verb)
        verb.set_defaults(run=_runner(act), command_name="user")


def _runner(act: Callable[[Settings, argparse.Namespace], None]) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        settings = settings_of(arguments, quiet=True)
        if printed_config(arguments, settings):
            return 0
        if act not in _BEGINNERS and not settings.access_file.exists():
            raise SetupError(f"{settings.access_file}: there are no users; is --data right?", SetupReason.SETTINGS)
        prepare_data(settings)
        act(settings, arguments)
        return 0

    return run


@contextmanager
def opened(settings: Settings) -> Iterator["Shelves"]:
    """Open access.db, also while the dashboard runs: it sees each change within a second.

    Raises:
        SetupError: the packages of the dashboard are missing.
        StorageError: the file cannot be opened.
    """
    try:
        from dashboard.access.book import open_book  # noqa: PLC0415 - other commands should not wait for it
        from dashboard.access.shelves import Shelves  # noqa: PLC0415
    except ModuleNotFoundError as error:
        msg = f"user needs the package {error.name}: install session-vitals[dashboard]"
        raise SetupError(msg, SetupReason.MISSING_PACKAGE) from error
    with closing(open_book(settings.access_file)) as book:
        yield Shelves(book)


def make_first_link(settings: Settings) -> str:
    """Return a link by which somebody becomes the first admin; empty: there is one. An earlier link ends."""
    from dashboard.access.keys import new_key  # noqa: PLC0415 - as above

    with opened(settings) as shelves, shelves.book.change():
        if shelves.accounts.has_admin():
            return ""
        key = new_key()
        shelves.devices.set_first_link(key.hash, until_utc_ms=UtcMs(now_utc_ms() + FIRST_LINK_MS))
        shelves.trail.add([entry("first_link_made", "")])
    # Behind the #: a browser sends it to no server, and no log or Referer has it.
    return f"{dashboard_url(settings)}/first#{key.secret}"


def entry(what: str, subject: str, detail: str = "") -> "Event":
    """Return an audit entry of this command: who is the account of the operating system."""
    from dashboard.access.chain import Event  # noqa: PLC0415 - as above

    return Event(
        utc_ms=now_utc_ms(),
        who=getpass.getuser(),
        role="",
        via="command line",
        address="this machine",
        what=what,
        subject=subject[:200],
        detail=detail,
    )


def now_utc_ms() -> UtcMs:
    """Return the time of day."""
    return UtcMs(time.time_ns() // 1_000_000)


def _add(settings: Settings, arguments: argparse.Namespace) -> None:
    from dashboard.access.passwords import Passwords  # noqa: PLC0415 - as above
    from dashboard.access.roles import Role  # noqa: PLC0415

    with opened(settings) as shelves:
        if shelves.accounts.find(arguments.name) is not None:
            raise InputError("user", f"{arguments.name!r} exists", InputReason.CONFLICT)
        hashed = Passwords().hash_now(_read_password(arguments))
        with shelves.book.change():
            shelves.accounts.add(arguments.name, Role(arguments.role), password=hashed, utc_ms=now_utc_ms())
            shelves.trail.add([entry("user_added", arguments.name, arguments.role)])
    print(f"user {arguments.name} added as {arguments.role}")


def _role(settings: Settings, arguments: argparse.Namespace) -> None:
    from dashboard.access.roles import Role  # noqa: PLC0415 - as above

    with opened(settings) as shelves, shelves.book.change():
        shelves.accounts.set_role(arguments.name, Role(arguments.role))
        shelves.trail.add([entry("role_changed", arguments.name, arguments.role)])
    print(f"user {arguments.name} is {arguments.role} now")


def _password(settings: Settings, arguments: argparse.Namespace) -> None:
    from dashboard.access.passwords import Passwords  # noqa: PLC0415 - as above

    with opened(settings) as shelves:
        shelves.accounts.require(arguments.name)
        hashed = Passwords().hash_now(_read_password(arguments))
        with shelves.book.change():
            shelves.accounts.set_password(arguments.name, hashed)
            shelves.trail.add([entry("password_changed", arguments.name)])
    print(f"user {arguments.name} has a new password")


def _disable(settings: Settings, arguments: argparse.Namespace) -> None:
    with opened(settings) as shelves, shelves.book.change():
        shelves.accounts.set_disabled(arguments.name, is_disabled=True)
        shelves.trail.add([entry("user_disabled", arguments.name)])
    print(f"user {arguments.name} is shut out")


def _enable(settings: Settings, arguments: argparse.Namespace) -> None:
    with opened(settings) as shelves, shelves.book.change():
        shelves.accounts.set_disabled(arguments.name, is_disabled=False)
        shelves.trail.add([entry("user_enabled", arguments.name)])
    print(f"user {arguments.name} may log in again")


def _token(settings: Settings, arguments: argparse.Namespace) -> None:
    from dashboard.access.accounts import require_name  # noqa: PLC0415 - as above
    from dashboard.access.devices import Token  # noqa: PLC0415
    from dashboard.access.keys import new_key  # noqa: PLC0415
    from dashboard.access.roles import Role  # noqa: PLC0415

    key = new_key()
    token = Token(name=require_name(arguments.name), role=Role(arguments.role), created_utc_ms=now_utc_ms())
    with opened(settings) as shelves, shelves.book.change():
        shelves.devices.add_token(token, key.hash)
        shelves.trail.add([entry("token_added", token.name, token.role)])
        if arguments.out is not None:
            _write_private(arguments.out, key.secret)
    print(key.secret if arguments.out is None else f"token {token.name} is in {arguments.out}")


def _revoke(settings: Settings, arguments: argparse.Namespace) -> None:
    with opened(settings) as shelves, shelves.book.change():
        if any(token.name == arguments.name for token in shelves.devices.tokens()):
            shelves.devices.revoke_token(arguments.name)
        else:
            shelves.devices.revoke(arguments.name)
        shelves.trail.add([entry("revoked", arguments.name)])
    print(f"{arguments.name} is shut out")


def _list(settings: Settings, _arguments: argparse.Namespace) -> None:
    with opened(settings) as shelves:
        for account in shelves.accounts.all():
            notes = ("", ", PIN")[account.pin is not None] + ("", ", shut out")[account.is_disabled]
            print(f"user     {account.name:32}  {account.role}{notes}")
        for token in shelves.devices.tokens():
            print(f"token    {token.name:32}  {token.role}")
        for device in shelves.devices.all():
            names = ", names" if device.sees_names and device.kind == "display" else ""
            print(f"{device.kind:7}  {device.name:32}  {device.room}{names}")


def _read_password(arguments: argparse.Namespace) -> str:
    """Return the password from the file, the pipe or the keyboard; never from a flag, which everybody can read.

    Raises:
        InputError: too short, too easy, or typed in two ways.
        SetupError: the file cannot be read.
    """
    from dashboard.access.passwords import require_password  # noqa: PLC0415 - as above

    file: Path | None = arguments.password_file
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SetupError(f"password file {file}: {reason}", SetupReason.SETTINGS) from error
    elif sys.stdin.isatty():
        text = getpass.getpass("password: ")
        require_password(text, name=arguments.name)
        if getpass.getpass("again: ") != text:
            raise InputError("password", "typed in two ways; nothing was changed", InputReason.CONFLICT)
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    return require_password(text, name=arguments.name)


def _write_private(file: Path, secret: str) -> None:
    """Write a file that must not exist, for its owner alone.

    Raises:
        SetupError: it exists or cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as opened_file:
            opened_file.write(secret + "\n")
    except OSError as error:
        raise SetupError(f"--out {file}: {error.strerror}", SetupReason.SETTINGS) from error


_BEGINNERS: Final = (_add, _token)
"""What may be the first thing that is done to a site; any other verb in a folder without users is a slip."""
