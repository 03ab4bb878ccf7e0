"""Treadmill Data (0x2ACD) of the Fitness Machine Service: what a belt tells. Pure; raises on no bytes.

Source: GATT Specification Supplement, Treadmill Data. Machines of the first edition send the two paces in one byte
each (0.1 km/min), later ones in two (seconds for 500 m); no bit tells which, so the length does.
"""

from typing import Final

from gateway.codecs.fitness_fields import (
    ENERGY_BYTES,
    U8_BYTES,
    U16_BYTES,
    U24_BYTES,
    UNAVAILABLE_S16,
    MachineFrame,
    pack_energy,
    pack_number,
    pack_u24,
    s16_at,
    u8_at,
    u16_at,
)
from gateway.codecs.flagged_fields import Field
from gateway.codecs.machine_record import RecordForm, encode_record, place_record, shared_values
from gateway.codecs.undecodable import Undecodable

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


_FORM: Final = RecordForm(
    name="treadmill",
    wide=_layout(U16_BYTES),
    narrow=_layout(U8_BYTES),
    sure=_layout(U16_BYTES)[:4],
    doubtful=_PACE | _AVERAGE_PACE,
    average_speed=_AVERAGE_SPEED,
    distance=_DISTANCE,
    energy=_ENERGY,
    hr=_HR,
    elapsed=_ELAPSED,
    remaining=_REMAINING,
)


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
    record = place_record(raw, _FORM)
    if isinstance(record, Undecodable):
        return record
    places = record.places
    incline_at, elevation_at, force_at = places.get(_INCLINE), places.get(_ELEVATION), places.get(_FORCE)
    incline_pct = _tenths(s16_at(raw, incline_at))
    return TreadmillFrame(
        **shared_values(raw, record, _FORM),
        incline_pct=incline_pct if incline_pct is not None and abs(incline_pct) <= _INCLINE_PCT_MAX else None,
        ramp_deg=_tenths(s16_at(raw, _behind(incline_at))),
        climb_m=_tenths(u16_at(raw, elevation_at)),
        descent_m=_tenths(u16_at(raw, _behind(elevation_at))),
        pace_s_per_500m=_pace(raw, places.get(_PACE), is_narrow=record.is_narrow),
        average_pace_s_per_500m=_pace(raw, places.get(_AVERAGE_PACE), is_narrow=record.is_narrow),
        met=_met(u8_at(raw, places.get(_MET))),
        force_n=s16_at(raw, force_at),
        power_w=s16_at(raw, _behind(force_at)),
    )


def _behind(at: int | None) -> int | None:
    """Return where the second of two 16-bit fields stands that come together."""
    return None if at is None else at + U16_BYTES


def _tenths(sent: int | None) -> float | None:
    return None if sent is None else sent / _TENTHS


def _met(sent: int | None) -> float | None:
    return sent / _TENTHS if sent is not None and sent > MET_MAX else None


def _pace(raw: bytes, at: int | None, *, is_narrow: bool) -> float | None:
    """Return a pace in s for 500 m; a belt that stands has none."""
    sent = u8_at(raw, at) if is_narrow else u16_at(raw, at)
    if not sent:
        return None
    return _NARROW_PACE_S_PER_500M / sent if is_narrow else float(sent)


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
    incline = pack_number("<h", incline_pct, per_unit=_TENTHS)
    power = pack_number("<h", power_w)
    return encode_record(
        speed_kmh,
        (_DISTANCE, pack_u24(distance_m)),
        (_INCLINE, None if incline is None else incline + bytes(U16_BYTES)),
        (_PACE, _pack_pace(pace_s_per_500m, is_narrow=has_narrow_pace)),
        (_ENERGY, pack_energy(energy_kcal)),
        (_HR, pack_number("<B", hr_bpm)),
        (_MET, pack_number("<B", met, per_unit=_TENTHS)),
        (_ELAPSED, pack_number("<H", elapsed_s)),
        (_FORCE, None if power is None else UNAVAILABLE_S16.to_bytes(U16_BYTES, "little") + power),
    )


def _pack_pace(pace_s_per_500m: float | None, *, is_narrow: bool) -> bytes | None:
    if pace_s_per_500m is None or not is_narrow:
        return pack_number("<H", pace_s_per_500m)
    return pack_number("<B", _NARROW_PACE_S_PER_500M / pace_s_per_500m)
