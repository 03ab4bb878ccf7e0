"""Who is in a class and what each wears, over HTTP: coming, sensors, exchanges, corrections."""

import asyncio

import msgspec
from fastapi import APIRouter, Request

from dashboard.api.bodies import SessionBody
from dashboard.api.context import Context
from dashboard.api.flow_bodies import (
    ChangeBody,
    CorrectionBody,
    CorrectionShownBody,
    ExchangeBody,
    JoinBody,
    SensorBody,
    WearerBody,
    WearingBody,
    WornBody,
)
from dashboard.api.refusals import refusals
from dashboard.api.sessions import session_body
from dashboard.api.signing import note_about, signed_by
from dashboard.classes import ParticipantBody, PrescriptionBody
from dashboard.clinic import ClinicSession
from dashboard.flow.corrections import Change, Correction
from dashboard.register.beginning import make_participant
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import Roster, SessionId
from vitals.units import UtcMs


def people_routes(context: Context) -> APIRouter:
    """Return the routes of people and sensors of a class."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["flow"])
    _add_people(routes, context)
    _add_corrections(routes, context)
    return routes


def _add_people(routes: APIRouter, context: Context) -> None:
    """Add coming to a class, and what somebody puts on."""
    wear_desk, flow_desk = context.wear_desk, context.flow_desk

    @routes.post("/{session}/participants", status_code=201, responses=refusals(404, 409, 422))
    async def join(session: str, body: JoinBody, request: Request) -> SessionBody:
        """Note that somebody has come, in time or late; who is here already changes nothing."""
        session_id, who = SessionId(session), ParticipantId(body.id)
        note_about(request, body.id)
        known = context.desk.require_open(session_id)
        if all(entry.participant != who for entry in known.roster.entries):
            wear_desk.join(session_id, _newcomer(context, session_id, body))
        await flow_desk.come(session_id, who, by=signed_by(request, body.by))
        return session_body(context.desk.require_open(session_id))

    @routes.post("/{session}/participants/{participant}/sensors", responses=refusals(404, 409, 422))
    async def sensors(session: str, participant: str, body: SensorBody) -> SessionBody:
        """Give somebody another sensor of a kind, or none; the old one is free from now on."""
        changed = wear_desk.put_on(
            SessionId(session),
            ParticipantId(participant),
            body.kind,
            None if body.sensor is None else SensorId(body.sensor),
            gateway=None if body.gateway is None else GatewayId(body.gateway),
        )
        return session_body(changed)


def _add_corrections(routes: APIRouter, context: Context) -> None:
    """Add who really wore what."""
    wear_desk, clinic = context.wear_desk, context.clinic

    @routes.post("/{session}/exchanges", responses=refusals(404, 409, 422))
    async def exchange(session: str, body: ExchangeBody, request: Request) -> SessionBody:
        """Say that two people wear each other's sensors of a kind, also of a class that has ended."""
        note_about(request, body.one, body.other)
        changed = wear_desk.exchange(
            SessionId(session),
            ParticipantId(body.one),
            ParticipantId(body.other),
            body.kind,
            since_utc_ms=None if body.since_utc_ms is None else UtcMs(body.since_utc_ms),
            by=signed_by(request, body.by),
            why=body.why,
        )
        return session_body(changed)

    @routes.post("/{session}/corrections", responses=refusals(404, 409, 422))
    async def correct(session: str, body: CorrectionBody, request: Request) -> SessionBody:
        """Put right who wore what, also of a class that has ended; the record is given the corrected roster."""
        changes = tuple(
            Change(
                sensor=SensorId(one.sensor),
                participant=None if one.participant is None else ParticipantId(one.participant),
                from_utc_ms=UtcMs(one.from_utc_ms),
                to_utc_ms=None if one.to_utc_ms is None else UtcMs(one.to_utc_ms),
            )
            for one in body.changes
        )
        note_about(request, *(one.participant for one in body.changes))
        by = signed_by(request, body.by)
        return session_body(wear_desk.correct(SessionId(session), changes, by=by, why=body.why))

    @routes.get("/{session}/wearing", responses=refusals(404))
    async def wearing(session: str) -> WearingBody:
        """Give who wore what from when to when in a class that runs or has ended, as corrected so far."""
        found = context.desk.classes.require_known(SessionId(session))
        return _worn(found, is_recorded=await _is_recorded(context, found.roster))

    @routes.get("/{session}/corrections", responses=refusals(404))
    async def corrections(session: str) -> list[CorrectionShownBody]:
        """Give every correction of what was worn in a class: who, when, why; oldest first."""
        context.desk.classes.require_known(SessionId(session))
        return [_shown(one) for one in clinic.corrections(SessionId(session))]


def _newcomer(context: Context, session: SessionId, body: JoinBody) -> ParticipantBody:
    """Return everything about somebody who is not in the class: from the clinic's register, else from the body.

    Raises:
        InputError: the register does not know the id, and no alias says that this is somebody new.
    """
    seat = body.seat or context.wear_desk.free_seat(session)
    known = make_participant(context.clinic.shelf, ParticipantId(body.id), seat=seat)
    if known is None and body.alias is None:
        problem = f"{body.id!r} is not in the register; somebody new needs an alias"
        raise InputError("id", problem, InputReason.UNKNOWN_NAME)
    given = body.model_dump(include={"alias", "strap", "oximeter", "machine", "gateway"}, exclude_none=True)
    if known is not None:
        return known.model_copy(update=given)
    return ParticipantBody(id=body.id, seat=seat, prescription=body.prescription or PrescriptionBody(), **given)


async def _is_recorded(context: Context, roster: Roster) -> bool:
    """Return whether the record has the roster as it is now; of a class that runs it reads along."""
    if roster.ended_utc_ms is None:
        return True
    try:
        stored = await asyncio.to_thread(context.reader.session, roster.session)
    except StorageError:
        return False
    return stored is not None and stored.version >= roster.version


def _worn(session: ClinicSession, *, is_recorded: bool) -> WearingBody:
    roster = session.roster
    people = [
        WearerBody(
            id=entry.participant,
            seat=entry.seat,
            alias=session.aliases.get(entry.participant, str(entry.seat)),
            left_utc_ms=entry.left_utc_ms,
            worn=[
                WornBody(sensor=worn.sensor, kind=worn.kind, from_utc_ms=worn.from_utc_ms, to_utc_ms=worn.to_utc_ms)
                for worn in sorted(entry.sensors, key=lambda one: (one.from_utc_ms, one.kind.value))
            ],
        )
        for entry in roster.entries
    ]
    return WearingBody(
        session=roster.session,
        version=roster.version,
        started_utc_ms=roster.started_utc_ms,
        ended_utc_ms=roster.ended_utc_ms,
        is_recorded=is_recorded,
        people=people,
    )


def _shown(correction: Correction) -> CorrectionShownBody:
    return CorrectionShownBody(
        version=correction.version,
        by=correction.by,
        why=correction.why,
        utc_ms=correction.utc_ms,
        changes=[ChangeBody(**msgspec.structs.asdict(change)) for change in correction.changes],
    )
