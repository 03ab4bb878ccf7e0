"""What the tests of the part use: an ingest process to be killed, and a source that sends until the store has it."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.errors import PeerError
from vitals.parts import PartStatus
from vitals.readings import HeartRateReading, Quality, ReadingMessage, RunId
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
url, data, rate = sys.argv[1:]
asyncio.run(run(Settings(
    broker=url, data=Path(data), mode="test", clock_rate=float(rate), ingest=IngestSettings(commit_s=0.2)
)))
"""


class IngestProcess:
    """The part in a process of its own."""

    def __init__(self, url: str, folder: Path, *, rate: float = 1.0) -> None:
        self._command = [sys.executable, "-c", _PROGRAM, url, str(folder), str(rate)]
        self._log = folder / "ingest.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=Path(__file__).resolve().parents[2]
            )

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def log(self) -> str:
        return self._log.read_text()


class Source:
    """A gateway's outbox in miniature: it keeps every reading and sends again what the cursor does not cover."""

    def __init__(self, bus: Bus, *, run: str, sensors: tuple[str, ...] = ("s-1", "s-2", "s-3")) -> None:
        self._bus = bus
        self._sensors = sensors
        self.run_id = RunId(run)
        self.rows: dict[str, list[bytes]] = {sensor: [] for sensor in sensors}
        self.cursor: dict[str, int] = dict.fromkeys(sensors, -1)
        self._told_s = time.monotonic()
        self.sent = 0
        self.is_overstated = False
        """Whether the store ever confirmed what was not sent."""
        bus.subscribe(str(CursorTopic(site="gym", source="g1", run=run)), self._hear)

    def _hear(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        cursor: StoreCursor = decode(incoming.payload, StoreCursor, place=incoming.topic)
        for stream in cursor.streams:
            self.is_overstated |= stream.seq >= len(self.rows[stream.subject])
            self.cursor[stream.subject] = stream.seq
        self._told_s = time.monotonic()

    def make(self, sensor: str) -> tuple[str, bytes]:
        seq = len(self.rows[sensor])
        now_ms = Clock().mono_ms()
        reading = HeartRateReading(
            run=self.run_id,
            sensor=SensorId(sensor),
            seq=seq,
            mono_ms=now_ms,
            quality=Quality.GOOD,
            hr_bpm=60 + seq % 100,
            rr_ms=(1000 * (500 + seq % 500) / 1024,),
        )
        body = encode(ReadingMessage(sent_mono_ms=now_ms, body=reading))
        self.rows[sensor].append(body)
        return self.topic(sensor), body

    def topic(self, sensor: str) -> str:
        return str(ReadingTopic(site="gym", gateway="g1", sensor=sensor, kind="hr"))

    async def speak(self, *, rounds: int, pause_s: float = 0.01) -> None:
        for _ in range(rounds):
            for sensor in self._sensors:
                await self._publish(*self.make(sensor))
            await asyncio.sleep(pause_s)

    async def resend(self) -> None:
        """Send again whatever the store has not confirmed for a second; until cancelled."""
        while True:
            if time.monotonic() - self._told_s > 1.0:
                for sensor, rows in self.rows.items():
                    for body in rows[self.cursor[sensor] + 1 :][:200]:
                        await self._publish(self.topic(sensor), body)
                self._told_s = time.monotonic()
            await asyncio.sleep(0.05)

    def moved_beyond(self, before: dict[str, int]) -> Callable[[], bool]:
        """Return the condition that every cursor has moved since ``before``."""
        return lambda: all(self.cursor[sensor] > seq for sensor, seq in before.items())

    def is_stored(self) -> bool:
        return all(self.cursor[sensor] == len(rows) - 1 for sensor, rows in self.rows.items())

    async def _publish(self, topic: str, body: bytes) -> None:
        self.sent += 1
        with contextlib.suppress(PeerError):
            await self._bus.publish(topic, body)


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
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.02)
