"""Sentences for the tests of the views: readings, statuses, alarms and rosters made of few words."""

from typing import Any

from dashboard.view.parts import Moment
from dashboard.view.room import Room, RoomSession
from vitals.alarms import (
    AlarmId,
    AlarmState,
    Condition,
    Family,
    Operator,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.participants import LimitReason, ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import HeartRateReading, OximeterReading, Quality, ReadingMessage, RunId
from vitals.sensors import GatewayId, RadioStatus, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, ResolvedLimit, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, Unit, UtcMs

UTC0_MS = 1_800_000_000_000
"""What the wall clock shows when this server's monotonic clock shows 0."""


def moment(ms: int) -> Moment:
    return Moment(ms=MonotonicMs(ms), utc_ms=UtcMs(UTC0_MS + ms))


def hr(bpm: int | None, *, seq: int, mono_ms: int, sent_ms: int | None = None, **more: Any) -> ReadingMessage:
    given: dict[str, Any] = {"run": RunId("run-g1"), "sensor": SensorId("s-strap1"), "quality": Quality.GOOD} | more
    body = HeartRateReading(seq=seq, mono_ms=MonotonicMs(mono_ms), hr_bpm=bpm, **given)
    return ReadingMessage(sent_mono_ms=MonotonicMs(mono_ms if sent_ms is None else sent_ms), body=body)


def spo2(pct: float | None, *, seq: int, mono_ms: int, **more: Any) -> ReadingMessage:
    given: dict[str, Any] = {"run": RunId("run-g1"), "sensor": SensorId("s-oxi1"), "quality": Quality.GOOD} | more
    body = OximeterReading(seq=seq, mono_ms=MonotonicMs(mono_ms), spo2_pct=pct, **given)
    return ReadingMessage(sent_mono_ms=MonotonicMs(mono_ms), body=body)


def entry(number: int, *, has_oximeter: bool = True, gateway: str = "g1", from_ms: int = 0) -> RosterEntry:
    kinds = [("s-strap", SensorKind.STRAP), *([("s-oxi", SensorKind.OXIMETER)] if has_oximeter else [])]
    return RosterEntry(
        participant=ParticipantId(f"p{number:02}"),
        seat=number,
        sensors=tuple(
            AssignedSensor(
                sensor=SensorId(f"{name}{number}"),
                kind=kind,
                gateway=GatewayId(gateway),
                from_utc_ms=UtcMs(UTC0_MS + from_ms),
            )
            for name, kind in kinds
        ),
        limits=(ResolvedLimit(rule=RuleId.HR_OVER, value=120, reason=LimitReason.PRESCRIBED),),
    )


def roster(*entries: RosterEntry, version: int = 1, session: str = "s1") -> Roster:
    return Roster(
        session=SessionId(session),
        version=version,
        room="room-1",
        generation_mode=GenerationMode.SIMULATED,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(UTC0_MS),
        entries=entries,
    )


def room_session(*entries: RosterEntry, version: int = 1) -> RoomSession:
    return RoomSession(
        name="Tuesday",
        phase_since_utc_ms=UtcMs(UTC0_MS),
        roster=roster(*entries, version=version),
        aliases={one.participant: f"A{one.seat}" for one in entries},
    )


def room_with(*entries: RosterEntry) -> Room:
    """Return a room whose class began at 0, with the broker there and gateway g1 alive."""
    room = Room(name="room-1", now=moment(0))
    room.hear_broker(is_up=True, now=moment(0))
    room.enter_session(room_session(*entries), now=moment(0))
    return room


def status(
    part: Part = Part.GATEWAY,
    instance: str = "g1",
    *,
    mono_ms: int = 0,
    state: PartState = PartState.UP,
    is_radio_up: bool = True,
    **more: Any,
) -> PartStatus:
    given: dict[str, Any] = {
        "run": RunId(f"run-{instance}"),
        "generation_mode": GenerationMode.SIMULATED,
        "clock_rate": 1.0,
    } | more
    return PartStatus(
        part=part,
        instance=instance,
        state=state,
        mono_ms=MonotonicMs(mono_ms),
        utc_ms=UtcMs(UTC0_MS + mono_ms),
        radios=(RadioStatus(name="r0", up=is_radio_up, slots_used=1),) if part is Part.GATEWAY else (),
        **given,
    )


def alarm(**more: Any) -> AlarmState:
    """Return an HR alarm of p01 that broke its limit at 1 s and was complete at 11 s of analysis' clock."""
    given: dict[str, Any] = {
        "alarm_id": AlarmId("a1"),
        "revision": 1,
        "subject": "p01",
        "subject_kind": SubjectKind.PARTICIPANT,
        "rule": RuleId.HR_OVER,
        "family": Family.PHYSIOLOGICAL,
        "priority": Priority.MEDIUM,
        "condition": Condition.ACTIVE,
        "signal": Signal.ON,
        "session": "s1",
        "participant": ParticipantId("p01"),
        "unit": Unit.BPM,
        "op": Operator.ABOVE,
        "value": 134,
        "peak": 140,
        "limit": 120,
        "limit_reason": LimitReason.PRESCRIBED,
        "breach_mono_ms": MonotonicMs(1_000),
        "onset_mono_ms": MonotonicMs(11_000),
        "onset_utc_ms": UtcMs(UTC0_MS + 11_000),
    }
    return AlarmState(**(given | more))
