"""A person's alarms of a session, each with how long it took somebody to answer, and what it turned out to be."""

from collections.abc import Iterable

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from analysis.summary.calls import Calls, calls_of
from analysis.summary.part import Part
from vitals.alarms import AlarmEvent, AlarmId, Change, Family, Priority, RuleId, alarm_text
from vitals.delivery import Course
from vitals.entries import AlarmJudged, Entry, Outcome
from vitals.units import UtcMs

_BEGINS = frozenset({Change.RAISED, Change.RETRIGGERED, Change.FOUND_AFTERWARDS})
_ENDS = frozenset({Change.CLEARED, Change.LATCHED, Change.SESSION_ENDED})


class AlarmFigure(Struct, frozen=True, kw_only=True):
    """One alarm. ``response_s``: from onset to the first acknowledgement or accept; None: nobody took it.

    ``found_afterwards``: it was never a live alarm. ``outcome``: as somebody judged it; the last word counts.
    ``calls``: who was called; unset where the record has nothing of it, so that an older summary keeps its digest.
    """

    alarm_id: AlarmId
    rule: RuleId
    family: Family
    priority: Priority
    text: str
    onset_utc_ms: UtcMs
    ended_utc_ms: UtcMs | None = None
    peak: float | None = None
    limit: float | None = None
    acknowledged_utc_ms: UtcMs | None = None
    acknowledged_by: str = ""
    response_s: float | None = None
    outcome: Outcome | None = None
    judged_by: str = ""
    found_afterwards: bool = False
    calls: Calls | UnsetType = UNSET

    @property
    def answered_by(self) -> str:
        """Who answered first, on a phone or on a screen; empty: nobody."""
        calls = self.calls
        if calls is UNSET or calls.accepted_utc_ms is None:
            return self.acknowledged_by
        taken = self.acknowledged_utc_ms
        return calls.accepted_by if taken is None or calls.accepted_utc_ms <= taken else self.acknowledged_by


def alarms_of(part: Part) -> tuple[AlarmFigure, ...]:
    """Return the alarms of a part by onset."""
    return list_alarms(part.events, part.entries, part.courses)


def list_alarms(
    events: Iterable[AlarmEvent], entries: Iterable[Entry], courses: Iterable[Course] = ()
) -> tuple[AlarmFigure, ...]:
    """Return the alarms of changes in the order of time; a retriggered one keeps its id and is one alarm."""
    found: dict[AlarmId, AlarmFigure] = {}
    for event in events:
        alarm = event.alarm
        known = found.get(alarm.alarm_id)
        if known is None:
            known = AlarmFigure(
                alarm_id=alarm.alarm_id,
                rule=alarm.rule,
                family=alarm.family,
                priority=alarm.priority,
                text=alarm_text(alarm),
                onset_utc_ms=alarm.onset_utc_ms,
                found_afterwards=event.change is Change.FOUND_AFTERWARDS,
            )
        found[alarm.alarm_id] = _turn(known, event)
    for entry in entries:
        body = entry.body
        if isinstance(body, AlarmJudged) and body.alarm_id in found:
            found[body.alarm_id] = replace(found[body.alarm_id], outcome=body.outcome, judged_by=entry.by)
    for alarm_id, calls in calls_of(courses).items():
        if alarm_id in found:
            found[alarm_id] = _called(found[alarm_id], calls)
    return tuple(sorted(found.values(), key=lambda one: (one.onset_utc_ms, one.alarm_id)))


def _called(known: AlarmFigure, calls: Calls) -> AlarmFigure:
    waited_s = known.response_s
    if calls.accepted_utc_ms is not None:
        accepted_s = round(max(0, calls.accepted_utc_ms - known.onset_utc_ms) / 1000, 1)
        waited_s = accepted_s if waited_s is None else min(waited_s, accepted_s)
    return replace(known, calls=calls, response_s=waited_s)


def _turn(known: AlarmFigure, event: AlarmEvent) -> AlarmFigure:
    alarm = event.alarm
    known = replace(known, priority=alarm.priority, peak=alarm.peak, limit=alarm.limit)
    if event.change in _BEGINS:
        return replace(known, ended_utc_ms=None)
    if event.change in _ENDS:
        return replace(known, ended_utc_ms=event.utc_ms)
    taken = alarm.acknowledged
    if event.change is Change.ACKNOWLEDGED and taken is not None and known.acknowledged_utc_ms is None:
        waited_s = round(max(0, event.utc_ms - known.onset_utc_ms) / 1000, 1)
        return replace(known, acknowledged_utc_ms=event.utc_ms, acknowledged_by=taken.by, response_s=waited_s)
    return known
