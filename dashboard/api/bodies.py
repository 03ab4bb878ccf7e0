"""What the HTTP interface takes and gives, for OpenAPI and for whoever reads it. Times are UTC ms, ages are ms."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ingest.store.streams import GapCause
from vitals.alarms import Change, Condition, Family, Priority, RuleId, Signal
from vitals.participants import LimitReason, PeakFormula
from vitals.readings import Averaging, Machine, Quality, ReadingKind, Reason, Source
from vitals.sessions import GenerationMode, Phase
from vitals.units import Unit

By = Annotated[str, StringConstraints(pattern=r"^\S.{0,15}$", strip_whitespace=True)]
"""Initials or a staff id."""


class RefusalBody(BaseModel):
    """Why a request was refused: one line that names the place and the value."""

    detail: str


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EndBody(_Asked):
    """Who ends a class, where there is no login, and why although something is open."""

    by: By | None = None
    why: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class PhaseBody(_Asked):
    """The phase that begins now; ``why``: of exercise, for who is here and not cleared."""

    phase: Phase
    why: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class MoveBody(_Asked):
    """The gateway that shall carry a sensor from now on."""

    gateway: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class PersonPhaseBody(_Asked):
    """The phase that begins now for one person; null: that of the class again. ``why`` as in `PhaseBody`."""

    phase: Phase | None
    why: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class LimitBody(_Asked):
    """A limit for one person for the rest of the class, with who sets it and why; null: back to the prescribed one."""

    rule: RuleId
    value: Annotated[float, Field(strict=True, ge=0, le=300)] | None
    by: By | None = None
    why: Annotated[str, StringConstraints(min_length=3, max_length=400, strip_whitespace=True)]


class OverrideBody(BaseModel):
    """One change of a limit in class."""

    participant: str
    rule: RuleId
    value: float | None
    by: str
    why: str
    utc_ms: int


class AcknowledgeBody(_Asked):
    """Who takes an alarm, where there is no login."""

    by: By | None = None


class AudioPauseBody(_Asked):
    """How long the room shall be silent (0 ends it), and who asks, where there is no login."""

    seconds: Annotated[int, Field(strict=True, ge=0, le=120)]
    by: By | None = None


class CommandSentBody(BaseModel):
    """A command is on its way to the owner of what it changes; its state says when it was taken."""

    command: str
    state: str = "sending"


class PartBody(BaseModel):
    """One part of the system; ``state``: up, lost, stopped or missing."""

    part: str
    instance: str
    state: str
    since_utc_ms: int
    text: str
    problems: list[str]


class HealthBody(BaseModel):
    """Whether everything works; ``degraded`` while a part is lost or missing or tells of a problem."""

    status: str
    parts: list[PartBody]


class SignalBody(BaseModel):
    """One vital sign of one person now. ``value`` null: there is none to show, ``reason`` says why."""

    value: float | None
    unit: Unit
    age_ms: int | None
    quality: Quality
    reason: Reason | None


class LiveParticipantBody(BaseModel):
    """One person of the class; ``signals`` has ``hr`` and ``spo2`` as far as a sensor for it is worn."""

    id: str
    seat: int
    alias: str
    signals: dict[str, SignalBody]


class LiveAcknowledgementBody(BaseModel):
    """Who took an alarm, and when."""

    by: str
    at_utc_ms: int


class LiveAlarmBody(BaseModel):
    """One alarm whose signal is not off. ``kind``: physiological or technical; ``sending``: who is just taking it."""

    id: str
    subject: str
    participant: str | None
    rule: RuleId
    kind: Family
    priority: Priority
    condition: Condition
    signal: Signal
    text: str
    explanation: str
    value: float | None
    limit: float | None
    onset_utc_ms: int
    age_ms: int
    source_lost: bool
    acknowledged: LiveAcknowledgementBody | None
    sending: str | None


class LiveSessionBody(BaseModel):
    """The open class."""

    id: str
    name: str
    phase: Phase
    started_utc_ms: int


class LiveBody(BaseModel):
    """Everything that the wall shows, now."""

    utc_ms: int
    room: str
    generation_mode: GenerationMode
    session: LiveSessionBody | None
    participants: list[LiveParticipantBody]
    alarms: list[LiveAlarmBody]
    parts: list[PartBody]


class SessionParticipantBody(BaseModel):
    """One person of a session."""

    id: str
    seat: int
    alias: str
    strap: str | None
    oximeter: str | None
    machine: str | None = None
    phase: Phase | None = None
    limits: dict[RuleId, float]
    limit_reasons: dict[RuleId, LimitReason] = {}
    rest_hr_bpm: int | None = None
    peak_hr_bpm: int | None = None
    peak_formula: PeakFormula | None = None


class SessionBody(BaseModel):
    """A session; ``version`` counts the changes of its roster."""

    id: str
    name: str
    room: str
    generation_mode: GenerationMode
    phase: Phase
    version: int
    started_utc_ms: int
    ended_utc_ms: int | None
    participants: list[SessionParticipantBody]


class ReadingBody(BaseModel):
    """One stored reading. Of the values only those of its kind are given; null where the sensor gave none."""

    utc_ms: int
    received_utc_ms: int
    sensor: str
    kind: ReadingKind
    run: str
    seq: int
    mono_ms: int
    late: bool
    quality: Quality
    reason: Reason | None
    generation_mode: GenerationMode | None
    device: str
    source: Source
    hr_bpm: int | None = None
    contact: bool | None = None
    rr_ms: list[float] | None = None
    spo2_pct: float | None = None
    pulse_bpm: float | None = None
    perfusion_pct: float | None = None
    averaging: Averaging | None = None
    machine: Machine | None = None
    speed_kmh: float | None = None
    incline_pct: float | None = None
    power_w: int | None = None
    cadence_per_min: float | None = None
    resistance_level: int | None = None
    distance_m: float | None = None
    elapsed_s: int | None = None
    met: float | None = None
    battery_pct: int | None = None


class StoredAlarmBody(BaseModel):
    """One change of one alarm, with the alarm as it stood after it."""

    utc_ms: int
    run: str
    seq: int
    change: Change
    explanation: str
    alarm: dict[str, object]


class GapBody(BaseModel):
    """A time of which readings are missing, and why.

    ``first`` to ``last``, ``count`` of them: numbered readings that will never be in the record (cause ``dropped``,
    ``run_ended`` or ``refused``). Null: nobody heard any (``not_heard``, ``restarted``, ``hand_over``).
    """

    participant: str
    sensor: str
    kind: ReadingKind
    run: str | None
    first: int | None
    last: int | None
    count: int | None
    cause: GapCause
    from_utc_ms: int
    to_utc_ms: int


class NearbySensorBody(BaseModel):
    """A sensor in range of a gateway; one that several gateways hear is listed once for each.

    ``participant`` wears it in this room's class; ``leased_to``: the gateway that carries it, in whatever class.
    ``battery_low``, ``contact``: as it calls out itself; null: it does not. ``is_linked``: the gateway is connected
    with it, so its strength is that of before.
    """

    gateway: str
    sensor: str
    kind: str
    rssi_dbm: int
    age_ms: int
    participant: str | None
    leased_to: str | None
    battery_low: bool | None
    contact: bool | None
    is_linked: bool


class NearestSensorBody(BaseModel):
    """The sensor that is held to a gateway; ``outcome``: found, none_near or equally_near, ``text`` says it in words.

    ``second_dbm``: how strongly the strongest other sensor is heard.
    """

    outcome: str
    text: str
    sensor: str | None
    kind: str | None
    gateway: str | None
    rssi_dbm: int | None
    second_dbm: int | None
    participant: str | None
