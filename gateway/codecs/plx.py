"""PLX Continuous Measurement (0x2A5F): bytes <-> frames of a pulse oximeter. Pure; raises on no bytes.

Source: as for `plx_fields`, which says what the status bits mean.
"""

from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field
from gateway.codecs.plx_body import PlxBody, PlxLayout, decode_body, encode_judges, encode_pair
from gateway.codecs.plx_fields import (
    MEASUREMENT_STATUS_BYTES,
    NO_PAIR,
    PAIR_BYTES,
    SENSOR_STATUS_BYTES,
    OxygenPulse,
    decode_pair,
)
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

_FAST: Final = 0x01
_SLOW: Final = 0x02
_MEASUREMENT_STATUS: Final = 0x04
_SENSOR_STATUS: Final = 0x08
_PULSE_AMPLITUDE: Final = 0x10
_LAYOUT: Final = PlxLayout(
    name="oximeter",
    fields=(
        Field(_FAST, PAIR_BYTES),
        Field(_SLOW, PAIR_BYTES),
        Field(_MEASUREMENT_STATUS, MEASUREMENT_STATUS_BYTES),
        Field(_SENSOR_STATUS, SENSOR_STATUS_BYTES),
        Field(_PULSE_AMPLITUDE, 2),
    ),
    measurement_status=_MEASUREMENT_STATUS,
    sensor_status=_SENSOR_STATUS,
    pulse_amplitude=_PULSE_AMPLITUDE,
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
    body = decode_body(raw, _LAYOUT)
    if isinstance(body, Undecodable):
        return body
    return OximeterFrame(
        spo2_pct=body.pair.spo2_pct,
        pulse_bpm=body.pair.pulse_bpm,
        quality=body.quality,
        reason=body.reason,
        spo2_special=body.spo2_special,
        pulse_special=body.pulse_special,
        perfusion_pct=body.perfusion_pct,
        fast=_averaged(raw, body, _FAST),
        slow=_averaged(raw, body, _SLOW),
        measurement_status=body.measurement_status,
        sensor_status=body.sensor_status,
        odd_bytes=body.odd_bytes,
    )


def _averaged(raw: bytes, body: PlxBody, flag: int) -> OxygenPulse | None:
    """Return the values of another averaging: None if not sent, empty when the status makes them unusable."""
    at = body.places.get(flag)
    if at is None:
        return None
    return decode_pair(raw, at) if body.is_usable else NO_PAIR


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
    flags, body = 0, encode_pair(spo2_pct, pulse_bpm)
    for flag, pair in ((_FAST, fast), (_SLOW, slow)):
        if pair is not None:
            flags |= flag
            body += encode_pair(*pair)
    more, judges = encode_judges(
        _LAYOUT, measurement_status=measurement_status, sensor_status=sensor_status, perfusion_pct=perfusion_pct
    )
    return bytes([flags | more]) + body + judges
