"""Running Speed and Cadence measurement (0x2A53): what a foot pod tells. Pure; raises on no bytes.

Source: GATT Specification Supplement, Running Speed and Cadence Measurement.
"""

import struct
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

_STRIDE: Final = 0x01
_DISTANCE: Final = 0x02
_RUNNING: Final = 0x04
_HEAD: Final = struct.Struct("<BHB")
_LAYOUT: Final = (Field(_STRIDE, 2), Field(_DISTANCE, 4))
_SPEED_PER_M_S: Final = 256
_CM_PER_M: Final = 100
_DISTANCE_PER_M: Final = 10
_KMH_PER_M_S: Final = 3.6

SPEED_KMH_MAX: Final = 60.0
"""Nobody runs so fast (the record over 100 m peaks at 45 km/h): the pod is out of order."""


class RunningFrame(Struct, frozen=True, kw_only=True):
    """One foot pod notification.

    Attributes:
        speed_kmh: 0..60, or None with ``reason``.
        cadence_per_min: steps of one foot in a minute, 0..255.
        stride_m: length of a stride, if sent.
        distance_m: since the pod began to count, if sent.
        is_running: the pod's own judgement; False is walking.
        odd_bytes: bytes after the last field that the flags announce.
    """

    speed_kmh: float | None
    cadence_per_min: int
    is_running: bool
    quality: Quality
    reason: Reason | None = None
    stride_m: float | None = None
    distance_m: float | None = None
    odd_bytes: bytes = b""


def decode_running_speed(raw: bytes) -> RunningFrame | Undecodable:
    """Return the frame in a 0x2A53 notification."""
    if not _HEAD.size <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"running speed: {len(raw)} bytes where {_HEAD.size} are the least", raw=raw)
    flags, speed, cadence_per_min = _HEAD.unpack_from(raw)
    places, end = place_fields(flags, _LAYOUT, first_at=_HEAD.size)
    if len(raw) < end:
        return Undecodable(problem=f"running speed: {len(raw)} bytes where flags 0x{flags:02x} need {end}", raw=raw)
    speed_kmh = speed * _KMH_PER_M_S / _SPEED_PER_M_S
    is_possible = speed_kmh <= SPEED_KMH_MAX
    stride_at, distance_at = places.get(_STRIDE), places.get(_DISTANCE)
    return RunningFrame(
        speed_kmh=speed_kmh if is_possible else None,
        cadence_per_min=cadence_per_min,
        is_running=bool(flags & _RUNNING),
        quality=Quality.GOOD if is_possible else Quality.UNUSABLE,
        reason=None if is_possible else Reason.OUT_OF_RANGE,
        stride_m=None if stride_at is None else int.from_bytes(raw[stride_at : stride_at + 2], "little") / _CM_PER_M,
        distance_m=None
        if distance_at is None
        else int.from_bytes(raw[distance_at : distance_at + 4], "little") / _DISTANCE_PER_M,
        odd_bytes=bytes(raw[end:]),
    )


def encode_running_speed(
    speed_kmh: float,
    cadence_per_min: int,
    *,
    is_running: bool = True,
    stride_m: float | None = None,
    distance_m: float | None = None,
) -> bytes:
    """Return the 0x2A53 bytes for these values, to the nearest step of each field.

    Raises:
        struct.error: a number is out of its field's range.
    """
    flags = _RUNNING if is_running else 0
    tail = b""
    if stride_m is not None:
        flags |= _STRIDE
        tail += struct.pack("<H", round(stride_m * _CM_PER_M))
    if distance_m is not None:
        flags |= _DISTANCE
        tail += struct.pack("<I", round(distance_m * _DISTANCE_PER_M))
    return _HEAD.pack(flags, round(speed_kmh * _SPEED_PER_M_S / _KMH_PER_M_S), cadence_per_min) + tail
