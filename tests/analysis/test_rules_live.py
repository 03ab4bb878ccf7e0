"""The rules beyond the plain limits: shapes, phases, sensors, gateways; worked scenarios on virtual time, in s."""

import pytest
from msgspec.structs import replace

from tests.analysis.people import BASE_MS, LIMITS, entry, roster
from tests.analysis.scenario import Scenario
from vitals.alarms import AlarmState, Change, Family, Operator, Priority, RuleId, Signal, alarm_text
from vitals.explanations import explain
from vitals.participants import LimitReason
from vitals.parts import Part
from vitals.passport import Agreement, Doubt, Freshness
from vitals.readings import Quality, Reason
from vitals.sessions import Phase, ResolvedLimit

STRAP = "s-p01-hr"
CRIT = ResolvedLimit(rule=RuleId.HR_CRIT, value=130.0, reason=LimitReason.UPPER_PLUS_10)
DEVICE = ResolvedLimit(rule=RuleId.HR_CRIT, value=130.0, reason=LimitReason.DEVICE_RATE_MINUS_10, op=Operator.AT_LEAST)
ZONE = (
    ResolvedLimit(rule=RuleId.ZONE_HIGH, value=110.0, reason=LimitReason.ZONE_TOP),
    ResolvedLimit(rule=RuleId.ZONE_LOW, value=90.0, reason=LimitReason.ZONE_BOTTOM),
)
FALL = ResolvedLimit(rule=RuleId.SPO2_FALL, value=92.0, reason=LimitReason.BASELINE_MINUS_4)


def one(*limits: ResolvedLimit, phase: Phase | None = None, machine: bool = False, oximeter: bool = False) -> Scenario:
    person = entry("p01", limits=(*LIMITS, *limits), oximeter=oximeter, machine=machine, phase=phase)
    return Scenario(person)


def beat(s: Scenario, first_s: int, last_s: int, hr_bpm: float, *, name: str = "p01") -> Scenario:
    for second in range(first_s, last_s + 1):
        s.at(second).strap(name).beats(hr_bpm)
    return s


def go(s: Scenario, phase: Phase, *, version: int, limits: tuple[ResolvedLimit, ...] = LIMITS, **worn: bool) -> None:
    s.tell(roster(entry("p01", limits=limits, phase=phase, oximeter=worn.get("oximeter", False)), version=version))


def test_a_critical_rate_is_told_instead_of_a_high_one_and_the_record_has_both() -> None:
    s = one(CRIT).play(0, 20, 135)
    assert s.want(Change.RAISED, RuleId.HR_CRIT, between=(5, 5)).alarm.priority is Priority.HIGH
    assert s.want(Change.RAISED, RuleId.HR_OVER, between=(10, 10)).alarm.inhibited_by is RuleId.HR_CRIT
    s.play(21, 40, 124)
    assert s.alarm(RuleId.HR_CRIT).signal is Signal.LATCHED
    assert s.alarm(RuleId.HR_OVER).inhibited_by is None


@pytest.mark.parametrize(("limit", "raised"), [(CRIT, []), (DEVICE, [(5, Change.RAISED)])])
def test_a_defibrillators_rate_is_met_and_not_passed(limit: ResolvedLimit, raised: list[tuple[float, Change]]) -> None:
    assert one(limit).play(0, 20, 130).changes(RuleId.HR_CRIT) == raised


def test_a_fall_of_30_bpm_in_exercise_is_told_when_it_has_lasted() -> None:
    s = beat(beat(one(), 0, 20, 118), 21, 24, 88)
    assert not s.changes(RuleId.HR_DROP)
    beat(s, 25, 30, 88)
    alarm = s.want(Change.RAISED, RuleId.HR_DROP, between=(26, 26)).alarm
    assert (alarm.value, alarm.limit, alarm.limit_reason) == (30, 30, LimitReason.RULE_SET)
    assert alarm_text(alarm) == "HR fell by 30"
    beat(s, 31, 70, 88)
    assert [change for _, change in s.changes(RuleId.HR_DROP)] == [Change.RAISED, Change.CLEARED]


