"""One reading, heard: does it count, is it late, how far may it be trusted, what does it tell.

What the rules may judge of it is handed on (`judging.py`); what it says of its own sensor is judged here.
"""

from math import inf
from typing import Final

from analysis.core import finding, judging, pace, silence, sweep
from analysis.core.condition import IDLE
from analysis.core.exertion import meter
from analysis.core.exertion.metabolic import mets_of
from analysis.core.quality import agreement, calm_oximeter, calm_strap, oximeter, strap
from analysis.core.quality.calm_oximeter import take_saturation
from analysis.core.quality.calm_strap import take_rate
from analysis.core.quality.gate import HR_GATE, Evidence
from analysis.core.register import Register
from analysis.core.rules import Watch
from analysis.core.state import Person, Sensor, key_of
from analysis.core.stream import is_new
from analysis.core.track import LATE_MS
from analysis.core.worn import Worn
from vitals.alarms import Condition, RuleId
from vitals.passport import Agreement
from vitals.readings import BatteryReading, HeartRateReading, OximeterReading, Quality, Reading, Reason, WorkloadReading
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_STRAP: Final = SensorKind.STRAP
_OXIMETER: Final = SensorKind.OXIMETER
_MACHINE: Final = SensorKind.MACHINE
_GOOD: Final = Quality.GOOD
_UNUSABLE: Final = Quality.UNUSABLE
_HR: Final = Watch.HR
_SPO2: Final = Watch.SPO2
_INACTIVE: Final = Condition.INACTIVE
_AGREE: Final = Agreement.AGREE
_PULSE_LOW: Final = float(HR_GATE.low)
_PULSE_HIGH: Final = float(HR_GATE.high)

OFF_BODY: Final = (Reason.OFF_SKIN, Reason.SENSOR_DISPLACED)
"""What the codecs say of a sensor that works but is not where it belongs."""


MASS_KG: Final = 75.0
"""A bike tells watts, not kilograms. Rules look at the rise of work only: at 50 kg it is half as steep again."""


def hear_reading(register: Register, reading: Reading, stream_ms: MonotonicMs) -> None:
    """Take one reading of a sensor that somebody wears or uses; any other, and one heard before, changes nothing."""
    now_ms = register.now_ms
    at_ms = stream_ms if stream_ms < now_ms else now_ms  # noqa: FURB136 - for each reading, and a call takes longer
    # Each kind has lines of its own: where readings of all kinds pass, the interpreter has to look up every attribute.
    if type(reading) is OximeterReading:
        _hear_saturation(register, reading, at_ms)
        return
    if type(reading) is not HeartRateReading:
        worn = register.worn.get(reading.sensor) or _find_worn(register, reading.sensor)
        if worn is not None:
            _hear_anew(register, worn, reading, at_ms)
        return
    try:
        worn = register.worn[reading.sensor]
    except KeyError:
        found = _find_worn(register, reading.sensor)
        if found is None:
            return
        worn = found
    seq, stream = reading.seq, worn.stream
    if not (
        0 <= at_ms - worn.calm_ms <= worn.calm_hole_ms
        and seq == stream.last_seq + 1
        and reading.run == worn.run
        and now_ms - at_ms < LATE_MS
        and not worn.sensor.is_missed
        and worn.kind is _STRAP
    ):
        _hear_anew(register, worn, reading, at_ms)
        return
    # Nearly always: the next of its stream, soon after a good one. `_hear_anew` would come to the same.
    worn.counters.readings += 1
    stream.last_seq = seq
    rate_bpm = take_rate(worn.strap, reading, at_ms)
    if rate_bpm is None:
        _weigh_strap(register, worn, reading, at_ms)
        return
    worn.calm_ms = worn.silence.told_ms = worn.trust.told_ms = at_ms
    worn.sensor.seq = seq
    judging.judge_rate(register, worn, reading, rate_bpm, at_ms)
    if _SPO2 in worn.heard and agreement.hear(worn.pair, worn.recent, rate_bpm, at_ms):
        _weigh_pair(register, worn.person, at_ms)


