"""Laws of the flow without a server: when what is due, who is cleared, what the recovery watch still wants."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dashboard.classes import ClassBody, ParticipantBody, decode_class, plan_roster
from dashboard.clinic import Clinic, ClinicSession
from dashboard.flow.due import DueState, find_due
from dashboard.flow.plan import STOP_SIGNS, DueKind, DueRule, FlowPlan, RecoveryItem, decode_plan
from dashboard.flow.pre_check import ClearanceState, judge_clearance
from dashboard.flow.recovery import HeartFall, effort_ended, watch_recovery
from dashboard.flow.roll_call import TAPPED_MS, tapped, watch_touches
from dashboard.flow.story import Span, Story, follow_phases, tell_stories
from dashboard.flow_reader import FlowReader
from dashboard.practice import plan_practice
from ingest.store.batch import Batch, HeardReading
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from tests.dashboard.house import person
from tests.dashboard.words import hr
from vitals.entries import (
    BloodPressure,
    Entry,
    EntryBody,
    EntryId,
    Joined,
    PreChecked,
    PreCheckItem,
    Released,
    Rpe,
    Symptom,
    SymptomKind,
    SymptomsAsked,
)
from vitals.errors import InputError
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import GenerationMode, Phase, SessionId
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode

P01: Final = ParticipantId("p01")
RULE: Final = DueRule(kind=DueKind.RPE, phases=(Phase.TRAINING,), first_s=300, every_s=600)


def at(seconds: float) -> UtcMs:
    return UtcMs(1_000_000 + round(seconds * 1000))


def story(*told: tuple[float, EntryBody]) -> Story:
    entries = [
        Entry(
            id=EntryId(str(index)), session=SessionId("c1"), participant=P01, at_utc_ms=at(seconds), by="KB", body=body
        )
        for index, (seconds, body) in enumerate(told)
    ]
    return tell_stories(entries).get(P01, Story())


def span(phase: Phase, since_s: float) -> Span:
    return Span(phase=phase, from_utc_ms=at(since_s), station_utc_ms=at(since_s))


def due_at(seconds: float, told: Story, *, rule: DueRule = RULE, phase: Phase = Phase.TRAINING) -> list[DueState]:
    found = find_due([rule], told, span(phase, 0), has_oximeter=False, grace_s=120, now_utc_ms=at(seconds))
    return [item.state for item in found]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, DueState.LATER), (299.9, DueState.LATER), (300, DueState.DUE), (419.9, DueState.DUE), (420, DueState.OVERDUE)],
)
def test_a_rating_is_due_after_its_time_and_overdue_after_the_grace(seconds: float, state: DueState) -> None:
    assert due_at(seconds, story()) == [state]


def test_a_rating_that_was_given_is_due_again_after_its_interval() -> None:
    given_once = story((310, Rpe(rpe_borg=13)))
    assert due_at(909.9, given_once) == [DueState.LATER]
    assert due_at(910, given_once) == [DueState.DUE]
    assert due_at(910, given_once, rule=replace(RULE, every_s=None)) == []


def test_nothing_is_due_outside_its_phase_nor_without_what_it_needs() -> None:
    assert due_at(10_000, story(), phase=Phase.REST) == []
    assert due_at(10_000, story(), rule=replace(RULE, with_oximeter=True)) == []
    assert find_due([RULE], story(), None, has_oximeter=False, grace_s=120, now_utc_ms=at(0)) == ()


@given(st.lists(st.floats(0, 5_000), max_size=6), st.floats(0, 6_000))
def test_what_was_just_entered_is_never_due(times: list[float], now: float) -> None:
    told = story(*((seconds, Rpe(rpe_borg=13)) for seconds in sorted(times) if seconds <= now), (now, Rpe(rpe_borg=9)))
    assert due_at(now, told) == [DueState.LATER]


def test_another_machine_is_another_station() -> None:
    body = ClassBody(name="C", participants=(ParticipantBody(**person(1, machine="m-1")),), phase=Phase.TRAINING)
    first = plan_roster(body, session=SessionId("c1"), room="r", mode=GenerationMode.TEST, now_utc_ms=at(0))
    (entry,) = first.entries
    moved = replace(
        first,
        version=2,
        entries=(
            replace(
                entry,
                sensors=tuple(
                    replace(one, sensor=SensorId("m-2")) if one.kind is SensorKind.MACHINE else one
                    for one in entry.sensors
                ),
            ),
        ),
    )
    spans = follow_phases({}, [(at(0), first), (at(60), replace(first, version=2)), (at(600), moved)])[P01]
    assert [(one.phase, one.from_utc_ms, one.station_utc_ms) for one in spans] == [(Phase.TRAINING, at(0), at(600))]


def test_who_has_not_been_checked_is_not_cleared_and_a_stop_sign_takes_it_back() -> None:
    came = (0.0, Joined())
    checked = (10.0, PreChecked())
    assert judge_clearance(story(came)).state is ClearanceState.NOT_CLEARED
    assert judge_clearance(story(came, checked)).state is ClearanceState.CLEARED
    let_be = PreChecked(missing=(PreCheckItem.WEIGHT,), why="no scale")
    assert judge_clearance(story(came, (10.0, let_be))).state is ClearanceState.LET_BE
    for sign in SymptomKind:
        stopped = judge_clearance(story(came, checked, (20.0, Symptom(symptom=sign))))
        assert stopped.is_cleared == (sign not in STOP_SIGNS)
    again = story(came, checked, (20.0, Symptom(symptom=SymptomKind.ANGINA)), (30.0, let_be))
    assert judge_clearance(again).state is ClearanceState.LET_BE


def test_who_comes_back_is_checked_again() -> None:
    told = story((0.0, Joined()), (10.0, PreChecked()), (20.0, Released()), (30.0, Joined()))
    assert told.joined is not None
    assert told.joined.at_utc_ms == at(30)
    assert judge_clearance(told).state is ClearanceState.NOT_CLEARED
    assert told.since_utc_ms(at(0)) == at(20) + 1


def test_being_noted_twice_as_here_is_being_here_once() -> None:
    told = story((0.0, Joined()), (10.0, PreChecked()), (20.0, Joined()))
    assert judge_clearance(told).state is ClearanceState.CLEARED


NEEDS: Final = tuple(RecoveryItem)
EXERCISED: Final = (span(Phase.REST, 0), span(Phase.TRAINING, 60), span(Phase.RECOVERY, 600))


def missing(told: Story, spans: tuple[Span, ...] = EXERCISED, heart: HeartFall | None = None) -> set[RecoveryItem]:
    return set(watch_recovery(NEEDS, told, spans, heart or HeartFall()).missing)


def test_the_watch_wants_what_was_seen_to_after_the_effort_and_nothing_from_before() -> None:
    early = story(
        (0.0, Joined()), (300.0, BloodPressure(systolic_mmhg=120, diastolic_mmhg=80)), (310.0, SymptomsAsked())
    )
    assert missing(early) == set(NEEDS)
    late = story(
        (0.0, Joined()), (700.0, BloodPressure(systolic_mmhg=120, diastolic_mmhg=80)), (710.0, SymptomsAsked())
    )
    assert missing(late) == {RecoveryItem.HEART}
    assert missing(late, heart=HeartFall(after_1_min_bpm=18.0)) == set()


def test_who_did_not_exercise_needs_no_watch() -> None:
    assert not watch_recovery(NEEDS, story((0.0, Joined())), EXERCISED[:1], HeartFall()).is_needed
    assert not watch_recovery(NEEDS, story(), EXERCISED, HeartFall()).is_needed
    # The class trained before this one came.
    assert not watch_recovery(NEEDS, story((650.0, Joined())), EXERCISED, HeartFall()).is_needed


def test_a_stop_sign_ends_the_effort_while_the_class_goes_on() -> None:
    told = story((0.0, Joined()), (400.0, Symptom(symptom=SymptomKind.PALLOR)))
    assert effort_ended(EXERCISED[:2], told, joined_utc_ms=at(0)) == (True, at(400))
    assert effort_ended(EXERCISED[:2], story((0.0, Joined())), joined_utc_ms=at(0)) == (True, None)
    assert RecoveryItem.SYMPTOMS in missing(told, EXERCISED[:2])


def test_a_strap_that_begins_to_have_contact_was_touched_and_one_that_always_had_was_not() -> None:
    one, other = SensorId("a"), SensorId("b")
    seen = watch_touches({}, {one: False, other: True}, now_ms=MonotonicMs(0))
    seen = watch_touches(seen, {one: True, other: True}, now_ms=MonotonicMs(1_000))
    assert tapped(seen, now_ms=MonotonicMs(2_000)) == (one,)
    assert tapped(seen, now_ms=MonotonicMs(1_001 + TAPPED_MS)) == ()
    seen = watch_touches(seen, {other: False}, now_ms=MonotonicMs(3_000))
    assert set(seen) == {other}


@pytest.mark.parametrize("text", ["grace_s = 1", "unknown = 1", 'recovery = ["soul"]', "= ="])
def test_a_plan_that_nobody_can_follow_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError, match=r"flow\.toml"):
        decode_plan(text.encode(), place="flow.toml")
    assert decode_plan(b"", place="flow.toml") == FlowPlan()


def test_practice_gives_each_free_sensor_to_one_player() -> None:
    free = [
        (SensorId(name), kind, GatewayId("g1"))
        for name, kind in (("s1", SensorKind.STRAP), ("o1", SensorKind.OXIMETER), ("s2", SensorKind.STRAP))
    ]
    body = plan_practice(name="Practice", players=3, sensors=free, room="r")
    assert [(one.strap, one.oximeter) for one in body.participants] == [("s1", "o1"), ("s2", None), (None, None)]
    assert body.generation_mode is GenerationMode.TEST


async def test_the_fall_of_the_heart_is_measured_from_the_record(tmp_path: Path) -> None:
    """120 bpm to the end of training, then 2 bpm less each 5 s: 24 after one minute, 48 after two."""
    body = decode_class(
        encode({"name": "C", "participants": [person(1)], "phase": "training"}), is_toml=False, place="body"
    )
    roster = plan_roster(body, session=SessionId("c1"), room="r", mode=GenerationMode.TEST, now_utc_ms=at(0))
    clinic = Clinic(tmp_path / "clinic.db")
    session = ClinicSession(name="C", roster=roster, aliases={P01: "1"}, phase_since_utc_ms=at(0))
    clinic.add(session, body)
    ended = replace(session, roster=replace(roster, version=2, phase=Phase.RECOVERY))
    clinic.change(ended, utc_ms=at(200))
    writer, batch = RecordWriter(tmp_path / "record.db"), Batch()
    for second in range(340):
        bpm = 120 if second <= 200 else 120 - 2 * ((second - 200) // 5)
        reading = hr(bpm, seq=second, mono_ms=second * 1_000).body
        batch.observed_offsets_ms["g1", reading.run] = at(0)
        batch.readings.append(HeardReading("g1", reading, b"\x00", at(second), late=False))
    writer.store(batch, now_utc_ms=at(341))
    reader = RecordReader(tmp_path / "record.db")
    flow = FlowReader(reader=reader, clinic=clinic)
    came = story((0.0, Joined())).entries

    early = await flow.tell(ended, came, now_utc_ms=at(230))
    told = await flow.tell(ended, came, now_utc_ms=at(340))
    writer.close()
    reader.close()
    clinic.close()

    assert early.hearts == {}
    heart = told.hearts[P01]
    assert (heart.peak_bpm, heart.after_1_min_bpm, heart.after_2_min_bpm) == (120, 24, 48)
