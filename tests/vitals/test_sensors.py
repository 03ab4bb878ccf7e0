import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.sensors import mint_sensor_id

ADDRESS = st.from_regex(r"([0-9A-F]{2}:){5}[0-9A-F]{2}", fullmatch=True)
KEY = st.binary(min_size=16, max_size=64)


@given(KEY, ADDRESS)
def test_an_id_says_nothing_of_the_address_and_is_a_level_of_a_topic(key: bytes, address: str) -> None:
    sensor = mint_sensor_id(key, address)
    assert re.fullmatch(r"s-[a-z2-7]{16}", sensor)
    assert address.replace(":", "").lower() not in sensor
    assert sensor == mint_sensor_id(key, address.lower())


@given(KEY, ADDRESS, ADDRESS)
def test_two_addresses_have_two_ids(key: bytes, one: str, other: str) -> None:
    assert (mint_sensor_id(key, one) == mint_sensor_id(key, other)) == (one == other)


def test_another_site_gives_another_id() -> None:
    assert mint_sensor_id(b"a" * 16, "C0:FF:EE:00:00:01") != mint_sensor_id(b"b" * 16, "C0:FF:EE:00:00:01")


def test_a_key_that_is_too_short_hides_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="15 bytes"):
        mint_sensor_id(b"k" * 15, "C0:FF:EE:00:00:01")
