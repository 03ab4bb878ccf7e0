"""Forgetting a person: all of theirs and nothing of others, in pieces, over any kill, and for what comes late."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from analysis.core.memory import pack_state
from analysis.core.state import EngineState
from ingest.store import erasure, retention
from ingest.store.batch import Batch, HeardCommand, HeardEntry, HeardErasure, HeardEvent
from ingest.store.query import query
from ingest.store.reader import RecordReader
from ingest.store.retention import Keeping
from ingest.store.writer import ANALYSIS, Committed, RecordWriter
from vitals.alarms import (
    AlarmEvent,
    AlarmId,
    AlarmState,
    Change,
    Condition,
    Family,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
)
from vitals.commands import Command, CommandAnswer, CommandId, EraseParticipant, RecordCourse, RecordEntry
from vitals.database import open_reader
from vitals.delivery import Attempt, AttemptState, ChannelName, Course
from vitals.duty import StaffId
from vitals.entries import Entry, EntryId, Note
from vitals.journal import Checkpoint, JournalEntry, RosterNoted, Ticked
from vitals.participants import ParticipantId
from vitals.readings import HeartRateReading, ReadingKind, RunId
from vitals.sessions import Roster, SessionId
from vitals.units import MonotonicMs, UtcMs

T0_UTC_MS = 1_800_000_000_000
NOW_UTC_MS = UtcMs(T0_UTC_MS + 90_000_000)
P1, P2 = ParticipantId("p1"), ParticipantId("p2")
C1 = SessionId("c1")


def wish(command: str = "x1", participant: ParticipantId = P1) -> Batch:
    batch = Batch()
    body = EraseParticipant(participant=participant)
    said = Command(id=CommandId(command), owner="ingest", by="ann", at_utc_ms=NOW_UTC_MS, body=body)
    batch.add_command(HeardCommand(said, NOW_UTC_MS), answer=None)
    batch.erasures.append(HeardErasure(participant, said.id, "ann"))
    return batch


def finish(writer: RecordWriter, batch: Batch) -> list[CommandAnswer]:
    """Commit until nobody is being forgotten; return all answers."""
    committed = writer.store(batch, now_utc_ms=NOW_UTC_MS)
    answers = list(committed.answers)
    while committed.is_busy:
        committed = writer.store(Batch(), now_utc_ms=NOW_UTC_MS)
        answers += committed.answers
    return answers


def event(seq: int, participant: str) -> AlarmEvent:
    return AlarmEvent(
        run=RunId("n1"),
        seq=seq,
        mono_ms=MonotonicMs(seq),
        utc_ms=UtcMs(T0_UTC_MS + seq),
        change=Change.RAISED,
        alarm=AlarmState(
            alarm_id=AlarmId(f"a{seq}"),
            revision=1,
            subject=participant,
            subject_kind=SubjectKind.PARTICIPANT,
            rule=RuleId.HR_OVER,
            family=Family.PHYSIOLOGICAL,
            priority=Priority.HIGH,
            condition=Condition.ACTIVE,
            signal=Signal.ON,
            session=C1,
            participant=ParticipantId(participant),
            breach_mono_ms=MonotonicMs(0),
            onset_mono_ms=MonotonicMs(0),
            onset_utc_ms=UtcMs(T0_UTC_MS),
        ),
    )


def note(number: str, participant: ParticipantId | None) -> HeardCommand:
    entry = Entry(
        id=EntryId(number),
        session=C1,
        at_utc_ms=UtcMs(T0_UTC_MS),
        by="ann",
        body=Note(text="n"),
        participant=participant,
    )
    body = RecordEntry(entry=entry)
    return HeardCommand(
        Command(id=CommandId(number), owner="ingest", by="ann", at_utc_ms=UtcMs(T0_UTC_MS), body=body), NOW_UTC_MS
    )


def course(number: str, participant: ParticipantId | None, *, session: SessionId | None = C1) -> HeardCommand:
    told = Attempt(
        staff=StaffId("ann"),
        channel=ChannelName.NTFY,
        step=0,
        at_utc_ms=UtcMs(T0_UTC_MS + 5_000),
        state=AttemptState.SENT,
    )
    body = RecordCourse(
        course=Course(
            alarm_id=AlarmId(number),
            onset_utc_ms=UtcMs(T0_UTC_MS + 5_000),
            ended_utc_ms=UtcMs(T0_UTC_MS + 9_000),
            session=session,
            participant=participant,
            attempts=(told,),
        )
    )
    said = Command(id=CommandId(f"course-{number}"), owner="ingest", by="alerts", at_utc_ms=UtcMs(T0_UTC_MS), body=body)
    return HeardCommand(said, NOW_UTC_MS)


@pytest.fixture
def class_of_two(
    store: Callable[..., Committed],
    store_roster: Callable[..., None],
    roster: Callable[..., Roster],
    hr: Callable[..., HeartRateReading],
) -> None:
    """p1 wears s-1 for 50 s, then p2 does; p2 wears s-2 for the first 50 s. Readings from 0 to 99 s of both."""
    worn = (("p1", "s-1", 0, 50), ("p2", "s-1", 50, 100), ("p2", "s-2", 0, 50))
    store_roster(roster(*worn, version=1))
    store_roster(roster(*worn, version=2, ended_s=100), final=True)
    batch = Batch()
    batch.events += [HeardEvent(ANALYSIS, event(0, "p1"), NOW_UTC_MS), HeardEvent(ANALYSIS, event(1, "p2"), NOW_UTC_MS)]
    courses = (course("a0", P1), course("a1", P2), course("lost-1", None, session=None))
    for heard in (note("e1", P1), note("e2", P2), note("e3", None), *courses):
        batch.add_command(heard, answer=None)
    entry = JournalEntry(
        run=RunId("n1"),
        seq=0,
        mono_ms=MonotonicMs(0),
        utc_ms=UtcMs(T0_UTC_MS),
        events=(
            Checkpoint(MonotonicMs(0), pack_state(EngineState())),
            RosterNoted(MonotonicMs(0), roster(*worn)),
            Ticked(MonotonicMs(0), UtcMs(T0_UTC_MS)),
        ),
    )
    batch.entries.append(HeardEntry(ANALYSIS, entry))
    store(*(hr(seq, sensor=sensor) for seq in range(100) for sensor in ("s-1", "s-2")), batch=batch)


def traces(folder: Path, participant: str) -> dict[str, int]:
    """Return the tables of the record that name somebody, with how many rows do."""
    connection = open_reader(folder / "record.db")
    found: dict[str, int] = {}
    for (table,) in query(
        connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    ):
        rows = query(connection, f"SELECT * FROM {table}")  # noqa: S608 - names of tables
        count = sum(any(participant in _text(value) for value in row) for row in rows)
        if count:
            found[table] = count
    connection.close()
    return found


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


@pytest.mark.usefixtures("class_of_two")
def test_everything_of_a_person_goes_and_everything_of_the_others_stays(
    writer: RecordWriter, reader: RecordReader, tmp_path: Path
) -> None:
    before = reader.readings(C1, P2, ReadingKind.HR)
    assert len(reader.readings(C1, P1, ReadingKind.HR)) == 50
    [answer] = finish(writer, wish())
    assert answer == CommandAnswer(id=CommandId("x1"))
    assert reader.readings(C1, P1, ReadingKind.HR) == ()
    assert reader.readings(C1, P2, ReadingKind.HR) == before
    assert [one.alarm.participant for one in reader.alarm_events(C1)] == ["p2"]
    assert [one.id for one in reader.entries(C1)] == ["e2", "e3"]
    assert [one.alarm_id for one in reader.courses(C1)] == ["a1", "lost-1"]
    assert all(len(one.entries) == 1 for one in reader.rosters(C1))
    [entry] = reader.journal(from_utc_ms=UtcMs(0), to_utc_ms=NOW_UTC_MS)
    assert [type(one) for one in entry.events] == [Checkpoint, RosterNoted, Ticked]
    counted = writer.connection.execute("SELECT count(*) FROM reading").fetchall()[0][0]
    assert counted == 150
    assert traces(tmp_path, "p1") == {"command": 1, "erased": 1, "erased_worn": 1}


@pytest.mark.usefixtures("class_of_two")
def test_what_comes_late_of_a_forgotten_person_is_forgotten_on_arrival(  # noqa: PLR0917 - fixtures
    writer: RecordWriter,
    reader: RecordReader,
    store: Callable[..., Committed],
    store_roster: Callable[..., None],
    roster: Callable[..., Roster],
    hr: Callable[..., HeartRateReading],
    tmp_path: Path,
) -> None:
    finish(writer, wish())
    batch = Batch()
    batch.events.append(HeardEvent(ANALYSIS, event(2, "p1"), NOW_UTC_MS))
    batch.add_command(note("e9", P1), answer=None)
    batch.add_command(course("a2", P1), answer=None)
    committed = store(hr(0, run="a2", sensor="s-1", mono_ms=2_000), batch=batch, late=True)
    assert [one.streams[0].seq for one in committed.moved if one.run == "a2"] == [0], "its outbox may forget it"
    store(hr(0, run="a3", sensor="s-1", mono_ms=60_000), late=True)
    store_roster(roster(("p1", "s-1", 0, 50), ("p2", "s-1", 50, 100), version=3, ended_s=100))
    assert len(reader.readings(C1, P2, ReadingKind.HR)) == 51
    assert [one.alarm.participant for one in reader.alarm_events(C1)] == ["p2"]
    assert traces(tmp_path, "p1").keys() == {"command", "erased", "erased_worn"}


@pytest.mark.usefixtures("class_of_two")
def test_a_person_in_an_open_class_is_not_forgotten_and_the_answer_says_why(
    writer: RecordWriter, store_roster: Callable[..., None], roster: Callable[..., Roster]
) -> None:
    store_roster(roster(("p1", "s-1", 200, None), session="c2"))
    [answer] = finish(writer, wish())
    assert not answer.accepted
    assert "c2" in answer.reason


@pytest.mark.usefixtures("class_of_two")
def test_the_same_wish_is_answered_again_and_done_once(writer: RecordWriter) -> None:
    finish(writer, wish())
    changes = writer.connection.total_changes()
    assert finish(writer, wish()) == [CommandAnswer(id=CommandId("x1"))]
    assert writer.connection.total_changes() - changes <= 1


_KILLED = """
import sys
from pathlib import Path
from ingest.store import erasure
from ingest.store.batch import Batch, HeardErasure
from ingest.store.writer import RecordWriter
erasure.ROWS_MAX = 3
writer = RecordWriter(Path(sys.argv[1]))
batch = Batch()
batch.erasures.append(HeardErasure("p1", "x1", "ann"))
print("begins", flush=True)
while writer.store(batch, now_utc_ms=1_800_090_000_000).is_busy:
    batch = Batch()
    print("piece", flush=True)