def _hear_saturation(register: Register, reading: OximeterReading, at_ms: MonotonicMs) -> None:
    """Take what an oximeter tells."""
    try:
        worn = register.worn[reading.sensor]
    except KeyError:
        found = _find_worn(register, reading.sensor)
        if found is None:
            return
        worn = found
    seq, stream = reading.seq, worn.stream
    if not (
        0 <= at_ms - worn.calm_ms <= worn.calm_hole_ms
        and seq == stream.last_seq + 1
        and reading.run == worn.run
        and register.now_ms - at_ms < LATE_MS
        and not worn.sensor.is_missed
        and worn.kind is _OXIMETER
    ):
        _hear_anew(register, worn, reading, at_ms)
        return
    # As with a strap.
    worn.counters.readings += 1
    stream.last_seq = seq
    value = take_saturation(worn.oximeter, reading, at_ms)
    if value is None:
        _weigh_oximeter(register, worn, reading, at_ms)
        return
    worn.calm_ms = worn.silence.told_ms = worn.trust.told_ms = at_ms
    worn.sensor.seq = seq
    pulse_bpm = reading.pulse_bpm
    if (
        pulse_bpm is not None
        and _PULSE_LOW <= pulse_bpm <= _PULSE_HIGH
        and agreement.hear(worn.pair, worn.recent, pulse_bpm, at_ms)
    ):
        _weigh_pair(register, worn.person, at_ms)
    judging.judge_value(register, worn, reading, value, at_ms)


def _hear_anew(register: Register, worn: Worn, reading: Reading, at_ms: MonotonicMs) -> None:
    """Take a reading of which nothing is known yet: whether it is new, live, in time, and of a calm sensor."""
    kind = worn.kind
    # Not `match`, which takes several times as long.
    if kind is _STRAP and isinstance(reading, HeartRateReading):
        if _is_live(register, worn, reading, at_ms):
            _hear_strap(register, worn, reading, at_ms)
    elif kind is _OXIMETER and isinstance(reading, OximeterReading):
        if _is_live(register, worn, reading, at_ms):
            _hear_oximeter(register, worn, reading, at_ms)
    elif kind is _MACHINE and isinstance(reading, WorkloadReading):
        if reading.quality is _GOOD and register.now_ms - at_ms < LATE_MS:
            _hear_work(worn.person, reading, at_ms)
    elif isinstance(reading, BatteryReading) and reading.battery_pct is not None:
        finding.judge_battery(register, worn.sensor, battery_pct=reading.battery_pct, at_ms=at_ms)


def _find_worn(register: Register, name: SensorId) -> Worn | None:
    """Return a sensor with what its readings touch, for this and later readings; None, and counted: nobody wears it."""
    state = register.state
    sensor = state.sensors.get(name)
    if sensor is None:
        state.counters.unassigned += 1
        return None
    worn = register.worn[name] = Worn(sensor, state, register.book)
    return worn


def _hear_work(person: Person, reading: WorkloadReading, at_ms: MonotonicMs) -> None:
    """Take what a machine tells: rules need only its rise, what is shown needs the person's own mass."""
    own = mets_of(reading, mass_kg=person.entry.mass_kg)
    if own is not None:
        meter.hear_work(person.meter, own, at_ms)
    met = own if own is not None else mets_of(reading, mass_kg=MASS_KG)
    if met is not None:
        pace.hear_work(person.shape.pace, met, at_ms)


def _is_live(register: Register, worn: Worn, reading: HeartRateReading | OximeterReading, at_ms: MonotonicMs) -> bool:
    """Count a reading and return whether it tells something live: not heard before, young, and of this wearer."""
    counters, sensor = register.state.counters, worn.sensor
    counters.readings += 1
    # Whatever comes of it, the next reading has to be looked at anew.
    worn.calm_ms = inf
    new = is_new(sensor, run=reading.run, seq=reading.seq)
    worn.run, worn.stream = reading.run, sensor.streams[reading.run]
    if not new:
        counters.duplicates += 1
        return False
    if register.now_ms - at_ms >= LATE_MS:
        counters.late += 1
        _look_beside(register, sensor, worn.person, reading, at_ms=at_ms)
        return False
    # Worn by somebody else, or by nobody, when it was measured?
    return at_ms >= sensor.assigned_ms


def _look_beside(
    register: Register,
    sensor: Sensor,
    person: Person,
    reading: HeartRateReading | OximeterReading,
    *,
    at_ms: MonotonicMs,
) -> None:
    """Look at a reading that is too old to raise anything live."""
    is_strap = isinstance(reading, HeartRateReading)
    value = reading.hr_bpm if isinstance(reading, HeartRateReading) else reading.spo2_pct
    if value is not None and reading.quality is _GOOD and register.utc_ms(at_ms) >= sensor.from_utc_ms:
        judging.judge_late(register, person, _HR if is_strap else _SPO2, value=float(value), at_ms=at_ms)


