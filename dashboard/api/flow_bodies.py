"""What the flow of a class takes and gives over HTTP. Times are UTC ms."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.api.bodies import By
from dashboard.classes import PrescriptionBody
from dashboard.flow.due import DueState
from dashboard.flow.plan import DueKind, RecoveryItem
from dashboard.flow.pre_check import CheckState, ClearanceState
from vitals.entries import PreCheckItem, SymptomKind
from vitals.sensors import SensorKind
from vitals.sessions import GenerationMode, Phase

Why = Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=400, strip_whitespace=True)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Time = Annotated[int, Field(strict=True, ge=0, lt=2**53)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WhyBody(_Asked):
    """Who, where there is no login, and why, where something is open."""

    by: By | None = None
    why: Why = ""


class JoinBody(_Asked):
    """Somebody comes: who is in the class, in the clinic's register, or new here (then with an alias).

    ``seat`` null: the next free one. Sensors that are not named are those of the register, or none: one can be given
    later. ``prescription`` counts for somebody new.
    """

    by: By | None = None
    id: Id
    seat: Annotated[int, Field(strict=True, ge=1, le=999)] | None = None
    alias: Annotated[str, StringConstraints(min_length=1, max_length=32, strip_whitespace=True)] | None = None
    strap: Id | None = None
    oximeter: Id | None = None
    machine: Id | None = None
    gateway: Id | None = None
    prescription: PrescriptionBody | None = None


class SensorBody(_Asked):
    """The sensor of a kind that somebody wears from now on; null: none.

    ``gateway`` null: the one that hears it best.
    """

    by: By | None = None
    kind: SensorKind
    sensor: Id | None
    gateway: Id | None = None


class ExchangeBody(_Asked):
    """Two people wear each other's sensors of a kind, since a time; null: from now on."""

    by: By | None = None
    one: Id
    other: Id
    kind: SensorKind = SensorKind.STRAP
    since_utc_ms: Time | None = None
    why: Reason


class ChangeBody(_Asked):
    """A sensor was on ``participant`` (null: on nobody) from a time to before a time (null: to the end, or still)."""

    sensor: Id
    participant: Id | None
    from_utc_ms: Time
    to_utc_ms: Time | None = None


class CorrectionBody(_Asked):
    """Who really wore what; all of it or nothing."""

    by: By | None = None
    changes: Annotated[tuple[ChangeBody, ...], Field(min_length=1, max_length=64)]
    why: Reason


class CorrectionShownBody(BaseModel):
    """One correction that was made; ``version``: of the roster that it made."""

    version: int
    by: str
    why: str
    utc_ms: int
    changes: list[ChangeBody]


class PressureBody(_Asked):
    """Blood pressure, mmHg."""

    systolic_mmhg: Annotated[int, Field(strict=True, ge=40, le=300)]
    diastolic_mmhg: Annotated[int, Field(strict=True, ge=20, le=200)]


class PreCheckBody(_Asked):
    """The check before exercise. Null: not asked, or entered before. ``symptoms`` empty: asked, there are none.

    A rate or a saturation that is typed counts before the sensor's.
    """

    by: By | None = None
    blood_pressure: PressureBody | None = None
    mass_kg: Annotated[float, Field(strict=True, ge=20, le=400)] | None = None
    oxygen_l_min: Annotated[float, Field(strict=True, ge=0, le=60)] | None = None
    symptoms: Annotated[tuple[SymptomKind, ...], Field(max_length=16)] | None = None
    is_medication_taken: Annotated[bool, Field(strict=True)] | None = None
    hr_bpm: Annotated[float, Field(strict=True, ge=20, le=250)] | None = None
    spo2_pct: Annotated[float, Field(strict=True, ge=50, le=100)] | None = None
    why: Why = ""


class FlowPhaseBody(_Asked):
    """A phase begins now for all, or for one."""

    by: By | None = None
    phase: Phase
    participant: Id | None = None
    why: Why = ""


class PracticeBody(_Asked):
    """A class for practice: so many players, who get the free sensors in range."""

    by: By | None = None
    players: Annotated[int, Field(strict=True, ge=1, le=30)] = 4


class NextClassBody(_Asked):
    """This class ends and the next begins; sensors that are in both stay connected.

    One of both: ``next``, as for a new class, or ``plan``, one of the register, less who is ``absent`` of it.
    """

    by: By | None = None
    why: Why = ""
    next: dict[str, Any] | None = None
    plan: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    absent: Annotated[tuple[Id, ...], Field(max_length=400)] = ()


