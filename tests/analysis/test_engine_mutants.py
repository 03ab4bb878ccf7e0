"""Planted defects around the condition machine: each must be caught by a scenario, or the scenarios prove nothing.

A defect replaces one function of the engine for the time of the test; the scenario is one that the tests keep whole.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from analysis.core import condition, judging, shape, silence, sweep
from analysis.core import track as tracks
from analysis.core.quality import gate
from analysis.core.rules import Rule, Watch
from tests.analysis import test_falls, test_lost_sources, test_order_of_readings, test_rules_live, test_scenarios
from tests.analysis.scenario import Scenario
from vitals.alarms import RuleId
from vitals.units import MonotonicMs

Defect = tuple[ModuleType, str, Callable[..., Any]]


def never(*_: object, **__: object) -> None:
    return None


def no_gate(state: gate.GateState, _rule: object, *, value: float, at_ms: int) -> tuple[gate.GateState, Any]:
    return state, gate.GateVerdict(gate.Outcome.PASSED, (gate.Evidence(at_ms, value),))  # type: ignore[arg-type]


def always_held(state: gate.GateState, _rule: object, **_: object) -> tuple[gate.GateState, Any]:
    return state, gate.GateVerdict(gate.Outcome.HELD)


def clears_on_silence(register: Any, _since_ms: int) -> None:
    for alarm in list(register.state.alarms.values()):
        if alarm.participant is not None:
            register.finish(alarm.subject, alarm.rule)


def forgets_holes(shapes: shape.Shape, *, hr_bpm: float, at_ms: int, rule: Rule, least_bpm: float) -> float:
    del at_ms, rule, least_bpm
    shapes.rates.append(hr_bpm)
    return max(shapes.rates) - hr_bpm


def counts_peaks_in_full(shapes: shape.Shape, *, hr_bpm: float, at_ms: int, rule: Rule, least_bpm: float) -> float:
    told = replace(rule, level_s=0.0)
    return FALL_BPM(shapes, hr_bpm=hr_bpm, at_ms=MonotonicMs(at_ms), rule=told, least_bpm=least_bpm)


FALL_BPM = shape.fall_bpm


def spikes_reach_no_rule() -> None:
    """Values that jump up and down each second are no evidence of anything."""
    s = Scenario().play(0, 10, 100)
    for second in (11, 12, 13, 14, 15):
        s.at(second).strap("p01").hr(40 if second % 2 else 180)
    seen = [one.value for one in s.engine.state.people[next(iter(s.engine.state.people))].tracks[Watch.HR].window]
    assert set(seen) == {100.0}
    assert not s.changes(RuleId.HR_OVER)


MUTANTS: dict[str, tuple[Defect, Callable[[], None]]] = {
    "silence clears an alarm": (
        (sweep, "_sweep_sources", clears_on_silence),
        test_scenarios.test_missing_data_never_clears_an_alarm_and_says_that_the_source_is_lost,
    ),
    "a lost source is not told": (
        (sweep, "_sweep_sources", never),
        test_scenarios.test_missing_data_never_clears_an_alarm_and_says_that_the_source_is_lost,
    ),
    "nothing is held back": (
        (gate, "step", no_gate),
        spikes_reach_no_rule,
    ),
    "a real jump is hidden": (
        (gate, "step", always_held),
        lambda: test_rules_live.test_a_spike_is_no_evidence_and_a_jump_counts_from_its_beginning(12),
    ),
    "a fall is seen across a hole": (
        (shape, "fall_bpm", forgets_holes),
        test_rules_live.test_a_fall_across_a_hole_is_none,
    ),
    "a peak that goes back is a fall": (
        (shape, "fall_bpm", counts_peaks_in_full),
        test_falls.test_a_peak_that_goes_back_to_where_it_was_is_no_fall,
    ),
    "late readings are not looked at": (
        (tracks, "hear_late", lambda *_, **__: []),
        test_order_of_readings.test_what_began_and_ended_in_an_outage_is_found_afterwards,
    ),
    "older readings are dropped": (
        (tracks, "_hear_out_of_order", lambda *_, **__: []),
        test_order_of_readings.test_readings_that_come_after_their_successors_are_judged_at_their_place,
    ),
    "whoever was told is told again": (
        (judging, "_was_told", lambda *_, **__: False),
        test_order_of_readings.test_the_end_of_an_alarm_that_was_told_is_not_found_afterwards,
    ),
    "a sensor is back with its first word": (
        (silence, "is_back", lambda *_: True),
        test_lost_sources.test_a_silent_strap_is_no_data_after_10_s,
    ),
    "NO_DATA is never due": (
        (silence, "due_ms", lambda *_, **__: 10**12),
        test_lost_sources.test_a_silent_strap_is_no_data_after_10_s,
    ),
    "doubtful values are never told": (
        (sweep, "_sweep_trust", never),
        test_scenarios.test_questionable_values_alone_raise_nothing_about_the_person_but_that_they_are,
    ),
    "what stands is taken back by an older reading": (
        (condition, "stands", lambda _: False),
        test_order_of_readings.test_an_alarm_is_never_taken_back_by_an_older_reading,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_no_planted_defect_survives_its_scenario(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (module, function, defect), scenario = MUTANTS[name]
    scenario()
    monkeypatch.setattr(module, function, defect)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever breaks, it is noticed
        scenario()
