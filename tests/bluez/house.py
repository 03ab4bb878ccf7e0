"""The house in the guest: Mosquitto, bluetoothd, the record and the gateway as processes, and an ear at the broker."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import apsw
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.bluez.dongle import ADAPTER
from tests.bluez.ledger import Heard
from tests.bluez.machine import program
from tests.bluez.room import SLOTS, Room, Voice, number_of, open_room
from tests.peers import Mosquitto
from vitals.bus import Bus, Incoming
from vitals.clock import open_clock
from vitals.parts import PartState, PartStatus
from vitals.readings import BatteryReading, ReadingMessage, kind_of
from vitals.sensors import GatewayId, RadioStatus, SensorId, SensorState, mint_sensor_id
from vitals.sessions import Assignments, GatewayAssignment, GenerationMode
from vitals.site_key import open_site_key
from vitals.topics import AssignmentsTopic, ReadingTopic, StatusTopic, topic_filter
from vitals.wire import decode, encode

SITE: Final = "gym"
GATEWAY: Final = "g1"
FOLDER: Final = Path("/run/vitals")
SYSTEM: Final = Path(os.environ.get("WORK", ".bluez")) / "system"
BLUETOOTHD_CONFIG: Final = Path(__file__).parent / "guest/bluetoothd.conf"
GATEWAY_LOG: Final = Path("/dev/ttyS2")
BOUND_S: Final = 90.0
"""For anything that is waited for; the guest's processors are some twenty times slower than this machine's."""
LOOK_S: Final = 0.05


class Ear:
    """Hears what gateway and record say at the broker."""

    def __init__(self, bus: Bus) -> None:
        """Subscribe."""
        self.statuses: list[PartStatus] = []
        self.readings: dict[SensorId, list[Heard]] = {}
        self.keys: set[tuple[str, str, str, int]] = set()
        """Run, sensor, kind and seq of every reading."""
        bus.subscribe(topic_filter(ReadingTopic, site=SITE, gateway=GATEWAY), self._hear_reading)
        bus.subscribe(str(StatusTopic(site=SITE, part="gateway", instance=GATEWAY)), self._hear_status)

    def _hear_reading(self, incoming: Incoming) -> None:
        message: ReadingMessage = decode(incoming.payload, ReadingMessage, place=incoming.topic)
        reading = message.body
        self.keys.add((reading.run, reading.sensor, kind_of(reading), reading.seq))
        if isinstance(reading, BatteryReading):
            return
        heard = Heard(run=reading.run, seq=reading.seq, number=number_of(reading), at_s=time.monotonic())
        self.readings.setdefault(reading.sensor, []).append(heard)

    def _hear_status(self, incoming: Incoming) -> None:
        if incoming.payload:
            self.statuses.append(decode(incoming.payload, PartStatus, place=incoming.topic))

    @property
    def is_up(self) -> bool:
        """Whether the gateway says that it lives."""
        return bool(self.statuses) and self.statuses[-1].state is PartState.UP

    @property
    def run(self) -> str:
        """The gateway's present run."""
        return self.statuses[-1].run if self.statuses else ""

    @property
    def radio(self) -> RadioStatus | None:
        """What the gateway says of its radio."""
        return self.statuses[-1].radios[0] if self.statuses and self.statuses[-1].radios else None

    def count(self, what: str) -> int:
        """Return one of the gateway's counters."""
        return self.statuses[-1].counters.get(what, 0) if self.statuses else 0

    def states(self) -> dict[SensorId, SensorState]:
        """What the gateway says of its sensors."""
        return {one.sensor: one.state for one in self.statuses[-1].sensors} if self.statuses else {}