def _hear_strap(register: Register, worn: Worn, reading: HeartRateReading, at_ms: MonotonicMs) -> None:
    """Take a live reading of a strap."""
    sensor, person = worn.sensor, worn.person
    person.heard[_HR] = sensor.sensor
    state = sensor.strap
    rate_bpm = take_rate(state, reading, at_ms) if worn.is_calm and calm_strap.follows(state, at_ms) else None
    if rate_bpm is None:
        _weigh_strap(register, worn, reading, at_ms)
        return
    if not _goes_on(worn, reading, at_ms):
        _tell(register, worn, reading, at_ms=at_ms)
        if sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=False, at_ms=at_ms)
        if sensor.ghost is not IDLE:
            rule = register.book.ghost
            sensor.ghost = finding.judge_sensor(register, sensor, person, rule, sensor.ghost, value=0.0, at_ms=at_ms)
        _trust(register, worn, at_ms=at_ms)
    judging.judge_rate(register, worn, reading, rate_bpm, at_ms)
    if _SPO2 in worn.heard and agreement.hear(worn.pair, worn.recent, rate_bpm, at_ms):
        _weigh_pair(register, person, at_ms)


def _weigh_strap(register: Register, worn: Worn, reading: HeartRateReading, at_ms: MonotonicMs) -> None:
    """Take a reading of a strap that is not calm: the long way, which is the same for a calm one."""
    sensor, person = worn.sensor, worn.person
    worn.calm_ms = inf
    sensor.strap, verdict = strap.step(sensor.strap, reading, at_ms=at_ms)
    worn.look_again(register.book)
    touch = verdict.contact
    off_body = (reading.reason is not None and reading.reason in OFF_BODY) or (touch.lost and not touch.ghost)
    if off_body or (reading.hr_bpm is not None and reading.quality is not _UNUSABLE):
        _tell(register, worn, reading, at_ms=at_ms)
        if off_body or sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=off_body, at_ms=at_ms)
    if touch.ghost or sensor.ghost is not IDLE:
        rule, ghost = register.book.ghost, 1.0 if touch.ghost else 0.0
        sensor.ghost = finding.judge_sensor(register, sensor, person, rule, sensor.ghost, value=ghost, at_ms=at_ms)
    evidence = verdict.evidence
    if not register.book.rules.hold_back:
        is_good = reading.hr_bpm is not None and reading.quality is _GOOD
        evidence = (Evidence(at_ms, float(reading.hr_bpm or 0)),) if is_good else ()
    if not evidence:
        return
    newest = evidence[-1]
    _trust(register, worn, at_ms=newest.at_ms)
    is_proven = bool(reading.rr_ms) or reading.contact is True
    for one in evidence:
        judging.judge_rate(register, worn, reading, one.value, one.at_ms, is_proven=is_proven)
    if _SPO2 in person.heard and agreement.hear(worn.pair, worn.recent, newest.value, newest.at_ms):
        _weigh_pair(register, person, newest.at_ms)


def _hear_oximeter(register: Register, worn: Worn, reading: OximeterReading, at_ms: MonotonicMs) -> None:
    """Take a live reading of an oximeter."""
    sensor, person = worn.sensor, worn.person
    person.heard[_SPO2] = sensor.sensor
    state = sensor.oximeter
    value = take_saturation(state, reading, at_ms) if worn.is_calm and calm_oximeter.follows(state, at_ms) else None
    if value is None:
        _weigh_oximeter(register, worn, reading, at_ms)
        return
    goes_on = _goes_on(worn, reading, at_ms)
    if not goes_on:
        _tell(register, worn, reading, at_ms=at_ms)
        if sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=False, at_ms=at_ms)
    _compare_pulse(register, worn, reading, at_ms)
    if not goes_on:
        _trust(register, worn, at_ms=at_ms)
    judging.judge_value(register, worn, reading, value, at_ms)


def _compare_pulse(register: Register, worn: Worn, reading: OximeterReading, at_ms: MonotonicMs) -> None:
    """Take the pulse of a calm oximeter, to be compared with a strap's rate."""
    pulse_bpm = reading.pulse_bpm
    if (
        pulse_bpm is not None
        and _PULSE_LOW <= pulse_bpm <= _PULSE_HIGH
        and agreement.hear(worn.pair, worn.recent, pulse_bpm, at_ms)
    ):
        _weigh_pair(register, worn.person, at_ms)


def _weigh_oximeter(register: Register, worn: Worn, reading: OximeterReading, at_ms: MonotonicMs) -> None:
    """Take a reading of an oximeter that is not calm: the long way, which is the same for a calm one."""
    sensor, person = worn.sensor, worn.person
    worn.calm_ms = inf
    sensor.oximeter, verdict = oximeter.step(sensor.oximeter, reading, at_ms=at_ms)
    worn.look_again(register.book)
    off_body = reading.reason is not None and reading.reason in OFF_BODY
    if off_body or (reading.spo2_pct is not None and reading.quality is not _UNUSABLE):
        _tell(register, worn, reading, at_ms=at_ms)
        if off_body or sensor.contact is not IDLE:
            _feel(register, sensor, person, off_body=off_body, at_ms=at_ms)
    evidence = verdict.evidence
    if not register.book.rules.hold_back:
        is_good = reading.spo2_pct is not None and verdict.reason is reading.reason
        is_good = is_good and reading.quality is _GOOD
        evidence = (Evidence(at_ms, reading.spo2_pct or 0.0),) if is_good else ()
    pulse_bpm = verdict.pulse_bpm
    if pulse_bpm is not None and agreement.hear(worn.pair, worn.recent, pulse_bpm, at_ms):
        _weigh_pair(register, person, at_ms)
    if not evidence:
        return
    _trust(register, worn, at_ms=evidence[-1].at_ms)
    for one in evidence:
        judging.judge_value(register, worn, reading, one.value, one.at_ms)


