"""One vital sign of one person: its rules' conditions, moved by good samples in the order of their own time.

Samples may come out of order between streams and after a hiccup of the broker. The track keeps the good ones of the
last `LATE_MS` with the conditions before each, so that one which comes after its successors is judged at its place.
An alarm that stands is never taken back that way: it ends by the rule's clear time only.
"""

from itertools import pairwise
from math import inf
from typing import Final

from msgspec import Struct

from analysis.core import condition
from analysis.core.condition import IDLE, ConditionState
from analysis.core.rulebook import Rulebook
from analysis.core.rules import Rule
from vitals.alarms import Condition, Operator, RuleId
from vitals.participants import LimitReason
from vitals.sessions import Phase
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_INACTIVE: Final = Condition.INACTIVE
_PENDING: Final = Condition.PENDING

LATE_MS: Final = 10_000
"""Design, section 3: late is a matter of age; from 10 s on a reading is stored and raises nothing live."""

SAMPLES_MAX: Final = 128
"""Twelve a second for 10 s: no strap or oximeter is faster; a faster one only shortens the time for mending order."""

_TRIM_MS: Final = LATE_MS + 3_000
"""What is older than `LATE_MS` harms nobody: it is dropped three or four at a time."""

_SOUNDING_BELOW: Final = (RuleId.HR_LOW, RuleId.SPO2_LOW)
_SOUNDING_ABOVE: Final = (RuleId.HR_OVER, RuleId.HR_CRIT)


class Judgement(Struct, kw_only=True, omit_defaults=True):
    """One rule on one person: the limit, the live condition, and the one of late samples.

    ``phase``, ``op`` and ``hold_s`` tailor the rule (`Rulebook.judged`).
    """

    rule: RuleId
    limit: float
    reason: LimitReason
    phase: Phase | None = None
    op: Operator | None = None
    hold_s: float | None = None
    is_upward: bool = True
    """Whether more is worse, by the rule's comparison."""
    state: ConditionState = IDLE
    late: ConditionState = IDLE


class Sample(Struct, frozen=True, array_like=True, gc=False):
    """A good sample and the conditions before it, in the order of the track's judgements; empty: all were idle."""

    at_ms: MonotonicMs
    value: float
    before: tuple[ConditionState, ...] = ()


class Track(Struct, kw_only=True, omit_defaults=True):
    """State of one vital sign. ``floor_ms``: limits changed then; older samples are judged no more.

    ``calm``: a value strictly between these two is in breach of no rule. ``is_idle``: no condition has begun.
    """

    judgements: list[Judgement] = []
    window: list[Sample] = []
    floor_ms: MonotonicMs = MonotonicMs(0)
    late_ms: MonotonicMs = MonotonicMs(0)
    """Time of the newest late sample, and when it came."""
    late_heard_ms: MonotonicMs = MonotonicMs(0)
    calm: tuple[float, float] = (-inf, inf)
    is_idle: bool = True
    sounding: tuple[float | None, float | None] = (None, None)
    """The limits that sound nearest to a value, below and above it."""


class Turn(Struct, frozen=True):
    """A condition that began to stand, or ended. ``past``: it began and ended before now, and is seen afterwards."""

    judgement: Judgement
    before: ConditionState
    after: ConditionState
    past: bool = False


def hear_calm(track: Track, value: float, at_ms: MonotonicMs) -> bool:
    """Take a good sample that is in breach of nothing while nothing has begun; return whether it was such a one.

    Nearly all samples are; `hear` takes the others, and would come to the same for these.
    """
    if not track.is_idle:
        return False
    (low, high), window = track.calm, track.window
    if not low < value < high or (window and at_ms < window[-1].at_ms):
        return False
    window.append(Sample(at_ms, value))
    if window[0].at_ms <= at_ms - _TRIM_MS or len(window) > SAMPLES_MAX:
        _trim(window, at_ms)
    return True


