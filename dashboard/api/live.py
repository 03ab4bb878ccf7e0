"""The live side of the HTTP interface: health, what the wall shows, taking alarms, the websocket."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, WebSocket

from dashboard.access.callers import Caller, Via
from dashboard.access.visitor import Visitor
from dashboard.api.bodies import (
    AcknowledgeBody,
    AudioPauseBody,
    CommandSentBody,
    HealthBody,
    LiveAcknowledgementBody,
    LiveAlarmBody,
    LiveBody,
    LiveParticipantBody,
    LiveSessionBody,
    PartBody,
    SignalBody,
)
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.signing import name_of, signed_by
from dashboard.frames import (
    AcknowledgeRequest,
    AlarmView,
    PartView,
    PauseAudioRequest,
    PhoneReport,
    SessionView,
    SoundReport,
    TileView,
    ValueView,
)
from dashboard.stream import Screen, Wished
from dashboard.view.picture import Picture, draw
from vitals.alarms import AlarmId
from vitals.duty import StaffId
from vitals.parts import Part
from vitals.units import MonotonicMs


def live_routes(context: Context) -> APIRouter:
    """Return the routes below /api/v1, and /healthz."""
    routes = APIRouter()
    _add_looks(routes, context)
    _add_wishes(routes, context)
    _add_stream(routes, context)
    return routes


def _add_looks(routes: APIRouter, context: Context) -> None:
    """Add what tells how it is now."""
    ticker, room = context.ticker, context.room

    def draw_now() -> tuple[Picture, MonotonicMs]:
        now = ticker.now()
        room.parts.look(now)
        return draw(room, context.stage, now=now), now.ms

    @routes.get("/healthz", tags=["live"])
    async def healthz() -> HealthBody:
        """Say whether every part works; needs no login, tells nothing about people."""
        picture, _ = draw_now()
        return _health(picture.parts)

    @routes.get("/api/v1/live", tags=["live"])
    async def live() -> LiveBody:
        """Give everything that the wall shows, as it is now."""
        picture, now_ms = draw_now()
        session = picture.session
        return LiveBody(
            utc_ms=ticker.now().utc_ms,
            room=room.name,
            generation_mode=picture.mode,
            session=_session(session),
            participants=[_participant(tile, now_ms) for tile in picture.tiles],
            alarms=[_alarm(alarm, now_ms) for alarm in picture.alarms],
            parts=[_part(part) for part in picture.parts],
        )


def _add_wishes(routes: APIRouter, context: Context) -> None:
    """Add what staff ask of the alarms of the room."""

    @routes.post(
        "/api/v1/alarms/{alarm_id}/acknowledge", tags=["live"], status_code=202, responses=refusals(404, 409, 422)
    )
    async def acknowledge(alarm_id: str, request: Request, body: AcknowledgeBody | None = None) -> CommandSentBody:
        """Take an alarm: its sound and its flash stop, on every screen."""
        by = signed_by(request, None if body is None else body.by)
        return CommandSentBody(command=context.desk.acknowledge(AlarmId(alarm_id), by=by).id)

    @routes.post("/api/v1/audio-pause", tags=["live"], status_code=202, responses=refusals(422))
    async def pause_audio(body: AudioPauseBody, request: Request) -> CommandSentBody:
        """Have silence in the room for a while; a new alarm breaks it."""
        by = signed_by(request, body.by)
        return CommandSentBody(command=context.desk.pause_audio(body.seconds, by=by).id)


def _add_stream(routes: APIRouter, context: Context) -> None:
    """Add the websocket."""

    @routes.websocket("/api/v1/stream")
    async def stream(
        socket: WebSocket, seq: Annotated[int | None, Query()] = None, epoch: Annotated[str | None, Query()] = None
    ) -> None:
        """Frames as dashboard/frames.py says; ``seq`` and ``epoch`` of the last frame resume."""
        visitor = Visitor(context.reception, socket.state.caller, address=socket.state.address)
        connection = object()

        def wish(message: Wished) -> None:
            _grant(message, context, visitor.caller, connection)

        try:
            await Screen(socket=socket, hub=context.ticker.hub, visitor=visitor, on_wish=wish).serve(
                seq=seq, epoch=epoch
            )
        finally:
            context.room.screens.leave(connection)
            context.open_phones.leave(connection)


def _grant(message: Wished, context: Context, caller: Caller, connection: object) -> None:
    """Do what a page asks, or keep what it says of itself."""
    match message:
        case AcknowledgeRequest():
            context.desk.acknowledge(AlarmId(message.alarm_id), by=name_of(caller, message.by))
        case PauseAudioRequest():
            context.desk.pause_audio(message.seconds, by=name_of(caller, message.by))
        case SoundReport():
            context.room.screens.report(connection, message)
            context.ticker.hurry()
        case PhoneReport(sound=sound):
            if caller.via in {Via.LOGIN, Via.OPEN}:  # a script has no phone
                context.open_phones.report(connection, StaffId(caller.who), is_heard=sound == "on")


def _health(parts: tuple[PartView, ...]) -> HealthBody:
    needed = [part for part in parts if part.part != Part.ALERTS or part.state != "stopped"]
    is_well = all(part.state == "up" and not part.text and not part.problems for part in needed)
    is_heard = any(part.part == Part.GATEWAY for part in parts)
    return HealthBody(status="ok" if is_well and is_heard else "degraded", parts=[_part(part) for part in parts])


def _part(part: PartView) -> PartBody:
    return PartBody(
        part=part.part,
        instance=part.instance,
        state=part.state,
        since_utc_ms=part.since_utc_ms,
        text=part.text,
        problems=list(part.problems),
    )


def _session(session: SessionView | None) -> LiveSessionBody | None:
    if session is None:
        return None
    return LiveSessionBody(id=session.id, name=session.name, phase=session.phase, started_utc_ms=session.started_utc_ms)


def _participant(tile: TileView, now_ms: MonotonicMs) -> LiveParticipantBody:
    values = {"hr": tile.hr, "spo2": tile.spo2}
    signals = {name: _signal(value, now_ms) for name, value in values.items() if value is not None}
    return LiveParticipantBody(id=tile.id, seat=tile.seat, alias=tile.alias, signals=signals)


def _signal(value: ValueView, now_ms: MonotonicMs) -> SignalBody:
    return SignalBody(
        value=value.value,
        unit=value.unit,
        age_ms=None if value.at_ms is None else now_ms - value.at_ms,
        quality=value.quality,
        reason=value.reason,
    )


def _alarm(alarm: AlarmView, now_ms: MonotonicMs) -> LiveAlarmBody:
    taken = alarm.acknowledged
    return LiveAlarmBody(
        id=alarm.id,
        subject=alarm.subject,
        participant=alarm.participant,
        rule=alarm.rule,
        kind=alarm.family,
        priority=alarm.priority,
        condition=alarm.condition,
        signal=alarm.signal,
        text=alarm.text,
        explanation=alarm.explanation,
        value=alarm.value,
        limit=alarm.limit,
        onset_utc_ms=alarm.onset_utc_ms,
        age_ms=max(0, now_ms - alarm.breach_at_ms),
        source_lost=alarm.source_lost,
        acknowledged=None if taken is None else LiveAcknowledgementBody(by=taken.by, at_utc_ms=taken.at_utc_ms),
        sending=alarm.sending,
    )
