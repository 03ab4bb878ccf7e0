"""The leases of sensors: which gateway carries which. Moving one closes an interval and opens the next. Pure."""

from collections.abc import Iterator
from typing import Final

import msgspec

from vitals.errors import InputError, InputReason
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import AssignedSensor, Roster, RosterEntry
from vitals.units import UtcMs

INTERVALS_MAX: Final = 64
"""What a roster holds of one person (`vitals.sessions.RosterEntry`); a sensor is moved twice in a class, if at all."""


def leases_of(roster: Roster) -> Iterator[AssignedSensor]:
    """Yield the open intervals of all sensors of a class."""
    return (one for entry in roster.entries for one in entry.sensors if one.to_utc_ms is None)


def end_leases(roster: Roster, *, now_utc_ms: UtcMs) -> Roster:
    """Return the last version of a roster: every interval closed."""

    def close(one: AssignedSensor) -> AssignedSensor:
        return msgspec.structs.replace(one, to_utc_ms=now_utc_ms) if one.to_utc_ms is None else one

    entries = tuple(
        msgspec.structs.replace(entry, sensors=tuple(close(one) for one in entry.sensors)) for entry in roster.entries
    )
    return msgspec.structs.replace(roster, version=roster.version + 1, ended_utc_ms=now_utc_ms, entries=entries)


def lease_of(roster: Roster, sensor: SensorId) -> AssignedSensor:
    """Return the open interval of a sensor.

    Raises:
        InputError: nobody wears it in this class.
    """
    for assigned in leases_of(roster):
        if assigned.sensor == sensor:
            return assigned
    raise InputError("sensor", f"{sensor[:80]!r} is on nobody in {roster.session}", InputReason.UNKNOWN_NAME)


def move_lease(roster: Roster, sensor: SensorId, *, to: GatewayId, now_utc_ms: UtcMs) -> Roster:
    """Return the next version of a roster, in which a sensor is another gateway's from now on.

    The new interval begins where the old one ends; what is missing between the readings of the two gateways is the gap
    of the hand-over, and the record tells it.

    Raises:
        InputError: nobody wears the sensor, or it was moved too often to be kept.
    """
    before = lease_of(roster, sensor)
    # A wall clock that was set back ends no interval before it began.
    now_utc_ms = max(now_utc_ms, before.from_utc_ms)
    closed = msgspec.structs.replace(before, to_utc_ms=now_utc_ms)
    opened = msgspec.structs.replace(before, gateway=to, from_utc_ms=now_utc_ms)

    def moved(entry: RosterEntry) -> RosterEntry:
        if before not in entry.sensors:
            return entry
        if len(entry.sensors) >= INTERVALS_MAX:
            raise InputError("sensor", f"{sensor!r} was moved {INTERVALS_MAX} times: enough", InputReason.CONFLICT)
        sensors = (*(closed if one == before else one for one in entry.sensors), opened)
        return msgspec.structs.replace(entry, sensors=sensors)

    entries = tuple(moved(entry) for entry in roster.entries)
    return msgspec.structs.replace(roster, version=roster.version + 1, entries=entries)
