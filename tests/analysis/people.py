"""The people of a made-up class: who they are, what they wear, what their limits are."""

from vitals.alarms import RuleId
from vitals.participants import LimitReason, ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import (
    AssignedSensor,
    GenerationMode,
    Phase,
    ResolvedLimit,
    Roster,
    RosterEntry,
    SessionId,
)
from vitals.units import UtcMs

EPOCH_UTC_MS = 1_795_000_000_000
BASE_MS = 1_000_000
"""Virtual time 0 on the engine's clock; times of scripts count from here, in s."""

LIMITS = (
    ResolvedLimit(rule=RuleId.HR_OVER, value=120.0, reason=LimitReason.PRESCRIBED),
    ResolvedLimit(rule=RuleId.HR_LOW, value=40.0, reason=LimitReason.DEFAULT),
    ResolvedLimit(rule=RuleId.SPO2_LOW, value=88.0, reason=LimitReason.DEFAULT),
    ResolvedLimit(rule=RuleId.SPO2_CRIT, value=85.0, reason=LimitReason.DEFAULT),
)


def entry(
    name: str,
    *,
    seat: int = 1,
    limits: tuple[ResolvedLimit, ...] = LIMITS,
    gateway: str = "g1",
    strap: str | None = None,
    oximeter: bool = True,
    machine: bool = False,
    phase: Phase | None = None,
) -> RosterEntry:
    """Return a participant with strap ``s-NAME-hr`` and, if wanted, oximeter ``s-NAME-ox`` and ``s-NAME-bike``."""
    worn = [(strap or f"s-{name}-hr", SensorKind.STRAP)]
    if oximeter:
        worn.append((f"s-{name}-ox", SensorKind.OXIMETER))
    if machine:
        worn.append((f"s-{name}-bike", SensorKind.MACHINE))
    return RosterEntry(
        participant=ParticipantId(name),
        seat=seat,
        sensors=tuple(
            AssignedSensor(
                sensor=SensorId(sensor), kind=kind, gateway=GatewayId(gateway), from_utc_ms=UtcMs(EPOCH_UTC_MS)
            )
            for sensor, kind in worn
        ),
        limits=limits,
        phase=phase,
        rest_hr_bpm=60,
        peak_hr_bpm=160,
        zone_low_bpm=100,
        zone_high_bpm=120,
    )


def roster(*entries: RosterEntry, version: int = 1, session: str = "c1") -> Roster:
    return Roster(
        session=SessionId(session),
        version=version,
        room="room-1",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(EPOCH_UTC_MS),
        entries=entries,
    )
