"""Who really wore a sensor, said afterwards: intervals are cut and given to whoever had it on. Pure.

The record resolves readings by these intervals, so a corrected roster corrects every report; no reading is moved.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from dashboard.lease import INTERVALS_MAX
from dashboard.overrides import find_entry
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sensors import SensorId, SensorKind
from vitals.sessions import AssignedSensor, Roster, RosterEntry
from vitals.units import UtcMs

CORRECTIONS_TABLE: Final = """
    CREATE TABLE correction (
        session TEXT NOT NULL REFERENCES session, version INTEGER NOT NULL,
        staff TEXT NOT NULL, why TEXT NOT NULL, utc_ms INTEGER NOT NULL, changes BLOB NOT NULL,
        PRIMARY KEY (session, version)
    ) STRICT, WITHOUT ROWID;
"""


class Change(Struct, frozen=True, kw_only=True):
    """A sensor was on ``participant`` from a time to before a time.

    ``participant`` None: on nobody. ``to_utc_ms`` None: to the end of the class, or still.
    """

    sensor: SensorId
    participant: ParticipantId | None
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs | None = None


class Correction(Struct, frozen=True, kw_only=True):
    """One correction; ``version``: of the roster that it made."""

    version: int
    by: str
    why: str
    utc_ms: UtcMs
    changes: tuple[Change, ...]

    @classmethod
    def of_row(cls, row: tuple[Any, ...]) -> "Correction":
        """Return the correction that a row of its table holds."""
        version, by, why, utc_ms, changes = row
        told = msgspec.json.decode(changes, type=tuple[Change, ...])
        return cls(version=version, by=by, why=why, utc_ms=UtcMs(utc_ms), changes=told)


def correct_roster(roster: Roster, changes: Iterable[Change], *, now_utc_ms: UtcMs) -> Roster:
    """Return the next version of a roster with all changes, or none of them.

    Args:
        roster: of a class that runs or has ended.
        changes: what was so, in any order.
        now_utc_ms: nothing can have been so later than this.

    Raises:
        InputError: a time outside the class, a sensor that nobody wore then, somebody who is not in the class or had
            left, or two sensors of a kind on one person at a time.
    """
    corrected = roster
    for index, change in enumerate(changes):
        corrected = _apply(corrected, change, place=f"changes[{index}]", now_utc_ms=now_utc_ms)
    refuse_double_wear(corrected)
    return replace(corrected, version=roster.version + 1)


def exchange_changes(
    roster: Roster, one: ParticipantId, other: ParticipantId, kind: SensorKind, *, since_utc_ms: UtcMs
) -> tuple[Change, ...]:
    """Return the changes by which two people have worn each other's sensors of a kind since a time.

    Raises:
        InputError: one of them is not in the class, they are the same, or neither wore any.
    """
    if one == other:
        raise InputError("other", f"{other[:80]!r} is the same person", InputReason.CONFLICT)
    changes = (
        *_hand_over(find_entry(roster, one), other, kind, since_utc_ms),
        *_hand_over(find_entry(roster, other), one, kind, since_utc_ms),
    )
    if not changes:
        raise InputError("kind", f"neither wears a sensor of kind {kind.value!r}", InputReason.CONFLICT)
    return changes


def refuse_double_wear(roster: Roster) -> None:
    """Refuse a roster in which a sensor is on two people, or two sensors of a kind on one, at the same time.

    Raises:
        InputError: it is so.
    """
    by_sensor: dict[str, list[tuple[AssignedSensor, RosterEntry]]] = {}
    for entry in roster.entries:
        by_kind: dict[str, list[tuple[AssignedSensor, RosterEntry]]] = {}
        for worn in entry.sensors:
            by_sensor.setdefault(worn.sensor, []).append((worn, entry))
            by_kind.setdefault(worn.kind.value, []).append((worn, entry))
        for kind, pairs in by_kind.items():
            found = _first_overlap(pairs)
            if found is not None:
                problem = f"{entry.participant} would wear {found[0].sensor!r} and {found[1].sensor!r} at once"
                raise InputError(kind, problem, InputReason.CONFLICT)
    for sensor, pairs in by_sensor.items():
        if _first_overlap(pairs) is not None:
            raise InputError("sensor", f"{sensor!r} would be on two people at once", InputReason.CONFLICT)


def join_touching(sensors: Iterable[AssignedSensor]) -> tuple[AssignedSensor, ...]:
    """Return intervals by start; those of a sensor at one gateway that touch are one, empty ones are none."""
    joined: list[AssignedSensor] = []
    for worn in sorted(sensors, key=lambda worn: (worn.from_utc_ms, worn.sensor)):
        if worn.to_utc_ms is not None and worn.to_utc_ms <= worn.from_utc_ms:
            continue
        before = next((one for one in reversed(joined) if one.sensor == worn.sensor), None)
        if before is not None and before.gateway == worn.gateway and before.to_utc_ms == worn.from_utc_ms:
            joined[joined.index(before)] = replace(before, to_utc_ms=worn.to_utc_ms)
        else:
            joined.append(worn)
    return tuple(joined)


def _apply(roster: Roster, change: Change, *, place: str, now_utc_ms: UtcMs) -> Roster:
    _check_times(roster, change, place=place, now_utc_ms=now_utc_ms)
    if change.participant is not None:
        wearer = find_entry(roster, change.participant)
        if wearer.left_utc_ms is not None and (change.to_utc_ms is None or change.to_utc_ms > wearer.left_utc_ms):
            problem = f"{change.participant!r} had left at {wearer.left_utc_ms}"
            raise InputError(f"{place}.participant", problem, InputReason.CONFLICT)
    cut: list[AssignedSensor] = []
    entries: list[RosterEntry] = []
    for entry in roster.entries:
        kept: list[AssignedSensor] = []
        for worn in entry.sensors:
            inside, outside = _cut(worn, change)
            kept += outside
            cut += inside
        entries.append(replace(entry, sensors=join_touching(kept)))
    if not cut:
        raise InputError(f"{place}.sensor", f"{change.sensor[:80]!r} was on nobody then", InputReason.UNKNOWN_NAME)
    for index, entry in enumerate(entries):
        if entry.participant == change.participant:
            entries[index] = replace(entry, sensors=join_touching((*entry.sensors, *cut)))
        if len(entries[index].sensors) > INTERVALS_MAX:
            problem = f"{entry.participant} would have more than {INTERVALS_MAX} intervals"
            raise InputError(place, problem, InputReason.CONFLICT)
    return replace(roster, entries=tuple(entries))


def _check_times(roster: Roster, change: Change, *, place: str, now_utc_ms: UtcMs) -> None:
    end = now_utc_ms if roster.ended_utc_ms is None else roster.ended_utc_ms
    if not roster.started_utc_ms <= change.from_utc_ms <= end:
        problem = f"{change.from_utc_ms} is not inside the class ({roster.started_utc_ms} to {end})"
        raise InputError(f"{place}.from_utc_ms", problem, InputReason.OUT_OF_RANGE)
    if change.to_utc_ms is not None and not change.from_utc_ms < change.to_utc_ms <= end:
        problem = f"{change.to_utc_ms} is not between {change.from_utc_ms} and {end}"
        raise InputError(f"{place}.to_utc_ms", problem, InputReason.OUT_OF_RANGE)


def _cut(worn: AssignedSensor, change: Change) -> tuple[list[AssignedSensor], list[AssignedSensor]]:
    """Return what of an interval lies inside a change, and what outside."""
    if worn.sensor != change.sensor:
        return [], [worn]
    start = max(worn.from_utc_ms, change.from_utc_ms)
    end = _earlier(worn.to_utc_ms, change.to_utc_ms)
    if end is not None and end <= start:
        return [], [worn]
    outside = []
    if worn.from_utc_ms < start:
        outside.append(replace(worn, to_utc_ms=start))
    if end is not None and (worn.to_utc_ms is None or end < worn.to_utc_ms):
        outside.append(replace(worn, from_utc_ms=end))
    return [replace(worn, from_utc_ms=start, to_utc_ms=end)], outside


def _hand_over(entry: RosterEntry, to: ParticipantId, kind: SensorKind, since_utc_ms: UtcMs) -> Iterator[Change]:
    for worn in entry.sensors:
        if worn.kind is kind and (worn.to_utc_ms is None or worn.to_utc_ms > since_utc_ms):
            start = max(worn.from_utc_ms, since_utc_ms)
            yield Change(sensor=worn.sensor, participant=to, from_utc_ms=start, to_utc_ms=worn.to_utc_ms)


def _first_overlap(
    pairs: list[tuple[AssignedSensor, RosterEntry]],
) -> tuple[AssignedSensor, AssignedSensor] | None:
    ordered = sorted((worn for worn, _ in pairs), key=lambda worn: worn.from_utc_ms)
    for before, after in pairwise(ordered):
        if before.to_utc_ms is None or before.to_utc_ms > after.from_utc_ms:
            return before, after
    return None


def _earlier(one: UtcMs | None, other: UtcMs | None) -> UtcMs | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
