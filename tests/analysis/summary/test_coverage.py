"""Coverage: classes exclude each other, and their times add up, whatever was heard, missed, marked or worn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.summary.coverage import HOLD_MS, cover
from analysis.summary.evidence import Signal
from analysis.summary.part import Hole, Vital
from analysis.summary.timetable import PhaseSpan
from vitals.sessions import Phase

GRID_MS = 500
times = st.integers(0, 240).map(lambda steps: steps * GRID_MS)
stretches = st.lists(st.tuples(times, times).map(lambda pair: (min(pair), max(pair))), max_size=3)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    heard = sorted(draw(st.sets(times, max_size=80)))
    seen = [draw(st.booleans()) for _ in heard]
    counts = [value and draw(st.booleans()) for value in seen]
    at_ms = [at for at, counted in zip(heard, counts, strict=True) if counted]
    return Signal(
        heard_ms=np.array(heard, np.int64),
        has_value=np.array(seen, np.bool_),
        at_ms=np.array(at_ms, np.int64),
        value=np.full(len(at_ms), 90.0),
    )


@st.composite
def phases(draw: st.DrawFn) -> list[PhaseSpan]:
    edges = sorted(draw(st.sets(times, min_size=2, max_size=5)))
    kinds = draw(st.lists(st.sampled_from(list(Phase)), min_size=len(edges), max_size=len(edges)))
    return [
        PhaseSpan(phase=kind, from_ms=begin, to_ms=end)
        for kind, begin, end in zip(kinds, edges, edges[1:], strict=False)
    ]


def class_at(
    ms: int, signal: Signal, worn: list[tuple[int, int]], marks: list[tuple[int, int]], holes: list[Hole]
) -> str:
    """The plainest reckoning: what one moment is."""
    if any(begin <= ms < end for begin, end in marks):
        return "marked"
    before = [at for at in signal.heard_ms.tolist() if at <= ms]
    if before and ms - before[-1] < HOLD_MS:
        if before[-1] in signal.at_ms.tolist():
            return "valid"
        return "doubtful" if signal.has_value[len(before) - 1] else "no_value"
    if not any(begin <= ms < end for begin, end in worn):
        return "not_worn"
    causes = [hole.cause for hole in holes if hole.from_ms <= ms < hole.to_ms]
    return causes[-1] if causes else "not_heard"


@given(signals(), phases(), stretches, stretches, stretches)
def test_shares_are_those_of_a_plain_count_and_add_up(
    signal: Signal,
    spans: list[PhaseSpan],
    worn: list[tuple[int, int]],
    marks: list[tuple[int, int]],
    missing: list[tuple[int, int]],
) -> None:
    holes = [
        Hole(vital=Vital.HR, from_ms=begin, to_ms=end, cause=cause)
        for (begin, end), cause in zip(missing, ("dropped", "restarted", "dropped"), strict=False)
    ]
    found = cover(Vital.HR, signal, phases=spans, worn=worn, marks=marks, holes=holes)
    whole = sum(span.to_ms - span.from_ms for span in spans)
    assert found.ms == whole
    assert sum(share.ms for share in found.shares) == whole
    assert sum(row.ms for row in found.phases) == whole
    for shares in (found.shares, *(row.shares for row in found.phases)):
        assert round(sum(share.pct for share in shares) * 10) == 1000

    counted: dict[str, int] = {}
    for span in spans:
        for ms in range(span.from_ms, span.to_ms, GRID_MS):
            name = class_at(ms, signal, worn, marks, holes)
            counted[name] = counted.get(name, 0) + GRID_MS
    assert {share.what: share.ms for share in found.shares} == counted


def test_nobody_who_heard_nothing_is_covered() -> None:
    silent = Signal(
        heard_ms=np.empty(0, np.int64),
        has_value=np.empty(0, np.bool_),
        at_ms=np.empty(0, np.int64),
        value=np.empty(0, np.float64),
    )
    spans = [PhaseSpan(phase=Phase.TRAINING, from_ms=0, to_ms=60_000)]
    found = cover(Vital.SPO2, silent, phases=spans, worn=[(0, 60_000)], marks=[], holes=[])
    assert (found.valid_pct, found.missing_ms) == (0.0, 60_000)
