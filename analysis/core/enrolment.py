"""Who is watched, by which sensors, with which limits: a roster put into effect, version by version.

A session's end, a person who leaves and a sensor that is handed on end their alarms here; nothing else ends an alarm
without a good value.
"""

from analysis.core import track as tracks
from analysis.core.condition import IDLE, stands
from analysis.core.quality.agreement import PairState
from analysis.core.quality.swap import forget
from analysis.core.register import Register
from analysis.core.rules import SAMPLED, SHAPES, Rule, Watch, tailor
from analysis.core.state import EngineState, Person, Sensor, key_of
from analysis.core.track import Judgement, Track
from vitals.alarms import Change, RuleId
from vitals.participants import LimitReason, ParticipantId
from vitals.sensors import SensorId
from vitals.sessions import AssignedSensor, Phase, ResolvedLimit, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs

SENSOR_RULES = (RuleId.NO_DATA, RuleId.CONTACT, RuleId.QUESTIONABLE, RuleId.GHOST, RuleId.BATTERY_LOW)
PAIR_RULES = (RuleId.DISAGREE, RuleId.SWAPPED)


def enrol(register: Register, roster: Roster) -> None:
    """Put a roster into effect; one that is not newer than what is known changes nothing."""
    state = register.state
    if roster.ended_utc_ms is not None:
        discharge(register, roster.session)
        return
    if roster.version <= state.rosters.get(roster.session, 0):
        return
    register.look_anew()
    state.rosters[roster.session] = roster.version
    _assign_sensors(register, roster)
    here = [entry for entry in roster.entries if entry.left_utc_ms is None]
    present = {entry.participant for entry in here}
    for participant in _people_of(state, roster.session):
        if participant not in present:
            _dismiss(register, participant)
    for entry in here:
        _admit(register, roster.session, entry, entry.phase or roster.phase)
    state.swept_until_ms = MonotonicMs(0)


def discharge(register: Register, session: SessionId) -> None:
    """End a session: its people and sensors are watched no more, their alarms end."""
    state = register.state
    if state.rosters.pop(session, None) is None:
        return
    register.look_anew()
    state.swaps.pop(session, None)
    people = _people_of(state, session)
    for sensor in [sensor for sensor in state.sensors.values() if sensor.participant in people]:
        _release(register, sensor.sensor, Change.SESSION_ENDED)
    for participant in people:
        _dismiss(register, participant)
    state.swept_until_ms = MonotonicMs(0)


def _people_of(state: EngineState, session: SessionId) -> list[ParticipantId]:
    return [participant for participant, person in state.people.items() if person.session == session]


def _assign_sensors(register: Register, roster: Roster) -> None:
    """Open and close assignments: a sensor that stays with its person keeps what was heard of it."""
    state = register.state
    worn = {
        assigned.sensor: (entry.participant, assigned)
        for entry in roster.entries
        for assigned in entry.sensors
        if assigned.to_utc_ms is None
    }
    ours = set(_people_of(state, roster.session))
    for sensor in [sensor for sensor in state.sensors.values() if sensor.participant in ours]:
        if sensor.sensor not in worn or worn[sensor.sensor][0] != sensor.participant:
            _release(register, sensor.sensor, Change.CLEARED)
    for participant, assigned in worn.values():
        _assign(register, participant, assigned)


def _assign(register: Register, participant: ParticipantId, assigned: AssignedSensor) -> None:
    state = register.state
    known = state.sensors.get(assigned.sensor)
    if known is not None and known.participant == participant:
        if known.gateway != assigned.gateway:
            # The other gateway needs time to connect; silence counts from the hand-over.
            known.gateway, known.assigned_ms = assigned.gateway, register.now_ms
        return
    if known is not None:
        _release(register, assigned.sensor, Change.CLEARED)
    _part_pair(register, participant)
    state.sensors[assigned.sensor] = Sensor(
        sensor=assigned.sensor,
        kind=assigned.kind,
        gateway=assigned.gateway,
        participant=participant,
        from_utc_ms=assigned.from_utc_ms,
        assigned_ms=register.now_ms,
        streams={} if known is None else known.streams,
    )


def _release(register: Register, sensor: SensorId, change: Change) -> None:
    for rule in SENSOR_RULES:
        register.withdraw(sensor, rule, change)
    released = register.state.sensors.pop(sensor, None)
    if released is not None:
        _part_pair(register, released.participant)


