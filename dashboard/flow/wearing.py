"""Who comes, who goes, and what each wears from now on: the next version of a roster. Pure.

A sensor is on one person at a time, a person wears one of each kind; the old interval ends where the new one begins.
"""

from typing import Final

from msgspec.structs import replace

from dashboard.flow.corrections import join_touching, refuse_double_wear
from dashboard.lease import INTERVALS_MAX
from dashboard.overrides import change_entry, find_entry
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, Roster, RosterEntry
from vitals.units import UtcMs

SEATS_MAX: Final = 999
"""As in `vitals.sessions.RosterEntry`."""


def free_seat(roster: Roster) -> int:
    """Return the lowest seat that nobody of the class has or had.

    Raises:
        InputError: none is left.
    """
    taken = {entry.seat for entry in roster.entries}
    for seat in range(1, SEATS_MAX + 1):
        if seat not in taken:
            return seat
    raise InputError("seat", f"all {SEATS_MAX} are taken", InputReason.CONFLICT)


def add_person(roster: Roster, entry: RosterEntry) -> Roster:
    """Return the next version of a roster, with somebody who came late.

    Raises:
        InputError: the person, the seat or a sensor is in the class already.
    """
    for one in roster.entries:
        if one.participant == entry.participant:
            raise InputError("id", f"{entry.participant!r} is in the class", InputReason.CONFLICT)
        if one.seat == entry.seat:
            raise InputError("seat", f"{entry.seat} is taken by {one.participant}", InputReason.CONFLICT)
    for worn in entry.sensors:
        refuse_worn(roster, worn.sensor)
    entries = sorted((*roster.entries, entry), key=lambda one: one.seat)
    return replace(roster, version=roster.version + 1, entries=tuple(entries))


def come_back(roster: Roster, participant: ParticipantId) -> Roster:
    """Return the next version of a roster, with somebody who had left there again, wearing nothing yet."""
    return change_entry(roster, replace(find_entry(roster, participant), left_utc_ms=None))


def leave(roster: Roster, participant: ParticipantId, *, now_utc_ms: UtcMs) -> Roster:
    """Return the next version of a roster: somebody has left, the sensors are free, what was heard stays theirs.

    Raises:
        InputError: not in the class, or gone already.
    """
    entry = find_entry(roster, participant)
    if entry.left_utc_ms is not None:
        raise InputError("participant", f"{participant!r} has left", InputReason.CONFLICT)
    closed = join_touching(_close(worn, now_utc_ms) for worn in entry.sensors)
    return change_entry(roster, replace(entry, sensors=closed, left_utc_ms=now_utc_ms))


def put_on(
    roster: Roster,
    participant: ParticipantId,
    kind: SensorKind,
    sensor: SensorId | None,
    *,
    gateway: GatewayId,
    now_utc_ms: UtcMs,
) -> Roster:
    """Return the next version of a roster, in which somebody wears another sensor of a kind from now on.

    Args:
        roster: of a class that runs.
        participant: who.
        kind: of the sensor that is changed.
        sensor: the new one; None: takes it off.
        gateway: which one shall carry it.
        now_utc_ms: the old interval ends and the new one begins here.

    Raises:
        InputError: not in the class or gone, the sensor is on somebody, or sensors were changed too often.
    """
    entry = find_entry(roster, participant)
    if entry.left_utc_ms is not None:
        raise InputError("participant", f"{participant!r} has left", InputReason.CONFLICT)
    if sensor is not None:
        refuse_worn(roster, sensor)
    elif not any(worn.kind is kind and worn.to_utc_ms is None for worn in entry.sensors):
        raise InputError("kind", f"{participant} wears no {kind.value}", InputReason.CONFLICT)
    # A wall clock that was set back opens no interval before the last one began.
    now_utc_ms = max((now_utc_ms, *(worn.from_utc_ms for worn in entry.sensors if worn.kind is kind)))
    sensors = [_close(worn, now_utc_ms) if worn.kind is kind else worn for worn in entry.sensors]
    if sensor is not None:
        sensors.append(AssignedSensor(sensor=sensor, kind=kind, gateway=gateway, from_utc_ms=now_utc_ms))
    kept = join_touching(sensors)
    if len(kept) > INTERVALS_MAX:
        raise InputError("sensor", f"{participant} has changed sensors {INTERVALS_MAX} times", InputReason.CONFLICT)
    changed = change_entry(roster, replace(entry, sensors=kept))
    refuse_double_wear(changed)
    return changed


def refuse_worn(roster: Roster, sensor: SensorId) -> None:
    """Refuse a sensor that is on somebody.

    Raises:
        InputError: it is.
    """
    for entry in roster.entries:
        if any(worn.sensor == sensor and worn.to_utc_ms is None for worn in entry.sensors):
            raise InputError("sensor", f"{sensor!r} is on {entry.participant}", InputReason.CONFLICT)


def _close(worn: AssignedSensor, now_utc_ms: UtcMs) -> AssignedSensor:
    if worn.to_utc_ms is not None:
        return worn
    return replace(worn, to_utc_ms=max(now_utc_ms, worn.from_utc_ms))
