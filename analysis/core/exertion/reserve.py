"""Heart rate as a share of what a person has: of the reserve, of the peak; and what classes of intensity that is."""

from enum import StrEnum
from typing import Final

from vitals.sessions import RosterEntry


class Intensity(StrEnum):
    """ACSM's classes (10th edition, 2018), half open: a value on a border belongs to the higher class."""

    VERY_LIGHT = "very light"
    LIGHT = "light"
    MODERATE = "moderate"
    VIGOROUS = "vigorous"
    NEAR_MAXIMAL = "near-maximal"


_ORDER: Final = tuple(Intensity)
_RESERVE_BORDERS_PCT: Final = (30.0, 40.0, 60.0, 90.0)
_PEAK_BORDERS_PCT: Final = (57.0, 64.0, 77.0, 96.0)
_RPE_BORDERS: Final = (9.0, 12.0, 14.0, 18.0)
RPE_MIN, RPE_MAX = 6, 20
"""Borg's scale."""

CR10_MAX: Final = 10.0
_BREATH_BORDERS_CR10: Final = (1.0, 3.0, 5.0, 7.0)
"""By the words of Borg's CR10 scale: from 1 light, from 3 moderate, from 5 strong, from 7 very strong (engineering
choice: no table sets breathlessness beside a share of the reserve)."""


def reserve_pct(hr_bpm: float, *, rest_bpm: float, peak_bpm: float) -> float:
    """Return %HRR after Karvonen: (HR - rest) / (peak - rest) x 100, not clipped.

    Args:
        hr_bpm: the rate, any.
        rest_bpm: at rest.
        peak_bpm: measured or estimated peak; above rest.

    Raises:
        ValueError: the peak is not above rest, so there is no reserve.
    """
    if peak_bpm <= rest_bpm:
        msg = f"peak {peak_bpm} bpm is not above rest {rest_bpm} bpm"
        raise ValueError(msg)
    return (hr_bpm - rest_bpm) / (peak_bpm - rest_bpm) * 100


def target_bpm(share: float, *, rest_bpm: float, peak_bpm: float) -> float:
    """Return the rate at a share (0 to 1) of the reserve, bpm: Karvonen's formula, the inverse of `reserve_pct`.

    Raises:
        ValueError: as there, or a share outside 0 to 1.
    """
    if not 0 <= share <= 1:
        msg = f"share {share:g} is not 0 to 1"
        raise ValueError(msg)
    reserve_pct(rest_bpm, rest_bpm=rest_bpm, peak_bpm=peak_bpm)
    return rest_bpm + share * (peak_bpm - rest_bpm)


def classify_reserve(hrr_pct: float) -> Intensity:
    """Return the class of a share of the reserve, %."""
    return _classify(hrr_pct, _RESERVE_BORDERS_PCT)


def classify_peak_share(hrmax_pct: float) -> Intensity:
    """Return the class of a share of the peak heart rate, %: for the published table, for none is shown."""
    return _classify(hrmax_pct, _PEAK_BORDERS_PCT)


def classify_rpe(rpe_borg: float) -> Intensity:
    """Return the class of a perceived exertion on Borg's scale.

    Raises:
        ValueError: not 6 to 20.
    """
    if not RPE_MIN <= rpe_borg <= RPE_MAX:
        msg = f"RPE {rpe_borg:g} is not {RPE_MIN} to {RPE_MAX}"
        raise ValueError(msg)
    return _classify(rpe_borg, _RPE_BORDERS)


def classify_breath(dyspnoea_cr10: float) -> Intensity:
    """Return the class of breathlessness on Borg's CR10 scale.

    Raises:
        ValueError: not 0 to 10.
    """
    if not 0 <= dyspnoea_cr10 <= CR10_MAX:
        msg = f"breathlessness {dyspnoea_cr10:g} is not 0 to {CR10_MAX:g}"
        raise ValueError(msg)
    return _classify(dyspnoea_cr10, _BREATH_BORDERS_CR10)


def reserve_of(entry: RosterEntry, hr_bpm: float) -> float | None:
    """Return %HRR of a participant, None where rest or peak is unknown or makes no sense."""
    rest, peak = entry.rest_hr_bpm, entry.peak_hr_bpm
    if rest is None or peak is None or peak <= rest:
        return None
    # As `reserve_pct`, for each second of each person.
    return (hr_bpm - rest) / (peak - rest) * 100


def _classify(value: float, borders: tuple[float, ...]) -> Intensity:
    return _ORDER[sum(value >= border for border in borders)]
