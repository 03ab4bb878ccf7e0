"""The policy: who is told what when. ``step(state, plan, event)`` gives the state after it and what is to be done.

Time comes with each event. Timers count from the onset and are stopped by a person alone: an answer from a phone or an
acknowledgement on a screen. What a phone or a service reports is no event here, so it can change nothing.
"""

from typing import Final, assert_never

from msgspec.structs import replace

from alerts.policy.case import Case, ack_of, case_of, next_round, stands, with_answer
from alerts.policy.escalating import escalate, message_id
from alerts.policy.events import (
    Acknowledged,
    AlarmGone,
    AlarmHeard,
    Answer,
    DutyHeard,
    Effect,
    Event,
    Listening,
    PartHeard,
    Responded,
    SessionHeard,
    SwitchedOff,
    Tell,
    TestAsked,
    Tick,
    WayClosed,
    WayOpened,
)
from alerts.policy.losing import hear_broker, hear_part, look_for_losses
from alerts.policy.plan import Plan
from alerts.policy.state import Off, PolicyState, Way
from alerts.policy.turn import Turn
from vitals.action_token import ACTION_MS
from vitals.alarms import AlarmState, Family, Priority, Signal, SubjectKind
from vitals.delivery import Answered, Response
from vitals.duty import StaffId
from vitals.participants import is_player
from vitals.push_message import PushKind
from vitals.units import MonotonicMs, UtcMs

GONE_MS: Final = 10_000
"""A living analysis tells all its alarms within this time after it or we have connected; one that it does not tell
ended while we did not listen."""

OFFS_MAX: Final = 1_000
STAFF_CHARS_MAX: Final = 32
TEST_RULE: Final = "TEST"
_RANK: Final = {Priority.HIGH: 3, Priority.MEDIUM: 2, Priority.LOW: 1, Priority.INFO: 0}


def step(state: PolicyState, plan: Plan, event: Event) -> tuple[PolicyState, list[Effect]]:
    """Return the state after an event, the same object if nothing changed, and what is to be done, in order."""
    turn = Turn(state, plan, now_ms=event.now_ms, now_utc_ms=event.now_utc_ms)
    match event:
        case AlarmHeard():
            _hear_alarm(turn, event)
        case AlarmGone():
            for case in _cases_of(turn, event.subject, event.rule):
                turn.end(case)
        case Acknowledged():
            _hear_acknowledgement(turn, event)
        case Responded():
            _hear_answer(turn, event)
        case SwitchedOff():
            _switch_off(turn, event)
        case DutyHeard():
            turn.state = replace(turn.state, duty=event.duty)
        case WayOpened():
            way = Way(subscription=event.subscription, staff=event.staff, channel=event.channel)
            turn.state = replace(turn.state, ways={**turn.state.ways, event.subscription: way})
        case WayClosed():
            ways = {key: way for key, way in turn.state.ways.items() if key != event.subscription}
            turn.state = replace(turn.state, ways=ways)
        case TestAsked():
            _test(turn, event)
        case SessionHeard():
            others = turn.state.sessions - {event.session}
            turn.state = replace(turn.state, sessions=others | {event.session} if event.is_open else others)
        case PartHeard():
            hear_part(turn, event)
        case Listening():
            hear_broker(turn, up=event.up)
        case Tick():
            _forget(turn)
        case _:
            assert_never(event)
    look_for_losses(turn)
    escalate(turn)
    return turn.finish(state)


def _hear_alarm(turn: Turn, event: AlarmHeard) -> None:
    alarm = event.alarm
    turn.state = replace(turn.state, confirmed=turn.state.confirmed | {alarm.alarm_id})
    known = turn.cases.get(alarm.alarm_id)
    if alarm.signal is Signal.OFF:
        if known is not None:
            turn.end(known)
        return
    if known is None:
        if is_player(alarm.participant):
            return  # practice: it sounds on the walls, where it is practised, and calls nobody away from elsewhere
        # One alarm at a time for a rule of a subject: an older one is over.
        for older in _cases_of(turn, alarm.subject, alarm.rule):
            turn.end(older)
        case = case_of(alarm, seat=event.seat, onset_ms=event.onset_ms, now_ms=turn.now_ms)
        turn.put(_with_off(case, turn.state.offs.get(_off_key(alarm.subject, alarm.rule))))
        return
    fresh = case_of(alarm, seat=event.seat, onset_ms=event.onset_ms, now_ms=turn.now_ms)
    case = replace(
        known,
        text=fresh.text,
        seat=known.seat if event.seat is None else event.seat,
        session=fresh.session,
        priority=fresh.priority,
        stands=stands(alarm),
        inhibited=fresh.inhibited,
    )
    turn.put(_after_change(turn, known, case, alarm))


def _after_change(turn: Turn, before: Case, case: Case, alarm: AlarmState) -> Case:
    """Return a known alarm's case after what analysis says anew of it."""
    ack = ack_of(alarm)
    if _RANK[case.priority] > _RANK[before.priority] or (before.ack and not ack):
        # It has become worse, or has come back after somebody had it: its steps begin anew.
        return replace(next_round(case, base_ms=turn.now_ms), ack=ack)
    if before.inhibited and not case.inhibited and case.done == 0:
        case = replace(case, base_ms=turn.now_ms)
    if ack == before.ack:
        return case
    case = replace(case, ack=ack)
    if ack == before.asked:
        return case  # its accept was counted when it was on its way
    return _take(turn, case, by=alarm.acknowledged.by if alarm.acknowledged is not None else "")


