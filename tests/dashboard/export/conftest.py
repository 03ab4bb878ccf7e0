"""A class on record with everything that an export must get right: holes, zeros, fractions, doubts, hostile words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.export.order import ExportFormat, ExportOrder
from dashboard.export.writing import write_export
from ingest.store.batch import Batch, HeardReading, HeardRoster
from ingest.store.reader import RecordReader
from ingest.store.writer import RecordWriter
from vitals.participants import ParticipantId
from vitals.readings import (
    BatteryReading,
    HeartRateReading,
    Machine,
    OximeterReading,
    Quality,
    Reading,
    Reason,
    RunId,
    WorkloadReading,
)
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

T0_UTC_MS = 1_800_000_000_000
HOSTILE = '=HYPERLINK("http://x.example","a")'
"""What a maker of sensors could call one."""


def common(sensor: str, seq: int, at_ms: int, **more: Any) -> dict[str, Any]:
    quality = more.pop("quality", Quality.GOOD)
    return {
        "run": RunId("a1"),
        "sensor": SensorId(sensor),
        "seq": seq,
        "mono_ms": MonotonicMs(at_ms),
        "quality": quality,
        **more,
    }


def readings() -> Iterator[Reading]:
    for second in range(60):
        lost = second in {10, 11, 12}
        if second not in {20, 21, 22, 23}:
            more: dict[str, Any] = {"quality": Quality.UNUSABLE, "reason": Reason.OFF_SKIN} if lost else {}
            yield HeartRateReading(
                **common("s-1", second, second * 1000 + 137, device=HOSTILE, **more),
                hr_bpm=None if lost else 90 + second,
                contact=not lost,
                rr_ms=() if lost else (600 * 1000 / 1024, 1000 / 3),
            )
        yield OximeterReading(
            **common("s-oxi", second, second * 1000 + 400),
            spo2_pct=96.5 - second / 10,
            pulse_bpm=90.25,
            perfusion_pct=0.1,
        )
        yield WorkloadReading(
            **common("s-mill", second, second * 1000 + 700),
            machine=Machine.TREADMILL,
            speed_kmh=4.7,
            incline_pct=-2.5,
            distance_m=second * 1.3,
        )
    yield BatteryReading(**common("s-1", 0, 500), battery_pct=77)


def make_roster() -> Roster:
    def worn(sensor: str, kind: SensorKind) -> AssignedSensor:
        return AssignedSensor(
            sensor=SensorId(sensor),
            kind=kind,
            gateway=GatewayId("g1"),
            from_utc_ms=UtcMs(T0_UTC_MS),
            to_utc_ms=UtcMs(T0_UTC_MS + 60_000),
        )

    return Roster(
        session=SessionId("c1"),
        version=1,
        room="room-1",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(T0_UTC_MS),
        ended_utc_ms=UtcMs(T0_UTC_MS + 60_000),
        entries=(
            RosterEntry(
                participant=ParticipantId("p1"),
                seat=1,
                sensors=(worn("s-1", SensorKind.STRAP), worn("s-mill", SensorKind.MACHINE)),
                rest_hr_bpm=60,
                peak_hr_bpm=160,
            ),
            RosterEntry(participant=ParticipantId("p2"), seat=2, sensors=(worn("s-oxi", SensorKind.OXIMETER),)),
        ),
    )


@pytest.fixture
def record(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "record.db"
    writer = RecordWriter(path)
    batch = Batch()
    batch.observed_offsets_ms["g1", RunId("a1")] = T0_UTC_MS
    for reading in readings():
        batch.readings.append(HeardReading("g1", reading, b"\x01", UtcMs(T0_UTC_MS + reading.mono_ms + 20), late=False))
    batch.add_roster(HeardRoster(make_roster(), UtcMs(T0_UTC_MS), final=True))
    writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS + 90_000))
    writer.close()
    return path


@pytest.fixture
def reader(record: Path) -> Iterator[RecordReader]:
    reader = RecordReader(record)
    yield reader
    reader.close()


def export(record: Path, kind: ExportFormat, out: Path, *, zone: str = "Europe/Berlin") -> Path:
    write_export(ExportOrder(record_file=str(record), session="c1", format=kind, out=str(out), zone=zone))
    return out
