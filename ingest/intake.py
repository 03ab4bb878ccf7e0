"""Takes every message that belongs in the record into the batch that waits for the next commit.

Decodes and checks; what nobody can read is kept by its place, its problem and its first bytes. Nothing is stored here.
"""

import re
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

from ingest.store.batch import (
    Batch,
    HeardCommand,
    HeardEntry,
    HeardErasure,
    HeardEvent,
    HeardReading,
    HeardRoster,
    SourceWord,
)
from ingest.store.writer import ANALYSIS
from vitals.alarms import AlarmEventMessage
from vitals.bus import RETAINED_TOPICS_MAX, Incoming
from vitals.clock import Clock
from vitals.commands import Command, CommandAnswer, EraseParticipant, RecordCourse, RecordEntry, RecordSession, verb_of
from vitals.errors import InputError, InputReason
from vitals.journal import JournalMessage
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import ReadingKind, ReadingMessage, RunId, StreamKey, kind_of
from vitals.sensors import Anchors
from vitals.sessions import Roster
from vitals.store import StoreCursor
from vitals.streamclock import StreamClock, hear
from vitals.topics import (
    AlarmEventTopic,
    AnchorTopic,
    CommandTopic,
    CursorTopic,
    JournalTopic,
    ReadingTopic,
    RosterTopic,
    StatusTopic,
    Topic,
    parse_topic,
    topic_filter,
)
from vitals.wire import decode

LATE_MS: Final = 10_000
"""Older than this at arrival is late: it is stored, and no live rule looks at it."""

CLOCKS_MAX: Final = 1_024
"""Runs whose clock is remembered; the oldest goes."""

INGEST: Final = "ingest"
"""Owner of the commands that this part answers."""

_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WHOLE_MAX: Final = 2**53
"""Integers that every JSON reader and SQLite hold exactly; times and seqs stay far below."""
_SHOWN_BITS_MAX: Final = 64
_LEVELS_MAX: Final = 256


class _Number(Struct, frozen=True, kw_only=True):
    run: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    seq: Annotated[int, Meta(ge=0, lt=2**53)]


class _Numbered(Struct, frozen=True, kw_only=True):
    """The part of a stamped message that can be read when the rest can not."""

    body: _Number


T = TypeVar("T")


