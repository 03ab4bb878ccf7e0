"""The intake: what is taken, what is late, what is refused with its place, and that nothing grows without bound."""

from collections.abc import Callable

import msgspec
import pytest

from ingest.intake import Intake
from ingest.store.batch import BYTES_MAX, REFUSED_MAX, ROWS_MAX, WORDS_MAX, Batch
from vitals.bus import Incoming
from vitals.clock import Clock
from vitals.commands import Acknowledge, Command, CommandBody, CommandId, RecordSession
from vitals.parts import Part, PartState, PartStatus, StreamExtent
from vitals.readings import HeartRateReading, ReadingMessage, RunId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.store import StoreCursor
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode

HR_TOPIC = "vitals/v1/gym/gateway/g1/reading/s-strap/hr"
NOW_MS = 5_000_000

Hr = Callable[..., HeartRateReading]
MakeRoster = Callable[..., Roster]


@pytest.fixture
def intake() -> Intake:
    return Intake(site="gym", store_run=RunId("i1"), clock=Clock())


def tell(
    intake: Intake, payload: bytes | object, *, topic: str = HR_TOPIC, at_ms: int = NOW_MS, retained: bool = False
) -> Batch:
    body = payload if isinstance(payload, bytes) else encode(payload)
    intake.hear(Incoming(topic, body, retained, MonotonicMs(at_ms)))
    return intake.batch


def message(reading: HeartRateReading, *, sent_ms: int | None = None) -> ReadingMessage:
    sent = reading.mono_ms if sent_ms is None else MonotonicMs(sent_ms)
    return ReadingMessage(sent_mono_ms=sent, body=reading)


def changed(reading: HeartRateReading, **values: object) -> bytes:
    """Return the message with fields of its body as no program of ours would write them."""
    plain = msgspec.json.decode(encode(message(reading)))
    plain["body"] |= values
    return encode(plain)


def reasons(batch: Batch) -> list[str]:
    return [refusal.reason for refusal in batch.refusals]


def test_a_reading_younger_than_ten_seconds_is_not_late(intake: Intake, hr: Hr) -> None:
    tell(intake, message(hr(0, mono_ms=1000)))
    tell(intake, message(hr(1, mono_ms=2000)), at_ms=NOW_MS + 1000 + 9_999)
    assert [heard.late for heard in intake.batch.readings] == [False, False]


def test_a_reading_of_ten_seconds_is_late_wherever_it_waited(intake: Intake, hr: Hr) -> None:
    tell(intake, message(hr(0, mono_ms=1000)))
    tell(intake, message(hr(1, mono_ms=2000)), at_ms=NOW_MS + 1000 + 10_000)
    tell(intake, message(hr(2, mono_ms=3000), sent_ms=13_000), at_ms=NOW_MS + 12_000)
    assert [heard.late for heard in intake.batch.readings] == [False, True, True]


def test_the_first_message_after_a_restart_is_late_by_what_its_sender_says(intake: Intake, hr: Hr) -> None:
    tell(intake, message(hr(7, mono_ms=1000), sent_ms=61_000))
    [heard] = intake.batch.readings
    assert heard.late


def test_a_retained_reading_is_kept_as_late(intake: Intake, hr: Hr) -> None:
    [heard] = tell(intake, message(hr(0)), retained=True).readings
    assert heard.late


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b'{"x":' + b"[" * 100_000, "not_json"),
        (b"{}", "wrong_shape"),
        (b"null", "wrong_shape"),
        (b" " * 2_000_000, "too_large"),
    ],
)
def test_what_is_no_reading_is_kept_by_its_place_and_first_bytes(intake: Intake, payload: bytes, reason: str) -> None:
    batch = tell(intake, payload)
    [refusal] = batch.refusals
    assert (refusal.topic, refusal.reason) == (HR_TOPIC, reason)
    assert refusal.problem.startswith(HR_TOPIC)
    assert refusal.payload_start == payload[:256]
    assert refusal.payload_bytes == len(payload)
    assert batch.counts["refused"] == 1
    assert not batch.readings
    assert not batch.unreadable


