"""Another decoder, bluetooth-sig, reads our bytes alike. Where it does not, a test says where and who is right.

Heart rate and the continuous oximeter have theirs beside their other laws.
"""

from typing import Any

import pytest
from bluetooth_sig.gatt.characteristics import (
    BodySensorLocationCharacteristic,
    CSCMeasurementCharacteristic,
    IndoorBikeDataCharacteristic,
    PLXContinuousMeasurementCharacteristic,
    PLXFeaturesCharacteristic,
    PLXSpotCheckMeasurementCharacteristic,
    RSCMeasurementCharacteristic,
    TreadmillDataCharacteristic,
)
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.body_location import BodyLocation, encode_body_location
from gateway.codecs.cycling_speed import Turns, encode_cycling_speed
from gateway.codecs.indoor_bike import IndoorBikeFrame, decode_indoor_bike, encode_indoor_bike
from gateway.codecs.plx import OximeterFrame, decode_plx, encode_plx
from gateway.codecs.plx_features import PlxFeaturesFrame, decode_plx_features, encode_plx_features
from gateway.codecs.plx_spot import SpotCheckFrame, decode_plx_spot, encode_plx_spot
from gateway.codecs.running_speed import RunningFrame, decode_running_speed, encode_running_speed
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.treadmill import TreadmillFrame, decode_treadmill, encode_treadmill
from tests.gateway.machine_values import BIKE, TREADMILL

U16 = st.none() | st.integers(0, 0xFFFE)


def theirs_of(characteristic: Any, raw: bytes) -> Any:
    return characteristic().parse_value(raw)


@given(st.sampled_from(BodyLocation))
def test_it_places_sensors_alike(location: BodyLocation) -> None:
    assert int(theirs_of(BodySensorLocationCharacteristic, encode_body_location(location))) == location


@given(
    speed=st.integers(0, 4266),
    cadence=st.integers(0, 255),
    stride=st.none() | st.integers(0, 0xFFFF).map(lambda cm: cm / 100),
    distance=st.none() | st.integers(0, 0xFFFF_FFFF).map(lambda tenths: tenths / 10),
)
def test_it_reads_foot_pods_alike(*, speed: int, cadence: int, stride: float | None, distance: float | None) -> None:
    raw = encode_running_speed(speed * 3.6 / 256, cadence, stride_m=stride, distance_m=distance)
    theirs, ours = theirs_of(RSCMeasurementCharacteristic, raw), decode_running_speed(raw)
    assert isinstance(ours, RunningFrame)
    assert theirs.instantaneous_speed * 3.6 == pytest.approx(ours.speed_kmh)
    assert theirs.instantaneous_cadence == ours.cadence_per_min
    assert theirs.instantaneous_stride_length == ours.stride_m
    assert theirs.total_distance == ours.distance_m


@given(
    wheel=st.none() | st.builds(Turns, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF)),
    crank=st.none() | st.builds(Turns, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF)),
)
def test_it_counts_turns_alike(*, wheel: Turns | None, crank: Turns | None) -> None:
    theirs = theirs_of(CSCMeasurementCharacteristic, encode_cycling_speed(wheel=wheel, crank=crank))
    assert theirs.cumulative_wheel_revolutions == (wheel and wheel.turned)
    assert theirs.last_wheel_event_time == (wheel and wheel.ticks_1024 / 1024)
    assert theirs.cumulative_crank_revolutions == (crank and crank.turned)
    assert theirs.last_crank_event_time == (crank and crank.ticks_1024 / 1024)


@given(values=TREADMILL)
def test_it_reads_treadmills_alike(values: dict[str, Any]) -> None:
    raw = encode_treadmill(**values)
    theirs, ours = theirs_of(TreadmillDataCharacteristic, raw), decode_treadmill(raw)
    assert isinstance(ours, TreadmillFrame)
    assert (theirs.instantaneous_speed, theirs.total_distance) == (ours.speed_kmh, ours.distance_m)
    assert (theirs.inclination, theirs.ramp_angle_setting) == (ours.incline_pct, ours.ramp_deg)
    assert (theirs.instantaneous_pace, theirs.total_energy) == (ours.pace_s_per_500m, ours.energy_kcal)
    assert (theirs.heart_rate, theirs.metabolic_equivalent) == (ours.hr_bpm, ours.met)
    assert (theirs.elapsed_time, theirs.power_output) == (ours.elapsed_s, ours.power_w)


@given(values=BIKE)
def test_it_reads_bikes_alike_when_the_resistance_is_a_byte(values: dict[str, Any]) -> None:
    raw = encode_indoor_bike(**values, has_narrow_resistance=True)
    theirs, ours = theirs_of(IndoorBikeDataCharacteristic, raw), decode_indoor_bike(raw)
    assert isinstance(ours, IndoorBikeFrame)
    assert (theirs.instantaneous_speed, theirs.instantaneous_cadence) == (ours.speed_kmh, ours.cadence_per_min)
    assert (theirs.total_distance, theirs.instantaneous_power) == (ours.distance_m, ours.power_w)
    assert (theirs.total_energy, theirs.heart_rate) == (ours.energy_kcal, ours.hr_bpm)
    assert (theirs.metabolic_equivalent, theirs.elapsed_time) == (ours.met, ours.elapsed_s)


