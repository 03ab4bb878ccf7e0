"""The driver of speed and cadence sensors on a bicycle: Cycling Speed and Cadence Service (0x1816).

Such a sensor tells counters; speed and cadence are what changed between two notifications of one link.
"""

from collections.abc import Sequence
from typing import Final

from gateway.codecs.cycling_speed import CyclingState, decode_cycling_speed, step_cycling
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import CYCLING_SPEED_MEASUREMENT, CYCLING_SPEED_SERVICE
from gateway.drivers.base import Driver, Hearing, Value, match_by, raw_hex_of
from gateway.drivers.workload import undecodable_workload
from vitals.readings import Machine, Quality, Reading, ReadingKind, Reason, WorkloadReading
from vitals.sensors import SensorKind


class CyclingConversation:
    """What a sensor on a bicycle says over one link; the first notification only begins the count."""

    def __init__(self) -> None:
        """Begin without a count."""
        self._state = CyclingState()

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return speed and cadence since the notification before; a sensor of the crank alone has no speed."""
        stamp = hearing.stamp_of(ReadingKind.WORKLOAD)
        frame = decode_cycling_speed(value.raw)
        if isinstance(frame, Undecodable):
            return (undecodable_workload(Machine.CADENCE_SENSOR, value.raw, stamp),)
        self._state, speed = step_cycling(self._state, frame, now_ms=hearing.mono_ms)
        tells = speed.speed_kmh is not None or speed.cadence_per_min is not None
        odd = Reason.ODD_BYTES if frame.odd_bytes else None
        return (
            WorkloadReading(
                **stamp._asdict(),
                machine=Machine.CADENCE_SENSOR,
                speed_kmh=speed.speed_kmh,
                cadence_per_min=speed.cadence_per_min,
                quality=Quality.GOOD if tells else Quality.UNUSABLE,
                reason=odd if tells else Reason.NO_VALUE,
                raw_hex=raw_hex_of(value.raw),
            ),
        )


CYCLING: Final = Driver(
    name="cycling",
    sensor_kind=SensorKind.MACHINE,
    reading_kind=ReadingKind.WORKLOAD,
    match=match_by(service=CYCLING_SPEED_SERVICE),
    listens=(CYCLING_SPEED_MEASUREMENT,),
    open=CyclingConversation,
)
