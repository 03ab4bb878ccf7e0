"""What only time can tell: silent sensors, lost sources of standing alarms, lost parts. Run by ticks.

While nothing can reach us (no broker, or we ourselves stood still) silence says nothing about anybody: nothing is
judged, and afterwards every silence counts from when we began to listen again.
"""

from typing import Final

from msgspec.structs import replace

from analysis.core import condition, finding, onset, silence
from analysis.core.condition import IDLE, ConditionState
from analysis.core.quality import swap
from analysis.core.register import Register
from analysis.core.rules import PART_RULES, Watch
from analysis.core.state import EngineState, Life, Sensor
from vitals.alarms import Condition, Family, Priority, RuleId, SubjectKind
from vitals.parts import HEARTBEAT_LOST_MS, Part, PartState, PartStatus, Watched, check_silence, hear_status
from vitals.sensors import GatewayId, SensorKind
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_MACHINE: Final = SensorKind.MACHINE
_OXIMETER: Final = SensorKind.OXIMETER
_STRAP: Final = SensorKind.STRAP
_SPO2: Final = Watch.SPO2
_PHYSIOLOGICAL: Final = Family.PHYSIOLOGICAL
_INACTIVE: Final = Condition.INACTIVE
_GATEWAY: Final = SubjectKind.GATEWAY

STALL_MS: Final = 3_000
"""Ticks come several times a second. A longer pause means that we stood still (a paused process, a machine asleep)
while words for us were waiting. With a heartbeat each second, 3 s stay below the 5 s of a lost part."""

START_GRACE_MS: Final = 5_000
"""Parts that start together come up one after the other: for so long after we began to listen none is missed."""

GATEWAY_BACK_MS: Final = 20_000
"""A gateway that is back connects its sensors one after the other, thirty in about 20 s (engineering choice)."""

SWEEP_MS_MAX: Final = 1_000
"""Sensors are looked at this often at least."""

SENSOR_AGE_MS_MAX: Final = 5_000
"""Questionable values count while they come: a longer hole is silence."""


def listen(register: Register, *, up: bool) -> None:
    """Note that we can be reached, or not."""
    state = register.state
    state.listening_since_ms = register.now_ms if up else None
    state.swept_until_ms = MonotonicMs(0)
    for life in state.lives.values():
        if life.watched.lost_since_ms is None:
            life.watched = replace(life.watched, heard_ms=register.now_ms)


def hear_part(register: Register, status: PartStatus, *, retained: bool) -> None:
    """Take a heartbeat or will of a part that we watch, and end its alarm when it lives."""
    if status.part not in PART_RULES:
        return
    state = register.state
    key = f"{status.part.value}/{status.instance}"
    life = state.lives.get(key)
    # What a heartbeat tells of sensors and commands is for others; it would only fatten the snapshot.
    slim = replace(status, counters={}, problems=(), handled=(), radios=(), sensors=(), extents=())
    before = None if life is None else life.watched
    watched = hear_status(before, slim, retained=retained, now_ms=register.now_ms)
    if life is None:
        life = state.lives[key] = Life(watched=watched)
    elif watched.lost_since_ms is None and (
        life.watched.lost_since_ms is not None or life.watched.status.run != watched.status.run
    ):
        life.back_ms = register.now_ms
        state.swept_until_ms = MonotonicMs(0)
    life.watched = watched
    if status.part is Part.GATEWAY and status.state is PartState.UP and not retained:
        finding.judge_gateway(register, life, status)
    if watched.lost_since_ms is None:
        register.finish(_subject(watched), PART_RULES[status.part])


def hear_gateway_through(register: Register, gateway: GatewayId) -> None:
    """Note that a sensor of a gateway spoke: one that never sent a heartbeat lives all the same."""
    if f"{Part.GATEWAY.value}/{gateway}" not in register.state.lives:
        register.finish(gateway, RuleId.GATEWAY_LOST)


def sweep(register: Register) -> None:
    """Judge all silences at the time of the event at hand."""
    state = register.state
    since_ms = state.listening_since_ms
    if since_ms is None:
        return
    _sweep_parts(register, since_ms)
    if register.now_ms < state.swept_until_ms:
        return
    soonest_ms = MonotonicMs(register.now_ms + SWEEP_MS_MAX)
    if register.now_ms >= register.heard_until_ms:
        soonest_ms = _sweep_sensors(register, since_ms, soonest_ms)
    due_ms = _sweep_sources(register, since_ms)
    if due_ms is not None and due_ms < soonest_ms:
        soonest_ms = due_ms
    _sweep_swaps(register)
    _sweep_gateways(register)
    state.swept_until_ms = soonest_ms


