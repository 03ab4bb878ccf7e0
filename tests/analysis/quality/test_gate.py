from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.core.quality import gate
from analysis.core.quality.gate import HR_GATE, SPO2_GATE, Evidence, GateRule, GateState, Outcome
from tests.analysis.mutant import Plant, planted
from tests.analysis.quality.gate_cases import GATE_CASES, GateCase, play_gate
from vitals.units import MonotonicMs

GATE_PLANTS: Final[dict[str, Plant]] = {
    "a jump at the limit": (
        ("abs(value - level.value) <= rule.jump\n        and", "abs(value - level.value) < rule.jump\n        and"),
    ),
    "25 are 26": (("jump=25", "jump=26"),),
    "6 are 7": (("jump=6", "jump=7"),),
    "6 are 5": (("jump=6", "jump=5"),),
    "a level after 4 s": (("last_s: float = 5.0", "last_s: float = 4.0"),),
    "a level after more than 5 s": (("span_ms >= rule.last_s * 1000", "span_ms > rule.last_s * 1000"),),
    "one value is a level": (("agreed = len(chain) > 1", "agreed = True"),),
    "gives in at once": (("GIVE_IN_S: Final = 10.0", "GIVE_IN_S: Final = 1.0"),),
    "gives in later": (("GIVE_IN_S * 1000 or", "GIVE_IN_S * 1100 or"),),
    "never gives in": (("GIVE_IN_S: Final = 10.0", "GIVE_IN_S: Final = 1e9"),),
    "releases at the time of release": (
        (
            "return after, GateVerdict(Outcome.RELEASED, evidence)",
            "return after, GateVerdict(Outcome.RELEASED, (one,))",
        ),
    ),
    "releases spikes too": (("if index in members or (", "if True or ("),),
    "releases the level alone": (("if index in members or (", "if index in members and ("),),
    "one suspect that fits is a change": (("if len(evidence) <= 2:", "if len(evidence) <= 1:"),),
    "two suspects that fit are spikes": (("if len(evidence) <= 2:", "if len(evidence) <= 3:"),),
    "out of range comes back with the level": (
        ("if other is one or rule.low <= other.value <= rule.high)", "if True)"),
    ),
    "suspects outlive the return to the level": (
        ("one.at_ms, (), state.dropped_n + len(state.held) - evidence_n", "one.at_ms, state.held, 0"),
    ),
    "the slope is not judged": (("if before is None or not rule.slope_per_s:", "if True:"),),
    "a slope at the limit": (
        (
            "abs(one.value - before.value) * 1000 > rule.slope_per_s",
            "abs(one.value - before.value) * 1000 >= rule.slope_per_s",
        ),
    ),
    "16 a second pass": (("slope_per_s=15", "slope_per_s=16"),),
    "a hole of 5 s is too long": (("one.at_ms - state.seen_ms <= HOLE_MS", "one.at_ms - state.seen_ms < HOLE_MS"),),
    "a hole is ignored": (("one.at_ms - state.seen_ms <= HOLE_MS", "one.at_ms - state.seen_ms >= 0"),),
    "30 is out of range": (("inside = rule.low <= value", "inside = rule.low < value"),),
    "230 is out of range": (("value <= rule.high\n    if not inside", "value < rule.high\n    if not inside"),),
    "out of range passes": (("and (inside or not rule.low <= level.value <= rule.high)", ""),),
    "out of range never passes": (("and (inside or not rule.low <= level.value <= rule.high)", "and inside"),),
    "no least": (("least=15", "least=0"),),
    "no most": (("most=250", "most=300"),),
    "49 % is a value": (("least=50", "least=40"),),
    "a late value moves the level": (("if state.seen_ms is not None and at_ms < state.seen_ms:", "if False:"),),
    "every late value counts": (
        (
            "if inside and level is not None and abs(value - level.value) <= rule.jump:\n            return state",
            "if True:\n            return state",
        ),
    ),
}


@pytest.mark.parametrize("case", GATE_CASES, ids=lambda case: case.name)
def test_the_gate_does_what_the_example_says(case: GateCase) -> None:
    assert play_gate(gate, case) == case.seen


@pytest.mark.parametrize("name", GATE_PLANTS)
def test_no_planted_defect_of_the_gate_survives_the_examples(name: str) -> None:
    mutant = planted(gate, name, GATE_PLANTS[name])
    assert [case.name for case in GATE_CASES if play_gate(mutant, case) != case.seen], f"{name!r} was not noticed"


def play(values: list[float], rule: GateRule = HR_GATE, *, period_ms: int = 1_000) -> list[tuple[int, Evidence]]:
    """Return (index of the value that let it through, evidence)."""
    state, seen = GateState(), []
    for index, value in enumerate(values):
        state, verdict = gate.step(state, rule, value=value, at_ms=MonotonicMs(index * period_ms))
        seen += [(index, one) for one in verdict.evidence]
    return seen


