"""The ways to the staff's phones: asked of alerts, which keeps them; what it keeps it tells without the addresses."""

import re
from pathlib import Path
from typing import Final

from msgspec import Struct

from dashboard.desk import Desk
from dashboard.push.addresses import PushAddress
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from vitals.commanding import CommandSender
from vitals.commands import Command, SendTest, Subscribe, Unsubscribe
from vitals.delivery import ChannelName, SubscriptionId, WayState
from vitals.duty import StaffId
from vitals.errors import InputError, InputReason
from vitals.parts import Part

WAYS_MAX: Final = 10
"""Phones, tablets and watches of one person."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{87}")
"""65 bytes of an uncompressed point in base64url."""


class Way(Struct, frozen=True, kw_only=True):
    """One way to one person; ``is_known``: alerts has said that it keeps it."""

    state: WayState
    is_known: bool


class WayDesk:
    """Takes, lists and ends ways; sends tests."""

    def __init__(self, *, desk: Desk, commands: CommandSender, room: Room, ticker: Ticker, key_file: Path) -> None:
        """Keep the tools; ``key_file``: the public key that alerts wrote."""
        self._desk: Final = desk
        self._commands: Final = commands
        self._room: Final = room
        self._ticker: Final = ticker
        self._key_file: Final = key_file

    def public_key(self) -> str:
        """Return the key that browsers subscribe with.

        Raises:
            InputError: alerts has not made it yet, or it is damaged.
        """
        try:
            text = self._key_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            problem = "no key yet: the part `alerts` makes it when it starts"
            raise InputError("push", problem, InputReason.UNKNOWN_NAME) from error
        if not _KEY.fullmatch(text):
            raise InputError("push", f"{self._key_file.name} holds no public key", InputReason.UNKNOWN_NAME)
        return text

    def ways(self, staff: StaffId | None = None) -> tuple[Way, ...]:
        """Return the ways to one person, or to everybody: what alerts keeps, and what is on its way to it."""
        ways: dict[SubscriptionId, Way] = {}
        if self._room.reach is not None:
            ways = {way.subscription: Way(state=way, is_known=True) for way in self._room.reach.ways}
        for command in self._commands.pending:
            match command.body:
                case Subscribe() as body if body.subscription not in ways:
                    state = WayState(
                        subscription=body.subscription,
                        staff=body.staff,
                        channel=body.channel,
                        since_utc_ms=command.at_utc_ms,
                        label=body.label,
                    )
                    ways[body.subscription] = Way(state=state, is_known=False)
                case Unsubscribe(subscription=ended):
                    ways.pop(ended, None)
                case _:
                    pass
        return tuple(way for way in ways.values() if staff is None or way.state.staff == staff)

    def subscribe(self, address: PushAddress, staff: StaffId, *, label: str) -> SubscriptionId:
        """Have alerts keep a browser as a way to a person; the same browser again changes whose it is.

        Raises:
            InputError: this person has `WAYS_MAX` ways already.
        """
        subscription = address.id()
        others = [way for way in self.ways(staff) if way.state.subscription != subscription]
        if len(others) >= WAYS_MAX:
            raise InputError("subscriptions", f"{len(others)} there already, remove one first", InputReason.CONFLICT)
        body = Subscribe(
            subscription=subscription,
            staff=staff,
            channel=ChannelName.WEB_PUSH,
            address=address.as_json(),
            label=label,
        )
        self._desk.send(Part.ALERTS, body, by=staff, now=self._ticker.now())
        return subscription

    def unsubscribe(self, subscription: SubscriptionId, *, by: StaffId, may_end_others: bool) -> Command:
        """Have alerts forget a way.

        Raises:
            InputError: there is none, or it is another person's.
        """
        found = next((way.state for way in self.ways() if way.state.subscription == subscription), None)
        if found is None:
            raise InputError("subscription", f"{subscription[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        if found.staff != by and not may_end_others:
            raise InputError("subscription", f"{subscription!r} is another person's", InputReason.NOT_ALLOWED)
        return self._desk.send(Part.ALERTS, Unsubscribe(subscription=subscription), by=by, now=self._ticker.now())

    def send_test(self, staff: StaffId, *, by: StaffId) -> Command:
        """Have alerts send a message marked as a test by all ways to one person."""
        return self._desk.send(Part.ALERTS, SendTest(staff=staff), by=by, now=self._ticker.now())
