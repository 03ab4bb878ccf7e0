"""One reading, heard: does it count, is it late, how far may it be trusted, what does it tell.

What the rules may judge of it is handed on (`judging.py`); what it says of its own sensor is judged here.
"""

from typing import Final

from analysis.core import finding, judging, pace, silence, sweep
from analysis.core.condition import IDLE
from analysis.core.exertion import meter
from analysis.core.exertion.metabolic import mets_of
from analysis.core.quality import agreement, oximeter, strap
from analysis.core.quality.gate import Evidence
from analysis.core.register import Register
from analysis.core.rules import Watch
from analysis.core.state import Person, Sensor, key_of
from analysis.core.stream import is_new
from analysis.core.track import LATE_MS
from vitals.alarms import Condition, RuleId
from vitals.passport import Agreement
from vitals.readings import BatteryReading, HeartRateReading, OximeterReading, Quality, Reading, Reason, WorkloadReading
from vitals.sensors import SensorKind
from vitals.units import MonotonicMs

OFF_BODY: Final = (Reason.OFF_SKIN, Reason.SENSOR_DISPLACED)
"""What the codecs say of a sensor that works but is not where it belongs."""


MASS_KG: Final = 75.0
"""A bike tells watts, not kilograms. Rules look at the rise of work only: at 50 kg it is half as steep again."""


def hear_reading(register: Register, reading: Reading, *, stream_ms: MonotonicMs) -> None:
    """Take one reading of a sensor that somebody wears or uses; any other, and one heard before, changes nothing."""
    state = register.state
    sensor = state.sensors.get(reading.sensor)
    if sensor is None:
        state.counters.unassigned += 1
        return
    person = state.people[sensor.participant]
    at_ms = min(stream_ms, register.now_ms)
    match reading:
        case HeartRateReading() if sensor.kind is SensorKind.STRAP:
            if _counts(register, sensor, reading) and not _is_late(register, sensor, person, reading, at_ms=at_ms):
                _hear_strap(register, sensor, person, reading, at_ms=at_ms)
        case OximeterReading() if sensor.kind is SensorKind.OXIMETER:
            if _counts(register, sensor, reading) and not _is_late(register, sensor, person, reading, at_ms=at_ms):
                _hear_oximeter(register, sensor, person, reading, at_ms=at_ms)
        case WorkloadReading() if sensor.kind is SensorKind.MACHINE:
            if reading.quality is Quality.GOOD and register.now_ms - at_ms < LATE_MS:
                _hear_work(person, reading, at_ms=at_ms)
        case BatteryReading(battery_pct=int(battery_pct)):
            finding.judge_battery(register, sensor, battery_pct=battery_pct, at_ms=at_ms)
        case _:
            pass


def _hear_work(person: Person, reading: WorkloadReading, *, at_ms: MonotonicMs) -> None:
    """Take what a machine tells: rules need only its rise, what is shown needs the person's own mass."""
    own = mets_of(reading, mass_kg=person.entry.mass_kg)
    if own is not None:
        meter.hear_work(person.meter, met=own, at_ms=at_ms)
    met = own if own is not None else mets_of(reading, mass_kg=MASS_KG)
    if met is not None:
        pace.hear_work(person.shape.pace, work_met=met, at_ms=at_ms)


def _counts(register: Register, sensor: Sensor, reading: Reading) -> bool:
    """Count a reading of a vital sign and return whether it was not heard before."""
    counters = register.state.counters
    counters.readings += 1
    if is_new(sensor, run=reading.run, seq=reading.seq):
        return True
    counters.duplicates += 1
    return False


def _is_late(
    register: Register,
    sensor: Sensor,
    person: Person,
    reading: HeartRateReading | OximeterReading,
    *,
    at_ms: MonotonicMs,
) -> bool:
    """Return whether a reading tells nothing live: too old, which is looked at beside, or of another wearer."""
    if register.now_ms - at_ms >= LATE_MS:
        register.state.counters.late += 1
        is_strap = isinstance(reading, HeartRateReading)
        value = reading.hr_bpm if isinstance(reading, HeartRateReading) else reading.spo2_pct
        if value is not None and reading.quality is Quality.GOOD and register.utc_ms(at_ms) >= sensor.from_utc_ms:
            watch = Watch.HR if is_strap else Watch.SPO2
            judging.judge_late(register, person, watch, value=float(value), at_ms=at_ms)
        return True
    # Worn by somebody else, or by nobody, when it was measured.
    return at_ms < sensor.assigned_ms


