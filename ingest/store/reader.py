"""Reads the record beside its writer: live history and whole sessions. Never writes; blocks, so call it in a thread.

One reader holds one connection and answers one question at a time, from whatever thread. Who wore a sensor, and when a
reading was, is worked out here, from assignments and clock anchors, so that a correction of either corrects the answer.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw
import msgspec

from ingest.store.assignments import Worn, merge_worn
from ingest.store.gaps import find_gaps
from ingest.store.query import query
from ingest.store.retention import READINGS_BEFORE
from ingest.store.schema import MIGRATIONS
from ingest.store.segment_rows import read_buckets, read_points, read_readings
from ingest.store.segments import Segment, find_segments
from ingest.store.set_back import find_set_back, set_back_of
from ingest.store.stored import (
    MEASURES,
    Bucket,
    History,
    HistoryPoint,
    Measure,
    StoredGap,
    StoredReading,
    StoredSession,
)
from vitals.alarms import AlarmEvent
from vitals.database import open_reader, schema_version, storage_errors
from vitals.delivery import Course
from vitals.entries import Entry
from vitals.errors import StorageError, StorageReason
from vitals.journal import JournalEntry
from vitals.participants import PRACTICE_PREFIX, ParticipantId
from vitals.readings import ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.units import UtcMs

ALL_KINDS: Final = tuple(ReadingKind)
_TRACED: Final = {kind: MEASURES[kind][: 2 if kind is ReadingKind.WORKLOAD else 1] for kind in ALL_KINDS}
_TABLES: Final = (
    "run",
    "stream",
    "reading",
    "workload",
    "gap",
    "alarm_event",
    "journal",
    "command",
    "entry",
    "course",
    "roster",
    "session",
    "refused",
)


# Whom staff play, an id says that no register gives (docs/decisions/0064); the few tests alone are looked into.
_SESSIONS: Final = (
    "SELECT id, version, room, generation_mode, started_utc_ms, ended_utc_ms, final,"  # noqa: S608 - a constant
    " generation_mode = 'test' AND EXISTS (SELECT 1 FROM roster AS told WHERE told.session = session.id"
    f' AND instr(told.body, CAST(\'"participant":"{PRACTICE_PREFIX}\' AS BLOB))) FROM session'
)


class RecordReader:
    """The read API of one record file; every method raises `StorageError` when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is opened by the first question, and need not be there before."""
        self._path = path
        self._lock = threading.Lock()
        self._connection: apsw.Connection | None = None

    def close(self) -> None:
        """Close the file; a later question opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def live_history(self, sensors: Sequence[SensorId], *, since_utc_ms: UtcMs) -> tuple[History, ...]:
        """Return what the sensors said since a time, for sparklines: one `History` for each sensor and kind.

        Work gives two, of speed and of power, as far as its machine tells them.
        """
        with self._asking() as connection:
            return tuple(
                History(sensor=sensor, kind=kind, measure=measure, points=points)
                for sensor in sensors
                for kind in ALL_KINDS
                for measure in _TRACED[kind]
                if (points := _points(connection, sensor, kind, measure, since_utc_ms))
                and (len(_TRACED[kind]) == 1 or any(point.value is not None for point in points))
            )

    def sessions(self, *, limit: int = 50) -> tuple[StoredSession, ...]:
        """Return the newest sessions, newest first."""
        with self._asking() as connection:
            rows = query(connection, f"{_SESSIONS} ORDER BY started_utc_ms DESC, id LIMIT ?", (limit,))
            return tuple(_session_of(connection, row) for row in rows)

    def session(self, session: SessionId) -> StoredSession | None:
        """Return one session, or ``None`` when the record has never heard of it."""
        with self._asking() as connection:
            rows = query(connection, f"{_SESSIONS} WHERE id = ?", (session,))
            return _session_of(connection, rows[0]) if rows else None

    def rosters(self, session: SessionId) -> tuple[Roster, ...]:
        """Return every version of a session's roster, oldest first; the last one counts."""
        return tuple(roster for _, roster in self.rosters_heard(session))

    def rosters_heard(self, session: SessionId) -> tuple[tuple[UtcMs, Roster], ...]:
        """Return every version of a session's roster with the time at which it came, oldest first."""
        with self._asking() as connection:
            rows = query(
                connection,
                "SELECT received_utc_ms, body FROM roster WHERE session = ? ORDER BY version, id",
                (session,),
            )
            back = set_back_of(connection, session)
        heard = tuple((UtcMs(at), msgspec.json.decode(body, type=Roster)) for at, body in rows)
        return heard if back is None else tuple((back.utc_ms(at), back.roster(roster)) for at, roster in heard)

    def readings(self, session: SessionId, participant: ParticipantId, kind: ReadingKind) -> tuple[StoredReading, ...]:
        """Return everything of one kind that one participant's sensors said while they wore them in a session.

        In the order in which it was heard; a wall clock that was set back shows as times that go back.
        """
        with self._asking() as connection:
            return tuple(
                reading
                for sensor, segment in _segments(connection, session, participant, kind)
                for reading in read_readings(connection, segment, sensor, kind)
            )

    def readings_of(
        self, sensor: SensorId, kind: ReadingKind, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs
    ) -> tuple[StoredReading, ...]:
        """Return everything of one kind that a sensor said from a time to before a time, whoever wore it."""
        with self._asking() as connection:
            segments = find_segments(connection, sensor, kind, from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms)
            return tuple(
                reading for segment in segments for reading in read_readings(connection, segment, sensor, kind)
            )

    def buckets(
        self,
        session: SessionId,
        participant: ParticipantId,
        kind: ReadingKind,
        *,
        bucket_ms: int = 10_000,
        measure: Measure | None = None,
    ) -> tuple[Bucket, ...]:
        """Return the `Bucket` of each ``bucket_ms`` of UTC that has a value, by time.

        Args:
            session: which session.
            participant: whose sensors.
            kind: of which readings.
            bucket_ms: length of a bucket.
            measure: one of `MEASURES` of the kind; default: the first of them.

        Raises:
            ValueError: readings of this kind have no such measure.
        """
        column = MEASURES[kind][0] if measure is None else measure
        if column not in MEASURES[kind]:
            msg = f"{kind} readings have no {column}"
            raise ValueError(msg)
        with self._asking() as connection:
            return tuple(
                bucket
                for _, segment in _segments(connection, session, participant, kind)
                for bucket in read_buckets(connection, segment, kind, column, bucket_ms=bucket_ms)
            )

    def gaps(self, session: SessionId, participant: ParticipantId) -> tuple[StoredGap, ...]:
        """Return what is missing from one participant's streams while they wore the sensors, and why, by time."""
        with self._asking() as connection:
            found = [
                gap
                for worn in _worn(connection, session, participant)
                for kind in ALL_KINDS
                for gap in find_gaps(connection, worn, kind, set_back_of(connection, session))
            ]
        return tuple(sorted(found, key=lambda gap: (gap.from_utc_ms, gap.sensor, gap.kind, gap.first or 0)))

    def alarm_events(self, session: SessionId) -> tuple[AlarmEvent, ...]:
        """Return all changes of a session's alarms, and of those about gateways and parts while it ran, by time."""
        with self._asking() as connection:
            rows = query(
                connection,
                "SELECT alarm_event.body FROM alarm_event, session WHERE session.id = ?1 AND (alarm_event.session = ?1"
                " OR alarm_event.session IS NULL AND utc_ms >= started_utc_ms"
                " AND (ended_utc_ms IS NULL OR utc_ms <= ended_utc_ms))"
                " ORDER BY utc_ms, stream, seq",
                (session,),
            )
            back = set_back_of(connection, session)
        events = tuple(msgspec.json.decode(body, type=AlarmEvent) for (body,) in rows)
        return events if back is None else tuple(sorted(map(back.event, events), key=lambda event: event.utc_ms))

    def courses(self, session: SessionId) -> tuple[Course, ...]:
        """Return who was called about a session's alarms and who answered, by onset; also of those about parts.

        An alarm whose signal is still on has none yet.
        """
        with self._asking() as connection:
            rows = query(
                connection,
                "SELECT course.body FROM course, session WHERE session.id = ?1 AND (course.session = ?1"
                " OR course.session IS NULL AND onset_utc_ms >= started_utc_ms"
                " AND (session.ended_utc_ms IS NULL OR onset_utc_ms <= session.ended_utc_ms))"
                " ORDER BY onset_utc_ms, alarm_id, course.ended_utc_ms",
                (session,),
            )
            back = set_back_of(connection, session)
        courses = tuple(msgspec.json.decode(body, type=Course) for (body,) in rows)
        return courses if back is None else tuple(sorted(map(back.course, courses), key=lambda one: one.onset_utc_ms))

    def entries(self, session: SessionId, participant: ParticipantId | None = None) -> tuple[Entry, ...]:
        """Return what staff entered in a session, by time; with a participant, what is about that person."""
        with self._asking() as connection:
            rows = query(
                connection,
                "SELECT body FROM entry WHERE session = ?1 AND (?2 IS NULL OR participant = ?2) ORDER BY at_utc_ms, id",
                (session, participant),
            )
            back = set_back_of(connection, session)
        entries = tuple(msgspec.json.decode(body, type=Entry) for (body,) in rows)
        return entries if back is None else tuple(sorted(map(back.entry, entries), key=lambda entry: entry.at_utc_ms))

    def sessions_of(self, participant: ParticipantId) -> tuple[StoredSession, ...]:
        """Return the sessions in which somebody took part, oldest first."""
        with self._asking() as connection:
            rows = query(
                connection,
                f"{_SESSIONS} JOIN (SELECT DISTINCT session FROM assignment WHERE participant = ?) ON session = id"  # noqa: S608 - a fixed text
                " ORDER BY started_utc_ms, id",
                (participant,),
            )
            return tuple(_session_of(connection, row) for row in rows)

    def stamp(self, session: SessionId, participant: ParticipantId) -> str:
        """Return words that change with anything the record knows of one person's part in a session, and only then.

        For a cache of what was computed from it: readings, gaps, rosters, entries, changes and courses of alarms count.
        """
        with self._asking() as connection:
            counts = query(
                connection,
                "SELECT (SELECT version * 2 + final FROM session WHERE id = ?1),"
                " (SELECT count(*) FROM roster WHERE session = ?1),"
                " (SELECT count(*) FROM entry WHERE session = ?1),"
                " (SELECT count(*) FROM alarm_event WHERE session = ?1),"
                " (SELECT count(*) FROM course WHERE session = ?1)",
                (session,),
            )[0]
            told = [
                (segment.stream, segment.first, segment.offset_ms, *_settled(connection, segment))
                for kind in ALL_KINDS
                for _, segment in _segments(connection, session, participant, kind)
            ]
            worn = _worn(connection, session, participant)
            gaps = [
                query(
                    connection,
                    "SELECT count(*) FROM gap JOIN stream ON stream.id = gap.stream WHERE stream.subject = ?",
                    (one.sensor,),
                )[0]
                for one in worn
            ]
        return repr((counts, told, gaps, [tuple(one) for one in worn]))

    def journal(self, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs) -> tuple[JournalEntry, ...]:
        """Return analysis' journal from a time to before a time, run by run in its own order."""
        with self._asking() as connection:
            rows = query(
                connection,
                "SELECT body FROM journal WHERE utc_ms >= ? AND utc_ms < ? ORDER BY stream, seq",
                (from_utc_ms, to_utc_ms),
            )
        return tuple(msgspec.json.decode(body, type=JournalEntry) for (body,) in rows)

    def readings_deleted_before(self) -> UtcMs:
        """Return up to when raw readings were deleted by rule; 0: none ever were."""
        with self._asking() as connection:
            rows = query(connection, "SELECT value FROM counter WHERE name = ?", (READINGS_BEFORE,))
        return UtcMs(rows[0][0]) if rows else UtcMs(0)

    def counts(self) -> dict[str, int]:
        """Return how many rows each table has, as ``rows_<table>``, and the counts since the record was made."""
        with self._asking() as connection:
            rows = {
                f"rows_{table}": query(connection, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - a fixed set of names
                for table in _TABLES
            }
            return rows | dict(query(connection, "SELECT name, value FROM counter"))

    @contextmanager
    def _asking(self) -> Iterator[apsw.Connection]:
        """Give the connection, with all answers inside from one state of the record."""
        with self._lock, storage_errors(self._path):
            if self._connection is None:
                self._connection = _open(self._path)
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("COMMIT")


def _open(path: Path) -> apsw.Connection:
    connection = open_reader(path)
    found = schema_version(connection)
    if found != len(MIGRATIONS):
        connection.close()
        raise StorageError(
            f"{path}: has schema {found}, this program reads {len(MIGRATIONS)}; start ingest of the same version",
            StorageReason.NEWER_SCHEMA,
        )
    return connection


def _worn(connection: apsw.Connection, session: SessionId, participant: ParticipantId) -> tuple[Worn, ...]:
    rows = query(
        connection,
        "SELECT sensor, from_utc_ms, to_utc_ms FROM assignment WHERE session = ? AND participant = ?",
        (session, participant),
    )
    worn = [Worn(participant, SensorId(sensor), start, end) for sensor, start, end in rows]
    back = set_back_of(connection, session)
    return merge_worn(worn if back is None else [back.worn(one) for one in worn])


def _segments(
    connection: apsw.Connection, session: SessionId, participant: ParticipantId, kind: ReadingKind
) -> Iterator[tuple[SensorId, Segment]]:
    back = set_back_of(connection, session)
    for worn in _worn(connection, session, participant):
        for segment in find_segments(
            connection, worn.sensor, kind, from_utc_ms=worn.from_utc_ms, to_utc_ms=worn.to_utc_ms, set_back=back
        ):
            yield worn.sensor, segment


def _settled(connection: apsw.Connection, segment: Segment) -> tuple[int, int]:
    """Return up to which seq nothing of a segment can change any more, and how many readings it has beyond that."""
    cursors: list[tuple[int]] = query(connection, "SELECT cursor FROM stream WHERE id = ?", (segment.stream,))
    until = min(cursors[0][0], segment.last)
    if until == segment.last:
        return until, 0  # every number is stored, or known to be a gap
    rows: list[tuple[int]] = query(
        connection,
        "SELECT count(*) FROM reading WHERE stream = ? AND seq > ? AND seq <= ?",
        (segment.stream, until, segment.last),
    )
    return until, rows[0][0]


def _points(
    connection: apsw.Connection, sensor: SensorId, kind: ReadingKind, measure: Measure, since_utc_ms: UtcMs
) -> tuple[HistoryPoint, ...]:
    return tuple(
        point
        for segment in find_segments(connection, sensor, kind, from_utc_ms=since_utc_ms, to_utc_ms=None)
        for point in read_points(connection, segment, kind, measure)
    )


def _session_of(
    connection: apsw.Connection, row: tuple[str, int, str, str, int, int | None, int, int]
) -> StoredSession:
    session, version, room, mode, started, ended, final, practice = row
    back = find_set_back(connection, session, started_utc_ms=started, ended_utc_ms=ended)
    if back is not None and ended is not None:
        ended = back.utc_ms(ended)
    return StoredSession(
        session=SessionId(session),
        version=version,
        room=room,
        generation_mode=GenerationMode(mode),
        started_utc_ms=UtcMs(started),
        ended_utc_ms=None if ended is None else UtcMs(ended),
        final=bool(final),
        is_practice=bool(practice),
        set_back_ms=0 if back is None else back.back_ms,
    )
