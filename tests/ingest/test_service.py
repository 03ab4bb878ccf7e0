"""The part with a real broker: killed, starved of disk, fed with nonsense; and the record holds everything once."""

import asyncio
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from ingest.service import run
from ingest.store.query import query
from ingest.store.reader import RecordReader
from tests.ingest.peers import IngestProcess, Source, Watch, until
from tests.peers import Mosquitto
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.commands import Command, CommandId, RecordSession
from vitals.database import open_database, open_reader
from vitals.errors import StorageError, StorageReason
from vitals.parts import Part, PartState, PartStatus, StreamExtent
from vitals.readings import HeartRateReading, ReadingMessage, RunId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.settings import IngestSettings, Settings
from vitals.store import StoreCursor
from vitals.topics import CommandTopic, CursorTopic, ReadingTopic, StatusTopic
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


@pytest.fixture
def ingest(broker: Mosquitto, tmp_path: Path) -> Iterator[IngestProcess]:
    ingest = IngestProcess(broker.url, tmp_path)
    yield ingest
    ingest.kill()


@pytest.fixture
async def bus(broker: Mosquitto) -> AsyncIterator[Bus]:
    async with Bus(url=broker.url, client_id="test", clock=Clock()) as bus:
        await until(lambda: bus.connected)
        yield bus


def stored(folder: Path) -> list[tuple[str, int, int]]:
    connection = open_reader(folder / "record.db")
    try:
        return query(
            connection,
            "SELECT subject, seq, hr_bpm FROM reading JOIN stream ON stream.id = reading.stream ORDER BY 1, 2",
        )
    finally:
        connection.close()


def gateway_status(*extents: StreamExtent, run: str) -> bytes:
    return encode(
        PartStatus(
            part=Part.GATEWAY,
            instance="g1",
            run=RunId(run),
            state=PartState.UP,
            generation_mode=GenerationMode.TEST,
            clock_rate=1.0,
            mono_ms=MonotonicMs(1),
            utc_ms=UtcMs(1),
            extents=extents,
        )
    )


GATEWAY_STATUS = str(StatusTopic(site="gym", part="gateway", instance="g1"))


async def test_every_reading_is_stored_once_though_ingest_is_killed_five_times(
    bus: Bus, ingest: IngestProcess, tmp_path: Path
) -> None:
    async with Source(bus, tmp_path, run="a1").running() as source:
        for _ in range(5):
            ingest.start()
            before = dict(source.cursor)
            await source.speak(rounds=40)
            await until(source.moved_beyond(before))
            await source.speak(rounds=20)
            ingest.kill()
            await source.speak(rounds=10)
        ingest.start()
        await until(source.is_stored, within_s=60)
    wanted = [(sensor, seq, 60 + seq % 100) for sensor in ("s-1", "s-2", "s-3") for seq in range(350)]
    assert stored(tmp_path) == wanted
    assert source.resent > 0
    assert not source.is_overstated


async def test_the_cursor_stands_on_the_broker_and_is_told_again_by_a_new_process(
    bus: Bus, ingest: IngestProcess, tmp_path: Path
) -> None:
    watch = Watch(bus)
    async with Source(bus, tmp_path, run="a1").running() as source:
        ingest.start()
        await source.speak(rounds=10)
        await until(source.is_stored)
    before = watch.cursors["a1"]
    ingest.kill()
    ingest.start()
    await until(lambda: watch.cursors["a1"].store_run != before.store_run)
    assert watch.cursors["a1"].streams == before.streams


async def test_a_broker_that_lost_its_memory_is_told_the_cursors_again(
    broker: Mosquitto, bus: Bus, ingest: IngestProcess, tmp_path: Path
) -> None:
    watch = Watch(bus)
    async with Source(bus, tmp_path, run="a1").running() as source:
        ingest.start()
        await source.speak(rounds=5)
        await until(source.is_stored)
    broker.kill()
    watch.cursors.clear()
    broker.start()
    await until(lambda: "a1" in watch.cursors)
    assert all(stream.seq == 4 for stream in watch.cursors["a1"].streams)


async def test_the_cursor_of_a_complete_run_is_taken_from_the_broker(
    broker: Mosquitto, bus: Bus, tmp_path: Path
) -> None:
    fast = IngestProcess(broker.url, tmp_path, rate=20.0)
    try:
        fast.start()
        watch = Watch(bus)
        bus.set_retained(GATEWAY_STATUS, gateway_status(run="a1"))
        async with Source(bus, tmp_path, run="a1").running() as source:
            await source.speak(rounds=5)
            await until(source.is_stored)
        left = StreamExtent(run=RunId("a1"), subject="s-1", kind="hr", first=8, last=7, ended=True)
        bus.set_retained(GATEWAY_STATUS, gateway_status(left, run="b2"))
        await until(lambda: any(stream.seq == 7 for stream in watch.cursors["a1"].streams))
        assert {stream.subject: stream.seq for stream in watch.cursors["a1"].streams} == {"s-1": 7, "s-2": 4, "s-3": 4}
        await until(lambda: "a1" not in watch.cursors)
        await until(lambda: watch.counter("gaps") == 3)
    finally:
        fast.kill()


async def test_a_cursor_that_a_killed_process_left_behind_is_taken_from_the_broker(
    broker: Mosquitto, bus: Bus, tmp_path: Path
) -> None:
    topic = str(CursorTopic(site="gym", source="g9", run="gone"))
    cursor = StoreCursor(store_run=RunId("i0"), source="g9", run=RunId("gone"), streams=())
    await bus.publish(topic, encode(cursor), retain=True)
    watch = Watch(bus)
    await until(lambda: "gone" in watch.cursors)
    fast = IngestProcess(broker.url, tmp_path, rate=20.0)
    try:
        fast.start()
        await until(lambda: "gone" not in watch.cursors)
    finally:
        fast.kill()


