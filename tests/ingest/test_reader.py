"""The read API: whose readings, when, how good, and what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.store.batch import Batch, HeardEntry, HeardEvent, HeardReading, SourceWord
from ingest.store.reader import RecordReader
from ingest.store.streams import GapCause
from ingest.store.writer import Committed
from vitals.alarms import (
    AlarmEvent,
    AlarmId,
    AlarmState,
    Change,
    Condition,
    Family,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.errors import StorageError
from vitals.journal import JournalEntry
from vitals.participants import ParticipantId
from vitals.parts import StreamExtent
from vitals.readings import HeartRateReading, OximeterReading, Quality, ReadingKind, Reason, RunId
from vitals.sensors import Anchors, ClockAnchor, GatewayId, SensorId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.units import MonotonicMs, UtcMs

T0_UTC_MS = 1_800_000_000_000
C1 = SessionId("c1")
P1, P2 = ParticipantId("p1"), ParticipantId("p2")

Hr = Callable[..., HeartRateReading]
Store = Callable[..., Committed]
StoreRoster = Callable[..., None]
MakeRoster = Callable[..., Roster]


def seqs(reader: RecordReader, participant: ParticipantId, kind: ReadingKind = ReadingKind.HR) -> list[int]:
    return [reading.seq for reading in reader.readings(C1, participant, kind)]


def anchors(*pairs: tuple[int, int], run: str = "a1") -> Batch:
    batch = Batch()
    batch.anchors["g1", run] = Anchors(
        gateway=GatewayId("g1"),
        run=run,
        anchors=tuple(ClockAnchor(mono_ms=MonotonicMs(mono), utc_ms=UtcMs(utc)) for mono, utc in pairs),
    )
    return batch


def event(seq: int, *, session: str | None, at_s: float, run: str = "n1") -> AlarmEvent:
    at_ms = round(at_s * 1000)
    alarm = AlarmState(
        alarm_id=AlarmId(f"x{seq}"),
        revision=1,
        subject="p1",
        subject_kind=SubjectKind.PARTICIPANT,
        rule=RuleId.HR_OVER,
        family=Family.PHYSIOLOGICAL,
        priority=Priority.HIGH,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        session=session,
        breach_mono_ms=MonotonicMs(at_ms),
        onset_mono_ms=MonotonicMs(at_ms),
        onset_utc_ms=UtcMs(T0_UTC_MS + at_ms),
    )
    return AlarmEvent(
        run=RunId(run),
        seq=seq,
        mono_ms=MonotonicMs(at_ms),
        utc_ms=UtcMs(T0_UTC_MS + at_ms),
        change=Change.RAISED,
        alarm=alarm,
    )


def test_a_reading_comes_back_as_it_was_heard(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, reader: RecordReader
) -> None:
    store_roster(roster(("p1", "s-strap", 0, None), ("p1", "s-oxi", 0, None)))
    strap = HeartRateReading(
        run=RunId("a1"),
        sensor=SensorId("s-strap"),
        seq=3,
        mono_ms=MonotonicMs(3000),
        quality=Quality.QUESTIONABLE,
        reason=Reason.OFF_SKIN,
        hr_bpm=None,
        rr_ms=(937.5, 1000 / 1024, 812.5),
        contact=False,
        raw_hex="14ff",
    )
    finger = OximeterReading(
        run=RunId("a1"),
        sensor=SensorId("s-oxi"),
        seq=0,
        mono_ms=MonotonicMs(3500),
        quality=Quality.GOOD,
        spo2_pct=91.5,
        pulse_bpm=88.25,
        perfusion_pct=1.75,
    )
    batch = Batch()
    batch.readings.append(HeardReading("g1", strap, bytes.fromhex("14ff"), UtcMs(T0_UTC_MS + 20_000), late=True))
    batch.readings.append(HeardReading("g1", finger, None, UtcMs(T0_UTC_MS + 3600), late=False))
    batch.anchors = anchors((0, T0_UTC_MS)).anchors
    batch.words["g1"] = SourceWord(run=RunId("a1"), generation_mode=GenerationMode.REPLAYED, clock_rate=1.0, extents=())
    store(batch=batch)
    [got] = reader.readings(C1, P1, ReadingKind.HR)
    assert (got.utc_ms, got.mono_ms, got.received_utc_ms) == (T0_UTC_MS + 3000, 3000, T0_UTC_MS + 20_000)
    assert (got.sensor, got.kind, got.run, got.seq) == ("s-strap", "hr", "a1", 3)
    assert (got.late, got.quality, got.reason) == (True, Quality.QUESTIONABLE, Reason.OFF_SKIN)
    assert (got.hr_bpm, got.contact, got.rr_ms) == (None, False, strap.rr_ms)
    assert (got.raw_hex, got.generation_mode) == ("14ff", GenerationMode.REPLAYED)
    [got] = reader.readings(C1, P1, ReadingKind.OXIMETER)
    assert (got.spo2_pct, got.pulse_bpm, got.perfusion_pct, got.hr_bpm) == (91.5, 88.25, 1.75, None)
    assert (got.late, got.raw_hex) == (False, "")


def test_only_what_was_heard_while_the_sensor_was_worn_is_a_participants(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(20)))
    store_roster(roster(("p1", "s-strap", 5, 9), ("p2", "s-strap", 9, None), ended_s=12))
    assert seqs(reader, P1) == [5, 6, 7, 8]
    assert seqs(reader, P2) == [9, 10, 11]


def test_a_corrected_assignment_moves_the_readings_to_the_other_participant(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(5)))
    store_roster(roster(("p1", "s-strap", 0, None), version=1))
    assert (seqs(reader, P1), seqs(reader, P2)) == ([0, 1, 2, 3, 4], [])
    store_roster(roster(("p2", "s-strap", 0, None), version=2, ended_s=60), final=True)
    assert (seqs(reader, P1), seqs(reader, P2)) == ([], [0, 1, 2, 3, 4])
    store_roster(roster(("p1", "s-strap", 0, 3600), version=1))
    assert (seqs(reader, P1), seqs(reader, P2)) == ([], [0, 1, 2, 3, 4])
    assert [one.version for one in reader.rosters(C1)] == [1, 1, 2]
    session = reader.session(C1)
    assert session is not None
    assert (session.version, session.final, session.ended_utc_ms) == (2, True, T0_UTC_MS + 60_000)
    assert session.generation_mode is GenerationMode.TEST


def test_overlapping_assignments_give_no_reading_twice(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(10)))
    store_roster(roster(("p1", "s-strap", 0, 5), ("p1", "s-strap", 3, 8), ("p1", "s-strap", 8, 9)))
    assert seqs(reader, P1) == list(range(9))


def test_a_stepped_clock_changes_labels_from_its_anchor_on_and_loses_nothing(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(10)))
    store(batch=anchors((0, T0_UTC_MS), (5000, T0_UTC_MS + 65_000)))
    store_roster(roster(("p1", "s-strap", 0, 3600)))
    labels = [reading.utc_ms - T0_UTC_MS for reading in reader.readings(C1, P1, ReadingKind.HR)]
    assert labels == [0, 1000, 2000, 3000, 4000, 65_000, 66_000, 67_000, 68_000, 69_000]
    store_roster(roster(("p1", "s-strap", 66, 68), version=2))
    assert seqs(reader, P1) == [6, 7]


def test_a_clock_that_was_set_back_shows_the_same_minute_twice(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(10)))
    store(batch=anchors((0, T0_UTC_MS + 10_000), (5000, T0_UTC_MS + 12_000)))
    store_roster(roster(("p1", "s-strap", 12, 15)))
    assert seqs(reader, P1) == [2, 3, 4, 5, 6, 7]


def test_a_run_without_anchors_is_dated_by_when_it_was_first_heard(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(3)))
    store_roster(roster(("p1", "s-strap", 1, None)))
    assert [reading.utc_ms for reading in reader.readings(C1, P1, ReadingKind.HR)] == [
        T0_UTC_MS + 1000,
        T0_UTC_MS + 2000,
    ]


def test_a_gap_has_the_times_of_the_readings_around_it(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*map(hr, range(30)))
    store(*map(hr, range(40, 60)))
    batch = anchors((0, T0_UTC_MS))
    lost = StreamExtent(run=RunId("a1"), subject="s-strap", kind="hr", first=40, last=59)
    batch.words["g1"] = SourceWord(
        run=RunId("a1"), generation_mode=GenerationMode.TEST, clock_rate=1.0, extents=(lost,)
    )
    store(batch=batch)
    store_roster(roster(("p1", "s-strap", 0, 35), ("p2", "s-strap", 45, None)))
    [gap] = reader.gaps(C1, P1)
    assert (gap.participant, gap.sensor, gap.kind, gap.run) == ("p1", "s-strap", "hr", "a1")
    assert (gap.first, gap.last, gap.cause) == (30, 39, GapCause.DROPPED)
    assert (gap.from_utc_ms, gap.to_utc_ms) == (T0_UTC_MS + 29_000, T0_UTC_MS + 40_000)
    assert reader.gaps(C1, P2) == ()


def test_live_history_gives_each_stream_of_the_last_minutes_with_its_quality(
    store: Store, hr: Hr, oximetry: Callable[..., OximeterReading], reader: RecordReader
) -> None:
    store(*map(hr, range(100)), *map(oximetry, range(100)))
    store(batch=anchors((0, T0_UTC_MS)))
    found = reader.live_history(
        [SensorId("s-strap"), SensorId("s-oxi"), SensorId("s-none")], since_utc_ms=UtcMs(T0_UTC_MS + 97_500)
    )
    assert [(history.sensor, history.kind) for history in found] == [("s-strap", "hr"), ("s-oxi", "oximeter")]
    assert found[0].points == tuple((T0_UTC_MS + at, at, "a1", 100, Quality.GOOD) for at in (98_000, 99_000))
    assert [point.value for point in found[1].points] == [96.0, 96.0]


def test_a_stream_of_many_hours_gives_only_the_class(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*(hr(seq, mono_ms=seq * 60_000) for seq in range(60 * 24)))
    store_roster(roster(("p1", "s-strap", 10 * 3600, 10 * 3600 + 120)))
    assert seqs(reader, P1) == [600, 601]


def test_buckets_are_what_the_readings_say(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, reader: RecordReader
) -> None:
    store(*(hr(seq, bpm=100 + seq) for seq in range(15)))
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert reader.buckets(C1, P1, ReadingKind.HR, bucket_ms=10_000) == (
        (T0_UTC_MS, 10, 100, 104.5, 109),
        (T0_UTC_MS + 10_000, 5, 110, 112.0, 114),
    )


def test_alarm_events_of_a_session_are_its_own_and_the_technical_ones_of_its_time(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, reader: RecordReader
) -> None:
    store_roster(roster(("p1", "s-strap", 0, None), ended_s=60))
    own, technical = event(0, session="c1", at_s=5), event(1, session=None, at_s=7)
    others = [event(2, session="c2", at_s=8), event(3, session=None, at_s=61)]
    batch = Batch()
    batch.events += [HeardEvent("analysis", one, UtcMs(T0_UTC_MS)) for one in [*others, technical, own, own]]
    committed = store(batch=batch)
    assert reader.alarm_events(C1) == (own, technical)
    assert [(one.source, one.run, one.streams[0].seq) for one in committed.moved] == [("analysis", "n1", 3)]
    assert committed.counts["duplicates"] == 1


def test_the_journal_comes_back_in_the_order_of_its_run(store: Store, reader: RecordReader) -> None:
    entries = [
        JournalEntry(run=RunId("n1"), seq=seq, mono_ms=MonotonicMs(seq), utc_ms=UtcMs(T0_UTC_MS + seq))
        for seq in (1, 0, 2)
    ]
    batch = Batch()
    batch.entries += [HeardEntry("analysis", entry) for entry in entries]
    store(batch=batch)
    found = reader.journal(from_utc_ms=UtcMs(T0_UTC_MS), to_utc_ms=UtcMs(T0_UTC_MS + 2))
    assert [entry.seq for entry in found] == [0, 1]


def test_sessions_are_listed_newest_first(store_roster: StoreRoster, roster: MakeRoster, reader: RecordReader) -> None:
    for name in ("c1", "c2", "c3"):
        store_roster(roster(session=name))
    assert [one.session for one in reader.sessions(limit=2)] == ["c1", "c2"]
    assert reader.session(SessionId("c9")) is None
    assert reader.readings(SessionId("c9"), P1, ReadingKind.HR) == ()


def test_a_record_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    reader = RecordReader(tmp_path / "none.db")
    with pytest.raises(StorageError, match=r"none\.db"):
        reader.sessions()
