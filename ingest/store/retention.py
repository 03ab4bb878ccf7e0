"""Deletes what the site no longer wants to keep, by age, in pieces between the commits.

Two settings: for raw readings (with gaps, journal and refused messages), and for whole classes. A class whose readings
are gone keeps its alarms and entries; reports say that its readings were deleted. What belongs to no class, as an alarm
between two of them, goes as if it were one. `RULES` has a line for each table (docs/decisions/0087).
"""

from enum import StrEnum
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

UNENDED_MS: Final = 7 * DAY_MS
"""A class whose end never came, because its dashboard was lost, is over by then."""


class Rule(StrEnum):
    """By what the rows of a table go."""

    READINGS = "readings"
    """By their own age, with the readings."""
    CLASS = "class"
    """With their class."""
    CLASS_OR_AGE = "class or age"
    """With their class; what has none by its own age."""
    STAYS = "stays"
    """Never: about machines, or about nobody who could be found by it."""


RULES: Final = {
    "reading": Rule.READINGS,
    "workload": Rule.READINGS,
    "stretch": Rule.READINGS,
    "gap": Rule.READINGS,
    "journal": Rule.READINGS,
    "refused": Rule.READINGS,
    "session": Rule.CLASS,
    "roster": Rule.CLASS,
    "assignment": Rule.CLASS,
    "alarm_event": Rule.CLASS_OR_AGE,
    "course": Rule.CLASS_OR_AGE,
    "entry": Rule.CLASS_OR_AGE,
    "command": Rule.CLASS_OR_AGE,
    "run": Rule.STAYS,
    "anchor": Rule.STAYS,
    "stream": Rule.STAYS,
    "manner": Rule.STAYS,
    "counter": Rule.STAYS,
    "erased": Rule.STAYS,
    "erased_worn": Rule.STAYS,
}
"""Every table of the record; of `gap` the rows of runs that are over. Who was forgotten stays named by pseudonym, so
that what comes late, or back out of an old backup, is forgotten too."""

_OF_RUNS_OVER: Final = (
    "stream IN (SELECT stream.id FROM stream JOIN run ON run.id = stream.run WHERE closed_utc_ms < ?)"
)
"""The writer has the gaps of open runs in its memory, too."""

_AGING: Final = (
    ("journal", "stream, seq", "utc_ms < ?"),
    ("gap", "stream, first", _OF_RUNS_OVER),
    ("refused", "id", "received_utc_ms < ?"),
)
_ORPHANED: Final = " < ? AND (session IS NULL OR session NOT IN (SELECT id FROM session))"
_ORPHANS: Final = (
    ("alarm_event", "stream, seq", "utc_ms" + _ORPHANED),
    ("course", "alarm_id, ended_utc_ms", "ended_utc_ms" + _ORPHANED),
    ("entry", "id", "at_utc_ms" + _ORPHANED),
)
"""Tables, their keys, and which rows are so old and in no class of the record."""

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
        ) or (keeping.sessions_days is not None and self._delete_classes(now_utc_ms - keeping.sessions_days * DAY_MS))

    def _delete_readings(self, before_utc_ms: int) -> bool:
        """Delete a piece of what goes by its own age; return whether there was any."""
        done = self._delete_stretches(before_utc_ms)
        if done < STRETCHES_MAX:
            done += sum(self._delete_some(*rows, before_utc_ms) for rows in _AGING)
        if done:
            self._connection.execute(
                "INSERT INTO counter (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (READINGS_BEFORE, before_utc_ms),
            )
        return done > 0

    def _delete_stretches(self, before_utc_ms: int) -> int:
        """Delete the readings of at most `STRETCHES_MAX` stretches that end before a time; return of how many."""
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
                    return done
        return done

    def _delete_stretch(self, stream: int, ten_minutes: int, first: int, last: int) -> None:
        where = (stream, first, last, ten_minutes * STRETCH_MS, (ten_minutes + 1) * STRETCH_MS)
        chosen = (
            "SELECT seq FROM reading WHERE stream = ?1 AND seq BETWEEN ?2 AND ?3 AND mono_ms >= ?4 AND mono_ms < ?5"
        )
        for table in ("workload", "reading"):
            self._connection.execute(f"DELETE FROM {table} WHERE stream = ?1 AND seq IN ({chosen})", where)  # noqa: S608 - names
        self._connection.execute("DELETE FROM stretch WHERE stream = ? AND ten_minutes = ?", (stream, ten_minutes))

    def _delete_some(self, table: str, key: str, where: str, before_utc_ms: int) -> int:
        """Delete a piece of the rows of a table that are older than a time; return how many there were."""
        self._connection.execute(
            f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {where} LIMIT {ROWS_MAX})",  # noqa: S608 - names
            (before_utc_ms,),
        )
        return self._connection.changes()

    def _delete_classes(self, before_utc_ms: int) -> bool:
        """Delete one class that ended before a time, or a piece of what has none; return whether there was any."""
        return self._delete_session(before_utc_ms) or self._delete_orphans(before_utc_ms)

    def _delete_orphans(self, before_utc_ms: int) -> bool:
        """Delete a piece of what is so old and in no class of the record."""
        done = sum(self._delete_some(*rows, before_utc_ms) for rows in _ORPHANS)
        # A command names its class only here and there: those of classes that are kept are as young as their class.
        begin_utc_ms = query(self._connection, "SELECT min(started_utc_ms) FROM session")[0][0]
        until_utc_ms = before_utc_ms if begin_utc_ms is None else min(before_utc_ms, begin_utc_ms - DAY_MS)
        done += self._delete_some("command", "id", "received_utc_ms < ?", until_utc_ms)
        return done > 0

    def _delete_session(self, before_utc_ms: int) -> bool:
        """Delete one class that ended before a time; return whether there was one."""
        found = query(
            self._connection,
            "SELECT id FROM session WHERE coalesce(ended_utc_ms, started_utc_ms + ?) < ?"
            " ORDER BY started_utc_ms LIMIT 1",
            (UNENDED_MS, before_utc_ms),
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