def _sweep_sensors(register: Register, since_ms: MonotonicMs, latest_ms: MonotonicMs) -> MonotonicMs:
    """Judge the silence of each sensor, and return when they have to be looked at again, ``latest_ms`` at the latest.

    Readings only move these times onwards, so until the first of them there is nothing to find; once a second all the
    same, for sensors whose alarm has ended meanwhile.
    """
    silence_ms, soonest_ms, oldest_ms = register.book.silence_ms_min, latest_ms, latest_ms
    heard_ms, all_heard = latest_ms - silence_ms, True
    for sensor in list(register.state.sensors.values()):
        if sensor.kind is _MACHINE:
            # It tells no vital sign: nobody has to look when it is switched off.
            continue
        told_ms, trusted_ms = sensor.silence.told_ms, sensor.trust.told_ms
        if told_ms is not None and trusted_ms is not None and told_ms > heard_ms and trusted_ms > heard_ms:
            # Nothing can be due before the next look: nearly everybody, nearly always.
            older_ms = told_ms if told_ms < trusted_ms else trusted_ms  # noqa: FURB136 - a call takes longer
            oldest_ms = older_ms if older_ms < oldest_ms else oldest_ms  # noqa: FURB136
            continue
        all_heard = False
        for due_ms in (_sweep_sensor(register, sensor, since_ms), _sweep_trust(register, sensor, since_ms)):
            if due_ms is not None and due_ms < soonest_ms:
                soonest_ms = due_ms
    # Up to then a look at any of them would find the same.
    register.heard_until_ms = MonotonicMs(oldest_ms + silence_ms - SWEEP_MS_MAX if all_heard else 0)
    return soonest_ms


def _sweep_parts(register: Register, since_ms: MonotonicMs) -> None:
    state, now_ms = register.state, register.now_ms
    for life in state.lives.values():
        watched = life.watched
        if watched.lost_since_ms is None and now_ms - watched.heard_ms < HEARTBEAT_LOST_MS:
            # `check_silence` would say so: nearly always.
            continue
        life.watched = watched = check_silence(watched, now_ms=now_ms)
        rule = register.book.part_lost[watched.status.part]
        if watched.lost_since_ms is None or register.get(_subject(watched), rule.id) is not None:
            continue
        breach_ms = max(watched.lost_since_ms, MonotonicMs(since_ms + START_GRACE_MS))
        onset_ms = MonotonicMs(breach_ms + int(rule.legs[0].hold_s * 1000))
        if now_ms >= onset_ms and _is_needed(state, watched):
            alarm = onset.part_alarm(
                watched.status.part,
                rule,
                watched.status.instance,
                run=watched.status.run,
                breach_ms=breach_ms,
                onset_ms=onset_ms,
                onset_utc_ms=register.utc_ms(onset_ms),
            )
            register.announce(alarm)


def _sweep_gateways(register: Register) -> None:
    """End alarms of gateways that carry nobody's sensor any more."""
    state = register.state
    for alarm in [alarm for alarm in state.alarms.values() if alarm.subject_kind is _GATEWAY]:
        if not any(sensor.gateway == alarm.subject for sensor in state.sensors.values()):
            register.finish(alarm.subject, alarm.rule)
            unwatched = state.lives.get(f"{Part.GATEWAY.value}/{alarm.subject}")
            if unwatched is not None:
                unwatched.slots = unwatched.clock = IDLE


def _is_needed(state: EngineState, watched: Watched) -> bool:
    """Return whether anybody misses a lost part: a gateway without sensors, or a part with a living twin, nobody."""
    status = watched.status
    if status.part is Part.GATEWAY:
        return any(sensor.gateway == status.instance for sensor in state.sensors.values())
    return all(
        life.watched.lost_since_ms is not None
        for life in state.lives.values()
        if life.watched.status.part is status.part
    )


def _sweep_sensor(register: Register, sensor: Sensor, since_ms: MonotonicMs) -> MonotonicMs | None:
    """Raise NO_DATA when it is due; return when it will be, None when something else must happen before."""
    state, rule = register.state, register.book.no_data[sensor.kind]
    life = state.lives.get(f"{Part.GATEWAY.value}/{sensor.gateway}")
    if life is not None and life.watched.lost_since_ms is not None:
        return None
    if register.get(sensor.sensor, rule.id) is not None or register.get(sensor.gateway, RuleId.GATEWAY_LOST):
        return None
    from_ms = silence.silent_from(sensor.silence, watched_since_ms=max(sensor.assigned_ms, since_ms))
    due_ms = silence.due_ms(rule, silent_from_ms=from_ms)
    if life is not None and life.back_ms is not None:
        due_ms = max(due_ms, MonotonicMs(life.back_ms + GATEWAY_BACK_MS))
    if register.now_ms < due_ms:
        return due_ms
    if life is None and not _has_spoken(state, sensor.gateway):
        # Neither it nor any of its sensors was ever heard: one box that is off, not thirty silent straps.
        alarm = onset.part_alarm(
            Part.GATEWAY,
            register.book.part_lost[Part.GATEWAY],
            sensor.gateway,
            run="",
            breach_ms=from_ms,
            onset_ms=due_ms,
            onset_utc_ms=register.utc_ms(due_ms),
        )
    else:
        person = state.people.get(sensor.participant)
        alarm = onset.sensor_alarm(
            sensor,
            rule,
            session=None if person is None else person.session,
            priority=Priority.MEDIUM if register.worries_about(sensor.participant) else rule.priority,
            # A sensor that never told anything has no reading to name its silence by.
            seq=sensor.seq if sensor.run else register.utc_ms(due_ms),
            breach_ms=from_ms,
            onset_ms=due_ms,
            onset_utc_ms=register.utc_ms(due_ms),
        )
    sensor.is_missed = True
    register.announce(alarm)
    return None


