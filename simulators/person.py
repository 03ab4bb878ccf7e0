"""A person who exercises: heart rate and oxygen saturation follow effort with lags of their own. Pure; times in s.

The heart rate follows effort as a first-order lag, faster up than down, with a slow upward drift while working. The
time constants are round figures of the order that exercise physiology gives for moderate effort in untrained people
(about half a minute up, about a minute down); they are chosen, not fitted. The saturation of a person who desaturates
falls with effort after the delay of a finger oximeter.
"""

import math
from random import Random
from typing import Final

from msgspec import Struct

HR_UP_TAU_S: Final = 22.0
HR_DOWN_TAU_S: Final = 45.0
SPO2_TAU_S: Final = 12.0
DRIFT_BPM_PER_MIN: Final = 0.15
"""Cardiovascular drift at constant work: a few beats in half an hour."""


class Person(Struct, frozen=True, kw_only=True):
    """What does not change during a class. ``fall_pct``: points of SpO2 lost at full effort."""

    rest_bpm: float
    peak_bpm: float
    spo2_pct: float
    fall_pct: float
    breath_s: float
    arrhythmia: float
    """Standard deviation of an RR interval at rest, ms, besides breathing."""


class Vitals(Struct, frozen=True, kw_only=True):
    """The state of a person at one moment."""

    hr_bpm: float
    spo2_pct: float
    drift_bpm: float = 0.0


class Effort(Struct, frozen=True, kw_only=True):
    """What is asked of a person now: ``intensity`` 0 to 1 of the heart-rate reserve, and what goes wrong on top.

    ``hr_extra_bpm`` and ``spo2_drop_pct`` are a scenario's doing (an over-exertion, a desaturation).
    """

    intensity: float
    hr_extra_bpm: float = 0.0
    spo2_drop_pct: float = 0.0


def new_person(random: Random) -> Person:
    """Return one of the people of a rehabilitation class, drawn from ``random``."""
    rest = random.uniform(62, 78)
    return Person(
        rest_bpm=rest,
        peak_bpm=random.uniform(128, 152),
        spo2_pct=random.uniform(95.5, 98.5),
        fall_pct=random.uniform(0.5, 3.5),
        breath_s=random.uniform(3.2, 4.8),
        arrhythmia=random.uniform(8, 22),
    )


def at_rest(person: Person) -> Vitals:
    """Return how a person comes in."""
    return Vitals(hr_bpm=person.rest_bpm + 8, spo2_pct=person.spo2_pct)


def step(person: Person, vitals: Vitals, effort: Effort, *, dt_s: float) -> Vitals:
    """Return the vitals ``dt_s`` seconds later (0 < dt_s <= 10)."""
    working = effort.intensity > 0.3  # noqa: PLR2004 - below light effort nothing drifts
    drift = vitals.drift_bpm + DRIFT_BPM_PER_MIN * dt_s / 60 if working else vitals.drift_bpm * math.exp(-dt_s / 300)
    reserve = person.peak_bpm - person.rest_bpm
    target = person.rest_bpm + reserve * effort.intensity + drift + effort.hr_extra_bpm
    tau = HR_UP_TAU_S if target > vitals.hr_bpm else HR_DOWN_TAU_S
    hr = target + (vitals.hr_bpm - target) * math.exp(-dt_s / tau)
    spo2_target = person.spo2_pct - person.fall_pct * effort.intensity - effort.spo2_drop_pct
    spo2 = spo2_target + (vitals.spo2_pct - spo2_target) * math.exp(-dt_s / SPO2_TAU_S)
    return Vitals(hr_bpm=hr, spo2_pct=min(100.0, spo2), drift_bpm=drift)


def next_rr_ms(person: Person, vitals: Vitals, random: Random, *, at_s: float) -> float:
    """Return the RR interval that begins at ``at_s``: the mean rate, breathing, and noise that shrinks with effort."""
    mean = 60_000 / vitals.hr_bpm
    calm = max(0.1, (person.peak_bpm - vitals.hr_bpm) / (person.peak_bpm - person.rest_bpm))
    breathing = 25 * calm * math.sin(2 * math.pi * at_s / person.breath_s)
    return max(300.0, mean + breathing + random.gauss(0, person.arrhythmia * calm))
