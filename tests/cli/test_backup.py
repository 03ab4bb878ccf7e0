"""Backup and restore: one moment of everything, over any kill, and nothing that was there is ever lost."""

import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from cli.backup.manifest import MANIFEST
from cli.holdings import NOTE
from cli.main import main
from ingest.store.reader import RecordReader
from ingest.store.schema import MIGRATIONS
from tests.dashboard.export.conftest import record  # noqa: F401 - a fixture
from vitals.database import open_database, sole_owner
from vitals.participants import ParticipantId
from vitals.readings import ReadingKind
from vitals.sessions import SessionId

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data(record: Path) -> Path:  # noqa: F811 - the fixture
    """A site with a record, two other databases and a key."""
    folder = record.parent
    for name in ("clinic.db", "outbox.db"):
        connection = open_database(folder / name, migrations=["CREATE TABLE t (x); INSERT INTO t VALUES (1);"])
        connection.close()
    (folder / "site.key").write_text("secret")
    return folder


def vitals(*arguments: str | Path) -> int:
    return main([str(one) for one in arguments])


def readings(folder: Path) -> int:
    reader = RecordReader(folder / "record.db")
    try:
        return len(reader.readings(SessionId("c1"), ParticipantId("p1"), ReadingKind.HR))
    finally:
        reader.close()


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


@pytest.mark.parametrize("name", ["backup", "backup.zip"])
def test_what_was_backed_up_is_what_is_restored(data: Path, tmp_path: Path, name: str) -> None:
    target, fresh = tmp_path / name, tmp_path / "fresh"
    assert vitals("backup", target, "--data", data) == 0
    assert (data / "last-backup").read_text(encoding="utf-8") == f"{target}\n"
    assert vitals("restore", target, "--data", fresh) == 0
    assert readings(fresh) == 56
    assert (fresh / "site.key").read_text() == "secret"
    assert {path.name for path in fresh.iterdir() if not path.name.endswith(".lock")} == {
        "record.db", "clinic.db", "outbox.db", "site.key",
    }  # fmt: skip


