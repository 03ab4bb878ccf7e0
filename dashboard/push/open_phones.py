"""Phone pages that are open in the house: each is a way to its owner that needs no service outside (channel `page`)."""

import hashlib
import logging
from typing import Final

from dashboard.desk import Desk
from dashboard.push.way_desk import WayDesk
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from vitals.commands import Subscribe, Unsubscribe
from vitals.delivery import ChannelName, SubscriptionId
from vitals.duty import StaffId
from vitals.errors import InputError, StorageError
from vitals.parts import Part
from vitals.units import MonotonicMs

logger: Final = logging.getLogger(__name__)

LEFT_MS: Final = 20_000
"""A page that is loaded anew, or a phone that changes from one access point to the next, is not gone."""

AGAIN_MS: Final = 5_000
"""Between two looks at whether alerts keeps the ways that are open."""


class OpenPhones:
    """Tells alerts who has the page open, and the health page whether it can be heard."""

    def __init__(self, *, desk: Desk, ways: WayDesk, room: Room, ticker: Ticker) -> None:
        """Keep the tools; nobody has it open."""
        self._desk: Final = desk
        self._ways: Final = ways
        self._room: Final = room
        self._ticker: Final = ticker
        self._looked_ms = MonotonicMs(-AGAIN_MS)

    def report(self, connection: object, staff: StaffId, *, is_heard: bool) -> None:
        """Take what a phone page says of itself."""
        self._room.phones.report(connection, staff, is_heard=is_heard)
        self._looked_ms = MonotonicMs(-AGAIN_MS)

    def leave(self, connection: object) -> None:
        """Take that a connection has ended."""
        self._room.phones.leave(connection, now_ms=self._ticker.now().ms)

    def look(self) -> None:
        """Have alerts keep the ways that are open, and forget those that are not; called each second."""
        now = self._ticker.now()
        self._room.phones.forget(before_ms=MonotonicMs(now.ms - LEFT_MS))
        if now.ms - self._looked_ms < AGAIN_MS:
            return
        self._looked_ms = now.ms
        kept = {way.state.staff for way in self._ways.ways() if way.state.channel is ChannelName.PAGE}
        there = self._room.phones.present()
        try:
            for staff in sorted(there - kept):
                body = Subscribe(subscription=_id_of(staff), staff=staff, channel=ChannelName.PAGE, address="{}")
                self._desk.send(Part.ALERTS, body, by=staff, now=now)
            for staff in sorted(kept - there):
                self._desk.send(Part.ALERTS, Unsubscribe(subscription=_id_of(staff)), by=staff, now=now)
        except (InputError, StorageError) as error:
            logger.info(f"open phones not told to alerts {error}")  # tried again in `AGAIN_MS`


def _id_of(staff: StaffId) -> SubscriptionId:
    return SubscriptionId("page-" + hashlib.sha256(staff.encode()).hexdigest()[:16])