print("done", flush=True)
"""


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("class_of_two")
def test_an_erasure_that_is_killed_goes_on_until_it_is_done(
    writer: RecordWriter, reader: RecordReader, tmp_path: Path
) -> None:
    before = reader.readings(C1, P2, ReadingKind.HR)
    writer.close()
    reader.close()
    pieces = 0
    for killed_after in (1, 2, 5, 3, None):
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(tmp_path / "record.db")],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdout is not None
        here = 0
        for line in process.stdout:
            here += line == "piece\n"
            if here == killed_after:
                process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        pieces += here
        assert killed_after is not None or process.returncode == 0
    assert pieces > 11
    assert traces(tmp_path, "p1").keys() <= {"erased", "erased_worn", "command"}
    assert RecordReader(tmp_path / "record.db").readings(C1, P2, ReadingKind.HR) == before


@pytest.mark.usefixtures("class_of_two")
def test_old_readings_go_by_rule_and_the_class_stays(
    writer: RecordWriter,
    reader: RecordReader,
    tmp_path: Path,
) -> None:
    writer.close()
    day = retention.DAY_MS
    keeping = RecordWriter(tmp_path / "record.db", keeping=Keeping(readings_days=2))
    while keeping.store(Batch(), now_utc_ms=UtcMs(T0_UTC_MS + 2 * day)).is_busy:
        continue
    assert len(reader.readings(C1, P1, ReadingKind.HR)) == 50, "not yet so old"
    while keeping.store(Batch(), now_utc_ms=UtcMs(T0_UTC_MS + 2 * day + 4 * retention.LOOK_EACH_MS)).is_busy:
        continue
    assert reader.readings(C1, P1, ReadingKind.HR) == ()
    assert reader.journal(from_utc_ms=UtcMs(0), to_utc_ms=NOW_UTC_MS) == ()
    assert len(reader.alarm_events(C1)) == 2
    assert reader.counts()[retention.READINGS_BEFORE] == T0_UTC_MS + 4 * retention.LOOK_EACH_MS
    keeping.close()


@pytest.mark.usefixtures("class_of_two")
def test_old_classes_go_by_rule(writer: RecordWriter, reader: RecordReader, tmp_path: Path) -> None:
    writer.close()
    keeping = RecordWriter(tmp_path / "record.db", keeping=Keeping(sessions_days=30))
    while keeping.store(Batch(), now_utc_ms=UtcMs(T0_UTC_MS + 31 * retention.DAY_MS)).is_busy:
        continue
    assert reader.session(C1) is None
    assert "command" not in traces(tmp_path, "p1")
    assert traces(tmp_path, "c1") == {}
    keeping.close()


def test_a_piece_is_small_enough_for_the_second_between_two_commits(  # noqa: PLR0917 - fixtures
    writer: RecordWriter,
    store: Callable[..., Committed],
    store_roster: Callable[..., None],
    roster: Callable[..., Roster],
    hr: Callable[..., HeartRateReading],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(erasure, "ROWS_MAX", 40)
    store_roster(roster(("p1", "s-1", 0, 100), ended_s=100), final=True)
    store(*(hr(seq, sensor="s-1") for seq in range(100)))
    left = []
    committed = writer.store(wish(), now_utc_ms=NOW_UTC_MS)
    while committed.is_busy:
        left.append(writer.connection.execute("SELECT count(*) FROM reading").fetchall()[0][0])
        committed = writer.store(Batch(), now_utc_ms=NOW_UTC_MS)
    assert left[:3] == [60, 20, 0]


@pytest.mark.usefixtures("class_of_two")
def test_a_course_is_told_with_its_class_however_often_it_came(
    writer: RecordWriter, reader: RecordReader, store: Callable[..., Committed]
) -> None:
    again = Batch()
    again.add_command(course("a1", P2), answer=None)
    store(batch=again)
    told = reader.courses(C1)
    assert [one.alarm_id for one in told] == ["a0", "a1", "lost-1"]
    assert [one.staff for one in told[1].attempts] == ["ann"]
    assert reader.courses(SessionId("c2")) == ()
    assert reader.counts()["rows_course"] == 3
    assert query(writer.connection, "SELECT 1 FROM command WHERE verb = 'record_course'") == []


def test_the_wish_itself_can_be_decoded_from_the_record(writer: RecordWriter) -> None:
    finish(writer, wish())
    [(body,)] = query(writer.connection, "SELECT body FROM command")
    assert msgspec.json.decode(body, type=EraseParticipant).participant == "p1"
