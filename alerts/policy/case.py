"""A case: one alarm and how far the news of it has come. What of the alarm decides or is told, no more."""

import hashlib
import re
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from vitals.alarms import (
    AlarmId,
    AlarmState,
    Condition,
    Family,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
    alarm_text,
)
from vitals.delivery import Answered, SubscriptionId
from vitals.participants import ParticipantId
from vitals.units import MonotonicMs, UtcMs

ANSWERS_MAX: Final = 64
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Case(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alarm, for as long as its signal is on, latched or acknowledged; or a loss that alerts misses; or a test.

    Attributes:
        rule: of the alarm, or the name of the loss, or ``TEST``.
        base_ms: from when this round's steps count; the onset for the first round.
        round: counts from 0; a re-trigger, a rise of priority or an accept that ended nothing begin another.
        done: steps of this round that are done.
        stands: the condition is still so; a latched alarm has ended.
        inhibited: something else is told instead.
        ack: the command of the acknowledgement on a screen that was counted as an accept.
        asked: the newest acknowledgement that was heard on its way to analysis; it counts at once.
        accepted_ms: somebody has it.
        told: ways that were told in this round, and not yet that it is over.
        held: ways to which a message of this round waits for the phone's bucket.
        off_until_ms: switched off by somebody, as `off_by` and `off_why` say.
    """

    alarm_id: AlarmId
    subject: str
    subject_kind: SubjectKind
    rule: str
    family: Family
    priority: Priority
    text: str
    onset_utc_ms: UtcMs
    breach_ms: MonotonicMs
    base_ms: MonotonicMs
    participant: ParticipantId | None = None
    session: str | None = None
    seat: int | None = None
    detail: str = ""
    round: int = 0
    done: int = 0
    stands: bool = True
    inhibited: bool = False
    is_test: bool = False
    ack: str = ""
    asked: str = ""
    accepted_ms: MonotonicMs | None = None
    answers: tuple[Answered, ...] = ()
    told: tuple[SubscriptionId, ...] = ()
    held: tuple[SubscriptionId, ...] = ()
    unreachable: tuple[str, ...] = ()
    off_until_ms: MonotonicMs | None = None
    off_until_utc_ms: UtcMs | None = None
    off_by: str = ""
    off_why: str = ""

    @property
    def tag(self) -> str:
        """What a phone replaces an older message of this case by."""
        return tag_of(self.alarm_id)

    @property
    def key(self) -> tuple[str, str]:
        """Subject and rule: there is one case for both at a time."""
        return self.subject, self.rule


def tag_of(alarm_id: str) -> str:
    """Return an id as a tag: itself where every service takes it, else a hash of it."""
    return alarm_id if _PLAIN.fullmatch(alarm_id) else hashlib.sha256(alarm_id.encode()).hexdigest()[:32]


def case_of(alarm: AlarmState, *, seat: int | None, onset_ms: MonotonicMs, now_ms: MonotonicMs) -> Case:
    """Return the case of an alarm that is heard for the first time.

    Args:
        alarm: as analysis tells it.
        seat: of the participant, if known.
        onset_ms: of the alarm, on our clock.
        now_ms: on our clock.
    """
    onset_ms = min(onset_ms, now_ms)
    held_ms = max(0, alarm.onset_mono_ms - alarm.breach_mono_ms)
    return Case(
        alarm_id=alarm.alarm_id,
        subject=alarm.subject,
        subject_kind=alarm.subject_kind,
        rule=alarm.rule.value,
        family=alarm.family,
        priority=alarm.priority,
        text=alarm_text(alarm),
        onset_utc_ms=alarm.onset_utc_ms,
        breach_ms=MonotonicMs(onset_ms - held_ms),
        base_ms=onset_ms,
        participant=alarm.participant,
        session=alarm.session,
        seat=seat,
        detail=alarm.detail if alarm.rule is not RuleId.SWAPPED else "",
        stands=stands(alarm),
        inhibited=alarm.inhibited_by is not None,
        ack=ack_of(alarm),
        accepted_ms=now_ms if alarm.signal is Signal.ACKNOWLEDGED else None,
    )


def ack_of(alarm: AlarmState) -> str:
    """Return the command by which an alarm was acknowledged; empty: it is not."""
    if alarm.signal is not Signal.ACKNOWLEDGED:
        return ""
    return alarm.acknowledged.command if alarm.acknowledged is not None else "unknown"


def stands(alarm: AlarmState) -> bool:
    """Return whether the condition is still so."""
    return alarm.condition in {Condition.ACTIVE, Condition.CLEARING}


def next_round(case: Case, *, base_ms: MonotonicMs) -> Case:
    """Return a case whose steps begin anew."""
    return replace(case, round=case.round + 1, done=0, base_ms=base_ms, accepted_ms=None, told=(), held=())


def with_answer(case: Case, answer: Answered) -> Case:
    """Return a case with one more answer; the oldest beyond `ANSWERS_MAX` go."""
    return replace(case, answers=(*case.answers, answer)[-ANSWERS_MAX:])
