"""What the tests of the record share: readings, statuses and rosters made of few words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.store.batch import Batch, HeardReading, HeardRoster
from ingest.store.reader import RecordReader
from ingest.store.writer import Committed, RecordWriter
from vitals.participants import ParticipantId
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

T0_UTC_MS = 1_800_000_000_000
"""An arbitrary wall time at which the runs of the tests have monotonic 0."""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[RecordWriter]:
    writer = RecordWriter(tmp_path / "record.db")
    yield writer
    writer.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[RecordReader]:
    reader = RecordReader(tmp_path / "record.db")
    yield reader
    reader.close()


@pytest.fixture
def hr() -> Callable[..., HeartRateReading]:
    def make(
        seq: int, *, run: str = "a1", sensor: str = "s-strap", bpm: int = 100, mono_ms: int | None = None
    ) -> HeartRateReading:
        return HeartRateReading(
            run=RunId(run),
            sensor=SensorId(sensor),
            seq=seq,
            mono_ms=MonotonicMs(seq * 1000 if mono_ms is None else mono_ms),
            quality=Quality.GOOD,
            hr_bpm=bpm,
            rr_ms=(600 * 1000 / 1024,),
        )

    return make


@pytest.fixture
def oximetry() -> Callable[..., OximeterReading]:
    def make(seq: int, *, run: str = "a1", sensor: str = "s-oxi", spo2_pct: float = 96.0) -> OximeterReading:
        return OximeterReading(
            run=RunId(run),
            sensor=SensorId(sensor),
            seq=seq,
            mono_ms=MonotonicMs(seq * 1000),
            quality=Quality.GOOD,
            spo2_pct=spo2_pct,
        )

    return make


@pytest.fixture
def roster() -> Callable[..., Roster]:
    """A class of one session; ``worn``: (participant, sensor, from s, to s or None) after the session's start."""

    def make(
        *worn: tuple[str, str, float, float | None], version: int = 1, ended_s: float | None = None, session: str = "c1"
    ) -> Roster:
        people = sorted({participant for participant, *_ in worn})
        return Roster(
            session=SessionId(session),
            version=version,
            room="room-1",
            generation_mode=GenerationMode.TEST,
            phase=Phase.TRAINING,
            started_utc_ms=UtcMs(T0_UTC_MS),
            ended_utc_ms=None if ended_s is None else at_utc_ms(ended_s),
            entries=tuple(
                RosterEntry(
                    participant=ParticipantId(person),
                    seat=seat,
                    sensors=tuple(
                        AssignedSensor(
                            sensor=SensorId(sensor),
                            kind=SensorKind.OXIMETER if "oxi" in sensor else SensorKind.STRAP,
                            gateway=GatewayId("g1"),
                            from_utc_ms=at_utc_ms(start_s),
                            to_utc_ms=None if end_s is None else at_utc_ms(end_s),
                        )
                        for participant, sensor, start_s, end_s in worn
                        if participant == person
                    ),
                )
                for seat, person in enumerate(people, start=1)
            ),
        )

    return make


def at_utc_ms(seconds: float) -> UtcMs:
    return UtcMs(T0_UTC_MS + round(seconds * 1000))


@pytest.fixture
def store_roster(writer: RecordWriter) -> Callable[..., None]:
    def act(roster: Roster, *, final: bool = False) -> None:
        batch = Batch()
        batch.add_roster(HeardRoster(roster, UtcMs(T0_UTC_MS), final))
        writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS))

    return act


@pytest.fixture
def store(writer: RecordWriter) -> Callable[..., Committed]:
    """Store readings of gateway g1 whose run had monotonic 0 at `T0_UTC_MS`."""

    def act(*readings: Reading, late: bool = False, source: str = "g1", batch: Batch | None = None) -> Committed:
        batch = Batch() if batch is None else batch
        for reading in readings:
            batch.observed_offsets_ms[source, reading.run] = T0_UTC_MS
            received = UtcMs(T0_UTC_MS + reading.mono_ms)
            batch.readings.append(HeardReading(source, reading, b"\x00\x64", received, late))
        return writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS))

    return act