async def test_nonsense_is_counted_and_kept_and_stops_nothing(bus: Bus, ingest: IngestProcess, tmp_path: Path) -> None:
    watch = Watch(bus)
    ingest.start()
    await until(lambda: watch.status is not None)
    good = str(ReadingTopic(site="gym", gateway="g1", sensor="s-1", kind="hr"))
    nonsense = [
        (good, b"{"),
        (good, b"\x00" * 900_000),
        (good, b"[1," * 50_000),
        (good, b'{"v":2,"sent_mono_ms":1,"body":{}}'),
        (good + "/more", b"{}"),
        (good.replace("reading", "reading/x"), b"{}"),
        ("vitals/v1/gym/command/nobody/nothing", b"{}"),
        ("vitals/v1/gym/session/c1/roster", b"[]"),
        ("vitals/v1/gym/alarm/event", b"5"),
        ("vitals/v1/gym/analysis/journal", b""),
        ("vitals/v1/gym/gateway/g1/anchor/a1", b"{}"),
        ("vitals/v1/gym/part/gateway/g1/status", b"{}"),
    ]
    for topic, payload in nonsense:
        await bus.publish(topic, payload)
    async with Source(bus, tmp_path, run="a1", sensors=("s-1",)).running() as source:
        await source.speak(rounds=5)
        await until(lambda: source.is_stored() and watch.counter("refused") == len(nonsense))
    assert watch.counter("stored") == 5
    assert watch.status is not None
    assert not watch.status.problems
    reader = RecordReader(tmp_path / "record.db")
    assert reader.counts()["rows_refused"] == len(nonsense)
    reader.close()


async def test_a_recorded_session_is_answered_when_it_is_in_the_record(
    bus: Bus, ingest: IngestProcess, tmp_path: Path, roster: Callable[..., Roster]
) -> None:
    watch = Watch(bus)
    ingest.start()
    final = roster(("p1", "s-1", 0, 60), version=4, ended_s=60)
    command = Command(
        id=CommandId("k1"),
        owner="ingest",
        by="desk",
        at_utc_ms=UtcMs(1),
        body=RecordSession(session=SessionId("c1"), roster=final),
    )
    topic = str(CommandTopic(site="gym", owner="ingest", verb="record_session"))
    while watch.status is None or not watch.status.handled:
        await bus.publish(topic, encode(command))
        await asyncio.sleep(0.2)
    [answer] = watch.status.handled
    assert (answer.id, answer.accepted) == ("k1", True)
    reader = RecordReader(tmp_path / "record.db")
    session = reader.session(SessionId("c1"))
    assert session is not None
    assert (session.final, session.version, session.ended_utc_ms) == (True, 4, final.ended_utc_ms)
    assert reader.counts()["rows_command"] == 1
    reader.close()


async def test_a_disk_that_takes_nothing_is_said_and_nothing_is_lost(
    bus: Bus, ingest: IngestProcess, tmp_path: Path
) -> None:
    """The operating system itself refuses the process's writes (RLIMIT_FSIZE), and then takes them again."""
    watch = Watch(bus)
    ingest.start()
    async with Source(bus, tmp_path, run="a1").running() as source:
        await source.speak(rounds=5)
        await until(source.is_stored)
        assert ingest.process is not None
        _, hard = resource.prlimit(ingest.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(ingest.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        await source.speak(rounds=200, pause_s=0.005)
        await until(lambda: watch.status is not None and watch.status.problems)
        assert watch.status is not None
        assert watch.status.problems[0].startswith(f"nothing is stored: {tmp_path}/record.db")
        await until(lambda: watch.counter("pending") > 0)
        assert not source.is_stored()
        resource.prlimit(ingest.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        await until(source.is_stored, within_s=60)
    await until(lambda: watch.status is not None and not watch.status.problems)
    assert [row[1] for row in stored(tmp_path)] == [*range(205)] * 3


def service_settings(broker: Mosquitto, folder: Path, *, commit_s: float) -> Settings:
    return Settings(broker=broker.url, data=folder, mode=GenerationMode.TEST, ingest=IngestSettings(commit_s=commit_s))


async def test_what_was_heard_is_stored_when_the_part_is_stopped(
    broker: Mosquitto, bus: Bus, tmp_path: Path, hr: Callable[..., HeartRateReading]
) -> None:
    watch = Watch(bus)
    async with asyncio.TaskGroup() as tasks:
        part = tasks.create_task(run(service_settings(broker, tmp_path, commit_s=3600)), name="ingest[1].run")
        await until(lambda: watch.status is not None)
        body = hr(0, sensor="s-1")
        await bus.publish(
            "vitals/v1/gym/gateway/g1/reading/s-1/hr", encode(ReadingMessage(sent_mono_ms=body.mono_ms, body=body))
        )
        await until(lambda: watch.counter("pending") == 1)
        part.cancel()
    await until(lambda: watch.status is not None and watch.status.state is PartState.STOPPED)
    assert watch.counter("pending") == 0
    await until(lambda: "a1" in watch.cursors)
    assert stored(tmp_path) == [("s-1", 0, 100)]


async def test_a_newer_record_is_refused_before_anything_is_heard(broker: Mosquitto, tmp_path: Path) -> None:
    open_database(tmp_path / "record.db", migrations=["CREATE TABLE x (y)"] * 1 + ["SELECT 1"] * 98).close()
    with pytest.raises(StorageError) as caught:
        await run(service_settings(broker, tmp_path, commit_s=1))
    assert caught.value.reason is StorageReason.NEWER_SCHEMA