def _hear_acknowledgement(turn: Turn, event: Acknowledged) -> None:
    case = turn.cases.get(event.alarm_id)
    if case is not None and event.command not in {case.asked, case.ack}:
        turn.put(_take(turn, replace(case, asked=event.command), by=event.by))


def _take(turn: Turn, case: Case, *, by: str) -> Case:
    """Return a case that somebody has taken on a screen."""
    if case.accepted_ms is None and by:
        case = with_answer(case, _answered(StaffId(by[:STAFF_CHARS_MAX]), Response.ACCEPT, turn))
    return _accept(turn, case)


def _hear_answer(turn: Turn, event: Responded) -> None:
    case = turn.cases.get(event.alarm_id)
    if case is None:
        _answer(turn, event, reason="it is over, or nobody is called about it")
        return
    case = with_answer(case, _answered(event.staff, event.response, turn))
    match event.response:
        case Response.ACCEPT | Response.ON_MY_WAY:
            case = _accept(turn, case)
        case Response.CANNOT:
            pass  # it is told on the screens; the timers go on for everybody else
        case _:
            assert_never(event.response)
    turn.put(case)
    _answer(turn, event)


def _accept(turn: Turn, case: Case) -> Case:
    """Return a case that somebody has; phones that were told hear it."""
    turn.clear(case, taken=True)
    return replace(case, accepted_ms=turn.now_ms, told=(), held=())


def _switch_off(turn: Turn, event: SwitchedOff) -> None:
    key = _off_key(event.subject, event.rule)
    offs = {other: off for other, off in turn.state.offs.items() if other != key}
    off = None
    if event.for_ms > 0:
        if len(offs) >= OFFS_MAX:
            reason = f"{len(offs)} others are switched off"
            turn.effects.append(Answer(command=event.command, accepted=False, reason=reason))
            return
        off = Off(
            until_ms=MonotonicMs(turn.now_ms + event.for_ms),
            until_utc_ms=UtcMs(turn.now_utc_ms + event.for_ms),
            by=event.by,
            why=event.why,
        )
        offs[key] = off
    turn.state = replace(turn.state, offs=offs)
    for case in _cases_of(turn, event.subject, event.rule):
        turn.put(_with_off(case, off))
    turn.effects.append(Answer(command=event.command, accepted=True))


def _test(turn: Turn, event: TestAsked) -> None:
    ways = [way for way in turn.state.ways.values() if way.staff == event.staff]
    if not ways:
        reason = f"there is no way to {event.staff}"
        turn.effects.append(Answer(command=event.command, accepted=False, reason=reason))
        return
    case = Case(
        alarm_id=event.alarm_id,
        subject=event.staff,
        subject_kind=SubjectKind.PART,
        rule=TEST_RULE,
        family=Family.TECHNICAL,
        priority=Priority.LOW,
        text="Only a test.",
        onset_utc_ms=turn.now_utc_ms,
        breach_ms=turn.now_ms,
        base_ms=turn.now_ms,
        done=1,
        is_test=True,
        told=tuple(way.subscription for way in ways),
    )
    turn.put(case)
    for way in ways:
        turn.effects.append(
            Tell(
                message_id=message_id(case, 0, way),
                kind=PushKind.TEST,
                subscription=way.subscription,
                staff=way.staff,
                channel=way.channel,
                step=0,
                due_ms=turn.now_ms,
                cases=(case,),
            )
        )
    turn.effects.append(Answer(command=event.command, accepted=True))


def _forget(turn: Turn) -> None:
    """Let go what is over by time alone: tests, switched-off rules, alarms that a living analysis does not tell."""
    state, now_ms = turn.state, turn.now_ms
    offs = {key: off for key, off in state.offs.items() if now_ms < off.until_ms}
    if len(offs) != len(state.offs):
        turn.state = replace(turn.state, offs=offs)
    is_told = state.analysis_since_ms is not None and now_ms - state.analysis_since_ms >= GONE_MS
    own = {loss.case for loss in state.losses.values()}
    for case in list(turn.cases.values()):
        if case.is_test:
            if now_ms - case.base_ms >= ACTION_MS:
                turn.end(case)
        elif is_told and case.alarm_id not in state.confirmed and case.alarm_id not in own:
            turn.end(case)
        elif case.off_until_ms is not None and now_ms >= case.off_until_ms:
            turn.put(_with_off(case, None))


def _cases_of(turn: Turn, subject: str, rule: str) -> list[Case]:
    return [case for case in turn.cases.values() if case.key == (subject, rule) and not case.is_test]


def _with_off(case: Case, off: Off | None) -> Case:
    if off is None:
        return replace(case, off_until_ms=None, off_until_utc_ms=None, off_by="", off_why="")
    return replace(case, off_until_ms=off.until_ms, off_until_utc_ms=off.until_utc_ms, off_by=off.by, off_why=off.why)


def _off_key(subject: str, rule: str) -> str:
    return f"{subject}/{rule}"


def _answered(staff: StaffId, response: Response, turn: Turn) -> Answered:
    return Answered(staff=staff, response=response, at_utc_ms=turn.now_utc_ms)


def _answer(turn: Turn, event: Responded, *, reason: str = "") -> None:
    turn.effects.append(Answer(command=event.command, accepted=not reason, reason=reason))
