"""What the tests of the record share: readings, statuses and rosters made of few words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.store.batch import Batch, HeardReading
from ingest.store.reader import RecordReader
from ingest.store.writer import Committed, RecordWriter
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, RunId
from vitals.sensors import SensorId
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
