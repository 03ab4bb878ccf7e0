from pathlib import Path

import apsw
import pytest

from vitals.database import open_database, open_reader, require_sqlite, schema_version, writing
from vitals.errors import SetupError, SetupReason, StorageError, StorageReason

FIRST = "CREATE TABLE one (x); INSERT INTO one VALUES (1);"
SECOND = "ALTER TABLE one ADD COLUMN y; UPDATE one SET y = x + 1;"


def test_a_new_file_gets_all_migrations_and_survives_a_power_cut(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "new" / "a.db", migrations=[FIRST, SECOND])
    assert schema_version(connection) == 2
    assert connection.execute("SELECT x, y FROM one").fetchall() == [(1, 2)]
    assert connection.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    assert connection.execute("PRAGMA synchronous").fetchall() == [(2,)], "FULL"
    connection.close()


def test_a_file_of_an_earlier_program_gets_only_what_it_lacks(tmp_path: Path) -> None:
    open_database(tmp_path / "a.db", migrations=[FIRST]).close()
    connection = open_database(tmp_path / "a.db", migrations=[FIRST, SECOND])
    assert connection.execute("SELECT x, y FROM one").fetchall() == [(1, 2)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    open_database(tmp_path / "a.db", migrations=[FIRST]).close()
    with pytest.raises(apsw.SQLError):
        open_database(tmp_path / "a.db", migrations=[FIRST, "ALTER TABLE one ADD COLUMN y; SELECT nonsense;"])
    connection = open_database(tmp_path / "a.db", migrations=[FIRST])
    assert connection.execute("SELECT * FROM one").fetchall() == [(1,)]
    connection.close()


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_database(tmp_path / "a.db", migrations=[FIRST, SECOND]).close()
    with pytest.raises(StorageError, match="has schema 2, this program knows up to 1") as caught:
        open_database(tmp_path / "a.db", migrations=[FIRST])
    assert caught.value.reason is StorageReason.NEWER_SCHEMA


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"name,hr\n" * 999)
    for refuse in (lambda path: open_database(path, migrations=[FIRST]), open_reader):
        with pytest.raises(StorageError, match="file is not a database") as caught:
            refuse(tmp_path / "a.db")
        assert caught.value.reason is StorageReason.DAMAGED
        assert str(tmp_path / "a.db") in str(caught.value)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError) as caught:
        open_database(tmp_path / "data" / "a.db", migrations=[FIRST])
    assert caught.value.reason is StorageReason.IO


def test_a_full_disk_undoes_the_whole_transaction_and_leaves_the_file_usable(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_database(path, migrations=[FIRST])
    connection.execute("PRAGMA max_page_count=10").fetchall()
    with pytest.raises(StorageError, match="disk is full") as caught:
        _insert(connection, path, rows=1000)
    assert caught.value.reason is StorageReason.DISK_FULL
    assert not connection.in_transaction
    _insert(connection, path, rows=1)
    assert connection.execute("SELECT count(*) FROM one").fetchall() == [(2,)]
    connection.close()


def _insert(connection: apsw.Connection, path: Path, *, rows: int) -> None:
    with writing(connection, path):
        connection.executemany("INSERT INTO one VALUES (?)", [("x" * 1000,)] * rows).fetchall()


def test_a_defect_in_a_block_undoes_it_and_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_database(path, migrations=["CREATE TABLE one (x UNIQUE)"])
    _insert(connection, path, rows=1)
    with pytest.raises(apsw.ConstraintError):
        _insert(connection, path, rows=1)
    assert connection.execute("SELECT count(*) FROM one").fetchall() == [(1,)]
    connection.close()


def test_a_reader_sees_what_is_committed_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = open_database(path, migrations=[FIRST])
    reader = open_reader(path)
    _insert(connection, path, rows=1)
    assert reader.execute("SELECT count(*) FROM one").fetchall() == [(2,)]
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM one").fetchall()
    reader.close()
    connection.close()


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.0"])
def test_an_sqlite_that_can_lose_data_is_refused(version: str) -> None:
    with pytest.raises(SetupError, match=rf"SQLite {version} .*3\.51\.3 or newer") as caught:
        require_sqlite(version)
    assert caught.value.reason is SetupReason.OLD_LIBRARY


@pytest.mark.parametrize("version", [None, "3.51.3", "3.54.1", "4.0.0"])
def test_a_sound_sqlite_is_taken(version: str | None) -> None:
    require_sqlite(version)
