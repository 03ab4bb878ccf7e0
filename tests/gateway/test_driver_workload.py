"""Machines, spot-checks and broadcasts: what their drivers make of bytes."""

from collections.abc import Sequence

from gateway.codecs.cycling_speed import WHEEL_CIRCUMFERENCE_M, Turns, encode_cycling_speed
from gateway.codecs.indoor_bike import encode_indoor_bike
from gateway.codecs.polar_advertising import POLAR_COMPANY, encode_polar_advertising
from gateway.codecs.treadmill import encode_treadmill
from gateway.drivers.base import Driver, Hearing, Stamp, Value
from gateway.drivers.cycling import CYCLING
from gateway.drivers.indoor_bike import INDOOR_BIKE
from gateway.drivers.polar_broadcast import hear_broadcast, read_broadcast
from gateway.drivers.treadmill import TREADMILL
from vitals.readings import Machine, Quality, Reason, RunId, Source, WorkloadReading
from vitals.sensors import SensorId
from vitals.units import MonotonicMs


def stamp_at(at_ms: int) -> Stamp:
    return Stamp(RunId("00ff"), SensorId("s-a"), 0, MonotonicMs(at_ms))


def hearing_at(at_ms: int) -> Hearing:
    return Hearing(mono_ms=MonotonicMs(at_ms), stamp_of=lambda _kind: stamp_at(at_ms))


def play(driver: Driver, told: Sequence[tuple[int, bytes]]) -> list[WorkloadReading]:
    """Return the readings of what a machine says at times (ms) over one link."""
    conversation, found = driver.open(), list[WorkloadReading]()
    for at_ms, raw in told:
        for reading in conversation.hear(Value(driver.listens[0], raw), hearing_at(at_ms)):
            assert isinstance(reading, WorkloadReading)
            found.append(reading)
    return found


def test_a_record_in_two_notifications_is_one_reading_of_its_last_moment() -> None:
    first = encode_indoor_bike(None, distance_m=300, elapsed_s=61)
    last = encode_indoor_bike(21.5, cadence_per_min=60, power_w=80)
    (reading,) = play(INDOOR_BIKE, [(10_000, first), (10_040, last)])

    assert (reading.speed_kmh, reading.power_w, reading.distance_m, reading.elapsed_s) == (21.5, 80, 300, 61)
    assert (reading.mono_ms, bytes.fromhex(reading.raw_hex)) == (10_040, last)


def test_a_part_whose_end_was_lost_is_in_no_later_record() -> None:
    first = encode_indoor_bike(None, distance_m=300, elapsed_s=61)
    last = encode_indoor_bike(21.5, power_w=80)
    (reading,) = play(INDOOR_BIKE, [(10_000, first), (15_000, last)])

    assert (reading.power_w, reading.distance_m) == (80, None)


def test_a_real_bike_with_wide_resistance_tells_its_watts() -> None:
    # Zwift Hub, github Berg0162/simcline issue 7.
    (reading,) = play(INDOOR_BIKE, [(0, bytes.fromhex("FE02990BC707B2007200F70000140046005D0000"))])

    assert (reading.power_w, reading.resistance_level, reading.speed_kmh) == (70, 20, 29.69)


def test_bytes_of_a_machine_that_are_no_frame_are_a_reading_without_numbers() -> None:
    (reading,) = play(TREADMILL, [(0, b"\x00")])

    assert (reading.machine, reading.speed_kmh, reading.reason) == (Machine.TREADMILL, None, Reason.UNDECODABLE)
    (good,) = play(TREADMILL, [(0, encode_treadmill(5.4, incline_pct=-2.5))])
    assert (good.speed_kmh, good.incline_pct, good.quality) == (5.4, -2.5, Quality.GOOD)


def test_counters_make_a_speed_from_the_second_notification_of_a_link_on() -> None:
    told = [
        (10_000, encode_cycling_speed(wheel=Turns(0xFFFF_FFFF, 0xFFFF))),
        (11_000, encode_cycling_speed(wheel=Turns(2, 1023))),
    ]
    first, second = play(CYCLING, told)

    assert (first.speed_kmh, first.quality, first.reason) == (None, Quality.UNUSABLE, Reason.NO_VALUE)
    assert second.speed_kmh is not None
    assert abs(second.speed_kmh - 3 * WHEEL_CIRCUMFERENCE_M * 3.6) < 0.01
    assert [one.speed_kmh for one in play(CYCLING, told[1:])] == [None], "a new link counts anew"


def test_a_broadcast_is_a_reading_that_says_so() -> None:
    data = {POLAR_COMPANY: encode_polar_advertising(128)}
    (reading,) = hear_broadcast(data, hearing_at(5_000))

    assert (reading.hr_bpm, reading.contact, reading.quality) == (128, True, Quality.GOOD)
    assert (reading.source, reading.device, reading.mono_ms) == (Source.BROADCAST, "Polar", 5_000)


def test_what_is_no_heart_rate_of_polar_makes_no_reading() -> None:
    assert read_broadcast({}, stamp_at(0)) is None
    assert read_broadcast({POLAR_COMPANY: b""}, stamp_at(0)) is None
    assert read_broadcast({0x0157: encode_polar_advertising(128)}, stamp_at(0)) is None
