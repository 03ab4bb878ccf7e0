"""Alarms on a screen: analysis' word, with the ages on this server's clock."""

from typing import Any

import pytest

from dashboard.frames import AlarmView
from dashboard.view.alarms import Seat, take_alarm, view_alarms
from tests.dashboard.words import UTC0_MS, alarm
from vitals.alarms import Acknowledgement, AlarmId, AlarmState, Condition, Priority, RuleId, Signal, SubjectKind
from vitals.participants import ParticipantId
from vitals.streamclock import StreamClock
from vitals.units import MonotonicMs, UtcMs


def view(*states: AlarmState, clock: StreamClock | None = None, **more: Any) -> tuple[AlarmView, ...]:
    heard = {
        (state.subject, state.rule.value + state.alarm_id): take_alarm(
            state, now_ms=MonotonicMs(50_000), now_utc_ms=UtcMs(UTC0_MS + 31_000)
        )
        for state in states
    }
    given: dict[str, Any] = {
        "session": "s1",
        "seats": {ParticipantId("p01"): Seat(seat=7, alias="Heron")},
        "affected": {},
        "sending": {},
    }
    return view_alarms(heard, clock=clock, **(given | more))


def test_before_a_heartbeat_of_analysis_an_age_comes_from_the_wall_clock() -> None:
    (shown,) = view(alarm())

    # Complete 20 s ago by the label, 10 s after the breach.
    assert (shown.onset_at_ms, shown.breach_at_ms) == (30_000, 20_000)


def test_with_a_heartbeat_of_analysis_an_age_comes_from_its_clock() -> None:
    (shown,) = view(alarm(ended_mono_ms=MonotonicMs(12_000)), clock=StreamClock(offset_ms=25_000))

    assert (shown.onset_at_ms, shown.breach_at_ms, shown.ended_at_ms) == (36_000, 26_000, 37_000)


def test_an_alarm_says_who_and_what() -> None:
    (shown,) = view(alarm())

    assert (shown.text, shown.seat, shown.alias, shown.value, shown.limit) == ("HR 134 > 120", 7, "Heron", 134, 120)


@pytest.mark.parametrize(
    ("value", "said"), [(134, "HR 134 > 120"), (118, "HR highest 140 > 120"), (None, "HR -- > 120")]
)
def test_an_alarm_never_says_what_is_not_true(value: float | None, said: str) -> None:
    (shown,) = view(alarm(value=value, condition=Condition.CLEARING))

    assert shown.text == said
    assert shown.explanation.startswith(said)
    assert shown.is_worst == (value == 118)


def test_what_is_off_or_another_walls_is_not_shown() -> None:
    shown = view(
        alarm(signal=Signal.OFF),
        alarm(alarm_id=AlarmId("a2"), session="s2"),
        alarm(
            alarm_id=AlarmId("a3"),
            session=None,
            participant=None,
            subject="g1",
            subject_kind=SubjectKind.GATEWAY,
            rule=RuleId.GATEWAY_LOST,
        ),
        affected={"g1": 6},
    )

    assert [(one.id, one.affects, one.text) for one in shown] == [("a3", 6, "Gateway g1 lost")]


def test_the_most_urgent_come_first_and_the_oldest_among_equals() -> None:
    shown = view(
        alarm(alarm_id=AlarmId("low"), priority=Priority.LOW),
        alarm(alarm_id=AlarmId("young"), priority=Priority.HIGH, breach_mono_ms=MonotonicMs(9_000)),
        alarm(alarm_id=AlarmId("old"), priority=Priority.HIGH),
        alarm(alarm_id=AlarmId("medium")),
    )

    assert [one.id for one in shown] == ["old", "young", "medium", "low"]


def test_sending_is_said_until_the_state_says_acknowledged() -> None:
    sending = {AlarmId("a1"): "KB"}
    taken = Acknowledgement(by="KB", at_utc_ms=UtcMs(UTC0_MS), command="c1")

    (waiting,) = view(alarm(), sending=sending)
    (done,) = view(alarm(signal=Signal.ACKNOWLEDGED, acknowledged=taken), sending=sending)

    assert (waiting.sending, waiting.acknowledged) == ("KB", None)
    assert done.sending is None
    assert done.acknowledged is not None
    assert done.acknowledged.by == "KB"


def test_times_that_no_clock_shows_do_not_break_a_frame() -> None:
    (shown,) = view(alarm(breach_mono_ms=MonotonicMs(-(10**30)), onset_mono_ms=MonotonicMs(10**30)))

    assert -(2**53) < shown.breach_at_ms < 2**53
