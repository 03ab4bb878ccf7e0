"""``vitals way``: ways to a member of staff that are no browser: a topic of ntfy, an address of apprise."""

import argparse
import asyncio
import secrets
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from cli.configuration import printed_config, settings_of
from vitals.bus import Bus, Incoming
from vitals.clock import open_clock
from vitals.commands import Command, CommandAnswer, CommandBody, CommandId, Subscribe, Unsubscribe, verb_of
from vitals.deadline import deadline
from vitals.delivery import ChannelName, Reach, SubscriptionId, WayState
from vitals.duty import StaffId
from vitals.errors import InputError, InputReason, PeerError, PeerReason, SetupError, SetupReason
from vitals.parts import Part, PartStatus
from vitals.settings import Settings, add_common_flags
from vitals.topics import CommandTopic, ReachTopic, StatusTopic, topic_filter
from vitals.wire import decode, encode

ANSWER_S: Final = 15.0
REACH_S: Final = 3.0
_CHANNELS: Final = (ChannelName.NTFY.value, ChannelName.APPRISE.value)


def add_commands(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``way``."""
    parser = subcommands.add_parser(
        "way",
        help="ways to staff besides their browsers: ntfy, e-mail, SMS, ...",
        description="Tells the running part `alerts` how else somebody can be called. Browsers subscribe themselves, "
        "on the page /phone. The address is read from a file or a pipe, never from a flag: it may hold a key.",
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="add a way, and print its id")
    add.add_argument("--to", required=True, metavar="NAME", help="login of the member of staff")
    add.add_argument("--channel", required=True, choices=_CHANNELS, help="ntfy, or apprise for everything else")
    add.add_argument("--address-file", type=Path, metavar="FILE", help="file with the address; default: standard input")
    add.add_argument("--label", default="", metavar="TEXT", help="what the person calls it; shown to staff")
    add.set_defaults(run=_add)
    listing = verbs.add_parser("list", help="all ways, without their addresses")
    listing.set_defaults(run=_list)
    remove = verbs.add_parser("remove", help="forget a way")
    remove.add_argument("way", metavar="ID", help="as `vitals way list` tells it")
    remove.set_defaults(run=_remove)
    for verb in (add, listing, remove):
        add_common_flags(verb)
        verb.set_defaults(command_name="way")


def _add(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    _require_user(settings, arguments.to)
    way = SubscriptionId(f"{arguments.channel}-{secrets.token_hex(8)}")
    try:
        body = Subscribe(
            subscription=way,
            staff=StaffId(arguments.to),
            channel=ChannelName(arguments.channel),
            address=_read_address(arguments.address_file),
            label=arguments.label,
        )
        # What the wire refuses is refused here, with a line that does not quote the address.
        msgspec.convert(msgspec.to_builtins(body), Subscribe)
    except msgspec.ValidationError as error:
        raise InputError("way", str(error), InputReason.OUT_OF_RANGE) from error
    _require(asyncio.run(_ask(settings, body)))
    sys.stdout.write(f"{way}\n")
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    way = SubscriptionId(arguments.way)
    if way not in {one.subscription for one in asyncio.run(_hear_ways(settings))}:
        raise InputError("way", f"{way[:80]!r} is none", InputReason.UNKNOWN_NAME)
    _require(asyncio.run(_ask(settings, Unsubscribe(subscription=way))))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments, quiet=True)
    if printed_config(arguments, settings):
        return 0
    ways = asyncio.run(_hear_ways(settings))
    for way in ways:
        sent = "never used" if way.sent_utc_ms is None else "used"
        line = f"{way.subscription}  {way.staff}  {way.channel}  {way.label or '-'}  {way.problem or sent}"
        sys.stdout.write(f"{line}\n")
    if not ways:
        sys.stdout.write("no way to anybody yet; browsers subscribe themselves, on the page /phone\n")
    return 0


def _require_user(settings: Settings, name: str) -> None:
    """Refuse a name that nobody logs in with: nobody of that name is ever on duty, so nobody would be called.

    Where the list of users is not (alerts on a machine of its own, a demo), any name passes.

    Raises:
        InputError: there are users, and this is none of them, or one who is shut out.
        StorageError: their file cannot be read.
    """
    if not settings.access_file.exists():
        return
    try:
        from dashboard.access.accounts import Accounts  # noqa: PLC0415 - the other verbs need no packages of it
        from dashboard.access.book import open_book_to_read  # noqa: PLC0415
    except ModuleNotFoundError:
        return
    with closing(open_book_to_read(settings.access_file)) as book:
        accounts = Accounts(book).all()
    found = next((one for one in accounts if one.name == name), None)
    if found is None and accounts:
        problem = f"{name[:80]!r} is no user: `vitals user list` tells them all"
        raise InputError("--to", problem, InputReason.UNKNOWN_NAME)
    if found is not None and found.is_disabled:
        raise InputError("--to", f"{name!r} is shut out", InputReason.CONFLICT)


def _read_address(file: Path | None) -> str:
    try:
        text = sys.stdin.read() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"address file {file} cannot be read", SetupReason.SETTINGS) from error
    return text.strip()


def _require(answer: CommandAnswer) -> None:
    if not answer.accepted:
        raise InputError("way", answer.reason, InputReason.NOT_ALLOWED)


async def _ask(settings: Settings, body: CommandBody) -> CommandAnswer:
    """Give alerts a command and return its answer.

    Raises:
        PeerError: nobody answers.
    """
    answered: asyncio.Future[CommandAnswer] = asyncio.get_running_loop().create_future()
    bus = _open_bus(settings)
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    name = CommandId(f"way-{secrets.token_hex(8)}")
    order = Command(id=name, owner=Part.ALERTS, by="vitals", at_utc_ms=clock.utc_ms(), body=body)
    topic = str(CommandTopic(site=settings.site, owner=Part.ALERTS, verb=verb_of(order)))

    def hear(incoming: Incoming) -> None:
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        for answer in status.handled:
            if answer.id == name and not answered.done():
                answered.set_result(answer)

    bus.subscribe(topic_filter(StatusTopic, site=settings.site, part=Part.ALERTS), hear)
    bus.on_connected(lambda: bus.send_soon(topic, encode(order), qos=1))
    async with bus:
        # Not raised in here: what leaves the bus by an error is a group of them, and no line for a person.
        await _wait(answered, wait_s=ANSWER_S)
    if not answered.done():
        raise PeerError("no answer from the part `alerts`: does the system run?", PeerReason.TIMED_OUT)
    return answered.result()


async def _hear_ways(settings: Settings) -> tuple[WayState, ...]:
    """Return what alerts tells of its ways.

    Raises:
        PeerError: it tells nothing.
    """
    told: asyncio.Future[Reach] = asyncio.get_running_loop().create_future()

    def hear(incoming: Incoming) -> None:
        if incoming.payload and not told.done():
            told.set_result(decode(incoming.payload, Reach, place=incoming.topic))

    bus = _open_bus(settings)
    bus.subscribe(str(ReachTopic(site=settings.site)), hear)
    async with bus:
        await _wait(told, wait_s=REACH_S)
    if not told.done():
        raise PeerError("the part `alerts` tells no ways: does the system run?", PeerReason.TIMED_OUT)
    return told.result().ways


async def _wait(answer: "asyncio.Future[Any]", *, wait_s: float) -> None:
    """Wait until there is an answer, but no longer than so many seconds."""
    try:
        async with deadline(wait_s):
            await asyncio.shield(answer)
    except TimeoutError:
        pass


def _open_bus(settings: Settings) -> Bus:
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    client_id = f"way-{secrets.token_hex(8)}"
    return Bus(url=settings.broker, client_id=client_id, clock=clock, ca_file=settings.broker_ca_file)
