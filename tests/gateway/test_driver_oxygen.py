"""Vendors' oximeters: streams of frames become one reading a second, bad news at once, and nothing is made up."""

import itertools
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.bci import encode_bci
from gateway.codecs.contec import encode_contec, encode_contec_curve
from gateway.codecs.jumper import encode_jumper
from gateway.codecs.nonin import NoninStatus, encode_nonin
from gateway.codecs.o2ring import encode_o2ring
from gateway.codecs.pc60 import encode_pc60, encode_pc60_battery, encode_pc60_curve
from gateway.drivers.base import Conversation, Driver, Hearing, Questioned, Stamp, Value
from gateway.drivers.bci import BCI
from gateway.drivers.contec import CONTEC
from gateway.drivers.jumper import JUMPER
from gateway.drivers.nonin import NONIN
from gateway.drivers.o2ring import O2RING
from gateway.drivers.pc60 import PC60
from vitals.readings import BatteryReading, OximeterReading, Quality, Reading, Reason, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

BEGIN_MS = 5_000

VALUES: dict[Driver, Callable[[int, int], bytes]] = {
    NONIN: encode_nonin,
    O2RING: encode_o2ring,
    PC60: encode_pc60,
    BCI: encode_bci,
    JUMPER: encode_jumper,
    CONTEC: encode_contec,
}
STREAMS = (O2RING, PC60, BCI, CONTEC)


def hear(conversation: Conversation, driver: Driver, raw: bytes, at_ms: int) -> Sequence[Reading]:
    stamp = Stamp(RunId("00ff"), SensorId("s-a"), 0, MonotonicMs(at_ms))
    return conversation.hear(
        Value(driver.listens[0], raw), Hearing(mono_ms=stamp.mono_ms, stamp_of=lambda _kind: stamp)
    )


def oxygen(readings: Sequence[Reading]) -> list[OximeterReading]:
    return [one for one in readings if isinstance(one, OximeterReading)]


def play(driver: Driver, told: Sequence[tuple[int, bytes]]) -> list[OximeterReading]:
    """Return the readings of what a sensor says at times (ms) over one link."""
    conversation = driver.open()
    return [one for at_ms, raw in told for one in oxygen(hear(conversation, driver, raw, BEGIN_MS + at_ms))]


@pytest.mark.parametrize("driver", VALUES, ids=lambda driver: driver.name)
def test_a_vendor_frame_is_a_reading_with_its_values_and_bytes(driver: Driver) -> None:
    raw = VALUES[driver](94, 88)
    (reading,) = play(driver, [(0, raw)])

    assert (reading.spo2_pct, reading.pulse_bpm, reading.quality, reading.reason) == (94, 88, Quality.GOOD, None)
    assert bytes.fromhex(reading.raw_hex) == raw


@pytest.mark.parametrize("driver", VALUES, ids=lambda driver: driver.name)
def test_a_sensor_that_speaks_once_a_second_is_heard_each_time_though_it_is_early_now_and_then(driver: Driver) -> None:
    raw = VALUES[driver](94, 88)
    early = list(itertools.accumulate([1_000, 900, 1_100, 920, 1_080] * 12))

    assert len(play(driver, [(at_ms, raw) for at_ms in early])) == len(early)


@given(st.lists(st.sampled_from([10, 40, 90, 250, 500]), min_size=50, max_size=400))
def test_however_fast_it_streams_there_is_one_good_reading_a_second(pauses_ms: list[int]) -> None:
    times = list(itertools.accumulate(pauses_ms))
    readings = play(BCI, [(at_ms, encode_bci(94, 88)) for at_ms in times])
    span_s = (times[-1] - times[0]) / 1000

    assert len(readings) <= span_s / 0.95 + 2
    assert len(readings) >= span_s / 1.5 - 1


def test_a_finger_that_slips_out_is_told_at_once_and_a_flickering_one_twice_a_second_at_most() -> None:
    good, loose = encode_bci(94, 88), encode_bci(None, None, has_finger=False)
    at_once = play(BCI, [(0, good), (10, good), (20, loose), (30, loose)])
    flicker = play(BCI, [(at_ms, loose if at_ms % 20 else good) for at_ms in range(0, 10_000, 10)])

    assert [one.reason for one in at_once] == [None, Reason.OFF_SKIN]
    assert at_once[1].mono_ms == BEGIN_MS + 20
    assert len(flicker) <= 24


