"""Falls of saturation that are too fast for blood: held back until they have lasted, forgotten when they come back.

A finger that moves makes the value of an oximeter fall by ten points in a few seconds, and come back as fast. On 16
recordings of clinical oximeters on people who breathed thin air no value was more than 7 points under what it had been
8 s before. What falls faster is kept out of the rules for 20 s; if it lasts, all of it counts from its own times.
"""

from bisect import bisect_left
from operator import attrgetter
from typing import Final

from msgspec import Struct

from analysis.core.quality.gate import Evidence
from vitals.units import MonotonicMs

FALL_PCT: Final = 8.0
WITHIN_MS: Final = 8_000
BACK_PCT: Final = 4.0
"""So near to where it fell from, a dip is over."""

LAST_MS: Final = 20_000
"""A motion of 14 s seen through an average of 8 s is over by then; 5 s more than the hold of the rules."""

HOLE_MS: Final = 5_000


RECENT_MAX: Final = 16
"""So many are let come before old ones are dropped: nobody asks for them unless the value falls."""

_AT_MS: Final = attrgetter("at_ms")
_VALUE: Final = attrgetter("value")


class DipState(Struct, omit_defaults=True, gc=False):
    """``recent``: the values of the last 8 s at least, oldest first. ``held``: since the fall began.

    ``top_pct``: never less than the highest of the last 8 s, nor more than the highest of ``recent``.
    """

    recent: tuple[Evidence, ...] = ()
    held: tuple[Evidence, ...] = ()
    from_pct: float = 0.0
    top_pct: float = 0.0


def pass_on(state: DipState, evidence: tuple[Evidence, ...]) -> tuple[DipState, tuple[Evidence, ...]]:
    """Return the state after values that the gate let through, oldest first, and what the rules may judge now."""
    if len(evidence) == 1:
        return step(state, evidence[0])
    passed: tuple[Evidence, ...] = ()
    for one in evidence:
        state, let_through = step(state, one)
        passed += let_through
    return state, passed


def step(state: DipState, one: Evidence) -> tuple[DipState, tuple[Evidence, ...]]:
    """Return the state after one value that the gate let through, and what the rules may judge now."""
    if state.held:
        return _fallen(state, one)
    recent, value, top_pct = state.recent, one.value, state.top_pct
    if top_pct - value >= FALL_PCT:
        recent, top_pct = lately(recent, one.at_ms)
        if top_pct - value >= FALL_PCT:
            return DipState((), (one,), top_pct), ()
    recent = (*recent, one)
    if len(recent) > RECENT_MAX:
        recent, top_pct = lately(recent, one.at_ms)
    return DipState(recent, (), 0.0, max(top_pct, value)), (one,)


def lately(recent: tuple[Evidence, ...], at_ms: MonotonicMs) -> tuple[tuple[Evidence, ...], float]:
    """Return the values of the last 8 s and the highest of them, 0 of none."""
    recent = recent[bisect_left(recent, at_ms - WITHIN_MS, key=_AT_MS) :]
    return recent, max(map(_VALUE, recent), default=0.0)


def _fallen(state: DipState, one: Evidence) -> tuple[DipState, tuple[Evidence, ...]]:
    if one.value > state.from_pct - BACK_PCT or one.at_ms - state.held[-1].at_ms > HOLE_MS:
        return DipState((one,), top_pct=one.value), (one,)
    held = (*state.held, one)
    if MonotonicMs(one.at_ms - held[0].at_ms) >= LAST_MS:
        return DipState((one,), top_pct=one.value), held
    return DipState((), held, state.from_pct), ()
