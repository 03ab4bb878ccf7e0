"""Class plans over HTTP: which classes there are, which are due today, and beginning one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from dashboard.access.callers import Caller
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.register_bodies import DueBody, PlanShownBody, PlanStartedBody, StartPlanBody
from dashboard.classes import ClassBody
from dashboard.register.beginning import GATEWAY_USUAL, make_class
from dashboard.register.plan_body import PlanBody, begins_on
from dashboard.register.plans import Plan, PlanRun, Plans
from dashboard.view.room import Room
from vitals.duty import DutyRole, OnDuty, StaffId
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import GenerationMode
from vitals.units import UtcMs


def plan_routes(context: Context) -> APIRouter:
    """Return the routes of class plans."""
    routes = APIRouter(prefix="/api/v1/plans", tags=["register"])
    plans, reception, desk = Plans(context.clinic.shelf), context.reception, context.desk

    def shown(plan: Plan) -> PlanShownBody:
        return PlanShownBody(
            id=plan.id, plan=plan.body, changed_utc_ms=plan.changed_utc_ms, next_utc_ms=_next(context, plan.body)
        )

    @routes.get("")
    async def all_plans() -> list[PlanShownBody]:
        """Give the plans, by name."""
        return [shown(plan) for plan in plans.all()]

    @routes.post("", status_code=201, responses=refusals(401, 403, 409, 413, 422, 503))
    async def add(body: PlanBody, request: Request) -> PlanShownBody:
        """Add a plan."""
        plan = plans.put(None, body, utc_ms=reception.now_utc_ms())
        reception.note(request.state.caller, "plan_added", address=request.state.address, subject=plan.id)
        return shown(plan)

    @routes.get("/due")
    async def due() -> list[DueBody]:
        """Give the classes of today, by time, with those that were begun."""
        return _due(context, plans)

    @routes.get("/{plan}", responses=refusals(404))
    async def one(plan: str) -> PlanShownBody:
        """Give one plan."""
        return shown(plans.require(plan))

    @routes.put("/{plan}", responses=refusals(401, 403, 404, 409, 413, 422, 503))
    async def change(plan: str, body: PlanBody) -> PlanShownBody:
        """Change a plan; classes that were begun from it stay as they are."""
        return shown(plans.put(plan, body, utc_ms=reception.now_utc_ms()))

    @routes.delete("/{plan}", status_code=204, responses=refusals(401, 403, 404, 503))
    async def remove(plan: str) -> Response:
        """Put a plan away."""
        plans.archive(plan)
        return Response(status_code=204)

    @routes.post("/{plan}/start", status_code=201, responses=refusals(401, 403, 404, 409, 422, 503))
    async def start(plan: str, request: Request, body: StartPlanBody | None = None) -> PlanStartedBody:
        """Begin a class from a plan: prescriptions and sensors of now; its staff and whoever asks are on duty."""
        asked = body or StartPlanBody()
        found = plans.require(plan)
        given = class_of_plan(context, found.body, absent=asked.absent, mode=asked.generation_mode)
        session = desk.start_session(given).roster
        plans.note_run(plan, session.session, utc_ms=session.started_utc_ms)
        people = frozenset(entry.participant for entry in session.entries)
        members = on_duty_of_plan(context, found.body, request.state.caller, people, utc_ms=session.started_utc_ms)
        context.duty.put(session.session, members, people=people)
        return PlanStartedBody(session=session.session, plan=plan)

    return routes


def class_of_plan(
    context: Context, plan: PlanBody, *, absent: Iterable[str] = (), mode: GenerationMode | None = None
) -> ClassBody:
    """Return the class that a plan begins now, each sensor with the gateway that hears it best.

    Raises:
        InputError: nobody is left, or two people have the same sensor.
    """
    return make_class(
        context.clinic.shelf,
        plan,
        absent=absent,
        mode=mode,
        gateways=_carriers(context.room),
        gateway=_usual_gateway(context.room),
    )


def _carriers(room: Room) -> dict[SensorId, GatewayId]:
    """Return which gateway hears each sensor best now."""
    heard = [
        (one.rssi_dbm, one.sensor, gateway) for gateway, each in room.nearby.items() for one in each.nearby.sensors
    ]
    return {sensor: gateway for _, sensor, gateway in sorted(heard)}


def _usual_gateway(room: Room) -> GatewayId:
    """Return the gateway for what nobody hears yet: the only one that runs, else the one with the usual name."""
    running = [name for (part, name), each in room.parts.parts.items() if part is Part.GATEWAY and each.state == "up"]
    return GatewayId(running[0]) if len(running) == 1 else GATEWAY_USUAL


def on_duty_of_plan(
    context: Context, plan: PlanBody, caller: Caller, people: frozenset[ParticipantId], *, utc_ms: UtcMs
) -> list[OnDuty]:
    """Return who is on duty when a class begins: the plan's staff who may still log in, and whoever begins it."""
    accounts = {account.name: account for account in context.reception.known.accounts.all() if not account.is_disabled}
    members = [
        OnDuty(
            staff=StaffId(one.staff),
            role=one.role,
            since_utc_ms=utc_ms,
            participants=tuple(ParticipantId(person) for person in one.own if person in people),
        )
        for one in plan.staff
        if one.staff in accounts
    ]
    if caller.who in accounts and all(one.staff != caller.who for one in members):
        role = context.staff.member(accounts[caller.who]).role
        members.append(OnDuty(staff=StaffId(caller.who), role=role, since_utc_ms=utc_ms))
    elif not members and context.reception.is_open:
        members.append(OnDuty(staff=StaffId(caller.who), role=DutyRole.SUPERVISOR, since_utc_ms=utc_ms))
    return members


def _due(context: Context, plans: Plans) -> list[DueBody]:
    zone, now = context.stage.zone, context.reception.now_utc_ms()
    today = datetime.fromtimestamp(now / 1000, zone).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=zone)
    runs = list(plans.runs(since_utc_ms=_utc_ms(midnight)))
    running = {session.roster.session for session in context.clinic.open_sessions()}
    found = []
    for plan in plans.all():
        begins = begins_on(plan.body, today, zone=zone)
        if begins is None:
            continue
        run = _run_of(plan.id, runs)
        found.append(
            DueBody(
                plan=plan.id,
                name=plan.body.name,
                room=plan.body.room,
                begins_utc_ms=_utc_ms(begins),
                seats=len(plan.body.seats),
                session=None if run is None else run.session,
                is_running=run is not None and run.session in running,
            )
        )
    return sorted(found, key=lambda due: (due.begins_utc_ms, due.name))


def _run_of(plan: str, runs: list[PlanRun]) -> PlanRun | None:
    return next((run for run in reversed(runs) if run.plan == plan), None)


def _next(context: Context, plan: PlanBody) -> int | None:
    """Return when the next class of a plan begins, also that of today until its day is over."""
    zone = context.stage.zone
    today = datetime.fromtimestamp(context.reception.now_utc_ms() / 1000, zone).date()
    if plan.series is None:
        return None
    first: date = max(today, plan.series.first_date)
    days = (first + timedelta(days=ahead) for ahead in range(8))
    begins = (begins_on(plan, day, zone=zone) for day in days)
    return next((_utc_ms(one) for one in begins if one is not None), None)


def _utc_ms(at: datetime) -> UtcMs:
    return UtcMs(int(at.astimezone(UTC).timestamp() * 1000))
