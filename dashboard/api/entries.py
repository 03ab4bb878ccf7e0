"""Entries over HTTP: exertion, breathlessness, blood pressure, symptoms, notes; and what follows from them."""

import asyncio
from typing import Any, Final, Literal

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel

from analysis.core.exertion.response import Mismatch
from dashboard.api.context import Context
from dashboard.api.entry_bodies import NewEntryBody
from dashboard.api.refusals import refusals
from dashboard.api.signing import note_about, signed_by
from dashboard.entry_desk import EntryTaken
from vitals.entries import Entry
from vitals.participants import ParticipantId
from vitals.sessions import SessionId


class MismatchBody(BaseModel):
    """What was said, against what the heart rate shows; two classes of intensity apart or more."""

    feels: Literal["harder", "easier"]
    said: str
    shown: str


class EntrySentBody(BaseModel):
    """An entry on its way to the record, and what follows from it now; at a stop sign exercise ends at once."""

    id: str
    state: Literal["sending"] = "sending"
    hr_bpm: float | None
    hrr_pct: float | None
    mismatch: MismatchBody | None
    rate_pressure: float | None
    session_load: float | None
    is_stop_sign: bool = False


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
    async def add(session: str, body: NewEntryBody, request: Request) -> EntrySentBody:
        """Enter something; the record gets it by a command that is repeated until it is stored."""
        participant = None if body.participant is None else ParticipantId(body.participant)
        note_about(request, body.participant)
        return _sent(desk.add(SessionId(session), participant, body.body.entry(), by=signed_by(request, body.by)))

    @routes.get("/{session}/entries", responses=refusals(404, 503))
    async def entries(session: str, participant: str | None = None) -> list[EntryStoredBody]:
        """Give what was entered in a session, by time."""
        clinic.require(SessionId(session))
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
        is_stop_sign=taken.is_stop_sign,
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
