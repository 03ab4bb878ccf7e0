"""The driver of treadmills: Fitness Machine Service (0x1826), Treadmill Data."""

from functools import partial
from typing import Final

from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill
from gateway.codecs.uuids import FITNESS_MACHINE_SERVICE, TREADMILL_DATA
from gateway.drivers.base import Driver, Stamp, match_by, raw_hex_of
from gateway.drivers.workload import MachineConversation
from vitals.readings import Machine, ReadingKind, Reason, WorkloadReading
from vitals.sensors import SensorKind


def read_treadmill(frame: TreadmillFrame, raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of one record."""
    return WorkloadReading(
        **stamp._asdict(),
        machine=Machine.TREADMILL,
        speed_kmh=frame.speed_kmh,
        incline_pct=frame.incline_pct,
        power_w=frame.power_w,
        distance_m=frame.distance_m,
        elapsed_s=frame.elapsed_s,
        met=frame.met,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


TREADMILL: Final = Driver(
    name="treadmill",
    sensor_kind=SensorKind.MACHINE,
    reading_kind=ReadingKind.WORKLOAD,
    match=match_by(service=FITNESS_MACHINE_SERVICE),
    listens=(TREADMILL_DATA,),
    open=partial(MachineConversation[TreadmillFrame], Machine.TREADMILL, decode=decode_treadmill, read=read_treadmill),
)
