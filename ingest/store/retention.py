"""Deletes what the site no longer wants to keep, by age, in pieces between the commits.

Two rules: raw readings (with gaps and journal) of runs and classes that are so old, and whole classes. A class whose
readings are gone keeps its alarms and entries; reports say that its readings were deleted.
"""

from typing import Final

import apsw
from msgspec import Struct

from ingest.store.query import query
from ingest.store.schema import STRETCH_MS
from ingest.store.segments import clock_of
from vitals.units import UtcMs

DAY_MS: Final = 86_400_000
LOOK_EACH_MS: Final = 3_600_000
"""Days are the unit of the rules; a look each hour is enough."""

STRETCHES_MAX: Final = 16
"""Ten minutes of one stream have some 600 readings: 10 000 of them in one piece."""

ROWS_MAX: Final = 2_000

READINGS_BEFORE: Final = "readings_deleted_before_utc_ms"
"""Counter: raw readings up to then were deleted by rule."""


class Keeping(Struct, frozen=True, kw_only=True):
    """How many days are kept; None: for ever. Readings go with their class at the latest."""

    readings_days: int | None = None
    sessions_days: int | None = None

    @property
    def raw_days(self) -> int | None:
        """How many days readings are kept by both rules."""
        rules = [days for days in (self.readings_days, self.sessions_days) if days is not None]
        return min(rules, default=None)


class Retention:
    """Lives in the writer's thread and transaction."""

    def __init__(self, connection: apsw.Connection, keeping: Keeping) -> None:
        """Keep the rules; the connection is the writer's."""
        self._connection = connection
        self._keeping = keeping
        self._next_utc_ms = 0
        self.is_busy = False

    def work(self, *, now_utc_ms: UtcMs) -> None:
        """Delete one piece of what is too old; nothing between two looks."""
        if not self.is_busy and now_utc_ms < self._next_utc_ms:
            return
        self._next_utc_ms = now_utc_ms + LOOK_EACH_MS
        keeping = self._keeping
        self.is_busy = (
            keeping.raw_days is not None and self._delete_readings(now_utc_ms - keeping.raw_days * DAY_MS)
        ) or (keeping.sessions_days is not None and self._delete_session(now_utc_ms - keeping.sessions_days * DAY_MS))

    def _delete_readings(self, before_utc_ms: int) -> bool:
        """Delete a piece of the readings and the journal of before a time; return whether there was any."""
        done = 0
        for (run,) in query(
            self._connection,
            "SELECT id FROM run WHERE first_seen_utc_ms < ? AND EXISTS"
            " (SELECT 1 FROM stream JOIN stretch ON stretch.stream = stream.id WHERE stream.run = run.id)",
            (before_utc_ms,),
        ):
            clock = clock_of(self._connection, run)
            for stream, ten_minutes, first, last in query(
                self._connection,
                "SELECT stream, ten_minutes, first, last FROM stretch JOIN stream ON stream.id = stream"
                " WHERE run = ? ORDER BY ten_minutes, stream",
                (run,),
            ):
                if clock.utc_ms((ten_minutes + 1) * STRETCH_MS) >= before_utc_ms:
                    break
                self._delete_stretch(stream, ten_minutes, first, last)
                done += 1
                if done >= STRETCHES_MAX:
                    return True
        self._connection.execute(
            "DELETE FROM journal WHERE (stream, seq) IN (SELECT stream, seq FROM journal WHERE utc_ms < ? LIMIT ?)",
            (before_utc_ms, ROWS_MAX),
        )
        done += self._connection.changes()
        if done:
            self._connection.execute(
                "INSERT INTO counter (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (READINGS_BEFORE, before_utc_ms),
            )
        return done > 0

    def _delete_stretch(self, stream: int, ten_minutes: int, first: int, last: int) -> None:
        where = (stream, first, last, ten_minutes * STRETCH_MS, (ten_minutes + 1) * STRETCH_MS)
        chosen = (
            "SELECT seq FROM reading WHERE stream = ?1 AND seq BETWEEN ?2 AND ?3 AND mono_ms >= ?4 AND mono_ms < ?5"
        )
        for table in ("workload", "reading"):
            self._connection.execute(f"DELETE FROM {table} WHERE stream = ?1 AND seq IN ({chosen})", where)  # noqa: S608 - names
        self._connection.execute("DELETE FROM stretch WHERE stream = ? AND ten_minutes = ?", (stream, ten_minutes))

    def _delete_session(self, before_utc_ms: int) -> bool:
        """Delete one class that ended before a time; return whether there was one."""
        found = query(
            self._connection,
            "SELECT id FROM session WHERE ended_utc_ms < ? ORDER BY started_utc_ms LIMIT 1",
            (before_utc_ms,),
        )
        for (session,) in found:
            self._connection.execute(
                "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE instr(body, CAST(? AS BLOB)))",
                (f'"{session}"',),
            )
            for table in ("alarm_event", "course", "entry", "roster", "assignment"):
                self._connection.execute(f"DELETE FROM {table} WHERE session = ?", (session,))  # noqa: S608 - names
            self._connection.execute("DELETE FROM session WHERE id = ?", (session,))
        return bool(found)
