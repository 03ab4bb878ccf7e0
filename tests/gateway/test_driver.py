"""Drivers: from an advertisement to the right driver, and from bytes to a reading that says how good it is."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.heart_rate import encode_heart_rate
from gateway.codecs.plx import encode_plx
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.uuids import (
    BATTERY_SERVICE,
    BODY_SENSOR_LOCATION,
    HEART_RATE_MEASUREMENT,
    HEART_RATE_SERVICE,
    PLX_CONTINUOUS_MEASUREMENT,
    PULSE_OXIMETER_SERVICE,
)
from gateway.drivers.base import Driver, Hearing, Introduction, Stamp, Value
from gateway.drivers.battery import read_battery
from gateway.drivers.heart_rate import HEART_RATE, read_heart_rate
from gateway.drivers.oximeter import OXIMETER, read_oximeter
from gateway.drivers.registry import DRIVERS, choose_driver, driver_of, match_driver
from vitals.readings import (
    Averaging,
    BatteryReading,
    HeartRateReading,
    OximeterReading,
    Quality,
    Reading,
    Reason,
    RunId,
    WorkloadReading,
    kind_of,
)
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs
from vitals.wire import decode, encode

STAMP = Stamp(run=RunId("00ff00ff00ff00ff"), sensor=SensorId("s-abc"), seq=7, mono_ms=MonotonicMs(1234))


def hearing_with(stamp: Stamp) -> Hearing:
    return Hearing(mono_ms=stamp.mono_ms, stamp_of=lambda _kind: stamp)


def hear(driver: Driver, *raws: bytes, every_ms: int = 1_000) -> list[Reading]:
    """Return what a driver makes of values of its first characteristic over one link."""
    conversation, readings = driver.open(), list[Reading]()
    for number, raw in enumerate(raws):
        stamp = STAMP._replace(mono_ms=MonotonicMs(STAMP.mono_ms + number * every_ms))
        readings.extend(conversation.hear(Value(driver.listens[0], raw), hearing_with(stamp)))
    return readings


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
    for driver in DRIVERS:
        assert {kind_of(reading) for reading in hear(driver, b"", b"\xff" * 40)} <= {driver.reading_kind}
    for sensor_kind in SensorKind:
        assert driver_of(sensor_kind).sensor_kind is sensor_kind


def test_a_heart_rate_keeps_its_intervals_and_its_bytes() -> None:
    raw = encode_heart_rate(62, rr_1024=(945, 983), contact=True)
    reading = read_heart_rate(raw, STAMP)

    assert (reading.hr_bpm, reading.rr_ms, reading.contact) == (62, (922.8515625, 959.9609375), True)
    assert (reading.quality, reading.reason) == (Quality.GOOD, None)
    assert bytes.fromhex(reading.raw_hex) == raw
    assert (reading.run, reading.sensor, reading.seq, reading.mono_ms) == STAMP[:4]


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


@given(st.lists(st.binary(max_size=600), max_size=6), st.integers(0, 2_000))
def test_any_bytes_give_readings_that_travel_and_keep_them(raws: list[bytes], every_ms: int) -> None:
    for driver in DRIVERS:
        for reading in hear(driver, *raws, every_ms=every_ms):
            assert decode(encode(reading), type(reading), place="test") == reading
            assert any(bytes.fromhex(reading.raw_hex) in raw for raw in (b"".join(raws), *raws))
            assert (reading.quality is Quality.UNUSABLE) <= (reading.reason is not None)
            if reading.reason in {Reason.UNDECODABLE, Reason.NOT_LIVE}:
                assert reading.quality is Quality.UNUSABLE
            if reading.quality is Quality.UNUSABLE:
                assert value_of(reading) is None


@given(st.binary(max_size=600))
def test_any_bytes_are_a_battery_reading(raw: bytes) -> None:
    reading = read_battery(raw, STAMP)

    assert decode(encode(reading), BatteryReading, place="test") == reading
    assert bytes.fromhex(reading.raw_hex) == raw[:512]


def test_a_sensor_is_run_by_who_finds_its_characteristics_whatever_it_called_out() -> None:
    offered = {PLX_CONTINUOUS_MEASUREMENT, HEART_RATE_MEASUREMENT}

    assert choose_driver(offered, sensor_kind=SensorKind.OXIMETER, hint=HEART_RATE) is OXIMETER
    assert choose_driver(offered, sensor_kind=SensorKind.STRAP) is HEART_RATE
    assert choose_driver(set(), sensor_kind=SensorKind.STRAP, hint=HEART_RATE) is None


def test_where_a_strap_sits_is_said_behind_its_model() -> None:
    conversation = HEART_RATE.open()
    stamp = STAMP._replace(device="Polar Electro Oy " + "H" * 31)
    hearing = hearing_with(stamp)

    assert conversation.hear(Value(BODY_SENSOR_LOCATION, b"\x02"), hearing) == ()
    (reading,) = conversation.hear(Value(HEART_RATE_MEASUREMENT, encode_heart_rate(70)), hearing)
    assert reading.device == "Polar Electro Oy HHHHHHHHHHHHHHHHHHHHHHH (wrist)"[:48]
    assert len(reading.device) == 48
    (another_link,) = hear(HEART_RATE, encode_heart_rate(70))
    assert another_link.device == ""


def test_while_only_the_fast_average_has_a_number_it_is_an_early_estimate() -> None:
    early = read_oximeter(encode_plx(SfloatSpecial.NAN, SfloatSpecial.NAN, fast=(93, 81)), STAMP)
    loose = read_oximeter(
        encode_plx(SfloatSpecial.NAN, 80, fast=(93, 81), sensor_status=SensorStatus.UNCONNECTED_TO_USER), STAMP
    )
    settled = read_oximeter(encode_plx(95, 80, fast=(93, 81)), STAMP)

    assert (early.spo2_pct, early.averaging, early.quality) == (93, Averaging.FAST, Quality.QUESTIONABLE)
    assert (loose.spo2_pct, loose.reason) == (None, Reason.OFF_SKIN)
    assert (settled.spo2_pct, settled.averaging, settled.quality) == (95, Averaging.NORMAL, Quality.GOOD)


def value_of(reading: Reading) -> float | None:
    """Return the value that a wall would show."""
    match reading:
        case HeartRateReading():
            return reading.hr_bpm
        case OximeterReading():
            return reading.spo2_pct
        case WorkloadReading():
            return reading.speed_kmh if reading.power_w is None else reading.power_w
        case BatteryReading():
            return reading.battery_pct
