"""Who is on duty, and who is on an alarm: what the dashboard and alerts say of it, as a screen shows it."""

from collections.abc import Iterable, Mapping
from typing import Final

from dashboard.frames import AnswerView, CallView, DutyView
from dashboard.view.alarms import HeardAlarm
from vitals.alarms import AlarmId, Signal
from vitals.delivery import TEST_PREFIX, Attempt, AttemptState, ChannelName, DeliveryState
from vitals.duty import Duty

_GONE: Final = frozenset({AttemptState.SENT, AttemptState.DELIVERED, AttemptState.SEEN})


def view_duty(duty: Duty | None, *, session: str | None) -> tuple[DutyView, ...]:
    """Return who is on duty in a class, in the order in which the desk keeps them."""
    if duty is None or session is None:
        return ()
    return tuple(
        DutyView(staff=member.staff, role=member.role, participants=tuple(member.participants))
        for kept in duty.sessions
        if kept.session == session
        for member in kept.members
    )


def view_calls(calls: Mapping[AlarmId, DeliveryState], *, alarms: Iterable[HeardAlarm]) -> tuple[CallView, ...]:
    """Return the news of those alarms whose signal is not off (alerts says the same, but may be dead), and of tests."""
    if not calls:
        return ()
    on = {heard.state.alarm_id for heard in alarms if heard.state.signal is not Signal.OFF}
    shown = sorted(alarm_id for alarm_id in calls if alarm_id in on or alarm_id.startswith(TEST_PREFIX))
    return tuple(view_call(calls[alarm_id]) for alarm_id in shown)


def view_call(state: DeliveryState) -> CallView:
    """Return how far the news of one alarm has come."""
    return CallView(
        alarm=state.alarm_id,
        step=state.step,
        next_utc_ms=state.next_utc_ms,
        called=_staff(attempt for attempt in state.attempts if attempt.state in _GONE),
        ways=_ways(state.attempts),
        shown=_staff(attempt for attempt in state.attempts if attempt.state is AttemptState.DELIVERED),
        seen=_staff(attempt for attempt in state.attempts if attempt.state is AttemptState.SEEN),
        answers=tuple(
            AnswerView(staff=answer.staff, response=answer.response, at_utc_ms=answer.at_utc_ms)
            for answer in state.answers
        ),
        unreachable=tuple(state.unreachable),
        off_until_utc_ms=state.off_until_utc_ms,
        off_by=state.off_by,
    )


def _ways(attempts: Iterable[Attempt]) -> dict[str, tuple[ChannelName, ...]]:
    ways: dict[str, dict[ChannelName, None]] = {}
    for attempt in attempts:
        if attempt.state in _GONE:
            ways.setdefault(attempt.staff, {})[attempt.channel] = None
    return {staff: tuple(channels) for staff, channels in ways.items()}


def _staff(attempts: Iterable[Attempt]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(attempt.staff for attempt in attempts))
