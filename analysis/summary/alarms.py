"""A person's alarms of a session, each with how long it took somebody to answer, and what it turned out to be."""

from collections.abc import Iterable

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from analysis.summary.calls import Calls, calls_of
from analysis.summary.part import Part
from vitals.alarms import AlarmEvent, AlarmId, AlarmState, Change, Family, Operator, Priority, RuleId, alarm_text
from vitals.delivery import Course
from vitals.entries import AlarmJudged, Entry, Outcome
from vitals.units import UtcMs

_BEGINS = frozenset({Change.RAISED, Change.RETRIGGERED})
_ENDS = frozenset({Change.CLEARED, Change.LATCHED, Change.SESSION_ENDED, Change.FOUND_AFTERWARDS})
_TAKES = frozenset({Change.ACKNOWLEDGED, Change.RESOLVED})
"""Who sees a latched alarm resolves it."""
_LOW = frozenset({Operator.BELOW, Operator.AT_MOST})


class AlarmFigure(Struct, frozen=True, kw_only=True):
    """One alarm. ``response_s``: from onset to the first acknowledgement or accept; None: nobody took it.

    ``peak``: the worst value of all its times. ``found_afterwards``: it was never a live alarm. ``outcome``: as
    somebody judged it; the last word counts. ``calls``: who was called. ``still_on``: its condition stood when the
    class ended, or when the person was watched no more. The last two are unset where the record has nothing of it, so
    that an older summary keeps its digest.
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
    still_on: bool | UnsetType = UNSET

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
    alarms = list_alarms(part.events, part.entries, part.courses)
    if not part.is_over:
        return alarms
    # Nobody said that it ended: analysis was away when the class did.
    return tuple(replace(one, still_on=True) if one.ended_utc_ms is None else one for one in alarms)


def ended_utc_ms(event: AlarmEvent) -> UtcMs:
    """Return when the condition ended of which a change says that it has: what is found afterwards ended before."""
    ended_ms = event.alarm.ended_mono_ms
    if event.change is not Change.FOUND_AFTERWARDS or ended_ms is None:
        return event.utc_ms
    return UtcMs(event.utc_ms - max(0, event.mono_ms - ended_ms))


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
    known = replace(known, priority=alarm.priority, peak=_worst(known.peak, alarm), limit=alarm.limit)
    if event.change in _BEGINS:
        return replace(known, ended_utc_ms=None, still_on=UNSET)
    if event.change in _ENDS:
        if event.change is not Change.SESSION_ENDED:
            return replace(known, ended_utc_ms=ended_utc_ms(event))
        # A latched one ended when its condition did; the end of the class only takes it off the screens.
        return known if known.ended_utc_ms is not None else replace(known, ended_utc_ms=event.utc_ms, still_on=True)
    taken = alarm.acknowledged
    if event.change in _TAKES and taken is not None and known.acknowledged_utc_ms is None:
        waited_s = round(max(0, event.utc_ms - known.onset_utc_ms) / 1000, 1)
        return replace(known, acknowledged_utc_ms=event.utc_ms, acknowledged_by=taken.by, response_s=waited_s)
    return known


def _worst(known: float | None, alarm: AlarmState) -> float | None:
    """Return the worse of two peaks: one that came again begins with a peak of its own."""
    if known is None or alarm.peak is None or alarm.op is None:
        return known if alarm.peak is None else alarm.peak
    return min(known, alarm.peak) if alarm.op in _LOW else max(known, alarm.peak)
