"""PLX Continuous Measurement (0x2A5F): bytes <-> frames of a pulse oximeter. Pure; raises on no bytes.

Source: as for `plx_fields`, which says what the status bits mean.
"""

import struct
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.plx_fields import (
    MEASUREMENT_STATUS_BYTES,
    NO_PAIR,
    PAIR_BYTES,
    SENSOR_STATUS_BYTES,
    SPO2_BYTES,
    OxygenPulse,
    decode_pair,
    decode_perfusion,
    judge_number,
    judge_status,
    sfloat_at,
    special_at,
    status_at,
)
from gateway.codecs.sfloat import SfloatSpecial, encode_sfloat
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

_FAST: Final = 0x01
_SLOW: Final = 0x02
_MEASUREMENT_STATUS: Final = 0x04
_SENSOR_STATUS: Final = 0x08
_PULSE_AMPLITUDE: Final = 0x10
_HEAD_BYTES: Final = 5
_SPO2_AT: Final = 1
_LAYOUT: Final = (
    Field(_FAST, PAIR_BYTES),
    Field(_SLOW, PAIR_BYTES),
    Field(_MEASUREMENT_STATUS, MEASUREMENT_STATUS_BYTES),
    Field(_SENSOR_STATUS, SENSOR_STATUS_BYTES),
    Field(_PULSE_AMPLITUDE, 2),
)


class OximeterFrame(Struct, frozen=True, kw_only=True):
    """One oximeter notification.

    Attributes:
        spo2_pct: above 0 to 100, or None with ``reason``; always None when the quality is unusable, so that a stored,
            demo or off-finger value cannot be mistaken for a live one.
        pulse_bpm: above 0 to 300, or None; may be missing while SpO2 is good.
        spo2_special: which of the five special values was sent instead of a number, whatever the status said.
        pulse_special: likewise.
        perfusion_pct: pulse amplitude index, 0..100, if sent and a number.
        fast: values with the shorter averaging, if sent (same rules).
        slow: values with the longer averaging, if sent.
        measurement_status: the bits of `MeasurementStatus` as sent, None if the field is absent.
        sensor_status: the bits of `SensorStatus`, likewise.
        odd_bytes: bytes after the last field that the flags announce.
    """

    spo2_pct: float | None
    pulse_bpm: float | None
    quality: Quality
    reason: Reason | None = None
    spo2_special: SfloatSpecial | None = None
    pulse_special: SfloatSpecial | None = None
    perfusion_pct: float | None = None
    fast: OxygenPulse | None = None
    slow: OxygenPulse | None = None
    measurement_status: int | None = None
    sensor_status: int | None = None
    odd_bytes: bytes = b""


def decode_plx(raw: bytes) -> OximeterFrame | Undecodable:
    """Return the frame in a 0x2A5F notification. The flags may change from one notification to the next."""
    if not _HEAD_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"oximeter: {len(raw)} bytes where 5 are the least", raw=raw)
    flags = raw[0]
    places, end = place_fields(flags, _LAYOUT, first_at=_HEAD_BYTES)
    if len(raw) < end:
        return Undecodable(problem=f"oximeter: {len(raw)} bytes where flags 0x{flags:02x} need {end}", raw=raw)
    measurement = status_at(raw, places.get(_MEASUREMENT_STATUS), MEASUREMENT_STATUS_BYTES)
    sensor = status_at(raw, places.get(_SENSOR_STATUS), SENSOR_STATUS_BYTES)
    quality, reason = judge_status(measurement, sensor)
    is_usable = quality is not Quality.UNUSABLE
    normal = decode_pair(raw, _SPO2_AT) if is_usable else NO_PAIR
    if is_usable and normal.spo2_pct is None:
        quality, reason = Quality.UNUSABLE, judge_number(sfloat_at(raw, _SPO2_AT))
    return OximeterFrame(
        spo2_pct=normal.spo2_pct,
        pulse_bpm=normal.pulse_bpm,
        quality=quality,
        reason=reason,
        spo2_special=special_at(raw, _SPO2_AT),
        pulse_special=special_at(raw, _SPO2_AT + SPO2_BYTES),
        perfusion_pct=decode_perfusion(raw, places.get(_PULSE_AMPLITUDE)),
        fast=_averaged(raw, places.get(_FAST), is_usable=is_usable),
        slow=_averaged(raw, places.get(_SLOW), is_usable=is_usable),
        measurement_status=measurement,
        sensor_status=sensor,
        odd_bytes=bytes(raw[end:]),
    )


def _averaged(raw: bytes, at: int | None, *, is_usable: bool) -> OxygenPulse | None:
    """Return the values of another averaging: None if not sent, empty when the status makes them unusable."""
    if at is None:
        return None
    return decode_pair(raw, at) if is_usable else NO_PAIR


def encode_plx(
    spo2_pct: float | SfloatSpecial,
    pulse_bpm: float | SfloatSpecial,
    *,
    measurement_status: int | None = None,
    sensor_status: int | None = None,
    perfusion_pct: float | SfloatSpecial | None = None,
    fast: tuple[float | SfloatSpecial, float | SfloatSpecial] | None = None,
    slow: tuple[float | SfloatSpecial, float | SfloatSpecial] | None = None,
) -> bytes:
    """Return the 0x2A5F bytes that an oximeter sends for these values; optional fields are sent when given.

    Raises:
        ValueError: a number is beyond what an SFLOAT can say.
        OverflowError: a status does not fit its 16 or 24 bits.
    """
    flags = 0
    body = struct.pack("<HH", encode_sfloat(spo2_pct), encode_sfloat(pulse_bpm))
    for flag, pair in ((_FAST, fast), (_SLOW, slow)):
        if pair is not None:
            flags |= flag
            body += struct.pack("<HH", encode_sfloat(pair[0]), encode_sfloat(pair[1]))
    for flag, bits, width in ((_MEASUREMENT_STATUS, measurement_status, 2), (_SENSOR_STATUS, sensor_status, 3)):
        if bits is not None:
            flags |= flag
            body += bits.to_bytes(width, "little")
    if perfusion_pct is not None:
        flags |= _PULSE_AMPLITUDE
        body += struct.pack("<H", encode_sfloat(perfusion_pct))
    return bytes([flags]) + body
