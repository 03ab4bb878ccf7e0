"""What the two measurements of an oximeter have in common: flags, a pair of numbers, and fields that judge them.

Continuous and spot-check differ in which flag announces which field, and in what they have besides. Pure; raises on no
bytes. Source: as for `plx_fields`.
"""

import struct
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from gateway.codecs.flagged_fields import Field, place_fields
from gateway.codecs.plx_fields import (
    MEASUREMENT_STATUS_BYTES,
    NO_PAIR,
    SENSOR_STATUS_BYTES,
    SPO2_BYTES,
    OxygenPulse,
    decode_pair,
    decode_perfusion,
    judge_number,
    judge_status,
    sfloat_at,
    special_at,
    status_at,
)
from gateway.codecs.sfloat import SfloatSpecial, encode_sfloat
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

_HEAD_BYTES: Final = 5
_SPO2_AT: Final = 1


class PlxLayout(Struct, frozen=True, kw_only=True):
    """One of the two: its name in a refusal, its fields in order, and the flags of those that judge the numbers."""

    name: str
    fields: tuple[Field, ...]
    measurement_status: int
    sensor_status: int
    pulse_amplitude: int


class PlxBody(Struct, frozen=True, kw_only=True):
    """What both say.

    ``places``: where the field of each flag begins. ``is_usable``: no status bit spoils the numbers; ``quality`` may
    be unusable all the same, because the pair has no SpO2.
    """

    flags: int
    is_usable: bool
    places: Mapping[int, int]
    pair: OxygenPulse
    quality: Quality
    reason: Reason | None
    spo2_special: SfloatSpecial | None
    pulse_special: SfloatSpecial | None
    perfusion_pct: float | None
    measurement_status: int | None
    sensor_status: int | None
    odd_bytes: bytes


def decode_body(raw: bytes, layout: PlxLayout) -> PlxBody | Undecodable:
    """Return what is common to both, judged by the status bits first and by the numbers then."""
    if not _HEAD_BYTES <= len(raw) <= LONGEST_VALUE_BYTES:
        return Undecodable(problem=f"{layout.name}: {len(raw)} bytes where 5 are the least", raw=raw)
    flags = raw[0]
    places, end = place_fields(flags, layout.fields, first_at=_HEAD_BYTES)
    if len(raw) < end:
        return Undecodable(problem=f"{layout.name}: {len(raw)} bytes where flags 0x{flags:02x} need {end}", raw=raw)
    measurement = status_at(raw, places.get(layout.measurement_status), MEASUREMENT_STATUS_BYTES)
    sensor = status_at(raw, places.get(layout.sensor_status), SENSOR_STATUS_BYTES)
    quality, reason = judge_status(measurement, sensor)
    is_usable = quality is not Quality.UNUSABLE
    pair = decode_pair(raw, _SPO2_AT) if is_usable else NO_PAIR
    if is_usable and pair.spo2_pct is None:
        quality, reason = Quality.UNUSABLE, judge_number(sfloat_at(raw, _SPO2_AT))
    return PlxBody(
        flags=flags,
        is_usable=is_usable,
        places=places,
        pair=pair,
        quality=quality,
        reason=reason,
        spo2_special=special_at(raw, _SPO2_AT),
        pulse_special=special_at(raw, _SPO2_AT + SPO2_BYTES),
        perfusion_pct=decode_perfusion(raw, places.get(layout.pulse_amplitude)),
        measurement_status=measurement,
        sensor_status=sensor,
        odd_bytes=bytes(raw[end:]),
    )


def encode_pair(spo2_pct: float | SfloatSpecial, pulse_bpm: float | SfloatSpecial) -> bytes:
    """Return the four bytes of SpO2 and pulse.

    Raises:
        ValueError: a number is beyond what an SFLOAT can say.
    """
    return struct.pack("<HH", encode_sfloat(spo2_pct), encode_sfloat(pulse_bpm))


def encode_judges(
    layout: PlxLayout,
    *,
    measurement_status: int | None,
    sensor_status: int | None,
    perfusion_pct: float | SfloatSpecial | None,
) -> tuple[int, bytes]:
    """Return the flags and the bytes of the fields that stand at the end of both, of those that are given.

    Raises:
        ValueError: the perfusion is beyond what an SFLOAT can say.
        OverflowError: a status does not fit its 16 or 24 bits.
    """
    flags, body = 0, b""
    for flag, bits, width in (
        (layout.measurement_status, measurement_status, MEASUREMENT_STATUS_BYTES),
        (layout.sensor_status, sensor_status, SENSOR_STATUS_BYTES),
    ):
        if bits is not None:
            flags |= flag
            body += int(bits).to_bytes(width, "little")
    if perfusion_pct is not None:
        flags |= layout.pulse_amplitude
        body += struct.pack("<H", encode_sfloat(perfusion_pct))
    return flags, body
