"""Classes of people who all do the same intervals, each with a heart, an oximeter that is behind, and noise."""

import random

from msgspec import Struct

Second = float | None


class Person(Struct):
    """What strap and oximeter would say, each second, if everybody wore their own."""

    rate_bpm: list[float]
    pulse_bpm: list[Second]


def make_class(
    seed: int, *, people_n: int = 12, seconds: int = 1_200, work_s: int = 60, rest_s: int = 60
) -> list[Person]:
    """Return people who warm up for 3 min and then work and rest in turn; parameters are ours, all synthetic."""
    rng = random.Random(seed)
    return [_person(rng, seconds=seconds, work_s=work_s, rest_s=rest_s) for _ in range(people_n)]


def _person(rng: random.Random, *, seconds: int, work_s: int, rest_s: int) -> Person:
    rest_bpm, gain_bpm, tau_s = rng.uniform(60, 85), rng.uniform(40, 75), rng.uniform(20, 45)
    bpm, wander, rates = rest_bpm, 0.0, []
    for second in range(seconds):
        working = (second - 180) % (work_s + rest_s) < work_s
        effort = 0.15 if second < 180 else (0.9 if working else 0.35)
        bpm += (rest_bpm + gain_bpm * effort - bpm) / tau_s
        wander = 0.95 * wander + rng.gauss(0, 0.6)
        rates.append(bpm + wander)
    behind_s, average_s, bias_bpm = rng.randint(6, 18), rng.choice((4, 8, 12)), rng.gauss(0, 1.5)
    noise, pulses = 0.0, []
    for second in range(seconds):
        noise = 0.8 * noise + rng.gauss(0, 1.2)
        heard = rates[max(second - behind_s - average_s, 0) : max(second - behind_s, 0) + 1]
        pulses.append(None if rng.random() < 0.02 else sum(heard) / len(heard) + bias_bpm + noise)
    return Person(rates, pulses)


def with_deficit(person: Person, *, by_bpm: float) -> Person:
    """Return the person with a pulse that misses beats, as in atrial fibrillation."""
    return Person(person.rate_bpm, [None if pulse is None else pulse - by_bpm for pulse in person.pulse_bpm])
