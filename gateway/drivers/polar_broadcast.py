"""Heart rate out of a Polar sensor's advertisements: the fallback when no radio has a slot. No link, so no driver.

The same value is heard several times and lost ones are not noticed; who calls this once a second, or when the bytes
change, makes readings of it.
"""

from collections.abc import Mapping

from gateway.codecs.polar_advertising import POLAR_COMPANY, decode_polar_advertising
from gateway.codecs.undecodable import Undecodable
from gateway.drivers.base import Hearing, Stamp, raw_hex_of
from vitals.readings import HeartRateReading, ReadingKind, Source


def hear_broadcast(manufacturer_data: Mapping[int, bytes], hearing: Hearing) -> tuple[HeartRateReading, ...]:
    """Return what an advertisement says, as a driver's conversation would."""
    reading = read_broadcast(manufacturer_data, hearing.stamp_of(ReadingKind.HR))
    return () if reading is None else (reading,)


def read_broadcast(manufacturer_data: Mapping[int, bytes], stamp: Stamp) -> HeartRateReading | None:
    """Return the heart rate in an advertisement, or None: it tells none (not Polar's, or a sleeping sensor).

    Args:
        manufacturer_data: by company number, as heard.
        stamp: for the reading; unused, and free for the next one, if there is none.
    """
    raw = manufacturer_data.get(POLAR_COMPANY)
    frame = None if raw is None else decode_polar_advertising(raw)
    if raw is None or frame is None or isinstance(frame, Undecodable):
        return None
    return HeartRateReading(
        **stamp._replace(device=stamp.device or "Polar", source=Source.BROADCAST)._asdict(),
        hr_bpm=frame.hr_bpm,
        contact=frame.contact,
        quality=frame.quality,
        reason=frame.reason,
        raw_hex=raw_hex_of(raw),
    )
