"""What the oximeter characteristics of Bluetooth SIG share: the two status fields, and pairs of SpO2 and pulse.

Source: Pulse Oximeter Service 1.0.1, as laid out in the SIG's XML of 2015 and in bluetooth-sig, which agree. Which
status bits spoil a value is our reading of it: see `_VERDICTS`.

Status fields stay plain numbers: an `IntFlag` of Python 3.11 keeps every combination it ever met, and 24 bits from the
air have 16 million of them.
"""

from enum import IntFlag
from typing import Final, NamedTuple

from msgspec import Struct

from gateway.codecs.sfloat import SfloatSpecial, decode_sfloat
from vitals.readings import Quality, Reason

SPO2_PCT_MAX: Final = 100.0
PULSE_BPM_MAX: Final = 300.0
PERFUSION_PCT_MAX: Final = 100.0
"""Above these a number is a code or a fault (Nonin sends 127 % and 511 bpm for "nothing"): shown as missing."""

SPO2_BYTES: Final = 2
PAIR_BYTES: Final = 4
MEASUREMENT_STATUS_BYTES: Final = 2
SENSOR_STATUS_BYTES: Final = 3


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
# Both fields as one number, sensor status above measurement status: one pass over plain masks.
_SENSOR_SHIFT: Final = 16
_MASKS: Final = tuple(
    (int(verdict.bit) << (0 if isinstance(verdict.bit, MeasurementStatus) else _SENSOR_SHIFT), verdict)
    for verdict in _VERDICTS
)
_MASK_OF_ALL: Final = sum(mask for mask, _ in _MASKS)


class OxygenPulse(Struct, frozen=True, kw_only=True):
    """SpO2 in % and pulse in bpm as averaged over one window; None where the sensor gave no usable number."""

    spo2_pct: float | None
    pulse_bpm: float | None


NO_PAIR: Final = OxygenPulse(spo2_pct=None, pulse_bpm=None)


def judge_status(measurement: int | None, sensor: int | None) -> tuple[Quality, Reason | None]:
    """Return what the status bits say about the values: the first verdict whose bit is set."""
    bits = (measurement or 0) | (sensor or 0) << _SENSOR_SHIFT
    if bits & _MASK_OF_ALL:
        for mask, verdict in _MASKS:
            if bits & mask:
                return verdict.quality, verdict.reason
    return Quality.GOOD, None


def judge_number(sent: float | SfloatSpecial) -> Reason:
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


def decode_pair(raw: bytes, at: int) -> OxygenPulse:
    """Return SpO2 and pulse from the four bytes at ``at``, each only if it is a number that a body can have."""
    return OxygenPulse(
        spo2_pct=_within(sfloat_at(raw, at), least=0, most=SPO2_PCT_MAX),
        # Pulses between 0 and 1 do not exist, and a reading refuses them.
        pulse_bpm=_within(sfloat_at(raw, at + SPO2_BYTES), least=0.999, most=PULSE_BPM_MAX),
    )


def decode_perfusion(raw: bytes, at: int | None) -> float | None:
    """Return the pulse amplitude index in %, if it is there and a number that a reading may carry."""
    if at is None:
        return None
    sent = sfloat_at(raw, at)
    return sent if not isinstance(sent, SfloatSpecial) and 0 <= sent <= PERFUSION_PCT_MAX else None


def sfloat_at(raw: bytes, at: int) -> float | SfloatSpecial:
    """Return the SFLOAT at a place in the bytes."""
    return decode_sfloat(raw[at] | raw[at + 1] << 8)


def special_at(raw: bytes, at: int) -> SfloatSpecial | None:
    """Return which of the five special values stands at a place, None for a number."""
    sent = sfloat_at(raw, at)
    return sent if isinstance(sent, SfloatSpecial) else None


def status_at(raw: bytes, at: int | None, width: int) -> int | None:
    """Return the bits of a status field, None if the frame has none."""
    return None if at is None else int.from_bytes(raw[at : at + width], "little")


def _within(sent: float | SfloatSpecial, *, least: float, most: float) -> float | None:
    """Return the number if it is above ``least`` and at most ``most``."""
    if isinstance(sent, SfloatSpecial) or not least < sent <= most:
        return None
    return sent
