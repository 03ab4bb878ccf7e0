"""Variability of RR intervals, for review and never for an alarm: RMSSD, SDNN, Poincare, turning points, DFA a1.

All take intervals in ms, cleaned of artefacts; more than 5 % of them and nothing here means anything. Review shows
RMSSD alone: what the others say of people with heart disease or under medicines is not established; they are for the
published answers.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

RrMs = NDArray[np.float64]

DFA_SCALES: Final = range(4, 17)
"""4 to 16 beats: the short-term exponent (Rogers 2021)."""


def rmssd_ms(rr_ms: RrMs) -> float:
    """Return the root mean square of successive differences, ms; at least 2 intervals."""
    return float(np.sqrt(np.mean(np.square(np.diff(rr_ms)))))


def sdnn_ms(rr_ms: RrMs) -> float:
    """Return the standard deviation (n - 1), ms."""
    return float(np.std(rr_ms, ddof=1))


def mean_hr_bpm(rr_ms: RrMs) -> float:
    """Return the mean of the rates of single beats, bpm."""
    return float(np.mean(60_000 / rr_ms))


def pnn50_pct(rr_ms: RrMs) -> float:
    """Return how many successive differences exceed 50 ms, %."""
    return float(np.mean(np.abs(np.diff(rr_ms)) > 50) * 100)  # noqa: PLR2004 - its name


def sd1_ms(rr_ms: RrMs) -> float:
    """Return the short axis of the Poincare plot, ms."""
    return float(np.sqrt(np.var(np.diff(rr_ms), ddof=1) / 2))


def turning_point_share(values: RrMs) -> float:
    """Return the share of inner values that are local extremes, of n - 2; random values give 2/3 (Kendall)."""
    steps = np.diff(values)
    return float(np.mean(steps[1:] * steps[:-1] < 0))


def dfa_alpha1(rr_ms: RrMs) -> float:
    """Return the short-term exponent of detrended fluctuation analysis: boxes of 4 to 16 beats, linear trend.

    Boxes do not overlap. Other programs that use other boxes get other numbers (1.27 against 0.92 on one series).

    Raises:
        ValueError: fewer than 32 intervals, so two boxes of the longest scale do not fit.
    """
    if len(rr_ms) < 2 * DFA_SCALES[-1]:
        msg = f"{len(rr_ms)} intervals are too few"
        raise ValueError(msg)
    profile = np.cumsum(rr_ms - np.mean(rr_ms))
    fluctuations = [_fluctuation(profile, scale) for scale in DFA_SCALES]
    slope, _ = np.polyfit(np.log(list(DFA_SCALES)), np.log(fluctuations), 1)
    return float(slope)


def _fluctuation(profile: RrMs, scale: int) -> float:
    boxes = profile[: len(profile) // scale * scale].reshape(-1, scale)
    steps = np.arange(scale)
    slopes, intercepts = np.polyfit(steps, boxes.T, 1)
    trends = np.outer(slopes, steps) + intercepts[:, None]
    return float(np.sqrt(np.mean(np.mean(np.square(boxes - trends), axis=1))))
