"""One reading, heard: does it count, is it late, what does it tell, and which conditions does it turn."""

from typing import Final

from analysis.core import condition, onset, silence, sweep
from analysis.core import track as tracks
from analysis.core.condition import ConditionState
from analysis.core.register import Register
from analysis.core.rules import Watch
from analysis.core.state import Person, Sensor, key_of
from analysis.core.stream import is_new
from analysis.core.track import LATE_MS, Judgement, Track, Turn
from vitals.alarms import Condition, Signal
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, Reason
from vitals.sensors import SensorKind
from vitals.units import MonotonicMs

OFF_BODY: Final = (Reason.OFF_SKIN, Reason.SENSOR_DISPLACED)
"""What the codecs say of a sensor that works but is not where it belongs; the bare contact bit lies too often."""

_WATCH_OF: Final = {SensorKind.STRAP: Watch.HR, SensorKind.OXIMETER: Watch.SPO2}


def hear_reading(register: Register, reading: Reading, *, stream_ms: MonotonicMs) -> None:
    """Take one reading of a strap or oximeter; any other, and one heard before, changes nothing."""
    state = register.state
    sensor = state.sensors.get(reading.sensor)
    if sensor is None:
        state.counters.unassigned += 1
        return
    value: float | None
    match reading:
        case HeartRateReading() if sensor.kind is SensorKind.STRAP:
            value = reading.hr_bpm
        case OximeterReading() if sensor.kind is SensorKind.OXIMETER:
            value = reading.spo2_pct
        case _:
            return
    state.counters.readings += 1
    if not is_new(sensor, run=reading.run, seq=reading.seq):
        state.counters.duplicates += 1
        return
    off_body = reading.reason in OFF_BODY
    is_good = value is not None and reading.quality is Quality.GOOD
    person = state.people[sensor.participant]
    track = person.tracks[_WATCH_OF[sensor.kind]]
    at_ms = min(stream_ms, register.now_ms)
    if register.now_ms - at_ms >= LATE_MS:
        state.counters.late += 1
        if is_good and value is not None:
            _hear_late(register, sensor, person, track, value=float(value), at_ms=at_ms)
        return
    if at_ms < sensor.assigned_ms:
        # Worn by somebody else, or by nobody, when it was measured.
        return
    if off_body or (value is not None and reading.quality is not Quality.UNUSABLE):
        _tell(register, sensor, reading, at_ms=at_ms)
        _feel(register, sensor, person, off_body=off_body, at_ms=at_ms)
    if is_good and value is not None:
        _measure(register, person, track, reading, value=float(value), at_ms=at_ms)


def settle_late(register: Register) -> None:
    """List what late readings left open, once no more of them come."""
    for person in register.state.people.values():
        for track in person.tracks.values():
            if track.late_heard_ms and tracks.has_late(track):
                for turn in tracks.settle_late(track, now_ms=register.now_ms):
                    _find(register, person, turn, ended_ms=turn.before.seen_ms)


def _tell(register: Register, sensor: Sensor, reading: Reading, *, at_ms: MonotonicMs) -> None:
    """Note that a sensor is not silent; NO_DATA ends when it has been telling for a while."""
    rule = register.book.no_data[sensor.kind]
    if sensor.silence.told_ms is None:
        sweep.hear_gateway_through(register, sensor.gateway)
    sensor.silence = silence.hear(sensor.silence, rule, at_ms=at_ms)
    sensor.run, sensor.seq = reading.run, reading.seq
    if register.state.alarms and silence.is_back(sensor.silence, rule):
        register.finish(sensor.sensor, rule.id)


