"""How far the news of each alarm has come, as the screens are told: made from the policy's case and the attempts."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from alerts.dispatch import Delivered
from alerts.ledger import ATTEMPTS_SHOWN, AttemptRow, Settled
from alerts.letter import Letter
from alerts.policy.case import Case
from alerts.policy.escalating import is_calling
from alerts.policy.plan import Plan
from vitals.alarms import AlarmId
from vitals.delivery import Attempt, AttemptState, Course, DeliveryState
from vitals.duty import StaffId
from vitals.sessions import SessionId
from vitals.units import MonotonicMs, UtcMs

UNREACHABLE_MAX: Final = 64
_SHOWN: Final = frozenset({AttemptState.DELIVERED, AttemptState.SEEN})


class Attempts:
    """The newest attempts of each open case, by message."""

    def __init__(self, known: Mapping[AlarmId, tuple[AttemptRow, ...]]) -> None:
        """Begin with those of an earlier run."""
        self._rows: Final = {alarm_id: {row.message_id: row for row in rows} for alarm_id, rows in known.items()}

    def put(self, row: AttemptRow) -> None:
        """Keep an attempt as it stands now; the oldest beyond `ATTEMPTS_SHOWN` go."""
        rows = self._rows.setdefault(row.alarm_id, {})
        rows[row.message_id] = row
        while len(rows) > ATTEMPTS_SHOWN:
            del rows[next(iter(rows))]

    def messages(self, alarm_id: AlarmId) -> tuple[str, ...]:
        """Return the messages about an open case, the newest first."""
        return tuple(reversed(self._rows.get(alarm_id, {})))

    def rows(self, message_id: str) -> list[AttemptRow]:
        """Return what is known of a message: a row for each open case that it is about."""
        return [rows[message_id] for rows in self._rows.values() if message_id in rows]

    def forget(self, alarm_id: AlarmId) -> None:
        """Let go what a case that is over was told."""
        self._rows.pop(alarm_id, None)

    def of(self, alarm_id: AlarmId) -> tuple[Attempt, ...]:
        """Return the attempts of a case, oldest first."""
        return tuple(row.attempt for row in self._rows.get(alarm_id, {}).values())


def rows_of(letter: Letter, cases: Mapping[AlarmId, Case], *, now_utc_ms: UtcMs) -> list[AttemptRow]:
    """Return the ledger's rows of a letter that is about to go: one for each alarm; the first holds the letter."""
    attempt = Attempt(
        staff=letter.staff,
        channel=letter.channel,
        step=letter.step,
        at_utc_ms=now_utc_ms,
        state=AttemptState.WAITING,
    )
    return [
        AttemptRow(
            message_id=letter.message_id,
            alarm_id=alarm_id,
            participant=cases[alarm_id].participant if alarm_id in cases else None,
            subscription=letter.subscription,
            attempt=attempt,
            letter=letter if number == 0 else None,
        )
        for number, alarm_id in enumerate(letter.alarm_ids)
    ]


def settled_of(delivered: Delivered, rows: Sequence[AttemptRow]) -> Settled:
    """Return what became of a letter; whether a phone has shown it the phone knows better than the way to it."""
    letter = delivered.letter
    delay_ms = None if delivered.at_ms is None else max(0, delivered.at_ms - letter.due_ms)
    state = AttemptState.FAILED if delay_ms is None else AttemptState.SENT
    if rows and rows[0].attempt.state in _SHOWN:
        state = rows[0].attempt.state
    problem = "" if state in _SHOWN else delivered.problem[:200]
    return Settled(message_id=letter.message_id, state=state, delay_ms=delay_ms, problem=problem)


def receipt_of(row: AttemptRow, *, is_seen: bool) -> Settled | None:
    """Return how an attempt stands once its phone has said so; None: nothing new, for seen stays seen."""
    before, after = row.attempt.state, AttemptState.SEEN if is_seen else AttemptState.DELIVERED
    if before in {after, AttemptState.SEEN}:
        return None
    return Settled(message_id=row.message_id, state=after, delay_ms=row.attempt.delay_ms, problem="")


def settled_row(row: AttemptRow, settled: Settled) -> AttemptRow:
    """Return an attempt of which it is known what became; its letter is needed no more."""
    attempt = replace(row.attempt, state=settled.state, delay_ms=settled.delay_ms, problem=settled.problem)
    return replace(row, letter=None, attempt=attempt)


def delivery_of(
    case: Case,
    plan: Plan,
    attempts: tuple[Attempt, ...],
    *,
    revision: int,
    now_ms: MonotonicMs,
    now_utc_ms: UtcMs,
) -> DeliveryState:
    """Return what screens are told of a case."""
    next_utc_ms = None
    ladder = plan.ladder(case.priority)
    if is_calling(case, now_ms=now_ms):
        after_ms = ladder.due_ms(case.done)
        if after_ms is not None:
            next_utc_ms = UtcMs(now_utc_ms + max(0, case.base_ms + after_ms - now_ms))
    elif case.accepted_ms is not None and ladder.again_ms is not None and case.stands:
        next_utc_ms = UtcMs(now_utc_ms + max(0, case.accepted_ms + ladder.again_ms - now_ms))
    return DeliveryState(
        alarm_id=case.alarm_id,
        revision=revision,
        onset_utc_ms=case.onset_utc_ms,
        step=case.done,
        next_utc_ms=next_utc_ms,
        attempts=attempts,
        answers=case.answers,
        unreachable=tuple(StaffId(one) for one in case.unreachable)[:UNREACHABLE_MAX],
        off_until_utc_ms=case.off_until_utc_ms,
        off_by=case.off_by,
        off_why=case.off_why,
    )


def course_of(case: Case, *, ended_utc_ms: UtcMs) -> Course:
    """Return what the record keeps of a case that is over; the ledger adds the attempts."""
    return Course(
        alarm_id=case.alarm_id,
        onset_utc_ms=case.onset_utc_ms,
        ended_utc_ms=ended_utc_ms,
        session=None if case.session is None else SessionId(case.session),
        participant=case.participant,
        rounds=case.round + 1,
        answers=case.answers,
        unreachable=tuple(StaffId(one) for one in case.unreachable)[:UNREACHABLE_MAX],
    )
