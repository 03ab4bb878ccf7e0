"""The driver of treadmills: Fitness Machine Service (0x1826), Treadmill Data."""

from functools import partial
from typing import Final

from msgspec.structs import replace

from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill
from gateway.codecs.uuids import FITNESS_MACHINE_SERVICE, TREADMILL_DATA
from gateway.drivers.base import Driver, Stamp, match_by
from gateway.drivers.workload import MachineConversation, read_machine
from vitals.readings import Machine, ReadingKind, WorkloadReading
from vitals.sensors import SensorKind


def read_treadmill(frame: TreadmillFrame, raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of one record."""
    return replace(
        read_machine(Machine.TREADMILL, frame, raw, stamp),
        incline_pct=frame.incline_pct,
    )


TREADMILL: Final = Driver(
    name="treadmill",
    sensor_kind=SensorKind.MACHINE,
    reading_kind=ReadingKind.WORKLOAD,
    match=match_by(service=FITNESS_MACHINE_SERVICE),
    listens=(TREADMILL_DATA,),
    open=partial(MachineConversation[TreadmillFrame], Machine.TREADMILL, decode=decode_treadmill, read=read_treadmill),
)
