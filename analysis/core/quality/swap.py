"""Swapped sensors: one person's strap follows another person's oximeter, and not the own one. Judged over a class.

Every 10 s each person's two medians go into a history of 5 min. Only people whose own two sensors are apart are
compared with others, so a class costs little. Everybody who does the same intervals has nearly the same heart rate:
both sides of an exchange must fit the other and not themselves.
"""

from collections.abc import Mapping
from enum import StrEnum
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

LAGS: Final = (0, 1, 2)
"""An oximeter is some 10 to 20 s behind: so many points."""

RANGE_BPM_MIN: Final = 15.0
"""Who stands still at 100 fits everybody who does: the rate must have moved by so much."""

CANDIDATES_MAX: Final = 32
AGE_MS_MAX: Final = 5_000


class SwapKind(StrEnum):
    """How two people's sensors are mixed up."""

    EXCHANGED = "exchanged"
    """Each one's strap follows the other one's oximeter."""
    ONE_SIDED = "one_sided"
    """The strap follows the other one's oximeter; the other's own strap tells nothing or does not fit it either."""


class Swap(Struct, frozen=True):
    """The strap of ``strap_of`` follows the oximeter of ``oximeter_of``; an exchange is told once, in order of ids."""

    strap_of: ParticipantId
    oximeter_of: ParticipantId
    kind: SwapKind
    own_bpm: float
    other_bpm: float


class Point(Struct, frozen=True, array_like=True):
    """Both medians of one person at one step; None while a sensor tells nothing."""

    rate_bpm: float | None
    pulse_bpm: float | None


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
    own = {person: _distance(history, history) for person, history in points.items()}
    candidates = [person for person, apart in own.items() if apart is not None and apart >= OWN_BPM_MIN]
    swaps = []
    for strap_of in candidates[:CANDIDATES_MAX]:
        if not _has_moved(points[strap_of]):
            continue
        own_bpm = own[strap_of]
        near = [
            (other_bpm, person)
            for person, history in points.items()
            if person != strap_of
            and (other_bpm := _distance(points[strap_of], history)) is not None
            and own_bpm is not None
            and _is_nearer(other_bpm, own_bpm=own_bpm)
        ]
        for other_bpm, person in sorted(near):
            kind = _kind(points, own, strap_of=strap_of, oximeter_of=person)
            if kind is not None and own_bpm is not None:
                if kind is SwapKind.ONE_SIDED or strap_of < person:
                    swaps.append(Swap(strap_of, person, kind, own_bpm, other_bpm))
                break
    return tuple(swaps)


def _kind(
    points: dict[ParticipantId, tuple[Point, ...]],
    own: dict[ParticipantId, float | None],
    *,
    strap_of: ParticipantId,
    oximeter_of: ParticipantId,
) -> SwapKind | None:
    """Return how two people's sensors are mixed up, None when the other's own strap explains the other's pulse."""
    other_own_bpm = own[oximeter_of]
    if other_own_bpm is not None and other_own_bpm < OWN_BPM_MIN:
        return None
    back_bpm = _distance(points[oximeter_of], points[strap_of])
    if other_own_bpm is not None and back_bpm is not None and _is_nearer(back_bpm, own_bpm=other_own_bpm):
        return SwapKind.EXCHANGED
    if _shared_n(points[strap_of], points[oximeter_of]) >= ONE_SIDED_POINTS_MIN:
        return SwapKind.ONE_SIDED
    return None


def _is_nearer(other_bpm: float, *, own_bpm: float) -> bool:
    """Return whether the other's sensor fits, and clearly better than the own one."""
    return other_bpm <= OTHER_BPM_MAX and other_bpm * RATIO_MIN <= own_bpm


def _shared_n(rates: tuple[Point, ...], pulses: tuple[Point, ...]) -> int:
    pairs = zip(reversed(rates), reversed(pulses), strict=False)
    return sum(rate.rate_bpm is not None and pulse.pulse_bpm is not None for rate, pulse in pairs)


def _distance(rates: tuple[Point, ...], pulses: tuple[Point, ...]) -> float | None:
    """Return how far one's strap and one's oximeter are apart in bpm, None below 3 min of both.

    The median difference, at the delay of the oximeter (0, 10 or 20 s) that fits best.
    """
    found = [apart for lag in LAGS if (apart := _distance_at(rates, pulses, lag=lag)) is not None]
    return min(found, default=None)


def _distance_at(rates: tuple[Point, ...], pulses: tuple[Point, ...], *, lag: int) -> float | None:
    apart = sorted(
        [
            abs(rate.rate_bpm - pulse.pulse_bpm)
            for rate, pulse in zip(reversed(rates[: len(rates) - lag]), reversed(pulses), strict=False)
            if rate.rate_bpm is not None and pulse.pulse_bpm is not None
        ]
    )
    return apart[len(apart) // 2] if len(apart) >= POINTS_MIN else None


def _has_moved(history: tuple[Point, ...]) -> bool:
    rates = [point.rate_bpm for point in history if point.rate_bpm is not None]
    return bool(rates) and max(rates) - min(rates) >= RANGE_BPM_MIN
