import asyncio
import contextlib
import random
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from tests.outbox_writer import OutboxWriter
from tests.peers import Mosquitto, Wire, until
from tests.vitals.listener import bus
from tests.vitals.small_store import SmallStore
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.database import open_database
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.outbox_sender import RESENT_AHEAD_MAX, OutboxSender
from vitals.readings import HeartRateReading, Quality, RunId
from vitals.runs import new_run_id
from vitals.sensors import SensorId
from vitals.store import StoreCursor, StreamCursor
from vitals.topics import CursorTopic, ReadingTopic
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]

SOURCE = "g1"
SUBJECTS = ("s-a", "s-b", "s-c")
SECOND = 1_000
DAY = 86_400 * SECOND


class Gateway:
    """A source of readings as the gateway will be: an outbox, its writer, its sender."""

    def __init__(self, path: Path, bus: Bus, *, boot: str | None = None) -> None:
        self.clock = Clock()
        self.run_id = new_run_id()
        self.bus = bus
        self.connection = open_database(path, migrations=[OUTBOX_SCHEMA])
        self.store = OutboxStore(
            self.connection,
            source=SOURCE,
            run=self.run_id,
            bytes_max=64 * 1_048_576,
            age_ms_max=7 * DAY,
            clock=self.clock,
            sends_before_commit=True,
            boot=boot,
        )
        self.writer = OutboxWriter(store=self.store, connection=self.connection, path=path)
        self.sender = OutboxSender(store=self.store, bus=bus, site="gym", source=SOURCE, clock=self.clock)

    def say(self, subject: str, *, mono_ms: int | None = None) -> int:
        seq = self.store.reserve(subject, "hr")
        heard_ms = self.clock.mono_ms() if mono_ms is None else mono_ms
        reading = HeartRateReading(
            run=self.run_id,
            sensor=SensorId(subject),
            seq=seq,
            mono_ms=type(self.clock.mono_ms())(heard_ms),
            quality=Quality.GOOD,
            hr_bpm=70 + seq % 100,
        )
        topic = str(ReadingTopic(site="gym", gateway=SOURCE, sensor=subject, kind="hr"))
        self.store.put(topic=topic, subject=subject, kind="hr", seq=seq, body=encode(reading), mono_ms=heard_ms)
        return seq

    async def say_for(self, seconds: float, *, per_s: int) -> None:
        end_s = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end_s:
            for subject in SUBJECTS:
                self.say(subject)
            await asyncio.sleep(len(SUBJECTS) / per_s)


@contextlib.asynccontextmanager
async def running(*jobs: object) -> AsyncIterator[None]:
    """Run the ``run`` of each job until the end of the block."""
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(job.run()) for job in jobs]  # type: ignore[attr-defined]
        yield
        for task in started:
            task.cancel()