def _feel(register: Register, sensor: Sensor, person: Person, *, off_body: bool, at_ms: MonotonicMs) -> None:
    """Judge whether a sensor is off the body: the same machine as for values, over 1 and 0."""
    before, rule = sensor.contact, register.book.contact
    if at_ms < before.seen_ms or rule.limit is None:
        return
    if not off_body and before.condition is Condition.INACTIVE:
        return
    after = condition.step(before, rule, limit=rule.limit, value=1.0 if off_body else 0.0, at_ms=at_ms)
    sensor.contact = after
    if condition.stands(after) and not condition.stands(before):
        alarm = onset.sensor_alarm(
            sensor,
            rule,
            session=person.session,
            priority=rule.priority,
            seq=sensor.seq,
            breach_ms=after.breach_ms,
            onset_ms=after.onset_ms,
            onset_utc_ms=register.utc_ms(after.onset_ms),
        )
        register.announce(alarm)
    elif condition.stands(before) and not condition.stands(after):
        register.finish(sensor.sensor, rule.id)


def _measure(
    register: Register, person: Person, track: Track, reading: Reading, *, value: float, at_ms: MonotonicMs
) -> None:
    """Judge one good value by every rule of its vital sign."""
    for turn in tracks.hear(track, register.book, value=value, at_ms=at_ms):
        judgement = turn.judgement
        rule = register.book.judged(judgement.rule, judgement.phase, judgement.op, judgement.hold_s)
        if turn.past:
            _find(register, person, turn, ended_ms=turn.before.seen_ms)
        elif condition.stands(turn.after):
            utc_ms = register.utc_ms(turn.after.onset_ms)
            alarm = onset.vital_alarm(
                person, judgement, rule, turn.after, run=reading.run, seq=reading.seq, onset_utc_ms=utc_ms
            )
            register.announce(alarm)
            register.state.swept_until_ms = MonotonicMs(0)
        else:
            subject = person.entry.participant
            register.state.ended[key_of(subject, rule.id)] = (turn.before.breach_ms, at_ms)
            register.finish(subject, rule.id, latch=rule.latch, last=turn.before)
    if register.state.alarms:
        _bring_back(register, person, track)


def _bring_back(register: Register, person: Person, track: Track) -> None:
    """Take the mark of a lost source from alarms that a good value has just reached."""
    for judgement in track.judgements:
        if condition.stands(judgement.state):
            alarm = register.get(person.entry.participant, judgement.rule)
            if alarm is not None and alarm.source_lost:
                register.mark_source(alarm, lost=False)
                register.state.swept_until_ms = MonotonicMs(0)


def _hear_late(
    register: Register, sensor: Sensor, person: Person, track: Track, *, value: float, at_ms: MonotonicMs
) -> None:
    """Judge a late value beside the live ones; only what began and ended among late ones is listed."""
    if register.utc_ms(at_ms) < sensor.from_utc_ms:
        return
    for turn in tracks.hear_late(track, register.book, value=value, at_ms=at_ms, now_ms=register.now_ms):
        _find(register, person, turn, ended_ms=at_ms)


def _find(register: Register, person: Person, turn: Turn, *, ended_ms: MonotonicMs) -> None:
    """List a condition that is over, unless it was part of an alarm that people were told of."""
    if not _was_told(register, person, turn.judgement, turn.before, ended_ms=ended_ms):
        utc_ms, judgement = register.utc_ms(turn.before.onset_ms), turn.judgement
        rule = register.book.judged(judgement.rule, judgement.phase, judgement.op, judgement.hold_s)
        alarm = onset.vital_alarm(person, judgement, rule, turn.before, run="found", seq=utc_ms, onset_utc_ms=utc_ms)
        register.note_afterwards(onset.past(alarm, ended_ms=ended_ms))


def _was_told(
    register: Register, person: Person, judgement: Judgement, found: ConditionState, *, ended_ms: MonotonicMs
) -> bool:
    subject = person.entry.participant
    alarm = register.get(subject, judgement.rule)
    if alarm is not None and alarm.signal is not Signal.LATCHED and alarm.breach_mono_ms <= ended_ms:
        return True
    told = register.state.ended.get(key_of(subject, judgement.rule))
    return told is not None and told[0] <= ended_ms and found.breach_ms <= told[1]
