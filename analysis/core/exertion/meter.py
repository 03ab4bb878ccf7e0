"""The exertion of one person as the class goes on: smoothed rate, zone, time in it, load, work, recovery after bouts.

Fed with good heart rates and with work, each in the order of its own time; what comes after its successors is left out
of sums. Time counts between two rates at most `HOLE_MS` apart: what nobody heard is no time in a zone.
"""

from bisect import bisect_left, bisect_right
from typing import Final

from msgspec import Struct

from analysis.core.exertion.heart_recovery import (
    BOUT_MS_MIN,
    END_FALL_BPM,
    PEAK_WINDOW_MS,
    HeartRecovery,
    measure_recovery,
)
from analysis.core.exertion.terms import Terms, Zone
from vitals.journal import Exertion
from vitals.units import MonotonicMs

HOLE_MS: Final = 5_000
SMOOTHING_MS: Final = 5_000
"""Time constant of the smoothed rate (engineering choice): a beat more or less moves no zone."""

_BELOW: Final = "below"
_IN: Final = "in"
_ABOVE: Final = "above"
WORK_AGE_MS_MAX: Final = 5_000
RING_MS: Final = 65_000
"""The minute in which an end of a bout is recognised, and the last seconds around its first mark."""

RING_MAX: Final = 160
_RING_ROOM: Final = 96
"""So many are let come before old ones are looked for: a minute of a strap that tells once a second, and a half."""

_MARK_MS: Final = 3_000
_MINUTE_MS: Final = 60_000
_FIRST_PASSED_MS: Final = _MINUTE_MS + _MARK_MS
_SECOND_PASSED_MS: Final = 2 * _MINUTE_MS + _MARK_MS
RECOVERIES_MAX: Final = 12
"""Bouts of a class that are remembered; interval training has more, and the last ones count."""


class Bout(Struct, kw_only=True, omit_defaults=True):
    """A stretch of effort: since when, and its highest rate so far."""

    began_ms: MonotonicMs
    top_ms: MonotonicMs
    top_bpm: float


class Meter(Struct, kw_only=True, omit_defaults=True):
    """What was added up so far. ``times_ms`` and ``rates_bpm``: the last good rates, oldest first."""

    last_ms: MonotonicMs | None = None
    last_bpm: float = 0.0
    smooth_bpm: float | None = None
    zone: Zone | None = None
    below_ms: int = 0
    in_ms: int = 0
    above_ms: int = 0
    valid_ms: int = 0
    banister: float = 0.0
    edwards: float = 0.0
    work_met: float | None = None
    work_ms: MonotonicMs = MonotonicMs(0)
    met_min: float = 0.0
    met_peak: float = 0.0
    times_ms: list[MonotonicMs] = []
    rates_bpm: list[float] = []
    bout: Bout | None = None
    waiting: list[HeartRecovery] = []
    """Ends whose second mark is still to come."""
    marks_ms: MonotonicMs | None = None
    """When the next of these marks will have passed; None: none is waited for."""
    recoveries: list[HeartRecovery] = []


def hear_rate(meter: Meter, terms: Terms, hr_bpm: float, at_ms: MonotonicMs) -> None:
    """Take a good heart rate of somebody on these terms; one older than the newest changes nothing."""
    before_ms, smooth, zone = meter.last_ms, meter.smooth_bpm, meter.zone
    if before_ms is None or smooth is None:
        smooth = hr_bpm
    else:
        gap_ms = at_ms - before_ms
        if gap_ms <= 0:
            return
        if gap_ms > HOLE_MS:
            smooth = hr_bpm
        else:
            smooth += (hr_bpm - smooth) * gap_ms / (gap_ms + SMOOTHING_MS)
            # The time up to now counts at the rate, and in the zone, that was heard before.
            meter.valid_ms += gap_ms
            if zone == _IN:
                meter.in_ms += gap_ms
            elif zone == _BELOW:
                meter.below_ms += gap_ms
            elif zone == _ABOVE:
                meter.above_ms += gap_ms
            minutes = gap_ms / _MINUTE_MS
            edwards, banister = terms.loads.get(meter.last_bpm) or terms.load_of(meter.last_bpm)
            meter.edwards += minutes * edwards
            meter.banister += minutes * banister
    meter.smooth_bpm = smooth
    low, high = terms.stays[zone]
    if not low < smooth < high:
        meter.zone = terms.zone_after(zone, smooth)
    meter.last_ms, meter.last_bpm = at_ms, hr_bpm
    times = meter.times_ms
    times.append(at_ms)
    meter.rates_bpm.append(hr_bpm)
    if len(times) > _RING_ROOM:
        _forget(meter)
    marks_ms = meter.marks_ms
    if marks_ms is not None and at_ms > marks_ms:
        _close_marks(meter, at_ms)
    bout = meter.bout
    if bout is None:
        if hr_bpm >= terms.effort_bpm:
            meter.bout = Bout(began_ms=at_ms, top_ms=at_ms, top_bpm=hr_bpm)
    elif hr_bpm >= bout.top_bpm or at_ms - bout.top_ms > _MINUTE_MS:
        if terms.has_bouts:
            bout.top_ms, bout.top_bpm = at_ms, hr_bpm
    elif bout.top_bpm - hr_bpm >= END_FALL_BPM and terms.has_bouts:
        _end_bout(meter, bout)


