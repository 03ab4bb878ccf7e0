"""Treadmill Data (0x2ACD) of the Fitness Machine Service: what a belt tells. Pure; raises on no bytes.

Source: GATT Specification Supplement, Treadmill Data. Machines of the first edition send the two paces in one byte
each (0.1 km/min), later ones in two (seconds for 500 m); no bit tells which, so the length does.
"""

import struct
from typing import Final

from gateway.codecs.fitness_fields import (
    ENERGY_BYTES,
    MORE_DATA,
    U8_BYTES,
    U16_BYTES,
    U24_BYTES,
    MachineFrame,
    energy_at,
    hr_at,
    s16_at,
    speed_at,
    speed_units,
    u8_at,
    u16_at,
    u24_at,
)
from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

_AVERAGE_SPEED: Final = 1 << 1
_DISTANCE: Final = 1 << 2
_INCLINE: Final = 1 << 3
_ELEVATION: Final = 1 << 4
_PACE: Final = 1 << 5
_AVERAGE_PACE: Final = 1 << 6
_ENERGY: Final = 1 << 7
_HR: Final = 1 << 8
_MET: Final = 1 << 9
_ELAPSED: Final = 1 << 10
_REMAINING: Final = 1 << 11
_FORCE: Final = 1 << 12
_FLAGS_BYTES: Final = 2
_TENTHS: Final = 10
_INCLINE_PCT_MAX: Final = 100.0
_NARROW_PACE_S_PER_500M: Final = 300
"""500 m at n times 0.1 km/min take 300/n s."""
MET_MAX: Final = 25
"""No human does more. The supplement gives the treadmill's field the unit 1, every other machine's 0.1, and treadmills
are seen to send tenths: above 25 it can only be tenths, below both are possible, and no number is shown."""


def _layout(pace_bytes: int) -> tuple[Field, ...]:
    return (
        Field(_AVERAGE_SPEED, U16_BYTES),
        Field(_DISTANCE, U24_BYTES),
        Field(_INCLINE, 2 * U16_BYTES),
        Field(_ELEVATION, 2 * U16_BYTES),
        Field(_PACE, pace_bytes),
        Field(_AVERAGE_PACE, pace_bytes),
        Field(_ENERGY, ENERGY_BYTES),
        Field(_HR, U8_BYTES),
        Field(_MET, U8_BYTES),
        Field(_ELAPSED, U16_BYTES),
        Field(_REMAINING, U16_BYTES),
        Field(_FORCE, 2 * U16_BYTES),
    )


_WIDE: Final = _layout(U16_BYTES)
_NARROW: Final = _layout(U8_BYTES)
_BEFORE_PACE: Final = _WIDE[:4]


class TreadmillFrame(MachineFrame, frozen=True, kw_only=True):
    """One notification of a treadmill; see `MachineFrame` for what it shares with bikes.

    Attributes:
        incline_pct: -100..100, up is positive.
        ramp_deg: the setting of the ramp's angle.
        climb_m: metres up since the beginning.
        descent_m: metres down.
        pace_s_per_500m: now.
        average_pace_s_per_500m: since the beginning.
        force_n: on the belt.
    """

    incline_pct: float | None = None
    ramp_deg: float | None = None
    climb_m: float | None = None
    descent_m: float | None = None
    pace_s_per_500m: float | None = None
    average_pace_s_per_500m: float | None = None
    force_n: int | None = None


def decode_treadmill(raw: bytes) -> TreadmillFrame | Undecodable:
    """Return the frame in a 0x2ACD notification.

    When no width of the paces makes the announced fields as long as the notification, all from the paces on is left
    out and kept as odd bytes: a wrong offset would show somebody else's number.
    """
    if not _FLAGS_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"treadmill: {len(raw)} bytes where 2 are the least", raw=raw)
    flags = raw[0] | raw[1] << 8
    is_part = bool(flags & MORE_DATA)
    first_at = _FLAGS_BYTES if is_part else _FLAGS_BYTES + U16_BYTES
    pace_bytes = U16_BYTES
    places, end = place_fields(flags, _WIDE, first_at=first_at)
    is_sure = True
    if flags & (_PACE | _AVERAGE_PACE) and len(raw) != end:
        narrow, narrow_end = place_fields(flags, _NARROW, first_at=first_at)
        if len(raw) == narrow_end:
            places, end, pace_bytes = narrow, narrow_end, U8_BYTES
        else:
            least = narrow_end
            places, end = place_fields(flags, _BEFORE_PACE, first_at=first_at)
            is_sure = False
            end = end if len(raw) >= least else least
    if len(raw) < end:
        return Undecodable(problem=f"treadmill: {len(raw)} bytes where flags 0x{flags:04x} need {end}", raw=raw)
    return _frame_of(raw, places, end, pace_bytes=pace_bytes, is_part=is_part, is_sure=is_sure)


