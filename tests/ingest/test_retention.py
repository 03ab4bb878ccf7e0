"""What is deleted by age: every table of the record has a rule, and every rule does what it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw
import msgspec
import pytest

from ingest.store.batch import Batch
from ingest.store.query import SqlValue, query
from ingest.store.reader import RecordReader
from ingest.store.retention import DAY_MS, READINGS_BEFORE, RULES, STRETCHES_MAX, Keeping, Rule
from ingest.store.schema import STRETCH_MS
from ingest.store.writer import RecordWriter
from vitals.units import UtcMs

NOW_UTC_MS: Final = 1_800_000_000_000
DAYS: Final = 30
ERAS: Final = {"old": NOW_UTC_MS - 100 * DAY_MS, "new": NOW_UTC_MS - 2 * DAY_MS}


def rows_of(era: str, at: int) -> Iterator[tuple[str, dict[str, SqlValue]]]:
    """Yield rows of all tables that hold what happened at one time: in a class, and in none."""
    number = list(ERAS).index(era) + 1
    of_class: dict[str, SqlValue] = {"session": f"{era}-class", "participant": f"{era}-person"}
    of_none: dict[str, SqlValue] = {"session": None, "participant": None}
    of_lost: dict[str, SqlValue] = {"session": f"{era}-lost", "participant": f"{era}-person"}
    yield (
        "session",
        {
            "id": f"{era}-class",
            "version": 1,
            "room": "r",
            "generation_mode": "test",
            "started_utc_ms": at,
            "ended_utc_ms": at + 1,
            "final": 1,
        },
    )
    yield "roster", {"session": f"{era}-class", "version": 1, "received_utc_ms": at, "final": 1, "body": b"{}"}
    yield "assignment", of_class | {"sensor": "s", "sensor_kind": "strap", "gateway": "g", "from_utc_ms": at}
    yield "run", {"id": number, "source": "g", "run": era, "first_seen_utc_ms": at, "closed_utc_ms": at + 1}
    yield "anchor", {"run": number, "mono_ms": 0, "utc_ms": at}
    yield "stream", {"id": number, "run": number, "subject": "s", "kind": "workload", "cursor": 9}
    reading: dict[str, SqlValue] = {"stream": number, "seq": 0}
    yield "reading", reading | {"mono_ms": 0, "received_utc_ms": at, "late": 0, "quality": 0}
    yield "workload", reading
    yield "stretch", {"stream": number, "ten_minutes": 0, "first": 0, "last": 0}
    yield "gap", {"stream": number, "first": 1, "last": 9, "cause": "dropped", "noted_utc_ms": at}
    for place, where in enumerate((of_class, of_none, of_lost)):
        key = f"{era}-{place}"
        event: dict[str, SqlValue] = {"stream": number, "seq": place, "mono_ms": 0, "utc_ms": at}
        alarm: dict[str, SqlValue] = {"received_utc_ms": at, "alarm_id": key, "change": "raised", "body": b"{}"}
        yield "alarm_event", where | event | alarm
        yield "course", where | {"alarm_id": key, "onset_utc_ms": at, "ended_utc_ms": at, "body": b"{}"}
        session = msgspec.json.encode({"session": where["session"]})
        said: dict[str, SqlValue] = {"owner": "ingest", "verb": "v", "by": "ann", "why": "", "body": session}
        yield "command", said | {"id": key, "received_utc_ms": at, "at_utc_ms": at}
        if where["session"] is not None:
            yield "entry", where | {"id": key, "at_utc_ms": at, "body": "{}"}
    yield "journal", {"stream": number, "seq": 0, "mono_ms": 0, "utc_ms": at, "body": b"{}"}
    refused: dict[str, SqlValue] = {"topic": "t", "reason": "r", "problem": "p", "payload_bytes": 1}
    yield "refused", refused | {"received_utc_ms": at, "payload_start": b"x"}
    yield "manner", {"device": era, "source": "s", "averaging": "a", "machine": "m"}
    yield "counter", {"name": era, "value": 1}
    yield "erased", {"participant": era, "command": era, "asked_utc_ms": at, "by": "ann", "done_utc_ms": at}
    yield "erased_worn", {"participant": era, "sensor": "s", "from_utc_ms": at, "to_utc_ms": at + 1}


def insert(connection: apsw.Connection, era: str, at: int) -> None:
    for table, row in rows_of(era, at):
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - names


def keep(path: Path, keeping: Keeping) -> RecordWriter:
    """Let a writer delete by a rule until there is nothing left to do."""
    writer = RecordWriter(path, keeping=keeping)
    while writer.store(Batch(), now_utc_ms=UtcMs(NOW_UTC_MS)).is_busy:
        continue
    return writer


def tables_of(connection: apsw.Connection) -> set[str]:
    return {str(name) for (name,) in query(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_every_table_of_the_record_has_a_rule_and_a_row_here(writer: RecordWriter) -> None:
    tables = {name for name in tables_of(writer.connection) if not name.startswith("sqlite_")}
    assert set(RULES) == tables, "a new table: say in RULES when its rows are deleted, and delete them"
    assert {table for table, _ in rows_of("old", 0)} == tables


@pytest.mark.parametrize(
    ("keeping", "gone"),
    [
        (Keeping(), frozenset()),
        (Keeping(readings_days=DAYS), frozenset({Rule.READINGS})),
        (Keeping(sessions_days=DAYS), frozenset({Rule.READINGS, Rule.CLASS, Rule.CLASS_OR_AGE})),
    ],
)
def test_each_table_loses_what_is_old_by_its_rule_and_nothing_else(
    tmp_path: Path, keeping: Keeping, gone: frozenset[Rule]
) -> None:
    path = tmp_path / "record.db"
    writer = RecordWriter(path)
    for era, at in ERAS.items():
        insert(writer.connection, era, at)
    before = {table: counted(writer, table) for table in RULES}
    writer.close()
    writer = keep(path, keeping)
    old, everything = (
        {table: sum(one == table for era in eras for one, _ in rows_of(era, 0)) for table in RULES}
        for eras in (("old",), tuple(ERAS))
    )
    assert before == everything
    for table, rule in RULES.items():
        added = table == "counter" and rule is Rule.STAYS and bool(gone)  # up to when readings were deleted
        assert counted(writer, table) == before[table] - (old[table] if rule in gone else 0) + added, table
    writer.close()


def counted(writer: RecordWriter, table: str) -> int:
    return int(query(writer.connection, f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - names


def test_a_class_whose_end_never_came_is_over_a_week_later(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    writer = RecordWriter(path)
    for number, days in enumerate((DAYS + 3, DAYS + 8)):
        writer.connection.execute(
            "INSERT INTO session VALUES (?, 1, 'r', 'test', ?, NULL, 0)", (f"c{number}", NOW_UTC_MS - days * DAY_MS)
        )
    writer.close()
    writer = keep(path, Keeping(sessions_days=DAYS))
    assert query(writer.connection, "SELECT id FROM session") == [("c0",)]
    writer.close()


def test_that_readings_were_deleted_is_told_also_when_one_piece_was_all(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    writer = RecordWriter(path)
    at = ERAS["old"]
    writer.connection.execute(
        "INSERT INTO run (id, source, run, first_seen_utc_ms, observed_offset_ms) VALUES (1, 'g', 'r', ?, ?)", (at, at)
    )
    writer.connection.execute("INSERT INTO stream (id, run, subject, kind, cursor) VALUES (1, 1, 's', 'hr', 99)")
    for piece in range(STRETCHES_MAX):
        writer.connection.execute(
            "INSERT INTO reading (stream, seq, mono_ms, received_utc_ms, late, quality) VALUES (1, ?, ?, ?, 0, 0)",
            (piece, piece * STRETCH_MS, at),
        )
        writer.connection.execute("INSERT INTO stretch VALUES (1, ?, ?, ?)", (piece, piece, piece))
    writer.close()
    keep(path, Keeping(readings_days=DAYS)).close()
    reader = RecordReader(path)
    assert reader.counts()["rows_reading"] == 0
    assert reader.readings_deleted_before() == NOW_UTC_MS - DAYS * DAY_MS
    assert READINGS_BEFORE in reader.counts()
    reader.close()
