"""PLX Continuous Measurement (0x2A5F): bytes <-> frames of a pulse oximeter. Pure; raises on no bytes.

Source: Pulse Oximeter Service 1.0.1, as laid out in the SIG's XML of 2015 and in bluetooth-sig, which agree. Which
status bits spoil a value is our reading of it: see `_VERDICTS`.
"""

import struct
from enum import IntFlag
from typing import Final, NamedTuple

from msgspec import Struct

from gateway.codecs.sfloat import SfloatSpecial, decode_sfloat, encode_sfloat
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

SPO2_PCT_MAX: Final = 100.0
PULSE_BPM_MAX: Final = 300.0
PERFUSION_PCT_MAX: Final = 100.0
"""Above these a number is a code or a fault (Nonin sends 127 % and 511 bpm for "nothing"): shown as missing."""


class MeasurementStatus(IntFlag):
    """Bits of the measurement status field (16 bits)."""

    ONGOING = 1 << 5
    EARLY_ESTIMATE = 1 << 6
    VALIDATED = 1 << 7
    FULLY_QUALIFIED = 1 << 8
    FROM_STORAGE = 1 << 9
    DEMO = 1 << 10
    TEST = 1 << 11
    CALIBRATION = 1 << 12
    UNAVAILABLE = 1 << 13
    QUESTIONABLE = 1 << 14
    INVALID = 1 << 15


class SensorStatus(IntFlag):
    """Bits of the device and sensor status field (24 bits)."""

    EXTERNAL_DISPLAY = 1 << 0
    EQUIPMENT_MALFUNCTION = 1 << 1
    PROCESSING_IRREGULARITY = 1 << 2
    INADEQUATE_SIGNAL = 1 << 3
    POOR_SIGNAL = 1 << 4
    LOW_PERFUSION = 1 << 5
    ERRATIC_SIGNAL = 1 << 6
    NON_PULSATILE = 1 << 7
    QUESTIONABLE_PULSE = 1 << 8
    ANALYSIS_ONGOING = 1 << 9
    INTERFERENCE = 1 << 10
    UNCONNECTED_TO_USER = 1 << 11
    UNKNOWN_SENSOR = 1 << 12
    DISPLACED = 1 << 13
    SENSOR_MALFUNCTION = 1 << 14
    SENSOR_DISCONNECTED = 1 << 15


class _Verdict(NamedTuple):
    """What one status bit says about the values that come with it."""

    bit: MeasurementStatus | SensorStatus
    quality: Quality
    reason: Reason


