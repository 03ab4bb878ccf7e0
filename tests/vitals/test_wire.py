import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.alarms import AlarmId
from vitals.commands import Acknowledge, Command, CommandBody, CommandId, PauseAudio, RecordSession, verb_of
from vitals.errors import InputError, InputReason
from vitals.parts import PartStatus
from vitals.readings import (
    BatteryReading,
    HeartRateReading,
    OximeterReading,
    Quality,
    Reading,
    ReadingMessage,
    Reason,
    RunId,
    kind_of,
    stream_of,
)
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, Phase, Roster, SessionId
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import PAYLOAD_BYTES_MAX, decode, encode, stamp

HEARD = {
    "run": st.just(RunId("0123456789abcdef")),
    "sensor": st.just(SensorId("s-a")),
    "seq": st.integers(0, 2**53 - 1),
    "mono_ms": st.integers(0, 2**53).map(MonotonicMs),
    "quality": st.sampled_from(Quality),
    "reason": st.none() | st.sampled_from(Reason),
}
READINGS: st.SearchStrategy[Reading] = st.one_of(
    st.builds(
        HeartRateReading,
        **HEARD,
        hr_bpm=st.none() | st.integers(1, 300),
        rr_ms=st.lists(st.integers(1, 65535).map(lambda ticks: ticks * 1000 / 1024), max_size=9).map(tuple),
        contact=st.none() | st.booleans(),
    ),
    st.builds(
        OximeterReading,
        **HEARD,
        spo2_pct=st.none() | st.floats(0, 100),
        pulse_bpm=st.none() | st.floats(1, 300),
        perfusion_pct=st.none() | st.floats(0, 100),
    ),
    st.builds(BatteryReading, **HEARD, battery_pct=st.none() | st.integers(0, 100)),
)


@given(READINGS, st.integers(0, 2**53))
def test_a_reading_arrives_as_it_was_sent_to_the_last_bit(reading: Reading, sent_mono_ms: int) -> None:
    message: ReadingMessage = decode(stamp(encode(reading), sent_mono_ms=sent_mono_ms), ReadingMessage, place="test")
    assert message == ReadingMessage(sent_mono_ms=MonotonicMs(sent_mono_ms), body=reading)
    assert stream_of(reading) == (reading.run, reading.sensor, kind_of(reading))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused_with_one_line(payload: bytes) -> None:
    for shape in (ReadingMessage, PartStatus, Command):
        with pytest.raises(InputError) as caught:
            decode(payload, shape, place="vitals/v1/x")
        assert str(caught.value).startswith("vitals/v1/x: ")
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 800


GOOD = (
    '{"v":1,"sent_mono_ms":1,"body":{"kind":"hr","run":"r","sensor":"s","seq":0,"mono_ms":1,"quality":"good",'
    '"hr_bpm":70}}'
)


@pytest.mark.parametrize(
    ("before", "after", "reason", "words"),
    [
        ('"v":1', '"v":2', InputReason.WRONG_VERSION, "$.v"),
        ('"hr_bpm":70', '"hr_bpm":0', InputReason.WRONG_SHAPE, "$.body.hr_bpm"),
        ('"hr_bpm":70', '"hr_bpm":"70"', InputReason.WRONG_SHAPE, "$.body.hr_bpm"),
        ('"hr_bpm":70', '"hr_bpm":70.5', InputReason.WRONG_SHAPE, "$.body.hr_bpm"),
        ('"kind":"hr"', '"kind":"ecg"', InputReason.WRONG_SHAPE, "ecg"),
        ('"seq":0', '"seq":-1', InputReason.WRONG_SHAPE, "$.body.seq"),
        ('"quality":"good"', '"quality":"fine"', InputReason.WRONG_SHAPE, "fine"),
        ('"mono_ms":1,', "", InputReason.WRONG_SHAPE, "mono_ms"),
        ("}}", "}", InputReason.NOT_JSON, "truncated"),
        ("{", "[", InputReason.WRONG_SHAPE, "Expected `object`"),
        (":70}}", ":70,}}", InputReason.NOT_JSON, "malformed"),
    ],
)
def test_a_refusal_names_the_field_and_quotes_the_payload(
    before: str, after: str, reason: InputReason, words: str
) -> None:
    assert decode(GOOD.encode(), ReadingMessage, place="t") is not None
    payload = GOOD.replace(before, after, 1).encode()
    with pytest.raises(InputError) as caught:
        decode(payload, ReadingMessage, place="t")
    assert caught.value.reason is reason
    assert words in str(caught.value)
    assert payload[:20].decode() in str(caught.value)


def test_a_payload_that_is_too_large_is_not_even_read() -> None:
    with pytest.raises(InputError) as caught:
        decode(b" " * (PAYLOAD_BYTES_MAX + 1), ReadingMessage, place="t")
    assert caught.value.reason is InputReason.TOO_LARGE


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        decode(b'{"unknown":' + b"[" * 100_000, ReadingMessage, place="t")
    assert caught.value.reason is InputReason.NOT_JSON
    assert len(str(caught.value)) < 200


def test_what_a_later_version_adds_is_passed_over() -> None:
    message: ReadingMessage = decode(GOOD.replace('"v":1', '"v":1,"more":[1]').encode(), ReadingMessage, place="t")
    assert message.body.seq == 0


ROSTER = Roster(
    session=SessionId("x"),
    version=3,
    room="room-1",
    generation_mode=GenerationMode.TEST,
    phase=Phase.TRAINING,
    started_utc_ms=UtcMs(1),
    entries=(),
)


@pytest.mark.parametrize(
    ("body", "verb"),
    [
        (Acknowledge(alarm_id=AlarmId("a")), "acknowledge"),
        (PauseAudio(seconds=60), "pause_audio"),
        (RecordSession(session=SessionId("x"), roster=ROSTER), "record_session"),
    ],
)
def test_the_verb_of_a_command_is_the_tag_of_its_body(body: CommandBody, verb: str) -> None:
    command = Command(id=CommandId("c"), owner="analysis", by="ab", at_utc_ms=UtcMs(0), body=body)
    assert verb_of(command) == verb
    assert f'"verb":"{verb}"'.encode() in encode(command)
    assert decode(encode(command), Command, place="t") == command
