"""Drivers: from an advertisement to the right driver, and from bytes to a reading that says how good it is."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.heart_rate import encode_heart_rate
from gateway.codecs.plx import MeasurementStatus, SensorStatus, encode_plx
from gateway.codecs.uuids import BATTERY_SERVICE, HEART_RATE_SERVICE, PULSE_OXIMETER_SERVICE
from gateway.drivers.base import Introduction, Stamp
from gateway.drivers.battery import read_battery
from gateway.drivers.heart_rate import HEART_RATE, read_heart_rate
from gateway.drivers.oximeter import OXIMETER, read_oximeter
from gateway.drivers.registry import DRIVERS, driver_of, match_driver
from vitals.readings import Quality, Reading, ReadingKind, Reason, RunId, kind_of
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs
from vitals.wire import decode, encode

STAMP = Stamp(run=RunId("00ff00ff00ff00ff"), sensor=SensorId("s-abc"), seq=7, mono_ms=MonotonicMs(1234))


def test_a_strap_and_an_oximeter_are_known_by_their_service() -> None:
    assert match_driver(Introduction(services=(HEART_RATE_SERVICE,))) is HEART_RATE
    assert match_driver(Introduction(services=(BATTERY_SERVICE, PULSE_OXIMETER_SERVICE))) is OXIMETER


def test_what_names_none_of_our_services_is_nobody() -> None:
    assert match_driver(Introduction(services=(BATTERY_SERVICE,), name="Polar H10")) is None
    assert match_driver(Introduction()) is None


def test_a_sensor_that_is_both_is_read_as_what_it_was_given_out_for() -> None:
    both = Introduction(services=(HEART_RATE_SERVICE, PULSE_OXIMETER_SERVICE))

    assert match_driver(both, sensor_kind=SensorKind.OXIMETER) is OXIMETER
    assert match_driver(both, sensor_kind=SensorKind.STRAP) is HEART_RATE


def test_every_kind_of_sensor_has_a_driver_whose_readings_are_of_its_kind() -> None:
    for sensor_kind in SensorKind:
        driver = driver_of(sensor_kind)
        assert driver.sensor_kind is sensor_kind
        assert kind_of(driver.read(b"", STAMP)) is driver.reading_kind


def test_a_heart_rate_keeps_its_intervals_and_its_bytes() -> None:
    raw = encode_heart_rate(62, rr_1024=(945, 983), contact=True)
    reading = read_heart_rate(raw, STAMP)

    assert (reading.hr_bpm, reading.rr_ms, reading.contact) == (62, (922.8515625, 959.9609375), True)
    assert (reading.quality, reading.reason) == (Quality.GOOD, None)
    assert bytes.fromhex(reading.raw_hex) == raw
    assert (reading.run, reading.sensor, reading.seq, reading.mono_ms) == STAMP


def test_stray_bytes_at_the_end_are_named_and_spoil_nothing() -> None:
    # A real strap: WebBluetoothCG/web-bluetooth issue 493.
    reading = read_heart_rate(bytes.fromhex("103eb103de"), STAMP)

    assert (reading.hr_bpm, reading.rr_ms) == (62, (922.8515625,))
    assert (reading.quality, reading.reason) == (Quality.GOOD, Reason.ODD_BYTES)


def test_no_heart_rate_without_skin_is_missing_with_the_reason() -> None:
    reading = read_heart_rate(encode_heart_rate(0, contact=False), STAMP)

    assert (reading.hr_bpm, reading.quality, reading.reason) == (None, Quality.UNUSABLE, Reason.OFF_SKIN)


def test_an_oximeter_says_all_that_it_knows() -> None:
    reading = read_oximeter(encode_plx(97, 71, perfusion_pct=4.2), STAMP)

    assert (reading.spo2_pct, reading.pulse_bpm, reading.perfusion_pct) == (97.0, 71.0, 4.2)
    assert reading.quality is Quality.GOOD


def test_a_stored_or_loose_oximeter_value_is_never_a_live_one() -> None:
    stored = read_oximeter(encode_plx(88, 71, measurement_status=MeasurementStatus.FROM_STORAGE), STAMP)
    loose = read_oximeter(encode_plx(88, 71, sensor_status=SensorStatus.UNCONNECTED_TO_USER), STAMP)

    assert (stored.spo2_pct, stored.reason) == (None, Reason.NOT_LIVE)
    assert (loose.spo2_pct, loose.reason) == (None, Reason.OFF_SKIN)


def test_a_battery_level_is_a_reading_of_its_own() -> None:
    assert read_battery(bytes([87]), STAMP).battery_pct == 87
    broken = read_battery(bytes([187]), STAMP)
    assert (broken.battery_pct, broken.reason, broken.raw_hex) == (None, Reason.UNDECODABLE, "bb")


@given(st.binary(max_size=600))
def test_any_bytes_give_a_reading_that_travels_and_keeps_them(raw: bytes) -> None:
    readers: list[Callable[[bytes, Stamp], Reading]] = [*(driver.read for driver in DRIVERS), read_battery]
    for read in readers:
        reading = read(raw, STAMP)
        assert decode(encode(reading), type(reading), place="test") == reading
        assert bytes.fromhex(reading.raw_hex) == raw[:512]
        assert (reading.quality is Quality.UNUSABLE) <= (reading.reason is not None)
        if reading.reason is Reason.UNDECODABLE:
            assert reading.quality is Quality.UNUSABLE
        assert kind_of(reading) in set(ReadingKind)
