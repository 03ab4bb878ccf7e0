"""Technical findings: the condition machine over what a sensor, a pair of sensors or a gateway tells of itself."""

from operator import attrgetter
from typing import Final

from analysis.core import condition, onset
from analysis.core.condition import IDLE, ConditionState
from analysis.core.register import Register
from analysis.core.rules import Rule, Watch
from analysis.core.state import Life, Person, Sensor
from vitals.parts import PartStatus
from vitals.units import MonotonicMs

_GATEWAY: Final = attrgetter("gateway")


def judge_sensor(
    register: Register,
    sensor: Sensor,
    person: Person,
    rule: Rule,
    before: ConditionState,
    *,
    value: float,
    at_ms: MonotonicMs,
) -> ConditionState:
    """Return the state of a sensor's condition after a value; raise or end its alarm."""
    after = _step(before, rule, value=value, at_ms=at_ms)
    if after is before:
        return before
    if condition.stands(after) and not condition.stands(before):
        alarm = onset.sensor_alarm(
            sensor,
            rule,
            session=person.session,
            priority=rule.priority,
            seq=_number(register, sensor, rule, after),
            value=None if rule.limit is None else after.value,
            breach_ms=after.breach_ms,
            onset_ms=after.onset_ms,
            onset_utc_ms=register.utc_ms(after.onset_ms),
        )
        register.announce(alarm)
    elif condition.stands(before) and not condition.stands(after):
        register.finish(sensor.sensor, rule.id)
    return after


def _number(register: Register, sensor: Sensor, rule: Rule, state: ConditionState) -> int:
    """Return what names an alarm beside its run: the reading that completed the hold, or when that was.

    A battery is told by the gateway's heartbeats, too: between two alarms there need be no reading at all.
    """
    by_reading = bool(sensor.run) and rule.watch is not Watch.BATTERY
    return sensor.seq if by_reading else register.utc_ms(state.onset_ms)


def judge_battery(register: Register, sensor: Sensor, *, battery_pct: int, at_ms: MonotonicMs) -> None:
    """Judge what a sensor told of its battery, to us or to its gateway."""
    before, person = sensor.battery, register.state.people[sensor.participant]
    if before.seen_ms <= at_ms:
        rule, value = register.book.battery_low, float(battery_pct)
        sensor.battery = judge_sensor(register, sensor, person, rule, before, value=value, at_ms=at_ms)
        register.are_batteries_idle = None


def judge_pair(
    register: Register, person: Person, rule: Rule, before: ConditionState, *, value: float, at_ms: MonotonicMs
) -> ConditionState:
    """Return the state of a condition about a person's sensors together; raise or end its alarm."""
    after = _step(before, rule, value=value, at_ms=at_ms)
    if condition.stands(after) and not condition.stands(before):
        alarm = onset.pair_alarm(person, rule, after, onset_utc_ms=register.utc_ms(after.onset_ms))
        register.announce(alarm)
    elif condition.stands(before) and not condition.stands(after):
        register.finish(person.entry.participant, rule.id)
    return after


def judge_gateway(register: Register, life: Life, status: PartStatus) -> None:
    """Judge what a live heartbeat of a gateway says: sensors that wait for a radio, and its wall clock."""
    book, now_ms = register.book, register.now_ms
    sensors, gateway, limit_pct = register.state.sensors, status.instance, int(book.battery_low.limit or 0)
    waiting = 0
    if register.are_batteries_idle is None:
        register.are_batteries_idle = all(sensor.battery is IDLE for sensor in sensors.values())
    are_idle = register.are_batteries_idle
    for told in status.sensors:
        battery_pct = told.battery_pct
        if not told.waits_for_slot and (battery_pct is None or (are_idle and battery_pct > limit_pct)):
            # Nothing that any rule asks for: nearly all of them.
            continue
        sensor = sensors.get(told.sensor)
        if sensor is None or sensor.gateway != gateway:
            continue
        if told.waits_for_slot:
            waiting += 1
        if battery_pct is not None and (battery_pct <= limit_pct or sensor.battery is not IDLE):
            judge_battery(register, sensor, battery_pct=battery_pct, at_ms=now_ms)
    is_needed = gateway in map(_GATEWAY, sensors.values())
    life.slots = _judge_gateway(register, status, book.out_of_slots, life.slots, value=float(waiting), at_ms=now_ms)
    # A clock that runs faster on purpose (a demonstration) is compared with nothing.
    if status.clock_rate == 1 and is_needed:
        off_s = abs(status.utc_ms - register.utc_ms(now_ms)) / 1000
        life.clock = _judge_gateway(register, status, book.clock, life.clock, value=off_s, at_ms=now_ms)


def _judge_gateway(
    register: Register, status: PartStatus, rule: Rule, before: ConditionState, *, value: float, at_ms: MonotonicMs
) -> ConditionState:
    after = _step(before, rule, value=value, at_ms=at_ms)
    if condition.stands(after) and not condition.stands(before):
        alarm = onset.part_alarm(
            status.part,
            rule,
            status.instance,
            run=status.run,
            breach_ms=after.breach_ms,
            onset_ms=after.onset_ms,
            onset_utc_ms=register.utc_ms(after.onset_ms),
            value=value,
        )
        register.announce(alarm)
    elif condition.stands(before) and not condition.stands(after):
        register.finish(status.instance, rule.id)
    return after


def _step(before: ConditionState, rule: Rule, *, value: float, at_ms: MonotonicMs) -> ConditionState:
    limit = 0.5 if rule.limit is None else rule.limit
    return condition.step(before, rule, limit, value, at_ms)