def test_a_backup_is_one_moment_while_everything_is_written(data: Path, tmp_path: Path) -> None:
    writers = [apsw.Connection(str(data / name)) for name in ("outbox.db", "clinic.db")]
    writers[0].execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)").fetchall()  # not committed: not of this moment
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    writers[0].execute("COMMIT").fetchall()
    copy = apsw.Connection(str(tmp_path / "b" / "outbox.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert copy.execute("SELECT count(*) FROM t").fetchall() == [(1,)]
    for connection in (*writers, copy):
        connection.close()


def test_nothing_is_overwritten_without_being_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "b"
    assert vitals("backup", target, "--data", data) == 0
    before = content(target)
    assert vitals("backup", target, "--data", data) == 2
    assert "--force" in capsys.readouterr().err
    assert content(target) == before
    assert vitals("restore", target, "--data", data) == 2
    assert "--force" in capsys.readouterr().err
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    (photographs / "holiday.jpg").write_bytes(b"x")
    assert vitals("backup", photographs, "--data", data, "--force") == 2
    assert "is no backup" in capsys.readouterr().err
    assert vitals("backup", target, "--data", data, "--force") == 0


def test_the_folder_of_a_backup_is_not_made_for_a_disk_that_is_not_mounted(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mnt" / "disk"
    for name in ("b", "b.zip"):
        assert vitals("backup", folder / name, "--data", data) == 2
        refused = f"vitals: {folder / name}: there is no folder {folder}; make it first\n"
        assert capsys.readouterr().err.endswith(refused)
    assert not folder.parent.exists()


def test_what_was_there_is_set_aside_and_never_deleted(data: Path, tmp_path: Path) -> None:
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    connection = apsw.Connection(str(data / "record.db"))
    connection.execute("DELETE FROM reading").fetchall()
    connection.close()
    (data / "alerts.db").write_bytes(b"made after the backup")
    assert vitals("restore", tmp_path / "b", "--data", data, "--force") == 0
    assert readings(data) == 56
    [aside] = data.glob("before-restore-*")
    assert readings(aside) == 0
    assert (aside / "alerts.db").read_bytes() == b"made after the backup"
    assert not (data / "alerts.db").exists(), "a set belongs together"


@pytest.mark.parametrize("name", ["b", "b.zip"])
def test_whoever_is_paired_is_in_a_backup_and_nobody_else_reads_its_keys(
    data: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = {"authority.key": "secret", "authority.crt": "public", "gateways.json": "{}"}
    config, target, fresh = tmp_path / "vitals.toml", tmp_path / name, tmp_path / "fresh"
    (data / "authority").mkdir()
    for file, text in held.items():
        (data / "authority" / file).write_text(text)
    files = [str(tmp_path / one) for one in ("site.crt", "site.pem", "calls.toml")]
    config.write_text('[dashboard]\ncertificate_file = "{}"\nkey_file = "{}"\n[alerts]\npolicy = "{}"\n'.format(*files))
    assert vitals("backup", target, "--data", data, "--config", config) == 0
    left_out = [line for line in capsys.readouterr().out.splitlines() if line.startswith("not in it")]
    assert [line.rpartition(" ")[2] for line in left_out] == [str(config), *files]
    assert target.stat().st_mode & 0o077 == 0
    assert vitals("restore", target, "--data", fresh) == 0
    assert {file: (fresh / "authority" / file).read_text() for file in held} == held
    secrets = (fresh / "authority" / "authority.key", fresh / "site.key", fresh / "record.db")
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_a_backup_without_paired_gateways_shuts_nobody_out(data: Path, tmp_path: Path) -> None:
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    (data / "authority").mkdir()
    (data / "authority" / "gateways.json").write_text("{}")
    assert vitals("restore", tmp_path / "b", "--data", data, "--force") == 0
    assert (data / "authority" / "gateways.json").read_text() == "{}"


def test_nothing_is_restored_while_a_part_runs(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    before = content(data)
    with sole_owner(data / "record.db", what="ingest"):
        assert vitals("restore", tmp_path / "b", "--data", data, "--force") == 2
    assert "running" in capsys.readouterr().err
    assert content(data) == before


_KILLED = """
import os, sys
from cli.main import main
import {module} as module
count = 0
def stopping(name):
    inner = getattr(module, name)
    def act(*arguments, **more):
        global count
        count += 1
        if count == int(sys.argv[1]):
            os.kill(os.getpid(), 9)
        return inner(*arguments, **more)
    setattr(module, name, act)
for name in {names}:
    stopping(name)
shutil = module.shutil
class Moves:
    def __getattr__(self, name):
        return getattr(shutil, name)
    def move(self, *arguments):
        global count
        count += 1
        if count == int(sys.argv[1]):
            os.kill(os.getpid(), 9)
        return shutil.move(*arguments)
module.shutil = Moves()
sys.exit(main(sys.argv[2:]))
"""


def killed_at(place: int, module: str, names: tuple[str, ...], *arguments: str | Path) -> int:
    """Run a command that is killed with -9 before the so-many-th step; return its exit code."""
    program = _KILLED.format(module=module, names=names)
    command = [sys.executable, "-c", program, str(place), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_a_backup_that_is_killed_leaves_nothing_under_its_name_and_can_be_made_again(
    data: Path, tmp_path: Path
) -> None:
    before = content(data)
    steps = ("_copy", "_sync", "describe", "_put_in_place")
    for place in range(1, 13, 3):
        code = killed_at(place, "cli.backup.making", steps, "backup", tmp_path / "b", "--data", data)
        assert code == -signal.SIGKILL
        assert not (tmp_path / "b").exists()
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    assert vitals("restore", tmp_path / "b", "--data", tmp_path / "fresh") == 0
    assert readings(tmp_path / "fresh") == 56
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    # Only the note of when it was done is new.
    assert content(data) == before | {"last-backup": f"{tmp_path / 'b'}\n".encode()}


@pytest.mark.peer
@pytest.mark.timeout(240)
def test_a_restore_that_is_killed_anywhere_is_finished_by_running_it_again(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    connection = apsw.Connection(str(data / "record.db"))
    connection.execute("DELETE FROM reading").fetchall()
    connection.close()
    steps = ("_stage", "_plan", "_write_note", "_finish", "_sync")
    wanted = ("restore", tmp_path / "b", "--force", "--data")
    half = False
    for place in range(1, 16, 2):
        site = tmp_path / f"site{place}"
        shutil.copytree(data, site)
        code = killed_at(place, "cli.backup.restoring", steps, *wanted, site)
        if (site / NOTE).exists():
            half = True
            assert vitals("serve", "--data", site, "--port", "0") == 2
            assert "`vitals restore` again" in capsys.readouterr().err
        assert code in {-signal.SIGKILL, 0}
        assert vitals(*wanted, site) == 0
        assert readings(site) == 56, place
        assert {readings(aside) for aside in site.glob("before-restore-*") if (aside / "record.db").exists()} >= {0}
        assert not (site / NOTE).exists()
        assert not (site / ".restoring").exists()
    assert half, "no kill fell between the moves"


def test_who_was_erased_since_is_named(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vitals("backup", tmp_path / "b", "--data", data) == 0
    connection = apsw.Connection(str(data / "record.db"))
    connection.execute("INSERT INTO erased VALUES ('p1', 'x', 1, 'ann', 2)").fetchall()
    connection.close()
    assert vitals("restore", tmp_path / "b", "--data", data, "--force") == 0
    assert "vitals erase --participant p1" in capsys.readouterr().out


Change = Callable[[Path], None]


def one_byte(folder: Path) -> None:
    whole = bytearray((folder / "record.db").read_bytes())
    whole[len(whole) // 2] ^= 1
    (folder / "record.db").write_bytes(whole)


def one_file_less(folder: Path) -> None:
    (folder / "clinic.db").unlink()


def a_link(folder: Path) -> None:
    (folder / "clinic.db").unlink()
    (folder / "clinic.db").symlink_to("/etc/passwd")


def no_manifest(folder: Path) -> None:
    (folder / MANIFEST).unlink()


def a_stranger_in_the_manifest(folder: Path) -> None:
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('"clinic.db"', '"../../clinic.db"'))


def a_manifest_of_brackets(folder: Path) -> None:
    (folder / MANIFEST).write_text("[" * 60_000)


@pytest.mark.parametrize(
    "change", [one_byte, one_file_less, a_link, no_manifest, a_stranger_in_the_manifest, a_manifest_of_brackets]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_backup_that_was_tampered_with_changes_nothing(
    data: Path, tmp_path: Path, change: Change, capsys: pytest.CaptureFixture[str], *, packed: bool
) -> None:
    source = tmp_path / "b"
    assert vitals("backup", source, "--data", data) == 0
    change(source)
    if packed:
        source = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", source))
    refused_in_one_line(data, source, capsys)


def a_trigger(connection: apsw.Connection) -> None:
    connection.execute("CREATE TRIGGER evil AFTER INSERT ON reading BEGIN DELETE FROM reading; END").fetchall()


def a_newer_schema(connection: apsw.Connection) -> None:
    connection.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}").fetchall()


@pytest.mark.parametrize("change", [a_trigger, a_newer_schema])
def test_a_database_of_a_stranger_is_refused(
    data: Path, tmp_path: Path, change: Callable[[apsw.Connection], None], capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    shutil.copytree(data, other)
    connection = apsw.Connection(str(other / "record.db"))
    change(connection)
    connection.close()
    code = vitals("backup", tmp_path / "b", "--data", other)
    if code == 0:
        refused_in_one_line(data, tmp_path / "b", capsys)
    else:
        assert "holds a trigger" in capsys.readouterr().err


def test_hostile_archives_are_refused_in_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.zip"
    assert vitals("backup", good, "--data", data) == 0
    with zipfile.ZipFile(good) as file:
        files = {name: file.read(name) for name in file.namelist()}
    bad = tmp_path / "bad.zip"
    for name, payload in (("../evil.db", b"x"), ("/etc/evil", b"x"), ("record.db", bytes(300_000_000))):
        with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as file:
            for one, whole in (files | {name: payload}).items():
                file.writestr(one, whole)
        refused_in_one_line(data, bad, capsys)
    for whole in (b"", b"PK\x03\x04 no more", good.read_bytes()[:-40]):
        bad.write_bytes(whole)
        refused_in_one_line(data, bad, capsys)
    refused_in_one_line(data, tmp_path / "nowhere", capsys)


def refused_in_one_line(data: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(data)
    capsys.readouterr()
    assert vitals("restore", source, "--data", data, "--force") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert content(data) == before
