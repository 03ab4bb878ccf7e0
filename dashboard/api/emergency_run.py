"""Emergencies over HTTP: begin, roles, script, notes, end; and the handover card as a page."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from dashboard.api.context import Context
from dashboard.api.handover import gather_card, label_in
from dashboard.api.refusals import refusals
from dashboard.api.signing import note_about, signed_by
from dashboard.emergency.card import render_card
from dashboard.emergency.script import Language
from dashboard.emergency.timeline import Emergency, TimelineLine, read_emergencies
from vitals.entries import EmergencyStep
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.sessions import SessionId

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BeginEmergencyBody(_Asked):
    """Whose emergency it is; null: of the class."""

    participant: Name | None = None


class EmergencyStepBody(_Asked):
    """One step: ``role``, ``note``, ``undone``, ``ended``, or the id of a line of the script that is done.

    ``text``: who takes the role, the words of the note, which line is taken back.
    """

    participant: Name | None = None
    step: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
    role: Annotated[str, StringConstraints(max_length=64)] = ""
    text: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = ""


class EmergencyLineBody(BaseModel):
    """One line of the timeline."""

    at_utc_ms: int
    by: str
    step: str
    role: str
    text: str


class EmergencyBody(BaseModel):
    """One emergency; ``ended_utc_ms`` null: it runs."""

    id: str
    participant: str | None
    began_utc_ms: int
    began_by: str
    ended_utc_ms: int | None
    roles: dict[str, str]
    done: list[str]
    lines: list[EmergencyLineBody]


class ScriptLineBody(BaseModel):
    """One line of the checklist, in both languages."""

    id: str
    en: str
    de: str


class EmergenciesBody(BaseModel):
    """The emergencies of a class, and the site's script; ``is_default``: nobody has adapted it to this house."""

    emergencies: list[EmergencyBody]
    script: list[ScriptLineBody]
    is_default: bool


def emergency_run_routes(context: Context) -> APIRouter:
    """Return the routes of emergencies and of the card."""
    routes = APIRouter(tags=["emergencies"])
    desk, clinic, reader = context.emergency_desk, context.clinic, context.reader
    slot: Final = asyncio.Semaphore(1)

    @routes.post("/api/v1/sessions/{session}/emergencies", status_code=201, responses=refusals(404, 409, 422))
    async def begin(session: str, body: BeginEmergencyBody, request: Request) -> EmergencyBody:
        """Begin an emergency; one that runs for the same person is given back."""
        note_about(request, body.participant)
        return _emergency(desk.begin(SessionId(session), _who(body.participant), by=signed_by(request)))

    @routes.post("/api/v1/sessions/{session}/emergencies/steps", status_code=201, responses=refusals(404, 409, 422))
    async def step(session: str, body: EmergencyStepBody, request: Request) -> EmergencyBody:
        """Write down a step of the running emergency; who it was comes from the login."""
        note_about(request, body.participant)
        step = EmergencyStep(step=body.step, role=body.role, text=body.text)
        return _emergency(desk.write(SessionId(session), _who(body.participant), step, by=signed_by(request)))

    @routes.get("/api/v1/sessions/{session}/emergencies", responses=refusals(404, 503))
    async def emergencies(session: str) -> EmergenciesBody:
        """Give the emergencies of a class, also those that are over, and the script."""
        known = clinic.require(SessionId(session))
        found = desk.emergencies(SessionId(session))
        if not found:
            try:
                async with slot:
                    found = read_emergencies(await asyncio.to_thread(reader.entries, SessionId(session)))
            except StorageError:
                if known.roster.ended_utc_ms is not None:
                    raise
        script = desk.script
        return EmergenciesBody(
            emergencies=[_emergency(one) for one in found],
            script=[ScriptLineBody(id=line.id, en=line.en, de=line.de) for line in script.lines],
            is_default=script.is_default,
        )

    @routes.get("/handover/{session}/{participant}", include_in_schema=False)
    async def handover(session: str, participant: str, lang: str = "") -> HTMLResponse:
        known = clinic.find(SessionId(session))
        if known is None or all(entry.participant != participant for entry in known.roster.entries):
            raise InputError("handover", "nobody of this id in a class of this id", InputReason.UNKNOWN_NAME)
        waiting = context.entry_desk.waiting(SessionId(session), None)
        async with slot:
            card = await asyncio.to_thread(gather_card, context, known, ParticipantId(participant), waiting=waiting)
        asked = lang or context.stage.language
        language: Language = "de" if asked == "de" else "en"
        html = render_card(card, language=language, script=desk.script, label=lambda at: label_in(context, at))
        return HTMLResponse(html, headers={"cache-control": "no-store"})

    return routes


def _who(participant: str | None) -> ParticipantId | None:
    return None if participant is None else ParticipantId(participant)


def _emergency(emergency: Emergency) -> EmergencyBody:
    return EmergencyBody(
        id=emergency.id,
        participant=emergency.participant,
        began_utc_ms=emergency.began_utc_ms,
        began_by=emergency.began_by,
        ended_utc_ms=emergency.ended_utc_ms,
        roles=emergency.roles,
        done=list(emergency.done),
        lines=[_line(line) for line in emergency.lines],
    )


def _line(line: TimelineLine) -> EmergencyLineBody:
    return EmergencyLineBody(at_utc_ms=line.at_utc_ms, by=line.by, step=line.step, role=line.role, text=line.text)