class Intake:
    """Hears messages into ``batch``; `take` hands the batch over and starts an empty one."""

    def __init__(self, *, site: str, store_run: RunId, clock: Clock) -> None:
        """Start with nothing heard; ``store_run`` is the run of this ingest process."""
        self._site = site
        self._store_run = store_run
        self._clock = clock
        self._clocks: dict[tuple[str, RunId], StreamClock] = {}
        self.batch = Batch()
        self.left_over: set[tuple[str, RunId]] = set()
        """Cursors on the broker that an earlier ingest process said."""

    def filters(self) -> tuple[str, ...]:
        """Return the subscriptions; none overlap. ``#`` where misspelt topics are to be seen, too."""
        gateways = topic_filter(AnchorTopic, site=self._site).rsplit("/", 2)[0]
        commands = topic_filter(CommandTopic, site=self._site).rsplit("/", 2)[0]
        return (
            f"{gateways}/reading/#",
            f"{gateways}/anchor/#",
            topic_filter(StatusTopic, site=self._site),
            topic_filter(RosterTopic, site=self._site),
            topic_filter(AlarmEventTopic, site=self._site),
            topic_filter(JournalTopic, site=self._site),
            f"{commands}/#",
            topic_filter(CursorTopic, site=self._site),
        )

    def take(self) -> Batch:
        """Return what was heard and start anew."""
        batch, self.batch = self.batch, Batch()
        return batch

    def hear(self, incoming: Incoming) -> None:
        """Take one message into the batch, or keep why it can not be."""
        try:
            self._hear(parse_topic(incoming.topic), incoming)
        except InputError as error:
            self._refuse(incoming, error)

    def _refuse(self, incoming: Incoming, error: InputError) -> None:
        self.batch.refuse(
            incoming.topic,
            incoming.payload,
            reason=error.reason.value,
            problem=str(error),
            received_utc_ms=self._clock.utc_ms(),
        )

    def _hear(self, topic: Topic, incoming: Incoming) -> None:
        match topic:
            case ReadingTopic():
                self._hear_reading(topic, incoming)
            case AlarmEventTopic():
                self._hear_event(incoming)
            case JournalTopic():
                self._hear_entry(incoming)
            case AnchorTopic():
                self._hear_anchors(topic, incoming)
            case StatusTopic():
                self._hear_status(topic, incoming)
            case RosterTopic():
                self._hear_roster(topic, incoming)
            case CommandTopic():
                self._hear_command(topic, incoming)
            case CursorTopic():
                self._hear_cursor(topic, incoming)
            case _:
                raise InputError("topic", f"{incoming.topic!r} is not for the record", InputReason.UNKNOWN_TOPIC)

    def _hear_reading(self, topic: ReadingTopic, incoming: Incoming) -> None:
        if topic.gateway == ANALYSIS or topic.kind not in set(ReadingKind):
            raise InputError("topic", f"{incoming.topic!r} names no stream of readings", InputReason.UNKNOWN_NAME)
        message = self._decode_numbered(
            incoming, ReadingMessage, source=topic.gateway, subject=topic.sensor, kind=topic.kind
        )
        reading = message.body
        place = incoming.topic
        if reading.sensor != topic.sensor or kind_of(reading) != topic.kind:
            raise InputError(place, f"body is of {reading.sensor!r} {kind_of(reading).value}", InputReason.CONFLICT)
        _check_id(place, "run", reading.run)
        _check_whole(place, mono_ms=reading.mono_ms, sent_mono_ms=message.sent_mono_ms)
        try:
            raw = bytes.fromhex(reading.raw_hex) or None
        except ValueError as error:
            self._give_up(topic.gateway, StreamKey(reading.run, reading.sensor, topic.kind), reading.seq)
            raise InputError(place, f"raw_hex {reading.raw_hex[:40]!r} is no hex", InputReason.WRONG_SHAPE) from error
        if not self.batch.has_room(len(incoming.payload), received_ms=incoming.received_ms):
            return
        age_ms = self._age_ms(topic.gateway, message, incoming)
        self.batch.readings.append(
            HeardReading(topic.gateway, reading, raw, self._clock.utc_ms(), incoming.retained or age_ms >= LATE_MS)
        )

    def _hear_event(self, incoming: Incoming) -> None:
        message = self._decode_numbered(incoming, AlarmEventMessage, source=ANALYSIS, subject=ANALYSIS, kind="alarm")
        event = message.body
        _check_id(incoming.topic, "run", event.run)
        _check_whole(incoming.topic, seq=event.seq, mono_ms=event.mono_ms, utc_ms=event.utc_ms)
        if self.batch.has_room(len(incoming.payload), received_ms=incoming.received_ms):
            self.batch.events.append(HeardEvent(ANALYSIS, event, self._clock.utc_ms()))

    def _hear_entry(self, incoming: Incoming) -> None:
        message = self._decode_numbered(incoming, JournalMessage, source=ANALYSIS, subject=ANALYSIS, kind="journal")
        entry = message.body
        _check_id(incoming.topic, "run", entry.run)
        _check_whole(incoming.topic, seq=entry.seq, mono_ms=entry.mono_ms, utc_ms=entry.utc_ms)
        if self.batch.has_room(len(incoming.payload), received_ms=incoming.received_ms):
            self.batch.entries.append(HeardEntry(ANALYSIS, entry))

    def _hear_anchors(self, topic: AnchorTopic, incoming: Incoming) -> None:
        if not incoming.payload:
            return  # cleared by its gateway; the record keeps what it has
        anchors: Anchors = decode(incoming.payload, Anchors, place=incoming.topic)
        if (anchors.gateway, anchors.run) != (topic.gateway, topic.run):
            raise InputError(incoming.topic, f"body is of {anchors.gateway!r} {anchors.run!r}", InputReason.CONFLICT)
        for anchor in anchors.anchors:
            _check_whole(incoming.topic, mono_ms=anchor.mono_ms, utc_ms=anchor.utc_ms)
        if len(self.batch.anchors) < _LEVELS_MAX or (topic.gateway, topic.run) in self.batch.anchors:
            self.batch.anchors[topic.gateway, topic.run] = anchors

    def _hear_status(self, topic: StatusTopic, incoming: Incoming) -> None:
        if not incoming.payload or topic.part not in {Part.GATEWAY, Part.ANALYSIS}:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        if status.state is PartState.LOST:
            return  # a will is older than what its part said last
        source = ANALYSIS if topic.part == Part.ANALYSIS else topic.instance
        _check_id(incoming.topic, "run", status.run)
        for extent in status.extents:
            _check_id(incoming.topic, "run", extent.run)
            _check_id(incoming.topic, "subject", extent.subject)
            _check_id(incoming.topic, "kind", extent.kind)
            _check_whole(incoming.topic, first=extent.first, last=max(0, extent.last))
        if len(self.batch.words) < _LEVELS_MAX or source in self.batch.words:
            self.batch.words[source] = SourceWord(
                run=status.run,
                generation_mode=status.generation_mode,
                clock_rate=status.clock_rate,
                extents=status.extents,
            )

    def _hear_roster(self, topic: RosterTopic, incoming: Incoming) -> None:
        if not incoming.payload:
            return  # cleared after the end of the session
        roster: Roster = decode(incoming.payload, Roster, place=incoming.topic)
        if roster.session != topic.session:
            raise InputError(incoming.topic, f"body is of {roster.session!r}", InputReason.CONFLICT)
        _check_roster(incoming.topic, roster)
        self.batch.add_roster(HeardRoster(roster, self._clock.utc_ms(), final=False))

    def _hear_command(self, topic: CommandTopic, incoming: Incoming) -> None:
        command: Command = decode(incoming.payload, Command, place=incoming.topic)
        if (command.owner, verb_of(command)) != (topic.owner, topic.verb):
            raise InputError(
                incoming.topic, f"body is {verb_of(command)!r} for {command.owner!r}", InputReason.CONFLICT
            )
        _check_id(incoming.topic, "id", command.id)
        _check_whole(incoming.topic, at_utc_ms=command.at_utc_ms)
        if command.id in self.batch.commands:
            return  # a repetition
        self.batch.add_command(
            HeardCommand(command, self._clock.utc_ms()),
            answer=self._answer_to(command) if command.owner == INGEST else None,
        )

    def _answer_to(self, command: Command) -> CommandAnswer | None:
        """Take what a command to this part brings; the answer is given when it is stored, or None: when it is done."""
        match command.body:
            case RecordSession(session=session, roster=roster):
                if roster.session != session:
                    return _declined(command, f"the roster is of session {roster.session}, not {session}")
                try:
                    _check_roster("roster", roster)
                except InputError as error:
                    return _declined(command, str(error))
                self.batch.add_roster(HeardRoster(roster, self._clock.utc_ms(), final=True))
                return CommandAnswer(id=command.id)
            case RecordEntry(entry=entry):
                # Stored with the command itself.
                if entry.by != command.by:
                    return _declined(command, f"the entry is by {entry.by!r}, the command by {command.by!r}")
                return CommandAnswer(id=command.id)
            case RecordCourse(course=course):
                # Stored with the commands.
                _check_whole("course", onset_utc_ms=course.onset_utc_ms, ended_utc_ms=course.ended_utc_ms)
                return CommandAnswer(id=command.id)
            case EraseParticipant(participant=participant):
                self.batch.erasures.append(HeardErasure(participant, command.id, command.by))
                return None
            case _:
                return _declined(command, f"ingest does not do {verb_of(command)}")

    def _hear_cursor(self, topic: CursorTopic, incoming: Incoming) -> None:
        """Note what an earlier ingest process left on the broker, to be renewed or cleared."""
        if not incoming.payload or not incoming.retained:
            return
        cursor: StoreCursor = decode(incoming.payload, StoreCursor, place=incoming.topic)
        if (cursor.source, cursor.run) != (topic.source, topic.run):
            raise InputError(incoming.topic, f"body is of {cursor.source!r} {cursor.run!r}", InputReason.CONFLICT)
        if cursor.store_run != self._store_run and len(self.left_over) < RETAINED_TOPICS_MAX:
            self.left_over.add((cursor.source, cursor.run))

    def _decode_numbered(self, incoming: Incoming, shape: type[T], *, source: str, subject: str, kind: str) -> T:
        """Decode a message of a numbered stream; when only its number can be read, the number is given up.

        A message of a newer version is not given up: it waits in its outbox until this program has been renewed.
        """
        try:
            return decode(incoming.payload, shape, place=incoming.topic)
        except InputError as error:
            if error.reason is InputReason.WRONG_SHAPE:
                try:
                    number: _Numbered = decode(incoming.payload, _Numbered, place=incoming.topic)
                except InputError:
                    raise error from None
                self._give_up(source, StreamKey(RunId(number.body.run), subject, kind), number.body.seq)
            raise

    def _give_up(self, source: str, key: StreamKey, seq: int) -> None:
        """Let the cursor pass a message that will never be readable, so that what comes after it is not held up."""
        if len(self.batch.unreadable) < CLOCKS_MAX:
            self.batch.unreadable.append((source, key, seq))

    def _age_ms(self, source: str, message: ReadingMessage, incoming: Incoming) -> int:
        """Return how old a reading was at arrival, on the clock that its run and this process agree on."""
        run, mono_ms = message.body.run, message.body.mono_ms
        before = self._clocks.get((source, run))
        now = incoming.received_ms
        if incoming.retained:
            return 0 if before is None else now - before.to_consumer(mono_ms)
        clock = hear(before, sent_mono_ms=message.sent_mono_ms, received_mono_ms=now)
        if before is None:
            self.batch.observed_offsets_ms[source, run] = self._clock.utc_ms() - message.sent_mono_ms
            while len(self._clocks) >= CLOCKS_MAX:
                del self._clocks[next(iter(self._clocks))]
        self._clocks[source, run] = clock
        return now - clock.to_consumer(mono_ms)


