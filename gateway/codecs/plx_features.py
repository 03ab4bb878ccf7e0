"""PLX Features (0x2A60): which optional fields an oximeter sends, read once after connecting. Pure; raises on no bytes.

Source: as for `plx_fields`.
"""

from enum import IntFlag
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.plx_fields import MEASUREMENT_STATUS_BYTES, SENSOR_STATUS_BYTES, status_at
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable


class PlxFeature(IntFlag):
    """Bits of PLX Features."""

    MEASUREMENT_STATUS = 1 << 0
    SENSOR_STATUS = 1 << 1
    STORAGE = 1 << 2
    TIMESTAMP = 1 << 3
    FAST = 1 << 4
    SLOW = 1 << 5
    PULSE_AMPLITUDE = 1 << 6
    MULTIPLE_BONDS = 1 << 7


_FEATURES_BYTES: Final = 2
_MEASUREMENT_STATUS: Final = int(PlxFeature.MEASUREMENT_STATUS)
_SENSOR_STATUS: Final = int(PlxFeature.SENSOR_STATUS)
_LAYOUT: Final = (
    Field(_MEASUREMENT_STATUS, MEASUREMENT_STATUS_BYTES),
    Field(_SENSOR_STATUS, SENSOR_STATUS_BYTES),
)


class PlxFeaturesFrame(Struct, frozen=True, kw_only=True):
    """What an oximeter can say.

    Attributes:
        features: bits of `PlxFeature` as sent, 16 bits.
        measurement_support: which bits of `MeasurementStatus` it may set, None if it sends no such field.
        sensor_support: which bits of `SensorStatus`, likewise.
        odd_bytes: bytes after the last field.
    """

    features: int
    measurement_support: int | None = None
    sensor_support: int | None = None
    odd_bytes: bytes = b""

    def has(self, feature: PlxFeature) -> bool:
        """Return whether the oximeter announces a feature."""
        return bool(self.features & int(feature))


def decode_plx_features(raw: bytes) -> PlxFeaturesFrame | Undecodable:
    """Return what an oximeter says about itself."""
    if not _FEATURES_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"oximeter features: {len(raw)} bytes where 2 are the least", raw=raw)
    features = raw[0] | raw[1] << 8
    places, end = place_fields(features, _LAYOUT, first_at=_FEATURES_BYTES)
    if len(raw) < end:
        problem = f"oximeter features: {len(raw)} bytes where features 0x{features:04x} need {end}"
        return Undecodable(problem=problem, raw=raw)
    return PlxFeaturesFrame(
        features=features,
        measurement_support=status_at(raw, places.get(_MEASUREMENT_STATUS), MEASUREMENT_STATUS_BYTES),
        sensor_support=status_at(raw, places.get(_SENSOR_STATUS), SENSOR_STATUS_BYTES),
        odd_bytes=bytes(raw[end:]),
    )


def encode_plx_features(features: int, *, measurement_support: int = 0, sensor_support: int = 0) -> bytes:
    """Return the 0x2A60 bytes; the two support fields are sent when their feature bit is set.

    Raises:
        OverflowError: a number does not fit its 16, 16 or 24 bits.
    """
    raw = int(features).to_bytes(_FEATURES_BYTES, "little")
    if features & _MEASUREMENT_STATUS:
        raw += int(measurement_support).to_bytes(MEASUREMENT_STATUS_BYTES, "little")
    if features & _SENSOR_STATUS:
        raw += int(sensor_support).to_bytes(SENSOR_STATUS_BYTES, "little")
    return raw
