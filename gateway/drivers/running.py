"""The driver of foot pods: Running Speed and Cadence Service (0x1814)."""

from functools import partial
from typing import Final

from gateway.codecs.running_speed import decode_running_speed
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import RUNNING_SPEED_MEASUREMENT, RUNNING_SPEED_SERVICE
from gateway.drivers.base import Driver, EachNotification, Stamp, match_by, raw_hex_of
from gateway.drivers.workload import undecodable_workload
from vitals.readings import Machine, ReadingKind, Reason, WorkloadReading
from vitals.sensors import SensorKind


def read_running(raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of one notification."""
    frame = decode_running_speed(raw)
    if isinstance(frame, Undecodable):
        return undecodable_workload(Machine.FOOT_POD, raw, stamp)
    return WorkloadReading(
        **stamp._asdict(),
        machine=Machine.FOOT_POD,
        speed_kmh=frame.speed_kmh,
        cadence_per_min=frame.cadence_per_min,
        distance_m=frame.distance_m,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


RUNNING: Final = Driver(
    name="running",
    sensor_kind=SensorKind.MACHINE,
    reading_kind=ReadingKind.WORKLOAD,
    match=match_by(service=RUNNING_SPEED_SERVICE),
    listens=(RUNNING_SPEED_MEASUREMENT,),
    open=partial(EachNotification, ReadingKind.WORKLOAD, read_running),
)
