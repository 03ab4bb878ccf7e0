"""What analysis costs: its pure engine, with all rules on, over a made-up class; no broker, no disk, no clock."""

import gc
import time
from typing import Final

from msgspec import Struct

from analysis.core.engine import Engine
from analysis.core.events import Listening, PartHeard, ReadingHeard, RosterChanged
from analysis.core.limits import resolve_limits
from analysis.rule_set import DEFAULT
from cli import collector
from cli.bench.heard import BEGIN_MS, BEGIN_UTC_MS, HeardClass, wears
from vitals.participants import ParticipantId, Prescription
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

ROUNDS_MAX: Final = 5
"""The median of at most so many rounds is told."""

_CHUNK_S: Final = 10
_CHUNKS_MAX: Final = 10_000


class Cost(Struct, frozen=True, kw_only=True):
    """CPU seconds for a stretch of a class. Ticks are included, making the readings is not."""

    cpu_s: float
    readings: int
    class_s: int
    participants: int

    @property
    def us_per_reading(self) -> float:
        """Microseconds of CPU for one reading."""
        return self.cpu_s * 1e6 / self.readings

    @property
    def participant_s_per_cpu_s(self) -> float:
        """Seconds of one participant's class for one second of CPU."""
        return self.participants * self.class_s / self.cpu_s


def measure_engine(*, participants: int, seconds: float) -> list[Cost]:
    """Return the cost of rounds that take about ``seconds`` of real time in all; at least one."""
    # As the parts do at their start.
    collector.settle()
    engine = Engine(rules=DEFAULT)
    engine.step(Listening(up=True, now_ms=MonotonicMs(BEGIN_MS), now_utc_ms=UtcMs(BEGIN_UTC_MS)))
    engine.step(RosterChanged(roster=make_roster(participants), now_ms=MonotonicMs(BEGIN_MS)))
    costs = []
    ends_s = time.perf_counter() + seconds
    heard = HeardClass(participants)
    for _ in range(_CHUNKS_MAX):
        costs.append(_measure_chunk(engine, heard, participants))
        if time.perf_counter() >= ends_s:
            break
    gc.unfreeze()
    return _merge(costs)


def make_roster(participants: int) -> Roster:
    """Return a class whose every person has all limits; three of four wear an oximeter, one of three is on a bike."""
    prescription = Prescription(
        rest_hr_bpm=70,
        peak_hr_bpm=150,
        hr_upper_bpm=128,
        hr_lower_bpm=50,
        spo2_floor_pct=88,
        spo2_critical_pct=85,
        spo2_baseline_pct=95,
        zone_low_bpm=95,
        zone_high_bpm=125,
        exercise_test=True,
    )
    return Roster(
        session=SessionId("bench"),
        version=1,
        room="room-1",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(BEGIN_UTC_MS),
        entries=tuple(
            RosterEntry(
                participant=ParticipantId(f"p{index}"),
                seat=index + 1,
                sensors=tuple(
                    AssignedSensor(
                        sensor=SensorId(f"s-{kind.value}-{index}"),
                        kind=kind,
                        gateway=GatewayId("g1"),
                        from_utc_ms=UtcMs(BEGIN_UTC_MS),
                    )
                    for kind in SensorKind
                    if wears(index, kind)
                ),
                limits=resolve_limits(prescription),
                rest_hr_bpm=70,
                peak_hr_bpm=150,
                zone_low_bpm=95,
                zone_high_bpm=125,
                spo2_baseline_pct=95,
            )
            for index in range(participants)
        ),
    )


def _measure_chunk(engine: Engine, heard: HeardClass, participants: int) -> Cost:
    """Return the cost of ten seconds of a class, whose readings are made before the watch starts."""
    events = heard.next_events(_CHUNK_S)
    # Once a second, as the shell asks for it; what asks is no part of what is measured.
    asked = [event.now_ms if isinstance(event, PartHeard) else None for event in events]
    begun_s = time.process_time()
    for event, derive_ms in zip(events, asked, strict=True):
        engine.step(event)
        if derive_ms is not None:
            engine.derive(derive_ms)
    cpu_s = time.process_time() - begun_s
    readings = sum(isinstance(event, ReadingHeard) for event in events)
    return Cost(cpu_s=cpu_s, readings=readings, class_s=_CHUNK_S, participants=participants)


def _merge(costs: list[Cost]) -> list[Cost]:
    """Return at most `ROUNDS_MAX` rounds; the first chunk, in which everything is new, goes with the others."""
    size = -(-len(costs) // ROUNDS_MAX)
    return [
        Cost(
            cpu_s=sum(cost.cpu_s for cost in part),
            readings=sum(cost.readings for cost in part),
            class_s=sum(cost.class_s for cost in part),
            participants=part[0].participants,
        )
        for part in (costs[at : at + size] for at in range(0, len(costs), size))
    ]
