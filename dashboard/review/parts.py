"""Reads one person's part of a session out of the record: what `analysis.summary` makes figures from. Blocks."""

from typing import Final

from msgspec.structs import replace

from analysis.history.history import InForce, Said
from analysis.summary.part import Hole, Part, Vital
from dashboard.review.version import VERSION
from ingest.store.as_heard import to_reading
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredSession
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sessions import Roster, SessionId
from vitals.units import MonotonicMs, UtcMs

_KINDS: Final = (ReadingKind.HR, ReadingKind.OXIMETER, ReadingKind.WORKLOAD)
_VITAL_OF: Final = {ReadingKind.HR: Vital.HR, ReadingKind.OXIMETER: Vital.SPO2}

RULES_EDGE_MS: Final = 5_000
"""The journal has an entry each second: the rule sets of a class are those at its two ends, and those of its alarms."""


def require_session(reader: RecordReader, session: SessionId) -> StoredSession:
    """Return a session of the record.

    Raises:
        InputError: the record has none of this id.
        StorageError: the record cannot be read.
    """
    found = reader.session(session)
    if found is None:
        raise InputError("session", f"{session[:80]!r} is not in the record", InputReason.UNKNOWN_NAME)
    return found


def people_of(reader: RecordReader, session: SessionId) -> tuple[ParticipantId, ...]:
    """Return everybody who ever was in a session, by seat of the newest roster that has them."""
    seats: dict[ParticipantId, int] = {}
    for roster in reader.rosters(session):
        seats |= {entry.participant: entry.seat for entry in roster.entries}
    return tuple(sorted(seats, key=lambda person: (seats[person], person)))


def read_part(reader: RecordReader, session: SessionId, participant: ParticipantId) -> Part:
    """Return one person's part of a session.

    Raises:
        InputError: no such session, or nobody of this id in it.
        StorageError: the record cannot be read.
    """
    stored = require_session(reader, session)
    zero_ms = stored.started_utc_ms
    rosters = _rosters(reader, session, zero_ms)
    if not any(entry.participant == participant for one in rosters for entry in one.roster.entries):
        raise InputError("participant", f"{participant[:80]!r} is not in {session}", InputReason.UNKNOWN_NAME)
    said = [
        Said(MonotonicMs(row.utc_ms - zero_ms), to_reading(row))
        for kind in _KINDS
        for row in reader.readings(session, participant, kind)
        if row.utc_ms >= zero_ms
    ]
    said.sort(key=lambda one: one.at_ms)
    newest_ms = said[-1].at_ms if said else MonotonicMs(0)
    until_ms = newest_ms if stored.ended_utc_ms is None else MonotonicMs(stored.ended_utc_ms - zero_ms)
    events = [event for event in reader.alarm_events(session) if event.alarm.participant == participant]
    courses = [course for course in reader.courses(session) if course.participant == participant]
    entries = [entry for entry in reader.entries(session) if entry.participant in {None, participant}]
    return Part(
        session=session,
        participant=participant,
        generation_mode=stored.generation_mode,
        started_utc_ms=zero_ms,
        until_ms=until_ms,
        is_over=stored.ended_utc_ms is not None,
        rosters=rosters,
        said=tuple(one for one in said if one.at_ms <= until_ms),
        holes=_holes(reader, session, participant, zero_ms=zero_ms, until_ms=until_ms),
        events=tuple(events),
        entries=tuple(entries),
        rules=_rules(reader, zero_ms, UtcMs(zero_ms + until_ms), {event.alarm.rules for event in events}),
        software=VERSION,
        courses=tuple(courses),
    )


def _rosters(reader: RecordReader, session: SessionId, zero_ms: UtcMs) -> tuple[InForce, ...]:
    heard = reader.rosters_heard(session)
    open_ones = [(at, roster) for at, roster in heard if roster.ended_utc_ms is None] or list(heard[:1])
    # The closing roster holds from the end on; its sensors are those that a correction may have changed.
    closing = [(UtcMs(roster.ended_utc_ms), roster) for _, roster in heard[-1:] if roster.ended_utc_ms is not None]
    return tuple(
        InForce(MonotonicMs(max(0, at - zero_ms)), _corrected(roster, heard[-1][1]))
        for at, roster in (*open_ones, *closing)
    )


def _corrected(roster: Roster, newest: Roster) -> Roster:
    """Return a roster of then with the sensors as they are known now."""
    worn = {entry.participant: entry.sensors for entry in newest.entries}
    return replace(
        roster,
        entries=tuple(replace(entry, sensors=worn.get(entry.participant, entry.sensors)) for entry in roster.entries),
    )


def _holes(
    reader: RecordReader, session: SessionId, participant: ParticipantId, *, zero_ms: UtcMs, until_ms: int
) -> tuple[Hole, ...]:
    found = [
        Hole(
            vital=_VITAL_OF[gap.kind],
            from_ms=max(0, gap.from_utc_ms - zero_ms),
            to_ms=min(until_ms, gap.to_utc_ms - zero_ms),
            cause=gap.cause.value,
        )
        for gap in reader.gaps(session, participant)
        if gap.kind in _VITAL_OF
    ]
    return tuple(hole for hole in found if hole.from_ms < hole.to_ms)


def _rules(reader: RecordReader, from_utc_ms: UtcMs, to_utc_ms: UtcMs, known: set[str]) -> tuple[str, ...]:
    edges = (from_utc_ms, UtcMs(max(from_utc_ms, to_utc_ms - RULES_EDGE_MS)))
    noted = {
        entry.rules_hash
        for edge in edges
        for entry in reader.journal(from_utc_ms=edge, to_utc_ms=UtcMs(edge + RULES_EDGE_MS))
    }
    return tuple(sorted((known | noted) - {""}))