# In order of what a supervisor can act on: the first bit that is set names the reason, and all that make a value
# unusable stand before all that make it doubtful. Never live first: a stored or demo value must not reach the wall.
_VERDICTS: Final = (
    _Verdict(MeasurementStatus.FROM_STORAGE, Quality.UNUSABLE, Reason.NOT_LIVE),
    _Verdict(MeasurementStatus.DEMO, Quality.UNUSABLE, Reason.NOT_LIVE),
    _Verdict(MeasurementStatus.TEST, Quality.UNUSABLE, Reason.NOT_LIVE),
    _Verdict(MeasurementStatus.CALIBRATION, Quality.UNUSABLE, Reason.NOT_LIVE),
    _Verdict(SensorStatus.UNCONNECTED_TO_USER, Quality.UNUSABLE, Reason.OFF_SKIN),
    _Verdict(SensorStatus.DISPLACED, Quality.UNUSABLE, Reason.SENSOR_DISPLACED),
    _Verdict(SensorStatus.EQUIPMENT_MALFUNCTION, Quality.UNUSABLE, Reason.SENSOR_FAULT),
    _Verdict(SensorStatus.SENSOR_MALFUNCTION, Quality.UNUSABLE, Reason.SENSOR_FAULT),
    _Verdict(SensorStatus.SENSOR_DISCONNECTED, Quality.UNUSABLE, Reason.SENSOR_FAULT),
    _Verdict(SensorStatus.NON_PULSATILE, Quality.UNUSABLE, Reason.NO_PULSE),
    _Verdict(SensorStatus.INADEQUATE_SIGNAL, Quality.UNUSABLE, Reason.POOR_SIGNAL),
    _Verdict(MeasurementStatus.INVALID, Quality.UNUSABLE, Reason.NO_VALUE),
    _Verdict(MeasurementStatus.UNAVAILABLE, Quality.UNUSABLE, Reason.NO_VALUE),
    _Verdict(SensorStatus.LOW_PERFUSION, Quality.QUESTIONABLE, Reason.LOW_PERFUSION),
    _Verdict(SensorStatus.INTERFERENCE, Quality.QUESTIONABLE, Reason.INTERFERENCE),
    _Verdict(SensorStatus.POOR_SIGNAL, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
    _Verdict(SensorStatus.ERRATIC_SIGNAL, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
    _Verdict(SensorStatus.QUESTIONABLE_PULSE, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
    _Verdict(MeasurementStatus.QUESTIONABLE, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
    _Verdict(SensorStatus.ANALYSIS_ONGOING, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING),
    _Verdict(MeasurementStatus.EARLY_ESTIMATE, Quality.QUESTIONABLE, Reason.EARLY_ESTIMATE),
)

_FAST: Final = 0x01
_SLOW: Final = 0x02
_MEASUREMENT_STATUS: Final = 0x04
_SENSOR_STATUS: Final = 0x08
_PULSE_AMPLITUDE: Final = 0x10
_HEAD_BYTES: Final = 5
_OPTIONAL_BYTES: Final = ((_FAST, 4), (_SLOW, 4), (_MEASUREMENT_STATUS, 2), (_SENSOR_STATUS, 3), (_PULSE_AMPLITUDE, 2))


class OxygenPulse(Struct, frozen=True, kw_only=True):
    """SpO2 in % and pulse in bpm as averaged over one window; None where the sensor gave no usable number."""

    spo2_pct: float | None
    pulse_bpm: float | None


class OximeterFrame(Struct, frozen=True, kw_only=True):
    """One oximeter notification.

    Attributes:
        spo2_pct: above 0 to 100, or None with ``reason``; always None when the quality is unusable, so that a stored,
            demo or off-finger value cannot be mistaken for a live one.
        pulse_bpm: above 0 to 300, or None; may be missing while SpO2 is good.
        perfusion_pct: pulse amplitude index, 0..100, if sent and a number.
        fast: values with the shorter averaging, if sent (same rules).
        slow: values with the longer averaging, if sent.
        measurement_status: the bits as sent, None if the field is absent.
        sensor_status: likewise.
        odd_bytes: bytes after the last field that the flags announce.
    """

    spo2_pct: float | None
    pulse_bpm: float | None
    quality: Quality
    reason: Reason | None = None
    perfusion_pct: float | None = None
    fast: OxygenPulse | None = None
    slow: OxygenPulse | None = None
    measurement_status: MeasurementStatus | None = None
    sensor_status: SensorStatus | None = None
    odd_bytes: bytes = b""


def decode_plx(raw: bytes) -> OximeterFrame | Undecodable:
    """Return the frame in a 0x2A5F notification."""
    if not _HEAD_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"oximeter: {len(raw)} bytes where 5 are the least", raw=raw)
    flags = raw[0]
    fields: dict[int, bytes] = {}
    at = _HEAD_BYTES
    for flag, width in _OPTIONAL_BYTES:
        if flags & flag:
            fields[flag] = raw[at : at + width]
            at += width
    if len(raw) < at:
        return Undecodable(problem=f"oximeter: {len(raw)} bytes where flags 0x{flags:02x} need {at}", raw=raw)
    measurement = _status_bits(fields.get(_MEASUREMENT_STATUS))
    sensor = _status_bits(fields.get(_SENSOR_STATUS))
    quality, reason = _judge_status(measurement or 0, sensor or 0)
    is_usable = quality is not Quality.UNUSABLE
    normal = _decode_pair(raw[1:_HEAD_BYTES], is_usable=is_usable)
    if is_usable and normal.spo2_pct is None:
        quality, reason = Quality.UNUSABLE, _reason_of_missing(_sfloat_at(raw, 1))
        normal = OxygenPulse(spo2_pct=None, pulse_bpm=normal.pulse_bpm)
    return OximeterFrame(
        spo2_pct=normal.spo2_pct,
        pulse_bpm=normal.pulse_bpm,
        quality=quality,
        reason=reason,
        perfusion_pct=_perfusion(fields.get(_PULSE_AMPLITUDE)),
        fast=_decode_pair(fields[_FAST], is_usable=is_usable) if _FAST in fields else None,
        slow=_decode_pair(fields[_SLOW], is_usable=is_usable) if _SLOW in fields else None,
        measurement_status=None if measurement is None else MeasurementStatus(measurement),
        sensor_status=None if sensor is None else SensorStatus(sensor),
        odd_bytes=bytes(raw[at:]),
    )


def _judge_status(measurement: int, sensor: int) -> tuple[Quality, Reason | None]:
    """Return what the status bits say about the values: the first verdict whose bit is set."""
    if not measurement and not sensor:
        return Quality.GOOD, None
    for verdict in _VERDICTS:
        bits = measurement if isinstance(verdict.bit, MeasurementStatus) else sensor
        if bits & verdict.bit:
            return verdict.quality, verdict.reason
    return Quality.GOOD, None


def _reason_of_missing(sent: float | SfloatSpecial) -> Reason:
    """Return why an SpO2 with clean status bits is no value."""
    match sent:
        case SfloatSpecial.PLUS_INFINITY | SfloatSpecial.MINUS_INFINITY:
            return Reason.OUT_OF_RANGE
        case SfloatSpecial():
            return Reason.NO_VALUE
        case number if number == 0:
            return Reason.NO_VALUE
        case _:
            return Reason.OUT_OF_RANGE


def _decode_pair(raw: bytes, *, is_usable: bool) -> OxygenPulse:
    """Return SpO2 and pulse from four bytes; both None when the status makes them unusable."""
    if not is_usable:
        return OxygenPulse(spo2_pct=None, pulse_bpm=None)
    return OxygenPulse(
        spo2_pct=_within(_sfloat_at(raw, 0), least=0, most=SPO2_PCT_MAX),
        # Pulses between 0 and 1 do not exist, and a reading refuses them.
        pulse_bpm=_within(_sfloat_at(raw, 2), least=0.999, most=PULSE_BPM_MAX),
    )


def _within(sent: float | SfloatSpecial, *, least: float, most: float) -> float | None:
    """Return the number if it is above ``least`` and at most ``most``."""
    if isinstance(sent, SfloatSpecial) or not least < sent <= most:
        return None
    return sent


def _perfusion(field: bytes | None) -> float | None:
    """Return the pulse amplitude index in %, if it is there and a number a reading may carry."""
    if field is None:
        return None
    sent = _sfloat_at(field, 0)
    return sent if not isinstance(sent, SfloatSpecial) and 0 <= sent <= PERFUSION_PCT_MAX else None


def _sfloat_at(raw: bytes, at: int) -> float | SfloatSpecial:
    """Return the SFLOAT at a place in the bytes."""
    return decode_sfloat(int.from_bytes(raw[at : at + 2], "little"))


def _status_bits(field: bytes | None) -> int | None:
    """Return the bits of a status field, or None if the frame has none."""
    return None if field is None else int.from_bytes(field, "little")


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


class PlxFeature(IntFlag):
    """Bits of PLX Features (0x2A60): which optional fields this oximeter sends."""

    MEASUREMENT_STATUS = 1 << 0
    SENSOR_STATUS = 1 << 1
    STORAGE = 1 << 2
    TIMESTAMP = 1 << 3
    FAST = 1 << 4
    SLOW = 1 << 5
    PULSE_AMPLITUDE = 1 << 6
    MULTIPLE_BONDS = 1 << 7


def encode_plx_features(
    features: PlxFeature, *, measurement_support: MeasurementStatus, sensor_support: SensorStatus
) -> bytes:
    """Return the 0x2A60 bytes; the two support fields are sent when their feature bit is set."""
    raw = int(features).to_bytes(2, "little")
    if features & PlxFeature.MEASUREMENT_STATUS:
        raw += int(measurement_support).to_bytes(2, "little")
    if features & PlxFeature.SENSOR_STATUS:
        raw += int(sensor_support).to_bytes(3, "little")
    return raw


def decode_plx_features(raw: bytes) -> PlxFeature | Undecodable:
    """Return the feature bits; the support fields behind them change nothing for us."""
    if not 2 <= len(raw) <= LONGEST_VALUE_BYTES:  # noqa: PLR2004 - the 16 bits of the features
        return Undecodable(problem=f"oximeter features: {len(raw)} bytes where 2 are the least", raw=raw)
    return PlxFeature(int.from_bytes(raw[:2], "little"))
