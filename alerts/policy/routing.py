"""Who is meant by a step, and by which ways they can be reached."""

from collections.abc import Iterable
from typing import NamedTuple

from alerts.policy.case import Case
from alerts.policy.state import PolicyState, Way
from vitals.delivery import ChannelName
from vitals.duty import DutyRole, OnDuty, StaffId
from vitals.escalation import Called, Ways


class Reached(NamedTuple):
    """The ways that a step takes, and who of those that it means has none."""

    ways: tuple[Way, ...]
    unreachable: tuple[StaffId, ...]


def route(
    state: PolicyState, case: Case, *, called: Iterable[Called], ways: Ways, second: frozenset[ChannelName]
) -> Reached:
    """Return the ways of a step.

    A step that would reach nobody goes to everybody by all ways: an alarm that nobody is told is worse than a phone
    too many.

    Args:
        state: duty and ways.
        case: whose participant and session decide.
        called: whom the step means.
        ways: the first ones, or all.
        second: channels that are no first way.
    """
    meant = _meant(state, case, called)
    reached = _ways_of(state, meant, ways=ways, second=second)
    if not reached.ways and state.ways:
        everybody = _meant(state, case, (Called.EVERYBODY,))
        return Reached(_ways_of(state, everybody, ways=Ways.ALL, second=second).ways, reached.unreachable)
    return reached


def on_duty(state: PolicyState, session: str | None) -> tuple[OnDuty, ...]:
    """Return who is on duty in a session; for no session, or one that duty does not know, in any."""
    sessions = [one for one in state.duty.sessions if one.session == session] or list(state.duty.sessions)
    return tuple(member for one in sessions for member in one.members)


def _meant(state: PolicyState, case: Case, called: Iterable[Called]) -> tuple[StaffId, ...]:
    members = on_duty(state, case.session)
    found: dict[StaffId, None] = {}
    for one in called:
        match one:
            case Called.ASSIGNED:
                own = [member.staff for member in members if case.participant in member.participants]
                found |= dict.fromkeys(own or (member.staff for member in members))
            case Called.ON_DUTY:
                found |= dict.fromkeys(member.staff for member in members)
            case Called.SUPERVISOR:
                found |= dict.fromkeys(member.staff for member in members if member.role is DutyRole.SUPERVISOR)
            case Called.EVERYBODY:
                found |= dict.fromkeys(member.staff for member in members)
                found |= dict.fromkeys(way.staff for way in state.ways.values())
    return tuple(found)


def _ways_of(state: PolicyState, staff: tuple[StaffId, ...], *, ways: Ways, second: frozenset[ChannelName]) -> Reached:
    found: list[Way] = []
    missing: list[StaffId] = []
    for one in staff:
        own = [way for way in state.ways.values() if way.staff == one]
        first = [way for way in own if way.channel not in second]
        chosen = own if ways is Ways.ALL or not first else first
        found += chosen
        if not chosen:
            missing.append(one)
    return Reached(tuple(found), tuple(missing))
