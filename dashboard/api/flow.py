"""The flow of a class over HTTP: where everybody stands, roll-call, pre-check, phases, leaving, the end."""

from collections.abc import Iterator
from typing import Final

import msgspec
from fastapi import APIRouter, Request

from dashboard.api.context import Context
from dashboard.api.flow_bodies import (
    FlowBody,
    FlowClearanceBody,
    FlowDueBody,
    FlowFindingBody,
    FlowLastBody,
    FlowPersonBody,
    FlowPhaseBody,
    FlowRecoveryBody,
    FlowSensorBody,
    OpenPointBody,
    PracticeBody,
    PreCheckBody,
    WhyBody,
)
from dashboard.api.refusals import refusals
from dashboard.api.signing import note_about, signed_by
from dashboard.flow.picture import ALARM_OPEN, PersonFlow
from dashboard.flow.plan import STOP_SIGNS, PreCheckPlan
from dashboard.flow_desk import CheckAnswers, FlowPicture
from dashboard.practice import is_practice, plan_practice
from vitals.entries import (
    BloodPressure,
    Dyspnoea,
    EntryBody,
    OxygenFlow,
    PreChecked,
    Rpe,
    SessionRpe,
    Symptom,
    SymptomKind,
    Weight,
)
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import SessionId

_SHOWN: Final[tuple[type[EntryBody], ...]] = (
    Rpe,
    Dyspnoea,
    BloodPressure,
    SessionRpe,
    OxygenFlow,
    Weight,
    Symptom,
)
"""Of each kind the newest value is shown beside the person."""


_PRACTICE: Final = {"en": "Practice", "de": "Übung"}
"""What a class for practice and its players are called on all screens."""


def flow_routes(context: Context) -> APIRouter:
    """Return the routes of the flow of a class."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["flow"])
    flow_desk = context.flow_desk

    @routes.post("/practice", status_code=201, responses=refusals(409, 422))
    async def practice(body: PracticeBody) -> FlowBody:
        """Begin a class for practice, which no screen can take for another (docs/decisions/0064)."""
        given = plan_practice(
            name=_PRACTICE[context.stage.language],
            players=body.players,
            sensors=_free_sensors(context),
            room=context.room.name,
        )
        session = context.desk.start_session(given)
        return _flow(await flow_desk.look(session.roster.session), context)

    @routes.get("/{session}/flow", responses=refusals(404))
    async def flow(session: str) -> FlowBody:
        """Give where everybody of a class stands."""
        return _flow(await flow_desk.look(SessionId(session)), context)

    @routes.post("/{session}/flow/phase", responses=refusals(404, 409, 422))
    async def phase(session: str, body: FlowPhaseBody, request: Request) -> FlowBody:
        """Begin a phase of all or of one; exercise of somebody who is not cleared needs a reason."""
        who = None if body.participant is None else ParticipantId(body.participant)
        note_about(request, body.participant)
        by = signed_by(request, body.by)
        await flow_desk.begin_phase(SessionId(session), body.phase, participant=who, by=by, why=body.why)
        return _flow(await flow_desk.look(SessionId(session)), context)

    @routes.post("/{session}/participants/{participant}/pre-check", responses=refusals(404, 409, 422))
    async def pre_check(session: str, participant: str, body: PreCheckBody, request: Request) -> FlowPersonBody:
        """Close somebody's check before exercise; what is missing or does not pass needs a reason."""
        answers, by = _answers(body), signed_by(request, body.by)
        person = await flow_desk.pre_check(SessionId(session), ParticipantId(participant), answers, by=by, why=body.why)
        return _person(person, frozenset())

    @routes.post("/{session}/participants/{participant}/leave", responses=refusals(404, 409, 422))
    async def leave(session: str, participant: str, request: Request, body: WhyBody | None = None) -> FlowBody:
        """Let somebody go: after the recovery watch, or before it with a reason; the sensors are free then."""
        asked = body or WhyBody()
        by = signed_by(request, asked.by)
        await flow_desk.leave(SessionId(session), ParticipantId(participant), by=by, why=asked.why)
        return _flow(await flow_desk.look(SessionId(session)), context)

    return routes


def _free_sensors(context: Context) -> Iterator[tuple[SensorId, SensorKind, GatewayId]]:
    """Yield the sensors in range that nobody wears, the nearest first, each with the gateway that hears it best."""
    heard = sorted(
        (-one.rssi_dbm, one.sensor, one.kind, gateway)
        for gateway, said in context.room.nearby.items()
        for one in said.nearby.sensors
        if context.desk.carrier_of(one.sensor) is None
    )
    seen: set[SensorId] = set()
    for _, sensor, kind, gateway in heard:
        if sensor not in seen:
            seen.add(sensor)
            yield sensor, kind, gateway


