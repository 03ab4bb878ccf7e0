"""The gate before the rules: a value out of range, or one that jumps, is held back, and let through when it lasts.

A spike of one value never becomes evidence. A real jump is never hidden: once its level has lasted for ``last_s``, all
that was held of it is let through with the times at which it was measured, so that a rule's hold counts from the
jump itself. What is held back is still drawn on the chart. The gate knows nothing of contact or beats.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from vitals.units import MonotonicMs


class GateRule(Struct, frozen=True, kw_only=True):
    """What one vital sign can do.

    Attributes:
        low: least value taken at its word.
        high: greatest one.
        least: least value that is one at all; between it and ``low`` it is let through when it lasts.
        most: greatest one.
        jump: greatest change from one value to the next, in the unit of the signal.
        slope_per_s: greatest change in a second that may go on for 2 s; 0: not judged.
        last_s: how long a new level has to last.
    """

    low: float
    high: float
    least: float
    most: float
    jump: float
    slope_per_s: float = 0.0
    last_s: float = 5.0


HR_GATE: Final = GateRule(low=30, high=230, least=15, most=250, jump=25, slope_per_s=15)
"""Range, jump, slope and 5 s: clinical specification, section 2 (engineering choices). A heart that stands nearly still
and one that races both leave the range at a jump: what lasts out there is let through, with a doubt. Beyond one beat in
4 s and 240 ms a beat it is electronics."""

SPO2_GATE: Final = GateRule(low=50, high=100, least=50, most=100, jump=6)
"""Range: clinical specification, section 2. Jump: on 16 recordings (4 people breathing thin air, 4 clinical oximeters
each) no value differs by more than 5 points from the one a second before; motion makes 15. Below 50 nobody exercises,
and who falls there has passed all limits on the way: refused, and missed as NO_DATA."""

GIVE_IN_S: Final = 10.0
"""Nothing was let through for so long: whatever two values in a row agree on is believed. Bounds what a staircase of
short levels could hide."""

HOLE_MS: Final = 5_000
"""After a longer hole nobody knows the level (design, section 7): the first two values that agree are believed."""

HELD_MAX: Final = 128
"""Twelve values a second for 10 s; when it is full the gate gives in."""

MARK_MS: Final = 900
SLOPE_MS_MIN: Final = 1_500
_SLOPE_MS_MAX: Final = 3_000


class Evidence(Struct, frozen=True, array_like=True, gc=False):
    """One value with the time at which it was measured."""

    at_ms: MonotonicMs
    value: float


class Outcome(StrEnum):
    """What the gate did with a value."""

    PASSED = "passed"
    HELD = "held"
    """Kept for the chart; not evidence for now."""
    RELEASED = "released"
    """It and those held before it are evidence now, each with its own time."""
    REFUSED = "refused"
    """Out of range for good."""


class GateVerdict(Struct, frozen=True, gc=False):
    """What the gate did with a value, and what the rules may judge now, oldest first."""

    outcome: Outcome
    evidence: tuple[Evidence, ...] = ()


class GateState(Struct, omit_defaults=True, gc=False):
    """Where the gate stands.

    ``level``: newest value that is believed, None when nobody knows. ``mark`` and ``mark_before``: believed values
    about one and two seconds before it. ``held``: suspects since then, oldest first. ``dropped_n``: suspects that
    never were let through, and refused values.
    """

    level: Evidence | None = None
    mark: Evidence | None = None
    mark_before: Evidence | None = None
    seen_ms: MonotonicMs | None = None
    held: tuple[Evidence, ...] = ()
    dropped_n: int = 0


_PASSED: Final = Outcome.PASSED
_HELD: Final = GateVerdict(Outcome.HELD)
_REFUSED: Final = GateVerdict(Outcome.REFUSED)


def step(state: GateState, rule: GateRule, *, value: float, at_ms: MonotonicMs) -> tuple[GateState, GateVerdict]:
    """Return the state after one value and what it lets through.

    Values come in the order of their own time; one that comes late is let through when it fits the level, and
    changes nothing.

    Args:
        state: as the last call returned it; `GateState()` at first.
        rule: of the vital sign.
        value: in the unit of the rule.
        at_ms: when it was measured.
    """
    inside = rule.low <= value <= rule.high
    if not inside and not rule.least <= value <= rule.most:
        return replace(state, dropped_n=state.dropped_n + 1), _REFUSED
    level, one = state.level, Evidence(at_ms, value)
    if state.seen_ms is not None and at_ms < state.seen_ms:
        if inside and level is not None and abs(value - level.value) <= rule.jump:
            return state, GateVerdict(_PASSED, (one,))
        return state, _HELD
    if (
        level is not None
        and abs(value - level.value) <= rule.jump
        and (inside or not rule.low <= level.value <= rule.high)
    ):
        if len(state.held) > 1:
            return _return(state, rule, one)
        if state.held or not _is_steep(state, rule, one):
            return _believe(state, one), GateVerdict(_PASSED, (one,))
    return _suspect(state, rule, one, inside=inside)


def _return(state: GateState, rule: GateRule, one: Evidence) -> tuple[GateState, GateVerdict]:
    """Come back to the level after suspects: two or more that fit the new value too were a change, not a spike."""
    held = (*state.held, one)
    chain = [held[index] for index in _chain(held, jump=rule.jump)]
    # What lies out of range has to last.
    evidence = tuple(other for other in chain if other is one or rule.low <= other.value <= rule.high)
    if len(evidence) <= 2:  # noqa: PLR2004 - itself and one suspect
        return _believe(state, one), GateVerdict(_PASSED, (one,))
    return _believe(state, one, evidence_n=len(evidence) - 1), GateVerdict(Outcome.RELEASED, evidence)


def _believe(state: GateState, one: Evidence, *, evidence_n: int = 0) -> GateState:
    """Return the state after a value that fits the level; suspects before it, but so many, were spikes."""
    mark, before = state.mark, state.mark_before
    if mark is None or one.at_ms - mark.at_ms >= MARK_MS:
        mark, before = one, mark
    return GateState(one, mark, before, one.at_ms, (), state.dropped_n + len(state.held) - evidence_n)


def _is_steep(state: GateState, rule: GateRule, one: Evidence) -> bool:
    """Return whether the last 2 s changed faster than the rule's slope all the way."""
    before = state.mark_before
    if before is None or not rule.slope_per_s:
        return False
    span_ms = one.at_ms - before.at_ms
    if not SLOPE_MS_MIN <= span_ms <= _SLOPE_MS_MAX:
        return False
    return abs(one.value - before.value) * 1000 > rule.slope_per_s * span_ms


