"""Says on the retained topic ``duty`` who looks after which class; a class that has ended is said no more.

It follows clinic.db, not those who change it: however a class ends, its duty is gone a second later.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from dashboard.register.duty_book import MEMBERS_MAX, DutyBook
from dashboard.register.sensors import Sensors
from dashboard.register.shelf import Shelf
from vitals.bus import Bus
from vitals.duty import Duty, OnDuty
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.sensors import SensorId
from vitals.sessions import SessionId
from vitals.topics import DutyTopic
from vitals.units import UtcMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

LOOK_S: Final = 1.0
BATTERIES_EVERY: Final = 60
"""Looks between two writes of how full the sensors are."""


class DutyDesk:
    """The only publisher of duty."""

    def __init__(self, *, shelf: Shelf, bus: Bus, site: str) -> None:
        """Keep the tools; `run` is a task of the service."""
        self.book: Final = DutyBook(shelf)
        self._sensors: Final = Sensors(shelf)
        self._bus: Final = bus
        self._topic: Final = str(DutyTopic(site=site))
        self._said: Duty | None = None

    def put(
        self, session: SessionId, members: Iterable[OnDuty], *, people: frozenset[ParticipantId]
    ) -> tuple[OnDuty, ...]:
        """Keep who is on duty in a class that runs, and say it.

        Args:
            session: the class.
            members: all of them; who is not among them is off duty.
            people: the participants of the class.

        Raises:
            InputError: the class does not run, somebody is named twice, or somebody's people are not in the class.
        """
        kept = tuple(members)
        if all(session != open_one for open_one, _ in self.book.open_classes()):
            raise InputError("session", f"{session[:80]!r} does not run", InputReason.CONFLICT)
        if len(kept) > MEMBERS_MAX:
            raise InputError("body.members", f"{len(kept)} are more than {MEMBERS_MAX}", InputReason.TOO_LARGE)
        seen: set[str] = set()
        for at, one in enumerate(kept):
            if one.staff in seen:
                raise InputError(f"body.members[{at}].staff", f"{one.staff!r} is named twice", InputReason.CONFLICT)
            seen.add(one.staff)
            stranger = next((person for person in one.participants if person not in people), None)
            if stranger is not None:
                problem = f"{stranger[:80]!r} is not in {session}"
                raise InputError(f"body.members[{at}].participants", problem, InputReason.CONFLICT)
        self.book.put(session, kept)
        self.say()
        logger.info(f"duty changed session={session} members={len(kept)}")
        return self.book.members(session)

    def say(self) -> None:
        """Publish the duty of now, if it is not what was published last."""
        duty = self.book.duty()
        before = self._said
        if before is not None and before.sessions == duty.sessions:
            return
        if before is None or duty.version <= before.version:
            # A class ended, maybe while this server was away: the same entries, fewer classes.
            self.book.raise_version()
            duty = self.book.duty()
        self._bus.set_retained(self._topic, encode(duty))
        self._said = duty

    async def run(self, batteries: Callable[[], tuple[dict[SensorId, int], UtcMs]]) -> None:
        """Follow the classes, and how full the known sensors are, until cancelled.

        Args:
            batteries: gives what the sensors told last (%), and the time of day.
        """
        looks, is_failing = 0, False
        while True:
            try:
                self.say()
                if looks % BATTERIES_EVERY == 0:
                    told, utc_ms = batteries()
                    self._sensors.hear_batteries(told, utc_ms=utc_ms)
                is_failing = False
            except StorageError as error:
                if not is_failing:
                    logger.warning(f"duty not looked up {error}")
                is_failing = True
            looks += 1
            await asyncio.sleep(LOOK_S)