def walks(low: int, high: int, *, step: int, length: int) -> st.SearchStrategy[list[float]]:
    """Return values that change by at most ``step`` a second and stay in range."""
    return st.tuples(st.integers(low, high), st.lists(st.integers(-step, step), min_size=length, max_size=length)).map(
        lambda drawn: _walk(drawn[0], drawn[1], low=low, high=high)
    )


def _walk(start: int, steps: list[int], *, low: int, high: int) -> list[float]:
    values = [float(start)]
    for step in steps:
        values.append(float(min(max(values[-1] + step, low), high)))
    return values


@given(before=walks(50, 200, step=6, length=8), after=walks(50, 200, step=6, length=9))
def test_a_level_that_stays_5_s_is_seen_whole_and_no_later_than_5_s_after_it_began(
    before: list[float], after: list[float]
) -> None:
    seen = play(before + after)
    whole = {(one.at_ms, one.value) for _, one in seen}
    missing = {((len(before) + index) * 1000, value) for index, value in enumerate(after)} - whole
    # One value beyond the reach of the old level, with all others in it, is a spike of the old level.
    is_jump = all(abs(value - before[-1]) > HR_GATE.jump for value in after)
    assert len(missing) <= (0 if is_jump else 1)
    first = min(index for index, one in seen if one.at_ms >= len(before) * 1000)
    assert first <= len(before) + 5


@given(
    calm=walks(60, 160, step=5, length=30),
    spikes=st.dictionaries(st.integers(0, 30), st.sampled_from((15.0, 20.0, 29.0, 210.0, 229.0, 240.0, 260.0))),
)
def test_a_spike_of_one_value_never_reaches_a_rule(calm: list[float], spikes: dict[int, float]) -> None:
    alone = {at: value for at, value in spikes.items() if at - 1 not in spikes and at + 1 not in spikes}
    said = [alone.get(at, value) for at, value in enumerate(calm)]
    seen = [one for _, one in play(said)]
    assert {one.at_ms // 1000 for one in seen}.isdisjoint(alone)
    kept = set(range(1, len(said))) - set(alone)
    late = {
        at for at in kept if len([i for i in range(at) if i not in alone]) < 2
    }  # the beginning: a level is not known yet
    assert {one.at_ms // 1000 for one in seen} >= kept - late


@given(
    base=st.integers(40, 100),
    values=st.lists(st.integers(126, 230), min_size=40, max_size=60),
)
def test_what_stays_above_a_limit_is_seen_above_it_whatever_it_does_there(base: int, values: list[int]) -> None:
    seen = play([float(base)] * 5 + [float(value) for value in values])
    above = [index for index, one in seen if one.value > 125]
    assert above
    # Levels of 25 bpm in a range of 105: after 10 s of nothing else two values in a row, or six, agree.
    assert min(above) <= 5 + 10 + 6


@given(
    values=st.lists(st.one_of(st.integers(1, 300), st.sampled_from((80, 81, 150, 151))), max_size=60),
    holes=st.lists(st.integers(0, 9), max_size=60),
)
@example(values=[80] * 3 + [150] * 140, holes=[])
def test_evidence_is_what_was_said_once_in_order(values: list[int], holes: list[int]) -> None:
    state, at_ms, said, seen = GateState(), 0, {}, []
    for index, value in enumerate(values):
        at_ms += 1000 * (1 + (holes[index] if index < len(holes) and holes[index] > 6 else 0))
        said[at_ms] = float(value)
        state, verdict = gate.step(state, HR_GATE, value=float(value), at_ms=MonotonicMs(at_ms))
        seen += [(one.at_ms, one.value) for one in verdict.evidence]
        assert (verdict.outcome in {Outcome.PASSED, Outcome.RELEASED}) is bool(verdict.evidence)
        assert len(state.held) <= gate.HELD_MAX
    assert seen == sorted(seen)
    assert len({at for at, _ in seen}) == len(seen)
    assert all(said[at] == value for at, value in seen)
    assert len(seen) + state.dropped_n + len(state.held) == len(values)


def test_a_fast_sensor_fills_no_memory() -> None:
    state = GateState()
    for index in range(2_000):
        value = 80.0 if index < 10 else 100.0 + 40 * (index % 4)
        state, _ = gate.step(state, HR_GATE, value=value, at_ms=MonotonicMs(index * 10))
        assert len(state.held) <= gate.HELD_MAX


@given(values=walks(70, 100, step=6, length=60))
def test_no_saturation_that_changes_by_6_points_a_second_is_held_back(values: list[float]) -> None:
    assert [one.value for _, one in play(values, SPO2_GATE)] == values
