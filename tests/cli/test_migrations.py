"""Every file of every released schema comes up to today's, with what was in it, and over a kill in the middle.

tests/data/schemas: what a demonstration wrote with version 0.1.0, one script a file, NAME-SCHEMA.sql. They are never
changed; a release adds its own.
"""

import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

import alerts.ledger
import analysis.snapshot
import dashboard.access.book
import dashboard.clinic
import dashboard.review.shelf
import gateway.outbox_file
import ingest.sinks.ledger
import ingest.store.schema
from dashboard.clinic import Clinic
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from vitals.commanding import COMMAND_SCHEMA
from vitals.database import open_database
from vitals.readings import ReadingKind

SCHEMAS = Path(__file__).resolve().parents[1] / "data" / "schemas"
ROOT = Path(__file__).resolve().parents[2]

MIGRATIONS = {
    "record": ingest.store.schema.MIGRATIONS,
    "clinic": dashboard.clinic.MIGRATIONS,
    "access": dashboard.access.book.MIGRATIONS,
    "analysis": analysis.snapshot.MIGRATIONS,
    "outbox": gateway.outbox_file.MIGRATIONS,
    "commands": (COMMAND_SCHEMA,),
    "alerts": alerts.ledger.MIGRATIONS,
    "sink": ingest.sinks.ledger.MIGRATIONS,
    "review": dashboard.review.shelf.MIGRATIONS,
}


def schema_of(path: Path) -> list[str]:
    """Return what the tables and indexes of a file are, in words that do not depend on how they came about."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    names = connection.execute(
        "SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    ).fetchall()
    columns = [
        (name, *row[1:])
        for kind, name, _ in names
        if kind == "table"
        for row in connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
    ]
    version = connection.execute("PRAGMA user_version").fetchall()
    connection.close()
    return [*map(str, names), *map(str, columns), str(version)]


def counts(path: Path) -> dict[str, int]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    found = {
        str(name): int(str(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]))  # noqa: S608 - names
        for (name,) in tables
    }
    connection.close()
    return found


def released(folder: Path, script: Path) -> Path:
    """Make a file as it was."""
    path = folder / f"{script.stem.partition('-')[0]}.db"
    connection = apsw.Connection(str(path))
    connection.execute(script.read_text(encoding="utf-8")).fetchall()
    connection.close()
    return path


@pytest.mark.parametrize("name", MIGRATIONS)
def test_every_earlier_schema_ends_in_the_same_tables_as_a_new_file(tmp_path: Path, name: str) -> None:
    migrations = MIGRATIONS[name]
    new = tmp_path / "new.db"
    open_database(new, migrations=migrations).close()
    for seen in range(len(migrations)):
        old = tmp_path / f"{seen}.db"
        open_database(old, migrations=migrations[:seen]).close()
        open_database(old, migrations=migrations).close()
        assert schema_of(old) == schema_of(new), seen


@pytest.mark.parametrize("script", sorted(SCHEMAS.glob("*.sql")), ids=lambda script: script.stem)
def test_what_a_release_wrote_is_all_there_after_the_migration(tmp_path: Path, script: Path) -> None:
    path = released(tmp_path, script)
    name = path.stem
    before = counts(path)
    assert sum(before.values()) > 0
    open_database(path, migrations=MIGRATIONS[name]).close()
    after = counts(path)
    assert {table: after[table] for table in before} == before
    fresh = tmp_path / "fresh.db"
    open_database(fresh, migrations=MIGRATIONS[name]).close()
    assert schema_of(path) == schema_of(fresh)


def test_a_released_record_and_clinic_are_read_by_this_program(tmp_path: Path) -> None:
    for script in SCHEMAS.glob("*.sql"):
        released(tmp_path, script)
    RecordWriter(tmp_path / "record.db").close()
    reader = RecordReader(tmp_path / "record.db")
    [session] = reader.sessions()
    people = [entry.participant for entry in reader.rosters(session.session)[-1].entries]
    assert sum(len(reader.readings(session.session, person, ReadingKind.HR)) for person in people) > 10
    assert all(one.entries for one in reader.rosters(session.session))
    clinic = Clinic(tmp_path / "clinic.db")
    found = clinic.find(session.session)
    assert found is not None
    assert len(found.aliases) == len(people) == 3
    clinic.close()
    reader.close()


_KILLED = """
import os, sys
from pathlib import Path
import apsw
import tests.cli.test_migrations as here
from vitals.database import open_database
path, place = Path(sys.argv[1]), int(sys.argv[2])
steps = 0
def progress():
    global steps
    steps += 1
    if steps >= place:
        os.kill(os.getpid(), 9)
    return False
def hook(connection):
    connection.set_progress_handler(progress, 20)
apsw.connection_hooks.append(hook)
open_database(path, migrations=here.MIGRATIONS[path.stem]).close()
"""


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["record", "clinic"])
def test_a_migration_that_is_killed_loses_nothing_and_goes_on(tmp_path: Path, name: str) -> None:
    [script] = SCHEMAS.glob(f"{name}-*.sql")
    path = released(tmp_path, script)
    before = counts(path)
    killed = 0
    for place in (1, 3, 10, 30, 100, 300):
        program = [sys.executable, "-c", _KILLED, str(path), str(place)]
        ended = subprocess.run(program, cwd=ROOT, capture_output=True, check=False)
        killed += ended.returncode == -signal.SIGKILL
        assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr.decode()
        assert counts(path).items() >= before.items()
    assert killed >= 2
    open_database(path, migrations=MIGRATIONS[name]).close()
    fresh = tmp_path / "fresh.db"
    open_database(fresh, migrations=MIGRATIONS[name]).close()
    assert schema_of(path) == schema_of(fresh)
    assert counts(path).items() >= before.items()
