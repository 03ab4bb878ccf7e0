"""From what a clinician writes to rates in bpm: the peak by the formula that holds, the zone from its share.

`limits.py` goes on from here; both refuse what contradicts itself, with the field that somebody must change.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analysis.core.exertion.peak_rate import PeakRate, choose_peak
from analysis.core.exertion.reserve import target_bpm
from vitals.errors import InputError
from vitals.participants import PeakFormula, Prescription

_SCALES: Final = ("bpm", "hrr_pct", "hrmax_pct", "rpe")


class Refusal(Struct, frozen=True, kw_only=True):
    """Why a prescription cannot be used: the field that somebody must change, and what is wrong with its value."""

    field: str
    problem: str


def settle(prescription: Prescription) -> Prescription:
    """Return a prescription with peak and zone in bpm; what was given in bpm stays.

    The peak is rounded to whole bpm, and so is the zone: nobody reads a tenth on a wall.

    Args:
        prescription: one without `find_unsettled`.
    """
    p = prescription
    peak = peak_of(p)
    bpm = None if peak is None else round(peak.bpm)
    low, high = _zone(p, bpm)
    return replace(p, peak_hr_bpm=bpm, zone_low_bpm=low, zone_high_bpm=high)


def peak_of(prescription: Prescription) -> PeakRate | None:
    """Return the peak heart rate to use, and where it comes from; None: nothing speaks for one.

    Raises:
        InputError: the chosen formula does not hold for this person.
    """
    p = prescription
    return choose_peak(
        measured_bpm=p.peak_hr_bpm,
        age=p.age_years,
        sex=p.sex,
        beta_blocker=p.beta_blocker,
        formula=p.peak_formula,
        place="",
    )


def find_unsettled(prescription: Prescription) -> tuple[Refusal, ...]:
    """Return what stands in the way of `settle`: a formula that does not hold, a zone given twice or by halves."""
    p = prescription
    try:
        peak = peak_of(p)
    except InputError as error:
        return (Refusal(field="peak_formula", problem=error.problem),)
    refusals: list[Refusal] = []
    if p.peak_hr_bpm is not None and p.peak_formula not in {None, PeakFormula.MEASURED}:
        refusals.append(Refusal(field="peak_formula", problem=f"{p.peak_formula} beside a measured peak_hr_bpm"))
    given = [scale for scale in _SCALES if _pair(p, scale) != (None, None)]
    in_rates = [scale for scale in given if scale != "rpe"]
    if len(in_rates) > 1:
        other = f"zone_high_{in_rates[1]}"
        refusals.append(Refusal(field=other, problem=f"the zone is given in {in_rates[0]} already"))
    for scale in given:
        low, high = _pair(p, scale)
        if scale != "bpm" and (low is None or high is None):
            missing = "low" if low is None else "high"
            refusals.append(Refusal(field=f"zone_{missing}_{scale}", problem="is missing beside the zone's other end"))
        elif low is not None and high is not None and high <= low:
            refusals.append(Refusal(field=f"zone_high_{scale}", problem=f"{high:g} is not above the low end {low:g}"))
    if "hrr_pct" in given and p.rest_hr_bpm is None:
        refusals.append(Refusal(field="rest_hr_bpm", problem="is missing for a zone in % of the reserve"))
    if {"hrr_pct", "hrmax_pct"} & set(given) and peak is None:
        problem = "is missing, and no age_years to estimate it, for a zone in %"
        refusals.append(Refusal(field="peak_hr_bpm", problem=problem))
    if peak is not None and p.rest_hr_bpm is not None and peak.bpm <= p.rest_hr_bpm:
        source = "" if peak.formula is PeakFormula.MEASURED else f" ({peak.formula.value})"
        problem = f"{peak.bpm:g}{source} is not above rest_hr_bpm {p.rest_hr_bpm}"
        refusals.append(Refusal(field="peak_hr_bpm", problem=problem))
    return tuple(refusals)


def _pair(p: Prescription, scale: str) -> tuple[float | None, float | None]:
    return getattr(p, f"zone_low_{scale}"), getattr(p, f"zone_high_{scale}")


def _zone(p: Prescription, peak_bpm: int | None) -> tuple[int | None, int | None]:
    low, high = p.zone_low_hrr_pct, p.zone_high_hrr_pct
    if low is not None and high is not None and peak_bpm is not None and p.rest_hr_bpm is not None:
        rates = [target_bpm(pct / 100, rest_bpm=p.rest_hr_bpm, peak_bpm=peak_bpm) for pct in (low, high)]
        return round(rates[0]), round(rates[1])
    low, high = p.zone_low_hrmax_pct, p.zone_high_hrmax_pct
    if low is not None and high is not None and peak_bpm is not None:
        return round(low / 100 * peak_bpm), round(high / 100 * peak_bpm)
    return p.zone_low_bpm, p.zone_high_bpm