def hear_work(meter: Meter, met: float, at_ms: MonotonicMs) -> None:
    """Take what a machine told, in METs; one older than the newest changes nothing."""
    if at_ms <= meter.work_ms:
        return
    gap_ms = at_ms - meter.work_ms
    if meter.work_met is not None and gap_ms <= WORK_AGE_MS_MAX:
        meter.met_min += meter.work_met * gap_ms / _MINUTE_MS
    meter.work_met, meter.work_ms = met, at_ms
    meter.met_peak = max(meter.met_peak, met)


def read_meter(meter: Meter, drift_pct: float | None, now_ms: MonotonicMs) -> Exertion:
    """Return what the meter shows now.

    Args:
        meter: of one person.
        drift_pct: cardiac drift at constant work, if there was any.
        now_ms: the work of a machine that has been silent is not shown.
    """
    has_work = meter.work_met is not None and now_ms - meter.work_ms <= WORK_AGE_MS_MAX
    last = meter.recoveries[-1] if meter.recoveries else None
    newest = meter.waiting[-1] if meter.waiting else last
    smooth_bpm = meter.smooth_bpm
    # To the nearest tenth, between two the greater one: `round` takes ten times as long.
    return Exertion(
        hr_smooth_bpm=None if smooth_bpm is None else (smooth_bpm * 10.0 + 0.5) // 1.0 / 10.0,
        below_s=(meter.below_ms + 500) // 1000,
        in_s=(meter.in_ms + 500) // 1000,
        above_s=(meter.above_ms + 500) // 1000,
        valid_s=(meter.valid_ms + 500) // 1000,
        banister=(meter.banister * 10.0 + 0.5) // 1.0 / 10.0,
        edwards=(meter.edwards * 10.0 + 0.5) // 1.0 / 10.0,
        met=meter.work_met if has_work else None,
        met_min=(meter.met_min * 10.0 + 0.5) // 1.0 / 10.0,
        met_peak=meter.met_peak,
        drift_pct=None if drift_pct is None else round(drift_pct, 1),
        recovery_peak_bpm=None if newest is None else newest.peak_bpm,
        recovery_1_min_bpm=None if newest is None else newest.after_1_min_bpm,
        recovery_2_min_bpm=None if newest is None else newest.after_2_min_bpm,
    )


def _forget(meter: Meter) -> None:
    """Drop what is older than the ring, or too much for it; asked now and then, and before anybody looks at it."""
    times = meter.times_ms
    gone = max(bisect_left(times, times[-1] - RING_MS), len(times) - RING_MAX)
    del times[:gone], meter.rates_bpm[:gone]


def _end_bout(meter: Meter, bout: Bout) -> None:
    """End a bout where its highest rate was; a short one leaves nothing."""
    meter.bout = None
    if bout.top_ms - bout.began_ms < BOUT_MS_MIN:
        return
    _forget(meter)
    first = bisect_left(meter.times_ms, bout.top_ms - PEAK_WINDOW_MS)
    samples = list(zip(meter.times_ms[first:], meter.rates_bpm[first:], strict=True))
    found = measure_recovery(samples, end_ms=bout.top_ms)
    if found is not None:
        meter.waiting = [*meter.waiting, found][-2:]
        meter.marks_ms = _next_mark_ms(meter)


def _next_mark_ms(meter: Meter) -> MonotonicMs | None:
    """Return when the next mark of those that are waited for will have passed."""
    return min((MonotonicMs(one.end_ms + _passed_ms(one)) for one in meter.waiting), default=None)


def _passed_ms(one: HeartRecovery) -> int:
    return _FIRST_PASSED_MS if one.after_1_min_bpm is None else _SECOND_PASSED_MS


def _close_marks(meter: Meter, at_ms: MonotonicMs) -> None:
    """Measure the marks that have just passed; a mark that nobody heard stays None."""
    _forget(meter)
    still: list[HeartRecovery] = []
    for one in meter.waiting:
        passed_ms = at_ms - one.end_ms
        if passed_ms <= _FIRST_PASSED_MS:
            still.append(one)
            continue
        first, second = one.after_1_min_bpm, one.after_2_min_bpm
        if first is None:
            first = _fall_at(meter, one, MonotonicMs(one.end_ms + _MINUTE_MS))
        done = passed_ms > _SECOND_PASSED_MS
        if done and second is None:
            second = _fall_at(meter, one, MonotonicMs(one.end_ms + 2 * _MINUTE_MS))
        measured = HeartRecovery(
            end_ms=one.end_ms, peak_bpm=one.peak_bpm, after_1_min_bpm=first, after_2_min_bpm=second
        )
        if done:
            meter.recoveries = [*meter.recoveries, measured][-RECOVERIES_MAX:]
        else:
            still.append(measured)
    meter.waiting = still
    meter.marks_ms = _next_mark_ms(meter)


def _fall_at(meter: Meter, one: HeartRecovery, mark_ms: MonotonicMs) -> float | None:
    times = meter.times_ms
    near = sorted(meter.rates_bpm[bisect_left(times, mark_ms - _MARK_MS) : bisect_right(times, mark_ms + _MARK_MS)])
    if not near:
        return None
    middle = len(near) // 2
    return one.peak_bpm - (near[middle] if len(near) % 2 else (near[middle - 1] + near[middle]) / 2)
