"""Exertion of one person from heart rate: share of the heart-rate reserve, and where it lies against the zone."""

from typing import Literal

from vitals.sessions import RosterEntry


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


def reserve_of(entry: RosterEntry, hr_bpm: float) -> float | None:
    """Return %HRR of a participant, None where rest or peak is unknown or makes no sense."""
    rest, peak = entry.rest_hr_bpm, entry.peak_hr_bpm
    if rest is None or peak is None or peak <= rest:
        return None
    return reserve_pct(hr_bpm, rest_bpm=rest, peak_bpm=peak)


def zone_of(entry: RosterEntry, hr_bpm: float) -> Literal["below", "in", "above"] | None:
    """Return where a rate lies against the prescribed zone, borders included; None without a zone."""
    if entry.zone_low_bpm is None or entry.zone_high_bpm is None:
        return None
    if hr_bpm < entry.zone_low_bpm:
        return "below"
    return "above" if hr_bpm > entry.zone_high_bpm else "in"