def _frame_of(
    raw: bytes, places: dict[int, int], end: int, *, pace_bytes: int, is_part: bool, is_sure: bool
) -> TreadmillFrame:
    incline_at, elevation_at, force_at = places.get(_INCLINE), places.get(_ELEVATION), places.get(_FORCE)
    incline_pct = _tenths(s16_at(raw, incline_at))
    energy_kcal, energy_kcal_per_h, energy_kcal_per_min = energy_at(raw, places.get(_ENERGY))
    return TreadmillFrame(
        quality=Quality.GOOD if is_sure else Quality.QUESTIONABLE,
        reason=None if is_sure else Reason.ODD_BYTES,
        is_part=is_part,
        speed_kmh=None if is_part else speed_at(raw, _FLAGS_BYTES),
        average_speed_kmh=speed_at(raw, places.get(_AVERAGE_SPEED)),
        distance_m=u24_at(raw, places.get(_DISTANCE)),
        incline_pct=incline_pct if incline_pct is not None and abs(incline_pct) <= _INCLINE_PCT_MAX else None,
        ramp_deg=_tenths(s16_at(raw, _behind(incline_at))),
        climb_m=_tenths(u16_at(raw, elevation_at)),
        descent_m=_tenths(u16_at(raw, _behind(elevation_at))),
        pace_s_per_500m=_pace(raw, places.get(_PACE), pace_bytes),
        average_pace_s_per_500m=_pace(raw, places.get(_AVERAGE_PACE), pace_bytes),
        energy_kcal=energy_kcal,
        energy_kcal_per_h=energy_kcal_per_h,
        energy_kcal_per_min=energy_kcal_per_min,
        hr_bpm=hr_at(raw, places.get(_HR)),
        met=_met(u8_at(raw, places.get(_MET))),
        elapsed_s=u16_at(raw, places.get(_ELAPSED)),
        remaining_s=u16_at(raw, places.get(_REMAINING)),
        force_n=s16_at(raw, force_at),
        power_w=s16_at(raw, _behind(force_at)),
        odd_bytes=bytes(raw[end:]),
    )


def _behind(at: int | None) -> int | None:
    """Return where the second of two 16-bit fields stands that come together."""
    return None if at is None else at + U16_BYTES


def _tenths(sent: int | None) -> float | None:
    return None if sent is None else sent / _TENTHS


def _met(sent: int | None) -> float | None:
    return sent / _TENTHS if sent is not None and sent > MET_MAX else None


def _pace(raw: bytes, at: int | None, pace_bytes: int) -> float | None:
    """Return a pace in s for 500 m; a belt that stands has none."""
    sent = u16_at(raw, at) if pace_bytes == U16_BYTES else u8_at(raw, at)
    if not sent:
        return None
    return float(sent) if pace_bytes == U16_BYTES else _NARROW_PACE_S_PER_500M / sent


def encode_treadmill(
    speed_kmh: float | None,
    *,
    distance_m: int | None = None,
    incline_pct: float | None = None,
    pace_s_per_500m: float | None = None,
    energy_kcal: int | None = None,
    hr_bpm: int | None = None,
    met: float | None = None,
    elapsed_s: int | None = None,
    power_w: int | None = None,
    has_narrow_pace: bool = False,
) -> bytes:
    """Return the 0x2ACD bytes for these values; without a speed it is a part of a record, and more follows.

    What shares a flag with a given value and is not given itself is sent as not available, the ramp as 0 degrees.

    Raises:
        struct.error: a number is out of its field's range.
    """
    flags = MORE_DATA if speed_kmh is None else 0
    body = b"" if speed_kmh is None else struct.pack("<H", speed_units(speed_kmh))
    if distance_m is not None:
        flags |= _DISTANCE
        body += struct.pack("<I", distance_m)[:U24_BYTES]
    if incline_pct is not None:
        flags |= _INCLINE
        body += struct.pack("<hh", round(incline_pct * _TENTHS), 0)
    if pace_s_per_500m is not None:
        flags |= _PACE
        if has_narrow_pace:
            body += struct.pack("<B", round(_NARROW_PACE_S_PER_500M / pace_s_per_500m))
        else:
            body += struct.pack("<H", round(pace_s_per_500m))
    if energy_kcal is not None:
        flags |= _ENERGY
        body += struct.pack("<HHB", energy_kcal, 0xFFFF, 0xFF)
    for flag, code, value in (
        (_HR, "<B", hr_bpm),
        (_MET, "<B", None if met is None else round(met * _TENTHS)),
        (_ELAPSED, "<H", elapsed_s),
    ):
        if value is not None:
            flags |= flag
            body += struct.pack(code, value)
    if power_w is not None:
        flags |= _FORCE
        body += struct.pack("<hh", 0x7FFF, power_w)
    return struct.pack("<H", flags) + body