@pytest.mark.parametrize("low", [89, 95])
def test_a_smaller_fall_is_none(low: int) -> None:
    assert not beat(beat(one(), 0, 20, 118), 21, 60, low).changes(RuleId.HR_DROP)


def test_a_fall_that_nothing_proves_may_be_the_strap() -> None:
    assert not one().play(0, 20, 118).play(21, 60, 85).changes(RuleId.HR_DROP)


def test_a_fall_across_a_hole_is_none() -> None:
    s = beat(one(), 0, 20, 118)
    assert not beat(s, 27, 60, 85).changes(RuleId.HR_DROP)


@pytest.mark.parametrize("phase", [Phase.COOL_DOWN, Phase.RECOVERY, Phase.REST])
def test_a_heart_may_fall_when_work_is_over(phase: Phase) -> None:
    s = beat(beat(one(phase=phase), 0, 20, 118), 21, 60, 85)
    assert not s.changes(RuleId.HR_DROP)


def test_an_alarm_ends_with_its_phase_and_is_not_judged_in_the_next() -> None:
    s = beat(beat(one(), 0, 20, 118), 21, 30, 85)
    assert s.alarm(RuleId.HR_DROP).signal is Signal.ON
    go(s, Phase.COOL_DOWN, version=2)
    s.want(Change.CLEARED, RuleId.HR_DROP, between=(30, 30))
    beat(s, 31, 40, 85)
    assert "p01/HR_DROP" not in s.retained


def test_a_slow_heart_at_rest_is_looked_at_later_and_less_loudly() -> None:
    s = one(phase=Phase.REST).play(0, 15, 38)
    assert not s.changes(RuleId.HR_LOW)
    s.play(16, 25, 38)
    assert s.want(Change.RAISED, RuleId.HR_LOW, between=(20, 20)).alarm.priority is Priority.MEDIUM
    s.acknowledge(RuleId.HR_LOW)
    go(s, Phase.TRAINING, version=2)
    raised = s.want(Change.PRIORITY_RAISED, RuleId.HR_LOW, between=(25, 25)).alarm
    assert (raised.priority, raised.signal) == (Priority.HIGH, Signal.ON)


def test_a_hold_of_ones_own_is_used_and_told() -> None:
    own = replace(LIMITS[0], hold_s=4.0)
    s = Scenario(entry("p01", limits=(own, *LIMITS[1:]), oximeter=False)).play(0, 10, 125)
    assert s.want(Change.RAISED, RuleId.HR_OVER, between=(4, 4)).alarm.hold_s == 4


def test_the_zone_is_noted_in_training_alone() -> None:
    s = one(*ZONE, phase=Phase.WARM_UP).play(0, 70, 80)
    assert not s.log
    go(s, Phase.TRAINING, version=2, limits=(*LIMITS, *ZONE))
    s.play(71, 135, 80)
    low = s.want(Change.RAISED, RuleId.ZONE_LOW, between=(131, 131)).alarm
    assert (low.priority, low.family) == (Priority.INFO, Family.PHYSIOLOGICAL)
    s.play(136, 150, 92).play(151, 190, 115)
    assert s.want(Change.RAISED, RuleId.ZONE_HIGH, between=(181, 181)).alarm.priority is Priority.LOW


def test_what_is_only_noted_breaks_no_audio_pause() -> None:
    s = one(*ZONE).play(0, 30, 80)
    s.pause(120)
    s.play(31, 80, 80)
    assert s.alarm(RuleId.ZONE_LOW).signal is Signal.ON
    assert s.audio[-1].paused_until_mono_ms is not None


