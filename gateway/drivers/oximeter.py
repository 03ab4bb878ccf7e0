"""The driver of pulse oximeters: Pulse Oximeter Service (0x1822), continuous measurement."""

from typing import Final

from gateway.codecs.plx import decode_plx
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import PLX_CONTINUOUS_MEASUREMENT, PULSE_OXIMETER_SERVICE
from gateway.drivers.base import Driver, Stamp, raw_hex_of, service_match
from vitals.readings import OximeterReading, Quality, ReadingKind, Reason
from vitals.sensors import SensorKind


def read_oximeter(raw: bytes, stamp: Stamp) -> OximeterReading:
    """Return the reading of one continuous measurement: the normal averaging, which every oximeter sends."""
    frame = decode_plx(raw)
    if isinstance(frame, Undecodable):
        return OximeterReading(
            **stamp._asdict(),
            spo2_pct=None,
            quality=Quality.UNUSABLE,
            reason=Reason.UNDECODABLE,
            raw_hex=raw_hex_of(raw),
        )
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=frame.spo2_pct,
        pulse_bpm=frame.pulse_bpm,
        perfusion_pct=frame.perfusion_pct,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


OXIMETER: Final = Driver(
    name="oximeter",
    sensor_kind=SensorKind.OXIMETER,
    reading_kind=ReadingKind.OXIMETER,
    characteristic=PLX_CONTINUOUS_MEASUREMENT,
    match=service_match(PULSE_OXIMETER_SERVICE),
    read=read_oximeter,
)
