"""Laws of the engine, over classes that chance makes up."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.core import condition
from analysis.core.engine import Engine
from analysis.core.events import AlarmEventRaised, AlarmStateChanged, Effect
from analysis.core.memory import decode_state, encode_state, rebase
from analysis.core.rules import Rule
from analysis.rule_set import DEFAULT
from tests.analysis.made_up import GAPS_S, HR, STEPS, play
from tests.analysis.scenario import UNGATED, Scenario, reborn
from vitals.alarms import Change, Family, RuleId, Signal
from vitals.errors import StorageError
from vitals.units import MonotonicMs

# Hundreds of whole histories for each law.
pytestmark = pytest.mark.timeout(120)

VITAL_RULES = DEFAULT.about_people()


@given(STEPS)
def test_a_restart_before_every_event_leaves_the_history_unchanged(steps: list[tuple[str, float, float]]) -> None:
    through = play(Scenario(oximeter=True), steps)
    killed = play(Scenario(oximeter=True, before=reborn), steps)
    assert killed.effects == through.effects
    assert killed.engine.state == through.engine.state


@given(STEPS, st.integers(-1_000_000, 10_000_000))
def test_another_monotonic_clock_after_a_reboot_changes_nothing_else(
    steps: list[tuple[str, float, float]], by_ms: int
) -> None:
    state = play(Scenario(oximeter=True), steps).engine.state
    there = rebase(decode_state(encode_state(state)), by_ms=by_ms)
    back = rebase(there, by_ms=-by_ms)
    assert back == state
    for key, alarm in state.alarms.items():
        assert there.alarms[key].onset_mono_ms == alarm.onset_mono_ms + by_ms
        assert there.alarms[key].onset_utc_ms == alarm.onset_utc_ms
        assert there.alarms[key].alarm_id == alarm.alarm_id


@given(STEPS)
def test_silence_ends_no_alarm_about_a_person(steps: list[tuple[str, float, float]]) -> None:
    scenario = play(Scenario(oximeter=True), steps)
    before = {
        key: alarm.alarm_id
        for key, alarm in scenario.retained.items()
        if alarm.family is Family.PHYSIOLOGICAL and alarm.signal is not Signal.LATCHED
    }
    said = len(scenario.log)
    scenario.at(round(scenario.now_s + 120, 3))
    assert {key: scenario.retained[key].alarm_id for key in before} == before
    physiological = [one for one in scenario.log[said:] if one.alarm.family is Family.PHYSIOLOGICAL]
    assert {one.change for one in physiological} <= {Change.SOURCE_LOST, Change.FOUND_AFTERWARDS}


@given(STEPS)
def test_an_acknowledged_alarm_is_on_again_only_when_it_has_begun_again_or_weighs_more(
    steps: list[tuple[str, float, float]],
) -> None:
    scenario = play(Scenario(oximeter=True), steps)
    taken: set[str] = set()
    for said in scenario.log:
        alarm = said.alarm
        if said.change is Change.ACKNOWLEDGED:
            taken.add(alarm.alarm_id)
        elif alarm.alarm_id in taken and alarm.signal is Signal.ON:
            assert said.change in {Change.RETRIGGERED, Change.PRIORITY_RAISED}
            taken.discard(alarm.alarm_id)


@given(STEPS)
def test_only_who_was_not_seen_latches(steps: list[tuple[str, float, float]]) -> None:
    for said in play(Scenario(oximeter=True), steps).log:
        if said.change is Change.LATCHED:
            assert said.alarm.acknowledged is None
            assert VITAL_RULES[said.alarm.rule].latch


@given(STEPS)
def test_what_is_retained_is_what_is_on_and_every_change_counts_up(steps: list[tuple[str, float, float]]) -> None:
    scenario = play(Scenario(oximeter=True), steps)
    assert scenario.retained == scenario.engine.state.alarms
    revisions: dict[str, int] = {}
    for effect in scenario.effects:
        if isinstance(effect, AlarmStateChanged):
            alarm = effect.alarm
            assert alarm.revision == revisions.get(alarm.alarm_id, 0) + 1
            revisions[alarm.alarm_id] = alarm.revision
            assert (alarm.signal is Signal.ACKNOWLEDGED) <= (alarm.acknowledged is not None)


@given(STEPS)
@example([("off", 0.5, 0), ("battery", 0.5, 5), ("waits", 0.5, False), ("battery", 0.5, 5)])
def test_every_alarm_id_is_raised_once_and_ended_once_at_most(steps: list[tuple[str, float, float]]) -> None:
    log = play(Scenario(oximeter=True), steps).log
    raised = [said.alarm.alarm_id for said in log if said.change is Change.RAISED]
    over = [
        said.alarm.alarm_id for said in log if said.change in {Change.CLEARED, Change.RESOLVED, Change.SESSION_ENDED}
    ]
    assert len(set(raised)) == len(raised)
    assert len(set(over)) == len(over)
    assert set(over) <= set(raised)


SAMPLES = st.lists(
    st.tuples(GAPS_S, HR, st.integers(1, 12)).map(lambda run: [(run[0], run[1])] + [(1.0, run[1])] * (run[2] - 1)),
    max_size=20,
).map(lambda runs: [sample for run in runs for sample in run])
"""Stretches of one rate, with a gap before each."""


@given(SAMPLES)
def test_an_alarm_is_raised_exactly_when_a_hold_is_full_and_gapless(samples: list[tuple[float, int]]) -> None:
    """Against a second telling of the rule, which looks back over all samples at each one."""
    scenario, at_s = Scenario(rules=UNGATED), 0.0
    heard: list[tuple[float, float]] = []
    raised_at: list[float] = []
    stands = False
    for gap_s, value in samples:
        at_s = round(at_s + gap_s, 3)
        heard.append((at_s, value))
        if not stands and holds(heard, since_s=cleared_before(raised_at, scenario)):
            stands = True
            raised_at.append(at_s)
        scenario.at(at_s).strap("p01").hr(value)
        if stands and "p01/HR_OVER" not in scenario.retained:
            assert clears(heard), "ended without a full clear time of good values"
            stands = False
    assert [at for at, change in scenario.changes(RuleId.HR_OVER) if change is Change.RAISED] == raised_at


def cleared_before(raised_at: list[float], scenario: Scenario) -> float:
    """Return when the last alarm ended; evidence before is spent."""
    ended = [at for at, change in scenario.changes(RuleId.HR_OVER) if change is Change.CLEARED]
    return ended[-1] if raised_at and ended else -1.0


def holds(heard: list[tuple[float, float]], *, since_s: float) -> bool:
    """Return whether the newest samples are a gapless breach of 10 s."""
    last_s = heard[-1][0]
    for at_s, value in reversed(heard):
        if value <= 120 or round(last_s - at_s, 3) > 5 or at_s <= since_s:
            return False
        if round(heard[-1][0] - at_s, 3) >= 10:
            return True
        last_s = at_s
    return False


def clears(heard: list[tuple[float, float]]) -> bool:
    """Return whether the newest samples are a gapless stretch of 5 s, 3 bpm or more below the limit."""
    last_s = heard[-1][0]
    for at_s, value in reversed(heard):
        if value > 117 or round(last_s - at_s, 3) > 5:
            return False
        if round(heard[-1][0] - at_s, 3) >= 5:
            return True
        last_s = at_s
    return False


@given(st.sampled_from(list(VITAL_RULES.values())), SAMPLES)
def test_no_condition_begins_or_ends_without_its_time(rule: Rule, samples: list[tuple[float, float]]) -> None:
    state, at_ms, began_ms, safe_ms = condition.IDLE, 0, None, None
    limit = 120.0 if rule.op in condition.UPWARD else 40.0
    for gap_s, value in samples:
        at_ms += int(gap_s * 1000)
        before = state
        state = condition.step(state, rule, limit=limit, value=value, at_ms=MonotonicMs(at_ms))
        excess = value - limit if rule.op in condition.UPWARD else limit - value
        began_ms = (at_ms if began_ms is None else began_ms) if condition.is_beyond(excess, rule) else None
        safe_ms = (at_ms if safe_ms is None else safe_ms) if excess <= -rule.clear_margin else None
        if condition.stands(state) and not condition.stands(before):
            assert began_ms is not None
            assert at_ms - began_ms >= min(leg.hold_s for leg in rule.legs) * 1000
        if condition.stands(before) and not condition.stands(state):
            assert safe_ms is not None
            assert at_ms - safe_ms >= rule.clear_s * 1000


@given(SAMPLES, st.data())
def test_readings_heard_twice_say_nothing_new(samples: list[tuple[float, int]], data: st.DataObject) -> None:
    once, twice, at_s = Scenario(rules=UNGATED), Scenario(rules=UNGATED), 0.0
    for number, (gap_s, value) in enumerate(samples):
        at_s = round(at_s + gap_s, 3)
        once.at(at_s).strap("p01").hr(value, seq=number)
        twice.at(at_s).strap("p01").hr(value, seq=number)
        again = data.draw(st.integers(0, number))
        twice.strap("p01").hr(200, seq=again)
    assert spoken(twice.effects) == spoken(once.effects)


@given(st.permutations(range(9)))
def test_the_order_of_arrival_of_young_readings_does_not_matter(order: list[int]) -> None:
    scenario = Scenario().play(0, 4, 130).at(13.5)
    for place in order:
        scenario.strap("p01").hr(130, seq=5 + place, of_s=5 + place)
    assert [change for _, change in scenario.changes(RuleId.HR_OVER)] == [Change.RAISED]
    said = scenario.log[-1].alarm
    assert said.breach_mono_ms == scenario.now_ms - 13_500


def spoken(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, AlarmEventRaised | AlarmStateChanged)]


@pytest.mark.parametrize("cut", [slice(0, -5), slice(0, 0), slice(1, 2), slice(10, None)])
def test_damaged_memory_is_refused_with_a_reason(cut: slice) -> None:
    data = encode_state(Scenario().play(0, 12, 130).engine.state)
    assert Engine(decode_state(data), rules=DEFAULT).state.alarms
    with pytest.raises(StorageError, match=r"snapshot of .* cannot be read"):
        decode_state(data[cut])


def test_the_first_leg_of_every_rule_counts_every_breach() -> None:
    assert all(rule.legs[0].beyond == 0 for rule in VITAL_RULES.values())
    assert VITAL_RULES[RuleId.HR_OVER].clear_margin > 0
    assert len(VITAL_RULES[RuleId.SPO2_CRIT].legs) == 2
