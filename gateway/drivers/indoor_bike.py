"""The driver of bikes and smart trainers: Fitness Machine Service (0x1826), Indoor Bike Data."""

from functools import partial
from typing import Final

from msgspec.structs import replace

from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike
from gateway.codecs.uuids import FITNESS_MACHINE_SERVICE, INDOOR_BIKE_DATA
from gateway.drivers.base import Driver, Stamp, match_by
from gateway.drivers.workload import MachineConversation, read_machine
from vitals.readings import Machine, ReadingKind, WorkloadReading
from vitals.sensors import SensorKind


def read_indoor_bike(frame: IndoorBikeFrame, raw: bytes, stamp: Stamp) -> WorkloadReading:
    """Return the reading of one record."""
    return replace(
        read_machine(Machine.BIKE, frame, raw, stamp),
        cadence_per_min=frame.cadence_per_min,
        resistance_level=frame.resistance_level,
    )


INDOOR_BIKE: Final = Driver(
    name="indoor_bike",
    sensor_kind=SensorKind.MACHINE,
    reading_kind=ReadingKind.WORKLOAD,
    match=match_by(service=FITNESS_MACHINE_SERVICE),
    listens=(INDOOR_BIKE_DATA,),
    open=partial(MachineConversation[IndoorBikeFrame], Machine.BIKE, decode=decode_indoor_bike, read=read_indoor_bike),
)
