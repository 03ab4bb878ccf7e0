"""Staff and duty over HTTP: initials and roles, who looks after a class, and whose alarms are whose first."""

from fastapi import APIRouter, Request

from dashboard.access.accounts import Account
from dashboard.access.callers import Caller, Via
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.register_bodies import (
    DutyBody,
    DutyShownBody,
    OnDutyShownBody,
    OwnPeopleBody,
    StaffBody,
    StaffDraftBody,
)
from dashboard.practice import is_practice
from dashboard.register.duty_book import put_member
from dashboard.register.staff import Member, default_initials
from vitals.duty import DutyRole, OnDuty, StaffId
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import Roster, SessionId


def staff_routes(context: Context) -> APIRouter:
    """Return the routes of staff."""
    routes = APIRouter(prefix="/api/v1/staff", tags=["register"])

    @routes.get("")
    async def staff() -> list[StaffBody]:
        """Give everybody who may log in, with initials and role on duty."""
        return [_shown(context, account) for account in context.reception.known.accounts.all()]

    @routes.put("/{staff}", responses=refusals(401, 403, 404, 422, 503))
    async def put(staff: str, body: StaffDraftBody) -> StaffBody:
        """Give a member of staff initials and a role on duty."""
        account = context.reception.known.accounts.require(staff)
        context.staff.put(Member(id=StaffId(account.name), initials=body.initials.strip(), role=body.duty_role))
        return _shown(context, account)

    return routes


def duty_routes(context: Context) -> APIRouter:
    """Return the routes of duty in a class."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["register"])
    _add_duty(routes, context)
    return routes


def _add_duty(routes: APIRouter, context: Context) -> None:
    """Add who looks after a class."""
    duty, reception = context.duty, context.reception

    @routes.get("/{session}/duty", responses=refusals(404))
    async def on_duty(session: str) -> DutyShownBody:
        """Give who is on duty in a class, or was at its end."""
        context.clinic.require(SessionId(session))
        return _duty_of(context, session)

    @routes.put("/{session}/duty", responses=refusals(401, 403, 404, 409, 413, 422, 503))
    async def put(session: str, body: DutyBody) -> DutyShownBody:
        """Say who is on duty in a class from now on, and whose people are whose."""
        people, now = _people_of(context, session), reception.now_utc_ms()
        members = [
            OnDuty(
                staff=_require_staff(context, one.staff, f"body.members[{at}].staff"),
                role=one.role,
                since_utc_ms=now,
                participants=tuple(ParticipantId(person) for person in one.participants),
            )
            for at, one in enumerate(body.members)
        ]
        duty.put(SessionId(session), members, people=people)
        return _duty_of(context, session)

    @routes.put("/{session}/duty/{staff}", responses=refusals(401, 403, 404, 409, 413, 422, 503))
    async def put_own(session: str, staff: str, body: OwnPeopleBody, request: Request) -> DutyShownBody:
        """Put one member on duty with these people; ``me`` is whoever asks. For a change in mid-class."""
        caller: Caller = request.state.caller
        who = _require_staff(context, caller.who if staff == "me" else staff, "staff")
        people, now = _people_of(context, session), reception.now_utc_ms()
        before = duty.book.members(SessionId(session))
        own = tuple(ParticipantId(person) for person in body.participants)
        role = body.role or _role(context, who, before)
        duty.put(SessionId(session), put_member(before, who, role, own, utc_ms=now), people=people)
        return _duty_of(context, session)


def put_beginner(context: Context, caller: Caller, roster: Roster) -> None:
    """Put whoever began a class on duty in it; a script has no phone and stays off, and practice has nobody.

    Raises:
        InputError: the class has ended meanwhile.
    """
    account = context.reception.known.accounts.find(caller.who)
    if caller.via is not Via.LOGIN or account is None or is_practice(roster):
        return
    role = context.staff.member(account).role
    member = OnDuty(staff=StaffId(account.name), role=role, since_utc_ms=roster.started_utc_ms)
    context.duty.put(roster.session, [member], people=frozenset(entry.participant for entry in roster.entries))


def _duty_of(context: Context, session: str) -> DutyShownBody:
    return DutyShownBody(
        session=session,
        members=[
            OnDutyShownBody(
                staff=one.staff,
                initials=_initials(context, one.staff),
                role=one.role,
                since_utc_ms=one.since_utc_ms,
                participants=list(one.participants),
            )
            for one in context.duty.book.members(SessionId(session))
        ],
    )


def _people_of(context: Context, session: str) -> frozenset[ParticipantId]:
    roster = context.desk.require_open(SessionId(session)).roster
    return frozenset(entry.participant for entry in roster.entries)


def _require_staff(context: Context, staff: str, place: str) -> StaffId:
    account = context.reception.known.accounts.find(staff)
    if not context.reception.is_open and (account is None or account.is_disabled):
        raise InputError(place, f"{staff[:80]!r} is nobody who may log in", InputReason.CONFLICT)
    return StaffId(staff)


def _role(context: Context, staff: StaffId, before: tuple[OnDuty, ...]) -> DutyRole:
    known = next((one.role for one in before if one.staff == staff), None)
    account = context.reception.known.accounts.find(staff)
    if known is not None or account is None:
        return known or DutyRole.SUPERVISOR
    return context.staff.member(account).role


def _initials(context: Context, staff: str) -> str:
    account = context.reception.known.accounts.find(staff)
    return default_initials(staff) if account is None else context.staff.member(account).initials


def _shown(context: Context, account: Account) -> StaffBody:
    member = context.staff.member(account)
    return StaffBody(
        id=member.id,
        initials=member.initials,
        duty_role=member.role,
        role=account.role,
        is_disabled=account.is_disabled,
    )
