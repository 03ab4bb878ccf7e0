"""How fast the heart comes down after a bout: heart-rate recovery at one and two minutes.

Valid from a near-peak stop by a known protocol only; in a class the number is shown, with no verdict. When a bout ended
the meter finds (`meter.py`). The bounds that are called abnormal are here for the published answers alone.
"""

from bisect import bisect_left, bisect_right
from operator import itemgetter
from statistics import median
from typing import Final

from msgspec import Struct

from vitals.units import MonotonicMs

ABNORMAL_1_MIN_BPM: Final = 12
"""At most 12 bpm in the first minute, upright with a cool-down (Cole 1999)."""

ABNORMAL_2_MIN_BPM: Final = 22
"""At most 22 bpm in two minutes (Shetler 2001)."""

PEAK_WINDOW_MS: Final = 30_000
MEDIAN_MS: Final = 5_000
MARK_HALF_MS: Final = 3_000
END_FALL_BPM: Final = 12
"""A bout ends where the rate begins to fall by this much within a minute (engineering choice)."""

BOUT_MS_MIN: Final = 120_000
"""Shorter stretches of effort are no bout."""

EFFORT_SHARE: Final = 0.3
"""From 30 % of the reserve on, light exercise begins (ACSM)."""

_AT_MS: Final = itemgetter(0)


class HeartRecovery(Struct, frozen=True, kw_only=True):
    """Of one bout: its end, the peak before it, and how far the rate had come down after one and two minutes, bpm.

    None: nothing was heard around the mark.
    """

    end_ms: MonotonicMs
    peak_bpm: float
    after_1_min_bpm: float | None
    after_2_min_bpm: float | None


def measure_recovery(samples: list[tuple[MonotonicMs, float]], *, end_ms: MonotonicMs) -> HeartRecovery | None:
    """Return the recovery after a stop.

    The peak is the highest median of 5 s in the last 30 s before the stop; the marks are medians of +-3 s.

    Args:
        samples: (time, bpm) of good heart rates, in order of time, of 30 s before the stop to 2 min 3 s after it.
        end_ms: the stop.
    """
    first, last = bisect_left(samples, end_ms - PEAK_WINDOW_MS, key=_AT_MS), bisect_right(samples, end_ms, key=_AT_MS)
    if first == last:
        return None
    times_ms, rates = [at_ms for at_ms, _ in samples[first:last]], [bpm for _, bpm in samples[first:last]]
    peak = max(
        median(rates[bisect_left(times_ms, begin_ms) : bisect_left(times_ms, begin_ms + MEDIAN_MS)])
        for begin_ms in times_ms
    )
    after_1_min, after_2_min = (_around(samples, MonotonicMs(end_ms + minutes * 60_000)) for minutes in (1, 2))
    return HeartRecovery(
        end_ms=end_ms,
        peak_bpm=peak,
        after_1_min_bpm=None if after_1_min is None else peak - after_1_min,
        after_2_min_bpm=None if after_2_min is None else peak - after_2_min,
    )


def is_slow_after_1_min(fall_bpm: float) -> bool:
    """Return whether a fall after one minute is called abnormal (Cole 1999: at most 12 bpm)."""
    return fall_bpm <= ABNORMAL_1_MIN_BPM


def is_slow_after_2_min(fall_bpm: float) -> bool:
    """Return whether a fall after two minutes is called abnormal (Shetler 2001: at most 22 bpm)."""
    return fall_bpm <= ABNORMAL_2_MIN_BPM


def _around(samples: list[tuple[MonotonicMs, float]], mark_ms: MonotonicMs) -> float | None:
    first = bisect_left(samples, mark_ms - MARK_HALF_MS, key=_AT_MS)
    near = [bpm for _, bpm in samples[first : bisect_right(samples, mark_ms + MARK_HALF_MS, key=_AT_MS)]]
    return median(near) if near else None
