"""The driver of heart-rate straps: Heart Rate Service (0x180D), one notification a second, rate and RR intervals.

Contact is advisory: a Polar H10 tells it wrongly on every other connection (polar-ble-sdk issue 83). A rate without
contact is questionable and not missing, and good once the strap's own beats prove that it hears a heart; the reading
goes on saying that the strap denies contact. A strap that repeats itself is not believed, however good it looks.
"""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from gateway.codecs.body_location import BodyLocation, decode_body_location
from gateway.codecs.heart_rate import decode_heart_rate
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import BODY_SENSOR_LOCATION, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from gateway.drivers.base import Driver, Hearing, Stamp, Value, match_by, raw_hex_of
from vitals.readings import HeartRateReading, Quality, Reading, ReadingKind, Reason
from vitals.sensors import SensorKind
from vitals.units import MonotonicMs

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

PROOFS_MIN: Final = 5
"""So many notifications in a row must bring beats that fit the rate. Engineering choice: a strap in a hand or a bag
gives a fitting interval now and then, not five times."""
PROOF_MS_MAX: Final = 5_000
"""And the last of them is not older."""
FIT_MAX: Final = 0.15
"""The rate is a mean of some seconds, so a beat may differ so much; more in an arrhythmia, which then stays doubted."""
_MS_PER_MIN: Final = 60_000

STUCK_MS: Final = 30_000
"""The same bytes with the same beats for so long come from a strap that repeats itself, not from a heart: intervals are
told to a thousandth of a second. In 45 h of beats of 59 people (healthy, heart failure, atrial fibrillation) equal ones
followed each other for 7 s, and once for 14. A rate without beats may stand still (`analysis.core.quality.contact`)."""
STUCK_MIN: Final = 10
"""And so many of them: a strap that speaks seldom may say the same twice."""


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
        """Begin without a place and without proofs."""
        self._place = ""
        self._newest = b""
        self._repeats = 0
        self._since_ms = MonotonicMs(0)
        self._proofs = 0
        self._proven_ms = MonotonicMs(0)

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return the reading of a measurement; the place only goes into the name of the device."""
        if value.characteristic == BODY_SENSOR_LOCATION:
            location = decode_body_location(value.raw)
            self._place = "" if isinstance(location, Undecodable) else PLACES.get(location, "")
            return ()
        stamp = hearing.stamp_of(ReadingKind.HR)
        reading = self._believe(read_heart_rate(value.raw, stamp._replace(device=self._device(stamp.device))))
        return (self._doubt_repeated(value.raw, reading),)

    def _doubt_repeated(self, raw: bytes, reading: HeartRateReading) -> HeartRateReading:
        """Return the reading as it is, or as a doubted one when this link has said nothing else for long."""
        if raw != self._newest:
            self._newest, self._repeats, self._since_ms = raw, 0, reading.mono_ms
            return reading
        self._repeats += 1
        is_stuck = self._repeats >= STUCK_MIN and reading.mono_ms - self._since_ms >= STUCK_MS
        if not is_stuck or not reading.rr_ms or reading.quality is Quality.UNUSABLE:
            return reading
        return replace(reading, quality=Quality.QUESTIONABLE, reason=Reason.SENSOR_FAULT)

    def _believe(self, reading: HeartRateReading) -> HeartRateReading:
        """Return the reading as it is, or as a good one when the beats of this link contradict the missing contact."""
        if reading.contact is not False or reading.hr_bpm is None:
            self._proofs = 0
            return reading
        if reading.rr_ms:
            mean_ms = sum(reading.rr_ms) / len(reading.rr_ms)
            fits = abs(mean_ms * reading.hr_bpm / _MS_PER_MIN - 1) <= FIT_MAX
            self._proofs = self._proofs + 1 if fits else 0
            self._proven_ms = reading.mono_ms
        if self._proofs < PROOFS_MIN or reading.mono_ms - self._proven_ms > PROOF_MS_MAX:
            return reading
        return replace(reading, quality=Quality.GOOD, reason=None)

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
