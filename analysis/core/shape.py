"""Values derived from several measurements of one person: how far the rate fell, lags behind work, has recovered.

Each is a series of its own, judged by the same machine as a measured value. They are made in the order of arrival: a
reading that comes after its successors is no part of them, and leaves a hole.
"""

from bisect import bisect_left
from statistics import median
from typing import Final

from msgspec import Struct, field

from analysis.core import pace as paces
from analysis.core.pace import Pace
from analysis.core.rules import Rule
from vitals.sessions import Phase
from vitals.units import MonotonicMs

HOLE_MS: Final = 5_000
"""Across a longer hole nobody knows whether the heart fell or the strap slipped (design, section 7)."""

RATES_MAX: Final = 128
"""A strap tells once or twice a second; of one that tells more often the windows are shorter."""

WORK_RISE_MET_MIN: Final = 1.0
RISE_BPM_PER_MET_MIN: Final = 3.0
"""A heart gains some 10 bpm for each MET, half of that on beta-blockers; less than 3 is a plateau (engineering
choices; the clinical specification has no number)."""

RISE_OVER_REST_BPM_MIN: Final = 20.0
ELEVATED_BPM: Final = 100.0
"""Recovery is judged only of a heart that had something to recover from: 20 above rest, or 100 (engineering choice)."""

STEP_AGE_MS_MAX: Final = 15_000


class Shape(Struct, kw_only=True, omit_defaults=True):
    """``rates`` at ``times_ms``: proven good rates of the fall's windows, oldest first.

    ``deficit_bpm``, ``drift_pct`` (cardiac drift at constant work): as of the last step of pace.

    ``reference_bpm``: the rate when recovery began.
    """

    times_ms: list[MonotonicMs] = []
    rates: list[float] = []
    top_bpm: float = 0.0
    pace: Pace = field(default_factory=Pace)
    deficit_bpm: float | None = None
    deficit_ms: MonotonicMs = MonotonicMs(0)
    reference_bpm: float | None = None
    drift_pct: float | None = None
    proposed: Phase | None = None
    """The phase that work and heart rate suggest, as of the last step of pace."""


def fall_bpm(shape: Shape, *, hr_bpm: float, at_ms: MonotonicMs, rule: Rule, least_bpm: float) -> float:
    """Take a proven good rate, the newest, and return how far it has fallen.

    It fell from the highest rate of the rule's window; but a peak counts no further than ``level_margin`` above the
    level, the middle of all rates of ``level_s``. An irregular heart leaps up and comes back to where it was: no fall.

    A fall of less than ``least_bpm`` is of no interest: for such a one any number below it is returned.
    """
    times_ms, rates = shape.times_ms, shape.rates
    if times_ms and at_ms - times_ms[-1] > HOLE_MS:
        times_ms.clear()
        rates.clear()
        shape.top_bpm = hr_bpm
    times_ms.append(at_ms)
    rates.append(hr_bpm)
    if hr_bpm > shape.top_bpm:  # noqa: PLR1730 - for each reading, and a call takes longer
        shape.top_bpm = hr_bpm
    # The highest since the window was last looked through: never less than the highest of the window.
    if shape.top_bpm - hr_bpm < least_bpm and len(times_ms) < RATES_MAX:
        return 0.0
    kept = bisect_left(times_ms, at_ms - max(rule.window_s, rule.level_s) * 1000)
    kept = max(kept, len(times_ms) - RATES_MAX + 1)
    del times_ms[:kept], rates[:kept]
    shape.top_bpm = max(rates[bisect_left(times_ms, at_ms - rule.window_s * 1000) :])
    if shape.top_bpm - hr_bpm < least_bpm or not rule.level_s:
        return shape.top_bpm - hr_bpm
    level_bpm = median(rates[bisect_left(times_ms, at_ms - rule.level_s * 1000) :])
    return max(0.0, min(shape.top_bpm, level_bpm + rule.level_margin) - hr_bpm)


def find_deficit(shape: Shape, *, at_ms: MonotonicMs, window_s: float) -> None:
    """Find, after a step of pace, by how much the rate lags behind work that has risen; None without work.

    The first and the last third of the window are compared: work that rose just now has not reached the heart yet.
    """
    shape.deficit_bpm, shape.deficit_ms = None, at_ms
    from_ms, third_ms = at_ms - round(window_s * 1000), round(window_s * 1000 / 3)
    # The last step has just begun, so each third is looked for with a step of tolerance.
    pace = shape.pace
    before = paces.lately(pace, from_ms - paces.STEP_MS, from_ms + third_ms + paces.STEP_MS)
    lately = paces.lately(pace, at_ms - third_ms - paces.STEP_MS, at_ms + paces.STEP_MS)
    steps_min = max(third_ms // paces.STEP_MS - 1, 1)
    if before.stop - before.start < steps_min or lately.stop - lately.start < steps_min:
        return
    newest = slice((lately.start + lately.stop) // 2, lately.stop)
    work_before, work_now = paces.mean_work(pace, before), paces.mean_work(pace, lately)
    rate_before, rate_now = paces.mean_rate(pace, before), paces.mean_rate(pace, newest)
    if work_before is None or work_now is None or rate_before is None or rate_now is None:
        return
    risen_met = work_now - work_before
    expected_bpm = RISE_BPM_PER_MET_MIN * risen_met if risen_met >= WORK_RISE_MET_MIN else 0.0
    missing_bpm = expected_bpm - (rate_now - rate_before)
    shape.deficit_bpm = max(missing_bpm, 0.0) if expected_bpm else 0.0


def deficit_bpm(shape: Shape, *, at_ms: MonotonicMs) -> float | None:
    """Return the newest deficit, None when it is too old."""
    return shape.deficit_bpm if at_ms - shape.deficit_ms <= STEP_AGE_MS_MAX else None


def recovered_bpm(shape: Shape, *, hr_bpm: float, rest_bpm: int | None) -> float | None:
    """Return how far a rate has come down since recovery began; None when there was nothing to recover from."""
    reference = shape.reference_bpm
    if reference is None:
        return None
    elevated = ELEVATED_BPM if rest_bpm is None else rest_bpm + RISE_OVER_REST_BPM_MIN
    return reference - hr_bpm if reference >= elevated else None
