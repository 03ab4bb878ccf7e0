"""The cache of summaries: the same as computed anew, and never older than the record."""

from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from analysis.summary.summary import digest_of, summarise
from dashboard.review.parts import people_of, read_part
from dashboard.review.programme import read_programme
from dashboard.review.shelf import Shelf
from dashboard.review.site_report import make_site_report
from dashboard.review.timeline import choose_bucket_ms, read_timeline
from ingest.store.batch import Batch
from ingest.store.reader import RecordReader
from ingest.store.retention import DAY_MS, Keeping
from ingest.store.writer import RecordWriter
from tests.dashboard.review.past_class import PastClass, _batches, hr_at, person_id, write_past_class
from vitals.alarms import AlarmId
from vitals.database import open_reader
from vitals.entries import AlarmJudged, Note, Outcome, Rpe, SixMinuteWalk
from vitals.errors import InputError
from vitals.sessions import SessionId
from vitals.units import UtcMs

PAST = PastClass(minutes=4, holes=((60, 90),), alarms=((100, 8), (150, 30)))


def more(folder: Path, past: PastClass) -> None:
    """Let the record hear the same class with something more in it."""
    writer = RecordWriter(folder / "record.db")
    batch: Batch = next(iter(_batches(past)))
    writer.store(batch, now_utc_ms=UtcMs(past.ended_utc_ms + 5_000))
    writer.close()


