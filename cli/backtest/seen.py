"""A stored class exactly as it was seen: replayed by analysis' journal, and held against the alarm events on record."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from analysis.core.events import AlarmEventRaised, Effect
from analysis.core.rules import RuleSet, hash_rules
from analysis.history.past_alarm import AlarmBook, PastAlarm
from analysis.replay import Replay
from analysis.rule_set import DEFAULT
from ingest.store.as_heard import to_reading
from ingest.store.stored import StoredReading, StoredSession
from vitals.alarms import AlarmEvent
from vitals.journal import Began, JournalEntry, JournalStream
from vitals.readings import Reading, ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import Roster, SessionId
from vitals.units import UtcMs

BEFORE_MS: Final = 600_000
"""The journal is read from so long before the class: analysis writes its memory down before a class begins."""

AFTER_MS: Final = 120_000
"""What the end of a class leads to is said within this time."""


class Past(Protocol):
    """What a replay asks: a record, or an incident bundle."""

    def rosters(self, session: SessionId) -> tuple[Roster, ...]:
        """Return every version of a session's roster, oldest first."""

    def readings_of(
        self, sensor: SensorId, kind: ReadingKind, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs
    ) -> tuple[StoredReading, ...]:
        """Return what a sensor said from a time to before a time."""

    def journal(self, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> tuple[JournalEntry, ...]:
        """Return analysis' journal from a time to before a time."""

    def alarm_events(self, session: SessionId) -> tuple[AlarmEvent, ...]:
        """Return all changes of a session's alarms."""


class Seen(Struct, frozen=True, kw_only=True):
    """A class as it was seen. ``differences``: one line for each change that the record tells otherwise."""

    id: str
    participants: int
    participant_hours: float
    alarms: tuple[PastAlarm, ...]
    events: int
    missing: int
    skipped: int
    differences: tuple[str, ...]


def replay_session(reader: Past, session: StoredSession) -> Seen | None:
    """Return a class as it was seen, or None when the journal does not tell where to begin.

    Raises:
        StorageError: the record or a checkpoint in the journal cannot be read.
    """
    readings = _Readings(reader, session)
    replay = Replay(readings.find)
    entries = _entries(reader, session)
    if not any(isinstance(event, Began) for entry in entries for event in entry.events):
        rules = _rules_before(reader, session, entries)
        if rules is None:
            return None
        replay.use_rules(rules)
    recorded = reader.alarm_events(session.session)
    book = _Story(session)
    told: list[AlarmEventRaised] = []
    for entry in entries:
        for _event, effects in replay.feed(entry):
            told += book.hear(effects)
    if replay.engine is None:
        return None
    ended_utc_ms = session.ended_utc_ms if session.ended_utc_ms is not None else book.heard_utc_ms
    people = len({entry.participant for roster in reader.rosters(session.session) for entry in roster.entries})
    return Seen(
        id=session.session,
        participants=people,
        participant_hours=people * max(0, ended_utc_ms - session.started_utc_ms) / 3_600_000,
        alarms=book.close(),
        events=len(told),
        missing=replay.missing,
        skipped=replay.skipped,
        differences=tuple(compare_changes(told, recorded)),
    )


class _Readings:
    """Finds stored readings by stream and number; a sensor's are loaded when the first of them is asked for."""

    def __init__(self, reader: Past, session: StoredSession) -> None:
        self._reader = reader
        self._span = _span(session)
        self._known: dict[tuple[str, str], dict[tuple[str, int], Reading]] = {}

    def find(self, stream: JournalStream, seq: int) -> Reading | None:
        """Return a reading, None when the record does not have it."""
        key = (stream.subject, stream.kind)
        known = self._known.get(key)
        if known is None:
            from_utc_ms, to_utc_ms = self._span
            # A reading may be some time older than the entry that names it.
            stored = self._reader.readings_of(
                SensorId(stream.subject),
                ReadingKind(stream.kind),
                from_utc_ms=UtcMs(from_utc_ms - BEFORE_MS),
                to_utc_ms=to_utc_ms,
            )
            known = self._known[key] = {(one.run, one.seq): to_reading(one) for one in stored}
        return known.get((stream.run, seq))


class _Story:
    """Keeps what a replay says of one session, and its alarms."""

    def __init__(self, session: StoredSession) -> None:
        self._session = session
        self._book: AlarmBook | None = None
        self.heard_utc_ms = session.started_utc_ms

    def hear(self, effects: Sequence[Effect]) -> Iterator[AlarmEventRaised]:
        """Take what followed from one event, and yield the changes of alarms that belong to the session."""
        mine = [effect for effect in effects if isinstance(effect, AlarmEventRaised) and self._is_mine(effect)]
        if not mine:
            return
        if self._book is None:
            zero_ms = mine[0].mono_ms - (mine[0].utc_ms - self._session.started_utc_ms)
            self._book = AlarmBook(self._session.session, zero_ms=zero_ms)
        self.heard_utc_ms = mine[-1].utc_ms
        ours = {effect.alarm.alarm_id for effect in mine}
        self._book.note(
            effect for effect in effects if not isinstance(effect, AlarmEventRaised) or effect.alarm.alarm_id in ours
        )
        yield from mine

    def close(self) -> tuple[PastAlarm, ...]:
        """Return the alarms of the session."""
        return () if self._book is None else self._book.close()

    def _is_mine(self, effect: AlarmEventRaised) -> bool:
        if effect.alarm.session is not None:
            return effect.alarm.session == self._session.session
        ended = self._session.ended_utc_ms
        return self._session.started_utc_ms <= effect.utc_ms and (ended is None or effect.utc_ms <= ended)


def _span(session: StoredSession) -> tuple[UtcMs, UtcMs]:
    ended = session.ended_utc_ms
    until_ms = UtcMs(2**62) if ended is None else UtcMs(ended + AFTER_MS)
    return UtcMs(session.started_utc_ms - BEFORE_MS), until_ms


def _entries(reader: Past, session: StoredSession) -> tuple[JournalEntry, ...]:
    from_utc_ms, to_utc_ms = _span(session)
    return reader.journal(from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms)


def _rules_before(reader: Past, session: StoredSession, entries: tuple[JournalEntry, ...]) -> RuleSet | None:
    """Return the rules by which the class was judged, when analysis had started long before it."""
    if not entries:
        return None
    if entries[0].rules_hash == hash_rules(DEFAULT):
        return DEFAULT
    replay = Replay(lambda _stream, _seq: None)
    before = reader.journal(from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(session.started_utc_ms))
    for entry in reversed(before):
        if any(isinstance(event, Began) for event in entry.events):
            for _ in replay.feed(entry):
                pass
            return replay.rules
    return None


def compare_changes(told: Sequence[AlarmEventRaised], recorded: Sequence[AlarmEvent]) -> Iterator[str]:
    """Yield one line for each change of an alarm that replay and record tell otherwise, with what is different."""
    if len(told) != len(recorded):
        yield f"the replay has {len(told)} changes of alarms, the record has {len(recorded)}"
    for number, (ours, theirs) in enumerate(zip(told, recorded, strict=False), start=1):
        again, before = _plain(ours), _plain(theirs)
        otherwise = [
            f"{name} {again.get(name)} (recorded: {value})"
            for name, value in before.items()
            if again.get(name) != value
        ]
        otherwise += [f"{name} {again[name]} (recorded: none)" for name in again if name not in before]
        if otherwise:
            yield f"change {number} differs, {ours.alarm.rule.value} {ours.alarm.alarm_id}: {', '.join(otherwise)}"


def _plain(change: AlarmEventRaised | AlarmEvent) -> dict[str, object]:
    """Return all that a change says, by name; what an alarm leaves out is not there."""
    said: dict[str, object] = msgspec.to_builtins(change.alarm)
    return {"change": change.change.value, "mono_ms": change.mono_ms, "utc_ms": change.utc_ms, **said}