def test_a_fall_of_4_points_from_rest_is_told_quietly_after_30_s() -> None:
    s = one(FALL, oximeter=True).play(0, 1, 90)
    for second in range(2, 40):
        s.at(second).strap("p01").hr(90).oximeter("p01").spo2(92)
    alarm = s.want(Change.RAISED, RuleId.SPO2_FALL, between=(32, 32)).alarm
    assert (alarm.priority, alarm.op) == (Priority.LOW, Operator.AT_MOST)


@pytest.mark.parametrize(("gain_bpm", "raised"), [(1, True), (12, False)])
def test_a_heart_that_does_not_follow_rising_work_is_told(gain_bpm: int, raised: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    s = one(machine=True)
    for second in range(260):
        s.at(second).machine("p01").work(3.0 if second < 90 else 5.0)
        s.strap("p01").beats(90 if second < 90 else 90 + gain_bpm)
    # It ends when the work has stood still for the window: a plateau at constant work is none.
    changes = [said.change for said in s.log if said.alarm.rule is RuleId.HR_NOT_RISING]
    assert changes == ([Change.RAISED, Change.CLEARED] if raised else [])
    assert all(said.alarm.priority is Priority.LOW for said in s.log)


def test_without_a_machine_nobody_asks_for_a_rise() -> None:
    assert not beat(one(), 0, 260, 90).changes(RuleId.HR_NOT_RISING)


def test_a_heart_that_stays_up_in_recovery_is_told_after_two_minutes() -> None:
    s = beat(one(), 0, 30, 118)
    go(s, Phase.RECOVERY, version=2)
    beat(s, 31, 160, 112)
    assert not s.changes(RuleId.HR_NOT_RECOVERING)
    beat(s, 161, 170, 112)
    alarm = s.want(Change.RAISED, RuleId.HR_NOT_RECOVERING, between=(165, 165))
    assert alarm.alarm.value == 6
    beat(s, 171, 200, 90)
    s.want(Change.CLEARED, RuleId.HR_NOT_RECOVERING, between=(180, 190))


@pytest.mark.parametrize(("hr_bpm", "later_bpm"), [(118, 100), (75, 74)])
def test_who_recovers_or_had_nothing_to_recover_from_is_not_told(hr_bpm: int, later_bpm: int) -> None:
    s = beat(one(), 0, 30, hr_bpm)
    go(s, Phase.RECOVERY, version=2)
    beat(s, 31, 200, later_bpm)
    assert not s.changes(RuleId.HR_NOT_RECOVERING)


@pytest.mark.parametrize("second", [12, 13])
def test_a_spike_is_no_evidence_and_a_jump_counts_from_its_beginning(second: int) -> None:
    s = Scenario().play(0, second - 1, 90)
    s.at(second).strap("p01").hr(150)
    s.play(second + 1, 39, 90)
    assert not s.log
    s.play(40, 60, 150)
    assert s.want(Change.RAISED, RuleId.HR_OVER, between=(50, 50)).alarm.breach_mono_ms == BASE_MS + 40_000


def test_strap_and_oximeter_that_disagree_are_a_technical_alarm() -> None:
    s = Scenario(oximeter=True)
    for second in range(60):
        s.at(second).strap("p01").beats(110)
        s.oximeter("p01").spo2(96, pulse_bpm=108 if second < 20 else 80)
    alarm = s.want(Change.RAISED, RuleId.DISAGREE, between=(38, 52)).alarm
    assert (alarm.family, alarm.subject, alarm.priority) == (Family.TECHNICAL, "p01", Priority.LOW)
    (derived,) = s.engine.derive(s.now_ms)
    assert derived.spo2 is not None
    assert (derived.spo2.agreement, derived.spo2.doubts) == (Agreement.DISAGREE, (Doubt.DISAGREE,))
    for second in range(60, 110):
        s.at(second).strap("p01").beats(110).oximeter("p01").spo2(96, pulse_bpm=110)
    assert [change for _, change in s.changes(RuleId.DISAGREE)] == [Change.RAISED, Change.CLEARED]


def test_a_strap_that_nobody_wears_is_a_ghost_and_not_a_heart() -> None:
    s = beat(Scenario(), 0, 5, 70)
    for second in range(6, 60):
        s.at(second).strap("p01").hr(130)
    assert s.want(Change.RAISED, RuleId.GHOST, between=(34, 40), subject=STRAP).alarm.family is Family.TECHNICAL
    assert not s.changes(RuleId.QUESTIONABLE)
    beat(s, 60, 75, 72)
    assert s.changes(RuleId.GHOST)[-1][1] is Change.CLEARED


def test_swapped_straps_are_told_with_whose_it_seems_to_be() -> None:
    s = Scenario(entry("p01"), entry("p02", seat=2))
    for second in range(420):
        one_bpm, other_bpm = 90 + (second // 6) % 30, 125 - (second // 6) % 30
        s.at(second).strap("p01").beats(one_bpm).strap("p02").beats(other_bpm)
        s.oximeter("p01").spo2(96, pulse_bpm=other_bpm).oximeter("p02").spo2(96, pulse_bpm=one_bpm)
    raised = [said.alarm for said in s.log if said.alarm.rule is RuleId.SWAPPED and said.change is Change.RAISED]
    assert {(alarm.subject, alarm.detail) for alarm in raised} == {("p01", "p02"), ("p02", "p01")}
    assert all(alarm.priority is Priority.MEDIUM for alarm in raised)
    s.tell(roster(entry("p01", strap="s-p02-hr"), entry("p02", seat=2, strap="s-p01-hr"), version=2))
    assert s.changes(RuleId.SWAPPED)[-1][1] is Change.CLEARED


@pytest.mark.parametrize("by_gateway", [True, False])
def test_a_low_battery_is_told_once_by_whoever_knows_it(by_gateway: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    s = Scenario().play(0, 3, 90)
    for second, battery_pct in enumerate((40, 11, 10, 9, 15, 19, 20), start=4):
        if by_gateway:
            s.tells(STRAP, battery_pct=battery_pct)
        else:
            s.at(second).strap("p01").battery(battery_pct)
        s.play(second, second, 90)
    alarms = [said.alarm for said in s.log]
    assert [(said.change, said.at_s) for said in s.log] == [(Change.RAISED, 6), (Change.CLEARED, 10)]
    assert (alarms[0].rule, alarms[0].subject, alarm_text(alarms[0])) == (
        RuleId.BATTERY_LOW,
        STRAP,
        "Strap battery 10 %",
    )


def test_sensors_that_wait_for_a_radio_are_one_alarm_of_their_gateway() -> None:
    s = Scenario(entry("p01", oximeter=False), entry("p02", seat=2, oximeter=False)).tells(STRAP, waits=True)
    s.tells("s-nobody", waits=True)
    s.play(0, 30, 90, name="p02")
    alarm = s.want(Change.RAISED, RuleId.OUT_OF_SLOTS, between=(20, 22)).alarm
    assert (alarm.subject, alarm.value, alarm.priority) == ("g1", 1, Priority.MEDIUM)
    assert alarm_text(alarm) == "Gateway g1: 1 wait for a radio"
    s.tells(STRAP).play(31, 40, 90, name="p02")
    assert s.changes(RuleId.OUT_OF_SLOTS)[-1][1] is Change.CLEARED


def test_a_gateway_whose_clock_is_off_is_told_and_one_that_is_back_is_not() -> None:
    s = Scenario().play(0, 5, 90)
    s.utc_off_ms = 60_000
    s.play(6, 30, 90)
    assert s.want(Change.RAISED, RuleId.CLOCK, between=(16, 17)).alarm.value == 60
    s.utc_off_ms = -500
    s.play(31, 40, 90)
    assert s.changes(RuleId.CLOCK)[-1][1] is Change.CLEARED


def test_alarms_of_a_gateway_end_when_it_carries_nobody() -> None:
    s = Scenario().tells(STRAP, waits=True).play(0, 30, 90)
    assert "g1/OUT_OF_SLOTS" in s.retained
    s.clear().at(32)
    assert not s.retained


def test_questionable_values_weigh_more_while_an_alarm_is_on() -> None:
    s = Scenario().play(0, 12, 130)
    for second in range(13, 60):
        s.at(second).strap("p01").hr(130, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
    assert s.want(Change.RAISED, RuleId.QUESTIONABLE, between=(42, 43)).alarm.priority is Priority.MEDIUM
    assert s.alarm(RuleId.HR_OVER).source_lost


def test_a_trend_is_told_before_the_limit_and_raises_nothing() -> None:
    s = Scenario()
    for second in range(40):
        s.at(second).strap("p01").beats(80 + second * 0.6)
    (derived,) = s.engine.derive(s.now_ms)
    assert derived.hr_slope_bpm_per_min is not None
    assert 30 <= derived.hr_slope_bpm_per_min <= 42
    assert derived.hr_limit_in_s is not None
    assert 20 <= derived.hr_limit_in_s <= 35
    assert not s.log


@pytest.mark.parametrize(
    ("works", "rates", "phase"),
    [
        ([1.0] * 150, [64] * 150, Phase.REST),
        ([3.0] * 150, [80 + s * 0.1 for s in range(150)], Phase.WARM_UP),
        ([5.0] * 150, [120.0] * 150, Phase.TRAINING),
        ([5.0] * 150 + [1.0] * 80, [125.0] * 150 + [110.0 - s * 0.2 for s in range(80)], Phase.RECOVERY),
        ([None] * 150, [120.0] * 150, Phase.TRAINING),
        ([None] * 240, [130.0] * 120 + [95.0 - s * 0.1 for s in range(120)], Phase.RECOVERY),
    ],
)
def test_a_phase_is_proposed_and_switches_nothing(works: list[float | None], rates: list[float], phase: Phase) -> None:
    s = one(machine=True, phase=Phase.TRAINING)
    for second, (met, rate) in enumerate(zip(works, rates, strict=True)):
        s.at(second).strap("p01").beats(rate)
        if met is not None:
            s.machine("p01").work(met)
    (derived,) = s.engine.derive(s.now_ms)
    assert derived.phase_proposed is phase
    assert s.engine.state.people[next(iter(s.engine.state.people))].phase is Phase.TRAINING


def test_every_alarm_quotes_its_signal_its_hold_and_its_rules() -> None:
    s = Scenario(oximeter=True)
    for second in range(20):
        s.at(second).strap("p01").beats(125).oximeter("p01").spo2(96, pulse_bpm=124)
    alarm = s.alarm(RuleId.HR_OVER)
    assert alarm.passport is not None
    assert (alarm.passport.quality, alarm.passport.freshness) == (Quality.GOOD, Freshness.FRESH)
    assert alarm.passport.agreement is Agreement.AGREE
    assert (alarm.hold_s, alarm.rules) == (10, s.engine.book.hash)
    line = explain(alarm)
    assert line.startswith("HR 125 > 120 bpm for 10 s. Limit 120: prescribed. Signal: good")
    assert "strap and oximeter agree" in line


def every_alarm() -> list[AlarmState]:
    plain = Scenario().play(0, 12, 130).alarm(RuleId.HR_OVER)
    return [replace(plain, rule=rule, limit_reason=reason) for rule in RuleId for reason in LimitReason]


def test_every_rule_and_every_reason_has_words() -> None:
    for alarm in every_alarm():
        assert alarm_text(alarm).strip()
        line = explain(alarm)
        assert line.endswith(".")
        assert "\n" not in line
        assert "_" not in line


def test_parts_that_are_lost_still_end_with_their_heartbeat() -> None:
    s = Scenario().returns(Part.INGEST, "1").at(5).dies(Part.INGEST, "1").at(20).returns(Part.INGEST, "1")
    assert [change for _, change in s.changes(RuleId.STORE_LOST)] == [Change.RAISED, Change.CLEARED]
