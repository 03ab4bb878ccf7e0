"""The courier: takes the course of each alarm that is over to the record, again and again until it is stored there.

Courses wait in the ledger, so neither an ingest that is down nor a crash of alerts loses one.
"""

import hashlib
import logging
from typing import Final

from alerts.ledger import Ledger
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import COMMAND_REPEAT_S, Command, CommandAnswer, CommandId, RecordCourse
from vitals.delivery import Course
from vitals.errors import PeerError, StorageError
from vitals.parts import Part, PartStatus
from vitals.topics import CommandTopic, StatusTopic, topic_filter
from vitals.units import UtcMs
from vitals.wire import decode, encode

logger: Final = logging.getLogger(__name__)

TOGETHER_MAX: Final = 16
"""Courses under way at a time: ingest's status names only its newest answers."""

SETTLE_MS: Final = 30_000
"""How long a course waits for the answer of a phone's service to the last message; longer than any time-out."""


class Courier:
    """Sends what waits in the ledger each `COMMAND_REPEAT_S`, oldest first."""

    def __init__(self, *, ledger: Ledger, bus: Bus, site: str, clock: Clock) -> None:
        """Keep where courses wait, and by which way they go."""
        self._ledger: Final = ledger
        self._bus: Final = bus
        self._site: Final = site
        self._clock: Final = clock
        self._topic: Final = str(CommandTopic(site=site, owner=Part.INGEST, verb="record_course"))
        self._under_way: Final[dict[CommandId, Course]] = {}
        self._why_not = ""

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            await self._clock.sleep(COMMAND_REPEAT_S)
            await self._carry()

    def subscribe(self, bus: Bus) -> None:
        """Hear ingest's answers."""
        bus.subscribe(topic_filter(StatusTopic, site=self._site, part=Part.INGEST), self._hear_status)

    def hear_answer(self, answer: CommandAnswer) -> None:
        """Let a course go that ingest has stored, or will never take."""
        course = self._under_way.get(answer.id)
        if course is None:
            return
        if not answer.accepted:
            logger.error(f"course refused by the record alarm={course.alarm_id} why={answer.reason!r}")
        try:
            self._ledger.forget_course(course)
        except StorageError as error:
            self._say(f"course not let go: {error}")  # the next status brings the answer again
        else:
            del self._under_way[answer.id]

    def _hear_status(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        for answer in status.handled:
            self.hear_answer(answer)

    async def _carry(self) -> None:
        before_utc_ms = UtcMs(self._clock.utc_ms() - SETTLE_MS)
        try:
            courses = self._ledger.courses(settled_before_utc_ms=before_utc_ms, limit=TOGETHER_MAX)
        except StorageError as error:
            self._say(f"courses not read: {error}")
            return
        self._under_way.clear()
        for course in courses:
            command = command_of(course)
            self._under_way[command.id] = course
            try:
                await self._bus.publish(self._topic, encode(command))
            except PeerError as error:
                self._say(f"courses wait: {error}")
                return
        self._say("")

    def _say(self, why: str) -> None:
        if why and why != self._why_not:
            logger.warning(f"courier {why}")
        self._why_not = why


def command_of(course: Course) -> Command:
    """Return the command that records a course; the same course is the same command, whenever it is sent."""
    name = f"{course.alarm_id} {course.ended_utc_ms}".encode()
    return Command(
        id=CommandId(f"course-{hashlib.blake2b(name, digest_size=12).hexdigest()}"),
        owner=Part.INGEST,
        by=Part.ALERTS,
        at_utc_ms=course.ended_utc_ms,
        body=RecordCourse(course=course),
    )
