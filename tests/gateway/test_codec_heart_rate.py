"""Laws of the heart-rate codec: captured bytes, any bytes, our own encoder and an independent decoder."""

import pytest
from bluetooth_sig.gatt.characteristics import HeartRateMeasurementCharacteristic
from bluetooth_sig.gatt.characteristics.heart_rate_measurement import SensorContactState
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.heart_rate import (
    HeartRateFrame,
    decode_heart_rate,
    encode_heart_rate,
)
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason
from vitals.units import ticks_to_rr_ms

RR_1024_MIN = 246  # 240.2 ms


def frame_of(raw: bytes) -> HeartRateFrame:
    frame = decode_heart_rate(raw)
    assert isinstance(frame, HeartRateFrame)
    return frame


def test_an_odd_trailing_byte_costs_no_interval() -> None:
    frame = frame_of(bytes.fromhex("103eb103de"))
    assert (frame.hr_bpm, frame.rr_1024, frame.odd_bytes) == (62, (945,), b"\xde")
    assert frame.quality is Quality.GOOD


def test_an_interval_too_short_for_a_heart_is_reported_and_not_used() -> None:
    frame = frame_of(bytes.fromhex("10382d043500"))
    assert frame.rr_1024 == (1069,)
    assert frame.rr_dropped_1024 == (53,)


def test_the_contact_bit_means_nothing_without_its_support_bit() -> None:
    assert frame_of(bytes.fromhex("0236")).contact is None
    assert frame_of(bytes.fromhex("0636")).contact is True
    assert frame_of(bytes.fromhex("0436")).contact is False


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("0000", Reason.NO_VALUE), ("0600", Reason.NO_VALUE), ("0400", Reason.OFF_SKIN), ("012d01", Reason.OUT_OF_RANGE)],
)
def test_no_reading_is_none_with_a_reason_and_never_a_number(raw: str, reason: Reason) -> None:
    frame = frame_of(bytes.fromhex(raw))
    assert (frame.hr_bpm, frame.quality, frame.reason) == (None, Quality.UNUSABLE, reason)


def test_a_rate_without_contact_is_shown_and_doubted() -> None:
    frame = frame_of(encode_heart_rate(81, contact=False))
    assert (frame.hr_bpm, frame.quality, frame.reason) == (81, Quality.QUESTIONABLE, Reason.OFF_SKIN)


def test_energy_is_stepped_over() -> None:
    assert frame_of(encode_heart_rate(81, energy=0xBEEF, rr_1024=(700,))).rr_1024 == (700,)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x01\x50", b"\x08\x50\x00", bytes(513)])
def test_bytes_shorter_than_their_flags_or_longer_than_an_attribute_are_undecodable(raw: bytes) -> None:
    result = decode_heart_rate(raw)
    assert isinstance(result, Undecodable)
    assert result.raw == raw
    assert result.reason is Reason.UNDECODABLE


@given(st.binary(max_size=600))
def test_no_bytes_raise(raw: bytes) -> None:
    match decode_heart_rate(raw):
        case Undecodable() as refused:
            assert refused.raw == raw
        case frame:
            assert frame.hr_bpm is None or 1 <= frame.hr_bpm <= 300
            assert (frame.reason is None) == (frame.quality is Quality.GOOD)
            assert (frame.hr_bpm is None) == (frame.quality is Quality.UNUSABLE)
            assert len(frame.rr_1024) <= 255


@given(
    hr_bpm=st.integers(1, 300),
    rr_1024=st.lists(st.integers(RR_1024_MIN, 0xFFFF), max_size=9).map(tuple),
    contact=st.sampled_from([None, True, False]),
    energy=st.none() | st.integers(0, 0xFFFF),
)
def test_what_is_encoded_is_decoded(
    *, hr_bpm: int, rr_1024: tuple[int, ...], contact: bool | None, energy: int | None
) -> None:
    frame = frame_of(encode_heart_rate(hr_bpm, rr_1024=rr_1024, contact=contact, energy=energy))
    assert (frame.hr_bpm, frame.rr_1024, frame.contact, frame.odd_bytes) == (hr_bpm, rr_1024, contact, b"")


@given(
    hr_bpm=st.integers(1, 300),
    rr_1024=st.lists(st.integers(RR_1024_MIN, 0xFFFF), max_size=9).map(tuple),
    contact=st.sampled_from([None, True, False]),
    energy=st.none() | st.integers(0, 0xFFFF),
)
def test_an_independent_decoder_reads_our_bytes_alike(
    *, hr_bpm: int, rr_1024: tuple[int, ...], contact: bool | None, energy: int | None
) -> None:
    raw = encode_heart_rate(hr_bpm, rr_1024=rr_1024, contact=contact, energy=energy)
    theirs = HeartRateMeasurementCharacteristic().parse_value(raw)
    assert theirs.heart_rate == hr_bpm
    assert theirs.energy_expended == energy
    assert tuple(round(seconds * 1024) for seconds in theirs.rr_intervals) == rr_1024
    ours = {None: SensorContactState.NOT_SUPPORTED, True: SensorContactState.DETECTED}
    assert theirs.sensor_contact is ours.get(contact, SensorContactState.NOT_DETECTED)


@given(st.integers(0, 0xFFFF))
def test_intervals_in_ms_are_exact(units: int) -> None:
    assert ticks_to_rr_ms(units) * 1024 == units * 1000


def test_flags_that_change_in_the_middle_of_a_connection_move_the_fields() -> None:
    # A rate above 255 widens its field, and a strap that has no interval leaves out the list.
    sent = [
        encode_heart_rate(61, rr_1024=(1000,)),
        encode_heart_rate(261, energy=9),
        encode_heart_rate(62, contact=True),
    ]
    frames = [frame_of(raw) for raw in sent]
    assert [(frame.hr_bpm, frame.rr_1024, frame.contact) for frame in frames] == [
        (61, (1000,), None),
        (261, (), None),
        (62, (), True),
    ]
