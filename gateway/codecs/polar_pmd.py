"""Polar measurement data (FB005C82): raw ECG and acceleration of a strap, answers of its control point. Pure.

For a technician's question whether a strap's electrodes deliver an ECG at all; the gateway asks for neither, and no
vital sign is made of it. Facts: polar-ble-sdk, technical documentation "online measurement" and its tests; two
notifications of an H10 captured by phdiethelm/h10_ecg.

A frame: type (0 ECG, 2 acceleration), u64 ns since 2000-01-01 of the last sample (a strap whose clock was never set
says 2019), frame type (bit 7: compressed), samples. ECG type 0: s24 microvolt. Acceleration type 1: three s16 in mG.
"""

from enum import IntEnum
from typing import Final

from msgspec import Struct

from gateway.codecs.undecodable import Undecodable

_HEAD_BYTES: Final = 10
_ECG_BYTES: Final = 3
_AXES: Final = 3
_AXIS_BYTES: Final = 2
_COMPRESSED: Final = 0x80
_ACC_FRAME_TYPE: Final = 1
_ANSWER: Final = 0xF0
_ANSWER_BYTES_MIN: Final = 4


class Measurement(IntEnum):
    """What a strap can be asked for, as far as it is read here."""

    ECG = 0
    ACCELERATION = 2


class PolarEcgFrame(Struct, frozen=True, kw_only=True):
    """Consecutive samples of one lead, uV, oldest first; ``last_ns``: time of the last since 2000-01-01."""

    last_ns: int
    ecg_uv: tuple[int, ...]


class PolarAccelerationFrame(Struct, frozen=True, kw_only=True):
    """Consecutive accelerations (x, y, z), mG, oldest first; ``last_ns`` as for the ECG."""

    last_ns: int
    acceleration_mg: tuple[tuple[int, int, int], ...]


class PolarAnswer(Struct, frozen=True, kw_only=True):
    """What the control point answers: to which request, for which measurement, with which error (0: none)."""

    request: int
    measurement: int
    error: int
    settings: bytes


def decode_polar_pmd(raw: bytes) -> PolarEcgFrame | PolarAccelerationFrame | PolarAnswer | Undecodable:
    """Return a frame or an answer, whatever the bytes.

    A last sample that is cut off is not invented; the whole notification is undecodable, because nobody knows where
    the loss is.
    """
    if raw[:1] == bytes([_ANSWER]):
        return _answer(raw)
    if len(raw) < _HEAD_BYTES:
        return Undecodable(problem=f"Polar PMD: {len(raw)} bytes, needs {_HEAD_BYTES}", raw=raw)
    kind, frame_type = raw[0], raw[9]
    last_ns, samples = int.from_bytes(raw[1:9], "little"), raw[_HEAD_BYTES:]
    if frame_type & _COMPRESSED:
        return Undecodable(problem=f"Polar PMD: compressed frame 0x{frame_type:02x} is not read", raw=raw)
    if kind == Measurement.ECG and frame_type == 0:
        return _ecg(raw, samples, last_ns)
    if kind == Measurement.ACCELERATION and frame_type == _ACC_FRAME_TYPE:
        return _acceleration(raw, samples, last_ns)
    return Undecodable(problem=f"Polar PMD: measurement {kind}, frame {frame_type} is not read", raw=raw)


def encode_polar_ecg(last_ns: int, ecg_uv: tuple[int, ...]) -> bytes:
    """Return the notification of ECG samples.

    Raises:
        OverflowError: a number does not fit its field.
    """
    head = bytes([Measurement.ECG]) + last_ns.to_bytes(8, "little") + b"\x00"
    return head + b"".join(sample.to_bytes(_ECG_BYTES, "little", signed=True) for sample in ecg_uv)


def encode_polar_acceleration(last_ns: int, acceleration_mg: tuple[tuple[int, int, int], ...]) -> bytes:
    """Return the notification of accelerations.

    Raises:
        OverflowError: a number does not fit its field.
    """
    head = bytes([Measurement.ACCELERATION]) + last_ns.to_bytes(8, "little") + bytes([_ACC_FRAME_TYPE])
    axes = (axis for sample in acceleration_mg for axis in sample)
    return head + b"".join(axis.to_bytes(_AXIS_BYTES, "little", signed=True) for axis in axes)


def _ecg(raw: bytes, samples: bytes, last_ns: int) -> PolarEcgFrame | Undecodable:
    if not samples or len(samples) % _ECG_BYTES:
        return Undecodable(problem=f"Polar PMD: {len(samples)} bytes are no whole ECG samples", raw=raw)
    return PolarEcgFrame(last_ns=last_ns, ecg_uv=_numbers(samples, _ECG_BYTES))


def _acceleration(raw: bytes, samples: bytes, last_ns: int) -> PolarAccelerationFrame | Undecodable:
    if not samples or len(samples) % (_AXES * _AXIS_BYTES):
        return Undecodable(problem=f"Polar PMD: {len(samples)} bytes are no whole accelerations", raw=raw)
    axes = _numbers(samples, _AXIS_BYTES)
    return PolarAccelerationFrame(
        last_ns=last_ns, acceleration_mg=tuple(zip(axes[::3], axes[1::3], axes[2::3], strict=True))
    )


def _answer(raw: bytes) -> PolarAnswer | Undecodable:
    if len(raw) < _ANSWER_BYTES_MIN:
        return Undecodable(problem=f"Polar PMD: answer of {len(raw)} bytes, needs {_ANSWER_BYTES_MIN}", raw=raw)
    return PolarAnswer(request=raw[1], measurement=raw[2], error=raw[3], settings=raw[_ANSWER_BYTES_MIN:])


def _numbers(samples: bytes, width: int) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(samples[at : at + width], "little", signed=True) for at in range(0, len(samples), width)
    )
