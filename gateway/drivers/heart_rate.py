"""The driver of heart-rate straps: Heart Rate Service (0x180D), one notification a second, rate and RR intervals.

Contact is advisory: a Polar H10 tells it wrongly on every other connection (polar-ble-sdk issue 83), so a rate without
contact is questionable and not missing.
"""

from collections.abc import Sequence
from typing import Final

from gateway.codecs.body_location import BodyLocation, decode_body_location
from gateway.codecs.heart_rate import decode_heart_rate
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import BODY_SENSOR_LOCATION, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from gateway.drivers.base import Driver, Hearing, Stamp, Value, match_by, raw_hex_of
from vitals.readings import HeartRateReading, Quality, Reading, ReadingKind, Reason
from vitals.sensors import SensorKind

PLACES: Final = {
    BodyLocation.CHEST: "chest",
    BodyLocation.WRIST: "wrist",
    BodyLocation.FINGER: "finger",
    BodyLocation.HAND: "hand",
    BodyLocation.EAR_LOBE: "ear lobe",
    BodyLocation.FOOT: "foot",
}
"""How the place is said behind the model: an optical sensor at the wrist is another thing than a strap."""

DEVICE_CHARACTERS_MAX: Final = 48


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


class StrapConversation:
    """What a strap says over one link; it may begin with where the strap sits."""

    def __init__(self) -> None:
        """Begin without a place."""
        self._place = ""

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return the reading of a measurement; the place only goes into the name of the device."""
        if value.characteristic == BODY_SENSOR_LOCATION:
            location = decode_body_location(value.raw)
            self._place = "" if isinstance(location, Undecodable) else PLACES.get(location, "")
            return ()
        stamp = hearing.stamp_of(ReadingKind.HR)
        return (read_heart_rate(value.raw, stamp._replace(device=self._device(stamp.device))),)

    def _device(self, device: str) -> str:
        if not self._place:
            return device
        place = f"({self._place})"
        return f"{device[: DEVICE_CHARACTERS_MAX - len(place) - 1]} {place}".lstrip()


HEART_RATE: Final = Driver(
    name="heart_rate",
    sensor_kind=SensorKind.STRAP,
    reading_kind=ReadingKind.HR,
    match=match_by(service=HEART_RATE_SERVICE),
    listens=(HEART_RATE_MEASUREMENT,),
    reads=(BODY_SENSOR_LOCATION,),
    open=StrapConversation,
)