class NextClassStartedBody(BaseModel):
    """Which class ended and which began."""

    ended: str
    started: str


class StayingSensorBody(BaseModel):
    """A sensor of this class that somebody of the next wears too: it stays connected, and changes hands or not."""

    sensor: str
    kind: SensorKind
    seat: int
    alias: str
    next_seat: int
    next_alias: str


class NextClassShownBody(BaseModel):
    """What the next class would be if it began now. ``freed``: so many sensors of this class are in it no more."""

    plan: str
    name: str
    people: int
    staying: list[StayingSensorBody]
    freed: int


class WornBody(BaseModel):
    """A sensor was on somebody from a time to before a time (null: still)."""

    sensor: str
    kind: SensorKind
    from_utc_ms: int
    to_utc_ms: int | None


class WearerBody(BaseModel):
    """Somebody of a class with everything they wore in it, by time."""

    id: str
    seat: int
    alias: str
    left_utc_ms: int | None
    worn: list[WornBody]


class WearingBody(BaseModel):
    """Who wore what from when to when, as it is known now; by seats. What corrections made of it is in it.

    ``is_recorded`` false: of a class that has ended, the record has not taken over the newest correction yet.
    """

    session: str
    version: int
    started_utc_ms: int
    ended_utc_ms: int | None
    is_recorded: bool
    people: list[WearerBody]


class FlowSensorBody(BaseModel):
    """A sensor that somebody wears now; ``is_tapped``: it was just put on or touched."""

    sensor: str
    kind: SensorKind
    gateway: str
    is_tapped: bool


class FlowFindingBody(BaseModel):
    """One item of the pre-check, with its value and the limit it was held against, as they are written."""

    item: PreCheckItem
    state: CheckState
    value: str
    limit: str


class FlowClearanceBody(BaseModel):
    """Whether somebody may exercise: who checked and when, what was let be and why, which stop sign came since."""

    state: ClearanceState
    by: str | None
    at_utc_ms: int | None
    problems: list[PreCheckItem]
    missing: list[PreCheckItem]
    why: str
    stop_sign: SymptomKind | None
    stop_utc_ms: int | None


class FlowDueBody(BaseModel):
    """Something to ask or to measure; it is never an alarm."""

    kind: DueKind
    state: DueState
    due_utc_ms: int
    last_utc_ms: int | None


class FlowRecoveryBody(BaseModel):
    """The recovery watch of one person. ``since_utc_ms`` null: still in exercise. Falls of the heart rate in bpm.

    ``missing``: what speaks against letting them go; ``alarm`` besides the items of the watch: one of theirs is on, or
    over and nobody has seen it.
    """

    is_needed: bool
    since_utc_ms: int | None
    peak_bpm: float | None
    after_1_min_bpm: float | None
    after_2_min_bpm: float | None
    missing: list[RecoveryItem | Literal["alarm"]]


class FlowLastBody(BaseModel):
    """The newest value of a kind, as an entry holds it."""

    kind: str
    at_utc_ms: int
    by: str
    body: dict[str, Any]


class FlowPersonBody(BaseModel):
    """Where one person stands. ``state``: expected, here or left."""

    id: str
    seat: int
    alias: str
    state: Literal["expected", "here", "left"]
    joined_utc_ms: int | None
    left_utc_ms: int | None
    phase: Phase
    phase_since_utc_ms: int | None
    sensors: list[FlowSensorBody]
    clearance: FlowClearanceBody
    findings: list[FlowFindingBody]
    due: list[FlowDueBody]
    recovery: FlowRecoveryBody
    last: list[FlowLastBody]


class OpenPointBody(BaseModel):
    """Something that is still open when the class is to end; ``what``: not_released or overdue, ``of`` what of it."""

    participant: str
    seat: int
    what: str
    of: list[str]


class FlowBody(BaseModel):
    """The flow of a class. ``is_record_read`` false: entries that the record has are not in it.

    ``has_default_limits``: the pre-check is held against the delivered numbers: default, not prescribed.
    """

    session: str
    name: str
    generation_mode: GenerationMode
    phase: Phase
    phase_since_utc_ms: int
    started_utc_ms: int
    ended_utc_ms: int | None
    utc_ms: int
    is_record_read: bool
    people: list[FlowPersonBody]
    open_points: list[OpenPointBody]
    tapped: list[str]
    stop_signs: list[SymptomKind]
    recovery_items: list[RecoveryItem]
    has_default_limits: bool
    is_practice: bool
