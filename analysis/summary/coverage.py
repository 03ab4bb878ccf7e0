"""How much of a session was really seen: each ms is valid, doubtful, without a value, marked, not worn or missing.

The classes exclude each other and their times add up to the whole, in ms and, rounded together, in per cent.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from analysis.history.samples import Times
from analysis.summary.evidence import Signal
from analysis.summary.part import Hole, Vital
from analysis.summary.timetable import PhaseSpan
from vitals.sessions import Phase

HOLD_MS: Final = 5_000
"""A reading speaks for the time up to the next one, at most so long: where the record begins to call it a silence."""

VALID: Final = "valid"
DOUBTFUL: Final = "doubtful"
"""Heard, with a value that nobody may count: poor signal, or held back by the gate."""
NO_VALUE: Final = "no_value"
"""Heard, and the sensor had nothing to say: off the skin, searching."""
MARKED: Final = "marked"
"""Somebody marked it as none of the person's."""
NOT_WORN: Final = "not_worn"
NOT_HEARD: Final = "not_heard"
"""Missing, without a cause in the record: a silence too short for it, or its end is still open."""

_CLASSES: Final = (VALID, DOUBTFUL, NO_VALUE, MARKED, NOT_WORN, NOT_HEARD)


class Share(Struct, frozen=True, kw_only=True):
    """How long one class lasted in all."""

    what: str
    ms: int
    pct: float


class PhaseCoverage(Struct, frozen=True, kw_only=True):
    """The shares of one phase; ``pct`` add up to 100.0."""

    phase: Phase
    ms: int
    shares: tuple[Share, ...]


class Coverage(Struct, frozen=True, kw_only=True):
    """The shares of one vital sign over the whole session and in each phase.

    ``what`` of a share is ``valid``, ``doubtful``, ``no_value``, ``marked``, ``not_worn`` or a cause of the record.
    """

    vital: Vital
    ms: int
    shares: tuple[Share, ...]
    phases: tuple[PhaseCoverage, ...]

    @property
    def valid_pct(self) -> float:
        """How much counts, %."""
        return next((share.pct for share in self.shares if share.what == VALID), 0.0)

    @property
    def missing_ms(self) -> int:
        """How long nothing was known at all though the sensor was to be worn, ms; what was marked counts too."""
        return sum(share.ms for share in self.shares if share.what not in {VALID, DOUBTFUL, NOT_WORN})


def cover(
    vital: Vital,
    signal: Signal,
    *,
    phases: Sequence[PhaseSpan],
    worn: Sequence[tuple[int, int]],
    marks: Sequence[tuple[int, int]],
    holes: Sequence[Hole],
) -> Coverage:
    """Return the coverage of one vital sign.

    Args:
        vital: which one.
        signal: its readings, also of what was marked.
        phases: what is to be covered; in order, without overlaps.
        worn: from when to when a sensor of this kind was on the person, ms.
        marks: stretches that somebody marked, ms.
        holes: what the record says is missing.
    """
    causes = sorted({hole.cause for hole in holes} - set(_CLASSES))
    names = (*_CLASSES, *causes)
    ends = np.minimum(np.append(signal.heard_ms[1:], np.iinfo(np.int64).max), signal.heard_ms + HOLD_MS)
    stretches = [*worn, *marks, *((hole.from_ms, hole.to_ms) for hole in holes)]
    bounds = [edge for stretch in stretches for edge in stretch]
    bounds += [edge for span in phases for edge in (span.from_ms, span.to_ms)]
    edges = np.unique(np.concatenate((signal.heard_ms, ends, np.array(bounds, np.int64))))
    begins, lengths = edges[:-1], np.diff(edges)
    code = np.full(len(begins), names.index(NOT_WORN), np.int64)
    for from_ms, to_ms in worn:
        code[_within(begins, from_ms, to_ms)] = names.index(NOT_HEARD)
    is_expected = code == names.index(NOT_HEARD)
    for hole in holes:
        if hole.cause in names:
            code[_within(begins, hole.from_ms, hole.to_ms) & is_expected] = names.index(hole.cause)
    if len(signal.heard_ms):
        spoke = np.searchsorted(signal.heard_ms, begins, side="right") - 1
        speaks = (spoke >= 0) & (begins < ends[spoke])
        counts = np.isin(signal.heard_ms, signal.at_ms)
        told = np.where(counts, names.index(VALID), np.where(signal.has_value, names.index(DOUBTFUL), 2))
        code[speaks] = told[spoke[speaks]]
    for from_ms, to_ms in marks:
        code[_within(begins, from_ms, to_ms)] = names.index(MARKED)
    by_phase: dict[Phase, Times] = {}
    for span in phases:
        inside = _within(begins, span.from_ms, span.to_ms)
        sums = np.bincount(code[inside], weights=lengths[inside], minlength=len(names)).astype(np.int64)
        by_phase[span.phase] = by_phase.get(span.phase, np.zeros(len(names), np.int64)) + sums
    total = sum(by_phase.values(), np.zeros(len(names), np.int64))
    return Coverage(
        vital=vital,
        ms=int(total.sum()),
        shares=_shares(total, names),
        phases=tuple(
            PhaseCoverage(phase=phase, ms=int(sums.sum()), shares=_shares(sums, names))
            for phase, sums in by_phase.items()
        ),
    )


def _within(begins: Times, from_ms: int, to_ms: int) -> np.typing.NDArray[np.bool_]:
    return (begins >= from_ms) & (begins < to_ms)


def _shares(sums: Times, names: Sequence[str]) -> tuple[Share, ...]:
    """Return the classes that there are; tenths of a per cent by the largest remainder, so that they add up to 100."""
    total = int(sums.sum())
    if not total:
        return ()
    tenths = [int(ms) * 1000 // total for ms in sums]
    remainders = sorted(range(len(names)), key=lambda place: (-(int(sums[place]) * 1000 % total), place))
    for place in remainders[: 1000 - sum(tenths)]:
        tenths[place] += 1
    return tuple(
        Share(what=name, ms=int(ms), pct=tenth / 10) for name, ms, tenth in zip(names, sums, tenths, strict=True) if ms
    )
