"""Laws of spot-checks and of what an oximeter says that it can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.plx_features import PlxFeature, PlxFeaturesFrame, decode_plx_features, encode_plx_features
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.plx_spot import SpotCheckFrame, decode_plx_spot, encode_plx_spot
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

LIVE_BITS = int(MeasurementStatus.ONGOING | MeasurementStatus.VALIDATED | MeasurementStatus.FULLY_QUALIFIED)
DATE_TIME = st.tuples(
    st.integers(0, 9999),
    st.integers(0, 12),
    st.integers(0, 31),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 59),
)


def frame_of(raw: bytes) -> SpotCheckFrame:
    frame = decode_plx_spot(raw)
    assert isinstance(frame, SpotCheckFrame)
    return frame


@given(
    spo2=st.integers(1, 1000).map(lambda tenths: tenths / 10),
    pulse=st.integers(1, 300).map(float),
    time=st.none() | DATE_TIME,
    is_clock_set=st.booleans(),
    status=st.none() | st.just(LIVE_BITS),
    sensor=st.none() | st.just(0),
    perfusion=st.none() | st.integers(0, 200).map(lambda tenths: tenths / 10),
)
def test_what_is_encoded_is_decoded(
    *,
    spo2: float,
    pulse: float,
    time: tuple[int, int, int, int, int, int] | None,
    is_clock_set: bool,
    status: int | None,
    sensor: int | None,
    perfusion: float | None,
) -> None:
    raw = encode_plx_spot(
        spo2,
        pulse,
        date_time=time,
        is_clock_set=is_clock_set,
        measurement_status=status,
        sensor_status=sensor,
        perfusion_pct=perfusion,
    )
    text = None if time is None else "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*time)
    assert frame_of(raw) == SpotCheckFrame(
        spo2_pct=spo2,
        pulse_bpm=pulse,
        quality=Quality.GOOD,
        perfusion_pct=perfusion,
        measured_at=text,
        is_clock_set=is_clock_set,
        measurement_status=status,
        sensor_status=sensor,
    )
    assert isinstance(decode_plx_spot(raw[:-1]), Undecodable)


@pytest.mark.parametrize(
    "bit",
    [
        MeasurementStatus.FROM_STORAGE,
        MeasurementStatus.DEMO,
        MeasurementStatus.TEST,
        MeasurementStatus.CALIBRATION,
    ],
)
def test_stored_demo_test_and_calibration_values_are_never_live(bit: MeasurementStatus) -> None:
    frame = frame_of(encode_plx_spot(97, 70, measurement_status=bit))
    assert (frame.spo2_pct, frame.pulse_bpm, frame.quality) == (None, None, Quality.UNUSABLE)
    assert frame.reason is Reason.NOT_LIVE


@pytest.mark.parametrize("special", SfloatSpecial)
def test_each_of_the_five_special_values_is_told_apart(special: SfloatSpecial) -> None:
    frame = frame_of(encode_plx_spot(special, 70))
    assert (frame.spo2_pct, frame.spo2_special, frame.quality) == (None, special, Quality.UNUSABLE)


def test_a_date_beyond_any_calendar_is_no_date() -> None:
    assert frame_of(encode_plx_spot(97, 70, date_time=(2017, 13, 1, 0, 0, 0))).measured_at is None
    assert frame_of(encode_plx_spot(97, 70, date_time=(2017, 1, 1, 24, 0, 0))).measured_at is None


def test_features_survive_the_way_there_and_back() -> None:
    features = PlxFeature.MEASUREMENT_STATUS | PlxFeature.SENSOR_STATUS | PlxFeature.PULSE_AMPLITUDE
    raw = encode_plx_features(
        features, measurement_support=MeasurementStatus.ONGOING, sensor_support=SensorStatus.POOR_SIGNAL
    )
    assert raw == bytes.fromhex("4300 2000 100000")
    frame = decode_plx_features(raw)
    assert frame == PlxFeaturesFrame(features=0x43, measurement_support=0x20, sensor_support=0x10)
    assert frame.has(PlxFeature.PULSE_AMPLITUDE)
    assert not frame.has(PlxFeature.STORAGE)


@given(features=st.integers(0, 0xFFFF), measurement=st.integers(0, 0xFFFF), sensor=st.integers(0, 0xFF_FFFF))
def test_any_features_survive_and_a_cut_is_seen(*, features: int, measurement: int, sensor: int) -> None:
    raw = encode_plx_features(features, measurement_support=measurement, sensor_support=sensor)
    assert decode_plx_features(raw) == PlxFeaturesFrame(
        features=features,
        measurement_support=measurement if features & 1 else None,
        sensor_support=sensor if features & 2 else None,
    )
    assert isinstance(decode_plx_features(raw[:-1]), Undecodable)
