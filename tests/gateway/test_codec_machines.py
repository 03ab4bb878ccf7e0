"""Laws of foot pods, bicycle sensors, treadmills, bikes, and of Polar's broadcast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.cycling_speed import (
    GAP_MS_MAX,
    STANDS_AFTER_MS,
    WHEEL_CIRCUMFERENCE_M,
    CyclingFrame,
    CyclingSpeed,
    CyclingState,
    Turns,
    decode_cycling_speed,
    encode_cycling_speed,
    step_cycling,
)
from gateway.codecs.fitness_fields import merge_parts
from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike, encode_indoor_bike
from gateway.codecs.polar_advertising import (
    PolarAdvertisingFrame,
    decode_polar_advertising,
    encode_polar_advertising,
)
from gateway.codecs.running_speed import RunningFrame, decode_running_speed, encode_running_speed
from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill, encode_treadmill
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
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


# Wheel and crank

TURNS_WHEEL = st.builds(Turns, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF))
TURNS_CRANK = st.builds(Turns, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))


@given(wheel=st.none() | TURNS_WHEEL, crank=st.none() | TURNS_CRANK)
def test_a_bicycle_sensor_says_what_was_encoded(*, wheel: Turns | None, crank: Turns | None) -> None:
    assert decode_cycling_speed(encode_cycling_speed(wheel=wheel, crank=crank)) == CyclingFrame(
        wheel=wheel, crank=crank
    )


def ride(*frames: tuple[int, CyclingFrame]) -> list[CyclingSpeed]:
    state, speeds = CyclingState(), []
    for ms, frame in frames:
        state, speed = step_cycling(state, frame, now_ms=at(ms))
        speeds.append(speed)
    return speeds


@given(
    first=st.integers(0, 0xFFFF_FFFF),
    begin=st.integers(0, 0xFFFF),
    turns=st.integers(1, 7),
    crank_first=st.integers(0, 0xFFFF),
)
def test_speed_and_cadence_are_the_same_before_and_over_a_wrap(
    *, first: int, begin: int, turns: int, crank_first: int
) -> None:
    def frame(second: int) -> CyclingFrame:
        return CyclingFrame(
            wheel=Turns((first + second * turns) % 2**32, (begin + second * 1024) % 2**16),
            crank=Turns((crank_first + second) % 2**16, (begin + second * 1024) % 2**16),
        )

    nothing, *speeds = ride(*((1000 * second, frame(second)) for second in range(70)))
    assert nothing == CyclingSpeed(None, None)
    for speed in speeds:
        assert speed.speed_kmh == pytest.approx(turns * WHEEL_CIRCUMFERENCE_M * 3.6)
        assert speed.cadence_per_min == pytest.approx(60)


def crank(turned: int, ticks: int) -> CyclingFrame:
    return CyclingFrame(crank=Turns(turned, ticks))


def test_a_crank_that_does_not_turn_keeps_its_cadence_for_a_moment_and_then_stands() -> None:
    before = [(0, crank(5, 0)), (1000, crank(6, 1024))]
    held, stands = ride(*before, (2000, crank(6, 1024)), (1000 + STANDS_AFTER_MS, crank(6, 1024)))[2:]
    assert (held.cadence_per_min, stands.cadence_per_min) == (60, 0)


def test_a_frame_without_a_counter_says_nothing_of_it_and_forgets_nothing() -> None:
    speeds = ride((0, crank(5, 0)), (500, CyclingFrame()), (1000, crank(6, 1024)))
    assert [speed.cadence_per_min for speed in speeds] == [None, None, 60]


def test_a_counter_that_was_set_back_gives_no_value_and_begins_anew() -> None:
    speeds = ride((0, crank(900, 0)), (1000, crank(901, 1024)), (2000, crank(0, 0)), (3000, crank(1, 1024)))
    assert [speed.cadence_per_min for speed in speeds] == [None, 60, None, 60]


def test_turns_in_no_time_are_no_speed() -> None:
    assert ride((0, crank(5, 7)), (1000, crank(6, 7)))[1].cadence_per_min is None


def test_after_a_long_silence_the_count_begins_anew() -> None:
    speeds = ride((0, crank(5, 0)), (GAP_MS_MAX + 1, crank(6, 1024)))
    assert speeds[1].cadence_per_min is None


def test_a_crank_that_stood_for_a_minute_tells_no_cadence_with_its_first_turn() -> None:
    standing = [(ms, crank(5, 0)) for ms in range(0, 66_000, 1000)]
    moved, turning = ride(*standing, (66_000, crank(6, 2048)), (67_000, crank(7, 3072)))[-2:]
    assert (moved.cadence_per_min, turning.cadence_per_min) == (None, 60)


@given(
    frames=st.lists(
        st.tuples(st.integers(0, 2**40), st.builds(CyclingFrame, wheel=TURNS_WHEEL, crank=TURNS_CRANK)), max_size=8
    )
)
def test_whatever_the_counters_do_no_speed_is_impossible(frames: list[tuple[int, CyclingFrame]]) -> None:
    for speed in ride(*frames):
        assert speed.speed_kmh is None or 0 <= speed.speed_kmh <= 120.0001
        assert speed.cadence_per_min is None or 0 <= speed.cadence_per_min <= 250.0001


# Treadmills and bikes


@given(
    speed=st.none() | SPEED,
    distance=st.none() | st.integers(0, 0xFF_FFFF),
    incline=st.none() | st.integers(-200, 400).map(lambda tenths: tenths / 10),
    pace=st.none() | st.integers(1, 0xFFFF).map(float),
    energy=st.none() | st.integers(0, 0xFFFE),
    hr=st.none() | st.integers(1, 250),
    met=st.none() | st.integers(26, 255).map(lambda tenths: tenths / 10),
    elapsed=st.none() | st.integers(0, 0xFFFF),
    power=st.none() | st.integers(-0x8000, 0x7FFE),
)
def test_a_treadmill_says_what_was_encoded(
    *,
    speed: float | None,
    distance: int | None,
    incline: float | None,
    pace: float | None,
    energy: int | None,
    hr: int | None,
    met: float | None,
    elapsed: int | None,
    power: int | None,
) -> None:
    raw = encode_treadmill(
        speed,
        distance_m=distance,
        incline_pct=incline,
        pace_s_per_500m=pace,
        energy_kcal=energy,
        hr_bpm=hr,
        met=met,
        elapsed_s=elapsed,
        power_w=power,
    )
    assert decode_treadmill(raw) == TreadmillFrame(
        is_part=speed is None,
        speed_kmh=speed,
        distance_m=distance,
        incline_pct=incline,
        ramp_deg=None if incline is None else 0,
        pace_s_per_500m=pace,
        energy_kcal=energy,
        hr_bpm=hr,
        met=met,
        elapsed_s=elapsed,
        power_w=power,
    )


@given(
    speed=st.none() | SPEED,
    cadence=st.none() | st.integers(0, 400).map(lambda halves: halves / 2),
    distance=st.none() | st.integers(0, 0xFF_FFFF),
    resistance=st.none() | st.integers(0, 255),
    power=st.none() | st.integers(-0x8000, 0x7FFE),
    energy=st.none() | st.integers(0, 0xFFFE),
    hr=st.none() | st.integers(1, 250),
    met=st.none() | st.integers(0, 255).map(lambda tenths: tenths / 10),
    elapsed=st.none() | st.integers(0, 0xFFFF),
    has_narrow_resistance=st.booleans(),
)
def test_a_bike_says_what_was_encoded_in_either_width_of_its_resistance(
    *,
    speed: float | None,
    cadence: float | None,
    distance: int | None,
    resistance: int | None,
    power: int | None,
    energy: int | None,
    hr: int | None,
    met: float | None,
    elapsed: int | None,
    has_narrow_resistance: bool,
) -> None:
    raw = encode_indoor_bike(
        speed,
        cadence_per_min=cadence,
        distance_m=distance,
        resistance_level=resistance,
        power_w=power,
        energy_kcal=energy,
        hr_bpm=hr,
        met=met,
        elapsed_s=elapsed,
        has_narrow_resistance=has_narrow_resistance,
    )
    assert decode_indoor_bike(raw) == IndoorBikeFrame(
        is_part=speed is None,
        speed_kmh=speed,
        cadence_per_min=cadence,
        distance_m=distance,
        resistance_level=resistance,
        power_w=power,
        energy_kcal=energy,
        hr_bpm=hr,
        met=met,
        elapsed_s=elapsed,
    )


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


# Polar's broadcast


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
