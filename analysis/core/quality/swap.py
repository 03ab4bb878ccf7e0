"""Swapped sensors: one person's strap follows another person's oximeter, and not the own one. Judged over a class.

Every 10 s each person's two medians go into a history of 5 min. Only people whose own two sensors are apart are
compared with others, so a class costs little. Everybody who does the same intervals has nearly the same heart rate:
all sides of an exchange must fit the other and not themselves.
"""

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Final

from msgspec import Struct

from analysis.core.quality.agreement import PairState, Recent
from vitals.participants import ParticipantId
from vitals.units import MonotonicMs

STEP_MS: Final = 10_000
POINTS_MAX: Final = 30
POINTS_MIN: Final = 18
"""3 of the last 5 min."""

ONE_SIDED_POINTS_MIN: Final = 24
OWN_BPM_MIN: Final = 5.0
OTHER_BPM_MAX: Final = 3.5
RATIO_MIN: Final = 2.0
"""Median differences: 5 bpm and more from the own sensor, at most 3.5 from the other's, and twice as near. Engineering
choices, tried on simulated classes of 12 with one programme (tests/analysis/quality/test_swap.py)."""

WANDER_BPM_MIN: Final = 4.0
WANDER_RATIO_MIN: Final = 2.5
"""One's own pulse in atrial fibrillation is too low all the time; another's goes its own way."""

LAGS: Final = (0, 1, 2)
"""An oximeter is some 10 to 20 s behind: so many points."""

RANGE_BPM_MIN: Final = 15.0
"""Who stands still at 100 fits everybody who does: the rate must have moved by so much."""

CANDIDATES_MAX: Final = 32
AGE_MS_MAX: Final = 5_000


class SwapKind(StrEnum):
    """How people's sensors are mixed up."""

    EXCHANGED = "exchanged"
    """Each one's strap follows the other one's oximeter."""
    ROTATED = "rotated"
    """Three people's, in a ring."""
    ONE_SIDED = "one_sided"
    """The strap follows the other one's oximeter, and the other's own strap tells nothing."""


class Swap(Struct, frozen=True):
    """The strap of ``strap_of`` follows the oximeter of ``oximeter_of``; an exchange is told from both sides.

    ``own_bpm`` and ``other_bpm``: how far the strap is from the own oximeter and from the other one.
    """

    strap_of: ParticipantId
    oximeter_of: ParticipantId
    kind: SwapKind
    own_bpm: float
    other_bpm: float


class Point(Struct, frozen=True, array_like=True):
    """Both medians of one person at one step; None while a sensor tells nothing."""

    rate_bpm: float | None
    pulse_bpm: float | None


_RATE: Final = attrgetter("rate_bpm")
_PULSE: Final = attrgetter("pulse_bpm")


class SwapState(Struct, frozen=True, omit_defaults=True):
    """Histories of the people of one class, oldest point first."""

    stepped_ms: MonotonicMs | None = None
    points: dict[ParticipantId, tuple[Point, ...]] = {}
    swaps: tuple[Swap, ...] = ()


def step(
    state: SwapState, pairs: Mapping[ParticipantId, PairState], *, now_ms: MonotonicMs
) -> tuple[SwapState, tuple[Swap, ...]]:
    """Return the state and the swaps that stand; changes at most once in 10 s, so call it with every tick.

    Args:
        state: of one class, as the last call returned it.
        pairs: of everybody in the class. Leave out nobody; begin anew with `PairState()` when a sensor is reassigned.
        now_ms: our clock.
    """
    if state.stepped_ms is not None and now_ms - state.stepped_ms < STEP_MS:
        return state, state.swaps
    points = {
        person: (*state.points.get(person, ()), _point(pair, now_ms=now_ms))[-POINTS_MAX:]
        for person, pair in pairs.items()
    }
    swaps = _find(points)
    return SwapState(now_ms, points, swaps), swaps


def forget(state: SwapState, person: ParticipantId) -> SwapState:
    """Return the state without a person's history, for when one of their sensors was changed."""
    points = {other: history for other, history in state.points.items() if other != person}
    swaps = tuple(swap for swap in state.swaps if person not in (swap.strap_of, swap.oximeter_of))
    return SwapState(state.stepped_ms, points, swaps)


def _point(pair: PairState, *, now_ms: MonotonicMs) -> Point:
    return Point(
        pair.rate_bpm if _is_fresh(pair.rates, now_ms) else None,
        pair.pulse_bpm if _is_fresh(pair.pulses, now_ms) else None,
    )


def _is_fresh(recent: Recent, now_ms: MonotonicMs) -> bool:
    return bool(recent.at_ms) and now_ms - recent.at_ms[-1] <= AGE_MS_MAX


def _find(points: dict[ParticipantId, tuple[Point, ...]]) -> tuple[Swap, ...]:
    own = {person: _own_bpm(history) for person, history in points.items()}
    apart = {
        person: own_bpm
        for person, own_bpm in own.items()
        if own_bpm is not None and own_bpm >= OWN_BPM_MIN and _has_moved(points[person])
    }
    near = {
        person: _near(points, own, person, own_bpm=own_bpm) for person, own_bpm in list(apart.items())[:CANDIDATES_MAX]
    }
    swaps = []
    for person, others in near.items():
        for other, other_bpm in others.items():
            kind = _kind(points, own, near, strap_of=person, oximeter_of=other)
            if kind is not None:
                swaps.append(Swap(person, other, kind, apart[person], other_bpm))
                break
    return tuple(swaps)


