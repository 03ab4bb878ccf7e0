"""Strap against oximeter: do the two tell the same heart rate? One step a value of either; medians of 15 s.

A difference says that two sensors disagree, never which one is wrong: in atrial fibrillation not every beat reaches the
finger, and both are right.
"""

from typing import Final

from msgspec import Struct

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
_STEP_MS: Final = 2_000
"""Medians of 15 s are compared every 2 s: nobody sees the difference, and it is half the work."""


class Recent(Struct, frozen=True, array_like=True):
    """The last 15 s of one source: times and bpm, oldest first."""

    at_ms: tuple[MonotonicMs, ...] = ()
    bpm: tuple[float, ...] = ()


class PairState(Struct, frozen=True, omit_defaults=True):
    """The last 15 s of both, and since when they differ or agree.

    ``fast_ms``: when the rate last changed too fast. ``since_ms``: since when they have been apart without a break,
    None while they are not. ``judged_ms``: when the medians were compared last.
    ``trail``: medians of the rate in the 20 s before, oldest first.
    """

    rates: Recent = Recent()
    pulses: Recent = Recent()
    fast_ms: MonotonicMs | None = None
    since_ms: MonotonicMs | None = None
    judged_ms: MonotonicMs | None = None
    agreement: Agreement = Agreement.UNKNOWN
    rate_bpm: float | None = None
    pulse_bpm: float | None = None
    trail: tuple[float, ...] = ()


class PairVerdict(Struct, frozen=True):
    """What the two say of each other; medians of 15 s in bpm, None while there are too few values."""

    agreement: Agreement = Agreement.UNKNOWN
    rate_bpm: float | None = None
    pulse_bpm: float | None = None


def step(
    state: PairState, *, hr_bpm: float | None = None, pulse_bpm: float | None = None, at_ms: MonotonicMs
) -> tuple[PairState, PairVerdict]:
    """Return the state after a value of one of the two, and whether they agree.

    Args:
        state: as the last call returned it.
        hr_bpm: a good rate of the strap (what its gate let through).
        pulse_bpm: a good pulse of the oximeter.
        at_ms: when it was measured; a value older than the newest of its kind is passed over.
    """
    rates, pulses = state.rates, state.pulses
    if hr_bpm is not None:
        rates = _with(rates, hr_bpm, at_ms)
    if pulse_bpm is not None:
        pulses = _with(pulses, pulse_bpm, at_ms)
    if state.judged_ms is not None and at_ms - state.judged_ms < _STEP_MS:
        after = PairState(
            rates,
            pulses,
            state.fast_ms,
            state.since_ms,
            state.judged_ms,
            state.agreement,
            state.rate_bpm,
            state.pulse_bpm,
            state.trail,
        )
    else:
        after = _judge(state, rates, pulses, at_ms)
    return after, PairVerdict(after.agreement, after.rate_bpm, after.pulse_bpm)


def _judge(before: PairState, rates: Recent, pulses: Recent, at_ms: MonotonicMs) -> PairState:
    rate_bpm, pulse_bpm = _median(rates, at_ms), _median(pulses, at_ms)
    fast_ms = at_ms if _is_fast(rates) else before.fast_ms
    since_ms, agreement = None, Agreement.UNKNOWN
    trail = () if rate_bpm is None else (*before.trail, rate_bpm)[-_TRAIL:]
    settled = fast_ms is None or at_ms - fast_ms > SETTLE_MS
    if rate_bpm is not None and pulse_bpm is not None and settled:
        # What the oximeter tells now was so some time in the last 20 s.
        if min(trail) - DIFFERENCE_BPM_MAX <= pulse_bpm <= max(trail) + DIFFERENCE_BPM_MAX:
            agreement = Agreement.AGREE
        else:
            since_ms = at_ms if before.since_ms is None else before.since_ms
            if at_ms - since_ms >= LAST_MS:
                agreement = Agreement.DISAGREE
    return PairState(rates, pulses, fast_ms, since_ms, at_ms, agreement, rate_bpm, pulse_bpm, trail)


def _with(recent: Recent, bpm: float, at_ms: MonotonicMs) -> Recent:
    """Return the last 15 s with one more value, at most 32; one that is older than the newest is passed over."""
    times, values = recent.at_ms, recent.bpm
    if times and at_ms <= times[-1]:
        return recent
    first, horizon_ms = max(len(times) - _VALUES_MAX + 1, 0), at_ms - MEDIAN_MS
    while first < len(times) and times[first] <= horizon_ms:
        first += 1
    return Recent((*times[first:], at_ms), (*values[first:], bpm))


def _is_fast(rates: Recent) -> bool:
    """Return whether the newest rate is more than 1 bpm/s away from the one about 5 s before it."""
    times = rates.at_ms
    for index in range(len(times) - 1, -1, -1):
        span_ms = times[-1] - times[index]
        if span_ms >= _SLOPE_MS:
            return abs(rates.bpm[-1] - rates.bpm[index]) * 1000 > SLOPE_BPM_PER_S_MAX * span_ms
    return False


def _median(recent: Recent, now_ms: MonotonicMs) -> float | None:
    """Return the median of the values younger than 15 s, None for fewer than 8."""
    times, horizon_ms = recent.at_ms, now_ms - MEDIAN_MS
    if len(times) < _VALUES_MIN:
        return None
    first = 0
    while first < len(times) and times[first] <= horizon_ms:
        first += 1
    ordered = sorted(recent.bpm[first:])
    if len(ordered) < _VALUES_MIN:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
