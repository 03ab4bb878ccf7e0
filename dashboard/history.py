"""What the record says of one person's class, as a chart shows it: limits as they were, phases, alarms, beats. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analysis.summary.alarms import ended_utc_ms
from analysis.summary.calls import Calls, calls_of
from ingest.store.stored import StoredReading
from vitals.alarms import AlarmEvent, AlarmState, Change, RuleId, Signal, alarm_text
from vitals.delivery import Course
from vitals.entries import AlarmJudged, Entry
from vitals.explanations import explain
from vitals.participants import ParticipantId
from vitals.sessions import Roster, RosterEntry
from vitals.units import UtcMs

RR_MS_MIN: Final = 270.0
RR_MS_MAX: Final = 2_200.0
"""Beats of 220 to 27 per minute: outside, an interval is none of a heart in exercise."""

RR_STEP_SHARE: Final = 0.25
"""An interval that differs from the one before by more than a quarter is odd: an extra beat, or none (Malik's filter
takes 20 %; exercise changes rates faster)."""

_OVER: Final = frozenset({Change.CLEARED, Change.RESOLVED, Change.SESSION_ENDED, Change.LATCHED})


class LimitSpan(Struct, frozen=True, kw_only=True):
    """The limits of a person from a time on."""

    from_utc_ms: UtcMs
    hr_upper: float | None
    hr_lower: float | None
    spo2_floor: float | None
    zone_low_bpm: int | None
    zone_high_bpm: int | None


class PhaseSpan(Struct, frozen=True, kw_only=True):
    """The phase of a person from a time on."""

    from_utc_ms: UtcMs
    phase: str


class AlarmSpan(Struct, frozen=True, kw_only=True):
    """One alarm from its beginning to the end of its condition; ``outcome``: what somebody found it to be.

    ``calls``: who was called about it; None: the record does not have it, as long as its signal is on.

    ``value``: the worst one, which the text says too; ``op``, ``limit`` and ``detail`` for a page that speaks another
    language.
    """

    id: str
    rule: str
    family: str
    priority: str
    text: str
    explanation: str
    onset_utc_ms: UtcMs
    ended_utc_ms: UtcMs | None
    acknowledged_by: str | None
    acknowledged_utc_ms: UtcMs | None
    outcome: str | None
    value: float | None = None
    op: str | None = None
    limit: float | None = None
    detail: str = ""
    calls: Calls | None = None


class BeatPiece(Struct, frozen=True, kw_only=True):
    """So many % of the beats in a piece of time are odd."""

    utc_ms: UtcMs
    odd_pct: float


def find_limits(heard: Sequence[tuple[UtcMs, Roster]], participant: ParticipantId) -> tuple[LimitSpan, ...]:
    """Return the limits of a person as they were, one span for each change.

    Args:
        heard: every version of the roster with when it came, oldest first; the first one counts from the start.
        participant: of whom.
    """
    spans: list[LimitSpan] = []
    for since, entry, _ in _versions(heard, participant):
        limits = {limit.rule: limit.value for limit in entry.limits}
        span = LimitSpan(
            from_utc_ms=since,
            hr_upper=limits.get(RuleId.HR_OVER),
            hr_lower=limits.get(RuleId.HR_LOW),
            spo2_floor=limits.get(RuleId.SPO2_LOW),
            zone_low_bpm=entry.zone_low_bpm,
            zone_high_bpm=entry.zone_high_bpm,
        )
        if not spans or _what(spans[-1]) != _what(span):
            spans.append(span)
    return tuple(spans)


def find_phases(heard: Sequence[tuple[UtcMs, Roster]], participant: ParticipantId) -> tuple[PhaseSpan, ...]:
    """Return the phases of a person: the person's own where there is one, else those of the class."""
    spans: list[PhaseSpan] = []
    for since, entry, roster in _versions(heard, participant):
        phase = (entry.phase or roster.phase).value
        if not spans or spans[-1].phase != phase:
            spans.append(PhaseSpan(from_utc_ms=since, phase=phase))
    return tuple(spans)


