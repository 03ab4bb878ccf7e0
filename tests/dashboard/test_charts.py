"""A person's chart: bounded, without a bridge over a gap, with limits as they were and alarms from end to end."""

from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.summary.calls import Calls
from dashboard.api.charts import BUCKET_MS_MIN, SPAN_MS_MAX, plan_axis, read_chart
from dashboard.history import find_alarms, find_limits, find_phases, measure_beats
from ingest.store.batch import Batch, HeardReading, HeardRoster
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredReading
from ingest.store.writer import RecordWriter
from tests.dashboard.house import House, person, settings_for
from tests.dashboard.words import alarm
from vitals.alarms import Acknowledgement, AlarmEvent, AlarmId, Change, RuleId, Signal
from vitals.delivery import Answered, Course, Response
from vitals.duty import StaffId
from vitals.entries import AlarmJudged, Entry, EntryId, Outcome
from vitals.participants import LimitReason, ParticipantId
from vitals.readings import HeartRateReading, Quality, ReadingKind, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, ResolvedLimit, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

pytestmark = [pytest.mark.timeout(60)]


@given(st.integers(0, 10**12), st.integers(0, 2 * SPAN_MS_MAX), st.none() | st.integers(1, 360), st.integers(20, 2_000))
def test_a_chart_has_no_more_pieces_than_asked_for_and_reaches_now(
    began: int, length_ms: int, minutes: int | None, points: int
) -> None:
    end = began + length_ms
    axis = plan_axis(UtcMs(began), UtcMs(end), minutes=minutes, points=points)
    assert 1 <= axis.count <= points
    assert axis.bucket_ms % BUCKET_MS_MIN == 0
    assert axis.from_utc_ms <= end < axis.to_utc_ms
    wanted_ms = min(SPAN_MS_MAX, length_ms if minutes is None else min(minutes * 60_000, length_ms))
    assert axis.to_utc_ms - axis.from_utc_ms >= wanted_ms - 2 * axis.bucket_ms


def roster(version: int, value: float, *, phase: Phase = Phase.REST, own: Phase | None = None) -> Roster:
    limit = ResolvedLimit(rule=RuleId.HR_OVER, value=value, reason=LimitReason.PRESCRIBED)
    return Roster(
        session=SessionId("s1"),
        version=version,
        room="r",
        generation_mode=GenerationMode.TEST,
        phase=phase,
        started_utc_ms=UtcMs(1_000),
        entries=(RosterEntry(participant=ParticipantId("p01"), seat=1, sensors=(), limits=(limit,), phase=own),),
    )


def test_limits_and_phases_are_told_as_they_were() -> None:
    heard = (
        (UtcMs(1_400), roster(1, 120)),
        (UtcMs(5_000), roster(2, 120, phase=Phase.TRAINING)),
        (UtcMs(9_000), roster(3, 130, phase=Phase.TRAINING, own=Phase.COOL_DOWN)),
    )
    spans = find_limits(heard, ParticipantId("p01"))
    assert [(span.from_utc_ms, span.hr_upper) for span in spans] == [(1_000, 120), (9_000, 130)]
    phases = find_phases(heard, ParticipantId("p01"))
    assert [(span.from_utc_ms, span.phase) for span in phases] == [
        (1_000, "rest"),
        (5_000, "training"),
        (9_000, "cool_down"),
    ]
    assert find_limits(heard, ParticipantId("p02")) == ()


def event(seq: int, change: Change, **changes: object) -> AlarmEvent:
    state = msgspec.structs.replace(
        alarm(session="s1", participant=ParticipantId("p01"), onset_utc_ms=UtcMs(10_000)), **changes
    )
    return AlarmEvent(
        run=RunId("r"),
        seq=seq,
        mono_ms=MonotonicMs(seq),
        utc_ms=UtcMs(10_000 + 1_000 * seq),
        change=change,
        alarm=state,
    )


def test_an_alarm_lasts_until_its_condition_ends_and_says_its_worst_value() -> None:
    taken = Acknowledgement(by="KB", at_utc_ms=UtcMs(11_000), command="c")
    events = (
        event(0, Change.RAISED, value=125.0, peak=125.0),
        event(1, Change.ACKNOWLEDGED, acknowledged=taken, signal=Signal.ACKNOWLEDGED, value=140.0, peak=140.0),
        event(5, Change.CLEARED, acknowledged=taken, signal=Signal.OFF, value=110.0, peak=141.0),
    )
    judged = Entry(
        id=EntryId("e"),
        session=SessionId("s1"),
        at_utc_ms=UtcMs(20_000),
        by="KB",
        participant=ParticipantId("p01"),
        body=AlarmJudged(alarm_id=AlarmId(events[0].alarm.alarm_id), outcome=Outcome.EXPECTED),
    )
    (span,) = find_alarms(events, [judged], ParticipantId("p01"))
    assert (span.onset_utc_ms, span.ended_utc_ms) == (10_000, 15_000)
    assert (span.acknowledged_by, span.outcome, span.value) == ("KB", "expected", 141.0)
    assert "141" in span.text
    assert span.calls is None
    answer = Answered(staff=StaffId("tom"), response=Response.CANNOT, at_utc_ms=UtcMs(12_000))
    course = Course(
        alarm_id=events[0].alarm.alarm_id,
        onset_utc_ms=UtcMs(10_000),
        ended_utc_ms=UtcMs(15_000),
        answers=(answer,),
    )
    (called,) = find_alarms(events, [judged], ParticipantId("p01"), [course])
    assert called.calls == Calls(people=(), cannot=(StaffId("tom"),))
    assert find_alarms(events, [], ParticipantId("p02")) == ()
    (running,) = find_alarms(events[:2], [], ParticipantId("p01"))
    assert running.ended_utc_ms is None


