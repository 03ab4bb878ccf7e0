"""Falls of saturation that are too fast for blood: held back until they have lasted, forgotten when they come back.

A finger that moves makes the value of an oximeter fall by ten points in a few seconds, and come back as fast. On 16
recordings of clinical oximeters on people who breathed thin air no value was more than 7 points under what it had been
8 s before. What falls faster is kept out of the rules for 20 s; if it lasts, all of it counts from its own times.
"""

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


class DipState(Struct, omit_defaults=True, gc=False):
    """``recent``: the highest values of the last 8 s, oldest and highest first. ``held``: since the fall began."""

    recent: tuple[Evidence, ...] = ()
    held: tuple[Evidence, ...] = ()
    from_pct: float = 0.0


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
    value, horizon_ms = one.value, one.at_ms - WITHIN_MS
    recent = tuple([past for past in state.recent if past.at_ms >= horizon_ms and past.value > value])
    if recent and recent[0].value - one.value >= FALL_PCT:
        return DipState((), (one,), recent[0].value), ()
    return DipState((*recent, one)), (one,)


def _fallen(state: DipState, one: Evidence) -> tuple[DipState, tuple[Evidence, ...]]:
    if one.value > state.from_pct - BACK_PCT or one.at_ms - state.held[-1].at_ms > HOLE_MS:
        return DipState((one,)), (one,)
    held = (*state.held, one)
    if MonotonicMs(one.at_ms - held[0].at_ms) >= LAST_MS:
        return DipState((one,)), held
    return DipState((), held, state.from_pct), ()
