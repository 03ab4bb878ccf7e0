"""What may be entered over HTTP: one body a kind, each with its ranges."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from dashboard.api.bodies import By
from vitals.entries import (
    Artefact,
    BloodPressure,
    Dyspnoea,
    EntryBody,
    Note,
    OxygenFlow,
    Rpe,
    SessionRpe,
    SixMinuteWalk,
    Symptom,
    SymptomKind,
    SymptomsAsked,
    Weight,
)
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RpeBody(_Asked):
    """Perceived exertion, Borg 6 to 20."""

    kind: Literal["rpe"]
    rpe_borg: Annotated[int, Field(strict=True, ge=6, le=20)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return Rpe(rpe_borg=self.rpe_borg)


class SessionRpeBody(_Asked):
    """How hard the whole session was, CR10."""

    kind: Literal["session_rpe"]
    rpe_cr10: Annotated[float, Field(strict=True, ge=0, le=10)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return SessionRpe(rpe_cr10=self.rpe_cr10)


class DyspnoeaBody(_Asked):
    """Breathlessness, CR10."""

    kind: Literal["dyspnoea"]
    dyspnoea_cr10: Annotated[float, Field(strict=True, ge=0, le=10)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return Dyspnoea(dyspnoea_cr10=self.dyspnoea_cr10)


class BloodPressureBody(_Asked):
    """Blood pressure, mmHg."""

    kind: Literal["blood_pressure"]
    systolic_mmhg: Annotated[int, Field(strict=True, ge=40, le=300)]
    diastolic_mmhg: Annotated[int, Field(strict=True, ge=20, le=200)]

    def entry(self) -> EntryBody:
        """Return what is kept.

        Raises:
            InputError: the lower value is not below the upper one.
        """
        if self.diastolic_mmhg >= self.systolic_mmhg:
            problem = f"{self.diastolic_mmhg} is not below systolic_mmhg {self.systolic_mmhg}"
            raise InputError("body.diastolic_mmhg", problem, InputReason.CONFLICT)
        return BloodPressure(systolic_mmhg=self.systolic_mmhg, diastolic_mmhg=self.diastolic_mmhg)


class OxygenFlowBody(_Asked):
    """Oxygen given, L/min."""

    kind: Literal["oxygen_flow"]
    oxygen_l_min: Annotated[float, Field(strict=True, ge=0, le=60)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return OxygenFlow(oxygen_l_min=self.oxygen_l_min)


class SymptomBody(_Asked):
    """Something seen or said."""

    kind: Literal["symptom"]
    symptom: SymptomKind
    text: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return Symptom(symptom=self.symptom, text=self.text)


class NoteBody(_Asked):
    """Free words."""

    kind: Literal["note"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return Note(text=self.text)


class WeightBody(_Asked):
    """Body weight before class, kg."""

    kind: Literal["weight"]
    mass_kg: Annotated[float, Field(strict=True, ge=20, le=400)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return Weight(mass_kg=self.mass_kg)


class SymptomsAskedBody(_Asked):
    """Asked for symptoms; there are none."""

    kind: Literal["symptoms_asked"]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return SymptomsAsked()


class SixMinuteWalkBody(_Asked):
    """The distance of a 6-minute walk test, m; also after the class."""

    kind: Literal["six_minute_walk"]
    distance_m: Annotated[float, Field(strict=True, ge=0, le=1500)]

    def entry(self) -> EntryBody:
        """Return what is kept."""
        return SixMinuteWalk(distance_m=self.distance_m)


class ArtefactBody(_Asked):
    """A stretch of readings that are none of the person's; also after the class."""

    kind: Literal["artefact"]
    signal: Literal["hr", "spo2"]
    from_utc_ms: Annotated[int, Field(strict=True, ge=0, lt=2**53)]
    to_utc_ms: Annotated[int, Field(strict=True, ge=0, lt=2**53)]
    why: Annotated[str, StringConstraints(min_length=3, max_length=400, strip_whitespace=True)]
    is_withdrawn: Annotated[bool, Field(strict=True)] = False

    def entry(self) -> EntryBody:
        """Return what is kept.

        Raises:
            InputError: it ends before it begins.
        """
        if self.to_utc_ms <= self.from_utc_ms:
            problem = f"{self.to_utc_ms} is not after from_utc_ms {self.from_utc_ms}"
            raise InputError("body.to_utc_ms", problem, InputReason.OUT_OF_RANGE)
        return Artefact(
            signal=self.signal,
            from_utc_ms=UtcMs(self.from_utc_ms),
            to_utc_ms=UtcMs(self.to_utc_ms),
            why=self.why,
            is_withdrawn=self.is_withdrawn,
        )


AnyBody = (
    RpeBody
    | SessionRpeBody
    | DyspnoeaBody
    | BloodPressureBody
    | OxygenFlowBody
    | SymptomBody
    | SymptomsAskedBody
    | NoteBody
    | WeightBody
    | SixMinuteWalkBody
    | ArtefactBody
)
"""What may be entered by itself; the pre-check, arrivals, leaves, emergencies and signatures have ways of their own,
which look at more than the entry."""


class NewEntryBody(_Asked):
    """What somebody enters; without a participant it is about the class. ``by`` counts where there is no login."""

    by: By | None = None
    participant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    body: Annotated[AnyBody, Field(discriminator="kind")]