def _answers(body: PreCheckBody) -> CheckAnswers:
    pressure = body.blood_pressure
    if pressure is not None and pressure.diastolic_mmhg >= pressure.systolic_mmhg:
        problem = f"{pressure.diastolic_mmhg} is not below systolic_mmhg {pressure.systolic_mmhg}"
        raise InputError("body.blood_pressure.diastolic_mmhg", problem, InputReason.OUT_OF_RANGE)
    return CheckAnswers(
        blood_pressure=None
        if pressure is None
        else BloodPressure(systolic_mmhg=pressure.systolic_mmhg, diastolic_mmhg=pressure.diastolic_mmhg),
        weight=None if body.mass_kg is None else Weight(mass_kg=body.mass_kg),
        oxygen=None if body.oxygen_l_min is None else OxygenFlow(oxygen_l_min=body.oxygen_l_min),
        symptoms=body.symptoms,
        is_medication_taken=body.is_medication_taken,
        hr_bpm=body.hr_bpm,
        spo2_pct=body.spo2_pct,
    )


def _flow(picture: FlowPicture, context: Context) -> FlowBody:
    session, touched = picture.session, frozenset(picture.tapped)
    roster = session.roster
    return FlowBody(
        session=roster.session,
        name=session.name,
        generation_mode=roster.generation_mode,
        phase=roster.phase,
        phase_since_utc_ms=session.phase_since_utc_ms,
        started_utc_ms=roster.started_utc_ms,
        ended_utc_ms=roster.ended_utc_ms,
        utc_ms=context.ticker.now().utc_ms,
        is_record_read=picture.is_record_read,
        people=[_person(person, touched) for person in picture.people],
        open_points=[
            OpenPointBody(participant=one.participant, seat=one.seat, what=one.what, of=list(one.of))
            for one in picture.open_points
        ],
        tapped=list(picture.tapped),
        stop_signs=[symptom for symptom in SymptomKind if symptom in STOP_SIGNS],
        recovery_items=list(context.flow_desk.plan.recovery),
        has_default_limits=context.flow_desk.plan.pre_check == PreCheckPlan(),
        is_practice=is_practice(roster),
    )


def _person(person: PersonFlow, touched: frozenset[SensorId]) -> FlowPersonBody:
    entry, joined, released = person.entry, person.story.joined, person.story.released
    gone = entry.left_utc_ms if entry.left_utc_ms is not None else None if released is None else released.at_utc_ms
    return FlowPersonBody(
        id=entry.participant,
        seat=entry.seat,
        alias=person.alias,
        state="here" if person.is_here else "left" if gone is not None else "expected",
        joined_utc_ms=None if joined is None else joined.at_utc_ms,
        left_utc_ms=gone,
        phase=person.phase,
        phase_since_utc_ms=None if person.span is None else person.span.from_utc_ms,
        sensors=[
            FlowSensorBody(sensor=worn.sensor, kind=worn.kind, gateway=worn.gateway, is_tapped=worn.sensor in touched)
            for worn in person.worn
        ],
        clearance=_clearance(person),
        findings=[FlowFindingBody(**msgspec.structs.asdict(one)) for one in person.findings],
        due=[FlowDueBody(**msgspec.structs.asdict(one)) for one in person.due],
        recovery=FlowRecoveryBody(
            is_needed=person.recovery.is_needed,
            since_utc_ms=person.recovery.since_utc_ms,
            peak_bpm=person.recovery.heart.peak_bpm,
            after_1_min_bpm=person.recovery.heart.after_1_min_bpm,
            after_2_min_bpm=person.recovery.heart.after_2_min_bpm,
            missing=[*person.recovery.missing, *((ALARM_OPEN,) if person.has_alarm else ())],
        ),
        last=_last(person),
    )


def _clearance(person: PersonFlow) -> FlowClearanceBody:
    found, check, sign = person.clearance, person.clearance.check, person.clearance.sign
    body = PreChecked() if check is None or not isinstance(check.body, PreChecked) else check.body
    return FlowClearanceBody(
        state=found.state,
        by=None if check is None else check.by,
        at_utc_ms=None if check is None else check.at_utc_ms,
        problems=list(body.problems),
        missing=list(body.missing),
        why=body.why,
        stop_sign=sign.body.symptom if sign is not None and isinstance(sign.body, Symptom) else None,
        stop_utc_ms=None if sign is None else sign.at_utc_ms,
    )


def _last(person: PersonFlow) -> list[FlowLastBody]:
    found = (person.story.last(kind) for kind in _SHOWN)
    return [
        FlowLastBody(
            kind=str(entry.body.__struct_config__.tag),
            at_utc_ms=entry.at_utc_ms,
            by=entry.by,
            body=msgspec.to_builtins(entry.body),
        )
        for entry in found
        if entry is not None
    ]
