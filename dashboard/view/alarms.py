"""Alarms as a screen shows them: the state that analysis owns, with its times moved to this server's clock."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from dashboard.frames import AcknowledgedView, AlarmView, TrustView
from vitals.alarms import AlarmId, AlarmState, Priority, Signal, SubjectKind, alarm_text, is_past_worst, shown_value
from vitals.explanations import explain
from vitals.participants import ParticipantId
from vitals.passport import Freshness, Passport
from vitals.streamclock import StreamClock
from vitals.units import MonotonicMs, UtcMs

_URGENCY: Final = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2, Priority.INFO: 3}

_JS_INT_MAX: Final = 2**53 - 1
"""Number.MAX_SAFE_INTEGER of a page; nonsense on the bus must not end in a frame that cannot be written."""


class HeardAlarm(Struct, frozen=True, kw_only=True):
    """An alarm and a guess of analysis' clock from wall times, for as long as no heartbeat of it was heard."""

    state: AlarmState
    guess: StreamClock


class Seat(Struct, frozen=True, kw_only=True):
    """Where a participant of this class is found on the wall."""

    seat: int
    alias: str


def take_alarm(state: AlarmState, *, now_ms: MonotonicMs, now_utc_ms: UtcMs) -> HeardAlarm:
    """Return an alarm as heard now, with the age that its wall-clock label gives it."""
    onset_ms = now_ms - max(0, now_utc_ms - state.onset_utc_ms)
    return HeardAlarm(state=state, guess=StreamClock(offset_ms=onset_ms - state.onset_mono_ms))


def to_server_ms(clock: StreamClock, mono_ms: MonotonicMs) -> int:
    """Return a time of another run on this server's clock, within what a page's numbers can hold."""
    return max(-_JS_INT_MAX, min(_JS_INT_MAX, clock.to_consumer(mono_ms)))


def view_alarms(
    alarms: Mapping[tuple[str, str], HeardAlarm],
    *,
    clock: StreamClock | None,
    session: str | None,
    seats: Mapping[ParticipantId, Seat],
    affected: Mapping[str, int],
    sending: Mapping[AlarmId, str],
) -> tuple[AlarmView, ...]:
    """Return every alarm whose signal is not off, the most urgent first, the oldest first among equals.

    Args:
        alarms: as heard, by (subject, rule).
        clock: of analysis' run; None until its first live heartbeat.
        session: the open class of this room; alarms of another class are another wall's.
        seats: the participants of this class.
        affected: gateway to the number of people whose sensors it carries.
        sending: acknowledgements on their way, by alarm, with the initials of who sent them.
    """
    views = [
        _view_alarm(heard, clock=clock or heard.guess, seats=seats, affected=affected, sending=sending)
        for heard in alarms.values()
        if heard.state.signal is not Signal.OFF and heard.state.session in {None, session}
    ]
    views.sort(key=lambda view: (_URGENCY[view.priority], view.breach_at_ms, view.id))
    return tuple(views)


def _view_alarm(
    heard: HeardAlarm,
    *,
    clock: StreamClock,
    seats: Mapping[ParticipantId, Seat],
    affected: Mapping[str, int],
    sending: Mapping[AlarmId, str],
) -> AlarmView:
    state = heard.state
    seat = None if state.participant is None else seats.get(state.participant)
    taken = state.acknowledged
    return AlarmView(
        id=state.alarm_id,
        subject=state.subject,
        subject_kind=state.subject_kind,
        rule=state.rule,
        family=state.family,
        priority=state.priority,
        condition=state.condition,
        signal=state.signal,
        text=alarm_text(state),
        explanation=explain(state),
        breach_at_ms=to_server_ms(clock, state.breach_mono_ms),
        onset_at_ms=to_server_ms(clock, state.onset_mono_ms),
        onset_utc_ms=state.onset_utc_ms,
        ended_at_ms=None if state.ended_mono_ms is None else to_server_ms(clock, state.ended_mono_ms),
        participant=state.participant,
        seat=None if seat is None else seat.seat,
        alias=None if seat is None else seat.alias,
        op=state.op,
        value=shown_value(state),
        is_worst=is_past_worst(state),
        limit=state.limit,
        limit_reason=state.limit_reason,
        detail=state.detail,
        trust=None if state.passport is None else _view_trust(state.passport),
        affects=affected.get(state.subject, 0) if state.subject_kind is SubjectKind.GATEWAY else 0,
        source_lost=state.source_lost,
        inhibited_by=state.inhibited_by,
        acknowledged=None if taken is None else AcknowledgedView(by=taken.by, at_utc_ms=taken.at_utc_ms),
        sending=None if state.signal is Signal.ACKNOWLEDGED else sending.get(state.alarm_id),
    )


def _view_trust(passport: Passport) -> TrustView:
    return TrustView(
        quality=passport.quality,
        reason=passport.reason,
        doubts=passport.doubts,
        agreement=passport.agreement,
        averaging=passport.averaging,
        source=passport.source,
        age_ms=None if passport.freshness is Freshness.LOST else passport.age_ms,
        device=passport.device,
    )
