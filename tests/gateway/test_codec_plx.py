"""Laws of the oximeter codec: a captured frame, any bytes, every status bit, our encoder, another decoder."""

import pytest
from bluetooth_sig.gatt.characteristics import PLXContinuousMeasurementCharacteristic
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.plx import OximeterFrame, decode_plx, encode_plx
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.undecodable import Undecodable
from vitals.readings import Quality, Reason

SPO2 = st.integers(1, 1000).map(lambda tenths: tenths / 10)
PULSE = st.integers(1, 300).map(float)


def frame_of(raw: bytes) -> OximeterFrame:
    frame = decode_plx(raw)
    assert isinstance(frame, OximeterFrame)
    return frame


NEVER_LIVE = [
    MeasurementStatus.FROM_STORAGE,
    MeasurementStatus.DEMO,
    MeasurementStatus.TEST,
    MeasurementStatus.CALIBRATION,
]


@pytest.mark.parametrize("bit", NEVER_LIVE)
def test_stored_demo_test_and_calibration_values_are_never_live(bit: MeasurementStatus) -> None:
    frame = frame_of(encode_plx(97, 70, measurement_status=bit, sensor_status=SensorStatus.UNCONNECTED_TO_USER))
    assert (frame.quality, frame.reason) == (Quality.UNUSABLE, Reason.NOT_LIVE)
    assert (frame.spo2_pct, frame.pulse_bpm) == (None, None)