@pytest.mark.parametrize(
    "topic",
    [
        "vitals/v1/gym/gateway/g1/reading/s-strap",
        "vitals/v1/gym/gateway/g1/reading/s-strap/hr/more",
        "vitals/v1/gym/gateway/g1/reading/s-strap/temperature",
        "vitals/v1/gym/gateway/analysis/reading/s-strap/hr",
        "vitals/v1/gym/gateway/g1/reading/s strap/hr",
        "vitals/v1/gym/gateway/g1/reading/s-other/hr",
        "vitals/v1/gym/gateway/g1/reading/s-strap/oximeter",
        "vitals/v1/gym/command/ingest",
        "vitals/v1/gym/duty",
    ],
)
def test_a_wrong_topic_is_refused_with_its_text(intake: Intake, hr: Hr, topic: str) -> None:
    batch = tell(intake, message(hr(0)), topic=topic)
    [refusal] = batch.refusals
    assert topic in refusal.problem
    assert not batch.readings
    assert not batch.unreadable


def test_a_reading_that_nobody_can_read_is_given_up_by_its_number(intake: Intake, hr: Hr) -> None:
    batch = tell(intake, changed(hr(4), hr_bpm=900))
    assert reasons(batch) == ["wrong_shape"]
    assert batch.unreadable == [("g1", ("a1", "s-strap", "hr"), 4)]
    batch = tell(intake, changed(hr(5), raw_hex="xyz"))
    assert batch.unreadable[1:] == [("g1", ("a1", "s-strap", "hr"), 5)]


def test_a_reading_of_a_newer_version_waits_in_its_outbox(intake: Intake, hr: Hr) -> None:
    newer = encode(message(hr(4))).replace(b'"v":1', b'"v":2')
    batch = tell(intake, newer)
    assert reasons(batch) == ["wrong_version"]
    assert not batch.unreadable


@pytest.mark.parametrize(
    "values",
    [
        {"mono_ms": -1},
        {"mono_ms": 2**53},
        {"mono_ms": 10**400},
        {"run": "a/b"},
        {"run": "+"},
        {"run": ""},
        {"run": "x" * 65},
    ],
)
def test_numbers_and_ids_that_nothing_can_hold_are_refused(intake: Intake, hr: Hr, values: dict[str, object]) -> None:
    batch = tell(intake, changed(hr(0), **values))
    assert len(batch.refusals) == 1
    assert not batch.readings


def test_what_does_not_fit_is_dropped_and_counted(hr: Hr) -> None:
    batch = Batch(rows_max=2, bytes_max=100)
    assert batch.has_room(60, received_ms=MonotonicMs(5))
    assert not batch.has_room(60, received_ms=MonotonicMs(6))
    batch.readings += [(), ()]  # type: ignore[list-item]
    assert not batch.has_room(1, received_ms=MonotonicMs(7))
    assert batch.counts["dropped"] == 2
    assert batch.oldest_ms == 5
    assert ROWS_MAX * len(encode(message(hr(0)))) < BYTES_MAX


def test_a_flood_of_nonsense_is_counted_whole_and_kept_in_part(intake: Intake) -> None:
    for _ in range(REFUSED_MAX + 5):
        tell(intake, b"{")
    assert len(intake.batch.refusals) == REFUSED_MAX
    assert intake.batch.counts["refused"] == REFUSED_MAX + 5


def test_commands_beyond_the_bound_are_left_to_their_repetition(intake: Intake) -> None:
    topic = "vitals/v1/gym/command/analysis/acknowledge"
    for number in range(WORDS_MAX + 1):
        tell(intake, command(Acknowledge(alarm_id="x"), owner="analysis", name=f"k{number}"), topic=topic)  # type: ignore[arg-type]
    assert len(intake.batch.commands) == WORDS_MAX


def command(body: CommandBody, *, owner: str = "ingest", name: str = "k1") -> Command:
    return Command(id=CommandId(name), owner=owner, by="desk", at_utc_ms=UtcMs(1), body=body)


