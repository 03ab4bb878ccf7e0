"""The next class right after this one, over HTTP: what would stay connected, and both steps in one go."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request

from dashboard.api.context import Context
from dashboard.api.flow_bodies import NextClassBody, NextClassShownBody, NextClassStartedBody, StayingSensorBody
from dashboard.api.refusals import refusals
from dashboard.api.register_plans import class_of_plan, on_duty_of_plan
from dashboard.api.signing import signed_by
from dashboard.classes import ClassBody, ParticipantBody, decode_class
from dashboard.clinic import ClinicSession
from dashboard.lease import leases_of
from dashboard.practice import is_practice
from dashboard.register.plans import Plan, Plans
from vitals.duty import OnDuty
from vitals.errors import InputError, InputReason
from vitals.sessions import Roster, SessionId


def next_routes(context: Context) -> APIRouter:
    """Return the routes of the next class."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["flow"])
    plans, desk = Plans(context.clinic.shelf), context.desk

    @routes.get("/{session}/next", responses=refusals(404, 409, 422))
    async def look(session: str, plan: Annotated[str, Query(min_length=1, max_length=64)]) -> NextClassShownBody:
        """Give what a plan would be if it began right after this class: above all, which sensors stay connected."""
        running = desk.require_open(SessionId(session))
        following = class_of_plan(context, plans.require(plan).body)
        staying = _staying(running, following)
        return NextClassShownBody(
            plan=plan,
            name=following.name,
            people=len(following.participants),
            staying=staying,
            freed=len({one.sensor for one in leases_of(running.roster)}) - len(staying),
        )

    @routes.post("/{session}/next", status_code=201, responses=refusals(404, 409, 422))
    async def begin(session: str, body: NextClassBody, request: Request) -> NextClassStartedBody:
        """End this class and begin the next in one go; open points need a reason."""
        plan = None if body.plan is None else plans.require(body.plan)
        following = _following(context, body, plan)
        members = context.duty.book.members(SessionId(session))
        ended, started = await context.flow_desk.end_for_next(
            SessionId(session), following, by=signed_by(request, body.by), why=body.why
        )
        roster = started.roster
        if plan is not None:
            plans.note_run(plan.id, roster.session, utc_ms=roster.started_utc_ms)
            people = frozenset(entry.participant for entry in roster.entries)
            planned = on_duty_of_plan(context, plan.body, request.state.caller, people, utc_ms=roster.started_utc_ms)
            named = {one.staff for one in planned}
            members = (*planned, *(one for one in members if one.staff not in named))
        if not is_practice(roster):
            _keep_duty(context, members, roster)
        return NextClassStartedBody(ended=ended.roster.session, started=roster.session)

    return routes


def _following(context: Context, body: NextClassBody, plan: Plan | None) -> ClassBody:
    """Return the class that is to begin.

    Raises:
        InputError: both a class and a plan, or neither, or the plan has nobody left.
    """
    if plan is not None and body.next is None:
        return class_of_plan(context, plan.body, absent=body.absent)
    if plan is not None or body.next is None or body.absent:
        problem = "either a class, or plan with those absent of it"
        raise InputError("body.next", problem, InputReason.WRONG_SHAPE)
    return decode_class(msgspec.json.encode(body.next), is_toml=False, place="body.next")


def _staying(running: ClinicSession, following: ClassBody) -> list[StayingSensorBody]:
    """Return the sensors that are in both classes, by the seat in this one."""
    wanted = {sensor: person for person in following.participants for sensor in _sensors_of(person)}
    return [
        StayingSensorBody(
            sensor=worn.sensor,
            kind=worn.kind,
            seat=entry.seat,
            alias=running.aliases.get(entry.participant, str(entry.seat)),
            next_seat=wanted[worn.sensor].seat,
            next_alias=wanted[worn.sensor].alias or str(wanted[worn.sensor].seat),
        )
        for entry in running.roster.entries
        for worn in entry.sensors
        if worn.to_utc_ms is None and worn.sensor in wanted
    ]


def _sensors_of(person: ParticipantBody) -> Iterable[str]:
    return (sensor for sensor in (person.strap, person.oximeter, person.machine) if sensor is not None)


def _keep_duty(context: Context, members: Iterable[OnDuty], roster: Roster) -> None:
    """Leave on duty who was: the staff does not change because the class does."""
    people = frozenset(entry.participant for entry in roster.entries)
    kept = [
        msgspec.structs.replace(one, participants=tuple(own for own in one.participants if own in people))
        for one in members
    ]
    context.duty.put(roster.session, kept, people=people)
