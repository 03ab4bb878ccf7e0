"""Incident bundles from strangers: hostile ones are refused in one line, and nothing is written anywhere."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.backtest.bundle import Bundle
from cli.main import main
from dashboard.export.incident import MANIFEST, NAMES
from dashboard.export.order import ExportFormat
from tests.dashboard.export.conftest import export, record  # noqa: F401 - a fixture
from vitals.errors import InputError
from vitals.readings import ReadingKind
from vitals.sensors import SensorId
from vitals.sessions import SessionId
from vitals.units import UtcMs

Changed = Callable[[dict[str, bytes]], None]


@pytest.fixture
def bundle(record: Path, tmp_path: Path) -> Path:  # noqa: F811 - the fixture
    return export(record, ExportFormat.INCIDENT, tmp_path / "c1.incident.zip")


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewrite(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def test_a_bundle_holds_the_class_and_a_chain_over_its_files(bundle: Path) -> None:
    read = Bundle(bundle)
    assert read.stored.session == "c1"
    assert [one.session for one in read.rosters(SessionId("c1"))] == ["c1"]
    told = read.readings_of(SensorId("s-1"), ReadingKind.HR, from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(2**53))
    assert len(told) == 56
    assert len(read.manifest.chain) == 64
    assert tuple(contents(bundle)) == (*NAMES, MANIFEST)
    assert b"session-vitals" in contents(bundle)["README.txt"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "rules.json"])
def test_one_changed_byte_anywhere_is_found(bundle: Path, name: str) -> None:
    files = contents(bundle)
    files[name] = (files[name] or b" ")[:-1] + b"\n\n"
    with pytest.raises(InputError, match="is not as it was"):
        Bundle(rewrite(bundle, files))


def a_stranger(files: dict[str, bytes]) -> None:
    files["../../../../tmp/evil.sh"] = b"rm"


def an_absolute_path(files: dict[str, bytes]) -> None:
    files["/etc/cron.d/evil"] = b"x"


def a_file_less(files: dict[str, bytes]) -> None:
    del files["journal.jsonl"]


def a_bomb(files: dict[str, bytes]) -> None:
    files["readings.jsonl"] = bytes(64 * 1_048_576)


def a_long_manifest(files: dict[str, bytes]) -> None:
    files[MANIFEST] = b'{"format":"' + bytes(range(65, 91)) * 10_000


def a_manifest_of_nothing(files: dict[str, bytes]) -> None:
    files[MANIFEST] = b'{"session":"c1","made_utc_ms":0,"files":[]}'


def a_manifest_that_is_none(files: dict[str, bytes]) -> None:
    files[MANIFEST] = b"[" * 50_000


@pytest.mark.parametrize(
    "change",
    [
        a_stranger,
        an_absolute_path,
        a_file_less,
        a_bomb,
        a_long_manifest,
        a_manifest_of_nothing,
        a_manifest_that_is_none,
    ],
)
def test_a_hostile_bundle_is_refused_in_one_line(
    bundle: Path, change: Changed, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = contents(bundle)
    change(files)
    rewrite(bundle, files)
    before = sorted(tmp_path.rglob("*"))
    assert main(["backtest", "--bundle", str(bundle)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1), err
    assert str(bundle) in err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("what", ["nothing", "empty", "text", "half", "twice"])
def test_what_is_no_zip_is_refused_in_one_line(bundle: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    match what:
        case "nothing":
            bundle.unlink()
        case "empty":
            bundle.write_bytes(b"")
        case "text":
            bundle.write_text("PK is what zips begin with")
        case "half":
            bundle.write_bytes(bundle.read_bytes()[: bundle.stat().st_size // 2])
        case _:
            twin = io.BytesIO(bundle.read_bytes())
            with zipfile.ZipFile(twin, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
                file.writestr(MANIFEST, b"{}")
            bundle.write_bytes(twin.getvalue())
    assert main(["backtest", str(bundle)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1), err


def test_damaged_bytes_never_end_in_a_traceback(bundle: Path) -> None:
    whole = bundle.read_bytes()
    for place in range(0, len(whole), len(whole) // 97):
        bundle.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            Bundle(bundle)
        except InputError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - some places are padding and may pass


def test_the_export_command_writes_beside_and_overwrites_nothing(
    record: Path,  # noqa: F811 - the fixture
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = str(record.parent), tmp_path / "out.csv"
    wanted = ["export", "--session", "c1", "--data", data, "--out", str(out)]
    assert main(wanted) == 0
    assert "no audit log here" in capsys.readouterr().err
    first = out.read_bytes()
    assert main([*wanted, "--format", "fhir"]) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_bytes() == first
    assert main([*wanted, "--participant", "p9", "--force"]) == 2
    assert "'p9' is not in c1" in capsys.readouterr().err
    assert out.read_bytes() == first
    assert list(tmp_path.glob(".out*")) == []
