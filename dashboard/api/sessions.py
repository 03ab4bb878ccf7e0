"""Sessions on the HTTP interface: begin, change, end, and what the record has of them."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from dashboard.access.callers import Caller
from dashboard.access.roles import Deed
from dashboard.api.bodies import (
    EndBody,
    GapBody,
    LimitBody,
    MoveBody,
    OverrideBody,
    PersonPhaseBody,
    PhaseBody,
    ReadingBody,
    SessionBody,
    SessionParticipantBody,
    StoredAlarmBody,
)
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.register_duty import put_beginner
from dashboard.api.signing import signed_by
from dashboard.classes import CLASS_SCHEMA, decode_class
from dashboard.clinic import ClinicSession
from ingest.store.stored import StoredReading
from vitals.errors import InputError, InputReason
from vitals.explanations import explain
from vitals.participants import ParticipantId
from vitals.readings import VALUES, ReadingKind
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import RosterEntry, SessionId

_CHUNK_ROWS: Final = 1_000
_COLUMNS: Final = ("utc_ms", "received_utc_ms", "sensor", "kind", "run", "seq", "mono_ms", "late", "quality", "reason")
_VALUES: Final = {
    **VALUES,
    ReadingKind.OXIMETER: (*VALUES[ReadingKind.OXIMETER], "averaging"),
    ReadingKind.WORKLOAD: ("machine", *VALUES[ReadingKind.WORKLOAD]),
}
_CLASS_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": CLASS_SCHEMA},
            "application/toml": {"schema": {"type": "string", "description": "The same as TOML."}},
        },
    }
}


def session_routes(context: Context) -> APIRouter:
    """Return the routes below /api/v1/sessions."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["sessions"])
    _add_classes(routes, context)
    _add_changes(routes, context)
    _add_record(routes, context)
    return routes


def _add_classes(routes: APIRouter, context: Context) -> None:
    """Add beginning, finding and ending a class."""
    desk, clinic = context.desk, context.clinic

    @routes.post("", status_code=201, responses=refusals(400, 409, 422), openapi_extra=_CLASS_BODY)
    async def start(request: Request) -> SessionBody:
        """Begin a class; JSON, or TOML as ``application/toml``. Who begins it with a login is on duty in it."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = decode_class(await request.body(), is_toml=kind.endswith("toml"), place="body")
        session = desk.start_session(body)
        put_beginner(context, request.state.caller, session.roster)
        return session_body(session)

    @routes.get("", responses=refusals(422))
    async def sessions(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[SessionBody]:
        """Give the newest sessions, newest first; who may not see past ones is given those that are open."""
        return [session_body(session) for session in _list(context, request.state.caller, limit=limit)]

    @routes.get("/{session}", responses=refusals(404))
    async def one(session: str) -> SessionBody:
        """Give one session."""
        return session_body(clinic.require(SessionId(session)))

    @routes.post("/{session}/end", responses=refusals(404, 409, 422))
    async def end(session: str, request: Request, body: EndBody | None = None) -> SessionBody:
        """End a class: its sensors are free, its roster is closed; what is still open needs a reason."""
        return session_body(await _end(context, SessionId(session), body or EndBody(), request))


def _add_changes(routes: APIRouter, context: Context) -> None:
    """Add what changes in a class that runs."""
    desk, clinic = context.desk, context.clinic

    @routes.post("/{session}/phase", responses=refusals(404, 409, 422))
    async def phase(session: str, body: PhaseBody, request: Request) -> SessionBody:
        """Begin a phase now; exercise of somebody who is here and not cleared needs a reason."""
        by = signed_by(request)
        await context.flow_desk.clear(SessionId(session), body.phase, participant=None, by=by, why=body.why)
        return session_body(desk.set_phase(SessionId(session), body.phase))

    @routes.post("/{session}/participants/{participant}/phase", responses=refusals(404, 409, 422))
    async def person_phase(session: str, participant: str, body: PersonPhaseBody, request: Request) -> SessionBody:
        """Begin a phase for one person now; exercise of somebody who is here and not cleared needs a reason."""
        who, by = ParticipantId(participant), signed_by(request)
        phase = body.phase or desk.require_open(SessionId(session)).roster.phase
        await context.flow_desk.clear(SessionId(session), phase, participant=who, by=by, why=body.why)
        return session_body(desk.set_person_phase(SessionId(session), who, body.phase))

    @routes.post("/{session}/participants/{participant}/limits", responses=refusals(404, 409, 422))
    async def limit(session: str, participant: str, body: LimitBody, request: Request) -> SessionBody:
        """Set one person's limit for the rest of the class; it ends with the class."""
        by = signed_by(request, body.by)
        changed = desk.override_limit(
            SessionId(session), ParticipantId(participant), body.rule, body.value, by=by, why=body.why
        )
        return session_body(changed)

    @routes.get("/{session}/overrides", responses=refusals(404))
    async def overrides(session: str) -> list[OverrideBody]:
        """Give every limit that was changed in a class: who, when, why; oldest first."""
        clinic.require(SessionId(session))
        found = clinic.overrides(SessionId(session))
        return [OverrideBody(**msgspec.structs.asdict(override)) for override in found]

    @routes.post("/{session}/sensors/{sensor}/move", responses=refusals(404, 409, 422))
    async def move(session: str, sensor: str, body: MoveBody) -> SessionBody:
        """Have another gateway carry a sensor; until that has it, its number ages and goes, and the gap is recorded."""
        return session_body(
            context.wear_desk.move_sensor(SessionId(session), SensorId(sensor), to=GatewayId(body.gateway))
        )


