"""The people of the benchmark: who wears what, and who is put over a limit in the middle of the class. Pure."""

from collections.abc import Collection
from typing import Final

import msgspec

from simulators.kit import EVERY_NTH_WITHOUT_OXIMETER
from vitals.alarms import RuleId
from vitals.participants import ParticipantId
from vitals.sessions import ResolvedLimit, Roster

ALARM_PEOPLE_MAX: Final = 30
"""So many people, spread over the class, come over their limits: all of a class of 30, a tenth of 300."""

GROUPS: Final = 5
"""They come group by group, a second apart, so that no figure is about thirty alarms at one instant."""

TIGHT: Final = {RuleId.HR_OVER: 60.0, RuleId.SPO2_LOW: 100.0}
"""Limits that everybody breaks: simulated people rest at 62 to 78 bpm and have 98.5 % at most."""


def wears_oximeter(index: int) -> bool:
    """Return whether the person with this index (from 0) wears an oximeter beside the strap, as in the simulator."""
    return index % EVERY_NTH_WITHOUT_OXIMETER != EVERY_NTH_WITHOUT_OXIMETER - 1


def choose_groups(roster: Roster) -> tuple[frozenset[ParticipantId], ...]:
    """Return who comes over the limit, group by group, spread evenly over the class."""
    count = min(len(roster.entries), ALARM_PEOPLE_MAX)
    chosen = [roster.entries[place * len(roster.entries) // count].participant for place in range(count)]
    groups = (frozenset(chosen[first::GROUPS]) for first in range(GROUPS))
    return tuple(group for group in groups if group)


def tighten(roster: Roster, people: Collection[ParticipantId]) -> Roster:
    """Return the next version of a roster, in which these people's limits are `TIGHT`."""
    entries = tuple(
        msgspec.structs.replace(entry, limits=tuple(_tight(limit) for limit in entry.limits))
        if entry.participant in people
        else entry
        for entry in roster.entries
    )
    return msgspec.structs.replace(roster, version=roster.version + 1, entries=entries)


def count_alarms(roster: Roster, people: Collection[ParticipantId]) -> int:
    """Return how many alarms tight limits will raise: one for each sensor that somebody wears."""
    return sum(len(entry.sensors) for entry in roster.entries if entry.participant in people)


def _tight(limit: ResolvedLimit) -> ResolvedLimit:
    return msgspec.structs.replace(limit, value=TIGHT.get(limit.rule, limit.value))
