"""The driver of heart-rate straps: Heart Rate Service (0x180D), one notification a second, rate and RR intervals."""

from typing import Final

from gateway.codecs.heart_rate import decode_heart_rate
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from gateway.drivers.base import Driver, Stamp, raw_hex_of, service_match
from vitals.readings import HeartRateReading, Quality, ReadingKind, Reason
from vitals.sensors import SensorKind


def read_heart_rate(raw: bytes, stamp: Stamp) -> HeartRateReading:
    """Return the reading of one heart-rate notification.

    Stray bytes at the end spoil nothing (real straps send one): the value stays good and the reason names them.
    """
    frame = decode_heart_rate(raw)
    if isinstance(frame, Undecodable):
        return HeartRateReading(
            **stamp._asdict(),
            hr_bpm=None,
            quality=Quality.UNUSABLE,
            reason=Reason.UNDECODABLE,
            raw_hex=raw_hex_of(raw),
        )
    return HeartRateReading(
        **stamp._asdict(),
        hr_bpm=frame.hr_bpm,
        rr_ms=frame.rr_ms,
        contact=frame.contact,
        quality=frame.quality,
        reason=frame.reason or (Reason.ODD_BYTES if frame.odd_bytes else None),
        raw_hex=raw_hex_of(raw),
    )


HEART_RATE: Final = Driver(
    name="heart_rate",
    sensor_kind=SensorKind.STRAP,
    reading_kind=ReadingKind.HR,
    characteristic=HEART_RATE_MEASUREMENT,
    match=service_match(HEART_RATE_SERVICE),
    read=read_heart_rate,
)
