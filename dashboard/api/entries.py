"""Entries over HTTP: exertion, breathlessness, blood pressure, symptoms, notes; and what follows from them."""

import asyncio
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from analysis.core.exertion.response import Mismatch
from dashboard.api.bodies import By
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.entry_desk import EntryTaken
from vitals.entries import (
    BloodPressure,
    Dyspnoea,
    Entry,
    EntryBody,
    Note,
    OxygenFlow,
    Rpe,
    SessionRpe,
    Symptom,
    SymptomKind,
)
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId


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


AnyBody = RpeBody | SessionRpeBody | DyspnoeaBody | BloodPressureBody | OxygenFlowBody | SymptomBody | NoteBody


class NewEntryBody(_Asked):
    """What somebody enters; without a participant it is about the class."""

    by: By
    participant: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    body: Annotated[AnyBody, Field(discriminator="kind")]


class MismatchBody(BaseModel):
    """What was said, against what the heart rate shows; two classes of intensity apart or more."""

    feels: Literal["harder", "easier"]
    said: str
    shown: str


class EntrySentBody(BaseModel):
    """An entry on its way to the record, and what follows from it now."""

    id: str
    state: Literal["sending"] = "sending"
    hr_bpm: float | None
    hrr_pct: float | None
    mismatch: MismatchBody | None
    rate_pressure: float | None
    session_load: float | None


class EntryStoredBody(BaseModel):
    """One entry of a session; ``sending`` while the record has not confirmed it."""

    id: str
    participant: str | None
    at_utc_ms: int
    by: str
    body: dict[str, Any]
    hr_bpm: float | None
    hrr_pct: float | None
    state: Literal["sending", "stored"]


def entry_routes(context: Context) -> APIRouter:
    """Return the routes of entries."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["entries"])
    desk, clinic, reader = context.entry_desk, context.clinic, context.reader
    slot: Final = asyncio.Semaphore(1)

    @routes.post("/{session}/entries", status_code=202, responses=refusals(404, 409, 422))
    async def add(session: str, body: NewEntryBody) -> EntrySentBody:
        """Enter something; the record gets it by a command that is repeated until it is stored."""
        participant = None if body.participant is None else ParticipantId(body.participant)
        return _sent(desk.add(SessionId(session), participant, body.body.entry(), by=body.by))

    @routes.get("/{session}/entries", responses=refusals(404, 503))
    async def entries(session: str, participant: str | None = None) -> list[EntryStoredBody]:
        """Give what was entered in a session, by time."""
        if clinic.find(SessionId(session)) is None:
            raise InputError("session", f"{session[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        who = None if participant is None else ParticipantId(participant)
        async with slot:
            stored = await asyncio.to_thread(reader.entries, SessionId(session), who)
        known = {entry.id for entry in stored}
        waiting = [entry for entry in desk.waiting(SessionId(session), who) if entry.id not in known]
        shown = [*(_stored(entry, "stored") for entry in stored), *(_stored(entry, "sending") for entry in waiting)]
        return sorted(shown, key=lambda entry: entry.at_utc_ms)

    return routes


def _sent(taken: EntryTaken) -> EntrySentBody:
    entry = taken.entry
    return EntrySentBody(
        id=entry.id,
        hr_bpm=entry.hr_bpm,
        hrr_pct=entry.hrr_pct,
        mismatch=_mismatch(taken.mismatch),
        rate_pressure=taken.rate_pressure,
        session_load=taken.session_load,
    )


def _mismatch(found: Mismatch | None) -> MismatchBody | None:
    return None if found is None else MismatchBody(feels=found.feels, said=found.said, shown=found.shown)


def _stored(entry: Entry, state: Literal["sending", "stored"]) -> EntryStoredBody:
    return EntryStoredBody(
        id=entry.id,
        participant=entry.participant,
        at_utc_ms=entry.at_utc_ms,
        by=entry.by,
        body=msgspec.to_builtins(entry.body),
        hr_bpm=entry.hr_bpm,
        hrr_pct=entry.hrr_pct,
        state=state,
    )