def test_recording_a_session_is_taken_once_and_answered(intake: Intake, roster: MakeRoster) -> None:
    final = roster(("p1", "s-strap", 0, 60), version=3, ended_s=60)
    topic = "vitals/v1/gym/command/ingest/record_session"
    for _ in range(3):
        tell(intake, command(RecordSession(session=SessionId("c1"), roster=final)), topic=topic)
    [heard] = intake.batch.rosters
    assert (heard.roster, heard.final) == (final, True)
    [answer] = intake.batch.answers
    assert (answer.id, answer.accepted) == ("k1", True)


def test_a_session_with_the_roster_of_another_is_declined(intake: Intake, roster: MakeRoster) -> None:
    body = RecordSession(session=SessionId("c2"), roster=roster())
    batch = tell(intake, command(body), topic="vitals/v1/gym/command/ingest/record_session")
    [answer] = batch.answers
    assert not answer.accepted
    assert answer.reason == "the roster is of session c1, not c2"
    assert not batch.rosters
    assert list(batch.commands) == ["k1"]


def test_a_command_for_nothing_that_ingest_does_is_declined(intake: Intake) -> None:
    body = Acknowledge(alarm_id="x")  # type: ignore[arg-type]
    [answer] = tell(intake, command(body), topic="vitals/v1/gym/command/ingest/acknowledge").answers
    assert answer.reason == "ingest does not do acknowledge"


def test_a_command_on_the_topic_of_another_is_refused(intake: Intake) -> None:
    body = Acknowledge(alarm_id="x")  # type: ignore[arg-type]
    batch = tell(intake, command(body, owner="analysis"), topic="vitals/v1/gym/command/ingest/acknowledge")
    assert reasons(batch) == ["conflict"]
    assert not batch.commands


def status(state: PartState, *, part: Part = Part.GATEWAY, run: str = "b2", subject: str = "s-strap") -> PartStatus:
    extent = StreamExtent(run=RunId("a1"), subject=subject, kind="hr", first=3, last=9, ended=True)
    return PartStatus(
        part=part,
        instance="g1",
        run=RunId(run),
        state=state,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=MonotonicMs(1),
        utc_ms=UtcMs(1),
        extents=(extent,),
    )


def test_the_newest_status_of_a_source_says_what_its_outbox_can_still_send(intake: Intake) -> None:
    topic = "vitals/v1/gym/part/gateway/g1/status"
    tell(intake, status(PartState.UP, run="a1"), topic=topic)
    batch = tell(intake, status(PartState.UP, run="b2"), topic=topic)
    assert batch.words["g1"].run == "b2"
    assert [one.first for one in batch.words["g1"].extents] == [3]


def test_a_will_says_nothing_of_an_outbox(intake: Intake) -> None:
    assert not tell(intake, status(PartState.LOST), topic="vitals/v1/gym/part/gateway/g1/status").words


def test_parts_without_an_outbox_say_nothing_of_one(intake: Intake) -> None:
    batch = tell(intake, status(PartState.UP, part=Part.DASHBOARD), topic="vitals/v1/gym/part/dashboard/g1/status")
    assert not batch.words
    assert not batch.refusals


def test_an_extent_that_can_be_no_topic_is_refused(intake: Intake) -> None:
    batch = tell(intake, status(PartState.UP, subject="a/b"), topic="vitals/v1/gym/part/gateway/g1/status")
    assert reasons(batch) == ["out_of_range"]
    assert not batch.words


def test_a_cleared_roster_is_no_message(intake: Intake) -> None:
    batch = tell(intake, b"", topic="vitals/v1/gym/session/c1/roster")
    assert batch.is_empty()


def test_cursors_of_an_earlier_process_are_noted_and_ones_own_are_not(intake: Intake) -> None:
    for store_run, run in (("i0", "a1"), ("i1", "b2")):
        cursor = StoreCursor(store_run=RunId(store_run), source="g1", run=RunId(run), streams=())
        tell(intake, cursor, topic=f"vitals/v1/gym/store/cursor/g1/{run}", retained=True)
    assert intake.left_over == {("g1", "a1")}
