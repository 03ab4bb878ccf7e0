"""A stage for tests of the whole gateway: a room with sensors, a real broker, and somebody who hears everything."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from cli.broker import free_port
from gateway.service import run
from simulators.sensors.peripheral import Peripheral
from tests.ble_room import Room, open_room
from tests.peers import Mosquitto
from vitals.bus import Bus, Incoming
from vitals.clock import Clock, open_clock
from vitals.deadline import deadline
from vitals.parts import PartState, PartStatus
from vitals.readings import Reading, ReadingKind, ReadingMessage, kind_of
from vitals.sensors import (
    Anchors,
    GatewayId,
    Nearby,
    SensorId,
    SensorKind,
    SensorState,
    SensorStatus,
    mint_sensor_id,
)
from vitals.sessions import Assignments, GatewayAssignment, GenerationMode
from vitals.settings import GatewaySettings, Settings
from vitals.site_key import open_site_key
from vitals.topics import AnchorTopic, AssignmentsTopic, NearbyTopic, ReadingTopic, StatusTopic, parse_topic
from vitals.wire import decode, encode

BOUND_S = 30.0

RUN_IN_A_PROCESS = """
import asyncio, resource, sys
from gateway.service import run
from vitals.settings import Settings
if int(sys.argv[2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
asyncio.run(run(Settings.model_validate_json(sys.argv[1])))
"""


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition holds; fail, with what was waited for, if it takes far too long."""
    try:
        async with deadline(BOUND_S):
            while not condition():  # noqa: ASYNC110 - the conditions are plain attributes of real peers
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"never happened: {what or condition}") from None


class Listener:
    """Hears everything that a gateway says."""

    def __init__(self) -> None:
        self.payloads: list[tuple[str, bytes]] = []
        self.messages: list[ReadingMessage] = []
        self.statuses: list[PartStatus] = []
        self.nearby: Nearby | None = None
        self.anchors: dict[str, Anchors] = {}

    def hear(self, incoming: Incoming) -> None:
        self.payloads.append((incoming.topic, incoming.payload))
        match parse_topic(incoming.topic):
            case ReadingTopic():
                self.messages.append(decode(incoming.payload, ReadingMessage, place=incoming.topic))
            case StatusTopic():
                self.statuses.append(decode(incoming.payload, PartStatus, place=incoming.topic))
            case NearbyTopic():
                self.nearby = decode(incoming.payload, Nearby, place=incoming.topic)
            case AnchorTopic(run=run) if incoming.payload:
                self.anchors[run] = decode(incoming.payload, Anchors, place=incoming.topic)
            case _:
                pass

    @property
    def status(self) -> PartStatus | None:
        return self.statuses[-1] if self.statuses else None

    @property
    def is_up(self) -> bool:
        return self.status is not None and self.status.state is PartState.UP

    def sensor(self, sensor: SensorId) -> SensorStatus | None:
        sensors = () if self.status is None else self.status.sensors
        return next((one for one in sensors if one.sensor == sensor), None)

    def state(self, sensor: SensorId) -> SensorState | None:
        status = self.sensor(sensor)
        return None if status is None else status.state

    def has_been(self, sensor: SensorId, state: SensorState, *, since: int) -> bool:
        """Tell whether a heartbeat after the first so many told this state, however soon the next one took it back."""
        said = (one for status in self.statuses[since:] for one in status.sensors)
        return any((one.sensor, one.state) == (sensor, state) for one in said)

    def readings(self, sensor: SensorId, kind: ReadingKind = ReadingKind.HR) -> list[Reading]:
        """Readings of one stream kind, each (run, seq) once, in order of arrival."""
        found: dict[tuple[str, int], Reading] = {}
        for message in self.messages:
            reading = message.body
            if reading.sensor == sensor and kind_of(reading) is kind:
                found.setdefault((reading.run, reading.seq), reading)
        return list(found.values())

    def raws(self, sensor: SensorId, kind: ReadingKind = ReadingKind.HR) -> list[bytes]:
        return [bytes.fromhex(reading.raw_hex) for reading in self.readings(sensor, kind)]


class Stage:
    """One gateway's world."""

    def __init__(self, room: Room, broker: Mosquitto, settings: Settings) -> None:
        self.room = room
        self.broker = broker
        self.settings = settings
        self.clock: Clock = open_clock(rate=settings.clock_rate, mode=settings.mode)
        self.key = open_site_key(settings.site_key_file)
        self.heard = Listener()
        self.bus = Bus(url=settings.broker, client_id="listener", clock=self.clock)
        self.bus.subscribe(f"vitals/v1/{settings.site}/#", self.heard.hear)
        self._version = 0

    def id_of(self, peripheral: Peripheral) -> SensorId:
        return mint_sensor_id(self.key, peripheral.address)

    def assign(self, *sensors: tuple[Peripheral, SensorKind], gateway: str = "g1") -> None:
        self._version += 1
        assignments = Assignments(
            gateway=GatewayId(gateway),
            version=self._version,
            sensors=tuple(GatewayAssignment(sensor=self.id_of(one), kind=kind) for one, kind in sensors),
        )
        self.bus.set_retained(str(AssignmentsTopic(site="gym", gateway=gateway)), encode(assignments))

    def assign_straps(self) -> list[SensorId]:
        """Assign all straps of the room and return their ids."""
        self.assign(*((strap.peripheral, SensorKind.STRAP) for strap in self.room.straps))
        return [self.id_of(strap.peripheral) for strap in self.room.straps]

    async def streaming(self, *sensors: SensorId) -> None:
        await until(
            lambda: all(self.heard.state(sensor) is SensorState.STREAMING for sensor in sensors),
            f"{len(sensors)} sensors streaming",
        )

    @asynccontextmanager
    async def gateway(self, settings: Settings | None = None) -> AsyncIterator[None]:
        """The gateway inside this process; cancelled at the end, as the command line does on SIGTERM."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(settings or self.settings), name="test.gateway")
            try:
                yield
            finally:
                task.cancel()

    @contextmanager
    def gateway_process(self, *, file_bytes_max: int = 0) -> Iterator[subprocess.Popen[bytes]]:
        """The gateway in a process of its own, so that it can be killed."""
        command = [sys.executable, "-c", RUN_IN_A_PROCESS, self.settings.model_dump_json(), str(file_bytes_max)]
        root = Path(__file__).resolve().parents[2]
        with subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}) as process:
            try:
                yield process
            finally:
                process.kill()

    @asynccontextmanager
    async def beating(self, *, period_s: float = 0.05) -> AsyncIterator[dict[SensorId, list[bytes]]]:
        """All straps of the room notify; gives the bytes that were taken by a subscriber, by sensor."""
        sent: dict[SensorId, list[bytes]] = {self.id_of(strap.peripheral): [] for strap in self.room.straps}

        async def beat() -> None:
            number = 0
            while True:
                for strap in self.room.straps:
                    # Two intervals in each notification; the number makes each of them different.
                    raw = bytes([0x16, 60 + number % 100]) + number.to_bytes(2, "little") + b"\x00\x04"
                    if await strap.notify_raw(raw):
                        sent[self.id_of(strap.peripheral)].append(raw)
                number += 1
                await asyncio.sleep(period_s)

        async with asyncio.TaskGroup() as group:
            task = group.create_task(beat(), name="test.beat")
            try:
                yield sent
            finally:
                task.cancel()


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    straps: int = 0,
    rate: float = 1.0,
    slots: int = 32,
    radios: int = 1,
    with_broker: bool = True,
    **gateway: object,
) -> AsyncIterator[Stage]:
    """A room, a broker and a listener; ``gateway`` are settings of the gateway's section."""
    broker = Mosquitto(folder)
    if with_broker:
        broker.start()
    try:
        async with open_room(straps=straps, rate=rate) as room:
            specs = [f"bumble:tcp-client:127.0.0.1:{room.port}?slots={slots}"]
            while len(specs) < radios:
                specs.append(f"bumble:tcp-client:127.0.0.1:{await room.server.listen_tcp()}?slots={slots}")
            settings = Settings(
                broker=broker.url,
                data=folder / "data",
                mode=GenerationMode.TEST,
                clock_rate=rate,
                gateway=GatewaySettings.model_validate({"radios": tuple(specs), **gateway}),
            )
            stage = Stage(room, broker, settings)
            async with stage.bus:
                yield stage
    finally:
        broker.kill()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a gateway as the kernel does when memory is short."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def unused_radio() -> str:
    """A spec of a radio that is not there."""
    return f"bumble:tcp-client:127.0.0.1:{free_port()}"
