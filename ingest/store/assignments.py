"""Who wore what: the intervals in which a sensor's readings belong to a participant, from a session's newest roster.

The record keeps readings by sensor alone; the person is resolved here, so that a corrected roster corrects the report.
"""

from collections import defaultdict
from typing import NamedTuple

from vitals.participants import ParticipantId
from vitals.sensors import SensorId
from vitals.sessions import Roster


class AssignmentRow(NamedTuple):
    """A row of `assignment` without its session; ``to_utc_ms`` ``None``: still worn."""

    participant: str
    sensor: str
    sensor_kind: str
    gateway: str
    from_utc_ms: int
    to_utc_ms: int | None


class Worn(NamedTuple):
    """One sensor on one participant from a time to before a time (``None``: no end yet)."""

    participant: ParticipantId
    sensor: SensorId
    from_utc_ms: int
    to_utc_ms: int | None


def rows_of(roster: Roster) -> tuple[AssignmentRow, ...]:
    """Return a roster's assignments; one that is still open ends with the session."""
    return tuple(
        AssignmentRow(
            entry.participant,
            worn.sensor,
            worn.kind.value,
            worn.gateway,
            worn.from_utc_ms,
            roster.ended_utc_ms if worn.to_utc_ms is None else worn.to_utc_ms,
        )
        for entry in roster.entries
        for worn in entry.sensors
    )


def merge_worn(worn: list[Worn]) -> tuple[Worn, ...]:
    """Return the same times with overlapping and touching intervals of a sensor joined: no reading counts twice.

    Intervals that are empty or turned around are left out. Ordered by start.
    """
    by_sensor: defaultdict[tuple[ParticipantId, SensorId], list[Worn]] = defaultdict(list)
    for one in worn:
        if one.to_utc_ms is None or one.from_utc_ms < one.to_utc_ms:
            by_sensor[one.participant, one.sensor].append(one)
    merged: list[Worn] = []
    for ones in by_sensor.values():
        ones.sort(key=lambda one: one.from_utc_ms)
        current = ones[0]
        for one in ones[1:]:
            if current.to_utc_ms is None or one.from_utc_ms <= current.to_utc_ms:
                current = current._replace(to_utc_ms=_later_end(current.to_utc_ms, one.to_utc_ms))
            else:
                merged.append(current)
                current = one
        merged.append(current)
    return tuple(sorted(merged, key=lambda one: one.from_utc_ms))


def _later_end(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else max(first, second)