def _goes_on(worn: Worn, reading: Reading, at_ms: MonotonicMs) -> bool:
    """Note that a sensor tells good values as before, and return whether it does; if not, nothing has changed."""
    sensor, silent, trust = worn.sensor, worn.silence, worn.trust
    told_ms, trusted_ms = silent.told_ms, trust.told_ms
    if (
        told_ms is None
        or trusted_ms is None
        or not 0 <= at_ms - told_ms <= worn.hole_ms
        or not 0 <= at_ms - trusted_ms <= worn.trust_hole_ms
        or sensor.is_missed
        or sensor.contact is not IDLE
        or sensor.ghost is not IDLE
    ):
        return False
    worn.calm_ms = silent.told_ms = trust.told_ms = at_ms
    sensor.run, sensor.seq = reading.run, reading.seq
    return True


def _tell(register: Register, worn: Worn, reading: Reading, *, at_ms: MonotonicMs) -> None:
    """Note that a sensor is not silent; NO_DATA ends when it has been telling for a while."""
    sensor = worn.sensor
    silent, told_ms = sensor.silence, sensor.silence.told_ms
    if told_ms is not None and 0 <= at_ms - told_ms <= worn.hole_ms:
        silent.told_ms = at_ms
    else:
        if told_ms is None:
            sweep.hear_gateway_through(register, sensor.gateway)
        silence.hear(silent, at_ms=at_ms, hole_ms=worn.hole_ms)
    sensor.run, sensor.seq = reading.run, reading.seq
    if sensor.is_missed:
        rule = register.book.no_data[sensor.kind]
        if silence.is_back(silent, rule):
            register.finish(sensor.sensor, rule.id)
            sensor.is_missed = key_of(sensor.sensor, RuleId.QUESTIONABLE) in register.state.alarms


def _trust(register: Register, worn: Worn, *, at_ms: MonotonicMs) -> None:
    """Note that a sensor gave the rules something; QUESTIONABLE ends when it has done so for a while."""
    sensor = worn.sensor
    trust, told_ms = sensor.trust, sensor.trust.told_ms
    if told_ms is not None and 0 <= at_ms - told_ms <= worn.trust_hole_ms:
        trust.told_ms = at_ms
    else:
        silence.hear(trust, at_ms=at_ms, hole_ms=worn.trust_hole_ms)
    if sensor.is_missed:
        rule = register.book.questionable
        if silence.is_back(trust, rule):
            register.finish(sensor.sensor, rule.id)
            sensor.is_missed = key_of(sensor.sensor, RuleId.NO_DATA) in register.state.alarms


def _feel(register: Register, sensor: Sensor, person: Person, *, off_body: bool, at_ms: MonotonicMs) -> None:
    """Judge whether a sensor is off the body: the same machine as for values, over 1 and 0."""
    before = sensor.contact
    if at_ms < before.seen_ms or (not off_body and before.condition is _INACTIVE):
        return
    rule, value = register.book.contact, 1.0 if off_body else 0.0
    sensor.contact = finding.judge_sensor(register, sensor, person, rule, before, value=value, at_ms=at_ms)


def _weigh_pair(register: Register, person: Person, at_ms: MonotonicMs) -> None:
    """Judge the difference of one person's strap and oximeter: a series of its own, each time they were compared."""
    pair = person.pair
    if pair.pulse_bpm is None or not pair.trail:
        return
    if pair.agreement is _AGREE and person.disagree is IDLE:
        return
    if pair.agreement is Agreement.UNKNOWN and pair.since_ms is None:
        # The rate changes too fast to be compared.
        return
    rule = register.book.disagree
    # The oximeter is behind: what it tells now was so some time in the last seconds.
    apart_bpm = max(min(pair.trail) - pair.pulse_bpm, pair.pulse_bpm - max(pair.trail), 0.0)
    if person.disagree.condition is _INACTIVE and apart_bpm <= (rule.limit or 0.0):
        return
    person.disagree = finding.judge_pair(register, person, rule, person.disagree, value=apart_bpm, at_ms=at_ms)
