"""Battery Level (0x2A19): one byte, 0..100 %."""

from typing import Final

from gateway.codecs.undecodable import Undecodable

BATTERY_PCT_MAX: Final = 100


def decode_battery(raw: bytes) -> int | Undecodable:
    """Return the level in %; above 100 is reserved by the Battery Service and means nothing."""
    if len(raw) != 1 or raw[0] > BATTERY_PCT_MAX:
        return Undecodable(problem=f"battery level: 0x{raw[:8].hex()} is none of 0..100 in one byte", raw=raw)
    return raw[0]


def encode_battery(battery_pct: int) -> bytes:
    """Return the one byte of a level of 0..100 %.

    Raises:
        ValueError: the level is out of range.
    """
    if not 0 <= battery_pct <= BATTERY_PCT_MAX:
        msg = f"battery level {battery_pct} is not 0..100"
        raise ValueError(msg)
    return bytes([battery_pct])