def stored(at_ms: int, *rr_ms: float) -> StoredReading:
    return StoredReading(
        utc_ms=UtcMs(at_ms),
        mono_ms=MonotonicMs(at_ms),
        received_utc_ms=UtcMs(at_ms),
        sensor=SensorId("s"),
        kind=ReadingKind.HR,
        run=RunId("r"),
        seq=at_ms,
        generation_mode=GenerationMode.TEST,
        late=False,
        quality=Quality.GOOD,
        reason=None,
        rr_ms=rr_ms,
    )


def test_odd_beats_are_a_share_and_no_beats_are_no_piece() -> None:
    pieces = measure_beats([stored(0, 800.0, 810.0), stored(1_000, 400.0, 805.0), stored(9_000)], bucket_ms=5_000)
    assert [(piece.utc_ms, piece.odd_pct) for piece in pieces] == [(0, 50.0)]


def record(path: Path, session: str, began: UtcMs, seconds: list[int]) -> None:
    """Write a heart rate for each of the seconds of the class, as ingest does."""
    worn = AssignedSensor(
        sensor=SensorId("s-strap1"), kind=SensorKind.STRAP, gateway=GatewayId("g1"), from_utc_ms=began
    )
    known = msgspec.structs.replace(
        roster(1, 120),
        session=SessionId(session),
        started_utc_ms=began,
        entries=(msgspec.structs.replace(roster(1, 120).entries[0], sensors=(worn,)),),
    )
    writer, batch = RecordWriter(path), Batch()
    batch.rosters.append(HeardRoster(known, began, final=False))
    batch.observed_offsets_ms["g1", RunId("run-g1")] = began
    for seq, second in enumerate(seconds):
        reading = HeartRateReading(
            run=RunId("run-g1"),
            sensor=SensorId("s-strap1"),
            seq=seq,
            mono_ms=MonotonicMs(1_000 * second),
            quality=Quality.GOOD,
            hr_bpm=90 + second % 7,
            rr_ms=(660.0,),
        )
        batch.readings.append(HeardReading("g1", reading, None, UtcMs(began + 1_000 * second), late=False))
    writer.store(batch, now_utc_ms=UtcMs(began + 1_000 * seconds[-1]))
    writer.close()


async def test_a_gap_in_the_record_is_a_gap_in_the_chart(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        started = await house.start_class(person(1))
        ago = UtcMs(started["started_utc_ms"] - 120_000)
        # Two minutes of the record lie before the class of this server's file: the chart begins with the class.
        record(tmp_path / "record.db", started["id"], ago, [*range(120), *range(121, 124)])
        whole = (await house.http.get(f"/api/v1/sessions/{started['id']}/participants/p01/chart")).json()
        assert whole["from_utc_ms"] <= started["started_utc_ms"] < whole["to_utc_ms"]
        assert whole["bucket_ms"] == BUCKET_MS_MIN
        assert len(whole["series"]["hr"]["mean"]) == len(whole["beats"])
        assert whole["series"]["spo2"]["mean"] == [None] * len(whole["beats"])
        assert [span["hr_upper"] for span in whole["limits"]] == [120]


def test_values_stand_in_their_pieces_and_a_hole_is_null(tmp_path: Path) -> None:
    began = UtcMs(1_800_000_000_000)
    record(tmp_path / "record.db", "s1", began, [*range(30), *range(50, 70)])
    with closing(RecordReader(tmp_path / "record.db")) as reader:
        axis = plan_axis(began, UtcMs(began + 70_000), minutes=None, points=600)
        body = read_chart(reader, SessionId("s1"), ParticipantId("p01"), axis)
    hr = body.series["hr"]
    heard = [value is not None for value in hr.mean]
    assert heard == [True] * 6 + [False] * 4 + [True] * 4 + [False]
    assert (hr.low[0], hr.high[0]) == (90, 94)
    assert body.beats[0] == 0
    assert body.beats[7] is None
    assert [(gap.kind, gap.to_utc_ms - gap.from_utc_ms) for gap in body.gaps] == [("hr", 21_000)]


async def test_nonsense_is_refused_and_a_missing_record_is_said(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        session = (await house.start_class(person(1)))["id"]
        path = f"/api/v1/sessions/{session}/participants"
        assert (await house.http.get(f"{path}/p99/chart")).status_code == 404
        assert (await house.http.get("/api/v1/sessions/none/participants/p01/chart")).status_code == 404
        assert (await house.http.get(f"{path}/p01/chart?points=5")).status_code == 422
        assert (await house.http.get(f"{path}/p01/chart?minutes=0")).status_code == 422
        missing = await house.http.get(f"{path}/p01/chart")
        assert missing.status_code == 503
        assert "detail" in missing.json()
