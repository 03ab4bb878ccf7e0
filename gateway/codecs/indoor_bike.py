"""Indoor Bike Data (0x2AD2) of the Fitness Machine Service: what a bike or a smart trainer tells. Pure; never raises.

Source: GATT Specification Supplement, Indoor Bike Data, and captures that contradict it: it gives the resistance one
byte, while a Zwift Hub and a JetBlack Volt send two (github Berg0162/simcline issues 7 and 9). Read as one byte, the
Hub's 70 W become 17920 W. No bit tells which, so the length of the notification does.
"""

from typing import Final

from gateway.codecs.fitness_fields import (
    ENERGY_BYTES,
    U8_BYTES,
    U16_BYTES,
    U24_BYTES,
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


_FORM: Final = RecordForm(
    name="indoor bike",
    wide=_layout(U16_BYTES),
    narrow=_layout(U8_BYTES),
    sure=_layout(U16_BYTES)[:4],
    doubtful=_RESISTANCE,
    average_speed=_AVERAGE_SPEED,
    distance=_DISTANCE,
    energy=_ENERGY,
    hr=_HR,
    elapsed=_ELAPSED,
    remaining=_REMAINING,
)


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
    record = place_record(raw, _FORM)
    if isinstance(record, Undecodable):
        return record
    places = record.places
    resistance_at = places.get(_RESISTANCE)
    met = u8_at(raw, places.get(_MET))
    return IndoorBikeFrame(
        **shared_values(raw, record, _FORM),
        cadence_per_min=_cadence(u16_at(raw, places.get(_CADENCE))),
        average_cadence_per_min=_cadence(u16_at(raw, places.get(_AVERAGE_CADENCE))),
        resistance_level=u8_at(raw, resistance_at) if record.is_narrow else s16_at(raw, resistance_at),
        power_w=s16_at(raw, places.get(_POWER)),
        average_power_w=s16_at(raw, places.get(_AVERAGE_POWER)),
        met=None if met is None else met / _MET_TENTHS,
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
    return encode_record(
        speed_kmh,
        (_CADENCE, pack_number("<H", cadence_per_min, per_unit=_CADENCE_PER_RPM)),
        (_DISTANCE, pack_u24(distance_m)),
        (_RESISTANCE, pack_number("<B" if has_narrow_resistance else "<h", resistance_level)),
        (_POWER, pack_number("<h", power_w)),
        (_ENERGY, pack_energy(energy_kcal)),
        (_HR, pack_number("<B", hr_bpm)),
        (_MET, pack_number("<B", met, per_unit=_MET_TENTHS)),
        (_ELAPSED, pack_number("<H", elapsed_s)),
    )
