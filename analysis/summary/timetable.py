"""When what held for one person: phases, limits, sensors worn; read off the versions of the roster."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from analysis.history.history import InForce
from analysis.summary.part import Part
from vitals.alarms import Operator, RuleId
from vitals.participants import LimitReason, ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import Phase, RosterEntry


class PhaseSpan(Struct, frozen=True, kw_only=True):
    """One phase of one person, ms after the start."""

    phase: Phase
    from_ms: int
    to_ms: int


class LimitSpan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One limit of one person as it was for a time; it is said which candidate it came from.

    ``op``, ``hold_s``: this person's own; None: the rule set's.
    """

    rule: RuleId
    value: float
    reason: LimitReason
    from_ms: int
    to_ms: int
    op: Operator | None = None
    hold_s: float | None = None


class SensorUsed(Struct, frozen=True, kw_only=True):
    """One sensor on one person for a time."""

    sensor: SensorId
    kind: SensorKind
    gateway: GatewayId
    from_ms: int
    to_ms: int
    device: str = ""


def entries_in_force(part: Part) -> tuple[tuple[int, int, RosterEntry, Phase], ...]:
    """Return (from, to, entry, phase) of each version that has this person, ms, without empty times."""
    return tuple(_in_force(part.rosters, part.participant, until_ms=part.until_ms))


def phases_of(part: Part) -> tuple[PhaseSpan, ...]:
    """Return the phases in order; what follows in the same phase is one."""
    spans: list[PhaseSpan] = []
    for from_ms, to_ms, _, phase in entries_in_force(part):
        last = spans[-1] if spans else None
        if last is not None and last.phase is phase and last.to_ms == from_ms:
            spans[-1] = PhaseSpan(phase=phase, from_ms=last.from_ms, to_ms=to_ms)
        else:
            spans.append(PhaseSpan(phase=phase, from_ms=from_ms, to_ms=to_ms))
    return tuple(spans)


def limits_of(part: Part) -> tuple[LimitSpan, ...]:
    """Return every limit with the time for which it held, by rule and time."""
    spans: dict[RuleId, list[LimitSpan]] = {}
    for from_ms, to_ms, entry, _ in entries_in_force(part):
        for limit in entry.limits:
            mine = spans.setdefault(limit.rule, [])
            now = LimitSpan(
                rule=limit.rule,
                value=limit.value,
                reason=limit.reason,
                from_ms=from_ms,
                to_ms=to_ms,
                op=limit.op,
                hold_s=limit.hold_s,
            )
            if mine and mine[-1] == replace(now, from_ms=mine[-1].from_ms, to_ms=from_ms):
                now = replace(now, from_ms=mine.pop().from_ms)
            mine.append(now)
    return tuple(span for rule in sorted(spans) for span in spans[rule])


def sensors_of(part: Part) -> tuple[SensorUsed, ...]:
    """Return the sensors of the newest roster that has this person, by start; make and model as they told."""
    devices = {one.reading.sensor: one.reading.device for one in part.said if one.reading.device}
    newest = next((entry for *_, entry, _ in reversed(entries_in_force(part))), None)
    if newest is None:
        return ()
    used = [
        SensorUsed(
            sensor=worn.sensor,
            kind=worn.kind,
            gateway=worn.gateway,
            from_ms=max(0, worn.from_utc_ms - part.started_utc_ms),
            to_ms=part.until_ms if worn.to_utc_ms is None else min(part.until_ms, worn.to_utc_ms - part.started_utc_ms),
            device=devices.get(worn.sensor, ""),
        )
        for worn in newest.sensors
    ]
    return tuple(sorted(used, key=lambda one: (one.from_ms, one.kind.value, one.sensor)))


def _in_force(
    rosters: tuple[InForce, ...], participant: ParticipantId, *, until_ms: int
) -> Iterator[tuple[int, int, RosterEntry, Phase]]:
    for place, one in enumerate(rosters):
        from_ms = 0 if place == 0 else min(one.at_ms, until_ms)
        to_ms = min(rosters[place + 1].at_ms, until_ms) if place + 1 < len(rosters) else until_ms
        entry = next((entry for entry in one.roster.entries if entry.participant == participant), None)
        if entry is not None and from_ms < to_ms:
            yield from_ms, to_ms, entry, entry.phase or one.roster.phase
