"""Parts of sessions made of few words, for the tests of summaries."""

from typing import Any, Final

from analysis.history.history import InForce, Said
from analysis.summary.part import Part
from vitals.alarms import RuleId
from vitals.entries import Entry, EntryBody, EntryId
from vitals.participants import LimitReason, ParticipantId, Sex
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, ResolvedLimit, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

ANN: Final = ParticipantId("ann")
START: Final = UtcMs(1_795_000_000_000)
LIMITS: Final = (
    ResolvedLimit(rule=RuleId.HR_OVER, value=124, reason=LimitReason.PRESCRIBED),
    ResolvedLimit(rule=RuleId.SPO2_LOW, value=90, reason=LimitReason.PRESCRIBED),
)


def entry(*, limits: tuple[ResolvedLimit, ...] = LIMITS, phase: Phase | None = None, until_ms: int) -> RosterEntry:
    return RosterEntry(
        participant=ANN,
        seat=3,
        sensors=tuple(
            AssignedSensor(
                sensor=SensorId(name),
                kind=kind,
                gateway=GatewayId("g1"),
                from_utc_ms=START,
                to_utc_ms=UtcMs(START + until_ms),
            )
            for name, kind in (("strap", SensorKind.STRAP), ("oxi", SensorKind.OXIMETER))
        ),
        limits=limits,
        rest_hr_bpm=60,
        peak_hr_bpm=160,
        zone_low_bpm=100,
        zone_high_bpm=124,
        sex=Sex.MALE,
        mass_kg=80,
        phase=phase,
    )


def roster(one: RosterEntry, *, version: int = 1, phase: Phase = Phase.TRAINING) -> Roster:
    return Roster(
        session=SessionId("s1"),
        version=version,
        room="room-1",
        generation_mode=GenerationMode.SIMULATED,
        phase=phase,
        started_utc_ms=START,
        entries=(one,),
    )


def rate(at_ms: int, bpm: int | None, **more: Any) -> Said:
    given: dict[str, Any] = {"quality": Quality.GOOD} | more
    reading: Reading = HeartRateReading(
        run=RunId("r"), sensor=SensorId("strap"), seq=at_ms, mono_ms=MonotonicMs(at_ms), hr_bpm=bpm, **given
    )
    return Said(MonotonicMs(at_ms), reading)


def saturation(at_ms: int, pct: float | None, **more: Any) -> Said:
    given: dict[str, Any] = {"quality": Quality.GOOD} | more
    reading: Reading = OximeterReading(
        run=RunId("r"), sensor=SensorId("oxi"), seq=at_ms, mono_ms=MonotonicMs(at_ms), spo2_pct=pct, **given
    )
    return Said(MonotonicMs(at_ms), reading)


def said_by(body: EntryBody, *, at_ms: int = 0, by: str = "AB", number: int = 0) -> Entry:
    return Entry(
        id=EntryId(f"e{number}"),
        session=SessionId("s1"),
        at_utc_ms=UtcMs(START + at_ms),
        by=by,
        body=body,
        participant=ANN,
    )


def part(said: list[Said], *, until_ms: int, **more: Any) -> Part:
    given: dict[str, Any] = {
        "rosters": (InForce(MonotonicMs(0), roster(entry(until_ms=until_ms))),),
        "holes": (),
        "events": (),
        "entries": (),
        "rules": ("abc",),
        "software": "1",
        "participant": ANN,
    } | more
    return Part(
        session=SessionId("s1"),
        generation_mode=GenerationMode.SIMULATED,
        started_utc_ms=START,
        until_ms=MonotonicMs(until_ms),
        is_over=True,
        said=tuple(sorted(said, key=lambda one: one.at_ms)),
        **given,
    )