def _own_bpm(history: tuple[Point, ...]) -> float | None:
    """Return how far a strap is from the own oximeter, None below 3 min of both; 0: plainly less than 5 bpm.

    Nearly everybody's is, without any delay, or there is one sensor only: `_distance` would come to the same.
    """
    # Of so many the middle one is near, however many others there are.
    missing_n, has_rate, has_pulse = max(POINTS_MIN, len(history) // 2 + 1), False, False
    for point in history:
        rate_bpm, pulse_bpm = point.rate_bpm, point.pulse_bpm
        if rate_bpm is not None:
            has_rate = True
            if pulse_bpm is not None and -OWN_BPM_MIN < rate_bpm - pulse_bpm < OWN_BPM_MIN:
                missing_n -= 1
                if not missing_n:
                    return 0.0
        if pulse_bpm is not None:
            has_pulse = True
    return _distance(history, history, enough_bpm=OWN_BPM_MIN) if has_rate and has_pulse else None


def _near(
    points: dict[ParticipantId, tuple[Point, ...]],
    own: dict[ParticipantId, float | None],
    strap_of: ParticipantId,
    *,
    own_bpm: float,
) -> dict[ParticipantId, float]:
    """Return whose oximeters a strap follows, nearest first; not those that their own strap explains."""
    found = []
    for other, history in points.items():
        others_own_bpm = own[other]
        if other == strap_of or (others_own_bpm is not None and others_own_bpm < OWN_BPM_MIN):
            continue
        other_bpm = _distance(points[strap_of], history)
        if other_bpm is not None and _is_nearer(other_bpm, own_bpm=own_bpm):
            found.append((other_bpm, other))
    return {other: other_bpm for other_bpm, other in sorted(found)}


def _kind(
    points: dict[ParticipantId, tuple[Point, ...]],
    own: dict[ParticipantId, float | None],
    near: dict[ParticipantId, dict[ParticipantId, float]],
    *,
    strap_of: ParticipantId,
    oximeter_of: ParticipantId,
) -> SwapKind | None:
    """Return how people's sensors are mixed up, None while it may be chance.

    Rings prove it: pulses that are too low by themselves (atrial fibrillation) may fit somebody else's strap, but
    never all around.
    """
    back = near.get(oximeter_of, {})
    if strap_of in back:
        return SwapKind.EXCHANGED
    if any(strap_of in near.get(third, {}) for third in back):
        return SwapKind.ROTATED
    if own[oximeter_of] is None and _has_no_strap(points[oximeter_of]):
        strap, other = points[strap_of], points[oximeter_of]
        own_wander, wander = _wander(strap, strap), _wander(strap, other)
        if own_wander is None or wander is None or _shared_n(strap, other) < ONE_SIDED_POINTS_MIN:
            return None
        return SwapKind.ONE_SIDED if own_wander >= max(WANDER_BPM_MIN, WANDER_RATIO_MIN * wander) else None
    return None


def _has_no_strap(history: tuple[Point, ...]) -> bool:
    return all(point.rate_bpm is None for point in history)


def _shared_n(rates: tuple[Point, ...], pulses: tuple[Point, ...]) -> int:
    pairs = zip(reversed(rates), reversed(pulses), strict=False)
    return sum(rate.rate_bpm is not None and pulse.pulse_bpm is not None for rate, pulse in pairs)


def _is_nearer(other_bpm: float, *, own_bpm: float) -> bool:
    """Return whether the other's sensor fits, and clearly better than the own one."""
    return other_bpm <= OTHER_BPM_MAX and other_bpm * RATIO_MIN <= own_bpm


def _distance(rates: tuple[Point, ...], pulses: tuple[Point, ...], *, enough_bpm: float = 0.0) -> float | None:
    """Return how far one's strap and one's oximeter are apart in bpm, None below 3 min of both.

    The median difference, at the delay of the oximeter (0, 10 or 20 s) that fits best; at the first that is nearer
    than ``enough_bpm``.
    """
    best: float | None = None
    for lag in LAGS:
        aparts = _differences(rates, pulses, lag=lag)
        if len(aparts) >= POINTS_MIN:
            middle = _middle([abs(apart) for apart in aparts])
            best = middle if best is None else min(best, middle)
            if best < enough_bpm:
                break
    return best


def _wander(rates: tuple[Point, ...], pulses: tuple[Point, ...]) -> float | None:
    """Return how much the difference of the two wanders about its own middle, in bpm, None below 3 min of both."""
    found = []
    for lag in LAGS:
        aparts = _differences(rates, pulses, lag=lag)
        if len(aparts) >= POINTS_MIN:
            middle = _middle(aparts)
            found.append(_middle([abs(apart - middle) for apart in aparts]))
    return min(found, default=None)


def _differences(rates: tuple[Point, ...], pulses: tuple[Point, ...], *, lag: int) -> list[float]:
    ours, others = map(_RATE, reversed(rates[: len(rates) - lag])), map(_PULSE, reversed(pulses))
    return [rate - pulse for rate, pulse in zip(ours, others, strict=False) if rate is not None and pulse is not None]


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _has_moved(history: tuple[Point, ...]) -> bool:
    rates = [point.rate_bpm for point in history if point.rate_bpm is not None]
    return bool(rates) and max(rates) - min(rates) >= RANGE_BPM_MIN