def find_alarms(
    events: Iterable[AlarmEvent],
    entries: Iterable[Entry],
    participant: ParticipantId,
    courses: Iterable[Course] = (),
) -> tuple[AlarmSpan, ...]:
    """Return the alarms of a person by their beginning, each with who took it and what it was found to be."""
    judged = {
        entry.body.alarm_id: entry.body.outcome.value
        for entry in sorted(entries, key=lambda entry: entry.at_utc_ms)
        if isinstance(entry.body, AlarmJudged)
    }
    calls = calls_of(courses)
    first: dict[str, AlarmState] = {}
    last: dict[str, AlarmEvent] = {}
    ended: dict[str, UtcMs | None] = {}
    taken: dict[str, tuple[str, UtcMs]] = {}
    for event in events:
        alarm = event.alarm
        if alarm.participant != participant:
            continue
        first.setdefault(alarm.alarm_id, alarm)
        last[alarm.alarm_id] = event
        if event.change in _OVER:
            ended[alarm.alarm_id] = ended.get(alarm.alarm_id) or event.utc_ms
        elif event.change is Change.RETRIGGERED:
            ended[alarm.alarm_id] = None
        if alarm.acknowledged is not None:
            taken.setdefault(alarm.alarm_id, (alarm.acknowledged.by, alarm.acknowledged.at_utc_ms))
    spans = [
        AlarmSpan(
            id=name,
            rule=event.alarm.rule.value,
            family=event.alarm.family.value,
            priority=event.alarm.priority.value,
            text=alarm_text(_at_worst(event.alarm)),
            explanation=explain(event.alarm),
            onset_utc_ms=first[name].onset_utc_ms,
            ended_utc_ms=ended.get(name) or (ended_utc_ms(event) if event.alarm.signal is Signal.OFF else None),
            acknowledged_by=taken[name][0] if name in taken else None,
            acknowledged_utc_ms=taken[name][1] if name in taken else None,
            outcome=judged.get(event.alarm.alarm_id),
            value=_at_worst(event.alarm).value,
            op=None if event.alarm.op is None else event.alarm.op.value,
            limit=event.alarm.limit,
            detail=event.alarm.detail,
            calls=calls.get(event.alarm.alarm_id),
        )
        for name, event in last.items()
    ]
    return tuple(sorted(spans, key=lambda span: (span.onset_utc_ms, span.id)))


def measure_beats(readings: Iterable[StoredReading], *, bucket_ms: int) -> tuple[BeatPiece, ...]:
    """Return the share of odd beats for each piece of time that has intervals between beats."""
    odd: dict[int, int] = {}
    count: dict[int, int] = {}
    before: float | None = None
    for reading in readings:
        at = reading.utc_ms // bucket_ms * bucket_ms
        for rr_ms in reading.rr_ms:
            count[at] = count.get(at, 0) + 1
            odd[at] = odd.get(at, 0) + _is_odd(rr_ms, before)
            before = rr_ms
    return tuple(BeatPiece(utc_ms=UtcMs(at), odd_pct=100 * odd[at] / count[at]) for at in sorted(count))


def _at_worst(alarm: AlarmState) -> AlarmState:
    """Return an alarm with its worst value: the newest one is that at which it ended."""
    return alarm if alarm.peak is None else replace(alarm, value=alarm.peak)


def _is_odd(rr_ms: float, before_ms: float | None) -> bool:
    if not RR_MS_MIN <= rr_ms <= RR_MS_MAX:
        return True
    return before_ms is not None and abs(rr_ms - before_ms) > RR_STEP_SHARE * before_ms


def _versions(
    heard: Sequence[tuple[UtcMs, Roster]], participant: ParticipantId
) -> Iterable[tuple[UtcMs, RosterEntry, Roster]]:
    for index, (since, roster) in enumerate(heard):
        entry = next((one for one in roster.entries if one.participant == participant), None)
        if entry is not None:
            yield (roster.started_utc_ms if index == 0 else since), entry, roster


def _what(span: LimitSpan) -> tuple[float | None, ...]:
    return span.hr_upper, span.hr_lower, span.spo2_floor, span.zone_low_bpm, span.zone_high_bpm
