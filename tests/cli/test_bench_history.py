"""The record of years that the benchmark makes: it is one of ours, and made once."""

from pathlib import Path

import pytest

from cli.bench.history import history_figures, measure_open_class, measure_programme, measure_stored_what_if
from cli.bench.history_record import PEOPLE, ROWS_A_CLASS, make_history, person_id, session_id
from cli.bench.plan import Plan
from ingest.store.reader import RecordReader
from vitals.readings import ReadingKind

pytestmark = pytest.mark.timeout(120)


def test_what_is_made_is_a_record_that_can_be_measured_and_is_made_once(tmp_path: Path) -> None:
    made = make_history(readings=2 * ROWS_A_CLASS, folder=tmp_path)
    assert (made.classes, made.readings) == (2, 2 * ROWS_A_CLASS)
    reader = RecordReader(made.path)
    first = reader.readings(session_id(1), person_id(1, 7), ReadingKind.HR)
    assert len(first) == 3600
    assert first[0].rr_ms == (614 * 1000 / 1024, 616 * 1000 / 1024)
    assert reader.gaps(session_id(1), person_id(1, 7)) == ()
    assert [one.session for one in reader.sessions_of(person_id(0, PEOPLE))] == ["c00000", "c00001"]
    reader.close()
    before = made.path.stat().st_mtime_ns
    assert make_history(readings=2 * ROWS_A_CLASS, folder=tmp_path) == made
    assert made.path.stat().st_mtime_ns == before
    assert len(measure_open_class(made)) == 2
    assert len(measure_programme(made)) == 1
    assert measure_stored_what_if(made).histories == 2 * PEOPLE


def test_a_machine_without_room_says_so(tmp_path: Path) -> None:
    plan = Plan(names=("history",), participants=(30,), seconds=1.0)
    [figure] = history_figures(plan, readings=10**15)
    assert "GB free" in str(figure.skipped)
    assert list(tmp_path.iterdir()) == []