@pytest.mark.parametrize(
    ("bit", "quality", "reason"),
    [
        (MeasurementStatus.ONGOING, Quality.GOOD, None),
        (MeasurementStatus.VALIDATED, Quality.GOOD, None),
        (MeasurementStatus.FULLY_QUALIFIED, Quality.GOOD, None),
        (MeasurementStatus.EARLY_ESTIMATE, Quality.QUESTIONABLE, Reason.EARLY_ESTIMATE),
        (MeasurementStatus.QUESTIONABLE, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
        (MeasurementStatus.UNAVAILABLE, Quality.UNUSABLE, Reason.NO_VALUE),
        (MeasurementStatus.INVALID, Quality.UNUSABLE, Reason.NO_VALUE),
        (SensorStatus.EXTERNAL_DISPLAY, Quality.GOOD, None),
        (SensorStatus.EQUIPMENT_MALFUNCTION, Quality.UNUSABLE, Reason.SENSOR_FAULT),
        (SensorStatus.INADEQUATE_SIGNAL, Quality.UNUSABLE, Reason.POOR_SIGNAL),
        (SensorStatus.POOR_SIGNAL, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
        (SensorStatus.LOW_PERFUSION, Quality.QUESTIONABLE, Reason.LOW_PERFUSION),
        (SensorStatus.ERRATIC_SIGNAL, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
        (SensorStatus.NON_PULSATILE, Quality.UNUSABLE, Reason.NO_PULSE),
        (SensorStatus.QUESTIONABLE_PULSE, Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
        (SensorStatus.ANALYSIS_ONGOING, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING),
        (SensorStatus.INTERFERENCE, Quality.QUESTIONABLE, Reason.INTERFERENCE),
        (SensorStatus.UNCONNECTED_TO_USER, Quality.UNUSABLE, Reason.OFF_SKIN),
        (SensorStatus.DISPLACED, Quality.UNUSABLE, Reason.SENSOR_DISPLACED),
        (SensorStatus.SENSOR_MALFUNCTION, Quality.UNUSABLE, Reason.SENSOR_FAULT),
        (SensorStatus.SENSOR_DISCONNECTED, Quality.UNUSABLE, Reason.SENSOR_FAULT),
    ],
)
def test_each_status_bit_has_its_verdict(
    bit: MeasurementStatus | SensorStatus, quality: Quality, reason: Reason | None
) -> None:
    if isinstance(bit, MeasurementStatus):
        frame = frame_of(encode_plx(97, 70, measurement_status=bit))
    else:
        frame = frame_of(encode_plx(97, 70, sensor_status=bit))
    assert (frame.quality, frame.reason) == (quality, reason)
    assert frame.spo2_pct == (None if quality is Quality.UNUSABLE else 97)


def test_what_makes_a_value_unusable_outweighs_what_makes_it_doubtful() -> None:
    bits = SensorStatus.LOW_PERFUSION | SensorStatus.UNCONNECTED_TO_USER
    assert frame_of(encode_plx(97, 70, sensor_status=bits)).reason is Reason.OFF_SKIN


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (SfloatSpecial.NAN, Reason.NO_VALUE),
        (SfloatSpecial.NOT_AT_THIS_RESOLUTION, Reason.NO_VALUE),
        (SfloatSpecial.RESERVED, Reason.NO_VALUE),
        (SfloatSpecial.PLUS_INFINITY, Reason.OUT_OF_RANGE),
        (SfloatSpecial.MINUS_INFINITY, Reason.OUT_OF_RANGE),
        (0, Reason.NO_VALUE),
        (127, Reason.OUT_OF_RANGE),
        (-3, Reason.OUT_OF_RANGE),
    ],
)
def test_an_spo2_that_is_no_saturation_is_none_with_a_reason(sent: float | SfloatSpecial, reason: Reason) -> None:
    frame = frame_of(encode_plx(sent, 70))
    assert (frame.spo2_pct, frame.quality, frame.reason) == (None, Quality.UNUSABLE, reason)


def test_a_missing_pulse_does_not_spoil_a_good_spo2() -> None:
    frame = frame_of(encode_plx(96, SfloatSpecial.NAN))
    assert (frame.spo2_pct, frame.pulse_bpm, frame.quality) == (96, None, Quality.GOOD)


@given(st.binary(max_size=600))
def test_no_bytes_raise(raw: bytes) -> None:
    match decode_plx(raw):
        case Undecodable() as refused:
            assert refused.raw == raw
        case frame:
            assert frame.spo2_pct is None or 0 < frame.spo2_pct <= 100
            assert frame.pulse_bpm is None or 1 <= frame.pulse_bpm <= 300
            assert frame.perfusion_pct is None or 0 <= frame.perfusion_pct <= 100
            assert (frame.spo2_pct is None) == (frame.quality is Quality.UNUSABLE)
            assert (frame.reason is None) == (frame.quality is Quality.GOOD)


@given(
    spo2=SPO2,
    pulse=PULSE,
    status=st.none() | st.just(MeasurementStatus.ONGOING),
    sensor=st.none() | st.just(SensorStatus.LOW_PERFUSION),
    perfusion=st.none() | st.integers(0, 200).map(lambda tenths: tenths / 10),
    fast=st.none() | st.tuples(SPO2, PULSE),
    slow=st.none() | st.tuples(SPO2, PULSE),
)
def test_what_is_encoded_is_decoded(
    *,
    spo2: float,
    pulse: float,
    status: MeasurementStatus | None,
    sensor: SensorStatus | None,
    perfusion: float | None,
    fast: tuple[float, float] | None,
    slow: tuple[float, float] | None,
) -> None:
    raw = encode_plx(
        spo2, pulse, measurement_status=status, sensor_status=sensor, perfusion_pct=perfusion, fast=fast, slow=slow
    )
    frame = frame_of(raw)
    assert (frame.spo2_pct, frame.pulse_bpm, frame.perfusion_pct) == (spo2, pulse, perfusion)
    assert (frame.measurement_status, frame.sensor_status, frame.odd_bytes) == (status, sensor, b"")
    for sent, got in ((fast, frame.fast), (slow, frame.slow)):
        assert (got and (got.spo2_pct, got.pulse_bpm)) == sent
    assert isinstance(decode_plx(raw[:-1]), Undecodable)


@given(
    status=st.none() | st.integers(0, 0xFFFF),
    sensor=st.none() | st.integers(0, 0xFFFFFF),
    perfusion=st.none() | SPO2,
    fast=st.none() | st.tuples(SPO2, PULSE),
    slow=st.none() | st.tuples(SPO2, PULSE),
)
def test_an_independent_decoder_finds_our_fields_in_the_same_places(
    *,
    status: int | None,
    sensor: int | None,
    perfusion: float | None,
    fast: tuple[float, float] | None,
    slow: tuple[float, float] | None,
) -> None:
    raw = encode_plx(
        97, 70, measurement_status=status, sensor_status=sensor, perfusion_pct=perfusion, fast=fast, slow=slow
    )
    # Places and bits only: bluetooth-sig 0.6.0 takes the exponent of an SFLOAT as biased by 8 (98 % becomes 9.8e-07).
    theirs = PLXContinuousMeasurementCharacteristic().parse_value(raw)
    assert theirs.measurement_status == status
    assert theirs.device_and_sensor_status == sensor
    assert (theirs.pulse_amplitude_index is None) == (perfusion is None)
    assert (theirs.spo2_fast is None) == (fast is None)
    assert (theirs.spo2_slow is None) == (slow is None)


@pytest.mark.parametrize("special", SfloatSpecial)
def test_each_of_the_five_special_values_is_told_apart_in_each_place(special: SfloatSpecial) -> None:
    spo2 = frame_of(encode_plx(special, 70))
    pulse = frame_of(encode_plx(97, special, perfusion_pct=special, fast=(special, special)))
    assert (spo2.spo2_pct, spo2.spo2_special, spo2.pulse_special) == (None, special, None)
    assert (pulse.pulse_bpm, pulse.pulse_special, pulse.spo2_special) == (None, special, None)
    assert (pulse.spo2_pct, pulse.perfusion_pct) == (97, None)
    assert pulse.fast is not None
    assert (pulse.fast.spo2_pct, pulse.fast.pulse_bpm) == (None, None)


def test_flags_that_change_in_the_middle_of_a_connection_move_the_fields() -> None:
    plain = frame_of(encode_plx(97, 70, perfusion_pct=4.2))
    fuller = frame_of(encode_plx(96, 71, fast=(95, 72), sensor_status=0, perfusion_pct=4.1))
    assert (plain.perfusion_pct, plain.fast) == (4.2, None)
    assert fuller.perfusion_pct == 4.1
    assert fuller.fast is not None
    assert fuller.fast.spo2_pct == 95


def test_bits_that_no_sensor_ever_set_before_take_no_memory() -> None:
    # An IntFlag of Python 3.11 keeps each combination of bits that it ever met.
    known = len(SensorStatus._value2member_map_), len(MeasurementStatus._value2member_map_)
    for bits in range(2000):
        frame_of(encode_plx(97, 70, measurement_status=bits, sensor_status=bits << 8))
    assert (len(SensorStatus._value2member_map_), len(MeasurementStatus._value2member_map_)) == known
