"""The battery level (0x2A19) that a sensor may tell besides its measurements: read once and listened to."""

from gateway.codecs.battery import decode_battery
from gateway.codecs.undecodable import Undecodable
from gateway.drivers.base import Stamp, raw_hex_of
from vitals.readings import BatteryReading, Quality, Reason


def read_battery(raw: bytes, stamp: Stamp) -> BatteryReading:
    """Return the reading of one battery level, read or notified."""
    level = decode_battery(raw)
    if isinstance(level, Undecodable):
        return BatteryReading(
            **stamp._asdict(),
            battery_pct=None,
            quality=Quality.UNUSABLE,
            reason=Reason.UNDECODABLE,
            raw_hex=raw_hex_of(raw),
        )
    return BatteryReading(**stamp._asdict(), battery_pct=level, quality=Quality.GOOD, raw_hex=raw_hex_of(raw))
