"""A letter: one message to one phone, as it waits in the ledger and travels; in words that name nobody. Pure."""

from typing import Final

from msgspec import Struct

from alerts.policy.case import Case
from alerts.policy.events import Cleared, Tell
from vitals.alarms import AlarmId, Family, Priority, SubjectKind
from vitals.delivery import ChannelName, SubscriptionId
from vitals.duty import StaffId
from vitals.push_message import PushKind, PushMessage
from vitals.units import MonotonicMs

SEATS_MAX: Final = 8
"""Seats that a message about several names; of more it gives the number."""

ROOM_TITLE: Final = "Go to the room"


class Letter(Struct, frozen=True, kw_only=True):
    """One message to one phone. ``push`` is without a token: that is signed when it goes, for this one sending.

    ``alarm_ids``: all that it is about, the one that names it first. ``may_answer``: there is somebody to answer to.
    """

    message_id: str
    subscription: SubscriptionId
    staff: StaffId
    channel: ChannelName
    alarm_ids: tuple[AlarmId, ...]
    step: int
    due_ms: MonotonicMs
    push: PushMessage
    may_answer: bool

    @property
    def key(self) -> tuple[SubscriptionId, str]:
        """What a later letter takes the place of this one by."""
        return self.subscription, self.push.tag


def write_letter(tell: Tell, *, now_ms: MonotonicMs) -> Letter:
    """Return the letter for one message of the policy."""
    lead = tell.cases[0]
    if tell.kind is PushKind.TEST:
        title, body = "TEST  phone alarms", "Only a test. Touch it and accept."
    elif tell.go_to_room:
        title, body = ROOM_TITLE, _cut(f"{_title(tell)}: {_body(tell, now_ms=now_ms)} The screens are lost.")
    elif lead.subject_kind is SubjectKind.PART and lead.priority is Priority.HIGH:
        title, body = ROOM_TITLE, lead.text
    else:
        title, body = _title(tell), _cut(_body(tell, now_ms=now_ms))
    may_answer = not tell.go_to_room
    return Letter(
        message_id=tell.message_id,
        subscription=tell.subscription,
        staff=tell.staff,
        channel=tell.channel,
        alarm_ids=tuple(case.alarm_id for case in tell.cases),
        step=tell.step,
        due_ms=tell.due_ms,
        push=PushMessage(
            kind=tell.kind,
            alarm_id=lead.alarm_id,
            priority=lead.priority,
            title=title[:120],
            body=body,
            tag=lead.tag,
            step=_shown_step(lead, tell.step),
            url=f"/alarm/{lead.tag}" if may_answer and lead.tag == lead.alarm_id else "/phone",
        ),
        may_answer=may_answer,
    )


def write_clearing(cleared: Cleared, *, staff: StaffId, channel: ChannelName, now_ms: MonotonicMs) -> Letter:
    """Return the letter that takes back what a phone shows of a case."""
    case = cleared.case
    word = "taken" if cleared.taken else "over"
    return Letter(
        message_id=f"{case.alarm_id}.{case.round}.clear.{cleared.subscription}",
        subscription=cleared.subscription,
        staff=staff,
        channel=channel,
        alarm_ids=(case.alarm_id,),
        step=max(0, case.done - 1),
        due_ms=now_ms,
        push=PushMessage(
            kind=PushKind.CLEAR,
            alarm_id=case.alarm_id,
            priority=case.priority,
            title=f"{_who(case)}: {word}"[:120],
            body="Somebody has it." if cleared.taken else "It is over.",
            tag=case.tag,
            step=_shown_step(case, max(0, case.done - 1)),
            url=f"/alarm/{case.tag}" if case.tag == case.alarm_id else "/phone",
        ),
        may_answer=False,
    )


def _shown_step(case: Case, step: int) -> int:
    """Return a number that grows with each step over all rounds: a phone sounds again when it does."""
    return min(1_000, case.round * 100 + step)


def _title(tell: Tell) -> str:
    lead = tell.cases[0]
    if lead.family is Family.TECHNICAL and lead.subject_kind is not SubjectKind.PARTICIPANT:
        return lead.text if len(tell.cases) == 1 else f"{len(tell.cases)} times: {lead.text}"
    if len(tell.cases) > 1:
        return f"{lead.priority.upper()}  {len(tell.cases)} seats"
    return f"{lead.priority.upper()}  {_who(lead).lower()}"


def _body(tell: Tell, *, now_ms: MonotonicMs) -> str:
    lead = tell.cases[0]
    if len(tell.cases) > 1:
        return f"{lead.text}: {_seats(tell.cases)}."
    lasting = f"{max(0, now_ms - lead.breach_ms) // 1000} s"
    waited_s = max(0, now_ms - lead.base_ms) // 1000
    nobody = "Nobody has it yet." if tell.step == 0 else f"Nobody has it for {waited_s} s."
    if lead.round and tell.step == 0:
        nobody = "It was taken, and it still stands."
    ended = "" if lead.stands else " It has ended, nobody has seen it."
    return f"{lead.text}, {lasting}. {nobody}{ended}"


def _who(case: Case) -> str:
    if case.seat is not None:
        return f"Seat {case.seat}"
    return "System" if case.participant is None else "A seat"


def _seats(cases: tuple[Case, ...]) -> str:
    known = sorted({case.seat for case in cases if case.seat is not None})
    if not known or len(known) > SEATS_MAX:
        return f"{len(cases)} of them"
    return "seats " + ", ".join(map(str, known))


def _cut(text: str) -> str:
    return text if len(text) <= 400 else text[:399] + "…"  # noqa: PLR2004 - what a push holds
