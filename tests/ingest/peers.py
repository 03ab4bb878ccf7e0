"""What the tests of the part use: an ingest process to be killed, and a source that sends until the store has it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self

from tests.killable import Killable
from tests.outbox_writer import OutboxWriter
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.database import open_database
from vitals.deadline import deadline
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.outbox_sender import OutboxSender
from vitals.parts import PartStatus
from vitals.readings import HeartRateReading, Quality, RunId
from vitals.sensors import SensorId
from vitals.store import StoreCursor
from vitals.topics import CursorTopic, ReadingTopic, StatusTopic
from vitals.wire import decode, encode

_PROGRAM = """
import asyncio, logging, sys
from pathlib import Path
from ingest.service import run
from vitals.settings import IngestSettings, Settings
logging.basicConfig(level="INFO")
url, data, rate, influx_url = sys.argv[1:]
asyncio.run(run(Settings(
    broker=url, data=Path(data), mode="test", clock_rate=float(rate),
    ingest=IngestSettings(commit_s=0.2, influx_url=influx_url or None),
)))
"""


class IngestProcess(Killable):
    """The part in a process of its own."""

    def __init__(self, url: str, folder: Path, *, rate: float = 1.0, influx_url: str = "") -> None:
        super().__init__(
            [sys.executable, "-c", _PROGRAM, url, str(folder), str(rate), influx_url], log=folder / "ingest.log"
        )


class Source:
    """A gateway without sensors: the real outbox, which sends until the store has confirmed it."""

    def __init__(self, bus: Bus, folder: Path, *, run: str, sensors: tuple[str, ...] = ("s-1", "s-2", "s-3")) -> None:
        self._clock = Clock()
        path = folder / f"outbox-{run}.db"
        connection = open_database(path, migrations=[OUTBOX_SCHEMA])
        self._outbox = OutboxStore(
            connection,
            source="g1",
            run=RunId(run),
            bytes_max=10**9,
            age_ms_max=10**9,
            clock=self._clock,
            sends_before_commit=True,
        )
        self._writer = OutboxWriter(store=self._outbox, connection=connection, path=path)
        self._sender = OutboxSender(store=self._outbox, bus=bus, site="gym", source="g1", clock=self._clock)
        self._sensors = sensors
        self._run = RunId(run)
        self.count = 0
        """How many readings each sensor has given."""
        self.cursor: dict[str, int] = dict.fromkeys(sensors, -1)
        self.is_overstated = False
        """Whether the store ever confirmed what was not sent."""
        bus.subscribe(str(CursorTopic(site="gym", source="g1", run=run)), self._hear)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._writer.run(), name="source[g1].write"),
                tasks.create_task(self._sender.run(), name="source[g1].send"),
            ]
            yield self
            for task in running:
                task.cancel()

    def _hear(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        cursor: StoreCursor = decode(incoming.payload, StoreCursor, place=incoming.topic)
        for stream in cursor.streams:
            self.is_overstated |= stream.seq >= self.count
            self.cursor[stream.subject] = stream.seq

    def say(self, sensor: str) -> None:
        seq = self._outbox.reserve(sensor, "hr")
        reading = HeartRateReading(
            run=self._run,
            sensor=SensorId(sensor),
            seq=seq,
            mono_ms=self._clock.mono_ms(),
            quality=Quality.GOOD,
            hr_bpm=60 + seq % 100,
            rr_ms=(1000 * (500 + seq % 500) / 1024,),
        )
        self._outbox.put(
            topic=str(ReadingTopic(site="gym", gateway="g1", sensor=sensor, kind="hr")),
            subject=sensor,
            kind="hr",
            seq=seq,
            body=encode(reading),
            mono_ms=reading.mono_ms,
        )

    async def speak(self, *, rounds: int, pause_s: float = 0.01) -> None:
        for _ in range(rounds):
            self.count += 1
            for sensor in self._sensors:
                self.say(sensor)
            await asyncio.sleep(pause_s)

    @property
    def resent(self) -> int:
        return self._sender.counters["resent"]

    def moved_beyond(self, before: dict[str, int]) -> Callable[[], bool]:
        """Return the condition that every cursor has moved since ``before``."""
        return lambda: all(self.cursor[sensor] > seq for sensor, seq in before.items())

    def is_stored(self) -> bool:
        return all(seq == self.count - 1 for seq in self.cursor.values())


class Watch:
    """What ingest says of itself, and every retained cursor as it stands."""

    def __init__(self, bus: Bus) -> None:
        self.status: PartStatus | None = None
        self.cursors: dict[str, StoreCursor] = {}
        bus.subscribe(str(StatusTopic(site="gym", part="ingest", instance="1")), self._hear_status)
        bus.subscribe("vitals/v1/gym/store/cursor/+/+", self._hear_cursor)

    def _hear_status(self, incoming: Incoming) -> None:
        self.status = decode(incoming.payload, PartStatus, place=incoming.topic)

    def _hear_cursor(self, incoming: Incoming) -> None:
        run = incoming.topic.rsplit("/", 1)[1]
        if incoming.payload:
            self.cursors[run] = decode(incoming.payload, StoreCursor, place=incoming.topic)
        else:
            self.cursors.pop(run, None)

    def counter(self, name: str) -> int:
        return 0 if self.status is None else self.status.counters.get(name, 0)


async def until(condition: Callable[[], object], *, within_s: float = 30.0) -> None:
    """Wait for a condition; the bound is for machines that are busy with everything else."""
    async with deadline(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.02)
