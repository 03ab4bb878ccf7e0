"""What treadmills and bikes share: the end of a record (energy to remaining time), and records in several parts.

A machine whose record does not fit one notification sends it in parts; every part but the last has the More Data bit
set and no speed. `merge_parts` puts them together.

Source: GATT Specification Supplement (Treadmill Data, Indoor Bike Data); the values for "not available" are those of
the Fitness Machine Service 1.0 (0x7FFF, 0xFFFF and 0xFF), by which no machine moves.
"""

import struct
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from gateway.codecs.undecodable import LONGEST_VALUE_BYTES
from vitals.readings import Quality, Reason

MORE_DATA: Final = 0x0001
UNAVAILABLE_U8: Final = 0xFF
UNAVAILABLE_U16: Final = 0xFFFF
UNAVAILABLE_S16: Final = 0x7FFF
HR_BPM_MAX: Final = 250
"""Handle bars count no more; the field is a byte and 255 is no heart."""

U8_BYTES: Final = 1
U16_BYTES: Final = 2
U24_BYTES: Final = 3
ENERGY_BYTES: Final = 5

_SPEED_PER_KMH: Final = 100
SPEED_KMH_MAX: Final = 150.0
"""Beyond it the number is a fault: belts end at 40 km/h, and no rider holds 150."""


class MachineFrame(Struct, frozen=True, kw_only=True):
    """What every machine may tell; None: it does not tell that (now).

    Attributes:
        is_part: True when more notifications belong to the same record.
        speed_kmh: 0..150.
        average_speed_kmh: since the beginning, 0..150.
        distance_m: since the beginning.
        energy_kcal: since the beginning.
        energy_kcal_per_h: the machine's estimate.
        energy_kcal_per_min: likewise.
        hr_bpm: of the machine's own sensor, 1..250; never a strap's and never an alarm's value.
        met: metabolic equivalent, the machine's estimate.
        elapsed_s: since the beginning.
        remaining_s: to the end of a programme.
        power_w: now.
        odd_bytes: bytes of which no flag says what they are.
    """

    quality: Quality = Quality.GOOD
    reason: Reason | None = None
    is_part: bool = False
    speed_kmh: float | None = None
    average_speed_kmh: float | None = None
    distance_m: int | None = None
    energy_kcal: int | None = None
    energy_kcal_per_h: int | None = None
    energy_kcal_per_min: int | None = None
    hr_bpm: int | None = None
    met: float | None = None
    elapsed_s: int | None = None
    remaining_s: int | None = None
    power_w: int | None = None
    odd_bytes: bytes = b""


F = TypeVar("F", bound=MachineFrame)

_ABOUT_THE_FRAME: Final = frozenset({"quality", "reason", "is_part", "odd_bytes"})


def merge_parts(pending: F | None, frame: F) -> tuple[F | None, F | None]:
    """Return (what waits for more, the whole record if this frame ends it).

    Args:
        pending: what the last call returned as waiting; None at first.
        frame: the next notification.

    A part that tells something that already waits belongs to a new record: the end of the old one was lost, and
    mixing both would show numbers that never stood together. So at most one record ever waits.
    """
    merged = frame if pending is None or _tells_again(pending, frame) else _joined(pending, frame)
    return (merged, None) if frame.is_part else (None, merged)


def _tells_again(pending: MachineFrame, frame: MachineFrame) -> bool:
    return any(
        getattr(pending, name) is not None and getattr(frame, name) is not None
        for name in frame.__struct_fields__
        if name not in _ABOUT_THE_FRAME
    )


def _joined(pending: F, frame: F) -> F:
    """Return both parts as one; the worse quality counts for both."""
    values = {
        name: getattr(pending, name)
        for name in frame.__struct_fields__
        if name not in _ABOUT_THE_FRAME and getattr(frame, name) is None
    }
    worse = pending if pending.quality is not Quality.GOOD else frame
    return msgspec.structs.replace(
        frame,
        quality=worse.quality,
        reason=worse.reason,
        odd_bytes=(pending.odd_bytes + frame.odd_bytes)[:LONGEST_VALUE_BYTES],
        **values,
    )


def speed_at(raw: bytes, at: int | None) -> float | None:
    """Return a speed in km/h from 1/100 km/h, if it is there and a machine's."""
    sent = u16_at(raw, at)
    speed_kmh = None if sent is None else sent / _SPEED_PER_KMH
    return speed_kmh if speed_kmh is not None and speed_kmh <= SPEED_KMH_MAX else None


def speed_units(speed_kmh: float) -> int:
    """Return a speed in the field's unit."""
    return round(speed_kmh * _SPEED_PER_KMH)


def u8_at(raw: bytes, at: int | None) -> int | None:
    """Return a byte, if it is there."""
    return None if at is None else raw[at]


def u16_at(raw: bytes, at: int | None) -> int | None:
    """Return 16 bits, if they are there."""
    return None if at is None else raw[at] | raw[at + 1] << 8


def u24_at(raw: bytes, at: int | None) -> int | None:
    """Return 24 bits, if they are there."""
    return None if at is None else raw[at] | raw[at + 1] << 8 | raw[at + 2] << 16


def s16_at(raw: bytes, at: int | None) -> int | None:
    """Return a signed number of 16 bits, if it is there and not the one for "not available"."""
    sent = u16_at(raw, at)
    if sent is None or sent == UNAVAILABLE_S16:
        return None
    return sent - 0x1_0000 if sent & 0x8000 else sent


def energy_at(raw: bytes, at: int | None) -> tuple[int | None, int | None, int | None]:
    """Return kcal, kcal per hour and kcal per minute, each if there and available."""
    if at is None:
        return None, None, None
    total, per_h, per_min = u16_at(raw, at), u16_at(raw, at + 2), raw[at + 4]
    return (
        None if total == UNAVAILABLE_U16 else total,
        None if per_h == UNAVAILABLE_U16 else per_h,
        None if per_min == UNAVAILABLE_U8 else per_min,
    )


def hr_at(raw: bytes, at: int | None) -> int | None:
    """Return the machine's own heart rate; 0 is how machines say that nobody holds the bars."""
    return raw[at] if at is not None and 1 <= raw[at] <= HR_BPM_MAX else None


def pack_number(code: str, value: float | None, *, per_unit: int = 1) -> bytes | None:
    """Return a number as it is sent, in steps of 1 / ``per_unit``; None: it is not sent.

    Raises:
        struct.error: it is out of the range of the `struct` code.
    """
    return None if value is None else struct.pack(code, round(value * per_unit))


def pack_u24(value: int | None) -> bytes | None:
    """Return 24 bits; None: not sent.

    Raises:
        struct.error: the number is negative or beyond 32 bits.
    """
    return None if value is None else struct.pack("<I", value)[:U24_BYTES]


def pack_energy(energy_kcal: int | None) -> bytes | None:
    """Return the energy so far, without the two rates; None: not sent.

    Raises:
        struct.error: out of 0..65535 kcal.
    """
    return None if energy_kcal is None else struct.pack("<HHB", energy_kcal, UNAVAILABLE_U16, UNAVAILABLE_U8)
