"""Who is on duty and who is on an alarm: of this class alone, and of alarms that still call."""

from dashboard.view.alarms import HeardAlarm, take_alarm
from dashboard.view.calls import view_calls, view_duty
from tests.dashboard.words import UTC0_MS, alarm, moment, room_with
from vitals.alarms import AlarmId, Signal
from vitals.delivery import Answered, Attempt, AttemptState, ChannelName, DeliveryState, Response
from vitals.duty import Duty, DutyRole, OnDuty, SessionDuty, StaffId
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import MonotonicMs, UtcMs

NOW = UtcMs(UTC0_MS)


def heard(alarm_id: str, signal: Signal) -> HeardAlarm:
    state = alarm(alarm_id=AlarmId(alarm_id), signal=signal)
    return take_alarm(state, now_ms=MonotonicMs(12_000), now_utc_ms=moment(12_000).utc_ms)


def attempt(staff: str, state: AttemptState) -> Attempt:
    return Attempt(staff=StaffId(staff), channel=ChannelName.WEB_PUSH, step=0, at_utc_ms=NOW, state=state)


def test_duty_of_another_class_is_not_shown() -> None:
    tom = OnDuty(staff=StaffId("tom"), role=DutyRole.THERAPIST, since_utc_ms=NOW, participants=(ParticipantId("p01"),))
    sue = OnDuty(staff=StaffId("sue"), role=DutyRole.SUPERVISOR, since_utc_ms=NOW)
    duty = Duty(
        version=3,
        sessions=(
            SessionDuty(session=SessionId("s1"), room="room-1", members=(tom,)),
            SessionDuty(session=SessionId("s2"), room="room-2", members=(sue,)),
        ),
    )

    assert [(view.staff, view.participants) for view in view_duty(duty, session="s1")] == [("tom", ("p01",))]
    assert view_duty(duty, session=None) == ()
    assert view_duty(None, session="s1") == ()


def test_a_message_that_was_held_or_failed_has_reached_nobody() -> None:
    call = DeliveryState(
        alarm_id=AlarmId("a1"),
        revision=4,
        onset_utc_ms=NOW,
        step=2,
        attempts=(
            attempt("tom", AttemptState.SENT),
            attempt("tom", AttemptState.SEEN),
            attempt("tim", AttemptState.FAILED),
            attempt("ada", AttemptState.HELD),
            attempt("sue", AttemptState.DELIVERED),
        ),
        answers=(Answered(staff=StaffId("sue"), response=Response.ON_MY_WAY, at_utc_ms=NOW),),
        unreachable=(StaffId("tim"),),
    )
    (view,) = view_calls({call.alarm_id: call}, alarms=[heard("a1", Signal.ON)])

    assert view.called == ("tom", "sue")
    assert view.ways == {"tom": ("web_push",), "sue": ("web_push",)}
    assert view.seen == ("tom",)
    assert [(answer.staff, answer.response) for answer in view.answers] == [("sue", Response.ON_MY_WAY)]
    assert view.unreachable == ("tim",)


def test_of_an_alarm_that_is_off_or_unknown_nothing_is_told() -> None:
    calls = {
        AlarmId(name): DeliveryState(alarm_id=AlarmId(name), revision=1, onset_utc_ms=NOW) for name in ("a1", "a2")
    }

    assert view_calls(calls, alarms=[heard("a1", Signal.OFF)]) == ()


def test_the_room_forgets_a_call_that_was_cleared() -> None:
    room = room_with()
    call = DeliveryState(alarm_id=AlarmId("a1"), revision=1, onset_utc_ms=NOW)

    assert room.hear_call(call.alarm_id, call)
    assert room.hear_call(call.alarm_id, None)
    assert not room.hear_call(call.alarm_id, None)
    assert room.calls == {}