def _part_pair(register: Register, participant: ParticipantId) -> None:
    """Forget what was found by comparing a person's sensors: one of them is another now."""
    state, person = register.state, register.state.people.get(participant)
    if person is None:
        return
    for rule in PAIR_RULES:
        register.withdraw(participant, rule, Change.CLEARED)
    person.pair, person.disagree = PairState(), IDLE
    if person.session in state.swaps:
        state.swaps[person.session] = forget(state.swaps[person.session], participant)


def _admit(register: Register, session: SessionId, entry: RosterEntry, phase: Phase) -> None:
    """Take up a person, or what has changed about one."""
    people = register.state.people
    person = people.get(entry.participant)
    if person is None:
        person = people[entry.participant] = Person(session=session, entry=entry, phase=phase, tracks={})
    if person.phase is not phase:
        person.phase_since_ms = register.now_ms
        person.shape.reference_bpm = _rate_lately(register, person) if phase is Phase.RECOVERY else None
    person.session, person.entry, person.phase = session, entry, phase
    _apply_rules(register, person)


def adopt_rules(register: Register) -> None:
    """Judge everybody by the rules at hand, which are not those of the snapshot."""
    register.state.rules_hash = register.book.hash
    register.look_anew()
    for person in register.state.people.values():
        _apply_rules(register, person)


def _apply_rules(register: Register, person: Person) -> None:
    for watch in (*SAMPLED, *SHAPES):
        track = person.tracks.setdefault(watch, Track())
        _set_limits(register, person, track, watch)


def _set_limits(register: Register, person: Person, track: Track, watch: Watch) -> None:
    """Apply limits and phase to later samples.

    An alarm whose limit is gone cannot be judged and ends; one whose phase is over ends too, and latches as usual.
    """
    book, subject = register.book, person.entry.participant
    known = {judgement.rule: judgement for judgement in track.judgements}
    limits = {limit.rule: limit for limit in person.entry.limits}
    judgements = []
    for rule in book.watches[watch]:
        judgement = _judgement(rule, limits.get(rule.id), person.phase)
        if judgement is None:
            continue
        before = known.pop(rule.id, None)
        if before is not None:
            judgement.state, judgement.late = before.state, before.late
        judgements.append(judgement)
        tailored = book.judged(rule.id, judgement.phase, judgement.op, judgement.hold_s)
        if stands(judgement.state):
            register.raise_priority(subject, rule.id, tailored.priority)
    for gone in known.values():
        rule = book.vital[gone.rule]
        if rule.limit is None and gone.rule not in limits:
            if stands(gone.state):
                register.withdraw(subject, gone.rule, Change.CLEARED)
        elif stands(gone.state):
            tailored = book.judged(gone.rule, gone.phase, gone.op, gone.hold_s)
            register.finish(subject, gone.rule, latch=tailored.latch, last=gone.state)
    if [_terms(one) for one in track.judgements] != [_terms(one) for one in judgements]:
        tracks.change_limits(track, book, judgements)


def _judgement(rule: Rule, limit: ResolvedLimit | None, phase: Phase) -> Judgement | None:
    """Return a rule on one person in one phase; None when it is not judged then."""
    if tailor(rule, limit, phase) is None:
        return None
    # Only a phase with a variant makes a difference: the rest share one tailored rule.
    differs = any(phase in variant.phases for variant in rule.variants)
    if limit is None:
        value, reason = rule.limit or 0.0, LimitReason.RULE_SET
        return Judgement(rule=rule.id, limit=float(value), reason=reason, phase=phase if differs else None)
    return Judgement(
        rule=rule.id,
        limit=float(limit.value),
        reason=limit.reason,
        phase=phase if differs else None,
        op=limit.op,
        hold_s=limit.hold_s,
    )


def _terms(judgement: Judgement) -> tuple[object, ...]:
    one = judgement
    return (one.rule, one.limit, one.reason, one.phase, one.op, one.hold_s)


def _rate_lately(register: Register, person: Person) -> float | None:
    """Return the highest good rate of the last 10 s, robust against one odd value: the middle one of the highest three.

    Recovery is measured from it (clinical specification, section 1: the peak of the end of a bout).
    """
    window = [one.value for one in person.tracks[Watch.HR].window if register.now_ms - one.at_ms <= tracks.LATE_MS]
    highest = sorted(window)[-3:]
    return highest[len(highest) // 2] if highest else None


def _dismiss(register: Register, participant: ParticipantId) -> None:
    for rule in (*register.book.vital, *PAIR_RULES):
        register.withdraw(participant, rule, Change.SESSION_ENDED)
        register.state.ended.pop(key_of(participant, rule), None)
    register.state.people.pop(participant, None)