def hear(track: Track, book: Rulebook, value: float, at_ms: MonotonicMs) -> list[Turn]:
    """Take one good sample younger than `LATE_MS` and return what it turned."""
    window = track.window
    if window and at_ms < window[-1].at_ms:
        return _hear_out_of_order(track, book, value=value, at_ms=at_ms)
    turns = _judge(track, book, value, at_ms)
    _trim(window, at_ms)
    return turns


def _trim(window: list[Sample], at_ms: MonotonicMs) -> None:
    horizon_ms = at_ms - LATE_MS
    while window[0].at_ms <= horizon_ms or len(window) > SAMPLES_MAX:
        del window[0]


def newest(track: Track) -> Sample | None:
    """Return the newest good sample, however old it is."""
    return track.window[-1] if track.window else None


def change_limits(track: Track, book: Rulebook, judgements: list[Judgement]) -> None:
    """Judge later samples by other limits; conditions stay as they are until the next good sample."""
    track.judgements = judgements
    for judgement in judgements:
        judgement.is_upward = _rule(judgement, book).op in condition.UPWARD
    ceilings = [one.limit for one in judgements if one.is_upward]
    floors = [one.limit for one in judgements if not one.is_upward]
    track.calm = (max(floors, default=-inf), min(ceilings, default=inf))
    track.sounding = (
        min((one.limit for one in judgements if one.rule in _SOUNDING_BELOW), default=None),
        min((one.limit for one in judgements if one.rule in _SOUNDING_ABOVE), default=None),
    )
    track.is_idle = all(judgement.state.condition is Condition.INACTIVE for judgement in judgements)
    if track.window:
        last = track.window[-1]
        track.floor_ms = last.at_ms
        track.window = [Sample(last.at_ms, last.value, tuple(judgement.state for judgement in judgements))]


def hear_late(track: Track, book: Rulebook, *, value: float, at_ms: MonotonicMs, now_ms: MonotonicMs) -> list[Turn]:
    """Take one good sample that is late and return the conditions that began and ended among late ones."""
    turns: list[Turn] = []
    in_order = at_ms >= track.late_ms
    track.late_ms, track.late_heard_ms = at_ms, now_ms
    for judgement in track.judgements:
        before = judgement.late if in_order else IDLE
        if before is IDLE and judgement.state.condition is _PENDING and track.window[-1].at_ms <= at_ms:
            # A hold that ran when we fell silent goes on among what comes late.
            before = judgement.state
        rule = _rule(judgement, book)
        judgement.late = condition.step(before, rule, judgement.limit, value, at_ms)
        if condition.stands(before) and not condition.stands(judgement.late):
            turns.append(Turn(judgement, before, IDLE, past=True))
    return turns


def settle_late(track: Track, *, now_ms: MonotonicMs) -> list[Turn]:
    """Return the late conditions of which no end was heard, once no late sample has come for `LATE_MS`.

    What still is so belongs to the live condition: it stands, or its hold runs and decides later.
    """
    if now_ms - track.late_heard_ms < LATE_MS:
        return []
    turns: list[Turn] = []
    for judgement in track.judgements:
        before = judgement.late
        if not condition.stands(before):
            judgement.late = IDLE
        elif judgement.state.condition is not Condition.PENDING:
            judgement.late = IDLE
            if not condition.stands(judgement.state):
                turns.append(Turn(judgement, before, IDLE, past=True))
    return turns


def is_breach(track: Track, book: Rulebook, *, value: float) -> bool:
    """Return whether a value is in breach of one of the track's rules."""
    return any(
        condition.is_beyond(value - one.limit if one.is_upward else one.limit - value, _rule(one, book))
        for one in track.judgements
    )


def has_late(track: Track) -> bool:
    """Return whether a late condition waits for its end."""
    return any(judgement.late.condition is not Condition.INACTIVE for judgement in track.judgements)


def _rule(judgement: Judgement, book: Rulebook) -> Rule:
    return book.judged(judgement.rule, judgement.phase, judgement.op, judgement.hold_s)