def _add_record(routes: APIRouter, context: Context) -> None:
    """Add what the record has of a class."""
    clinic, reader = context.clinic, context.reader
    slot: Final = asyncio.Semaphore(1)  # one question at a time: the wall comes first

    @routes.get("/{session}/readings", response_model=list[ReadingBody], responses=refusals(404, 422, 503))
    async def readings(session: str, participant: str, kind: ReadingKind) -> StreamingResponse:
        """Give everything of one kind that was stored for one person, in the order in which it was heard."""
        known = clinic.require(SessionId(session))
        if participant not in known.aliases:
            raise InputError("participant", f"{participant[:80]!r} is not in {session}", InputReason.UNKNOWN_NAME)
        async with slot:
            chunks = await asyncio.to_thread(
                lambda: list(
                    _encode_readings(reader.readings(SessionId(session), ParticipantId(participant), kind), kind=kind)
                )
            )
        return StreamingResponse(iter(chunks), media_type="application/json")

    @routes.get("/{session}/alarms", responses=refusals(404, 503))
    async def alarms(session: str) -> list[StoredAlarmBody]:
        """Give every change of every alarm of a session, by time."""
        clinic.require(SessionId(session))
        async with slot:
            events = await asyncio.to_thread(reader.alarm_events, SessionId(session))
        return [
            StoredAlarmBody(
                utc_ms=event.utc_ms,
                run=event.run,
                seq=event.seq,
                change=event.change,
                explanation=explain(event.alarm),
                alarm=msgspec.to_builtins(event.alarm),
            )
            for event in events
        ]

    @routes.get("/{session}/gaps", responses=refusals(404, 503))
    async def gaps(session: str, participant: str | None = None) -> list[GapBody]:
        """Give what is missing from the readings of a session, of one person or of all: from when to when, and why."""
        known = clinic.require(SessionId(session))
        people = [ParticipantId(participant)] if participant is not None else list(known.aliases)
        async with slot:
            found = await asyncio.to_thread(
                lambda: [gap for person in people for gap in reader.gaps(SessionId(session), person)]
            )
        return [GapBody(count=gap.count, **msgspec.structs.asdict(gap)) for gap in found]


async def _end(context: Context, session: SessionId, asked: EndBody, request: Request) -> ClinicSession:
    return await context.flow_desk.end(session, by=signed_by(request, asked.by), why=asked.why)


def _list(context: Context, caller: Caller, *, limit: int) -> tuple[ClinicSession, ...]:
    if Deed.SEE_PAST in caller.deeds(now_utc_ms=context.reception.now_utc_ms()):
        return context.clinic.recent_sessions(limit=limit)
    return context.clinic.open_sessions()[::-1][:limit]


def _encode_readings(rows: Sequence[StoredReading], *, kind: ReadingKind) -> Iterator[bytes]:
    """Return a JSON list in pieces; absence is null, never left out."""
    columns = (*_COLUMNS, "generation_mode", "device", "source", *_VALUES[kind])
    yield b"["
    for start in range(0, len(rows), _CHUNK_ROWS):
        piece = [{column: getattr(row, column) for column in columns} for row in rows[start : start + _CHUNK_ROWS]]
        yield (b"," if start else b"") + msgspec.json.encode(piece)[1:-1]
    yield b"]"


def session_body(session: ClinicSession) -> SessionBody:
    """Return a session as the interface gives it."""
    roster = session.roster
    return SessionBody(
        id=roster.session,
        name=session.name,
        room=roster.room,
        generation_mode=roster.generation_mode,
        phase=roster.phase,
        version=roster.version,
        started_utc_ms=roster.started_utc_ms,
        ended_utc_ms=roster.ended_utc_ms,
        participants=[_participant(entry, session) for entry in roster.entries],
    )


def _participant(entry: RosterEntry, session: ClinicSession) -> SessionParticipantBody:
    # In a class that runs what is worn now, of one that is over what was worn last.
    is_over = session.roster.ended_utc_ms is not None
    worn = {sensor.kind: sensor.sensor for sensor in entry.sensors if is_over or sensor.to_utc_ms is None}
    return SessionParticipantBody(
        id=entry.participant,
        seat=entry.seat,
        alias=session.aliases[entry.participant],
        strap=worn.get(SensorKind.STRAP),
        oximeter=worn.get(SensorKind.OXIMETER),
        machine=worn.get(SensorKind.MACHINE),
        phase=entry.phase,
        limits={limit.rule: limit.value for limit in entry.limits},
        limit_reasons={limit.rule: limit.reason for limit in entry.limits},
        rest_hr_bpm=entry.rest_hr_bpm,
        peak_hr_bpm=entry.peak_hr_bpm,
        peak_formula=session.peak_formulas.get(entry.participant),
    )
