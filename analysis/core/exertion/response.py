"""How the heart answers to work: drift at constant work, chronotropic response, pressure, and what the person says."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from analysis.core.exertion.reserve import Intensity, classify_breath, classify_reserve, classify_rpe
from vitals.units import MonotonicMs

CHRONOTROPIC_MIN_PCT: Final = 80.0
CHRONOTROPIC_BLOCKED_PCT: Final = 62.0
"""At most 62 % under a beta-blocker is called abnormal (Lauer)."""

DRIFT_WORK_SHARE: Final = 0.05
"""Work counts as constant while it stays within 5 % of its mean (engineering choice)."""

DRIFT_STEPS_MIN: Final = 36
"""Six minutes in steps of 10 s: a shorter stretch is still the rise to a steady state (engineering choice)."""

_ORDER: Final = tuple(Intensity)
_MISMATCH_CLASSES: Final = 2
"""One class apart is how people differ; two is worth a word (engineering choice)."""


def drift_pct(first_half_bpm: float, second_half_bpm: float) -> float:
    """Return cardiac drift: the second half's mean heart rate over the first half's, minus 1, in %.

    Raises:
        ValueError: a rate that is none.
    """
    if first_half_bpm <= 0:
        msg = f"{first_half_bpm:g} bpm is no heart rate"
        raise ValueError(msg)
    return (second_half_bpm / first_half_bpm - 1) * 100


def drift_of(rates_bpm: Sequence[float], works: Sequence[float | None]) -> float | None:
    """Return the drift over the newest stretch of constant work, in %; None: there is none of `DRIFT_STEPS_MIN` steps.

    Args:
        rates_bpm: mean rates of steps of equal length, oldest first.
        works: the work in each of them.
    """
    # Each stretch is one step longer; of its values the least and the greatest are farthest from the mean.
    count, total, least, most = 0, 0.0, math.inf, -math.inf
    for work in reversed(works):
        if work is None:
            break
        total += work
        least = work if work < least else least  # noqa: FURB136 - for each step, and a call takes longer
        most = work if work > most else most  # noqa: FURB136
        mean = total / (count + 1)
        if mean <= 0 or most - mean > DRIFT_WORK_SHARE * mean or mean - least > DRIFT_WORK_SHARE * mean:
            break
        count += 1
    if count < DRIFT_STEPS_MIN:
        return None
    rates = rates_bpm[-count:]
    half = len(rates) // 2
    return drift_pct(sum(rates[:half]) / half, sum(rates[-half:]) / half)


def chronotropic_pct(*, peak_bpm: float, rest_bpm: float, age: float) -> float:
    """Return the chronotropic index: (peak - rest) / (220 - age - rest) x 100. Needs a maximal effort; not in AF.

    Raises:
        ValueError: no reserve is left at this age and rest.
    """
    room = 220 - age - rest_bpm
    if room <= 0:
        msg = f"no reserve at age {age:g} with rest {rest_bpm:g} bpm"
        raise ValueError(msg)
    return (peak_bpm - rest_bpm) / room * 100


def is_chronotropic_low(index_pct: float, *, beta_blocker: bool) -> bool:
    """Return whether a chronotropic index is called abnormal: below 80 %, under a beta-blocker at most 62 %.

    For the published answer; review shows the index without a verdict, since a class is no maximal effort.
    """
    return index_pct <= CHRONOTROPIC_BLOCKED_PCT if beta_blocker else index_pct < CHRONOTROPIC_MIN_PCT


def rate_pressure(*, hr_bpm: float, systolic_mmhg: float) -> float:
    """Return the rate-pressure product, bpm x mmHg; the pressure is typed in, never measured here."""
    return hr_bpm * systolic_mmhg


def walk_saturation_product(*, distance_m: float, nadir_spo2_pct: float) -> float:
    """Return the 6-minute walk's distance-saturation product, m: distance x lowest SpO2 / 100; for the answers."""
    return distance_m * nadir_spo2_pct / 100


class Mismatch(Struct, frozen=True, kw_only=True):
    """What a person says against what the heart does. ``feels``: harder or easier than the heart rate tells."""

    feels: Literal["harder", "easier"]
    said: Intensity
    shown: Intensity
    at_ms: MonotonicMs


def compare_effort(*, rpe_borg: float, hrr_pct: float, at_ms: MonotonicMs) -> Mismatch | None:
    """Return how perceived exertion and heart rate contradict each other: two classes of intensity apart or more.

    Feeling harder than the rate tells is what a beta-blocker, lung disease or a wrong peak rate looks like; feeling
    easier can be a wrong limit.
    """
    return _compare(classify_rpe(rpe_borg), hrr_pct, at_ms=at_ms)


def compare_breath(*, dyspnoea_cr10: float, hrr_pct: float, at_ms: MonotonicMs) -> Mismatch | None:
    """Return where somebody is shorter of breath than the heart rate tells: two classes of intensity apart or more.

    Who is less short of breath than the rate tells contradicts nothing: legs and heart can be what tires first.
    """
    found = _compare(classify_breath(dyspnoea_cr10), hrr_pct, at_ms=at_ms)
    return found if found is not None and found.feels == "harder" else None


def _compare(said: Intensity, hrr_pct: float, *, at_ms: MonotonicMs) -> Mismatch | None:
    shown = classify_reserve(hrr_pct)
    distance = _ORDER.index(said) - _ORDER.index(shown)
    if abs(distance) < _MISMATCH_CLASSES:
        return None
    return Mismatch(feels="harder" if distance > 0 else "easier", said=said, shown=shown, at_ms=at_ms)
