"""Sessions: the class, who is in it under which pseudonym, which sensor is on whom from when to when, and limits."""

from enum import StrEnum
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from vitals.alarms import Operator, RuleId
from vitals.participants import LimitReason, ParticipantId, Sex
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.units import UtcMs

SessionId = NewType("SessionId", str)


class GenerationMode(StrEnum):
    """Where the numbers come from; anything but REAL is said on every screen and in every record."""

    REAL = "real"
    REPLAYED = "replayed"
    SIMULATED = "simulated"
    TEST = "test"


class Phase(StrEnum):
    """The parts of a class."""

    REST = "rest"
    WARM_UP = "warm_up"
    TRAINING = "training"
    COOL_DOWN = "cool_down"
    RECOVERY = "recovery"


class AssignedSensor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sensor on one participant from a time to a time (None: still); leased to one gateway."""

    sensor: SensorId
    kind: SensorKind
    gateway: GatewayId
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs | None = None


class ResolvedLimit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The number that a rule uses for one participant, and which candidate it came from.

    ``op`` None: the rule's own comparison; a defibrillator's rate is met, not passed. ``hold_s`` None: the rule set's
    own hold; a number is this person's.
    """

    rule: RuleId
    value: float
    reason: LimitReason
    op: Operator | None = None
    hold_s: Annotated[float, Meta(ge=0, le=600)] | None = None


class RosterEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One participant of a class, without anything that tells who it is.

    ``peak_is_estimate``: by a formula, not measured; the formula stays with the clinic (one of them tells of a drug).
    ``sex`` and ``mass_kg`` are what training load and METs are reckoned with. ``left_utc_ms``: gone since then, watched
    no more; what was heard before stays theirs.
    """

    participant: ParticipantId
    seat: Annotated[int, Meta(ge=1, le=999)]
    sensors: Annotated[tuple[AssignedSensor, ...], Meta(max_length=64)]
    limits: tuple[ResolvedLimit, ...] = ()
    rest_hr_bpm: int | None = None
    peak_hr_bpm: int | None = None
    peak_is_estimate: bool = False
    zone_low_bpm: int | None = None
    zone_high_bpm: int | None = None
    spo2_baseline_pct: float | None = None
    sex: Sex | None = None
    mass_kg: float | None = None
    phase: Phase | None = None
    left_utc_ms: UtcMs | None = None


class Roster(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A class as the parts know it (retained, a new version with each change, cleared after the end)."""

    v: Literal[1] = 1
    session: SessionId
    version: Annotated[int, Meta(ge=1)]
    room: str
    generation_mode: GenerationMode
    phase: Phase
    started_utc_ms: UtcMs
    ended_utc_ms: UtcMs | None = None
    entries: Annotated[tuple[RosterEntry, ...], Meta(max_length=1000)]


class GatewayAssignment(Struct, frozen=True, kw_only=True):
    """A sensor that a gateway shall keep connected; nothing about people."""

    sensor: SensorId
    kind: SensorKind


class Assignments(Struct, frozen=True, kw_only=True):
    """What one gateway shall connect (retained); empty when no class runs."""

    v: Literal[1] = 1
    gateway: GatewayId
    version: Annotated[int, Meta(ge=0)]
    sensors: Annotated[tuple[GatewayAssignment, ...], Meta(max_length=1000)]