@given(
    time=st.none()
    | st.tuples(*(st.integers(low, high) for low, high in ((1990, 2090), (1, 12), (1, 28), (0, 23), (0, 59), (0, 59)))),
    status=st.none() | st.integers(0, 0xFFFF),
    sensor=st.none() | st.integers(0, 0xFF_FFFF),
    has_perfusion=st.booleans(),
)
def test_it_finds_the_fields_of_a_spot_check_in_the_same_places(
    *,
    time: tuple[int, int, int, int, int, int] | None,
    status: int | None,
    sensor: int | None,
    has_perfusion: bool,
) -> None:
    raw = encode_plx_spot(
        97,
        70,
        date_time=time,
        measurement_status=status,
        sensor_status=sensor,
        perfusion_pct=4 if has_perfusion else None,
    )
    theirs, ours = theirs_of(PLXSpotCheckMeasurementCharacteristic, raw), decode_plx_spot(raw)
    assert isinstance(ours, SpotCheckFrame)
    assert (theirs.timestamp and theirs.timestamp.isoformat()) == ours.measured_at
    assert (theirs.measurement_status, theirs.device_and_sensor_status) == (status, sensor)
    assert (theirs.pulse_amplitude_index is None) == (ours.perfusion_pct is None)


@given(st.integers(0, 0xFF))
def test_it_reads_features_alike(features: int) -> None:
    raw = encode_plx_features(features, measurement_support=0x20, sensor_support=0x20)
    ours = decode_plx_features(raw)
    assert isinstance(ours, PlxFeaturesFrame)
    assert int(theirs_of(PLXFeaturesCharacteristic, raw)) == ours.features == features


# Disagreements. Each fails when a new version of bluetooth-sig agrees: then its test moves up.


def test_disagreement_resistance_it_takes_a_byte_where_bikes_send_two() -> None:
    raw = bytes.fromhex("fe02990bc707b2007200f70000140046005d0000")
    theirs, ours = theirs_of(IndoorBikeDataCharacteristic, raw), decode_indoor_bike(raw)
    assert isinstance(ours, IndoorBikeFrame)
    # A rider at 17.9 kW does not exist; the lengths of the two captured frames fit 16 bits only.
    assert (theirs.instantaneous_power, ours.power_w) == (17920, 70)


def test_disagreement_resistance_it_multiplies_the_level_by_ten() -> None:
    raw = encode_indoor_bike(20, resistance_level=7, has_narrow_resistance=True)
    theirs, ours = theirs_of(IndoorBikeDataCharacteristic, raw), decode_indoor_bike(raw)
    assert isinstance(ours, IndoorBikeFrame)
    # The supplement says "d = 1" and in the next line "unit is 1": we keep the machine's own number.
    assert (theirs.resistance_level, ours.resistance_level) == (70, 7)


def test_disagreement_sfloat_it_takes_the_exponent_as_biased() -> None:
    raw = encode_plx(98, 60)
    theirs, ours = theirs_of(PLXContinuousMeasurementCharacteristic, raw), decode_plx(raw)
    assert isinstance(ours, OximeterFrame)
    # 0x0062 is 98 in IEEE 11073-20601, and in the capture of stackoverflow.com/questions/71264072.
    assert (theirs.spo2, ours.spo2_pct) == (pytest.approx(9.8e-07), 98)


def test_disagreement_sfloat_it_makes_one_nan_of_two_special_values() -> None:
    specials = (SfloatSpecial.NAN, SfloatSpecial.NOT_AT_THIS_RESOLUTION)
    raws = [encode_plx(special, 60) for special in specials]
    theirs = [theirs_of(PLXContinuousMeasurementCharacteristic, raw).spo2 for raw in raws]
    assert [value != value for value in theirs] == [True, True]  # noqa: PLR0124 - only NaN differs from itself
    ours = [decode_plx(raw) for raw in raws]
    assert tuple(frame.spo2_special for frame in ours if isinstance(frame, OximeterFrame)) == specials


@pytest.mark.parametrize("met", [1, 9, 25])
def test_disagreement_met_it_takes_tenths_where_the_supplement_says_ones(met: int) -> None:
    raw = bytes.fromhex("0002 5802") + bytes([met])
    theirs, ours = theirs_of(TreadmillDataCharacteristic, raw), decode_treadmill(raw)
    assert isinstance(ours, TreadmillFrame)
    assert (theirs.metabolic_equivalent, ours.met) == (met / 10, None)


def test_disagreement_absence_it_takes_the_codes_for_not_available_as_numbers() -> None:
    raw = bytes.fromhex("0801 5802 ff7f ff7f 00")
    theirs, ours = theirs_of(TreadmillDataCharacteristic, raw), decode_treadmill(raw)
    assert isinstance(ours, TreadmillFrame)
    assert (theirs.inclination, theirs.heart_rate) == (3276.7, 0)
    assert (ours.incline_pct, ours.hr_bpm) == (None, None)


def test_disagreement_support_it_leaves_out_what_stands_behind_the_features() -> None:
    raw = encode_plx_features(3, measurement_support=0x20, sensor_support=0x1020)
    assert int(theirs_of(PLXFeaturesCharacteristic, raw)) == 3
    ours = decode_plx_features(raw)
    assert isinstance(ours, PlxFeaturesFrame)
    assert (ours.measurement_support, ours.sensor_support) == (0x20, 0x1020)
