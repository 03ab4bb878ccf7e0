"""Laws of the small codecs: SFLOAT, battery level, device information."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.battery import decode_battery, encode_battery
from gateway.codecs.body_location import BodyLocation, decode_body_location, encode_body_location
from gateway.codecs.device_information import (
    DEVICE_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    decode_device_text,
    describe_device,
    encode_device_text,
)
from gateway.codecs.sfloat import SfloatSpecial, decode_sfloat, encode_sfloat
from gateway.codecs.undecodable import Undecodable
from gateway.codecs.uuids import HEART_RATE_MEASUREMENT, full_uuid


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (0x0062, 98.0),  # the capture of stackoverflow.com/questions/71264072
        (0xF3D5, 98.1),
        (0xE001, 0.01),
        (0x1002, 20.0),
        (0x07FD, 2045.0),
        (0x0803, -2045.0),
        (0x0FFF, -1.0),
        (0x17FF, 20470.0),
    ],
)
def test_worked_sfloats(raw: int, value: float) -> None:
    assert decode_sfloat(raw) == value


@pytest.mark.parametrize(
    ("raw", "special"),
    [
        (0x07FF, SfloatSpecial.NAN),
        (0x0800, SfloatSpecial.NOT_AT_THIS_RESOLUTION),
        (0x07FE, SfloatSpecial.PLUS_INFINITY),
        (0x0802, SfloatSpecial.MINUS_INFINITY),
        (0x0801, SfloatSpecial.RESERVED),
    ],
)
def test_the_five_specials_are_no_numbers(raw: int, special: SfloatSpecial) -> None:
    assert decode_sfloat(raw) is special
    assert encode_sfloat(special) == raw


@given(st.integers(0, 0xFFFF))
def test_every_sfloat_says_the_same_after_encoding_it_again(raw: int) -> None:
    value = decode_sfloat(raw)
    if isinstance(value, float) and abs(value) >= 2046 * 10**7:
        return  # the five mantissas at the top exponent have no second spelling
    assert decode_sfloat(encode_sfloat(value)) == value


@given(st.floats(-1e9, 1e9))
def test_a_number_is_kept_to_three_digits(value: float) -> None:
    got = decode_sfloat(encode_sfloat(value))
    assert isinstance(got, float)
    assert abs(got - value) <= max(abs(value) * 0.005, 0.5e-8)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e12])
def test_a_number_that_sixteen_bits_cannot_say_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="SFLOAT"):
        encode_sfloat(value)


@given(st.binary(max_size=4))
def test_a_battery_level_is_a_percentage_or_undecodable(raw: bytes) -> None:
    level = decode_battery(raw)
    if isinstance(level, Undecodable):
        assert len(raw) != 1 or raw[0] > 100
    else:
        assert encode_battery(level) == raw


def test_a_battery_level_above_100_is_refused() -> None:
    with pytest.raises(ValueError, match="101"):
        encode_battery(101)


@given(st.binary(max_size=600))
def test_device_text_is_one_printable_line_whatever_comes(raw: bytes) -> None:
    text = decode_device_text(raw)
    assert text.isprintable()
    assert text == text.strip()
    assert len(text) <= TEXT_CHARACTERS_MAX


def test_device_text_ends_at_the_first_nul() -> None:
    assert decode_device_text(encode_device_text("Polar Electro Oy") + b"\0\xff") == "Polar Electro Oy"


def test_uuids_are_spelled_as_bleak_spells_them() -> None:
    assert full_uuid(0x2A37) == HEART_RATE_MEASUREMENT == "00002a37-0000-1000-8000-00805f9b34fb"


def test_the_body_location_is_known_or_undecodable() -> None:
    for location in BodyLocation:
        assert decode_body_location(encode_body_location(location)) is location
    for raw in (b"", b"\x07", b"\x01\x00"):
        assert isinstance(decode_body_location(raw), Undecodable)


@pytest.mark.parametrize(
    ("make", "model", "device"),
    [
        ("Polar Electro Oy", "H10", "Polar Electro Oy H10"),
        ("Polar Electro Oy", "Polar H10", "Polar H10"),
        ("Nonin Medical, Inc.", "3230", "Nonin Medical Inc 3230"),
        ("BerryMed", "BM1000C", "BerryMed BM1000C"),
        ("Contec", "CMS50D-BT", "Contec CMS50D-BT"),
        ("", "PC-60FW", "PC-60FW"),
        ("", "", ""),
    ],
)
def test_a_device_is_called_by_make_and_model(make: str, model: str, device: str) -> None:
    assert describe_device(make, model) == device


@pytest.mark.parametrize(
    ("make", "model", "device"),
    [
        ("Polar Electro Oy", "H10 A1B2C3D4", "Polar Electro Oy H10"),
        ("Polar", "H7 20346EAB", "Polar H7"),
        ("Nonin", "Nonin3230_502644123", "Nonin3230"),
        ("Garmin", "HRM-Dual SN: 1234", "Garmin HRM-Dual"),
        ("Garmin", "HRM-Dual S/N 1234", "Garmin HRM-Dual"),
        ("Acme", "AA:BB:CC:DD:EE:FF", "Acme"),
        ("Acme", "00-a0-50-39-92-23", "Acme"),
        ("Acme", "strap of anna@example.org", "Acme strap of"),
        ("Acme", "Anna's strap", "Acme"),
        ("Acme", "Owner: Anna", "Acme"),
        ("Acme", "#17", "Acme"),
        ("Acme", "Ring 12345", "Acme Ring"),
    ],
)
def test_neither_the_number_of_one_piece_nor_its_owner_is_told(make: str, model: str, device: str) -> None:
    assert describe_device(make, model) == device


@given(make=st.text(max_size=90), model=st.text(max_size=90))
def test_whatever_a_device_says_of_itself_is_one_short_line_without_long_numbers(*, make: str, model: str) -> None:
    device = describe_device(decode_device_text(make.encode()), decode_device_text(model.encode()))
    assert len(device) <= DEVICE_CHARACTERS_MAX
    assert device == device.strip()
    assert device.isprintable()
    assert all(sum(character.isdigit() for character in word) < 5 for word in device.split())


@given(st.integers(1, 15))
def test_a_special_mantissa_with_an_exponent_is_a_number(exponent: int) -> None:
    for mantissa in (0x7FE, 0x7FF, 0x800, 0x801, 0x802):
        assert isinstance(decode_sfloat(exponent << 12 | mantissa), float)
