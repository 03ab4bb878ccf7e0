"""Where a value is heading: its robust slope over 30 s, and how long until a limit. It colours a tile, never an alarm.

No evidence was found that a trend may page anybody (clinical specification, section 3).
"""

from itertools import compress
from typing import Final

from msgspec import Struct

from vitals.units import MonotonicMs

SPAN_MS: Final = 30_000
STEP_MS: Final = 5_000
"""Six points over 30 s give 15 slopes; each second would give 435, for an answer that changes no tile."""

POINTS_MIN: Final = 5
_HOLE_MS: Final = 5_000

_LATER: Final = [
    [earlier > 0 for later in range(1, count) for earlier in range(later)] for count in range(SPAN_MS // STEP_MS + 1)
]
"""By the number of points: which of the slopes between them are not from the oldest one."""

AHEAD_S_MAX: Final = 60.0
"""Further ahead a straight line says nothing about a heart (engineering choice)."""


class Trend(Struct, kw_only=True, omit_defaults=True):
    """Points of the last 30 s, one in 5 s, oldest first, and their slope per second, None below five points.

    ``slopes``: of each point but the oldest, per second, from each point before it, oldest first. They are kept because
    a new point adds five and takes five away: the other ten need not be worked out again.
    """

    points: list[tuple[MonotonicMs, float]] = []
    slopes: tuple[float, ...] = ()
    slope_per_s: float | None = None
    slope_per_min: float | None = None
    """The same as it is shown: to the nearest tenth, between two the greater one."""


def hear(trend: Trend, value: float, at_ms: MonotonicMs) -> None:
    """Take a good value; one that is older than the newest point changes nothing.

    The slope is the median of all slopes between two points (Theil 1950, Sen 1968).
    """
    points, slopes = trend.points, trend.slopes
    if points:
        since_ms = at_ms - points[-1][0]
        if since_ms < STEP_MS:
            return
        if since_ms > STEP_MS + _HOLE_MS:
            points.clear()
            slopes = ()
    horizon_ms = at_ms - SPAN_MS
    while points and points[0][0] <= horizon_ms:
        slopes = tuple(compress(slopes, _LATER[len(points)]))
        del points[0]
    newer = [(value - earlier) * 1000 / (at_ms - earlier_ms) for earlier_ms, earlier in points]
    points.append((at_ms, value))
    trend.slopes = slopes = (*slopes, *newer)
    if len(points) < POINTS_MIN:
        trend.slope_per_s = trend.slope_per_min = None
        return
    trend.slope_per_s = slope = _middle(sorted(slopes))
    trend.slope_per_min = (slope * 600.0 + 0.5) // 1.0 / 10.0


def _middle(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def limit_in_s(trend: Trend, value: float, low: float | None, high: float | None) -> int | None:
    """Return in how many seconds the nearer limit is reached as it goes on; None: not within a minute, or it is passed.

    Args:
        trend: of the same value.
        value: the newest good one.
        low: the lower limit, None without.
        high: the upper limit, None without.
    """
    slope = trend.slope_per_s
    if slope is None or slope == 0.0:
        return None
    limit = high if slope > 0.0 else low
    if limit is None:
        return None
    seconds = (limit - value) / slope
    return round(seconds) if 0.0 < seconds <= AHEAD_S_MAX else None
