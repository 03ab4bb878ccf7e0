"""What an alarm says when it begins: the first `AlarmState` of a condition, in all its fields."""

from msgspec.structs import replace

from analysis.core.announcement import name_alarm
from analysis.core.condition import ConditionState
from analysis.core.rules import Rule, Watch
from analysis.core.state import Person, Sensor
from analysis.core.track import Judgement
from vitals.alarms import AlarmState, Condition, Family, Priority, Signal, SubjectKind
from vitals.parts import Part
from vitals.sensors import SensorKind
from vitals.sessions import SessionId
from vitals.units import MonotonicMs, Unit, UtcMs

DETAILS = {SensorKind.STRAP: "hr", SensorKind.OXIMETER: "oximeter"}
"""What is missing when a sensor tells nothing."""

_UNITS = {Watch.SPO2: Unit.PERCENT}


def vital_alarm(
    person: Person,
    judgement: Judgement,
    rule: Rule,
    state: ConditionState,
    *,
    run: str,
    seq: int,
    onset_utc_ms: UtcMs,
) -> AlarmState:
    """Return the alarm of one rule on one person; ``run`` and ``seq`` name the reading that completed the hold."""
    subject = person.entry.participant
    return AlarmState(
        alarm_id=name_alarm(subject=subject, rule=rule.id, run=run, seq=seq),
        revision=1,
        subject=subject,
        subject_kind=SubjectKind.PARTICIPANT,
        rule=rule.id,
        family=Family.PHYSIOLOGICAL,
        priority=rule.priority,
        condition=state.condition,
        signal=Signal.ON,
        session=person.session,
        participant=subject,
        unit=_UNITS.get(rule.watch, Unit.BPM),
        op=rule.op,
        value=state.value,
        peak=state.peak,
        limit=judgement.limit,
        limit_reason=judgement.reason,
        hold_s=rule.legs[0].hold_s,
        breach_mono_ms=state.breach_ms,
        onset_mono_ms=state.onset_ms,
        onset_utc_ms=onset_utc_ms,
    )


def sensor_alarm(
    sensor: Sensor,
    rule: Rule,
    *,
    session: SessionId | None,
    priority: Priority,
    seq: int,
    breach_ms: MonotonicMs,
    onset_ms: MonotonicMs,
    onset_utc_ms: UtcMs,
    value: float | None = None,
) -> AlarmState:
    """Return a technical alarm about one sensor; ``seq`` counts in the sensor's newest run."""
    return AlarmState(
        alarm_id=name_alarm(subject=sensor.sensor, rule=rule.id, run=sensor.run, seq=seq),
        revision=1,
        subject=sensor.sensor,
        subject_kind=SubjectKind.SENSOR,
        rule=rule.id,
        family=Family.TECHNICAL,
        priority=priority,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        session=session,
        participant=sensor.participant,
        value=value,
        limit=None if value is None else rule.limit,
        op=None if value is None else rule.op,
        detail=DETAILS.get(sensor.kind, sensor.kind.value),
        breach_mono_ms=breach_ms,
        onset_mono_ms=onset_ms,
        onset_utc_ms=onset_utc_ms,
    )


def pair_alarm(
    person: Person, rule: Rule, state: ConditionState, *, onset_utc_ms: UtcMs, detail: str = ""
) -> AlarmState:
    """Return a technical alarm about the sensors of one person together."""
    subject = person.entry.participant
    return AlarmState(
        alarm_id=name_alarm(subject=subject, rule=rule.id, run="", seq=onset_utc_ms),
        revision=1,
        subject=subject,
        subject_kind=SubjectKind.PARTICIPANT,
        rule=rule.id,
        family=Family.TECHNICAL,
        priority=rule.priority,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        session=person.session,
        participant=subject,
        unit=None if rule.limit is None else Unit.BPM,
        op=None if rule.limit is None else rule.op,
        value=None if rule.limit is None else state.value,
        limit=rule.limit,
        detail=detail,
        breach_mono_ms=state.breach_ms,
        onset_mono_ms=state.onset_ms,
        onset_utc_ms=onset_utc_ms,
    )


def part_alarm(
    part: Part,
    rule: Rule,
    instance: str,
    *,
    run: str,
    breach_ms: MonotonicMs,
    onset_ms: MonotonicMs,
    onset_utc_ms: UtcMs,
    value: float | None = None,
) -> AlarmState:
    """Return the alarm of a gateway or part; ``run`` is that of its last heartbeat, empty when there was none."""
    is_gateway = part is Part.GATEWAY
    subject = instance if is_gateway else part.value
    return AlarmState(
        alarm_id=name_alarm(subject=subject, rule=rule.id, run=run, seq=onset_utc_ms),
        revision=1,
        subject=subject,
        subject_kind=SubjectKind.GATEWAY if is_gateway else SubjectKind.PART,
        rule=rule.id,
        family=Family.TECHNICAL,
        priority=rule.priority,
        condition=Condition.ACTIVE,
        signal=Signal.ON,
        value=value,
        limit=None if value is None else rule.limit,
        op=None if value is None else rule.op,
        detail="" if is_gateway else instance,
        breach_mono_ms=breach_ms,
        onset_mono_ms=onset_ms,
        onset_utc_ms=onset_utc_ms,
    )


def past(alarm: AlarmState, *, ended_ms: MonotonicMs) -> AlarmState:
    """Return an alarm that is over before anybody could be told."""
    return replace(alarm, condition=Condition.INACTIVE, signal=Signal.OFF, ended_mono_ms=ended_ms)