def _judge(track: Track, book: Rulebook, value: float, at_ms: MonotonicMs) -> list[Turn]:
    """Judge a sample that is the newest, by every rule."""
    turns = _go_on(track, book, value, at_ms) if track.late_heard_ms else []
    states, is_idle = [], True
    for judgement in track.judgements:
        before, limit = judgement.state, judgement.limit
        states.append(before)
        if before is IDLE and ((value < limit) if judgement.is_upward else (value > limit)):
            # On the safe side of its limit, and nothing has begun: most rules, most of the time.
            continue
        rule = book.judged(judgement.rule, judgement.phase, judgement.op, judgement.hold_s)
        after = condition.step(before, rule, limit, value, at_ms)
        if after.condition is not _INACTIVE:
            is_idle = False
        if after is not before:
            judgement.state = after
            if before.condition is not after.condition and condition.stands(before) is not condition.stands(after):
                turns.append(Turn(judgement, before, after))
    track.window.append(Sample(at_ms, value, tuple(states)))
    track.is_idle = is_idle
    return turns


def _go_on(track: Track, book: Rulebook, value: float, at_ms: MonotonicMs) -> list[Turn]:
    """Let late conditions go on as live ones, when a sample in breach follows right behind the late ones.

    Late samples raise nothing by themselves; but what began in an outage and still is so began when it began.
    """
    turns: list[Turn] = []
    previous_ms = track.window[-1].at_ms if track.window else MonotonicMs(0)
    for judgement in track.judgements:
        before, late = judgement.state, judgement.late
        if late.condition is _INACTIVE or condition.stands(before) or not previous_ms <= late.seen_ms <= at_ms:
            continue
        rule = _rule(judgement, book)
        excess = value - judgement.limit if judgement.is_upward else judgement.limit - value
        if at_ms - late.seen_ms <= rule.gate.hole_s_max * 1000 and condition.is_beyond(excess, rule):
            judgement.state, judgement.late = late, IDLE
            if condition.stands(late):
                turns.append(Turn(judgement, before, late))
    return turns


def _hear_out_of_order(track: Track, book: Rulebook, *, value: float, at_ms: MonotonicMs) -> list[Turn]:
    window = track.window
    if at_ms <= track.floor_ms:
        return []
    place = next(index for index, sample in enumerate(window) if at_ms < sample.at_ms)
    idle = [IDLE] * len(track.judgements)
    befores = [list(sample.before) or idle.copy() for sample in window[place:]]
    inserted = Sample(at_ms, value, window[place].before)
    later = [(at_ms, value), *((sample.at_ms, sample.value) for sample in window[place:])]
    turns: list[Turn] = []
    for index, judgement in enumerate(track.judgements):
        passed = [before[index] for before in befores]
        if any(condition.stands(state) for state in (*passed, judgement.state)):
            continue
        states = _refold(judgement, _rule(judgement, book), passed[0], later)
        for before, state in zip(befores, states, strict=False):
            before[index] = state
        turns += _turns(judgement, [passed[0], *states])
        judgement.state = states[-1]
    track.window = [
        *window[:place],
        inserted,
        *(
            Sample(sample.at_ms, sample.value, tuple(before))
            for sample, before in zip(window[place:], befores, strict=True)
        ),
    ][-SAMPLES_MAX:]
    track.is_idle = all(judgement.state.condition is Condition.INACTIVE for judgement in track.judgements)
    return turns


def _refold(
    judgement: Judgement, rule: Rule, before: ConditionState, samples: list[tuple[MonotonicMs, float]]
) -> list[ConditionState]:
    """Return the state after each of the samples."""
    states = []
    for at_ms, value in samples:
        before = condition.step(before, rule, judgement.limit, value, at_ms)
        states.append(before)
    return states


def _turns(judgement: Judgement, states: list[ConditionState]) -> list[Turn]:
    """Return what a judgement anew found: conditions that are over, and the one that stands."""
    turns = [
        Turn(judgement, earlier, later, past=True)
        for earlier, later in pairwise(states)
        if condition.stands(earlier) and not condition.stands(later)
    ]
    if condition.stands(states[-1]):
        turns.append(Turn(judgement, judgement.state, states[-1]))
    return turns
