"""Where a value is heading: the slope that is kept up to date is the one that all points give."""

from itertools import combinations
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core import trend
from analysis.core.trend import Trend
from vitals.units import MonotonicMs

STEPS = st.lists(
    st.tuples(
        st.sampled_from([500, 1_000, 4_999, 5_000, 5_001, 7_000, 9_000, 10_000, 10_001, 30_000]),
        st.sampled_from([88.0, 90.5, 95.0, 97.0, 120.0, 131.0]),
    ),
    max_size=60,
)


@given(STEPS)
def test_the_slope_is_the_middle_of_the_slopes_between_all_points(steps: list[tuple[int, float]]) -> None:
    heading, at_ms = Trend(), 0
    for gap_ms, value in steps:
        at_ms += gap_ms
        trend.hear(heading, value, MonotonicMs(at_ms))
        points = heading.points
        slopes = [(later - one) * 1000 / (then - at) for (at, one), (then, later) in combinations(points, 2)]
        assert len(heading.slopes) == len(slopes)
        assert sorted(heading.slopes) == sorted(slopes)
        assert all(points[-1][0] - trend.SPAN_MS < at for at, _ in points)
        if len(points) < trend.POINTS_MIN:
            assert (heading.slope_per_s, heading.slope_per_min) == (None, None)
        else:
            slope = median(slopes)
            assert heading.slope_per_s == slope
            assert heading.slope_per_min == pytest.approx(slope * 60, abs=0.0501)


@given(STEPS)
def test_a_value_older_than_the_newest_point_or_too_soon_after_it_changes_nothing(
    steps: list[tuple[int, float]],
) -> None:
    heading, at_ms = Trend(), 0
    for gap_ms, value in steps:
        at_ms += gap_ms
        trend.hear(heading, value, MonotonicMs(at_ms))
    before = (list(heading.points), heading.slopes, heading.slope_per_s)
    newest_ms = heading.points[-1][0] if heading.points else None
    for at in (-5_000, -1, 0, 1, trend.STEP_MS - 1):
        if newest_ms is not None:
            trend.hear(heading, 10.0, MonotonicMs(newest_ms + at))
    assert (heading.points, heading.slopes, heading.slope_per_s) == before


@pytest.mark.parametrize(
    ("low", "high", "expected_s"),
    [
        (None, 130.0, 20),
        (None, 170.0, 60),
        (None, 171.0, None),
        (None, 110.0, None),
        (None, None, None),
        (100.0, None, None),
    ],
)
def test_a_limit_ahead_is_told_within_a_minute_and_one_behind_never(
    low: float | None, high: float | None, expected_s: int | None
) -> None:
    heading = Trend()
    for index in range(6):
        trend.hear(heading, 85.0 + 5 * index, MonotonicMs(5_000 * index))
    assert heading.slope_per_min == 60.0
    assert trend.limit_in_s(heading, 110.0, low, high) == expected_s