class House:
    """Everything that a scenario acts on."""

    def __init__(self, room: Room, bus: Bus, broker_url: str) -> None:
        """Take it over; nothing but the broker runs yet."""
        self.room = room
        self.ear = Ear(bus)
        self.data = FOLDER / "data"
        self._bus = bus
        self._broker_url = broker_url
        self._key = open_site_key(self.data / "site.key")
        self._bluetoothd: subprocess.Popen[bytes] | None = None
        self._gateway: subprocess.Popen[bytes] | None = None
        self._ingest: subprocess.Popen[bytes] | None = None

    def id_of(self, voice: Voice) -> SensorId:
        """Return a sensor's id, as the gateway computes it."""
        return mint_sensor_id(self._key, voice.peripheral.address)

    def start_bluetoothd(self) -> None:
        """Start Bluetooth, as the system does."""
        command = [str(program(SYSTEM, "bluetoothd")), "--nodetach", "--configfile", str(BLUETOOTHD_CONFIG)]
        self._bluetoothd = subprocess.Popen(command)

    async def end_bluetoothd(self, how: signal.Signals) -> None:
        """End Bluetooth: SIGTERM is what ``systemctl stop`` sends, SIGKILL is a crash."""
        assert self._bluetoothd is not None
        self._bluetoothd.send_signal(how)
        await asyncio.to_thread(self._bluetoothd.wait)

    def start_ingest(self) -> None:
        """Start the record."""
        self._ingest = self._start_part("ingest", sys.stderr.fileno())

    def start_gateway(self) -> None:
        """Start the gateway, as a clinic does."""
        with GATEWAY_LOG.open("ab", buffering=0) as log:
            self._gateway = self._start_part("gateway", log.fileno(), "--radio", f"bluez:{ADAPTER}?slots={SLOTS}")

    async def kill_gateway(self) -> None:
        """Kill the gateway as the kernel does when memory is short."""
        assert self._gateway is not None
        self._gateway.kill()
        await asyncio.to_thread(self._gateway.wait)

    async def stop_gateway(self) -> int:
        """Stop the gateway; return its exit code."""
        assert self._gateway is not None
        self._gateway.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._gateway.wait)

    def _start_part(self, part: str, output: int, *arguments: str) -> "subprocess.Popen[bytes]":
        common = ("--broker", self._broker_url, "--data", str(self.data), "--mode", "test")
        command = [sys.executable, "-P", "-m", "cli", part, *common, *arguments]
        environment = os.environ | {"VITALS_LOG_LEVEL": "DEBUG" if part == "gateway" else "INFO"}
        return subprocess.Popen(command, stdout=output, stderr=output, env=environment)

    def assign_all(self) -> None:
        """Give the gateway all sensors of the room."""
        sensors = tuple(GatewayAssignment(sensor=self.id_of(one), kind=one.kind) for one in self.room.voices)
        assignments = Assignments(gateway=GatewayId(GATEWAY), version=1, sensors=sensors)
        self._bus.set_retained(str(AssignmentsTopic(site=SITE, gateway=GATEWAY)), encode(assignments))

    async def ask_bluez(self, path: str, interface: str, member: str, signature: str = "", *body: object) -> None:
        """Ask bluetoothd for something, as a person with ``bluetoothctl`` does."""
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        try:
            reply = await bus.call(
                Message(
                    destination="org.bluez",
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(body),
                )
            )
            assert reply is not None
            assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        finally:
            bus.disconnect()

    async def power_adapter(self, *, on: bool) -> None:
        """Switch the adapter off or on."""
        what = ("org.bluez.Adapter1", "Powered", Variant("b", on))
        await self.ask_bluez(f"/org/bluez/{ADAPTER}", "org.freedesktop.DBus.Properties", "Set", "ssv", *what)

    async def disconnect(self, voice: Voice) -> None:
        """Let bluetoothd end the link with a sensor."""
        path = f"/org/bluez/{ADAPTER}/dev_{voice.peripheral.address.replace(':', '_')}"
        await self.ask_bluez(path, "org.bluez.Device1", "Disconnect")

    def unconfirmed_n(self) -> int:
        """Return how many readings the gateway's outbox holds that the record has not confirmed."""
        return len(self._query("outbox.db", "SELECT 1 FROM outbox_message"))

    def stored(self) -> list[tuple[object, ...]]:
        """Return run, sensor, kind and seq of every reading in the record."""
        return self._query(
            "record.db",
            "SELECT run.run, stream.subject, stream.kind, reading.seq"
            " FROM reading JOIN stream ON stream.id = reading.stream JOIN run ON run.id = stream.run",
        )

    def _query(self, database: str, sql: str) -> list[tuple[object, ...]]:
        connection = apsw.Connection(str(self.data / database), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(10_000)
        try:
            return list(connection.execute(sql))
        finally:
            connection.close()

    def kill_all(self) -> None:
        """Leave no process behind."""
        for process in (self._gateway, self._ingest, self._bluetoothd):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


async def until(condition: Callable[[], object], what: str, *, within_s: float = BOUND_S) -> None:
    """Wait for a condition; fail when it does not come true in a time that even this guest keeps."""
    end_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end_s, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """Bring the room and the broker up; end everything at the end."""
    broker = Mosquitto(FOLDER)
    broker.start()
    (FOLDER / "data").mkdir()
    bus = Bus(url=broker.url, client_id="ear", clock=open_clock(rate=1, mode=GenerationMode.TEST))
    async with open_room() as room:
        house = House(room, bus, broker.url)
        try:
            async with bus, asyncio.TaskGroup() as tasks:
                speaking = tasks.create_task(room.speak(), name="room.speak")
                yield house
                speaking.cancel()
        finally:
            house.kill_all()
            broker.kill()