def test_what_is_kept_is_what_would_be_computed_and_follows_the_record(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        with closing(Shelf(tmp_path / "review.db", reader)) as shelf:
            assert shelf.peek(PAST.session, person_id(1)) is None
            first = shelf.summary(PAST.session, person_id(1))
            assert digest_of(first) == digest_of(summarise(read_part(reader, PAST.session, person_id(1))))
        with closing(Shelf(tmp_path / "review.db", reader)) as shelf:
            kept = shelf.peek(PAST.session, person_id(1))
            assert kept is not None
            assert digest_of(kept) == digest_of(first)
            more(tmp_path, replace(PAST, entries=((30, Note(text="late entry")),)))
            assert shelf.peek(PAST.session, person_id(1)) is None
            assert len(shelf.summary(PAST.session, person_id(1)).entries) == 1
            assert len(shelf.kept(PAST.session, person_id(1)).hr_ms) == 4 * 60 - 30
            shelf.forget(person_id(1))
            assert shelf.peek(PAST.session, person_id(1)) is None


@pytest.mark.parametrize(
    ("keeping", "left"), [(Keeping(sessions_days=30), False), (Keeping(readings_days=30), False), (Keeping(), True)]
)
def test_what_the_record_deletes_by_age_is_kept_here_no_longer(tmp_path: Path, keeping: Keeping, left: bool) -> None:  # noqa: FBT001 - a table
    newer = PastClass(
        session=SessionId("past-2"), minutes=1, run="run-2", started_utc_ms=PAST.started_utc_ms + 40 * DAY_MS
    )
    write_past_class(tmp_path, replace(PAST, minutes=1))
    write_past_class(tmp_path, newer)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        for session in (PAST.session, newer.session):
            shelf.summary(session, person_id(1))
        with closing(RecordWriter(tmp_path / "record.db", keeping=keeping)) as writer:
            while writer.store(Batch(), now_utc_ms=UtcMs(newer.ended_utc_ms)).is_busy:
                continue
        shelf.prune()
    kept = {session for (session,) in open_reader(tmp_path / "review.db").execute("SELECT session FROM part")}
    assert kept == {newer.session} | ({PAST.session} if left else set())


def test_a_summary_follows_readings_that_came_afterwards(tmp_path: Path) -> None:
    write_past_class(tmp_path, replace(PAST, minutes=4))
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        before = shelf.summary(PAST.session, person_id(1)).heart.mean_bpm
        # Another run of the same straps, as after an outage of a gateway: the hole is filled.
        more(tmp_path, replace(PAST, holes=((0, 60), (90, 240)), run="run-late"))
        after = shelf.summary(PAST.session, person_id(1))
        assert after.heart.mean_bpm != before
        assert after.heart.mean_bpm == pytest.approx(sum(hr_at(1, second, 240) for second in range(240)) / 240, abs=0.1)


def test_nobody_and_no_class_are_refused_by_name(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        assert people_of(reader, PAST.session) == (person_id(1), person_id(2))
        with pytest.raises(InputError, match="'nobody' is not in past-1"):
            shelf.summary(PAST.session, person_id(99).__class__("nobody"))
        with pytest.raises(InputError, match="'other' is not in the record"):
            shelf.summary(SessionId("other"), person_id(1))


def test_a_programme_has_a_line_for_each_session(tmp_path: Path) -> None:
    day_ms = 86_400_000
    for number in range(3):
        past = replace(
            PAST,
            session=SessionId(f"past-{number}"),
            started_utc_ms=PAST.started_utc_ms + number * day_ms,
            entries=((100, Rpe(rpe_borg=12 + number)), (200, SixMinuteWalk(distance_m=400 + number))),
        )
        write_past_class(tmp_path, past)
    with (
        closing(RecordReader(tmp_path / "record.db")) as reader,
        closing(Shelf(tmp_path / "review.db", reader)) as shelf,
    ):
        lines = read_programme(reader, shelf, person_id(1))
    assert [line.session for line in lines] == ["past-0", "past-1", "past-2"]
    assert [line.rpe_borg for line in lines] == [12, 13, 14]
    assert [line.six_minute_walk_m for line in lines] == [400, 401, 402]
    assert all(line.peak_hr_bpm and line.banister and line.power_w and line.spo2_nadir_pct for line in lines)


def test_the_site_report_counts_alarms_answers_and_what_they_were(tmp_path: Path) -> None:
    judged = tuple(
        (200, AlarmJudged(alarm_id=AlarmId(f"past-1-a{number}"), outcome=outcome))
        for number, outcome in enumerate((Outcome.REAL, Outcome.ARTEFACT))
    )
    write_past_class(tmp_path, replace(PAST, entries=judged))
    told: list[float] = []
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        report = make_site_report(reader, from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(PAST.ended_utc_ms), tell=told.append)
        empty = make_site_report(reader, from_utc_ms=UtcMs(0), to_utc_ms=UtcMs(1), tell=told.append)
    assert (report.sessions, report.participants) == (1, 2)
    assert report.participant_hours == pytest.approx(2 * 4 / 60, abs=0.01)
    medium = next(load for load in report.priorities if load.name == "medium")
    assert (medium.alarms, medium.taken, medium.judged, medium.ppv_pct) == (2, 2, 2, 50.0)
    assert medium.response_median_s == 19.0
    assert medium.per_participant_hour == pytest.approx(15.0, abs=0.01)
    assert [load.name for load in report.rules] == ["HR_OVER"]
    assert told[-1] == 1.0
    assert (empty.sessions, empty.participant_hours) == (0, 0)


def test_a_chart_is_raw_when_there_is_room_and_leaves_gaps_open(tmp_path: Path) -> None:
    write_past_class(tmp_path, PAST)
    start = PAST.started_utc_ms
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        near = read_timeline(
            reader,
            PAST.session,
            person_id(1),
            from_utc_ms=UtcMs(start + 50_000),
            to_utc_ms=UtcMs(start + 100_000),
            points=600,
        )
        far = read_timeline(
            reader,
            PAST.session,
            person_id(1),
            from_utc_ms=UtcMs(start),
            to_utc_ms=UtcMs(start + 240_000),
            points=24,
        )
    heart = near.lines["hr_bpm"]
    assert near.bucket_ms == 0
    assert heart.mean[:10] == [hr_at(1, second, 240) for second in range(50, 60)]
    assert heart.mean.count(None) == 1
    assert heart.mean[11] == hr_at(1, 90, 240)
    assert far.bucket_ms == 10_000
    bucket = far.lines["hr_bpm"]
    values = [hr_at(1, second, 240) for second in range(10)]
    edge = start // 10_000 * 10_000
    assert bucket.utc_ms[0] == edge
    assert (bucket.low[0], bucket.high[0]) == (min(values), max(values))
    assert set(far.lines) == {"hr_bpm", "spo2_pct", "power_w"}
    assert choose_bucket_ms(3_600_000, 1200) == 5_000
