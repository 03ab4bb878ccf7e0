"""How much the beats of a session vary, where they are good enough to say so; for review, never for an alarm."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

import numpy as np
from msgspec import Struct

from analysis.core.quality import rr_window
from analysis.core.variability import rmssd_ms
from analysis.history.history import Said
from analysis.summary.timetable import PhaseSpan
from vitals.readings import HeartRateReading
from vitals.sessions import Phase

FILLED_S_MIN: Final = 0.75 * rr_window.WINDOW_S
"""A window counts when its intervals fill so much of it: neighbours across a hole are no neighbours (engineering)."""


class BeatFigures(Struct, frozen=True, kw_only=True):
    """Intervals between beats, as the strap told them, in windows of 2 minutes.

    ``artefact_pct``: share of all intervals that are none, %; None: too few to say. ``usable``: windows with at most
    5 % of them, and few holes. ``rmssd_rest_ms``, ``rmssd_ms``: median of usable windows that lie in rest, and of all;
    None: not enough good beats.
    """

    beats: int
    artefact_pct: float | None
    windows: int
    usable: int
    rmssd_rest_ms: float | None
    rmssd_ms: float | None


def measure_beats(
    said: Iterable[Said], *, marks: Sequence[tuple[int, int]], phases: Sequence[PhaseSpan]
) -> BeatFigures | None:
    """Return the figures of a part's beats; None: no strap told any.

    Args:
        said: the readings, by time.
        marks: stretches of the heart rate that somebody marked, ms; left out.
        phases: of the session.
    """
    told = [
        (one.at_ms / 1000, interval)
        for one in said
        if isinstance(one.reading, HeartRateReading) and not any(begin <= one.at_ms < end for begin, end in marks)
        for interval in one.reading.rr_ms
        if interval > 0
    ]
    if not told:
        return None
    at_s, rr_ms = np.array(told, np.float64).T
    flags = rr_window.flag(rr_ms)
    windows = rr_window.judge_session(rr_ms, at_s)
    rests = [(span.from_ms / 1000, span.to_ms / 1000) for span in phases if span.phase is Phase.REST]
    everywhere: list[float] = []
    at_rest: list[float] = []
    for window in windows:
        first, end = np.searchsorted(at_s, [window.start_s, window.start_s + rr_window.WINDOW_S])
        clean = rr_ms[first:end][~flags[first:end]]
        if not window.usable or clean.sum() < FILLED_S_MIN * 1000:
            continue
        everywhere.append(rmssd_ms(clean))
        if any(begin <= window.start_s and window.start_s + rr_window.WINDOW_S <= until for begin, until in rests):
            at_rest.append(everywhere[-1])
    return BeatFigures(
        beats=len(rr_ms),
        artefact_pct=round(100 * float(flags.mean()), 1)
        if any(one.artefact_pct is not None for one in windows)
        else None,
        windows=len(windows),
        usable=len(everywhere),
        rmssd_rest_ms=_median(at_rest),
        rmssd_ms=_median(everywhere),
    )


def _median(values: Sequence[float]) -> float | None:
    return round(median(values), 1) if values else None