def _hear_strap(
    register: Register, sensor: Sensor, person: Person, reading: HeartRateReading, *, at_ms: MonotonicMs
) -> None:
    """Take a live reading of a strap."""
    sensor.strap, verdict = strap.step(sensor.strap, reading, at_ms=at_ms)
    person.heard[Watch.HR] = sensor.sensor
    touch = verdict.contact
    off_body = (reading.reason is not None and reading.reason in OFF_BODY) or (touch.lost and not touch.ghost)
    if off_body or (reading.hr_bpm is not None and reading.quality is not Quality.UNUSABLE):
        _tell(register, sensor, reading, at_ms=at_ms)
        if off_body or sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=off_body, at_ms=at_ms)
    if touch.ghost or sensor.ghost is not IDLE:
        rule, ghost = register.book.ghost, 1.0 if touch.ghost else 0.0
        sensor.ghost = finding.judge_sensor(register, sensor, person, rule, sensor.ghost, value=ghost, at_ms=at_ms)
    evidence = verdict.evidence
    if not register.book.rules.hold_back:
        is_good = reading.hr_bpm is not None and reading.quality is Quality.GOOD
        evidence = (Evidence(at_ms, float(reading.hr_bpm or 0)),) if is_good else ()
    if not evidence:
        return
    _trust(register, sensor, at_ms=evidence[-1].at_ms)
    is_proven = bool(reading.rr_ms) or reading.contact is True
    for one in evidence:
        judging.judge_rate(register, person, reading, value=one.value, at_ms=one.at_ms, is_proven=is_proven)
    if Watch.SPO2 in person.heard:
        _compare(register, person, hr_bpm=evidence[-1].value, at_ms=evidence[-1].at_ms)


def _hear_oximeter(
    register: Register, sensor: Sensor, person: Person, reading: OximeterReading, *, at_ms: MonotonicMs
) -> None:
    """Take a live reading of an oximeter."""
    sensor.oximeter, verdict = oximeter.step(sensor.oximeter, reading, at_ms=at_ms)
    person.heard[Watch.SPO2] = sensor.sensor
    off_body = reading.reason is not None and reading.reason in OFF_BODY
    if off_body or (reading.spo2_pct is not None and reading.quality is not Quality.UNUSABLE):
        _tell(register, sensor, reading, at_ms=at_ms)
        if off_body or sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=off_body, at_ms=at_ms)
    evidence = verdict.evidence
    if not register.book.rules.hold_back:
        is_good = reading.spo2_pct is not None and verdict.reason is reading.reason
        is_good = is_good and reading.quality is Quality.GOOD
        evidence = (Evidence(at_ms, reading.spo2_pct or 0.0),) if is_good else ()
    if verdict.pulse_bpm is not None:
        _compare(register, person, pulse_bpm=verdict.pulse_bpm, at_ms=at_ms)
    if not evidence:
        return
    _trust(register, sensor, at_ms=evidence[-1].at_ms)
    for one in evidence:
        judging.judge_value(register, person, Watch.SPO2, reading, value=one.value, at_ms=one.at_ms)


def _tell(register: Register, sensor: Sensor, reading: Reading, *, at_ms: MonotonicMs) -> None:
    """Note that a sensor is not silent; NO_DATA ends when it has been telling for a while."""
    rule = register.book.no_data[sensor.kind]
    if sensor.silence.told_ms is None:
        sweep.hear_gateway_through(register, sensor.gateway)
    silence.hear(sensor.silence, rule, at_ms=at_ms)
    sensor.run, sensor.seq = reading.run, reading.seq
    if sensor.is_missed and silence.is_back(sensor.silence, rule):
        register.finish(sensor.sensor, rule.id)
        sensor.is_missed = key_of(sensor.sensor, RuleId.QUESTIONABLE) in register.state.alarms


def _trust(register: Register, sensor: Sensor, *, at_ms: MonotonicMs) -> None:
    """Note that a sensor gave the rules something; QUESTIONABLE ends when it has done so for a while."""
    rule = register.book.questionable
    silence.hear(sensor.trust, rule, at_ms=at_ms)
    if sensor.is_missed and silence.is_back(sensor.trust, rule):
        register.finish(sensor.sensor, rule.id)
        sensor.is_missed = key_of(sensor.sensor, RuleId.NO_DATA) in register.state.alarms


def _feel(register: Register, sensor: Sensor, person: Person, *, off_body: bool, at_ms: MonotonicMs) -> None:
    """Judge whether a sensor is off the body: the same machine as for values, over 1 and 0."""
    before = sensor.contact
    if at_ms < before.seen_ms or (not off_body and before.condition is Condition.INACTIVE):
        return
    rule, value = register.book.contact, 1.0 if off_body else 0.0
    sensor.contact = finding.judge_sensor(register, sensor, person, rule, before, value=value, at_ms=at_ms)


def _compare(
    register: Register,
    person: Person,
    *,
    at_ms: MonotonicMs,
    hr_bpm: float | None = None,
    pulse_bpm: float | None = None,
) -> None:
    """Compare strap and oximeter of one person; their difference is a series of its own, judged once a second."""
    before = person.pair
    person.pair = pair = agreement.step(before, hr_bpm=hr_bpm, pulse_bpm=pulse_bpm, at_ms=at_ms)[0]
    if pair.judged_ms == before.judged_ms or pair.pulse_bpm is None or not pair.trail:
        return
    if pair.agreement is Agreement.AGREE and person.disagree is IDLE:
        return
    if pair.agreement is Agreement.UNKNOWN and pair.since_ms is None:
        # The rate changes too fast to be compared.
        return
    rule = register.book.disagree
    # The oximeter is behind: what it tells now was so some time in the last seconds.
    apart_bpm = max(min(pair.trail) - pair.pulse_bpm, pair.pulse_bpm - max(pair.trail), 0.0)
    if person.disagree.condition is Condition.INACTIVE and apart_bpm <= (rule.limit or 0.0):
        return
    person.disagree = finding.judge_pair(register, person, rule, person.disagree, value=apart_bpm, at_ms=at_ms)
