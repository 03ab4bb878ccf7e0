"""PLX Spot-Check Measurement (0x2A5E): one finished measurement of an oximeter, indicated. Pure; raises on no bytes.

A spot-check is what somebody measured at some time, perhaps yesterday: it is never a live vital. Its frame has the
values for the record and the technician; whoever makes a reading of it says `Averaging.SPOT` and nothing live.

Source: as for `plx_fields`.
"""

import struct
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.plx_fields import (
    MEASUREMENT_STATUS_BYTES,
    NO_PAIR,
    SENSOR_STATUS_BYTES,
    SPO2_BYTES,
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

_TIMESTAMP: Final = 0x01
_MEASUREMENT_STATUS: Final = 0x02
_SENSOR_STATUS: Final = 0x04
_PULSE_AMPLITUDE: Final = 0x08
_CLOCK_NOT_SET: Final = 0x10
_HEAD_BYTES: Final = 5
_SPO2_AT: Final = 1
_DATE_TIME: Final = struct.Struct("<H5B")
_LAYOUT: Final = (
    Field(_TIMESTAMP, _DATE_TIME.size),
    Field(_MEASUREMENT_STATUS, MEASUREMENT_STATUS_BYTES),
    Field(_SENSOR_STATUS, SENSOR_STATUS_BYTES),
    Field(_PULSE_AMPLITUDE, 2),
)
# Date Time (0x2A08): 0 means unknown for year, month and day.
_DATE_TIME_MAX: Final = (9999, 12, 31, 23, 59, 59)


class SpotCheckFrame(Struct, frozen=True, kw_only=True):
    """One spot-check.

    Attributes:
        spo2_pct: above 0 to 100, or None with ``reason``; always None when the quality is unusable.
        pulse_bpm: above 0 to 300, or None.
        spo2_special: which of the five special values was sent instead of a number.
        pulse_special: likewise.
        perfusion_pct: pulse amplitude index, 0..100, if sent and a number.
        measured_at: the oximeter's own clock as it says it, ``2017-01-01T01:34:19``; 0 parts are unknown. None if not
            sent or no date. A label: no rule may use it.
        is_clock_set: False when the oximeter says that nobody set its clock.
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
    measured_at: str | None = None
    is_clock_set: bool = True
    measurement_status: int | None = None
    sensor_status: int | None = None
    odd_bytes: bytes = b""


def decode_plx_spot(raw: bytes) -> SpotCheckFrame | Undecodable:
    """Return the frame in a 0x2A5E indication."""
    if not _HEAD_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"spot-check: {len(raw)} bytes where 5 are the least", raw=raw)
    flags = raw[0]
    places, end = place_fields(flags, _LAYOUT, first_at=_HEAD_BYTES)
    if len(raw) < end:
        return Undecodable(problem=f"spot-check: {len(raw)} bytes where flags 0x{flags:02x} need {end}", raw=raw)
    measurement = status_at(raw, places.get(_MEASUREMENT_STATUS), MEASUREMENT_STATUS_BYTES)
    sensor = status_at(raw, places.get(_SENSOR_STATUS), SENSOR_STATUS_BYTES)
    quality, reason = judge_status(measurement, sensor)
    is_usable = quality is not Quality.UNUSABLE
    pair = decode_pair(raw, _SPO2_AT) if is_usable else NO_PAIR
    if is_usable and pair.spo2_pct is None:
        quality, reason = Quality.UNUSABLE, judge_number(sfloat_at(raw, _SPO2_AT))
    return SpotCheckFrame(
        spo2_pct=pair.spo2_pct,
        pulse_bpm=pair.pulse_bpm,
        quality=quality,
        reason=reason,
        spo2_special=special_at(raw, _SPO2_AT),
        pulse_special=special_at(raw, _SPO2_AT + SPO2_BYTES),
        perfusion_pct=decode_perfusion(raw, places.get(_PULSE_AMPLITUDE)),
        measured_at=_decode_date_time(raw, places.get(_TIMESTAMP)),
        is_clock_set=not flags & _CLOCK_NOT_SET,
        measurement_status=measurement,
        sensor_status=sensor,
        odd_bytes=bytes(raw[end:]),
    )


def _decode_date_time(raw: bytes, at: int | None) -> str | None:
    """Return a Date Time as text; None if absent or beyond any calendar."""
    if at is None:
        return None
    parts: tuple[int, ...] = _DATE_TIME.unpack_from(raw, at)
    if any(part > most for part, most in zip(parts, _DATE_TIME_MAX, strict=True)):
        return None
    year, month, day, hour, minute, second = parts
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def encode_plx_spot(
    spo2_pct: float | SfloatSpecial,
    pulse_bpm: float | SfloatSpecial,
    *,
    date_time: tuple[int, int, int, int, int, int] | None = None,
    is_clock_set: bool = True,
    measurement_status: int | None = None,
    sensor_status: int | None = None,
    perfusion_pct: float | SfloatSpecial | None = None,
) -> bytes:
    """Return the 0x2A5E bytes of one spot-check; optional fields are sent when given.

    Args:
        spo2_pct: in %, or a special value.
        pulse_bpm: in bpm, or a special value.
        date_time: year, month, day, hour, minute, second of the oximeter's clock.
        is_clock_set: whether anybody ever set that clock.
        measurement_status: bits of `MeasurementStatus`.
        sensor_status: bits of `SensorStatus`.
        perfusion_pct: pulse amplitude index in %.

    Raises:
        ValueError: a number is beyond what an SFLOAT can say.
        OverflowError: a status does not fit its 16 or 24 bits.
        struct.error: a part of the time does not fit its bytes.
    """
    flags = 0 if is_clock_set else _CLOCK_NOT_SET
    body = struct.pack("<HH", encode_sfloat(spo2_pct), encode_sfloat(pulse_bpm))
    if date_time is not None:
        flags |= _TIMESTAMP
        body += _DATE_TIME.pack(*date_time)
    for flag, bits, width in (
        (_MEASUREMENT_STATUS, measurement_status, MEASUREMENT_STATUS_BYTES),
        (_SENSOR_STATUS, sensor_status, SENSOR_STATUS_BYTES),
    ):
        if bits is not None:
            flags |= flag
            body += int(bits).to_bytes(width, "little")
    if perfusion_pct is not None:
        flags |= _PULSE_AMPLITUDE
        body += struct.pack("<H", encode_sfloat(perfusion_pct))
    return bytes([flags]) + body
