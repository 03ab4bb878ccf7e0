"""What the register's routes take and give. Times are UTC ms; who asks comes from the login, never from a body."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.access.roles import Role
from dashboard.classes import Name
from dashboard.register.importing import Outcome
from dashboard.register.plan_body import PlanBody, StaffName
from dashboard.register.prescriptions import KeptPrescriptionBody
from vitals.alarms import RuleId
from vitals.duty import DutyRole
from vitals.participants import LimitReason, PeakFormula
from vitals.sensors import SensorKind
from vitals.sessions import GenerationMode

Why = Annotated[str, StringConstraints(min_length=3, max_length=400, strip_whitespace=True)]


class Asked(BaseModel):
    """What a request says; more than is known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PersonDraftBody(Asked):
    """A person as typed; ``alias`` is what the screens show, ``name`` and ``number`` stay with the desk."""

    number: Annotated[str, Field(max_length=40)] | None = None
    alias: Annotated[str, Field(max_length=200)]
    name: Annotated[str, Field(max_length=200)] = ""


class ArchivedBody(Asked):
    """Whether somebody is put away."""

    is_archived: Annotated[bool, Field(strict=True)]


class PersonBody(BaseModel):
    """A person of the register, with the newest version of the prescription (0: none) and the own sensors."""

    id: str
    number: str | None
    alias: str
    name: str
    is_archived: bool
    created_utc_ms: int
    prescription_version: int
    prescribed_utc_ms: int | None
    sensors: dict[SensorKind, str]


class ImportErrorBody(BaseModel):
    """What is wrong with a line: its number as an editor counts, the column by its title (empty: the whole line)."""

    line: int
    column: str
    value: str
    problem: str


class ImportedLineBody(BaseModel):
    """What becomes of a line."""

    line: int
    outcome: Outcome
    number: str | None
    alias: str
    name: str
    has_prescription: bool


class ImportBody(BaseModel):
    """A list of people; with an error nothing of it was taken."""

    is_dry_run: bool
    added: int
    changed: int
    unchanged: int
    lines: list[ImportedLineBody]
    errors: list[ImportErrorBody]


class NewPrescriptionBody(Asked):
    """A new version of a prescription, and why it is written."""

    prescription: KeptPrescriptionBody
    why: Why


class PreviewAskedBody(Asked):
    """A prescription that is being typed."""

    prescription: KeptPrescriptionBody


class RefusedFieldBody(BaseModel):
    """A field that somebody must change, and what is wrong with its value."""

    field: str
    problem: str


class CandidateBody(BaseModel):
    """A limit that could apply, and where it would come from."""

    value: float
    reason: LimitReason
    applies: bool


class RuleLimitBody(BaseModel):
    """The limit of one rule (null: nothing speaks for one) and what it was chosen from; ``default``: not prescribed."""

    rule: RuleId
    value: float | None
    reason: LimitReason | None
    is_default: bool
    candidates: list[CandidateBody]


class PreviewBody(BaseModel):
    """What follows from a prescription; with refusals no limit follows."""

    refusals: list[RefusedFieldBody]
    limits: list[RuleLimitBody]
    age_years: int | None
    peak_hr_bpm: int | None
    peak_formula: PeakFormula | None
    zone_low_bpm: int | None
    zone_high_bpm: int | None


class PrescriptionVersionBody(BaseModel):
    """One version of a prescription; the highest holds."""

    version: int
    utc_ms: int
    by: str
    why: str
    prescription: KeptPrescriptionBody


class SensorDraftBody(Asked):
    """What is known of a sensor; ``owner`` null: it is of the pool."""

    kind: SensorKind
    label: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
    owner: Name | None = None
    note: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class KnownSensorBody(BaseModel):
    """A sensor of the register; ``battery_pct`` as it told at ``battery_utc_ms``."""

    id: str
    kind: SensorKind
    label: str
    owner: str | None
    battery_pct: int | None
    battery_utc_ms: int | None
    note: str
    created_utc_ms: int


class PlanShownBody(BaseModel):
    """A plan of a class, and when its next one begins (null: no day is planned)."""

    id: str
    plan: PlanBody
    changed_utc_ms: int
    next_utc_ms: int | None


class StartPlanBody(Asked):
    """Who of the plan is not there today; ``generation_mode`` null: as this server says."""

    absent: Annotated[tuple[Name, ...], Field(max_length=400)] = ()
    generation_mode: GenerationMode | None = None


class PlanStartedBody(BaseModel):
    """The class that was begun."""

    session: str
    plan: str


class DueBody(BaseModel):
    """A class of today. ``session``: it was begun; ``is_running``: and goes on."""

    plan: str
    name: str
    room: str | None
    begins_utc_ms: int
    seats: int
    session: str | None
    is_running: bool


class StaffBody(BaseModel):
    """A member of staff: the login, initials for the screens, and as what they are on duty unless said otherwise."""

    id: str
    initials: str
    duty_role: DutyRole
    role: Role
    is_disabled: bool


class StaffDraftBody(Asked):
    """Initials and role on duty of a member of staff."""

    initials: Annotated[str, Field(max_length=20)]
    duty_role: DutyRole


class OnDutyBody(Asked):
    """One member on duty; ``participants``: whose alarms are theirs first."""

    staff: StaffName
    role: DutyRole = DutyRole.THERAPIST
    participants: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()


class DutyBody(Asked):
    """Everybody on duty in a class; who is not among them is off duty."""

    members: Annotated[tuple[OnDutyBody, ...], Field(max_length=64)]


class OwnPeopleBody(Asked):
    """Whose alarms are first those of one member of staff."""

    participants: Annotated[tuple[Name, ...], Field(max_length=1000)]
    role: DutyRole | None = None


class OnDutyShownBody(BaseModel):
    """One member on duty."""

    staff: str
    initials: str
    role: DutyRole
    since_utc_ms: int
    participants: list[str]


class DutyShownBody(BaseModel):
    """Who is on duty in a class."""

    session: str
    members: list[OnDutyShownBody]
