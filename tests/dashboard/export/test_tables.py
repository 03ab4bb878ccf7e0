"""Tables as others read them: pandas, LibreOffice and DuckDB, value for value with the record."""

import csv
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import pytest

from dashboard.export.order import ExportFormat
from ingest.store.reader import RecordReader
from tests.dashboard.export.conftest import HOSTILE, T0_UTC_MS, export
from vitals.participants import ParticipantId
from vitals.readings import VALUES, ReadingKind
from vitals.sessions import SessionId

Told = list[tuple[str, str, int, float | None, str]]


def on_record(reader: RecordReader) -> Told:
    """Return (participant, measure, UTC ms, value, quality) as the record has them, in its order."""
    found: Told = []
    for person in ("p1", "p2"):
        for kind in ReadingKind:
            for one in reader.readings(SessionId("c1"), ParticipantId(person), kind):
                for number, measure in enumerate(VALUES[kind]):
                    told = getattr(one, measure)
                    values: Sequence[float | None] = told if isinstance(told, tuple) else [told]
                    found += [
                        (person, measure, one.utc_ms, value, one.quality.value)
                        for value in values
                        if value is not None or number == 0
                    ]
    return found


def read_back(frame: pd.DataFrame) -> Told:
    times = pd.to_datetime(frame["time"], utc=True)
    at_ms = [round(time.timestamp() * 1000) for time in times]
    values = [None if pd.isna(value) else float(value) for value in frame["value"]]
    return list(zip(frame["participant"], frame["measure"], at_ms, values, frame["quality"], strict=True))


def test_the_long_csv_is_the_record_value_for_value(record: Path, reader: RecordReader, tmp_path: Path) -> None:
    path = export(record, ExportFormat.CSV, tmp_path / "c1.csv")
    frame = pd.read_csv(path, encoding="utf-8")
    told = read_back(frame)
    assert len(told) > 300
    assert sorted(told, key=str) == sorted(on_record(reader), key=str)
    assert frame["time"][0] == "2027-01-15T09:00:00.137+01:00", "with the offset of the clinic"
    assert set(frame["unit"]) >= {"/min", "%", "ms", "km/h", "m"}
    lost = frame[(frame["measure"] == "hr_bpm") & frame["value"].isna()]
    assert list(lost["reason"]) == ["off_skin"] * 3
    assert set(frame["generation_mode"]) == {"unknown"}
    assert set(frame["device"].dropna()) == {f"'{HOSTILE}"}


def test_the_wide_csv_has_one_row_a_second_and_holes_where_nobody_told_anything(record: Path, tmp_path: Path) -> None:
    path = export(record, ExportFormat.CSV_WIDE, tmp_path / "c1.wide.csv")
    frame = pd.read_csv(path)
    first = frame[frame["participant"] == "p1"].reset_index(drop=True)
    assert list(first["elapsed_s"]) == list(range(60))
    assert first["hr_bpm"][5] == 95
    assert list(first["hr_quality"][9:14]) == ["good", "unusable", "unusable", "unusable", "good"]
    assert list(first["hr_quality"][20:24]) == ["missing"] * 4
    assert first["hr_bpm"][20:24].isna().all(), "never the last value"
    assert list(first["incline_pct"].unique()) == [-2.5], "a negative number is a number"
    assert first["spo2_pct"].isna().all()
    second = frame[frame["participant"] == "p2"]
    assert list(second["spo2_pct"]) == [pytest.approx(96.5 - at / 10) for at in range(60)]


def test_the_parquet_file_is_the_record_for_duckdb(record: Path, reader: RecordReader, tmp_path: Path) -> None:
    path = export(record, ExportFormat.PARQUET, tmp_path / "c1.parquet")
    with duckdb.connect() as database:
        rows = database.execute(
            "SELECT participant, measure, epoch_ms(time), value, quality FROM read_parquet(?)", [str(path)]
        ).fetchall()
        types = dict(database.execute("SELECT name, type FROM parquet_schema(?)", [str(path)]).fetchall())
    assert sorted(rows, key=str) == sorted(on_record(reader), key=str)
    assert types["value"] == "DOUBLE"
    assert types["seq"] == "INT64"


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_libreoffice_reads_the_csv_without_running_a_formula(record: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (package libreoffice-calc) is not installed")
    path = export(record, ExportFormat.CSV, tmp_path / "c1.csv")
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{tmp_path / 'profile'}",
            "--headless",
            "--convert-to",
            # UTF-8, comma, double quote, formulas recognised: the worst a person could choose.
            "fods:OpenDocument Spreadsheet Flat XML",
            "--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1,true",
            "--outdir",
            str(tmp_path / "office"),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=150,
    )
    sheet = (tmp_path / "office" / "c1.fods").read_text(encoding="utf-8")
    assert "table:formula" not in sheet
    assert "HYPERLINK" in sheet, "as words"
    with path.open(encoding="utf-8", newline="") as file:
        told = sum(1 for _ in csv.reader(file)) - 1
    assert sheet.count("off_skin") == 6, "three seconds, value and contact"
    assert sheet.count(">c1<") == told


def test_a_cell_that_begins_like_a_formula_is_only_guarded_when_it_is_words(record: Path, tmp_path: Path) -> None:
    text = export(record, ExportFormat.CSV, tmp_path / "c1.csv").read_bytes().decode()
    assert ",-2.5,%," in text
    assert f"\"'{HOSTILE[:11].replace(chr(34), chr(34) * 2)}" in text
    assert ",=" not in text
    assert text.endswith("\r\n")
    assert str(T0_UTC_MS) not in text
