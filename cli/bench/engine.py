"""What analysis costs: its pure engine, with all rules on, over a made-up class; no broker, no disk, no clock."""

import gc
import time
from collections.abc import Iterator
from random import Random
from typing import Final

from msgspec import Struct

from analysis.core.engine import Engine
from analysis.core.events import Listening, PartHeard, ReadingHeard, RosterChanged, Tick
from analysis.core.limits import resolve_limits
from analysis.rule_set import DEFAULT
from cli.bench.crowd import wears_oximeter
from vitals.participants import ParticipantId, Prescription
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import HeartRateReading, Machine, OximeterReading, Quality, RunId, WorkloadReading
from vitals.sensors import GatewayId, SensorId, SensorKind, SensorState, SensorStatus
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

TICK_MS: Final = 200
"""As analysis' own ticks."""

EVERY_NTH_ON_A_MACHINE: Final = 3

ROUNDS_MAX: Final = 5
"""The median of at most so many rounds is told."""

_T0_MS: Final = 1_000_000
_UTC_MS: Final = 1_800_000_000_000
_SEED: Final = 7
_CHUNK_S: Final = 10


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
    # As the parts do at their start: what is imported is no concern of a collection.
    gc.collect()
    gc.freeze()
    engine = Engine(rules=DEFAULT)
    engine.step(Listening(up=True, now_ms=MonotonicMs(_T0_MS), now_utc_ms=UtcMs(_UTC_MS)))
    engine.step(RosterChanged(roster=make_roster(participants), now_ms=MonotonicMs(_T0_MS)))
    costs = []
    ends_s = time.perf_counter() + seconds
    for number in range(10_000):
        costs.append(_measure_chunk(engine, participants, from_s=number * _CHUNK_S))
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
        started_utc_ms=UtcMs(_UTC_MS),
        entries=tuple(
            RosterEntry(
                participant=ParticipantId(f"p{index}"),
                seat=index + 1,
                sensors=tuple(
                    AssignedSensor(
                        sensor=SensorId(f"s-{kind.value}-{index}"),
                        kind=kind,
                        gateway=GatewayId("g1"),
                        from_utc_ms=UtcMs(_UTC_MS),
                    )
                    for kind in SensorKind
                    if _wears(index, kind)
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


def _measure_chunk(engine: Engine, participants: int, *, from_s: int) -> Cost:
    """Return the cost of ten seconds of a class, whose readings are made before the watch starts."""
    events = list(_events(participants, from_s=from_s))
    begun_s = time.process_time()
    for event in events:
        engine.step(event)
        if isinstance(event, PartHeard):
            # Once a second, as the shell asks for it.
            engine.derive(event.now_ms)
    cpu_s = time.process_time() - begun_s
    readings = sum(isinstance(event, ReadingHeard) for event in events)
    return Cost(cpu_s=cpu_s, readings=readings, class_s=_CHUNK_S, participants=participants)


def _events(participants: int, *, from_s: int) -> Iterator[ReadingHeard | Tick | PartHeard]:
    """Yield readings once a second for each sensor, spread over the second; ticks and heartbeats between them."""
    random = Random(_SEED + from_s)
    ticks = 1000 // TICK_MS
    for second in range(from_s, from_s + _CHUNK_S):
        for tick in range(ticks):
            now_ms = MonotonicMs(_T0_MS + second * 1000 + tick * TICK_MS)
            yield Tick(now_ms=now_ms, now_utc_ms=UtcMs(_UTC_MS + now_ms - _T0_MS))
            if tick == 0:
                yield _heartbeat(participants, now_ms)
            for index in range(tick, participants, ticks):
                yield from _readings(random, index, second, now_ms)


def _wears(index: int, kind: SensorKind) -> bool:
    match kind:
        case SensorKind.STRAP:
            return True
        case SensorKind.OXIMETER:
            return wears_oximeter(index)
        case SensorKind.MACHINE:
            return index % EVERY_NTH_ON_A_MACHINE == 0


def _heartbeat(participants: int, now_ms: MonotonicMs) -> PartHeard:
    status = PartStatus(
        part=Part.GATEWAY,
        instance="g1",
        run=RunId("bench"),
        state=PartState.UP,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=now_ms,
        utc_ms=UtcMs(_UTC_MS + now_ms - _T0_MS),
        sensors=tuple(
            SensorStatus(
                sensor=SensorId(f"s-strap-{index}"),
                kind=SensorKind.STRAP,
                state=SensorState.STREAMING,
                since_mono_ms=MonotonicMs(0),
                battery_pct=80,
            )
            for index in range(participants)
        ),
    )
    return PartHeard(status=status, retained=False, now_ms=now_ms)


def _readings(random: Random, index: int, second: int, now_ms: MonotonicMs) -> Iterator[ReadingHeard]:
    # A bout of four minutes, out of step with the neighbour's: now and then somebody is over the limit for a while.
    place = (second + 17 * index) % 240
    hr_bpm = 95 + (place if place < 120 else 240 - place) * 0.31 + random.gauss(0, 1.5)  # noqa: PLR2004 - half a bout
    strap = HeartRateReading(
        run=RunId("bench"),
        sensor=SensorId(f"s-strap-{index}"),
        seq=second,
        mono_ms=now_ms,
        quality=Quality.GOOD,
        hr_bpm=round(hr_bpm),
        rr_ms=(60_000 / hr_bpm,),
        contact=True,
    )
    yield ReadingHeard(reading=strap, stream_ms=now_ms, received_ms=now_ms)
    if wears_oximeter(index):
        oximeter = OximeterReading(
            run=RunId("bench"),
            sensor=SensorId(f"s-oximeter-{index}"),
            seq=second,
            mono_ms=now_ms,
            quality=Quality.GOOD,
            spo2_pct=round(95 + random.gauss(0, 0.5)),
            pulse_bpm=round(hr_bpm),
        )
        yield ReadingHeard(reading=oximeter, stream_ms=now_ms, received_ms=now_ms)
    if _wears(index, SensorKind.MACHINE):
        bike = WorkloadReading(
            run=RunId("bench"),
            sensor=SensorId(f"s-machine-{index}"),
            seq=second,
            mono_ms=now_ms,
            quality=Quality.GOOD,
            machine=Machine.BIKE,
            power_w=round(60 + place * 0.2),
        )
        yield ReadingHeard(reading=bike, stream_ms=now_ms, received_ms=now_ms)


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
