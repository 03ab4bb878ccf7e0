"""The people of the benchmark: who wears what, and a class in which some are over their limits from the start. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from simulators.cast import EVERY_NTH_WITHOUT_OXIMETER

ALARM_PEOPLE_MAX: Final = 30
"""So many people, spread over the class, are over their limits: all of a class of 30, a tenth of 300."""

ALARM_HR_UPPER_BPM: Final = 60
"""Below what a simulated person has at rest (62 to 78): the hold begins with the first value."""
ALARM_SPO2_FLOOR_PCT: Final = 100


def wears_oximeter(index: int) -> bool:
    """Return whether the person with this index (from 0) wears an oximeter beside the strap, as in the simulator."""
    return index % EVERY_NTH_WITHOUT_OXIMETER != EVERY_NTH_WITHOUT_OXIMETER - 1


def with_alarms(body: Mapping[str, Any]) -> tuple[dict[str, object], int]:
    """Return a class with limits that some people break at once, and how many alarms will come of it."""
    participants = [dict(person) for person in body["participants"]]
    count = min(len(participants), ALARM_PEOPLE_MAX)
    expected = 0
    for chosen in range(count):
        person = participants[chosen * len(participants) // count]
        person["prescription"] = {
            "hr_upper_bpm": ALARM_HR_UPPER_BPM,
            "spo2_floor_pct": ALARM_SPO2_FLOOR_PCT,
        }
        expected += ("strap" in person) + ("oximeter" in person)
    return {**body, "participants": participants}, expected
