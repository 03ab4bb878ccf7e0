"""What is true in a trial: heart rate and saturation of each person, second by second, before any sensor.

Arrays are (people, seconds). The saturation is that under the sensor: a finger's own delay is no fault of a rule.
"""

import math
from typing import Final

import numpy as np
from msgspec import Struct

from simulators.trial.dice import Dice, Floats
from simulators.trial.parameters import Parameters, Range
from vitals.sessions import Phase

PHASES: Final = (
    (0, Phase.REST),
    (180, Phase.WARM_UP),
    (600, Phase.TRAINING),
    (1980, Phase.COOL_DOWN),
    (2400, Phase.RECOVERY),
)
"""When each part of the class begins, in s."""

_WORK_S: Final = 180
_EASY_S: Final = 90
_EARLIEST_S: Final = 60
_LATEST_S: Final = 400
"""Nothing begins in the last 400 s, so that everything ends within the class."""


class Truth(Struct, frozen=True, kw_only=True):
    """People and what happened to them; one-dimensional arrays have a number for each person."""

    rest_bpm: Floats
    peak_bpm: Floats
    upper_bpm: Floats
    lower_bpm: Floats
    baseline_pct: Floats
    hr_bpm: Floats
    spo2_pct: Floats
    collapses: tuple[tuple[int, int, int], ...]
    """Person, first second of the sudden fall, last second of it."""


def make_truth(parameters: Parameters, *, seed: int) -> Truth:
    """Return the people of a seed and what happened to them."""
    who, count = parameters.who, parameters.people
    dice = Dice(seed=seed, concern=1)
    rest = np.rint(dice.spread(who.rest_bpm, count))
    peak = np.rint(dice.spread(who.peak_bpm, count))
    upper = np.rint(rest + (peak - rest) * dice.spread(who.limit_reserve, count))
    lower = np.maximum(40.0, rest - 20)
    plateau = upper - np.maximum(who.below_limit_bpm_min, dice.normal(*who.below_limit_bpm, count))
    hr = _heart_rates(parameters, dice, rest=rest, plateau=plateau)
    collapses = _happen_to_hearts(parameters, dice, hr, upper=upper, lower=lower)
    mean = np.maximum(who.spo2_pct_min, dice.normal(*who.spo2_pct, count))
    spo2 = mean[:, None] + _wander(
        dice, parameters, deviation=parameters.happens.spo2_wander_pct, kept=parameters.happens.spo2_wander_kept
    )
    _happen_to_saturation(parameters, dice, spo2)
    baseline = np.minimum(100, np.rint(mean + dice.normal(0, who.baseline_error_pct, count)))
    return Truth(
        rest_bpm=rest,
        peak_bpm=peak,
        upper_bpm=upper,
        lower_bpm=lower,
        baseline_pct=baseline,
        hr_bpm=np.clip(hr, 25, 220),
        spo2_pct=np.clip(spo2, 70, 100),
        collapses=collapses,
    )


def _heart_rates(parameters: Parameters, dice: Dice, *, rest: Floats, plateau: Floats) -> Floats:
    """Return rates that follow the class's effort with a lag, drift while working, and wander."""
    hr = np.empty((parameters.people, parameters.duration_s))
    now, drift = rest + 8, np.zeros_like(rest)
    happens = parameters.happens
    up, down = math.exp(-1 / happens.hr_up_tau_s), math.exp(-1 / happens.hr_down_tau_s)
    for second in range(parameters.duration_s):
        effort = _effort(second)
        drift = drift + happens.hr_drift_bpm_per_min / 60 if effort > 0.5 else drift * math.exp(-1 / 300)  # noqa: PLR2004 - work
        target = rest + (plateau - rest) * effort + drift
        now = target + (now - target) * np.where(target > now, up, down)
        hr[:, second] = now
    return hr + _wander(dice, parameters, deviation=happens.hr_wander_bpm, kept=happens.hr_wander_kept)


def _effort(second: int) -> float:
    """Return how much the class asks for, 1 is each person's own plateau."""
    phase = next(phase for begins_s, phase in reversed(PHASES) if second >= begins_s)
    begins_s = next(begins_s for begins_s, other in PHASES if other is phase)
    inside_s = second - begins_s
    match phase:
        case Phase.REST | Phase.RECOVERY:
            return 0.1
        case Phase.WARM_UP:
            return 0.1 + 0.5 * inside_s / 420
        case Phase.TRAINING:
            return 1.0 if inside_s % (_WORK_S + _EASY_S) < _WORK_S else 0.8
        case Phase.COOL_DOWN:
            return 0.6 - 0.3 * inside_s / 420


def _wander(dice: Dice, parameters: Parameters, *, deviation: float, kept: float) -> Floats:
    """Return a first-order walk around 0."""
    walk = np.empty((parameters.people, parameters.duration_s))
    now = np.zeros(parameters.people)
    for second in range(parameters.duration_s):
        now = kept * now + dice.normal(0, deviation, parameters.people)
        walk[:, second] = now
    return walk


def _happen_to_saturation(parameters: Parameters, dice: Dice, spo2: Floats) -> None:
    happens = parameters.happens
    when = Range(_EARLIEST_S, parameters.duration_s - _LATEST_S)
    for person in range(parameters.people):
        for _ in range(dice.count(happens.falls)):
            begins, length = dice.whole(when), dice.whole(happens.fall_s)
            shape = _trapezoid(length, rise_s=happens.fall_down_s, fall_s=happens.fall_up_s)
            spo2[person, begins : begins + length] -= dice.one(happens.fall_depth_pct) * shape


def _happen_to_hearts(
    parameters: Parameters, dice: Dice, hr: Floats, *, upper: Floats, lower: Floats
) -> tuple[tuple[int, int, int], ...]:
    happens = parameters.happens
    training = Range(PHASES[2][0], PHASES[3][0])
    collapses = []
    for person in range(parameters.people):
        for _ in range(dice.count(happens.efforts)):
            begins, length = dice.whole(training), dice.whole(happens.effort_s)
            top = upper[person] + dice.one(happens.effort_over_limit_bpm)
            stretch = hr[person, begins : begins + length]
            shape = _trapezoid(length, rise_s=happens.effort_rise_s, fall_s=happens.effort_rise_s)
            stretch += np.maximum(0, top - stretch) * shape
        for _ in range(dice.count(happens.slow_downs)):
            begins, length = dice.whole(training), dice.whole(happens.slow_down_s)
            bottom = lower[person] - dice.one(happens.slow_down_below_bpm)
            stretch = hr[person, begins : begins + length]
            stretch -= np.maximum(0, stretch - bottom) * _trapezoid(length, rise_s=15, fall_s=10)
        for _ in range(dice.count(happens.collapses)):
            begins, length = dice.whole(training), dice.whole(happens.collapse_s)
            fall_s = dice.one(happens.collapse_fall_s)
            shape = _trapezoid(length, rise_s=fall_s, fall_s=25)
            hr[person, begins : begins + length] -= dice.one(happens.collapse_depth_bpm) * shape
            collapses.append((person, begins, begins + math.ceil(fall_s)))
    return tuple(collapses)


def _trapezoid(length: int, *, rise_s: float, fall_s: float) -> Floats:
    """Return a rise from 0 to 1, a plateau and a fall back, in steps of a second."""
    seconds = np.arange(length, dtype=np.float64)
    return np.minimum(1, seconds / rise_s) * np.minimum(1, (length - seconds) / fall_s)
