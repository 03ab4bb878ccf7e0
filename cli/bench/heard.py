"""What the engine hears in its benchmark: readings of a made-up class, with beats that add up; ticks, heartbeats."""

from collections.abc import Iterator
from random import Random
from typing import Final

from analysis.core.events import PartHeard, ReadingHeard, Tick
from cli.bench.crowd import wears_oximeter
from simulators.beats import Beat, StrapAverage
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import HeartRateReading, Machine, OximeterReading, Quality, RunId, WorkloadReading
from vitals.sensors import SensorId, SensorKind, SensorState, SensorStatus
from vitals.sessions import GenerationMode
from vitals.units import RR_TICKS_PER_S, MonotonicMs, UtcMs

TICK_MS: Final = 200
"""As analysis' own ticks."""

EVERY_NTH_ON_A_MACHINE: Final = 3

BEGIN_MS: Final = 1_000_000
BEGIN_UTC_MS: Final = 1_800_000_000_000

_SEED: Final = 7
_RUN: Final = RunId("bench")
_BOUT_S: Final = 240
"""A bout of four minutes, out of step with the neighbour's: now and then somebody is over the limit for a while."""

_FIRST_RR_MS: Final = 60_000 / 95

_RR_SPREAD: Final = 0.02
"""So much do intervals between the beats of an exercising heart differ, as a share of them."""


class HeardClass:
    """A class that goes on from call to call; the same calls give the same events."""

    def __init__(self, participants: int) -> None:
        """Begin at second 0.

        Args:
            participants: people in it; everybody wears a strap.
        """
        self._participants = participants
        self._random = Random(_SEED)
        self._straps = [StrapAverage() for _ in range(participants)]
        self._beats = [Beat(0.0, _FIRST_RR_MS)] * participants
        """The next one of each."""
        self._second = 0

    def next_events(self, seconds: int) -> list[ReadingHeard | Tick | PartHeard]:
        """Return the events of the next seconds: a reading a second of each sensor, spread over the second."""
        return [event for _ in range(seconds) for event in self._events_of_second()]

    def _events_of_second(self) -> Iterator[ReadingHeard | Tick | PartHeard]:
        ticks = 1000 // TICK_MS
        for tick in range(ticks):
            now_ms = MonotonicMs(BEGIN_MS + self._second * 1000 + tick * TICK_MS)
            yield Tick(now_ms=now_ms, now_utc_ms=UtcMs(BEGIN_UTC_MS + now_ms - BEGIN_MS))
            if tick == 0:
                yield _heartbeat(self._participants, now_ms)
            for index in range(tick, self._participants, ticks):
                yield from self._readings(index, now_ms)
        self._second += 1

    def _readings(self, index: int, now_ms: MonotonicMs) -> Iterator[ReadingHeard]:
        second, random = self._second, self._random
        place = (second + 17 * index) % _BOUT_S
        true_bpm = 95 + min(place, _BOUT_S - place) * 0.31
        strap = self._straps[index]
        now_s = (now_ms - BEGIN_MS) / 1000
        while (beat := self._beats[index]).at_s <= now_s:
            strap.beat(beat)
            rr_ms = 60_000 / true_bpm * random.gauss(1, _RR_SPREAD)
            self._beats[index] = Beat(beat.at_s + rr_ms / 1000, rr_ms)
        sample = strap.sample(now_s)
        reading = HeartRateReading(
            run=_RUN,
            sensor=SensorId(f"s-strap-{index}"),
            seq=second,
            mono_ms=now_ms,
            quality=Quality.GOOD,
            hr_bpm=sample.hr_bpm,
            rr_ms=tuple(ticks * 1000 / RR_TICKS_PER_S for ticks in sample.rr_ticks),
            contact=True,
        )
        yield ReadingHeard(reading=reading, stream_ms=now_ms, received_ms=now_ms)
        if wears_oximeter(index):
            oximeter = OximeterReading(
                run=_RUN,
                sensor=SensorId(f"s-oximeter-{index}"),
                seq=second,
                mono_ms=now_ms,
                quality=Quality.GOOD,
                spo2_pct=float(round(95 + random.gauss(0, 0.5))),
                pulse_bpm=float(round(true_bpm)),
            )
            yield ReadingHeard(reading=oximeter, stream_ms=now_ms, received_ms=now_ms)
        if wears(index, SensorKind.MACHINE):
            bike = WorkloadReading(
                run=_RUN,
                sensor=SensorId(f"s-machine-{index}"),
                seq=second,
                mono_ms=now_ms,
                quality=Quality.GOOD,
                machine=Machine.BIKE,
                power_w=round(60 + place * 0.2),
            )
            yield ReadingHeard(reading=bike, stream_ms=now_ms, received_ms=now_ms)


def wears(index: int, kind: SensorKind) -> bool:
    """Return whether the person with this index (from 0) has a sensor of a kind."""
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
        run=_RUN,
        state=PartState.UP,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=now_ms,
        utc_ms=UtcMs(BEGIN_UTC_MS + now_ms - BEGIN_MS),
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
