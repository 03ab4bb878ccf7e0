"""The condition machine: is it so? INACTIVE, PENDING, ACTIVE, CLEARING, moved by good samples only.

It knows nothing of screens, sounds or acknowledgements (`announcement.py`), and time is the sample's own.
"""

from typing import Final

from msgspec import Struct

from analysis.core.rules import Rule
from vitals.alarms import Condition, Operator
from vitals.units import MonotonicMs

UPWARD: Final = (Operator.ABOVE, Operator.AT_LEAST)
INCLUSIVE: Final = (Operator.AT_LEAST, Operator.AT_MOST)


class ConditionState(Struct, frozen=True, omit_defaults=True, gc=False):
    """Where one condition stands.

    ``held_since_ms``: for each leg of the rule, the first sample of the unbroken breach, None while not in breach.
    ``seen_ms``: the last good sample. ``breach_ms`` and ``onset_ms``: first sample of the hold, and the one that
    completed it. ``clear_since_ms``: first sample of the unbroken stretch beyond the margin.
    ``value``: newest good value; ``peak``: the worst since the breach. INACTIVE keeps nothing: it is `IDLE`.
    """

    condition: Condition = Condition.INACTIVE
    held_since_ms: tuple[MonotonicMs | None, ...] = ()
    seen_ms: MonotonicMs = MonotonicMs(0)
    breach_ms: MonotonicMs = MonotonicMs(0)
    onset_ms: MonotonicMs = MonotonicMs(0)
    clear_since_ms: MonotonicMs | None = None
    value: float = 0.0
    peak: float = 0.0


IDLE: Final = ConditionState()

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_INACTIVE: Final = Condition.INACTIVE
_PENDING: Final = Condition.PENDING
_ACTIVE: Final = Condition.ACTIVE
_CLEARING: Final = Condition.CLEARING


def step(before: ConditionState, rule: Rule, limit: float, value: float, at_ms: MonotonicMs) -> ConditionState:
    """Return the state after one good sample; samples come in the order of their own time.

    Questionable samples and silence are not passed in at all: they neither breach nor clear, and are judged as the
    hole that they leave.
    """
    excess = value - limit if rule.op in UPWARD else limit - value
    condition = before.condition
    if condition is _INACTIVE:
        return _hold(before, rule, excess, value, at_ms) if is_beyond(excess, rule) else before
    if condition is _PENDING:
        # Hysteresis serves clearing only: one good sample at or inside the limit ends the hold.
        return _hold(before, rule, excess, value, at_ms) if is_beyond(excess, rule) else IDLE
    if condition is _ACTIVE:
        return _stand(before, rule, excess, value, at_ms)
    return _clear(before, rule, excess, value, at_ms)


def is_beyond(excess: float, rule: Rule, depth: float = 0.0) -> bool:
    """Return whether a value so far past the limit is in breach, ``depth`` units further."""
    return excess > depth or (excess == depth and rule.op in INCLUSIVE)


def stands(state: ConditionState) -> bool:
    """Return whether the condition is so: ACTIVE, or CLEARING, which has not ended yet."""
    return state.condition is _ACTIVE or state.condition is _CLEARING


def _hold(before: ConditionState, rule: Rule, excess: float, value: float, at_ms: MonotonicMs) -> ConditionState:
    """Return PENDING, or ACTIVE when a leg's hold is complete."""
    gapless = before.condition is _PENDING and at_ms - before.seen_ms <= rule.gate.hole_s_max * 1000
    earlier = before.held_since_ms if gapless else (None,) * len(rule.legs)
    held_since_ms = tuple(
        [
            (at_ms if since is None else since) if is_beyond(excess, rule, leg.beyond) else None
            for leg, since in zip(rule.legs, earlier, strict=True)
        ]
    )
    complete = any(
        [  # noqa: C419 - a generator takes longer
            since is not None and at_ms - since >= leg.hold_s * 1000
            for leg, since in zip(rule.legs, held_since_ms, strict=True)
        ]
    )
    first_ms = held_since_ms[0]
    return ConditionState(
        _ACTIVE if complete else _PENDING,
        () if complete else held_since_ms,
        at_ms,
        # The first leg has no extra depth, so every breach counts for it.
        at_ms if first_ms is None else first_ms,
        at_ms if complete else MonotonicMs(0),
        None,
        value,
        _worse(rule, before.peak, value) if gapless else value,
    )


def _stand(before: ConditionState, rule: Rule, excess: float, value: float, at_ms: MonotonicMs) -> ConditionState:
    """Return ACTIVE, or CLEARING at the first sample beyond the margin."""
    if excess > -rule.clear_margin or is_beyond(excess, rule):
        return _moved(before, rule, _ACTIVE, value, at_ms, None)
    if rule.clear_s <= 0:
        return IDLE
    return _moved(before, rule, _CLEARING, value, at_ms, at_ms)


def _clear(before: ConditionState, rule: Rule, excess: float, value: float, at_ms: MonotonicMs) -> ConditionState:
    """Return ACTIVE again inside the margin (the same condition goes on), IDLE when the clear time is spanned."""
    since_ms = before.clear_since_ms
    if since_ms is None or at_ms - before.seen_ms > rule.gate.hole_s_max * 1000:
        # Nobody knows what happened in a long hole: the stretch begins anew, and this sample may be its first.
        return _stand(before, rule, excess, value, at_ms)
    if excess > -rule.clear_margin or is_beyond(excess, rule):
        return _moved(before, rule, _ACTIVE, value, at_ms, None)
    if at_ms - since_ms >= rule.clear_s * 1000:
        return IDLE
    return _moved(before, rule, _CLEARING, value, at_ms, since_ms)


def _moved(  # noqa: PLR0917 - for each value while an alarm is on, and names take longer
    before: ConditionState,
    rule: Rule,
    condition: Condition,
    value: float,
    at_ms: MonotonicMs,
    clear_since_ms: MonotonicMs | None,
) -> ConditionState:
    peak = before.peak
    if (value > peak) if rule.op in UPWARD else (value < peak):
        peak = value
    return ConditionState(condition, (), at_ms, before.breach_ms, before.onset_ms, clear_since_ms, value, peak)


def _worse(rule: Rule, one: float, other: float) -> float:
    return one if (one > other) is (rule.op in UPWARD) else other
