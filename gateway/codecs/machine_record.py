"""A record of the Fitness Machine Service: flags, a speed, then optional fields, some of a width that no bit tells.

Treadmills and bikes differ in what stands behind the speed and under which flags; how a record is taken apart and put
together is the same. Pure; raises on no bytes.

Source: GATT Specification Supplement (Treadmill Data, Indoor Bike Data).
"""

import struct
from typing import Final, NamedTuple, TypedDict

from gateway.codecs.fitness_fields import MORE_DATA, U16_BYTES, energy_at, hr_at, speed_at, speed_units, u16_at, u24_at
from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

_FLAGS_BYTES: Final = 2


class RecordForm(NamedTuple):
    """What one kind of machine sends.

    Attributes:
        name: for error texts.
        wide: the optional fields, those of doubtful width as most machines send them.
        narrow: the same with the lesser width.
        sure: the fields before the first of doubtful width.
        doubtful: the flags of those of doubtful width.
        average_speed, distance, energy, hr, elapsed, remaining: the flags of what every machine may tell.
    """

    name: str
    wide: tuple[Field, ...]
    narrow: tuple[Field, ...]
    sure: tuple[Field, ...]
    doubtful: int
    average_speed: int
    distance: int
    energy: int
    hr: int
    elapsed: int
    remaining: int


class PlacedRecord(NamedTuple):
    """Where the fields of one notification begin, by flag.

    Attributes:
        places: of the fields that are sure.
        end: first byte of which no flag says what it is.
        is_part: True when more notifications belong to the same record; then it has no speed.
        is_narrow: True when the fields of doubtful width have the lesser one.
        is_sure: False when no width makes the announced fields as long as the notification.
    """

    places: dict[int, int]
    end: int
    is_part: bool
    is_narrow: bool
    is_sure: bool


class SharedValues(TypedDict):
    """The part of a `MachineFrame` that is read alike for every machine."""

    quality: Quality
    reason: Reason | None
    is_part: bool
    speed_kmh: float | None
    average_speed_kmh: float | None
    distance_m: int | None
    energy_kcal: int | None
    energy_kcal_per_h: int | None
    energy_kcal_per_min: int | None
    hr_bpm: int | None
    elapsed_s: int | None
    remaining_s: int | None
    odd_bytes: bytes


def place_record(raw: bytes, form: RecordForm) -> PlacedRecord | Undecodable:
    """Return where the fields of a notification stand.

    When no width fits, all from the first doubtful field on is left out and counts as odd bytes: a wrong offset would
    show somebody else's number.
    """
    if not _FLAGS_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"{form.name}: {len(raw)} bytes where {_FLAGS_BYTES} are the least", raw=raw)
    flags = raw[0] | raw[1] << 8
    is_part = bool(flags & MORE_DATA)
    first_at = _FLAGS_BYTES if is_part else _FLAGS_BYTES + U16_BYTES
    places, end = place_fields(flags, form.wide, first_at=first_at)
    is_narrow, is_sure = False, True
    if flags & form.doubtful and len(raw) != end:
        narrow, narrow_end = place_fields(flags, form.narrow, first_at=first_at)
        if len(raw) == narrow_end:
            places, end, is_narrow = narrow, narrow_end, True
        else:
            places, end = place_fields(flags, form.sure, first_at=first_at)
            is_sure = False
            end = end if len(raw) >= narrow_end else narrow_end
    if len(raw) < end:
        return Undecodable(problem=f"{form.name}: {len(raw)} bytes where flags 0x{flags:04x} need {end}", raw=raw)
    return PlacedRecord(places, end, is_part, is_narrow, is_sure)


def shared_values(raw: bytes, record: PlacedRecord, form: RecordForm) -> SharedValues:
    """Return what every machine may tell."""
    places = record.places
    energy_kcal, energy_kcal_per_h, energy_kcal_per_min = energy_at(raw, places.get(form.energy))
    return SharedValues(
        quality=Quality.GOOD if record.is_sure else Quality.QUESTIONABLE,
        reason=None if record.is_sure else Reason.ODD_BYTES,
        is_part=record.is_part,
        speed_kmh=None if record.is_part else speed_at(raw, _FLAGS_BYTES),
        average_speed_kmh=speed_at(raw, places.get(form.average_speed)),
        distance_m=u24_at(raw, places.get(form.distance)),
        energy_kcal=energy_kcal,
        energy_kcal_per_h=energy_kcal_per_h,
        energy_kcal_per_min=energy_kcal_per_min,
        hr_bpm=hr_at(raw, places.get(form.hr)),
        elapsed_s=u16_at(raw, places.get(form.elapsed)),
        remaining_s=u16_at(raw, places.get(form.remaining)),
        odd_bytes=bytes(raw[record.end :]),
    )


def encode_record(speed_kmh: float | None, *fields: tuple[int, bytes | None]) -> bytes:
    """Return the bytes of a record; without a speed it is a part of one, and more follows.

    Args:
        speed_kmh: at least 0.
        fields: flag and bytes, in the order of the form; without bytes a field is not sent.

    Raises:
        struct.error: the speed is out of its field's range.
    """
    flags = MORE_DATA if speed_kmh is None else 0
    body = b"" if speed_kmh is None else struct.pack("<H", speed_units(speed_kmh))
    for flag, packed in fields:
        if packed is not None:
            flags |= flag
            body += packed
    return struct.pack("<H", flags) + body
