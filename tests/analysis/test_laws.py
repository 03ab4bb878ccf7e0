"""Laws of the engine, over classes that chance makes up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.core import condition
from analysis.core.default_rules import VITAL_RULES
from analysis.core.engine import Engine
from analysis.core.events import AlarmEventRaised, AlarmStateChanged, Effect
from analysis.core.memory import decode_state, encode_state, rebase
from analysis.core.rules import Rule
from tests.analysis.scenario import LIMITS, UNGATED, Scenario, entry, reborn, roster
from vitals.alarms import Change, RuleId, Signal
from vitals.errors import StorageError
from vitals.parts import Part
from vitals.readings import Quality, Reason
from vitals.units import MonotonicMs

GAPS_S = st.sampled_from([0.5, 1.0, 1.0, 1.0, 1.0, 2.0, 4.9, 5.0, 5.1, 11.0])
HR = st.sampled_from([30, 39, 40, 44, 90, 117, 118, 119, 120, 121, 130])
SPO2 = st.sampled_from([75.0, 79.0, 80.0, 84.0, 85.0, 87.0, 88.0, 90.0, 96.0])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hr"), GAPS_S, HR),
        st.tuples(st.just("run of hr"), st.integers(5, 14), HR),
        st.tuples(st.just("run of spo2"), st.integers(5, 18), SPO2),
        st.tuples(st.just("spo2"), GAPS_S, SPO2),
        st.tuples(st.just("questionable"), GAPS_S, HR),
        st.tuples(st.just("off"), GAPS_S, st.just(0)),
        st.tuples(st.just("again"), GAPS_S, st.integers(0, 12)),
        st.tuples(st.just("older"), GAPS_S, HR),
        st.tuples(st.just("late"), GAPS_S, HR),
        st.tuples(st.just("wait"), st.sampled_from([3.0, 16.0]), st.just(0)),
        st.tuples(st.just("acknowledge"), GAPS_S, st.integers(0, 3)),
        st.tuples(st.just("pause"), GAPS_S, st.integers(0, 120)),
        st.tuples(st.just("gateway"), GAPS_S, st.booleans()),
        st.tuples(st.just("broker"), GAPS_S, st.booleans()),
        st.tuples(st.just("limits"), GAPS_S, st.sampled_from([110, 125, 150])),
        st.tuples(st.just("leave"), GAPS_S, st.just(0)),
    ),
    max_size=40,
)


def play(scenario: Scenario, steps: list[tuple[str, float, float]]) -> Scenario:
    """Let a made-up class happen; the same steps always make the same events."""
    version, seq = 1, 100
    for what, gap_s, value in steps:
        if what.startswith("run"):
            seq += 2 * int(gap_s)
            run(scenario, what, count=int(gap_s), value=value, last_seq=seq)
            continue
        scenario.at(round(scenario.now_s + gap_s, 3))
        strap, now_s = scenario.strap("p01"), scenario.now_s
        seq += 2
        match what:
            case "hr":
                strap.hr(int(value), seq=seq)
            case "spo2":
                scenario.oximeter("p01").spo2(value)
            case "questionable":
                strap.hr(int(value), seq=seq, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
            case "off":
                strap.hr(None, seq=seq, quality=Quality.UNUSABLE, reason=Reason.OFF_SKIN)
            case "again":
                strap.hr(130, seq=max(0, seq - int(value)), of_s=max(0.0, now_s - 1))
            case "older":
                strap.hr(int(value), seq=seq - 1, of_s=max(0.0, now_s - 3))
            case "late":
                strap.hr(int(value), seq=seq - 1, of_s=now_s - 30)
            case "acknowledge":
                alarms = list(scenario.retained.values())
                if alarms:
                    scenario.acknowledge_id(alarms[int(value) % len(alarms)].alarm_id)
            case "pause":
                scenario.pause(int(value))
            case "gateway" if value:
                scenario.returns(Part.GATEWAY, "g1", run=f"run-{seq}")
            case "gateway":
                if scenario.beating:
                    scenario.dies(Part.GATEWAY, "g1")
            case "broker":
                scenario.listen(up=bool(value))
            case "limits":
                version += 1
                changed = (replace(LIMITS[0], value=float(value)), *LIMITS[1:])
                scenario.tell(roster(entry("p01", limits=changed), version=version))
            case "leave":
                version += 1
                scenario.tell(roster(version=version))
                version += 1
                scenario.tell(roster(entry("p01"), version=version))
            case _:
                assert what == "wait"
    return scenario


def run(scenario: Scenario, what: str, *, count: int, value: float, last_seq: int) -> None:
    """Let one sensor say the same once a second."""
    for number in range(count):
        scenario.at(round(scenario.now_s + 1, 3))
        if what == "run of hr":
            scenario.strap("p01").hr(int(value), seq=last_seq - 2 * (count - 1 - number))
        else:
            scenario.oximeter("p01").spo2(value)


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
    assert Engine(decode_state(data)).state.alarms
    with pytest.raises(StorageError, match=r"snapshot of .* cannot be read"):
        decode_state(data[cut])


def test_the_first_leg_of_every_rule_counts_every_breach() -> None:
    assert all(rule.legs[0].beyond == 0 for rule in VITAL_RULES.values())
    assert VITAL_RULES[RuleId.HR_OVER].clear_margin > 0
    assert len(VITAL_RULES[RuleId.SPO2_CRIT].legs) == 2
