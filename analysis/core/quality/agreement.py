"""Strap against oximeter: do the two tell the same heart rate? One step a value of either; medians of 15 s.

A difference says that two sensors disagree, never which one is wrong: in atrial fibrillation not every beat reaches the
finger, and both are right.
"""

from bisect import bisect_right
from typing import Final

from msgspec import Struct, field

from vitals.passport import Agreement
from vitals.units import MonotonicMs

MEDIAN_MS: Final = 15_000
DIFFERENCE_BPM_MAX: Final = 10.0
LAST_MS: Final = 15_000
SLOPE_BPM_PER_S_MAX: Final = 1.0
"""More than 10 bpm apart for 15 s, not compared while the rate changes by more than 1 bpm/s (clinical specification,
section 2; engineering choice: an oximeter's pulse is some 10 to 15 s behind)."""

SETTLE_MS: Final = 15_000
"""So long after a fast change the oximeter has caught up: its own averaging and a median of 15 s."""

_TRAIL: Final = 11
_SLOPE_MS: Final = 5_000
_VALUES_MAX: Final = 32
_VALUES_MIN: Final = 8
_VALUES_ROOM: Final = 20
"""So many are let come before old ones are looked for: 15 s of a sensor that tells once a second, and some."""
_STEP_MS: Final = 2_000
"""Medians of 15 s are compared every 2 s: nobody sees the difference, and it is half the work."""

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_UNKNOWN: Final = Agreement.UNKNOWN
_AGREE: Final = Agreement.AGREE


class Recent(Struct, array_like=True):
    """The last 15 s of one source: times and bpm, oldest first."""

    at_ms: list[MonotonicMs] = []
    bpm: list[float] = []


class PairState(Struct, omit_defaults=True):
    """The last 15 s of both, and since when they differ or agree; medians of 15 s in bpm, None for too few values.

    ``fast_ms``: when the rate last changed too fast. ``since_ms``: since when they have been apart without a break,
    None while they are not. ``judged_ms``: when the medians were compared last.
    ``trail``: medians of the rate in the 20 s before, oldest first.
    """

    rates: Recent = field(default_factory=Recent)
    pulses: Recent = field(default_factory=Recent)
    fast_ms: MonotonicMs | None = None
    since_ms: MonotonicMs | None = None
    judged_ms: MonotonicMs | None = None
    agreement: Agreement = _UNKNOWN
    rate_bpm: float | None = None
    pulse_bpm: float | None = None
    trail: tuple[float, ...] = ()


def step(pair: PairState, *, hr_bpm: float | None = None, pulse_bpm: float | None = None, at_ms: MonotonicMs) -> bool:
    """Take a value of one of the two, and return whether they were compared now.

    Args:
        pair: of one person; changed in place, for this is done with nearly every reading.
        hr_bpm: a good rate of the strap (what its gate let through).
        pulse_bpm: a good pulse of the oximeter.
        at_ms: when it was measured; a value older than the newest of its kind is passed over.
    """
    is_judged = hr_bpm is not None and hear(pair, pair.rates, hr_bpm, at_ms)
    return (pulse_bpm is not None and hear(pair, pair.pulses, pulse_bpm, at_ms)) or is_judged


def hear(pair: PairState, recent: Recent, bpm: float, at_ms: MonotonicMs) -> bool:
    """Take a value of one of the two, ``recent``, as `step` does; what is too old is dropped when they are compared."""
    times, judged_ms = recent.at_ms, pair.judged_ms
    if not times or at_ms > times[-1]:
        times.append(at_ms)
        recent.bpm.append(bpm)
    if judged_ms is not None and at_ms - judged_ms < _STEP_MS:
        return False
    _judge(pair, at_ms)
    return True


def _judge(pair: PairState, at_ms: MonotonicMs) -> None:
    rates = pair.rates
    rate_bpm, pulse_bpm = _median(rates, at_ms), _median(pair.pulses, at_ms)
    fast_ms = at_ms if _is_fast(rates) else pair.fast_ms
    since_ms, agreement = None, _UNKNOWN
    trail = () if rate_bpm is None else (*pair.trail, rate_bpm)[-_TRAIL:]
    settled = fast_ms is None or at_ms - fast_ms > SETTLE_MS
    if rate_bpm is not None and pulse_bpm is not None and settled:
        # What the oximeter tells now was so some time in the last 20 s.
        if (
            rate_bpm - DIFFERENCE_BPM_MAX <= pulse_bpm <= rate_bpm + DIFFERENCE_BPM_MAX
            or min(trail) - DIFFERENCE_BPM_MAX <= pulse_bpm <= max(trail) + DIFFERENCE_BPM_MAX
        ):
            agreement = _AGREE
        else:
            since_ms = at_ms if pair.since_ms is None else pair.since_ms
            if at_ms - since_ms >= LAST_MS:
                agreement = Agreement.DISAGREE
    pair.fast_ms, pair.since_ms, pair.judged_ms, pair.agreement = fast_ms, since_ms, at_ms, agreement
    pair.rate_bpm, pair.pulse_bpm, pair.trail = rate_bpm, pulse_bpm, trail


def _is_fast(rates: Recent) -> bool:
    """Return whether the newest rate is more than 1 bpm/s away from the one about 5 s before it."""
    times, values = rates.at_ms, rates.bpm
    if not times:
        return False
    newest_ms = times[-1]
    index = bisect_right(times, newest_ms - _SLOPE_MS) - 1
    if index < 0 or times[index] <= newest_ms - MEDIAN_MS:
        return False
    return abs(values[-1] - values[index]) * 1000.0 > SLOPE_BPM_PER_S_MAX * (newest_ms - times[index])


def _median(recent: Recent, now_ms: MonotonicMs) -> float | None:
    """Return the median of the values younger than 15 s, None for fewer than 8.

    What is older than 15 s beside its own newest value, and more than 32, counts no more, and is dropped now and then.
    """
    times, values = recent.at_ms, recent.bpm
    if not times:
        return None
    newest_ms, count = times[-1], len(times)
    until_ms = newest_ms if newest_ms > now_ms else now_ms  # noqa: FURB136 - for each pair, and a call takes longer
    first = bisect_right(times, until_ms - MEDIAN_MS)
    if count - first > _VALUES_MAX:
        first = count - _VALUES_MAX
    if count > _VALUES_ROOM:
        gone, over = bisect_right(times, newest_ms - MEDIAN_MS), count - _VALUES_MAX
        gone = over if over > gone else gone  # noqa: FURB136
        del times[:gone], values[:gone]
        first -= gone
    ordered = values[first:]
    ordered.sort()
    count = len(ordered)
    if count < _VALUES_MIN:
        return None
    middle = count >> 1
    return ordered[middle] if count & 1 else (ordered[middle - 1] + ordered[middle]) / 2.0
