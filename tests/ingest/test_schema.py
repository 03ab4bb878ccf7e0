"""The schema: every released version can be migrated with what was written in it; a newer one is refused."""

import hashlib
from pathlib import Path

import pytest

from ingest.store.reader import RecordReader
from ingest.store.schema import MIGRATIONS
from ingest.store.writer import RecordWriter
from vitals.database import open_database
from vitals.errors import StorageError, StorageReason
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind, Source
from vitals.sessions import SessionId
from vitals.store import StreamCursor

T0_UTC_MS = 1_800_000_000_000

RELEASED = (
    "a235dcd2490aaafa",
    "9d80a20063bc8fc2",
    "652e0f0d8aa65cec",
    "1139848ffbb6b785",
    "3a4e6d66239f9194",
    "b899aefb062d51e0",
    "f6238b39698fb4eb",
)

# What a program of the first schema wrote, as that schema had it; never changed together with the program.
FIRST_ROWS = f"""
INSERT INTO run VALUES (1, 'g1', 'a1', 'simulated', 1.0, {T0_UTC_MS}, {T0_UTC_MS}, NULL);
INSERT INTO anchor VALUES (1, 0, {T0_UTC_MS}, 1);
INSERT INTO stream VALUES (1, 1, 's-strap', 'hr', 1);
INSERT INTO reading VALUES (1, 0, 1000, {T0_UTC_MS + 1100}, 0, 0, NULL, 101, 1, x'015802', NULL, NULL, NULL, NULL, x'1065');
INSERT INTO reading VALUES (1, 1, 700000, {T0_UTC_MS + 700100}, 1, 2, 'off_skin', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO reading VALUES (1, 4, 703000, {T0_UTC_MS + 703100}, 0, 0, NULL, 103, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO gap VALUES (1, 2, 2, 'dropped', {T0_UTC_MS + 9});
INSERT INTO roster VALUES (1, 'c1', 1, {T0_UTC_MS}, 0, '{{"session":"c1","version":1,"room":"r","generation_mode":"simulated","phase":"rest","started_utc_ms":{T0_UTC_MS},"entries":[]}}');
INSERT INTO session VALUES ('c1', 1, 'r', 'simulated', {T0_UTC_MS}, NULL, 0);
INSERT INTO assignment VALUES ('c1', 'p1', 's-strap', 'strap', 'g1', {T0_UTC_MS}, NULL);
INSERT INTO counter VALUES ('stored', 3);
"""  # noqa: E501, S608 - rows as they stood


# What a program of the second schema wrote beside it.
SECOND_ROWS = """
INSERT INTO stream VALUES (2, 1, 's-oxi', 'oximeter', 0);
INSERT INTO reading VALUES (2, 0, 2000, 1800000002100, 0, 1, 'low_perfusion', NULL, NULL, NULL, 91.5, 88.25, 0.25, NULL, NULL);
INSERT INTO stretch VALUES (2, 0, 0, 0);
INSERT INTO assignment VALUES ('c1', 'p1', 's-oxi', 'oximeter', 'g1', 1800000000000, NULL);
"""  # noqa: E501 - rows as they stood


@pytest.fixture
def first_record(tmp_path: Path) -> Path:
    path = tmp_path / "record.db"
    connection = open_database(path, migrations=MIGRATIONS[:1])
    connection.execute(FIRST_ROWS)
    connection.close()
    return path


def test_what_the_first_schema_held_is_intact_after_all_migrations(first_record: Path) -> None:
    writer = RecordWriter(first_record)
    [run] = writer.open_runs()
    assert run.streams == (StreamCursor(subject="s-strap", kind="hr", seq=2),)
    assert writer.totals() == {"stored": 3}
    writer.close()
    reader = RecordReader(first_record)
    found = reader.readings(SessionId("c1"), ParticipantId("p1"), ReadingKind.HR)
    assert [(one.seq, one.utc_ms - T0_UTC_MS, one.hr_bpm, one.late) for one in found] == [
        (0, 1000, 101, False),
        (1, 700_000, None, True),
        (4, 703_000, 103, False),
    ]
    assert found[0].rr_ms == (600 * 1000 / 1024,)
    assert found[0].raw_hex == "1065"
    silent, lost = reader.gaps(SessionId("c1"), ParticipantId("p1"))
    assert (silent.from_utc_ms, silent.to_utc_ms) == (T0_UTC_MS + 1000, T0_UTC_MS + 700_000)
    assert (lost.first, lost.last) == (2, 2)
    assert [one.version for one in reader.rosters(SessionId("c1"))] == [1]
    reader.close()


def test_readings_from_before_there_were_manners_come_back_without_one(first_record: Path) -> None:
    second = open_database(first_record, migrations=MIGRATIONS[:2])
    second.execute(SECOND_ROWS)
    second.close()
    RecordWriter(first_record).close()
    reader = RecordReader(first_record)
    [finger] = reader.readings(SessionId("c1"), ParticipantId("p1"), ReadingKind.OXIMETER)
    assert (finger.spo2_pct, finger.pulse_bpm, finger.perfusion_pct) == (91.5, 88.25, 0.25)
    assert (finger.device, finger.source, finger.averaging) == ("", Source.NOTIFIED, None)
    strap = reader.readings(SessionId("c1"), ParticipantId("p1"), ReadingKind.HR)
    assert {(one.device, one.source) for one in strap} == {("", Source.NOTIFIED)}
    assert reader.readings(SessionId("c1"), ParticipantId("p1"), ReadingKind.WORKLOAD) == ()
    reader.close()


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_every_schema_can_be_brought_to_the_newest(tmp_path: Path, version: int) -> None:
    path = tmp_path / "record.db"
    open_database(path, migrations=MIGRATIONS[:version]).close()
    writer = RecordWriter(path)
    assert writer.open_runs() == ()
    writer.close()


def test_a_migration_that_was_released_is_never_edited() -> None:
    assert tuple(hashlib.sha256(script.encode()).hexdigest()[:16] for script in MIGRATIONS) == RELEASED


def test_a_newer_schema_is_refused_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    open_database(path, migrations=(*MIGRATIONS, "CREATE TABLE later (x)")).close()
    with pytest.raises(StorageError) as caught:
        RecordWriter(path)
    assert caught.value.reason is StorageReason.NEWER_SCHEMA
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reader_waits_for_ingest_to_migrate(first_record: Path) -> None:
    reader = RecordReader(first_record)
    with pytest.raises(StorageError, match="has schema 1"):
        reader.sessions()
    RecordWriter(first_record).close()
    assert [one.session for one in reader.sessions()] == ["c1"]
    reader.close()


def test_a_file_that_is_no_database_is_refused_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    path.write_bytes(b"this is a text, not a database " * 100)
    with pytest.raises(StorageError) as caught:
        RecordWriter(path)
    assert caught.value.reason is StorageReason.DAMAGED
    assert "\n" not in str(caught.value)
