"""What the record costs: rows a second in bulk, and the time of one commit a second as in a class, with its sync."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cli.bench.crowd import wears_oximeter
from ingest.store.batch import Batch, HeardReading
from ingest.store.writer import RecordWriter
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs, UtcMs

BULK_ROWS: Final = 5_000
"""Rows of one commit in bulk: what an outbox delivers after an outage."""

_UTC_MS: Final = 1_800_000_000_000
_RAW: Final = bytes(20)
"""A notification of the usual length."""


def measure_bulk(*, participants: int, seconds: float) -> float:
    """Return the median of rows a second over commits of `BULK_ROWS` rows, for about ``seconds``."""
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        writer = RecordWriter(Path(folder) / "record.db")
        try:
            source = _class_readings(participants)
            ends_s = time.perf_counter() + seconds
            while time.perf_counter() < ends_s or not rates:
                batch = Batch()
                while len(batch) < BULK_ROWS:
                    batch.readings += next(source)
                rows = len(batch)
                begun_s = time.perf_counter()
                writer.store(batch, now_utc_ms=UtcMs(_UTC_MS))
                rates.append(rows / (time.perf_counter() - begun_s))
        finally:
            writer.close()
    return statistics.median(rates)


def measure_commits(*, participants: int, seconds: float) -> list[float]:
    """Return the milliseconds of commits that hold one second of a class each, for about ``seconds``."""
    took_ms: list[float] = []
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        writer = RecordWriter(Path(folder) / "record.db")
        try:
            source = _class_readings(participants)
            ends_s = time.perf_counter() + seconds
            while time.perf_counter() < ends_s or not took_ms:
                batch = Batch()
                batch.readings += next(source)
                took_ms.append(writer.store(batch, now_utc_ms=UtcMs(_UTC_MS)).took_ms)
        finally:
            writer.close()
    return took_ms


def _class_readings(participants: int) -> Iterator[list[HeardReading]]:
    """Yield the readings of one second after the other, without end."""
    second = 0
    while True:
        received = UtcMs(_UTC_MS + second * 1000)
        yield [
            HeardReading("g1", reading, _RAW, received, late=False)
            for index in range(participants)
            for reading in _readings(index, second)
        ]
        second += 1


def _readings(index: int, second: int) -> Iterator[Reading]:
    mono_ms = MonotonicMs(second * 1000 + index)
    yield HeartRateReading(
        run=RunId("be"),
        sensor=SensorId(f"s-strap-{index}"),
        seq=second,
        mono_ms=mono_ms,
        quality=Quality.GOOD,
        hr_bpm=100 + index % 30,
        rr_ms=(600.0, 601.5),
        contact=True,
    )
    if wears_oximeter(index):
        yield OximeterReading(
            run=RunId("be"),
            sensor=SensorId(f"s-oximeter-{index}"),
            seq=second,
            mono_ms=mono_ms,
            quality=Quality.GOOD,
            spo2_pct=96,
            pulse_bpm=100,
        )
