"""Indoor Bike Data (0x2AD2) of the Fitness Machine Service: what a bike or a smart trainer tells. Pure; never raises.

Source: GATT Specification Supplement, Indoor Bike Data, and captures that contradict it: it gives the resistance one
byte, while a Zwift Hub and a JetBlack Volt send two (github Berg0162/simcline issues 7 and 9). Read as one byte, the
Hub's 70 W become 17920 W. No bit tells which, so the length of the notification does.
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
_CADENCE: Final = 1 << 2
_AVERAGE_CADENCE: Final = 1 << 3
_DISTANCE: Final = 1 << 4
_RESISTANCE: Final = 1 << 5
_POWER: Final = 1 << 6
_AVERAGE_POWER: Final = 1 << 7
_ENERGY: Final = 1 << 8
_HR: Final = 1 << 9
_MET: Final = 1 << 10
_ELAPSED: Final = 1 << 11
_REMAINING: Final = 1 << 12
_FLAGS_BYTES: Final = 2
_CADENCE_PER_RPM: Final = 2
_MET_TENTHS: Final = 10


def _layout(resistance_bytes: int) -> tuple[Field, ...]:
    return (
        Field(_AVERAGE_SPEED, U16_BYTES),
        Field(_CADENCE, U16_BYTES),
        Field(_AVERAGE_CADENCE, U16_BYTES),
        Field(_DISTANCE, U24_BYTES),
        Field(_RESISTANCE, resistance_bytes),
        Field(_POWER, U16_BYTES),
        Field(_AVERAGE_POWER, U16_BYTES),
        Field(_ENERGY, ENERGY_BYTES),
        Field(_HR, U8_BYTES),
        Field(_MET, U8_BYTES),
        Field(_ELAPSED, U16_BYTES),
        Field(_REMAINING, U16_BYTES),
    )


_WIDE: Final = _layout(U16_BYTES)
_NARROW: Final = _layout(U8_BYTES)
_BEFORE_RESISTANCE: Final = _WIDE[:4]


class IndoorBikeFrame(MachineFrame, frozen=True, kw_only=True):
    """One notification of a bike; see `MachineFrame` for what it shares with treadmills.

    Attributes:
        cadence_per_min: turns of the crank, to half a turn.
        average_cadence_per_min: since the beginning.
        resistance_level: the machine's own number, without a unit.
        average_power_w: since the beginning.
    """

    cadence_per_min: float | None = None
    average_cadence_per_min: float | None = None
    resistance_level: int | None = None
    average_power_w: int | None = None


def decode_indoor_bike(raw: bytes) -> IndoorBikeFrame | Undecodable:
    """Return the frame in a 0x2AD2 notification.

    When no width of the resistance makes the announced fields as long as the notification, all from the resistance on
    (power above all) is left out and kept as odd bytes: a wrong offset would show somebody else's number.
    """
    if not _FLAGS_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"indoor bike: {len(raw)} bytes where 2 are the least", raw=raw)
    flags = raw[0] | raw[1] << 8
    is_part = bool(flags & MORE_DATA)
    first_at = _FLAGS_BYTES if is_part else _FLAGS_BYTES + U16_BYTES
    places, end = place_fields(flags, _WIDE, first_at=first_at)
    resistance_bytes = U16_BYTES
    is_sure = True
    if flags & _RESISTANCE and len(raw) != end:
        narrow, narrow_end = place_fields(flags, _NARROW, first_at=first_at)
        if len(raw) == narrow_end:
            places, end, resistance_bytes = narrow, narrow_end, U8_BYTES
        else:
            least = narrow_end
            places, end = place_fields(flags, _BEFORE_RESISTANCE, first_at=first_at)
            is_sure = False
            end = end if len(raw) >= least else least
    if len(raw) < end:
        return Undecodable(problem=f"indoor bike: {len(raw)} bytes where flags 0x{flags:04x} need {end}", raw=raw)
    return _frame_of(raw, places, end, resistance_bytes=resistance_bytes, is_part=is_part, is_sure=is_sure)


def _frame_of(
    raw: bytes, places: dict[int, int], end: int, *, resistance_bytes: int, is_part: bool, is_sure: bool
) -> IndoorBikeFrame:
    resistance_at = places.get(_RESISTANCE)
    energy_kcal, energy_kcal_per_h, energy_kcal_per_min = energy_at(raw, places.get(_ENERGY))
    met = u8_at(raw, places.get(_MET))
    return IndoorBikeFrame(
        quality=Quality.GOOD if is_sure else Quality.QUESTIONABLE,
        reason=None if is_sure else Reason.ODD_BYTES,
        is_part=is_part,
        speed_kmh=None if is_part else speed_at(raw, _FLAGS_BYTES),
        average_speed_kmh=speed_at(raw, places.get(_AVERAGE_SPEED)),
        cadence_per_min=_cadence(u16_at(raw, places.get(_CADENCE))),
        average_cadence_per_min=_cadence(u16_at(raw, places.get(_AVERAGE_CADENCE))),
        distance_m=u24_at(raw, places.get(_DISTANCE)),
        resistance_level=s16_at(raw, resistance_at) if resistance_bytes == U16_BYTES else u8_at(raw, resistance_at),
        power_w=s16_at(raw, places.get(_POWER)),
        average_power_w=s16_at(raw, places.get(_AVERAGE_POWER)),
        energy_kcal=energy_kcal,
        energy_kcal_per_h=energy_kcal_per_h,
        energy_kcal_per_min=energy_kcal_per_min,
        hr_bpm=hr_at(raw, places.get(_HR)),
        met=None if met is None else met / _MET_TENTHS,
        elapsed_s=u16_at(raw, places.get(_ELAPSED)),
        remaining_s=u16_at(raw, places.get(_REMAINING)),
        odd_bytes=bytes(raw[end:]),
    )


def _cadence(sent: int | None) -> float | None:
    return None if sent is None else sent / _CADENCE_PER_RPM


def encode_indoor_bike(
    speed_kmh: float | None,
    *,
    cadence_per_min: float | None = None,
    distance_m: int | None = None,
    resistance_level: int | None = None,
    power_w: int | None = None,
    energy_kcal: int | None = None,
    hr_bpm: int | None = None,
    met: float | None = None,
    elapsed_s: int | None = None,
    has_narrow_resistance: bool = False,
) -> bytes:
    """Return the 0x2AD2 bytes for these values; without a speed it is a part of a record, and more follows.

    With ``has_narrow_resistance`` the resistance takes one byte, as the supplement says, not two, as bikes do.

    Raises:
        struct.error: a number is out of its field's range.
    """
    flags = MORE_DATA if speed_kmh is None else 0
    body = b"" if speed_kmh is None else struct.pack("<H", speed_units(speed_kmh))
    if cadence_per_min is not None:
        flags |= _CADENCE
        body += struct.pack("<H", round(cadence_per_min * _CADENCE_PER_RPM))
    if distance_m is not None:
        flags |= _DISTANCE
        body += struct.pack("<I", distance_m)[:U24_BYTES]
    if resistance_level is not None:
        flags |= _RESISTANCE
        body += struct.pack("<B" if has_narrow_resistance else "<h", resistance_level)
    if power_w is not None:
        flags |= _POWER
        body += struct.pack("<h", power_w)
    if energy_kcal is not None:
        flags |= _ENERGY
        body += struct.pack("<HHB", energy_kcal, 0xFFFF, 0xFF)
    for flag, code, value in (
        (_HR, "<B", hr_bpm),
        (_MET, "<B", None if met is None else round(met * _MET_TENTHS)),
        (_ELAPSED, "<H", elapsed_s),
    ):
        if value is not None:
            flags |= flag
            body += struct.pack(code, value)
    return struct.pack("<H", flags) + body
