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

_SLOPE_MS: Final = 5_000
_VALUES_MAX: Final = 32
_VALUES_MIN: Final = 8
_STEP_MS: Final = 1_000


class PairState(Struct, frozen=True, omit_defaults=True):
    """The last 15 s of both, as (time, bpm) oldest first, and since when they differ or agree.

    ``fast_ms``: when the rate last changed too fast. ``since_ms``: since when the newest finding has stood unbroken.
    """

    rates: tuple[tuple[MonotonicMs, float], ...] = ()
    pulses: tuple[tuple[MonotonicMs, float], ...] = ()
    fast_ms: MonotonicMs | None = None
    apart: bool = False
    since_ms: MonotonicMs | None = None
    judged_ms: MonotonicMs = MonotonicMs(0)
    agreement: Agreement = Agreement.UNKNOWN
    rate_bpm: float | None = None
    pulse_bpm: float | None = None


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
    rates, pulses, fast_ms = state.rates, state.pulses, state.fast_ms
    if hr_bpm is not None and (not rates or at_ms > rates[-1][0]):
        rates = _kept((*rates, (at_ms, hr_bpm)), at_ms)
        if _is_fast(rates):
            fast_ms = at_ms
    if pulse_bpm is not None and (not pulses or at_ms > pulses[-1][0]):
        pulses = _kept((*pulses, (at_ms, pulse_bpm)), at_ms)
    if at_ms - state.judged_ms < _STEP_MS:
        after = PairState(
            rates,
            pulses,
            fast_ms,
            state.apart,
            state.since_ms,
            state.judged_ms,
            state.agreement,
            state.rate_bpm,
            state.pulse_bpm,
        )
    else:
        after = _judge(state, rates, pulses, fast_ms, at_ms)
    return after, PairVerdict(after.agreement, after.rate_bpm, after.pulse_bpm)


def _judge(
    before: PairState,
    rates: tuple[tuple[MonotonicMs, float], ...],
    pulses: tuple[tuple[MonotonicMs, float], ...],
    fast_ms: MonotonicMs | None,
    at_ms: MonotonicMs,
) -> PairState:
    horizon_ms = at_ms - MEDIAN_MS
    rate_bpm = _median(rates, horizon_ms)
    pulse_bpm = _median(pulses, horizon_ms)
    settled = fast_ms is None or at_ms - fast_ms > SETTLE_MS
    if rate_bpm is None or pulse_bpm is None or not settled:
        return PairState(rates, pulses, fast_ms, False, None, at_ms, Agreement.UNKNOWN, rate_bpm, pulse_bpm)  # noqa: FBT003 - positional for speed
    apart = abs(rate_bpm - pulse_bpm) > DIFFERENCE_BPM_MAX
    since_ms = at_ms if before.since_ms is None or apart is not before.apart else before.since_ms
    agreement = before.agreement
    if not apart:
        agreement = Agreement.AGREE
    elif at_ms - since_ms >= LAST_MS:
        agreement = Agreement.DISAGREE
    elif agreement is not Agreement.DISAGREE:
        agreement = Agreement.UNKNOWN
    return PairState(rates, pulses, fast_ms, apart, since_ms, at_ms, agreement, rate_bpm, pulse_bpm)


def _kept(values: tuple[tuple[MonotonicMs, float], ...], at_ms: MonotonicMs) -> tuple[tuple[MonotonicMs, float], ...]:
    """Return the values of the last 15 s, at most 32."""
    if len(values) > _VALUES_MAX:
        values = values[1:]
    horizon_ms = at_ms - MEDIAN_MS
    while values[0][0] <= horizon_ms:
        values = values[1:]
    return values


def _is_fast(rates: tuple[tuple[MonotonicMs, float], ...]) -> bool:
    """Return whether the newest rate is more than 1 bpm/s away from the one about 5 s before it."""
    at_ms, bpm = rates[-1]
    for then_ms, then_bpm in reversed(rates):
        span_ms = at_ms - then_ms
        if span_ms >= _SLOPE_MS:
            return abs(bpm - then_bpm) * 1000 > SLOPE_BPM_PER_S_MAX * span_ms
    return False


def _median(values: tuple[tuple[MonotonicMs, float], ...], horizon_ms: int) -> float | None:
    if len(values) < _VALUES_MIN or values[-1][0] <= horizon_ms:
        return None
    ordered = sorted([bpm for at_ms, bpm in values if at_ms > horizon_ms])
    if len(ordered) < _VALUES_MIN:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
