"""The wall clock is set back by an hour in the middle of a class: its report is the one of a clock that went on."""

import re
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw
import pytest
from msgspec.structs import replace

from analysis.summary.summary import SessionSummary, digest_of, summarise
from dashboard.export.incident import span_of
from dashboard.review.parts import read_part
from dashboard.review.timeline import read_timeline
from ingest.store.batch import Batch, HeardErasure
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from vitals.commands import CommandId
from vitals.entries import Note, Rpe
from vitals.readings import ReadingKind
from vitals.units import UtcMs

HOUR_MS: Final = 3_600_000
STEP_S: Final = 300
PAST: Final = PastClass(
    minutes=10,
    holes=((100, 160), (290, 320)),
    alarms=((200, 9), (280, 30), (400, 7)),
    accepted_after_s=20,
    entries=((30, Rpe(rpe_borg=11)), (310, Rpe(rpe_borg=13)), (500, Note(text="well"))),
)
_STEP_UTC_MS: Final = PAST.started_utc_ms + STEP_S * 1000
_TIMES: Final = {
    "session": ("ended_utc_ms",),
    "assignment": ("from_utc_ms", "to_utc_ms"),
    "roster": ("received_utc_ms",),
    "alarm_event": ("utc_ms", "received_utc_ms"),
    "course": ("onset_utc_ms", "ended_utc_ms"),
    "entry": ("at_utc_ms",),
    "journal": ("utc_ms",),
    "reading": ("received_utc_ms",),
}


def set_back(folder: Path, by_ms: int) -> None:
    """Make a record what it had been with a clock that was set back in it."""

    def stepped(at: re.Match[bytes]) -> bytes:
        utc_ms = int(at[2])
        return at[1] + str(utc_ms - by_ms if utc_ms >= _STEP_UTC_MS else utc_ms).encode()

    with closing(apsw.Connection(str(folder / "record.db"))) as db:
        for table, columns in _TIMES.items():
            for column in columns:
                sql = f"UPDATE {table} SET {column} = {column} - ?1 WHERE {column} >= ?2"  # noqa: S608 - names
                db.execute(sql, (by_ms, _STEP_UTC_MS))
        for table, key in (
            ("roster", "id"),
            ("alarm_event", "alarm_id || change"),
            ("course", "alarm_id"),
            ("entry", "id"),
        ):
            for name, body in db.execute(f"SELECT {key}, CAST(body AS BLOB) FROM {table}").fetchall():  # noqa: S608
                told = re.sub(rb'(utc_ms":)(\d+)', stepped, bytes(body))  # type: ignore[arg-type]
                kept = told.decode() if table == "entry" else told
                db.execute(f"UPDATE {table} SET body = ? WHERE {key} = ?", (kept, name))  # noqa: S608 - names
        db.execute(
            "INSERT INTO anchor SELECT id, 0, ?1, 1 FROM run WHERE source = 'g1'"
            " UNION ALL SELECT id, ?2, ?1 + ?2 - ?3, 1 FROM run WHERE source = 'g1' AND ?3 > 0",
            (PAST.started_utc_ms, STEP_S * 1000, by_ms),
        )


def summaries(folder: Path) -> list[SessionSummary]:
    with closing(RecordReader(folder / "record.db")) as reader:
        return [summarise(read_part(reader, PAST.session, person_id(number))) for number in (1, 2)]


def test_a_report_does_not_see_that_the_clock_was_set_back(tmp_path: Path) -> None:
    told = []
    for by_ms in (0, HOUR_MS):
        folder = tmp_path / str(by_ms)
        folder.mkdir()
        write_past_class(folder, PAST)
        set_back(folder, by_ms)
        told.append(summaries(folder))
    straight, stepped = told
    assert straight[0].alarms[2].response_s == 7.0
    assert len(straight[0].entries) == 3
    for one, other in zip(straight, stepped, strict=True):
        assert one == other
        assert digest_of(one) == digest_of(other)


def test_the_class_its_chart_and_its_exports_have_the_times_of_a_clock_that_went_on(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    set_back(tmp_path, HOUR_MS)
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        stored = reader.session(PAST.session)
        assert stored is not None
        assert (stored.ended_utc_ms, stored.set_back_ms) == (PAST.ended_utc_ms, HOUR_MS)
        assert reader.sessions() == reader.sessions_of(person_id(2)) == (stored,)
        rates = reader.readings(PAST.session, person_id(2), ReadingKind.HR)
        assert [one.utc_ms for one in rates] == [PAST.started_utc_ms + second * 1000 for second in range(600)]
        began, ended = UtcMs(PAST.started_utc_ms), UtcMs(PAST.ended_utc_ms)
        chart = read_timeline(reader, PAST.session, person_id(2), from_utc_ms=began, to_utc_ms=ended, points=100)
        times = chart.lines["hr_bpm"].utc_ms
        assert times == sorted(times)
        assert times[-1] - times[0] > 580_000
        begin, end = span_of(stored)
        assert begin <= _STEP_UTC_MS - HOUR_MS < _STEP_UTC_MS < end, "the journal has the labels of then"


@pytest.mark.parametrize(("by_ms", "asked_ms"), [(0, 60_000), (HOUR_MS, 60_000), (HOUR_MS, 60_000 - HOUR_MS)])
def test_who_is_forgotten_is_forgotten_before_and_after_the_step(tmp_path: Path, by_ms: int, asked_ms: int) -> None:
    write_past_class(tmp_path, PAST)
    set_back(tmp_path, by_ms)
    with closing(RecordWriter(tmp_path / "record.db")) as writer:
        batch = Batch()
        batch.erasures.append(HeardErasure(person_id(1), CommandId("x"), "ann"))
        now = UtcMs(PAST.ended_utc_ms + asked_ms)
        committed = writer.store(batch, now_utc_ms=now)
        while committed.is_busy:
            committed = writer.store(Batch(), now_utc_ms=now)
        left = writer.connection.execute(
            "SELECT subject, count(*) FROM reading JOIN stream ON stream.id = stream GROUP BY subject"
        ).fetchall()
    assert {(str(subject)[-1], count) for subject, count in left} == {("2", 600), ("2", 300)}
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        assert {one.participant for roster in reader.rosters(PAST.session) for one in roster.entries} == {person_id(2)}
        assert reader.alarm_events(PAST.session) == ()
        assert reader.courses(PAST.session) == ()
        assert reader.entries(PAST.session) == ()


def test_without_an_anchor_of_the_step_nothing_is_made_up_and_nothing_fails(tmp_path: Path) -> None:
    write_past_class(tmp_path, replace(PAST, holes=()))
    set_back(tmp_path, HOUR_MS)
    with closing(apsw.Connection(str(tmp_path / "record.db"))) as db:
        db.execute("DELETE FROM anchor")
    for summary in summaries(tmp_path):
        assert summary.heart.mean_bpm is None
        assert summary.coverage == () or summary.coverage[0].ms == 0
