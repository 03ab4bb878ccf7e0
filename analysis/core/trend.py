"""Where a value is heading: its robust slope over 30 s, and how long until a limit. It colours a tile, never an alarm.

No evidence was found that a trend may page anybody (clinical specification, section 3).
"""

from itertools import combinations, repeat
from operator import itemgetter, mul, sub, truediv
from typing import Final

from msgspec import Struct

from vitals.units import MonotonicMs

SPAN_MS: Final = 30_000
STEP_MS: Final = 5_000
"""Six points over 30 s give 15 slopes; each second would give 435, for an answer that changes no tile."""

POINTS_MIN: Final = 5
_HOLE_MS: Final = 5_000

_PAIRS: Final = {
    count: (
        itemgetter(*[first for first, _ in combinations(range(count), 2)]),
        itemgetter(*[second for _, second in combinations(range(count), 2)]),
    )
    for count in range(POINTS_MIN, SPAN_MS // STEP_MS + 1)
}
"""By the number of points: the earlier and the later ones of all pairs."""

AHEAD_S_MAX: Final = 60
"""Further ahead a straight line says nothing about a heart (engineering choice)."""


class Trend(Struct, kw_only=True, omit_defaults=True):
    """Points of the last 30 s, one in 5 s, oldest first, and their slope per second, None below five points."""

    points: list[tuple[MonotonicMs, float]] = []
    slope_per_s: float | None = None


def hear(trend: Trend, *, value: float, at_ms: MonotonicMs) -> None:
    """Take a good value; one that is older than the newest point changes nothing."""
    points = trend.points
    if points:
        since_ms = at_ms - points[-1][0]
        if since_ms < STEP_MS:
            return
        if since_ms > STEP_MS + _HOLE_MS:
            points.clear()
    points.append((at_ms, value))
    while points[0][0] <= at_ms - SPAN_MS:
        del points[0]
    trend.slope_per_s = _slope_of(points) if len(points) >= POINTS_MIN else None


def _slope_of(points: list[tuple[MonotonicMs, float]]) -> float:
    """Return `slope_per_s` of a trend's own points, whose times differ; by the same arithmetic, without a loop."""
    pairs = _PAIRS.get(len(points))
    if pairs is None:
        return slope_per_s(points)
    earlier, later = pairs
    times, values = zip(*points, strict=True)
    rises, spans = map(sub, later(values), earlier(values)), map(sub, later(times), earlier(times))
    slopes: list[float] = sorted(map(truediv, map(mul, rises, repeat(1000)), spans))
    return _middle(slopes)


def slope_per_s(points: list[tuple[MonotonicMs, float]]) -> float:
    """Return the median of all slopes between two points (Theil 1950, Sen 1968), per second.

    Raises:
        IndexError: there are not two points of different times.
    """
    slopes = [
        (later - value) * 1000 / (later_ms - at_ms)
        for (at_ms, value), (later_ms, later) in combinations(points, 2)
        if later_ms != at_ms
    ]
    slopes.sort()
    return _middle(slopes)


def _middle(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def limit_in_s(trend: Trend, *, value: float, low: float | None, high: float | None) -> int | None:
    """Return in how many seconds the nearer limit is reached as it goes on; None: not within a minute, or it is passed.

    Args:
        trend: of the same value.
        value: the newest good one.
        low: the lower limit, None without.
        high: the upper limit, None without.
    """
    slope = trend.slope_per_s
    if slope is None:
        return None
    limit = high if slope > 0 else low
    if limit is None or slope == 0 or (limit - value) * slope <= 0:
        return None
    seconds = (limit - value) / slope
    return round(seconds) if seconds <= AHEAD_S_MAX else None