def _declined(command: Command, reason: str) -> CommandAnswer:
    return CommandAnswer(id=command.id, accepted=False, reason=reason)


def _check_id(place: str, name: str, value: str) -> None:
    """Refuse what can not be a level of a topic: it would make an unpublishable cursor."""
    if not _ID.fullmatch(value):
        raise InputError(place, f"{name} {value[:80]!r} is no id", InputReason.OUT_OF_RANGE)


def _check_whole(place: str, **values: int) -> None:
    for name, value in values.items():
        if not 0 <= value < _WHOLE_MAX:
            shown = value if value.bit_length() <= _SHOWN_BITS_MAX else f"of {value.bit_length()} bits"
            raise InputError(place, f"{name} {shown} is not from 0 to 2^53", InputReason.OUT_OF_RANGE)


def _check_roster(place: str, roster: Roster) -> None:
    _check_whole(
        place,
        version=roster.version,
        started_utc_ms=roster.started_utc_ms,
        ended_utc_ms=roster.started_utc_ms if roster.ended_utc_ms is None else roster.ended_utc_ms,
    )
    for entry in roster.entries:
        for worn in entry.sensors:
            end = worn.from_utc_ms if worn.to_utc_ms is None else worn.to_utc_ms
            _check_whole(place, from_utc_ms=worn.from_utc_ms, to_utc_ms=end)
