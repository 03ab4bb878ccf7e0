"""Scores: which events were found, how late, and which alarms belonged to none. As docs/decisions/0040 fixed it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf
from typing import Final

from msgspec import Struct

from simulators.trial.labels import Episode

AFTER_S: Final = 15
"""An event is found until so long after its end: an oximeter that averages over 8 s says late that it is over."""


class Stretch(Struct, frozen=True):
    """An alarm of one person that stood from ``onset_s`` to ``ended_s`` (infinite: to the end)."""

    person: int
    onset_s: float
    ended_s: float = inf


class Score(Struct, frozen=True, kw_only=True):
    """What became of the events, and of the alarms. ``delays_s``: of each event found, from its beginning."""

    events: int
    found: int
    alarms: int
    non_event: int
    hours: float
    delays_s: tuple[float, ...]


def score(episodes: Iterable[Episode], stretches: Sequence[Stretch], *, hours: float) -> Score:
    """Return the score of the alarms of one family against the events of one kind."""
    events, alarms = defaultdict(list), defaultdict(list)
    for episode in episodes:
        events[episode.person].append(episode)
    for stretch in stretches:
        alarms[stretch.person].append(stretch)
    delays, count, non_event = [], 0, 0
    for person in events.keys() | alarms.keys():
        mine, told = events[person], alarms[person]
        count += len(mine)
        for event in mine:
            onsets = [alarm.onset_s for alarm in told if _meets(event, alarm)]
            if onsets:
                delays.append(max(0.0, min(onsets) - event.begins_s))
        non_event += sum(not any(_meets(event, alarm) for event in mine) for alarm in told)
    return Score(
        events=count,
        found=len(delays),
        alarms=len(stretches),
        non_event=non_event,
        hours=hours,
        delays_s=tuple(sorted(delays)),
    )


def pool(scores: Sequence[Score]) -> Score:
    """Return the scores of several seeds as one."""
    return Score(
        events=sum(one.events for one in scores),
        found=sum(one.found for one in scores),
        alarms=sum(one.alarms for one in scores),
        non_event=sum(one.non_event for one in scores),
        hours=sum(one.hours for one in scores),
        delays_s=tuple(sorted(delay for one in scores for delay in one.delays_s)),
    )


def _meets(event: Episode, alarm: Stretch) -> bool:
    return alarm.onset_s <= event.ends_s + AFTER_S and alarm.ended_s >= event.begins_s
