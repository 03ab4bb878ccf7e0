"""Beats, afterwards: ectopic, missed, extra, and long or short intervals by Lipponen and Tarvainen (2019).

Source: J. A. Lipponen and M. P. Tarvainen, "A robust algorithm for heart rate variability time series artefact
correction using novel beat classification", J Med Eng Technol 43(3), 2019; figure 1. It looks 45 beats ahead, so it
serves a window of 2 minutes or a whole session; `beats.py` is for now. It takes most beats of atrial fibrillation for
artefacts: whoever asks about rhythm asks before, not after it.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

C1: Final = 0.13
C2: Final = 0.17
ALPHA: Final = 5.2
THRESHOLD_BEATS: Final = 91
MEDIAN_BEATS: Final = 11
"""Constants of the paper."""

THRESHOLD_MS_MIN: Final = 5.0
"""A paced heart is as regular as the strap's clock (1/1024 s): without a floor each tick would be an artefact.
Engineering choice."""

BEATS_MIN: Final = 12
"""Fewer tell no level: nothing is judged."""

_CHUNK: Final = 20_000

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Artefacts(Struct, frozen=True, kw_only=True):
    """Indices of intervals by what is wrong with them, each ascending.

    A flagged interval stands for an event: an early beat makes two odd intervals, of which one or both are named.
    """

    ectopic: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    long_short: tuple[int, ...] = ()

    def mask(self, length: int) -> Flags:
        """Return one flag an interval, for ``length`` intervals."""
        flags = np.zeros(length, dtype=np.bool_)
        flags[[*self.ectopic, *self.missed, *self.extra, *self.long_short]] = True
        return flags


def classify(rr_ms: Floats) -> Artefacts:
    """Return what is wrong with which interval.

    Args:
        rr_ms: intervals in ms, shape (n,), in their order; finite and greater than 0.

    Raises:
        ValueError: another shape, or a value that is no interval.
    """
    intervals = np.asarray(rr_ms, dtype=np.float64)
    if intervals.ndim != 1 or not np.all(np.isfinite(intervals)) or np.any(intervals <= 0):
        msg = f"intervals of shape {intervals.shape} are no row of finite times above 0"
        raise ValueError(msg)
    if intervals.size < BEATS_MIN:
        return Artefacts()
    # The paper speaks of beats; before the first interval stands a beat without one, which gets the mean.
    rr = np.concatenate([[intervals.mean()], intervals])
    change = np.diff(rr, prepend=rr[0])
    change[0] = change[1:].mean()
    change /= _threshold(change)
    median = _rolling_quantiles(rr, MEDIAN_BEATS, (0.5,))[0]
    shift = rr - median
    shift[shift < 0] *= 2
    shift_threshold = _threshold(shift)
    shift /= shift_threshold
    return _decide(rr, change, shift, median, shift_threshold)


def _decide(rr: Floats, change: Floats, shift: Floats, median: Floats, threshold: Floats) -> Artefacts:
    """Walk through the paper's decision chart; only beats with a change above the threshold have a choice."""
    padded = np.pad(change, 2, mode="reflect")
    before, after, second = padded[1:-3], padded[3:-1], padded[4:]
    rises = change > 0
    s12 = np.where(rises, np.maximum(before, after), np.where(change < 0, np.minimum(before, after), 0.0))
    s22 = np.where(change >= 0, np.minimum(after, second), np.maximum(after, second))
    ectopic: list[int] = []
    missed: list[int] = []
    extra: list[int] = []
    long_short: list[int] = []
    beat = 0
    last = rr.size - 2
    for start in np.flatnonzero(np.abs(change[:last]) > 1).tolist():
        if start < beat:
            continue
        beat = start + 1
        if (change[start] > 1 and s12[start] < -C1 * change[start] - C2) or (
            change[start] < -1 and s12[start] > -C1 * change[start] + C2
        ):
            ectopic.append(start - 1)
            continue
        candidates = [start]
        if abs(change[start + 1]) < abs(change[start + 2]):
            candidates.append(start + 1)
        beat = start + len(candidates)
        for index in candidates:
            long_beat = change[index] > 1 and s22[index] < -1
            short_beat = change[index] < -1 and s22[index] > 1
            if not (long_beat or short_beat or abs(shift[index]) > 3):  # noqa: PLR2004 - the paper's 3 thresholds
                continue
            if short_beat and abs(rr[index] + rr[index + 1] - median[index]) < threshold[index]:
                extra.append(index - 1)
            elif long_beat and abs(rr[index] / 2 - median[index]) < threshold[index]:
                missed.append(index - 1)
            else:
                long_short.append(index - 1)
    # The beat without an interval can't be wrong; it is the mean.
    return Artefacts(
        ectopic=tuple(index for index in ectopic if index >= 0),
        missed=tuple(index for index in missed if index >= 0),
        extra=tuple(index for index in extra if index >= 0),
        long_short=tuple(index for index in long_short if index >= 0),
    )


def _threshold(series: Floats) -> Floats:
    """Return 5.2 quartile deviations of the absolute values in 91 beats around each."""
    low, high = _rolling_quantiles(np.abs(series), THRESHOLD_BEATS, (0.25, 0.75))
    threshold: Floats = np.maximum(ALPHA * (high - low) / 2, THRESHOLD_MS_MIN)
    return threshold


def _rolling_quantiles(series: Floats, width: int, quantiles: tuple[float, ...]) -> list[Floats]:
    """Return quantiles (linear between neighbours) in a window centred on each value, shorter at both ends."""
    half = width // 2
    # Padding sorts behind everything, so the ends need no case of their own.
    padded = np.pad(series, half, constant_values=np.inf)
    size = series.size
    place = np.arange(size)
    count = np.minimum(place + half, size - 1) - np.maximum(place - half, 0) + 1
    results = [np.empty(size) for _ in quantiles]
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    for begin in range(0, size, _CHUNK):
        end = min(begin + _CHUNK, size)
        ordered = np.sort(windows[begin:end], axis=1)
        rows = np.arange(end - begin)
        for result, quantile in zip(results, quantiles, strict=True):
            at = quantile * (count[begin:end] - 1)
            low = at.astype(np.intp)
            high = np.minimum(low + 1, count[begin:end] - 1)
            below, above = ordered[rows, low], ordered[rows, high]
            result[begin:end] = below + (above - below) * (at - low)
    return results
