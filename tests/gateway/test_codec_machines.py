"""Laws of foot pods, treadmills and bikes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.fitness_fields import merge_parts
from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike, encode_indoor_bike
from gateway.codecs.running_speed import RunningFrame, decode_running_speed, encode_running_speed
from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill, encode_treadmill
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from tests.gateway.machine_values import BIKE, TREADMILL
from vitals.readings import Quality, Reason
from vitals.units import MonotonicMs

SPEED = st.integers(0, 4_000).map(lambda hundredths: hundredths / 100)


def at(ms: int) -> MonotonicMs:
    return MonotonicMs(ms)


# Foot pods


@given(
    raw_speed=st.integers(0, 4266),
    cadence=st.integers(0, 255),
    stride=st.none() | st.integers(0, 0xFFFF),
    distance=st.none() | st.integers(0, 0xFFFF_FFFF),
    is_running=st.booleans(),
)
def test_a_foot_pod_says_what_was_encoded(
    *, raw_speed: int, cadence: int, stride: int | None, distance: int | None, is_running: bool
) -> None:
    speed_kmh = raw_speed * 3.6 / 256
    stride_m = None if stride is None else stride / 100
    distance_m = None if distance is None else distance / 10
    frame = decode_running_speed(
        encode_running_speed(speed_kmh, cadence, stride_m=stride_m, distance_m=distance_m, is_running=is_running)
    )
    assert frame == RunningFrame(
        speed_kmh=speed_kmh,
        cadence_per_min=cadence,
        is_running=is_running,
        quality=Quality.GOOD,
        stride_m=stride_m,
        distance_m=distance_m,
    )


def test_nobody_runs_two_hundred_kilometres_an_hour() -> None:
    frame = decode_running_speed(encode_running_speed(200, 90))
    assert isinstance(frame, RunningFrame)
    assert (frame.speed_kmh, frame.quality, frame.reason) == (None, Quality.UNUSABLE, Reason.OUT_OF_RANGE)


# Treadmills and bikes


@given(values=TREADMILL)
def test_a_treadmill_says_what_was_encoded(values: dict[str, Any]) -> None:
    assert decode_treadmill(encode_treadmill(**values)) == TreadmillFrame(
        is_part=values["speed_kmh"] is None, ramp_deg=None if values["incline_pct"] is None else 0, **values
    )


@given(values=BIKE, has_narrow_resistance=st.booleans())
def test_a_bike_says_what_was_encoded_in_either_width_of_its_resistance(
    *, values: dict[str, Any], has_narrow_resistance: bool
) -> None:
    raw = encode_indoor_bike(**values, has_narrow_resistance=has_narrow_resistance)
    assert decode_indoor_bike(raw) == IndoorBikeFrame(is_part=values["speed_kmh"] is None, **values)


def bike_of(raw: bytes) -> IndoorBikeFrame:
    frame = decode_indoor_bike(raw)
    assert isinstance(frame, IndoorBikeFrame)
    return frame


def treadmill_of(raw: bytes) -> TreadmillFrame:
    frame = decode_treadmill(raw)
    assert isinstance(frame, TreadmillFrame)
    return frame


@given(resistance=st.integers(-0x8000, 0x7FFE), power=st.integers(0, 2000))
def test_a_resistance_of_sixteen_bits_may_be_negative(*, resistance: int, power: int) -> None:
    frame = bike_of(encode_indoor_bike(20, resistance_level=resistance, power_w=power))
    assert (frame.resistance_level, frame.power_w) == (resistance, power)


def test_a_bike_whose_length_fits_no_width_of_its_resistance_shows_no_power() -> None:
    frame = bike_of(encode_indoor_bike(20, cadence_per_min=80, resistance_level=9, power_w=150) + b"\x01")
    assert (frame.speed_kmh, frame.cadence_per_min) == (20, 80)
    assert (frame.resistance_level, frame.power_w) == (None, None)
    assert (frame.quality, frame.reason) == (Quality.QUESTIONABLE, Reason.ODD_BYTES)
    assert frame.odd_bytes == bytes.fromhex("0900 9600 01")


def test_flags_that_change_in_the_middle_of_a_connection_move_the_fields() -> None:
    first = bike_of(encode_indoor_bike(20, cadence_per_min=80, power_w=150))
    second = bike_of(encode_indoor_bike(20, power_w=151))
    third = bike_of(encode_indoor_bike(20, cadence_per_min=81, distance_m=5, resistance_level=3, power_w=152))
    assert [frame.power_w for frame in (first, second, third)] == [150, 151, 152]
    assert [frame.cadence_per_min for frame in (first, second, third)] == [80, None, 81]


def test_a_pace_in_one_byte_is_known_by_the_length() -> None:
    narrow = treadmill_of(encode_treadmill(9, pace_s_per_500m=150, elapsed_s=60, has_narrow_pace=True))
    assert (narrow.pace_s_per_500m, narrow.elapsed_s, narrow.quality) == (150, 60, Quality.GOOD)
    wide = treadmill_of(encode_treadmill(9, pace_s_per_500m=200, elapsed_s=60))
    assert (wide.pace_s_per_500m, wide.elapsed_s, wide.quality) == (200, 60, Quality.GOOD)


def test_a_treadmill_whose_length_fits_no_width_of_its_pace_shows_only_what_stands_before() -> None:
    raw = encode_treadmill(9, distance_m=400, pace_s_per_500m=200, elapsed_s=60)
    frame = treadmill_of(raw + b"\x01")
    assert (frame.speed_kmh, frame.distance_m) == (9, 400)
    assert (frame.pace_s_per_500m, frame.elapsed_s, frame.reason) == (None, None, Reason.ODD_BYTES)
    assert isinstance(decode_treadmill(raw[:-3]), Undecodable)


def test_a_vendors_step_counter_behind_the_known_fields_spoils_nothing() -> None:
    # Flags 84 24 of github hughesjs/FitnessMachine: distance, energy, elapsed time, and a reserved bit with two bytes.
    frame = treadmill_of(bytes.fromhex("8424 5802 900100 0a00ffffff 3c00 7b00"))
    assert (frame.speed_kmh, frame.distance_m, frame.energy_kcal, frame.elapsed_s) == (6.0, 400, 10, 60)
    assert (frame.energy_kcal_per_h, frame.energy_kcal_per_min, frame.odd_bytes) == (None, None, b"\x7b\x00")


def test_what_a_machine_cannot_tell_is_absent_and_not_a_number() -> None:
    treadmill = treadmill_of(bytes.fromhex("0811 5802 ff7f ff7f 00 ff7f ff7f"))
    assert (treadmill.incline_pct, treadmill.ramp_deg, treadmill.hr_bpm) == (None, None, None)
    assert (treadmill.force_n, treadmill.power_w) == (None, None)


@pytest.mark.parametrize(("sent", "met"), [(9, None), (25, None), (26, 2.6), (85, 8.5)])
def test_a_treadmills_met_is_shown_only_when_its_unit_is_sure(sent: int, met: float | None) -> None:
    assert treadmill_of(bytes.fromhex("0002 5802") + bytes([sent])).met == met


def test_a_speed_that_no_machine_has_is_absent() -> None:
    assert bike_of(encode_indoor_bike(300)).speed_kmh is None


# Records in several parts


def test_a_record_in_parts_is_whole_with_its_last_part() -> None:
    first = treadmill_of(encode_treadmill(None, distance_m=400, incline_pct=1))
    second = treadmill_of(encode_treadmill(None, elapsed_s=60))
    last = treadmill_of(encode_treadmill(5, hr_bpm=99))
    pending, record = merge_parts(None, first)
    assert record is None
    pending, record = merge_parts(pending, second)
    assert record is None
    pending, record = merge_parts(pending, last)
    assert pending is None
    assert record == TreadmillFrame(distance_m=400, incline_pct=1, ramp_deg=0, elapsed_s=60, speed_kmh=5, hr_bpm=99)


def test_a_record_in_one_part_is_whole_at_once() -> None:
    frame = bike_of(encode_indoor_bike(20, power_w=150))
    assert merge_parts(None, frame) == (None, frame)


def test_a_part_that_tells_again_begins_a_new_record() -> None:
    lost = bike_of(encode_indoor_bike(None, power_w=150, distance_m=400))
    again = bike_of(encode_indoor_bike(None, power_w=160))
    pending, _ = merge_parts(None, lost)
    pending, _ = merge_parts(pending, again)
    _, record = merge_parts(pending, bike_of(encode_indoor_bike(20)))
    assert record is not None
    assert (record.power_w, record.distance_m) == (160, None)


def test_a_doubtful_part_makes_a_doubtful_record() -> None:
    doubtful = bike_of(encode_indoor_bike(None, resistance_level=9, power_w=150) + b"\x01")
    pending, _ = merge_parts(None, doubtful)
    _, record = merge_parts(pending, bike_of(encode_indoor_bike(20)))
    assert record is not None
    assert (record.quality, record.reason) == (Quality.QUESTIONABLE, Reason.ODD_BYTES)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_parts_without_end_keep_one_record_and_few_bytes(tails: list[bytes]) -> None:
    pending: IndoorBikeFrame | None = None
    for tail in [*tails, *(bytes(510) for _ in range(3))]:
        frame = decode_indoor_bike(b"\x01\x00" + tail)
        assert isinstance(frame, IndoorBikeFrame)
        pending, record = merge_parts(pending, frame)
        assert record is None
        assert pending is not None
        assert len(pending.odd_bytes) <= LONGEST_VALUE_BYTES
