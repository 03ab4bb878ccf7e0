"""Laws of the vendors' oximeters: what is encoded is decoded, each state has its reason, streams survive their cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.bci import BciFrame, BciStream, encode_bci
from gateway.codecs.contec import ContecFrame, ContecStream, encode_contec, encode_contec_curve
from gateway.codecs.crc8 import crc8_07
from gateway.codecs.jumper import JumperFrame, decode_jumper, encode_jumper
from gateway.codecs.nonin import NoninFrame, NoninStatus, decode_nonin, encode_nonin
from gateway.codecs.o2ring import (
    O2RingFrame,
    O2RingQuestion,
    O2RingStream,
    decode_o2ring_question,
    encode_o2ring,
    encode_o2ring_question,
)
from gateway.codecs.oxygen import NoVitals, OxygenFrame
from gateway.codecs.pc60 import (
    Pc60Battery,
    Pc60Curve,
    Pc60Frame,
    Pc60Stream,
    encode_pc60,
    encode_pc60_battery,
    encode_pc60_curve,
)
from gateway.codecs.undecodable import LONGEST_VALUE_BYTES, Undecodable
from vitals.readings import Quality, Reason

SPO2 = st.none() | st.integers(1, 100)
PULSE = st.none() | st.integers(1, 126)
TENTHS = st.integers(1, 200).map(lambda tenths: tenths / 10)


def values(item: object) -> tuple[int | None, int | None, Quality, Reason | None]:
    assert isinstance(item, OxygenFrame)
    return item.spo2_pct, item.pulse_bpm, item.quality, item.reason


def expected(spo2: int | None, pulse: int | None) -> tuple[int | None, int | None, Quality, Reason | None]:
    """Without an SpO2 there is no reading of an oximeter, whatever its pulse."""
    return (None, None, Quality.UNUSABLE, Reason.NO_VALUE) if spo2 is None else (spo2, pulse, Quality.GOOD, None)


@given(spo2=SPO2, pulse=st.none() | st.integers(1, 300), perfusion=TENTHS, counter=st.integers(0, 0xFFFF))
def test_a_nonin_says_what_was_encoded(*, spo2: int | None, pulse: int | None, perfusion: float, counter: int) -> None:
    frame = decode_nonin(encode_nonin(spo2, pulse, perfusion_pct=perfusion, counter=counter, battery_v=2.8))
    assert isinstance(frame, NoninFrame)
    assert values(frame) == expected(spo2, pulse)
    assert (frame.perfusion_pct, frame.counter, frame.battery_v) == (perfusion, counter, 2.8)


@pytest.mark.parametrize(
    ("status", "quality", "reason"),
    [
        (NoninStatus.FINGER_IN, Quality.GOOD, None),
        (NoninStatus.FINGER_IN | NoninStatus.SMART_POINT, Quality.GOOD, None),
        (NoninStatus.FINGER_IN | NoninStatus.BATTERY_LOW, Quality.GOOD, None),
        (NoninStatus.FINGER_IN | NoninStatus.WEAK_SIGNAL, Quality.QUESTIONABLE, Reason.LOW_PERFUSION),
        (NoninStatus.FINGER_IN | NoninStatus.SEARCHING, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING),
        (NoninStatus.ENCRYPTED, Quality.UNUSABLE, Reason.OFF_SKIN),
    ],
)
def test_each_status_of_a_nonin_has_its_verdict(status: NoninStatus, quality: Quality, reason: Reason | None) -> None:
    frame = decode_nonin(encode_nonin(97, 70, status=status))
    assert isinstance(frame, NoninFrame)
    assert (frame.quality, frame.reason) == (quality, reason)
    assert frame.is_battery_low == bool(status & NoninStatus.BATTERY_LOW)


def test_a_nonin_reads_high_byte_first() -> None:
    # Counter 0x0102, pulse 0x0103 = 259: byte for byte as index.js of nonin-3230-ble takes it.
    frame = decode_nonin(bytes.fromhex("0a 50 1e 01f4 0102 61 0103"))
    assert isinstance(frame, NoninFrame)
    assert (frame.counter, frame.spo2_pct, frame.pulse_bpm, frame.perfusion_pct) == (0x0102, 97, 259, 5.0)


def test_a_searching_nonin_without_a_value_says_that_it_searches() -> None:
    frame = decode_nonin(encode_nonin(None, None, status=NoninStatus.FINGER_IN | NoninStatus.SEARCHING))
    assert values(frame) == (None, None, Quality.UNUSABLE, Reason.SENSOR_SEARCHING)


def test_a_nonin_whose_length_lies_is_refused() -> None:
    assert isinstance(decode_nonin(encode_nonin(97, 70) + b"\0"), Undecodable)
    longer = decode_nonin(b"\x0c" + encode_nonin(97, 70)[1:] + b"\1\2")
    assert isinstance(longer, NoninFrame)
    assert longer.odd_bytes == b"\1\2"


@given(spo2=SPO2, pulse=st.none() | st.integers(1, 254), pleth=st.integers(0, 127), is_beat=st.booleans())
def test_a_bm1000_says_what_was_encoded(*, spo2: int | None, pulse: int | None, pleth: int, is_beat: bool) -> None:
    [frame] = BciStream().feed(encode_bci(spo2, pulse, pleth=pleth, is_beat=is_beat))
    assert isinstance(frame, BciFrame)
    assert values(frame) == expected(spo2, pulse)
    assert (frame.pleth, frame.is_beat) == (pleth, is_beat)


def test_each_state_of_a_bm1000_has_its_reason() -> None:
    stream = BciStream()
    [off] = stream.feed(encode_bci(97, 70, has_finger=False))
    [unplugged] = stream.feed(encode_bci(97, 70, is_probe_off=True))
    [searching] = stream.feed(encode_bci(97, 70, is_searching=True))
    [nothing] = stream.feed(encode_bci(None, None, is_searching=True))
    [faint] = stream.feed(bytes([encode_bci(97, 70)[0] | 0x10, *encode_bci(97, 70)[1:]]))
    assert values(off) == (None, None, Quality.UNUSABLE, Reason.OFF_SKIN)
    assert values(unplugged) == (None, None, Quality.UNUSABLE, Reason.SENSOR_FAULT)
    assert values(searching) == (97, 70, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING)
    assert values(nothing) == (None, None, Quality.UNUSABLE, Reason.SENSOR_SEARCHING)
    assert values(faint) == (97, 70, Quality.QUESTIONABLE, Reason.POOR_SIGNAL)


def test_a_bm1000_that_lost_bytes_is_in_step_at_the_next_frame() -> None:
    frame = encode_bci(97, 70)
    cut, whole = BciStream().feed(frame[:3] + frame)
    assert isinstance(cut, Undecodable)
    assert cut.raw == frame[:3]
    assert values(whole) == (97, 70, Quality.GOOD, None)


@given(
    spo2=SPO2,
    pulse=st.none() | st.integers(1, 300),
    perfusion=TENTHS,
    battery=st.integers(0, 100),
    question=st.sampled_from(O2RingQuestion),
)
def test_a_ring_says_what_was_encoded(
    *, spo2: int | None, pulse: int | None, perfusion: float, battery: int, question: O2RingQuestion
) -> None:
    raw = encode_o2ring(spo2, pulse, perfusion_pct=perfusion, battery_pct=battery, question=question)
    [frame] = O2RingStream().feed(raw)
    assert isinstance(frame, O2RingFrame)
    assert values(frame) == expected(spo2, pulse)
    assert frame.battery_pct == battery
    assert frame.perfusion_pct == (None if spo2 is None else perfusion)


def test_a_ring_that_is_not_worn_or_charges_shows_nothing() -> None:
    for raw in (encode_o2ring(97, 70, is_worn=False), encode_o2ring(97, 70, is_charging=True)):
        [frame] = O2RingStream().feed(raw)
        assert values(frame) == (None, None, Quality.UNUSABLE, Reason.OFF_SKIN)


def test_a_ring_in_a_state_that_nobody_documented_is_out_of_order() -> None:
    [frame] = O2RingStream().feed(answer(bytes.fromhex("61 4600 5a 00 32 02 000000 0000")))
    assert values(frame) == (None, None, Quality.UNUSABLE, Reason.SENSOR_FAULT)


def answer(payload: bytes, *, status: int = 0) -> bytes:
    frame = bytes([0x55, status, status ^ 0xFF, 0, 0]) + len(payload).to_bytes(2, "little") + payload
    return frame + bytes([crc8_07(frame)])


def test_an_answer_of_twelve_bytes_shows_the_battery_only_when_it_is_sure_which_it_answers() -> None:
    [values_only] = O2RingStream().feed(answer(bytes.fromhex("61 4600 00000000 5a 00 07 32 01")))
    [no_curve] = O2RingStream().feed(answer(bytes.fromhex("61 4600 5a 00 32 01 000000 0000")))
    assert isinstance(values_only, O2RingFrame)
    assert isinstance(no_curve, O2RingFrame)
    assert (values_only.spo2_pct, values_only.battery_pct, values_only.motion) == (97, 90, 7)
    assert (no_curve.spo2_pct, no_curve.battery_pct) == (97, None)


def test_a_ring_that_refuses_or_answers_something_else_says_no_value() -> None:
    [refused] = O2RingStream().feed(answer(bytes(13), status=2))
    [other] = O2RingStream().feed(answer(b'{"Region":"CE"}'))
    assert isinstance(refused, Undecodable)
    assert isinstance(other, NoVitals)


def test_half_an_answer_spoils_no_other_when_the_stream_is_restarted() -> None:
    stream = O2RingStream()
    assert stream.feed(encode_o2ring(97, 70)[:15]) == ()
    stream.restart()
    [frame] = stream.feed(encode_o2ring(96, 71))
    assert values(frame) == (96, 71, Quality.GOOD, None)


@given(st.binary(max_size=12))
def test_a_ring_knows_the_two_questions_and_no_other(raw: bytes) -> None:
    for question in O2RingQuestion:
        assert decode_o2ring_question(encode_o2ring_question(question)) is question
    assert isinstance(decode_o2ring_question(raw), Undecodable | O2RingQuestion)


@given(
    spo2=SPO2,
    pulse=st.none() | st.integers(1, 300),
    perfusion=TENTHS,
    bars=st.integers(0, 3),
    pleth=st.lists(st.integers(0, 127), min_size=5, max_size=5).map(tuple),
)
def test_a_pc60_says_what_was_encoded(
    *, spo2: int | None, pulse: int | None, perfusion: float, bars: int, pleth: tuple[int, ...]
) -> None:
    raw = (
        encode_pc60(spo2, pulse, perfusion_pct=perfusion, bars=bars)
        + encode_pc60_curve(pleth, beat_at=2)
        + encode_pc60_battery(bars)
    )
    frame, curve, battery = Pc60Stream().feed(raw)
    assert isinstance(frame, Pc60Frame)
    assert isinstance(curve, Pc60Curve)
    assert isinstance(battery, Pc60Battery)
    assert values(frame) == expected(spo2, pulse)
    assert (frame.battery_pct, battery.bars, battery.battery_pct) == (25 * bars, bars, 25 * bars)
    assert (curve.pleth, curve.beats) == (pleth, (False, False, True, False, False))


def test_each_state_of_a_pc60_has_its_reason() -> None:
    stream = Pc60Stream()
    [off] = stream.feed(encode_pc60(97, 70, is_probe_off=True))
    [searching] = stream.feed(encode_pc60(97, 70, is_searching=True))
    assert values(off) == (None, None, Quality.UNUSABLE, Reason.OFF_SKIN)
    assert values(searching) == (97, 70, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING)


def test_two_frames_and_the_beginning_of_a_third_in_one_notification_are_two_frames_and_then_the_third() -> None:
    stream = Pc60Stream()
    first, second = stream.feed(bytes.fromhex("aa550f08016239004400c0e3aa55f0030303f6aa"))
    assert isinstance(first, Pc60Frame)
    assert isinstance(second, Pc60Battery)
    [third] = stream.feed(encode_pc60(95, 80)[1:])
    assert values(third) == (95, 80, Quality.GOOD, None)


def test_a_pc60nw_tells_no_bars_where_others_do() -> None:
    [frame] = Pc60Stream().feed(bytes.fromhex("aa550f0801603f002d00388c"))
    assert isinstance(frame, Pc60Frame)
    assert (frame.spo2_pct, frame.battery_pct) == (96, None)


@given(spo2=SPO2, pulse=PULSE, pleth=st.integers(0, 127))
def test_a_cms50d_says_what_was_encoded(*, spo2: int | None, pulse: int | None, pleth: int) -> None:
    curve, frame = ContecStream().feed(encode_contec_curve(pleth) + encode_contec(spo2, pulse))
    assert isinstance(curve, NoVitals)
    assert isinstance(frame, ContecFrame)
    assert values(frame) == expected(spo2, pulse)


def test_a_cms50d_without_a_finger_shows_not_its_last_values() -> None:
    [frame] = ContecStream().feed(encode_contec(97, 70, has_finger=False))
    assert values(frame) == (None, None, Quality.UNUSABLE, Reason.OFF_SKIN)


@given(spo2=SPO2, pulse=st.none() | st.integers(1, 254), perfusion=TENTHS)
def test_a_jpd500f_says_what_was_encoded(*, spo2: int | None, pulse: int | None, perfusion: float) -> None:
    frame = decode_jumper(encode_jumper(spo2, pulse, perfusion_pct=perfusion))
    assert isinstance(frame, JumperFrame)
    assert values(frame) == expected(spo2, pulse)
    assert frame.perfusion_pct == (None if spo2 is None else perfusion)


def test_a_number_above_a_hundred_that_is_no_code_is_out_of_range() -> None:
    assert values(decode_jumper(b"\x81\x46\x65\x32")) == (None, None, Quality.UNUSABLE, Reason.OUT_OF_RANGE)


@pytest.mark.parametrize("stream", [BciStream, O2RingStream, Pc60Stream, ContecStream])
def test_a_notification_longer_than_any_attribute_is_refused_and_forgets_nothing(
    stream: type[BciStream | O2RingStream | Pc60Stream | ContecStream],
) -> None:
    one = stream()
    one.feed(b"\x55\xaa")
    kept = one.kept
    [refused] = one.feed(bytes(LONGEST_VALUE_BYTES + 1))
    assert isinstance(refused, Undecodable)
    assert one.kept == kept
