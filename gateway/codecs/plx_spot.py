"""PLX Spot-Check Measurement (0x2A5E): one finished measurement of an oximeter, indicated. Pure; raises on no bytes.

A spot-check is what somebody measured at some time, perhaps yesterday: it is never a live vital. Its frame has the
values for the record and the technician; whoever makes a reading of it says `Averaging.SPOT` and nothing live.

Source: as for `plx_fields`.
"""

import struct
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field
from gateway.codecs.plx_body import PlxLayout, decode_body, encode_judges, encode_pair
from gateway.codecs.plx_fields import MEASUREMENT_STATUS_BYTES, SENSOR_STATUS_BYTES
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

_TIMESTAMP: Final = 0x01
_MEASUREMENT_STATUS: Final = 0x02
_SENSOR_STATUS: Final = 0x04
_PULSE_AMPLITUDE: Final = 0x08
_CLOCK_NOT_SET: Final = 0x10
_DATE_TIME: Final = struct.Struct("<H5B")
_LAYOUT: Final = PlxLayout(
    name="spot-check",
    fields=(
        Field(_TIMESTAMP, _DATE_TIME.size),
        Field(_MEASUREMENT_STATUS, MEASUREMENT_STATUS_BYTES),
        Field(_SENSOR_STATUS, SENSOR_STATUS_BYTES),
        Field(_PULSE_AMPLITUDE, 2),
    ),
    measurement_status=_MEASUREMENT_STATUS,
    sensor_status=_SENSOR_STATUS,
    pulse_amplitude=_PULSE_AMPLITUDE,
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
    body = decode_body(raw, _LAYOUT)
    if isinstance(body, Undecodable):
        return body
    return SpotCheckFrame(
        spo2_pct=body.pair.spo2_pct,
        pulse_bpm=body.pair.pulse_bpm,
        quality=body.quality,
        reason=body.reason,
        spo2_special=body.spo2_special,
        pulse_special=body.pulse_special,
        perfusion_pct=body.perfusion_pct,
        measured_at=_decode_date_time(raw, body.places.get(_TIMESTAMP)),
        is_clock_set=not body.flags & _CLOCK_NOT_SET,
        measurement_status=body.measurement_status,
        sensor_status=body.sensor_status,
        odd_bytes=body.odd_bytes,
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
    body = encode_pair(spo2_pct, pulse_bpm)
    if date_time is not None:
        flags |= _TIMESTAMP
        body += _DATE_TIME.pack(*date_time)
    more, judges = encode_judges(
        _LAYOUT, measurement_status=measurement_status, sensor_status=sensor_status, perfusion_pct=perfusion_pct
    )
    return bytes([flags | more]) + body + judges