def _suspect(state: GateState, rule: GateRule, one: Evidence, *, inside: bool) -> tuple[GateState, GateVerdict]:
    """Hold a value back, or let it through with those before it when its level has lasted."""
    level = state.level
    known = level is not None and state.seen_ms is not None and one.at_ms - state.seen_ms <= HOLE_MS
    held = (*state.held, one)
    chain = _chain(held, jump=rule.jump)
    span_ms = one.at_ms - held[chain[0]].at_ms
    agreed = len(chain) > 1
    lasted = agreed and span_ms >= rule.last_s * 1000
    gives_in = agreed and (one.at_ms - held[0].at_ms >= GIVE_IN_S * 1000 or len(held) >= HELD_MAX)
    if lasted or gives_in or (agreed and not known and inside):
        # After a hole two values are enough for a level, so they alone are believed.
        beside = lasted or gives_in
        evidence = _release(held, chain, rule, before=level) if beside else tuple(held[index] for index in chain)
        dropped_n = state.dropped_n + len(held) - len(evidence)
        after = GateState(one, one, None, one.at_ms, (), dropped_n)
        return after, GateVerdict(Outcome.RELEASED, evidence)
    overflow_n = max(len(held) - HELD_MAX, 0)
    after = GateState(
        level if known else None,
        state.mark,
        state.mark_before,
        one.at_ms,
        held[overflow_n:],
        state.dropped_n + overflow_n,
    )
    return after, _HELD


def _chain(held: tuple[Evidence, ...], *, jump: float) -> list[int]:
    """Return which of the suspects make up the level of the newest: each within a jump of the next one, or of it."""
    newest = last = held[-1].value
    chain = [len(held) - 1]
    for index in range(len(held) - 2, -1, -1):
        value = held[index].value
        if abs(value - last) <= jump or abs(value - newest) <= jump:
            chain.append(index)
            last = value
    chain.reverse()
    return chain


def _release(
    held: tuple[Evidence, ...], chain: list[int], rule: GateRule, *, before: Evidence | None
) -> tuple[Evidence, ...]:
    """Return the suspects but the spikes: those of the level, and those in range that a neighbour agrees with."""
    members = set(chain)
    evidence = []
    for index, one in enumerate(held):
        earlier = held[index - 1] if index else before
        later = held[index + 1] if index + 1 < len(held) else None
        if index in members or (
            rule.low <= one.value <= rule.high
            and any(other is not None and abs(other.value - one.value) <= rule.jump for other in (earlier, later))
        ):
            evidence.append(one)
    return tuple(evidence)
