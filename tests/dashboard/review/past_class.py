"""A class that is over, as the record and the clinic have it: written in one go, with numbers that a test knows."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from dashboard.classes import ClassBody
from dashboard.clinic import Clinic, ClinicSession
from ingest.store.batch import Batch, HeardCommand, HeardEntry, HeardEvent, HeardReading, HeardRoster
from ingest.store.writer import RecordWriter
from vitals.alarms import (
    Acknowledgement,
    AlarmEvent,
    AlarmId,
    AlarmState,
    Change,
    Condition,
    Family,
    Operator,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.commands import Command, CommandId, RecordCourse, RecordEntry
from vitals.delivery import Answered, Attempt, AttemptState, ChannelName, Course, Response
from vitals.duty import StaffId
from vitals.entries import Entry, EntryBody, EntryId
from vitals.journal import JournalEntry
from vitals.participants import LimitReason, ParticipantId, Sex
from vitals.readings import (
    HeartRateReading,
    Machine,
    OximeterReading,
    Quality,
    Reading,
    RunId,
    WorkloadReading,
)
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, ResolvedLimit, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, Unit, UtcMs

START_UTC_MS: Final = 1_795_000_000_000
RULES: Final = "00112233aabbccdd"
PHASES: Final = (
    (Phase.REST, 0.0),
    (Phase.WARM_UP, 0.1),
    (Phase.TRAINING, 0.2),
    (Phase.COOL_DOWN, 0.8),
    (Phase.RECOVERY, 0.9),
)
"""Each phase with the share of the class at which it begins."""

_KINDS: Final = (("strap", SensorKind.STRAP), ("oxi", SensorKind.OXIMETER), ("bike", SensorKind.MACHINE))
_BATCH: Final = 20_000

Hr = Callable[[int, int], int | None]


class PastClass(Struct, frozen=True, kw_only=True):
    """What was in it. ``holes``: seconds in which the straps of person 1 were not heard."""

    session: SessionId = SessionId("past-1")
    started_utc_ms: int = START_UTC_MS
    minutes: int = 10
    people: int = 2
    name: str = "Tuesday <b>group</b>"
    holes: tuple[tuple[int, int], ...] = ()
    has_machine: bool = True
    mode: GenerationMode = GenerationMode.SIMULATED
    is_over: bool = True
    alarms: tuple[tuple[int, int], ...] = ()
    """(second of the onset, seconds until somebody took it) of person 1."""
    accepted_after_s: int | None = None
    """Seconds after each alarm until somebody whose phone was called accepted it; None: no course was told."""
    receipt: AttemptState = AttemptState.SENT
    """How the message to that phone stood in the end."""
    entries: tuple[tuple[int, EntryBody], ...] = ()
    """(second, body) about person 1."""
    run: str = ""

    @property
    def seconds(self) -> int:
        return self.minutes * 60

    @property
    def ended_utc_ms(self) -> int:
        return self.started_utc_ms + self.seconds * 1000


def person_id(number: int) -> ParticipantId:
    return ParticipantId(f"person-{number:02}")


def hr_at(number: int, second: int, seconds: int) -> int:
    """A slow hill with its top at two thirds of the class: no jump, so that every value counts."""
    share = second / seconds
    hill = math.sin(math.pi * min(1.0, share / 0.8)) if share < 0.8 else max(0.0, 0.2 - (share - 0.8))
    return round(68 + number % 5 + 62 * max(0.0, hill) + 2 * math.sin(second / 7))


def spo2_at(number: int, second: int, seconds: int) -> float:
    return round(96 - 9 * math.exp(-(((second / seconds) - 0.6) ** 2) / 0.01) + 0.4 * math.sin(second / 11 + number))


def write_past_class(folder: Path, past: PastClass) -> None:
    """Store a class in record.db and clinic.db of a folder."""
    writer = RecordWriter(folder / "record.db")
    try:
        for batch in _batches(past):
            writer.store(batch, now_utc_ms=UtcMs(past.ended_utc_ms + 1_000))
    finally:
        writer.close()
    _keep_in_clinic(folder / "clinic.db", past)


def entry_of(past: PastClass, number: int, phase: Phase | None = None) -> RosterEntry:
    kinds = _KINDS if past.has_machine else _KINDS[:2]
    return RosterEntry(
        participant=person_id(number),
        seat=number,
        sensors=tuple(
            AssignedSensor(
                sensor=SensorId(f"s-{name}{number}"),
                kind=kind,
                gateway=GatewayId("g1"),
                from_utc_ms=UtcMs(past.started_utc_ms),
                to_utc_ms=UtcMs(past.ended_utc_ms) if past.is_over else None,
            )
            for name, kind in kinds
        ),
        limits=(
            ResolvedLimit(rule=RuleId.HR_OVER, value=124, reason=LimitReason.ZONE_TOP),
            ResolvedLimit(rule=RuleId.HR_CRIT, value=140, reason=LimitReason.UPPER_PLUS_10),
            ResolvedLimit(rule=RuleId.SPO2_LOW, value=90, reason=LimitReason.PRESCRIBED),
        ),
        rest_hr_bpm=66,
        peak_hr_bpm=150,
        zone_low_bpm=100,
        zone_high_bpm=124,
        spo2_baseline_pct=96,
        sex=Sex.FEMALE,
        mass_kg=70,
        phase=phase,
    )


def rosters_of(past: PastClass) -> list[tuple[int, Roster]]:
    """Every version with the UTC at which it came."""
    entries = tuple(entry_of(past, number) for number in range(1, past.people + 1))
    made = [
        (
            past.started_utc_ms + round(share * past.seconds) * 1000,
            Roster(
                session=past.session,
                version=version,
                room="room-1",
                generation_mode=past.mode,
                phase=phase,
                started_utc_ms=UtcMs(past.started_utc_ms),
                entries=entries,
            ),
        )
        for version, (phase, share) in enumerate(PHASES, start=1)
    ]
    if past.is_over:
        _, last = made[-1]
        closed = replace(last, version=last.version + 1, ended_utc_ms=UtcMs(past.ended_utc_ms))
        made.append((past.ended_utc_ms, closed))
    return made


def _batches(past: PastClass) -> Iterator[Batch]:
    batch = Batch()
    for at_utc_ms, roster in rosters_of(past):
        batch.add_roster(HeardRoster(roster, UtcMs(at_utc_ms), final=roster.ended_utc_ms is not None))
    batch.events += [HeardEvent("analysis", event, event.utc_ms) for event in _events(past)]
    batch.entries.append(HeardEntry("analysis", _journal(past)))
    for number, (second, body) in enumerate(past.entries):
        batch.add_command(_command(past, number, second, body), answer=None)
    for course in _courses(past):
        batch.add_command(course, answer=None)
    for reading in _readings(past):
        batch.observed_offsets_ms["g1", reading.run] = past.started_utc_ms
        received = UtcMs(past.started_utc_ms + reading.mono_ms + 50)
        batch.readings.append(HeardReading("g1", reading, None, received, late=False))
        if len(batch.readings) >= _BATCH:
            yield batch
            batch = Batch()
    yield batch


def _readings(past: PastClass) -> Iterator[Reading]:
    run = RunId(past.run or f"run-{past.session}")
    for number in range(1, past.people + 1):
        seq = 0
        for second in range(past.seconds):
            at = MonotonicMs(second * 1000)
            more: dict[str, Any] = {"run": run, "mono_ms": at, "quality": Quality.GOOD}
            if number != 1 or not any(begin <= second < end for begin, end in past.holes):
                bpm = hr_at(number, second, past.seconds)
                # Beats that add up to the time, as a strap tells them.
                yield HeartRateReading(sensor=SensorId(f"s-strap{number}"), seq=seq, hr_bpm=bpm, device="H10", **more)
                seq += 1
            spo2 = spo2_at(number, second, past.seconds)
            yield OximeterReading(sensor=SensorId(f"s-oxi{number}"), seq=second, spo2_pct=spo2, pulse_bpm=80, **more)
            if past.has_machine and second % 2 == 0:
                power = 60 if second < past.seconds / 2 else 90
                yield WorkloadReading(
                    sensor=SensorId(f"s-bike{number}"), seq=second // 2, machine=Machine.BIKE, power_w=power, **more
                )


def _events(past: PastClass) -> Iterator[AlarmEvent]:
    seq = 0
    for number, (second, taken_after_s) in enumerate(past.alarms):
        onset = past.started_utc_ms + second * 1000
        state = AlarmState(
            alarm_id=AlarmId(f"{past.session}-a{number}"),
            revision=1,
            subject=person_id(1),
            subject_kind=SubjectKind.PARTICIPANT,
            rule=RuleId.HR_OVER,
            family=Family.PHYSIOLOGICAL,
            priority=Priority.MEDIUM,
            condition=Condition.ACTIVE,
            signal=Signal.ON,
            session=past.session,
            participant=person_id(1),
            unit=Unit.BPM,
            op=Operator.ABOVE,
            value=128,
            peak=131,
            limit=124,
            rules=RULES,
            breach_mono_ms=MonotonicMs(second * 1000 - 10_000),
            onset_mono_ms=MonotonicMs(second * 1000),
            onset_utc_ms=UtcMs(onset),
        )
        taken = Acknowledgement(by="AB", at_utc_ms=UtcMs(onset + taken_after_s * 1000), command=f"c{number}")
        steps = (
            (0, Change.RAISED, state),
            (taken_after_s, Change.ACKNOWLEDGED, replace(state, signal=Signal.ACKNOWLEDGED, acknowledged=taken)),
            (40, Change.CLEARED, replace(state, condition=Condition.INACTIVE, signal=Signal.OFF, acknowledged=taken)),
        )
        for after_s, change, alarm in steps:
            yield AlarmEvent(
                run=RunId(f"analysis-{past.session}"),
                seq=seq,
                mono_ms=MonotonicMs((second + after_s) * 1000),
                utc_ms=UtcMs(onset + after_s * 1000),
                change=change,
                alarm=alarm,
            )
            seq += 1


def _courses(past: PastClass) -> Iterator[HeardCommand]:
    for number, (second, _) in enumerate(past.alarms if past.accepted_after_s is not None else ()):
        onset = past.started_utc_ms + second * 1000
        attempts = [
            Attempt(staff=StaffId(staff), channel=channel, step=0, at_utc_ms=UtcMs(onset + 1_000), state=state)
            for staff, channel, state in (
                ("tom", ChannelName.WEB_PUSH, past.receipt),
                ("sue", ChannelName.NTFY, AttemptState.FAILED),
            )
        ]
        accepted = UtcMs(onset + (past.accepted_after_s or 0) * 1000)
        course = Course(
            alarm_id=AlarmId(f"{past.session}-a{number}"),
            onset_utc_ms=UtcMs(onset),
            ended_utc_ms=UtcMs(onset + 40_000),
            session=past.session,
            participant=person_id(1),
            attempts=tuple(attempts),
            answers=(Answered(staff=StaffId("tom"), response=Response.ACCEPT, at_utc_ms=accepted),),
        )
        name = CommandId(f"{past.session}-course{number}")
        body = RecordCourse(course=course)
        yield HeardCommand(
            Command(id=name, owner="ingest", by="alerts", at_utc_ms=course.ended_utc_ms, body=body), course.ended_utc_ms
        )


def _journal(past: PastClass) -> JournalEntry:
    return JournalEntry(
        run=RunId(f"analysis-{past.session}"),
        seq=0,
        mono_ms=MonotonicMs(0),
        utc_ms=UtcMs(past.started_utc_ms + 1),
        rules_hash=RULES,
    )


def _command(past: PastClass, number: int, second: int, body: EntryBody) -> HeardCommand:
    at = UtcMs(past.started_utc_ms + second * 1000)
    entry = Entry(
        id=EntryId(f"{past.session}-e{number}"),
        session=past.session,
        at_utc_ms=at,
        by="AB",
        body=body,
        participant=person_id(1),
    )
    command = Command(id=CommandId(entry.id), owner="ingest", by="AB", at_utc_ms=at, body=RecordEntry(entry=entry))
    return HeardCommand(command, at)


def _keep_in_clinic(file: Path, past: PastClass) -> None:
    people = [
        {"id": person_id(number), "seat": number, "alias": f"Ann{number} <i>", "strap": f"s-strap{number}"}
        for number in range(1, past.people + 1)
    ]
    body = ClassBody.model_validate({"name": past.name, "participants": people})
    aliases = {person_id(number): f"Ann{number} <i>" for number in range(1, past.people + 1)}
    rosters = rosters_of(past)
    clinic = Clinic(file)
    try:
        first, last = rosters[0][1], rosters[-1][1]
        session = ClinicSession(
            name=past.name, roster=first, aliases=aliases, phase_since_utc_ms=UtcMs(past.started_utc_ms)
        )
        clinic.add(session, body)
        clinic.change(replace(session, roster=last), utc_ms=UtcMs(rosters[-1][0]))
        clinic.mark_recorded(past.session, version=last.version)
    finally:
        clinic.close()
