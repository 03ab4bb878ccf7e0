"""Windows of 2 minutes of RR intervals: which share of them are no beats, and whether anything may be computed.

For review and for whatever is computed from intervals; the live share on a tile comes from `beats.artefact_pct`.
"""

from typing import Final

import numpy as np
from msgspec import Struct

from analysis.core.quality import lipponen
from analysis.core.quality.beats import ARTEFACT_PCT_MAX, RR_MS_HIGH, RR_MS_LOW
from analysis.core.quality.lipponen import Flags, Floats

WINDOW_S: Final = 120.0


class RrWindow(Struct, frozen=True, kw_only=True):
    """One window.

    Attributes:
        start_s: when it begins.
        beats: how many intervals it has.
        artefact_pct: share of them that are none, 0..100; None for fewer than 12.
        usable: at most 5 %, and enough beats to say so.
    """

    start_s: float
    beats: int
    artefact_pct: float | None
    usable: bool


def flag(rr_ms: Floats) -> Flags:
    """Return one flag an interval: out of an exercising heart's range, or an artefact by Lipponen and Tarvainen.

    Args:
        rr_ms: intervals in ms, shape (n,), in their order.

    Raises:
        ValueError: another shape, or a value that is no interval.
    """
    flags = lipponen.classify(rr_ms).mask(len(rr_ms))
    return flags | (rr_ms < RR_MS_LOW) | (rr_ms > RR_MS_HIGH)


def judge_session(rr_ms: Floats, at_s: Floats) -> tuple[RrWindow, ...]:
    """Return the windows of a whole session, each 2 minutes of the clock, judged with all beats around them.

    Args:
        rr_ms: intervals in ms, shape (n,).
        at_s: when each was heard, shape (n,), ascending.

    Raises:
        ValueError: the shapes differ, or a value is no interval.
    """
    if rr_ms.shape != at_s.shape:
        msg = f"{rr_ms.shape} intervals at {at_s.shape} times"
        raise ValueError(msg)
    if not rr_ms.size:
        return ()
    flags = flag(rr_ms)
    window = np.floor((at_s - at_s[0]) / WINDOW_S).astype(np.int64)
    windows = []
    for number in range(int(window[-1]) + 1):
        first, end = np.searchsorted(window, [number, number + 1])
        beats = int(end - first)
        pct = 100 * float(flags[first:end].mean()) if beats >= lipponen.BEATS_MIN else None
        windows.append(
            RrWindow(
                start_s=float(at_s[0]) + number * WINDOW_S,
                beats=beats,
                artefact_pct=pct,
                usable=pct is not None and pct <= ARTEFACT_PCT_MAX,
            )
        )
    return tuple(windows)