def _sweep_trust(register: Register, sensor: Sensor, since_ms: MonotonicMs) -> MonotonicMs | None:
    """Raise QUESTIONABLE for a sensor that tells and tells nothing that a rule may judge; return when it is due."""
    rule, told_ms, back_ms = register.book.questionable, sensor.silence.told_ms, sensor.silence.back_ms
    if told_ms is None or back_ms is None or register.get(sensor.sensor, rule.id) is not None:
        return None
    from_ms = silence.silent_from(sensor.trust, watched_since_ms=max(sensor.assigned_ms, since_ms, back_ms))
    due_ms = silence.due_ms(rule, silent_from_ms=from_ms)
    if register.now_ms < due_ms:
        return due_ms
    if register.now_ms - told_ms > SENSOR_AGE_MS_MAX or told_ms < from_ms:
        return None
    if condition.stands(sensor.contact) or condition.stands(sensor.ghost):
        # Off the body, or on nobody's: that has been said.
        return None
    person = register.state.people[sensor.participant]
    alarm = onset.sensor_alarm(
        sensor,
        rule,
        session=person.session,
        priority=Priority.MEDIUM if register.worries_about(sensor.participant) else rule.priority,
        seq=sensor.seq,
        breach_ms=from_ms,
        onset_ms=due_ms,
        onset_utc_ms=register.utc_ms(due_ms),
    )
    sensor.is_missed = True
    register.announce(alarm)
    return None


def _sweep_swaps(register: Register) -> None:
    """Compare everybody's sensors with everybody's, once in 10 s, and say who seems to wear another one's."""
    state, rule, now_ms = register.state, register.book.swapped, register.now_ms
    for session in state.rosters:
        before = state.swaps.get(session, swap.SwapState())
        if before.stepped_ms is not None and now_ms - before.stepped_ms < swap.STEP_MS:
            continue
        ours = {name: person for name, person in state.people.items() if person.session == session}
        pairs = {name: person.pair for name, person in ours.items()}
        state.swaps[session], swaps = swap.step(before, pairs, now_ms=now_ms)
        other_of = {one.strap_of: one.oximeter_of for one in swaps}
        for name, person in ours.items():
            other = other_of.get(name)
            if other is None:
                register.finish(name, rule.id)
            elif register.get(name, rule.id) is None:
                since = ConditionState(breach_ms=now_ms, onset_ms=now_ms)
                utc_ms = register.utc_ms(now_ms)
                register.announce(onset.pair_alarm(person, rule, since, onset_utc_ms=utc_ms, detail=other))


def _sweep_sources(register: Register, since_ms: MonotonicMs) -> MonotonicMs | None:
    """Mark standing alarms whose vital sign has had no good value for the time of NO_DATA."""
    state, due, vital, no_data = register.state, [], register.book.vital, register.book.no_data
    oximeter_ms = silence.due_ms(no_data[_OXIMETER], silent_from_ms=MonotonicMs(0))
    strap_ms = silence.due_ms(no_data[_STRAP], silent_from_ms=MonotonicMs(0))
    for alarm in list(state.alarms.values()):
        if alarm.source_lost or alarm.family is not _PHYSIOLOGICAL or alarm.condition is _INACTIVE:
            continue
        person = None if alarm.participant is None else state.people.get(alarm.participant)
        if person is None:
            continue
        watch = vital[alarm.rule].watch
        window = person.tracks[watch].window
        from_ms = window[-1].at_ms if window and window[-1].at_ms > since_ms else since_ms
        due_ms = MonotonicMs(from_ms + (oximeter_ms if watch is _SPO2 else strap_ms))
        if register.now_ms < due_ms:
            due.append(due_ms)
        else:
            register.mark_source(alarm, lost=True)
    return min(due, default=None)


def _has_spoken(state: EngineState, gateway: GatewayId) -> bool:
    return any(sensor.silence.told_ms is not None for sensor in state.sensors.values() if sensor.gateway == gateway)


def _subject(watched: Watched) -> str:
    status = watched.status
    return status.instance if status.part is Part.GATEWAY else status.part.value
