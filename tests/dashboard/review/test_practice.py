"""A class for practice is told apart from a test and from made-up people: in the record, on paper."""

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from dashboard.export.order import ExportFormat, ExportOrder
from dashboard.export.writing import write_export
from dashboard.review.report.words import Language
from dashboard.review.reports import Reports
from dashboard.review.shelf import Shelf
from dashboard.review.site_report import make_site_report
from ingest.store.reader import RecordReader
from tests.dashboard.review import past_class
from tests.dashboard.review.past_class import PastClass, write_past_class
from vitals.participants import ParticipantId, is_player
from vitals.sessions import GenerationMode
from vitals.units import UtcMs

TEST = PastClass(mode=GenerationMode.TEST, minutes=2, alarms=((60, 9),))
SIMULATED = PastClass(mode=GenerationMode.SIMULATED, minutes=2)
PRACTICE_LINE = {"en": "Practice of the staff, not a class", "de": "Übung des Personals, keine Stunde"}


@pytest.fixture(params=["practice", "test", "simulated"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, PastClass]:
    """A class of that kind in a record; returns what it is to be called."""
    if request.param == "practice":
        monkeypatch.setattr(past_class, "person_id", lambda number: ParticipantId(f"practice-{number}"))
    past = SIMULATED if request.param == "simulated" else TEST
    write_past_class(tmp_path, past)
    return str(request.param), past


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[RecordReader]:
    with closing(RecordReader(tmp_path / "record.db")) as opened:
        yield opened


def test_the_record_says_which_it_is_however_it_is_asked(kept: tuple[str, PastClass], reader: RecordReader) -> None:
    name, past = kept
    one = reader.session(past.session)
    assert one is not None
    assert (one.told_mode, one.is_practice) == (name, name == "practice")
    assert reader.sessions() == (one,)
    person = reader.rosters(past.session)[0].entries[0].participant
    assert is_player(person) is one.is_practice
    assert reader.sessions_of(person) == (one,)
    assert b'"is_practice":' + (b"true" if one.is_practice else b"false") in msgspec.json.encode(one)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_report_says_practice_for_practice_alone(
    kept: tuple[str, PastClass], reader: RecordReader, tmp_path: Path, language: Language
) -> None:
    name, past = kept
    with closing(Shelf(tmp_path / "review.db", reader)) as shelf:
        reports = Reports(reader, shelf, zone=ZoneInfo("UTC"))
        html = reports.whole_class(past.session, class_name="Tuesday", aliases={}, language=language)
    # Class, person in the first lines, and the box at the foot, of each of two people.
    assert html.count(PRACTICE_LINE[language]) == (5 if name == "practice" else 0)


@pytest.mark.parametrize("form", [ExportFormat.CSV, ExportFormat.CSV_WIDE, ExportFormat.FHIR])
def test_a_file_says_which_it_is(kept: tuple[str, PastClass], tmp_path: Path, form: ExportFormat) -> None:
    name, past = kept
    out = tmp_path / "out"
    order = ExportOrder(
        record_file=str(tmp_path / "record.db"), session=past.session, format=form, out=str(out), zone="UTC"
    )
    write_export(order)
    if form is ExportFormat.FHIR:
        assert ("staff played everybody" in out.read_text(encoding="utf-8")) is (name == "practice")
        assert "HTEST" in out.read_text(encoding="utf-8")
    else:
        with out.open(encoding="utf-8", newline="") as file:
            assert {row["class_mode"] for row in csv.DictReader(file)} == {name}


def test_practice_is_in_no_sum_of_the_site(kept: tuple[str, PastClass], reader: RecordReader) -> None:
    name, past = kept
    report = make_site_report(reader, from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(2**53), tell=lambda _share: None)
    assert report.sessions == (0 if name == "practice" else 1)
    assert bool(sum(one.alarms for one in report.priorities)) is bool(past.alarms and name != "practice")
