"""Laws of the heart rate that Polar's straps call out to everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.polar_advertising import (
    PolarAdvertisingFrame,
    decode_polar_advertising,
    encode_polar_advertising,
)
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason


@given(
    hr=st.integers(1, 254),
    slow=st.none() | st.integers(1, 254),
    is_battery_low=st.booleans(),
    is_broadcast=st.booleans(),
    counter=st.integers(0, 7),
    blocks=st.lists(st.binary(max_size=5), max_size=3),
)
def test_a_broadcast_says_what_was_encoded_behind_any_other_blocks(
    *, hr: int, slow: int | None, is_battery_low: bool, is_broadcast: bool, counter: int, blocks: list[bytes]
) -> None:
    raw = b"".join(b"\x40" + bytes([len(block)]) + block for block in blocks) + encode_polar_advertising(
        hr, slow_hr_bpm=slow, is_battery_low=is_battery_low, is_broadcast=is_broadcast, frame_counter=counter
    )
    assert decode_polar_advertising(raw) == PolarAdvertisingFrame(
        hr_bpm=hr,
        quality=Quality.GOOD,
        slow_hr_bpm=slow,
        contact=True,
        is_battery_low=is_battery_low,
        is_broadcast=is_broadcast,
        frame_counter=counter,
    )


@pytest.mark.parametrize(
    ("raw", "frame_counter", "is_battery_low"),
    # BlePolarHrAdvertisementTest.kt of polar-ble-sdk: its inputs for the counter and the battery.
    [("e3fefefe", 0, True), ("e7fefefe", 1, True), ("fffefefe", 7, True), ("fefefefe", 7, False)],
)
def test_the_vendors_own_bits(raw: str, frame_counter: int, *, is_battery_low: bool) -> None:
    # Its test feeds the record itself; as a block, bit 6 would make it another one, so it is cleared here.
    sent = bytes.fromhex(raw)
    frame = decode_polar_advertising(bytes([sent[0] & ~0x40]) + sent[1:])
    assert isinstance(frame, PolarAdvertisingFrame)
    assert (frame.frame_counter, frame.is_battery_low, frame.hr_bpm) == (frame_counter, is_battery_low, 254)


@pytest.mark.parametrize(
    ("raw", "bpm", "reason"),
    [
        ("220000", None, Reason.NO_VALUE),
        ("200000", None, Reason.OFF_SKIN),
        ("2200ff", None, Reason.OUT_OF_RANGE),
        ("200050", 80, Reason.OFF_SKIN),
    ],
)
def test_a_broadcast_without_a_heart_has_a_reason(raw: str, bpm: int | None, reason: Reason) -> None:
    frame = decode_polar_advertising(bytes.fromhex(raw))
    assert isinstance(frame, PolarAdvertisingFrame)
    assert (frame.hr_bpm, frame.reason) == (bpm, reason)


def test_a_sleeping_strap_says_no_rate() -> None:
    for raw in (b"", b"\x40", b"\x40\x02\x01\x02", b"\x40\xff\x01"):
        assert isinstance(decode_polar_advertising(raw), Undecodable)
