"""Falls of saturation that are too fast for blood wait, come back as nothing, or count from their own times."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.quality import dip
from analysis.core.quality.dip import DipState
from analysis.core.quality.gate import Evidence
from tests.analysis.mutant import Plant, planted
from tests.analysis.quality.readings import ms


def clip(values: list[float], *, step: object = dip.step, at_s: list[float] | None = None) -> list[list[float]]:
    """Return the values that the rules may judge, second by second."""
    state, judged = DipState(), []
    for index, value in enumerate(values):
        when_s = float(index) if at_s is None else at_s[index]
        state, passed = step(state, Evidence(ms(when_s), value))  # type: ignore[operator]
        judged.append([one.value for one in passed])
    return judged


def flat(judged: list[list[float]]) -> list[float]:
    return [value for values in judged for value in values]


STEADY: Final = [95.0] * 10
MOTION: Final = [*STEADY, 93.0, 90.0, 87.0, 84.0, 81.0, 81.0, 81.0, 84.0, 87.0, 90.0, 92.0, 94.0, 95.0]


def test_a_dip_that_comes_back_is_no_evidence() -> None:
    judged = flat(clip(MOTION))
    assert min(judged) == 90
    assert judged[-2:] == [94, 95]


def test_a_fall_that_lasts_counts_whole_from_its_own_times() -> None:
    fall = [*STEADY, *[84.0] * 30]
    judged = clip(fall)
    assert not flat(judged[10:30])
    assert judged[30] == [84.0] * 21
    assert flat(judged) == fall


def test_blood_falls_as_slowly_as_it_does_and_waits_for_nothing() -> None:
    fall = [95 - 0.9 * second for second in range(20)]
    assert flat(clip(fall)) == fall


@pytest.mark.parametrize(("depth", "waits"), [(7.9, False), (8.0, True)])
def test_eight_points_within_eight_seconds_are_too_fast(depth: float, *, waits: bool) -> None:
    judged = clip([*STEADY, 95 - depth])
    assert (judged[-1] == []) is waits
    slower = clip([*STEADY, *(95 - depth * second / 9 for second in range(1, 10))])
    assert slower[-1] != []


def test_after_a_hole_nobody_knows_where_it_fell_from() -> None:
    judged = clip([95.0, 95.0, 84.0, 84.0], at_s=[0, 1, 2, 8])
    assert judged == [[95.0], [95.0], [], [84.0]]


@given(st.lists(st.integers(60, 100), min_size=1, max_size=120))
def test_a_level_that_lasts_25_s_is_always_judged_in_the_end(values: list[int]) -> None:
    level = float(values[-1])
    judged = flat(clip([*map(float, values), *[level] * 25]))
    assert judged[-5:] == [level] * 5


@given(st.lists(st.integers(60, 100), max_size=120))
def test_nothing_is_made_up_or_turned_round(values: list[int]) -> None:
    rest = iter(map(float, values))
    assert all(any(value == other for other in rest) for value in flat(clip(list(map(float, values)))))


PLANTS: Final[dict[str, Plant]] = {
    "7 points": (("FALL_PCT: Final = 8.0", "FALL_PCT: Final = 7.0"),),
    "9 points": (("FALL_PCT: Final = 8.0", "FALL_PCT: Final = 9.0"),),
    "more than 8": ((">= FALL_PCT", "> FALL_PCT"),),
    "within 4 s": (("WITHIN_MS: Final = 8_000", "WITHIN_MS: Final = 4_000"),),
    "within 12 s": (("WITHIN_MS: Final = 8_000", "WITHIN_MS: Final = 12_000"),),
    "back at 8": (("BACK_PCT: Final = 4.0", "BACK_PCT: Final = 8.0"),),
    "lasts 15 s": (("LAST_MS: Final = 20_000", "LAST_MS: Final = 15_000"),),
    "lasts more than 20 s": ((">= LAST_MS", "> LAST_MS"),),
    "forgets what waited": (("top_pct=one.value), held", "top_pct=one.value), (one,)"),),
    "a hole is nothing": (("HOLE_MS: Final = 5_000", "HOLE_MS: Final = 50_000"),),
}
CASES: Final[list[tuple[list[float], list[float] | None]]] = [
    (MOTION, None),
    ([*STEADY, *[84.0] * 30], None),
    ([*STEADY, 88.0, 87.0, 87.0], None),
    ([*STEADY, 87.5, 86.5], None),
    ([95 - 0.9 * second for second in range(20)], None),
    ([*STEADY, 93.0, 91.0, 90.0, 89.0, 88.5, 87.2, 86.0, 86.0], None),
    ([95.0, 95.0, 84.0, 84.0], [0, 1, 2, 8]),
]


@pytest.mark.parametrize("name", sorted(PLANTS))
def test_a_planted_defect_is_seen(name: str) -> None:
    mutant = planted(dip, name, PLANTS[name])
    assert any(clip(values, at_s=at_s) != clip(values, at_s=at_s, step=mutant.step) for values, at_s in CASES)