async def test_without_faults_each_reading_comes_once_and_in_order(broker: Mosquitto, tmp_path: Path) -> None:
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        gateway = Gateway(tmp_path / "outbox.db", out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        await until(lambda: out.connected and back.connected)
        async with running(gateway.writer, gateway.sender, store):
            await gateway.say_for(5.0, per_s=300)
            await until(lambda: gateway.store.unconfirmed == 0)
        order = store.connection.execute("SELECT subject, seq FROM heard ORDER BY rowid").fetchall()
    for subject in SUBJECTS:
        seqs = [seq for found, seq in order if found == subject]
        assert seqs == list(range(gateway.store.reserve(subject, "hr")))
    assert store.seen == len(order), "nothing came twice"
    assert gateway.sender.counters["resent"] == 0
    gateway.connection.close()


# Hazard b: what is in flight at the kill of the broker.


async def test_nothing_is_lost_when_the_broker_is_killed(broker: Mosquitto, tmp_path: Path) -> None:
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        gateway = Gateway(tmp_path / "outbox.db", out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        await until(lambda: out.connected and back.connected)
        async with running(gateway.writer, gateway.sender, store):
            for _ in range(3):
                await gateway.say_for(1.0, per_s=300)
                broker.kill()
                await gateway.say_for(0.5, per_s=300)
                broker.start()
                await until(lambda: back.connected)
            await gateway.say_for(1.0, per_s=300)
            await until(lambda: gateway.store.unconfirmed == 0, within_s=40)
        stored = store.stored()
    for subject in SUBJECTS:
        told = gateway.store.reserve(subject, "hr")
        assert [seqs for key, seqs in stored.items() if key.subject == subject] == [set(range(told))]
    assert gateway.store.dropped == 0
    assert gateway.store.extents() == ()
    gateway.connection.close()


async def test_first_deliveries_keep_their_order_when_the_source_is_cut_off(broker: Mosquitto, tmp_path: Path) -> None:
    async with (
        Wire(broker.port) as wire,
        bus(broker, "s") as back,
        Bus(url=wire.url, client_id="g", clock=Clock()) as out,
    ):
        gateway = Gateway(tmp_path / "outbox.db", out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        await until(lambda: out.connected and back.connected)
        async with running(gateway.writer, gateway.sender, store):
            for _ in range(4):
                await gateway.say_for(1.0, per_s=600)
                wire.cut()
                await gateway.say_for(0.7, per_s=600)
                wire.mend()
                await until(lambda: out.connected)
            await until(lambda: gateway.store.unconfirmed == 0, within_s=40)
        order = store.connection.execute("SELECT subject, seq FROM heard ORDER BY rowid").fetchall()
        gateway.connection.close()
    for subject in SUBJECTS:
        seqs = [seq for found, seq in order if found == subject]
        assert seqs == list(range(gateway.store.reserve(subject, "hr")))


# Hazard e: a PUBACK proves nothing.


async def test_nothing_is_lost_when_the_store_is_killed_at_any_time(broker: Mosquitto, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    path = tmp_path / "store.db"

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, str(Path(__file__).parent / "small_store.py"), broker.url, str(path), SOURCE
        )

    async with bus(broker, "g") as out:
        gateway = Gateway(tmp_path / "outbox.db", out)
        await until(lambda: out.connected)
        process = await start()
        try:
            async with running(gateway.writer, gateway.sender):
                for _ in range(4):
                    await gateway.say_for(chance.uniform(0.5, 2.0), per_s=300)
                    process.kill()
                    await process.wait()
                    await gateway.say_for(chance.uniform(0.0, 0.5), per_s=300)
                    process = await start()
                await until(lambda: gateway.store.unconfirmed == 0, within_s=60)
        finally:
            process.kill()
            await process.wait()
    sent, resent = gateway.sender.counters["sent"], gateway.sender.counters["resent"]
    assert resent > 0, "the kills lost something that had its PUBACK"
    found = sqlite3.connect(path).execute("SELECT subject, seq FROM heard").fetchall()
    assert len(found) == sent
    for subject in SUBJECTS:
        assert sorted(seq for one, seq in found if one == subject) == list(range(gateway.store.reserve(subject, "hr")))
    gateway.connection.close()


async def test_an_earlier_run_is_delivered_and_then_forgotten(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    async with bus(broker, "never entered twice") as out, bus(broker, "s") as back:
        earlier = Gateway(path, out)
        for _ in range(50):
            earlier.say("s-a")
        earlier.writer.write()
        earlier.connection.close()
        later = Gateway(path, out)
        assert [(one.run, one.first, one.last, one.ended) for one in later.store.extents()] == [
            (earlier.run_id, 0, 49, True)
        ]
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        async with running(later.writer, later.sender, store):
            await until(lambda: later.store.unconfirmed == 0)
            await until(lambda: later.store.extents() == ())
            await until(lambda: later.store.size == 0)
        assert {key.run: len(seqs) for key, seqs in store.stored().items()} == {earlier.run_id: 50}
        later.connection.close()


async def test_a_new_reading_never_waits_behind_the_backlog(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        earlier = Gateway(path, out)
        for _ in range(20_000):
            earlier.say("s-a")
        earlier.writer.write()
        earlier.connection.close()
        later = Gateway(path, out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        await until(lambda: out.connected and back.connected)
        async with running(later.writer, later.sender, store):
            await until(lambda: store.seen > 500)
            before = store.seen
            later.say("s-b")
            await until(lambda: any(reading.sensor == "s-b" for reading, _ in store.fresh) or _has(store, "s-b"))
            assert store.seen - before < 5_000
            assert later.store.unconfirmed > 5_000, "the backlog is still long"
        later.connection.close()


def _has(store: SmallStore, subject: str) -> bool:
    return any(key.subject == subject for key in store.stored())


async def test_a_store_that_confirms_nothing_is_not_flooded(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        earlier = Gateway(path, out)
        for _ in range(RESENT_AHEAD_MAX + 3_000):
            earlier.say("s-a")
        earlier.writer.write()
        earlier.connection.close()
        later = Gateway(path, out)
        later.sender._clock = Clock(rate=20.0, anchor_mono_ms=0, anchor_utc_ms=0)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back, confirms=False)
        await until(lambda: out.connected and back.connected)
        async with running(later.writer, later.sender, store):
            await until(lambda: later.sender.counters["resent"] == RESENT_AHEAD_MAX, within_s=40)
            await asyncio.sleep(0.1)
            assert later.sender.counters["resent"] == RESENT_AHEAD_MAX
        later.connection.close()


async def test_a_slow_store_is_sent_no_more_than_it_has_confirmed(broker: Mosquitto, tmp_path: Path) -> None:
    """What it has not read stands in the broker's queue, and every live reading behind that."""
    path = tmp_path / "outbox.db"
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        earlier = Gateway(path, out)
        for _ in range(RESENT_AHEAD_MAX + 3_000):
            earlier.say("s-a")
        earlier.writer.write()
        earlier.connection.close()
        later = Gateway(path, out)
        await until(lambda: out.connected and back.connected)
        async with running(later.writer, later.sender):
            await until(lambda: later.sender.counters["resent"] == RESENT_AHEAD_MAX, within_s=40)
            cursor = StoreCursor(
                store_run=RunId("store"),
                source=SOURCE,
                run=earlier.run_id,
                streams=(StreamCursor(subject="s-a", kind="hr", seq=99),),
            )
            back.set_retained(str(CursorTopic(site="gym", source=SOURCE, run=earlier.run_id)), encode(cursor))
            await until(lambda: later.sender.counters["resent"] == RESENT_AHEAD_MAX + 100)
            await asyncio.sleep(0.5)
            assert later.sender.counters["resent"] == RESENT_AHEAD_MAX + 100
        later.connection.close()


async def test_the_age_of_a_reading_travels_with_it(broker: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        before = Gateway(path, out, boot="boot one")
        before.say("s-a", mono_ms=before.clock.mono_ms() - 60 * SECOND)
        before.writer.write()
        before.connection.close()
        after = Gateway(path, out, boot="boot two")
        after.say("s-b", mono_ms=after.clock.mono_ms() - 5 * SECOND)
        async with running(after.writer, after.sender, store):
            await until(lambda: after.store.unconfirmed == 0)
        ages_ms = dict(store.connection.execute("SELECT subject, age_ms FROM heard").fetchall())
        after.connection.close()
    assert 60 * SECOND <= ages_ms["s-a"] < 75 * SECOND
    assert 5 * SECOND <= ages_ms["s-b"] < 20 * SECOND


async def test_what_the_broker_swallowed_of_one_stream_is_sent_again(broker: Mosquitto, tmp_path: Path) -> None:
    """The cursor of one stream stands still while the others move on."""
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        gateway = Gateway(tmp_path / "outbox.db", out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back)
        swallowed = store.swallowed
        store.swallows_seq = 7
        await until(lambda: out.connected and back.connected)
        async with running(gateway.writer, gateway.sender, store):
            await gateway.say_for(1.0, per_s=300)
            await until(lambda: swallowed)
            async with asyncio.TaskGroup() as tasks:
                talking = tasks.create_task(gateway.say_for(60.0, per_s=30))
                key = next(key for key in store.stored() if key.subject in swallowed[0])
                await until(lambda: 7 in store.stored()[key], within_s=30)
                talking.cancel()
        assert gateway.sender.counters["resent"] < 500, "only the stream that stood still"
        gateway.connection.close()


async def test_a_full_disk_stops_no_reading_and_is_said_once(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bus(broker, "g") as out, bus(broker, "s") as back:
        gateway = Gateway(tmp_path / "outbox.db", out)
        store = SmallStore(str(tmp_path / "store.db"), SOURCE, back, confirms=False)
        await until(lambda: out.connected and back.connected)
        _limit(gateway.connection, gateway.connection.execute("PRAGMA page_count").fetchall()[0][0])
        async with running(gateway.writer, gateway.sender, store):
            for _ in range(300):
                gateway.say("s-a")
            await until(lambda: store.seen >= 300)
            await until(lambda: "disk is full" in gateway.writer.problem)
            assert gateway.store.unconfirmed == 300
            _limit(gateway.connection, 1_000_000)
            await until(lambda: not gateway.writer.problem)
            store.confirms = True
            await until(lambda: gateway.store.unconfirmed == 0, within_s=30)
        gateway.connection.close()
    said = [record.getMessage() for record in caplog.records if "outbox not written" in record.getMessage()]
    assert len(said) == 1
    assert str(tmp_path / "outbox.db") in said[0]


def _limit(connection: apsw.Connection, pages: object) -> None:
    connection.execute(f"PRAGMA max_page_count={pages}").fetchall()


def test_a_cursor_of_another_source_or_of_a_forgotten_run_moves_nothing(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "outbox.db", migrations=[OUTBOX_SCHEMA])
    store = OutboxStore(connection, source=SOURCE, run=RunId("r"), bytes_max=10**6, age_ms_max=DAY, clock=Clock())
    store.put(topic="t", subject="s", kind="hr", seq=0, body=b"{}", mono_ms=0)
    with pytest.raises(ValueError, match="seq 5 follows 0"):
        store.put(topic="t", subject="s", kind="hr", seq=5, body=b"{}", mono_ms=0)
    assert store.unconfirmed == 1
    connection.close()
