"""The highest heart rate that a person is expected to reach: measured, else by a formula that holds for them.

Every formula spreads by 10 to 12 bpm around the truth (Gellish 2007 of Fox's; the others are no better): screens show
which one was used.
"""

from typing import Final

from msgspec import Struct

from vitals.errors import InputError, InputReason
from vitals.participants import PeakFormula, Sex

AGE_MIN, AGE_MAX = 10, 110


HOLDS_UNDER_BLOCKER: Final = frozenset({PeakFormula.MEASURED, PeakFormula.BRAWNER, PeakFormula.HENRY_FORD_BLOCKED})
"""The others come from people whose heart is free to beat as fast as it can."""

_LINES: Final = {
    # Never derived from original research (Robergs 2002).
    PeakFormula.FOX: (220.0, 1.0),
    # Tanaka 2001, the last two for its subgroups.
    PeakFormula.TANAKA: (208.0, 0.7),
    PeakFormula.TANAKA_SEDENTARY: (212.0, 0.7),
    PeakFormula.TANAKA_TRAINED: (205.0, 0.6),
    # Gellish 2007.
    PeakFormula.GELLISH: (207.0, 0.7),
    # Gulati 2010, women.
    PeakFormula.GULATI: (206.0, 0.88),
    # Sydo 2014, 19 013 people.
    PeakFormula.SYDO_WOMEN: (210.0, 0.79),
    PeakFormula.SYDO_MEN: (220.0, 0.95),
    # Coronary disease under a beta-blocker: Brawner 2004, and the same clinic's later abstract.
    PeakFormula.BRAWNER: (164.0, 0.7),
    PeakFormula.HENRY_FORD_BLOCKED: (164.0, 0.72),
    # The same abstract, without a beta-blocker.
    PeakFormula.HENRY_FORD: (200.0, 0.92),
}
"""220 - 1.0 x age, and so on."""


class PeakRate(Struct, frozen=True, kw_only=True):
    """A peak heart rate in bpm and where it came from."""

    bpm: float
    formula: PeakFormula


def estimate_peak_bpm(formula: PeakFormula, *, age: float) -> float:
    """Return the peak heart rate of a formula, in bpm, not rounded.

    Args:
        formula: any but `PeakFormula.MEASURED`.
        age: in years, 10 to 110.

    Raises:
        ValueError: an age outside, or no formula.
    """
    if not AGE_MIN <= age <= AGE_MAX:
        msg = f"age {age:g} is not {AGE_MIN} to {AGE_MAX}"
        raise ValueError(msg)
    if formula is PeakFormula.GELLISH_CURVE:
        # Gellish 2007, its curve.
        return 192.0 - 0.007 * age * age
    if formula is PeakFormula.MEASURED:
        msg = "a measured rate needs no formula"
        raise ValueError(msg)
    intercept, slope = _LINES[formula]
    return intercept - slope * age


def choose_peak(
    *,
    measured_bpm: float | None,
    age: float | None,
    sex: Sex | None = None,
    beta_blocker: bool = False,
    formula: PeakFormula | None = None,
    place: str = "prescription",
) -> PeakRate | None:
    """Return the peak rate to use: measured; else the formula that was asked for; else the one that holds best.

    Without a wish: under a beta-blocker Brawner's, for women Gulati's, else Tanaka's. None: nothing speaks for one.

    Args:
        measured_bpm: from an exercise test, bpm.
        age: in years.
        sex: as the formulas ask for it.
        beta_blocker: whether the person takes one.
        formula: the clinician's choice.
        place: where the inputs came from, for the error's line.

    Raises:
        InputError: the chosen formula does not hold under a beta-blocker, or there is no age for it.
    """
    if measured_bpm is not None:
        return PeakRate(bpm=measured_bpm, formula=PeakFormula.MEASURED)
    if formula is not None and beta_blocker and formula not in HOLDS_UNDER_BLOCKER:
        problem = f"{formula.value} does not hold under a beta-blocker; use brawner or a measured peak"
        raise InputError(f"{place}.peak_formula", problem, InputReason.CONFLICT)
    if formula is PeakFormula.MEASURED or (formula is not None and age is None):
        problem = f"{formula.value} needs {'a measured peak' if formula is PeakFormula.MEASURED else 'an age'}"
        raise InputError(f"{place}.peak_formula", problem, InputReason.CONFLICT)
    if age is None:
        return None
    chosen = formula or _best_formula(sex, beta_blocker=beta_blocker)
    return PeakRate(bpm=estimate_peak_bpm(chosen, age=age), formula=chosen)


def _best_formula(sex: Sex | None, *, beta_blocker: bool) -> PeakFormula:
    if beta_blocker:
        return PeakFormula.BRAWNER
    return PeakFormula.GULATI if sex is Sex.FEMALE else PeakFormula.TANAKA
