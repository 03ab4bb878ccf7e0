"""What somebody said of their effort, with the work of the minute before; and the same work in other sessions.

Perceived exertion at the same work is what shows that training helps; at different work it shows nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby
from statistics import mean, median
from typing import Final

from msgspec import Struct

from analysis.core.exertion.metabolic import mets_of
from analysis.core.exertion.reserve import reserve_pct
from analysis.summary.evidence import Signal
from analysis.summary.part import Part
from analysis.summary.timetable import entries_in_force
from vitals.entries import Rpe
from vitals.readings import Machine, WorkloadReading
from vitals.sessions import SessionId

BEFORE_MS: Final = 60_000
"""Perceived exertion speaks of the last minute or so (engineering choice)."""

WORK_SHARE: Final = 0.10
"""Work within +-10 % is the same work (engineering choice)."""

RESERVE_PCT: Final = 5.0
"""Without work: within +-5 points of the heart-rate reserve (engineering choice)."""

COMPARED_MAX: Final = 600
"""Efforts that are compared, the newest: 36 sessions with one each 3 minutes."""


class Basis(StrEnum):
    """By what two efforts are the same, best first."""

    MET = "met"
    POWER = "power_w"
    RESERVE = "hrr_pct"


class Effort(Struct, frozen=True, kw_only=True):
    """What was said at a moment. Work is the mean of the minute before, ``hrr_pct`` its median; None: not known."""

    at_ms: int
    rpe_borg: int
    met: float | None = None
    power_w: float | None = None
    machine: Machine | None = None
    hrr_pct: float | None = None


class SameWorkPoint(Struct, frozen=True, kw_only=True):
    """One session of those that can be compared: means of its efforts."""

    session: SessionId
    rpe_borg: float
    work: float


class SameWork(Struct, frozen=True, kw_only=True):
    """Efforts at one work, oldest session first. ``low``, ``high``: between which work counts as the same."""

    basis: Basis
    machine: Machine | None
    low: float
    high: float
    points: tuple[SameWorkPoint, ...]


def efforts_of(part: Part, rates: Signal) -> tuple[Effort, ...]:
    """Return what a person said of their effort, by time; ``rates``: what counts of the heart rate."""
    newest = next((entry for *_, entry, _ in reversed(entries_in_force(part))), None)
    rest, peak = (None, None) if newest is None else (newest.rest_hr_bpm, newest.peak_hr_bpm)
    mass_kg = None if newest is None else newest.mass_kg
    told = [(one.at_ms, one.reading) for one in part.said if isinstance(one.reading, WorkloadReading)]
    efforts = []
    for entry in part.entries:
        if not isinstance(entry.body, Rpe) or entry.participant != part.participant:
            continue
        at_ms = entry.at_utc_ms - part.started_utc_ms
        work = [reading for when, reading in told if at_ms - BEFORE_MS <= when <= at_ms]
        mets = [met for met in (mets_of(reading, mass_kg=mass_kg) for reading in work) if met is not None]
        powers = [reading.power_w for reading in work if reading.power_w is not None]
        first, end = bisect_left(rates.at_ms, at_ms - BEFORE_MS), bisect_right(rates.at_ms, at_ms)
        near = rates.value[first:end].tolist()
        has_reserve = bool(near) and rest is not None and peak is not None and peak > rest
        efforts.append(
            Effort(
                at_ms=at_ms,
                rpe_borg=entry.body.rpe_borg,
                met=round(mean(mets), 2) if mets else None,
                power_w=round(mean(powers), 1) if powers else None,
                machine=work[-1].machine if work else None,
                hrr_pct=round(reserve_pct(median(near), rest_bpm=rest or 0, peak_bpm=peak or 0), 1)
                if has_reserve
                else None,
            )
        )
    return tuple(sorted(efforts, key=lambda one: one.at_ms))


def match_same_work(sessions: Sequence[tuple[SessionId, Sequence[Effort]]]) -> SameWork | None:
    """Return the efforts at the work that most sessions share; None: no two sessions have the same.

    METs come first, then power on the same kind of machine, then the heart-rate reserve. Of works that equally many
    sessions share, the newest effort's.

    Args:
        sessions: each with its efforts, oldest first.
    """
    told = [(place, effort) for place, (_, efforts) in enumerate(sessions) for effort in efforts][-COMPARED_MAX:]
    for basis in Basis:
        groups = [_at_work(group, basis) for group in _groups(told, basis)]
        if not groups:
            continue
        low, high, same = max(groups, key=lambda one: len({place for place, _ in one[2]}))
        points = [(place, [effort for _, effort in mine]) for place, mine in groupby(same, key=lambda one: one[0])]
        if len(points) > 1:
            return SameWork(
                basis=basis,
                machine=same[-1][1].machine if basis is Basis.POWER else None,
                low=round(low, 2),
                high=round(high, 2),
                points=tuple(
                    SameWorkPoint(
                        session=sessions[place][0],
                        rpe_borg=round(mean(one.rpe_borg for one in mine), 1),
                        work=round(mean(_work(one, basis) or 0.0 for one in mine), 1),
                    )
                    for place, mine in points
                ),
            )
    return None


_Told = tuple[int, Effort]


def _groups(told: Sequence[_Told], basis: Basis) -> list[list[_Told]]:
    """Return the efforts that may be compared with each other at all."""
    known = [(place, one) for place, one in told if _work(one, basis) is not None]
    if basis is not Basis.POWER:
        return [known]
    machines = dict.fromkeys(one.machine for _, one in known)
    return [[(place, one) for place, one in known if one.machine is machine] for machine in machines]


def _at_work(told: Sequence[_Told], basis: Basis) -> tuple[float, float, list[_Told]]:
    """Return (low, high, efforts between them) of the work that most sessions share."""
    order = sorted(told, key=lambda one: _work(one[1], basis) or 0.0)
    works = [_work(effort, basis) or 0.0 for _, effort in order]
    best: tuple[float, float, list[_Told]] = (0.0, 0.0, [])
    most = 0
    for _, effort in reversed(told):
        work = _work(effort, basis) or 0.0
        margin = RESERVE_PCT if basis is Basis.RESERVE else abs(work) * WORK_SHARE
        low, high = work - margin, work + margin
        near = order[bisect_left(works, low) : bisect_right(works, high)]
        shared = len({place for place, _ in near})
        if shared > most:
            most, best = shared, (low, high, sorted(near, key=lambda one: (one[0], one[1].at_ms)))
    return best


def _work(effort: Effort, basis: Basis) -> float | None:
    match basis:
        case Basis.MET:
            return effort.met
        case Basis.POWER:
            return effort.power_w
        case Basis.RESERVE:
            return effort.hrr_pct