@pytest.mark.parametrize("driver", STREAMS, ids=lambda driver: driver.name)
@given(data=st.data())
def test_where_a_stream_is_cut_does_not_change_its_values(driver: Driver, data: st.DataObject) -> None:
    frames = [VALUES[driver](70 + second, 60 + second) for second in range(20)]
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=60)))
    pieces = [stream[one:two] for one, two in itertools.pairwise([0, *cuts, len(stream)])]
    # Each piece comes a second after the one before, so that each frame that ends in it may be told.
    told = play(driver, [(1_000 * number, piece) for number, piece in enumerate(pieces)])

    values = [one.spo2_pct for one in told]
    assert values == sorted(set(values) - {None}, key=values.index), "no value twice, none missing inside a reading"
    assert values[-1] == 89, "the newest frame wins"
    assert all(one.pulse_bpm is not None and one.spo2_pct == one.pulse_bpm + 10 for one in told)


def test_the_newest_of_several_frames_in_one_notification_is_the_reading() -> None:
    raw = encode_pc60(97, 60) + encode_pc60_curve((60, 70)) + encode_pc60(91, 61) + encode_pc60(90, 62)[:5]
    (reading,) = play(PC60, [(0, raw)])

    assert (reading.spo2_pct, reading.pulse_bpm) == (91, 61)


def test_a_broken_frame_among_good_ones_is_passed_over_and_a_stream_of_nothing_else_is_a_reading_a_second() -> None:
    broken = bytearray(encode_pc60(80, 60))
    broken[-1] ^= 1
    among = play(PC60, [(0, encode_pc60(94, 88)), (300, bytes(broken)), (1_000, encode_pc60(95, 88))])
    alone = play(PC60, [(at_ms, bytes(broken)) for at_ms in range(0, 10_000, 100)])

    assert [one.spo2_pct for one in among] == [94, 95]
    assert 9 <= len(alone) <= 12
    assert {(one.spo2_pct, one.reason) for one in alone} == {(None, Reason.UNDECODABLE)}


def test_a_curve_alone_says_nothing() -> None:
    assert play(PC60, [(0, encode_pc60_curve((60, 70)) * 3)]) == []
    assert play(CONTEC, [(0, encode_contec_curve(40) * 3)]) == []


def test_half_an_answer_spoils_no_other_when_it_is_asked_anew() -> None:
    conversation = O2RING.open()
    assert isinstance(conversation, Questioned)
    answer = encode_o2ring(94, 88)
    conversation.asked()
    assert hear(conversation, O2RING, answer[:9], BEGIN_MS) == ()
    conversation.asked()
    (reading,) = oxygen(hear(conversation, O2RING, answer, BEGIN_MS + 1_000))

    assert reading.spo2_pct == 94


def test_a_new_link_knows_nothing_of_the_old_ones_half_frame() -> None:
    old = BCI.open()
    hear(old, BCI, encode_bci(94, 88)[:3], BEGIN_MS)

    assert oxygen(hear(BCI.open(), BCI, encode_bci(94, 88)[3:], BEGIN_MS + 10)) == []


def test_a_battery_level_is_told_when_it_changes() -> None:
    conversation = PC60.open()
    levels = [
        one.battery_pct
        for at_s, bars in enumerate((3, 3, 2, 2, 3))
        for one in hear(conversation, PC60, encode_pc60_battery(bars), BEGIN_MS + at_s * 1000)
        if isinstance(one, BatteryReading)
    ]

    assert levels == [75, 50, 75]


def test_a_nonin_that_searches_or_lies_on_the_table_shows_it() -> None:
    searching = encode_nonin(94, 88, status=NoninStatus.FINGER_IN | NoninStatus.SEARCHING)
    table = encode_nonin(94, 88, status=0)
    readings = play(NONIN, [(0, searching), (1_000, table)])

    assert [(one.spo2_pct, one.quality, one.reason) for one in readings] == [
        (94, Quality.QUESTIONABLE, Reason.SENSOR_SEARCHING),
        (None, Quality.UNUSABLE, Reason.OFF_SKIN),
    ]
