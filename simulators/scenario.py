"""What happens in a simulated class: phases, and what goes wrong for whom and when. Pure; seconds from the start.

The first two minutes of the demo always show the four things that a newcomer must see: a heart rate over its limit, a
saturation under its limit, a strap without skin contact, and a person who walks out of range and comes back. After
that the class goes on with bouts, and the same kinds of trouble come at random, a few in ten minutes.
"""

import math
from enum import StrEnum
from random import Random
from typing import Final

from msgspec import Struct

from simulators.person import Effort
from vitals.sessions import Phase


class Trouble(StrEnum):
    """The kinds of trouble that a scenario can make."""

    OVER_EXERTION = "over_exertion"
    DESATURATION = "desaturation"
    OFF_SKIN = "off_skin"
    OUT_OF_RANGE = "out_of_range"


class Event(Struct, frozen=True, kw_only=True):
    """One trouble for one person (index from 0) from ``from_s`` to ``to_s``."""

    trouble: Trouble
    person: int
    from_s: float
    to_s: float


class PhaseChange(Struct, frozen=True, kw_only=True):
    """A phase begins."""

    phase: Phase
    at_s: float


class Scenario(Struct, frozen=True, kw_only=True):
    """A whole class: who has trouble when, and its phases. Bouts of effort and pauses follow each other in training."""

    people: int
    events: tuple[Event, ...]
    phases: tuple[PhaseChange, ...]
    bout_s: float = 180.0
    pause_s: float = 60.0


DEMO_PHASES: Final = (
    PhaseChange(phase=Phase.WARM_UP, at_s=0),
    PhaseChange(phase=Phase.TRAINING, at_s=30),
    PhaseChange(phase=Phase.COOL_DOWN, at_s=1_830),
    PhaseChange(phase=Phase.RECOVERY, at_s=2_130),
)

_INTENSITY: Final = {
    Phase.REST: 0.02,
    Phase.WARM_UP: 0.25,
    Phase.TRAINING: 0.52,
    Phase.COOL_DOWN: 0.2,
    Phase.RECOVERY: 0.05,
}
_BETWEEN_BOUTS: Final = 0.35
_SPREAD_S: Final = 17.0
"""People do not start their bouts at the same second."""


def plan_demo(*, people: int, random: Random, hours: float = 3.0) -> Scenario:
    """Return the demo class for ``people`` persons (at least 1), the same for the same ``random``."""
    seats = (2 % people, 6 % people, 9 % people, 7 % people)
    opening = (
        Event(trouble=Trouble.OVER_EXERTION, person=seats[0], from_s=8, to_s=85),
        Event(trouble=Trouble.DESATURATION, person=seats[1], from_s=14, to_s=80),
        Event(trouble=Trouble.OFF_SKIN, person=seats[2], from_s=35, to_s=75),
        Event(trouble=Trouble.OUT_OF_RANGE, person=seats[3], from_s=42, to_s=82),
    )
    later, at_s = [], 170.0
    while at_s < hours * 3600:
        length = random.uniform(35, 60)
        trouble = random.choice(list(Trouble))
        later.append(Event(trouble=trouble, person=random.randrange(people), from_s=at_s, to_s=at_s + length))
        at_s += random.uniform(80, 160)
    return Scenario(people=people, events=(*opening, *later), phases=DEMO_PHASES)


def plan_quiet(*, people: int) -> Scenario:
    """Return a class in which nothing goes wrong, for benchmarks."""
    return Scenario(people=people, events=(), phases=DEMO_PHASES)


def plan_crisis(*, people: int) -> Scenario:
    """Return a class in which everybody's heart rate passes the limit and stays there, to test what alarms survive."""
    events = tuple(
        Event(trouble=Trouble.OVER_EXERTION, person=person, from_s=3, to_s=math.inf) for person in range(people)
    )
    return Scenario(people=people, events=events, phases=DEMO_PHASES)


def phase_at(scenario: Scenario, at_s: float) -> Phase:
    """Return the phase at a time."""
    phase = scenario.phases[0].phase
    for change in scenario.phases:
        if change.at_s <= at_s:
            phase = change.phase
    return phase


def troubles_at(scenario: Scenario, person: int, at_s: float) -> frozenset[Trouble]:
    """Return what is wrong for a person at a time."""
    return frozenset(
        event.trouble for event in scenario.events if event.person == person and event.from_s <= at_s < event.to_s
    )


def effort_at(scenario: Scenario, person: int, at_s: float) -> Effort:
    """Return what is asked of a person at a time, troubles included."""
    phase = phase_at(scenario, at_s)
    intensity = _INTENSITY[phase]
    if phase is Phase.TRAINING:
        place_s = (at_s + person * _SPREAD_S) % (scenario.bout_s + scenario.pause_s)
        if place_s >= scenario.bout_s:
            intensity = _BETWEEN_BOUTS
    troubles = troubles_at(scenario, person, at_s)
    return Effort(
        intensity=intensity,
        hr_extra_bpm=62.0 if Trouble.OVER_EXERTION in troubles else 0.0,
        spo2_drop_pct=14.0 if Trouble.DESATURATION in troubles else 0.0,
    )
