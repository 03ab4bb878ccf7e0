"""Which alarms stored classes would have had under other limits or rules, beside those under the ones of then.

Blocks; for a child process. Both sides are judged by the same code from the same values, those that counted in class.
Only rules about values are tried; what a mark took out of a report counts here, because it counted then.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from analysis.core.rule_file import read_rules
from analysis.core.rules import RuleSet, Watch, hash_rules
from analysis.history.what_if_parts import (
    Held,
    LimitChange,
    TriedAlarm,
    TriedPart,
    change_limits,
    judge_parts,
)
from analysis.summary.summary import SessionSummary
from dashboard.review.parts import people_of, require_session
from dashboard.review.shelf import Shelf
from ingest.store.reader import RecordReader
from vitals.alarms import Priority, RuleId
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

SESSIONS_MAX: Final = 100_000
LISTED_MAX: Final = 500
"""Alarms that are named one by one; beyond it they are counted."""

PARTS_AT_ONCE: Final = 600
"""Twenty classes of thirty: what is in memory at one time."""


class Question(Struct, frozen=True, kw_only=True):
    """What would be different. ``sessions`` None: the whole record. ``participant``: one person alone.

    ``rules_toml``: the text of a rule file laid over the site's rules; empty: none.
    """

    sessions: tuple[SessionId, ...] | None = None
    participant: ParticipantId | None = None
    limits: dict[RuleId, LimitChange] = {}
    rules_toml: str = ""


class AlarmThen(Struct, frozen=True, kw_only=True):
    """One alarm of one side, with where it was."""

    session: SessionId
    participant: ParticipantId
    rule: RuleId
    priority: Priority
    limit: float
    onset_utc_ms: UtcMs
    seconds: float | None


class RuleCount(Struct, frozen=True, kw_only=True):
    """How many alarms of a rule there were and would be, and for how long, s."""

    rule: RuleId
    priority: Priority
    before: int
    after: int
    before_s: int
    after_s: int


class PersonCount(Struct, frozen=True, kw_only=True):
    """The same of one person, over all their sessions that were asked about."""

    participant: ParticipantId
    sessions: int
    hours: float
    before: int
    after: int


class Answer(Struct, frozen=True, kw_only=True):
    """What would have been. ``added``, ``removed``: alarms of one side without one of the other that overlaps it."""

    sessions: int
    parts: int
    participant_hours: float
    rules_before: str
    rules_after: str
    rules: tuple[RuleCount, ...]
    people: tuple[PersonCount, ...]
    added: tuple[AlarmThen, ...]
    removed: tuple[AlarmThen, ...]
    added_n: int
    removed_n: int


def answer(
    question: Question, reader: RecordReader, shelf: Shelf, *, rules: RuleSet, tell: Callable[[float], None]
) -> Answer:
    """Return what would have been; ``tell`` is told how far it is, 0 to 1.

    Raises:
        InputError: no such session or person, or rules that are nonsense.
        StorageError: the record cannot be read.
    """
    other = read_rules(question.rules_toml, place="rules", base=rules) if question.rules_toml else rules
    counts = _Counts()
    batch: list[tuple[SessionSummary, TriedPart]] = []
    todo = list(_todo(question, reader))
    for place, (session, participant) in enumerate(todo):
        batch.append(_load(shelf, session, participant))
        if len(batch) == PARTS_AT_ONCE or place + 1 == len(todo):
            counts.add(batch, question, rules, other)
            batch = []
        tell((place + 1) / len(todo))
    return counts.close(rules, other)


class _Counts:
    """What was found so far."""

    def __init__(self) -> None:
        self._sessions: set[SessionId] = set()
        self._parts = 0
        self._hours: dict[ParticipantId, float] = {}
        self._visits: dict[ParticipantId, int] = {}
        self._before: list[AlarmThen] = []
        self._after: list[AlarmThen] = []
        self._added: list[AlarmThen] = []
        self._removed: list[AlarmThen] = []

    def add(
        self,
        batch: Sequence[tuple[SessionSummary, TriedPart]],
        question: Question,
        rules: RuleSet,
        other: RuleSet,
    ) -> None:
        """Judge some parts by both sides."""
        parts = [part for _, part in batch]
        changed = [
            TriedPart(signals=part.signals, phases=part.phases, limits=change_limits(part.limits, question.limits))
            for part in parts
        ]
        sides = judge_parts(rules, parts), judge_parts(other, changed)
        summaries = [summary for summary, _ in batch]
        for summary in summaries:
            self._sessions.add(summary.session)
            hours = summary.until_ms / 3_600_000
            self._hours[summary.participant] = self._hours.get(summary.participant, 0.0) + hours
            self._visits[summary.participant] = self._visits.get(summary.participant, 0) + 1
        self._parts += len(parts)
        before, after = (list(_name(side, summaries)) for side in sides)
        self._before += before
        self._after += after
        self._removed += _without_match(before, after)
        self._added += _without_match(after, before)

    def close(self, rules: RuleSet, other: RuleSet) -> Answer:
        """Return the answer."""
        people = sorted(self._hours)
        return Answer(
            sessions=len(self._sessions),
            parts=self._parts,
            participant_hours=round(sum(self._hours.values()), 2),
            rules_before=hash_rules(rules),
            rules_after=hash_rules(other),
            rules=tuple(self._rules()),
            people=tuple(
                PersonCount(
                    participant=person,
                    sessions=self._visits[person],
                    hours=round(self._hours[person], 2),
                    before=sum(alarm.participant == person for alarm in self._before),
                    after=sum(alarm.participant == person for alarm in self._after),
                )
                for person in people
            ),
            added=tuple(self._added[:LISTED_MAX]),
            removed=tuple(self._removed[:LISTED_MAX]),
            added_n=len(self._added),
            removed_n=len(self._removed),
        )

    def _rules(self) -> Iterator[RuleCount]:
        keys = sorted({(alarm.rule, alarm.priority) for alarm in (*self._before, *self._after)})
        for rule, priority in keys:
            before, after = (
                [alarm for alarm in side if (alarm.rule, alarm.priority) == (rule, priority)]
                for side in (self._before, self._after)
            )
            yield RuleCount(
                rule=rule,
                priority=priority,
                before=len(before),
                after=len(after),
                before_s=round(sum(alarm.seconds or 0 for alarm in before)),
                after_s=round(sum(alarm.seconds or 0 for alarm in after)),
            )


def _todo(question: Question, reader: RecordReader) -> Iterator[tuple[SessionId, ParticipantId]]:
    if question.sessions is None:
        sessions = (
            [one.session for one in reader.sessions(limit=SESSIONS_MAX) if not one.is_practice]
            if question.participant is None
            else [one.session for one in reader.sessions_of(question.participant)]
        )
    else:
        sessions = [require_session(reader, session).session for session in question.sessions]
    for session in sessions:
        for participant in people_of(reader, session):
            if question.participant in {None, participant}:
                yield session, participant


def _load(shelf: Shelf, session: SessionId, participant: ParticipantId) -> tuple[SessionSummary, TriedPart]:
    summary, kept = shelf.summary(session, participant), shelf.kept(session, participant)
    signals = {Watch.HR: (kept.hr_ms, kept.hr_bpm), Watch.SPO2: (kept.spo2_ms, kept.spo2_pct)}
    return summary, TriedPart(
        signals={watch: signal for watch, signal in signals.items() if len(signal[0])},
        phases=tuple((span.phase, span.from_ms, span.to_ms) for span in summary.phases),
        limits=tuple(
            Held(
                rule=limit.rule,
                value=limit.value,
                from_ms=limit.from_ms,
                to_ms=limit.to_ms,
                op=limit.op,
                hold_s=limit.hold_s,
            )
            for limit in summary.limits
        ),
    )


def _name(alarms: Sequence[TriedAlarm], summaries: Sequence[SessionSummary]) -> Iterator[AlarmThen]:
    for alarm in alarms:
        summary = summaries[alarm.part]
        ended_ms = summary.until_ms if alarm.ended_ms is None else alarm.ended_ms
        yield AlarmThen(
            session=summary.session,
            participant=summary.participant,
            rule=alarm.rule,
            priority=alarm.priority,
            limit=alarm.limit,
            onset_utc_ms=UtcMs(summary.started_utc_ms + alarm.onset_ms),
            seconds=round((ended_ms - alarm.onset_ms) / 1000, 1),
        )


def _without_match(mine: Sequence[AlarmThen], others: Sequence[AlarmThen]) -> Iterator[AlarmThen]:
    """Yield the alarms that no alarm of the same rule and person on the other side overlaps."""
    by_key: dict[tuple[SessionId, ParticipantId, RuleId], list[AlarmThen]] = {}
    for other in others:
        by_key.setdefault((other.session, other.participant, other.rule), []).append(other)
    for alarm in mine:
        near = by_key.get((alarm.session, alarm.participant, alarm.rule), ())
        if not any(_overlap(alarm, other) for other in near):
            yield alarm


def _overlap(one: AlarmThen, two: AlarmThen) -> bool:
    return (
        one.onset_utc_ms <= two.onset_utc_ms + (two.seconds or 0) * 1000
        and two.onset_utc_ms <= one.onset_utc_ms + (one.seconds or 0) * 1000
    )
