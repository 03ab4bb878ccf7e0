"""Body Sensor Location (0x2A38): where a strap says it sits, one byte, read once. Pure; raises on no bytes.

Source: Heart Rate Service 1.0 and the GATT Specification Supplement.
"""

from enum import IntEnum

from gateway.codecs.undecodable import Undecodable


class BodyLocation(IntEnum):
    """Where the sensor sits."""

    OTHER = 0
    CHEST = 1
    WRIST = 2
    FINGER = 3
    HAND = 4
    EAR_LOBE = 5
    FOOT = 6


def decode_body_location(raw: bytes) -> BodyLocation | Undecodable:
    """Return where the sensor sits; a number without a meaning is undecodable."""
    if len(raw) != 1 or raw[0] > max(BodyLocation):
        return Undecodable(problem=f"body sensor location: 0x{raw[:8].hex()} is none of 0..6", raw=raw)
    return BodyLocation(raw[0])


def encode_body_location(location: BodyLocation) -> bytes:
    """Return the one byte of 0x2A38."""
    return bytes([location])
