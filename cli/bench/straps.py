"""How many straps one radio process carries: the real gateway against a room full of straps in another process.

Measured from the notification handed to the air to the reading that comes back from the broker.
"""

import asyncio
import math
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from cli.bench.figure import percentile
from cli.bench.processes import load_between, read_all
from cli.broker import BrokerPlan, free_port
from cli.children import ChildSpec, part_spec
from cli.command_serve import choose_broker
from cli.configuration import environment_of
from cli.doctor.running import read_pids
from cli.supervisor import Supervisor
from cli.system import PIDS_FILE, prepare_data, with_settings
from simulators.sensors.peripheral import address_of
from simulators.sensors.strap import STRAP_FAMILY
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.parts import Part, PartStatus
from vitals.readings import HeartRateReading, ReadingMessage
from vitals.runs import new_run_id
from vitals.sensors import GatewayId, SensorId, SensorKind, SensorState, mint_sensor_id
from vitals.sessions import Assignments, GatewayAssignment, GenerationMode
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.topics import AssignmentsTopic, ReadingTopic, StatusTopic, topic_filter
from vitals.units import RR_TICKS_PER_S
from vitals.wire import decode, encode

START_S: Final = 20.0
START_S_PER_STRAP: Final = 0.6
"""A radio connects one strap after the other, four or five a second."""

RADIO_SLOTS: Final = 1000
_LOOK_S: Final = 0.05


class Carried(Struct, frozen=True, kw_only=True):
    """What a gateway did with a room of straps.

    ``latencies_ms`` of ``seconds``; ``first_ms``: of each strap, from when the gateway first heard its advertisement to
    its first reading; ``cpu_pct`` of the gateway, of one core; None: this system does not tell.
    """

    straps: int
    live: int
    seconds: float
    latencies_ms: list[float]
    first_ms: list[float]
    cpu_pct: float | None

    @property
    def p99_ms(self) -> float:
        """Latency of the slowest hundredth; endless when a strap gave nothing."""
        return percentile(self.latencies_ms, 0.99) if self.live == self.straps and self.latencies_ms else math.inf


def measure_straps(*, straps: int, seconds: float) -> Carried:
    """Return how a gateway with one virtual radio carries so many straps.

    Raises:
        VitalsError: there is no broker, or the gateway refused to start.
    """
    with tempfile.TemporaryDirectory(prefix="vitals-bench-") as folder:
        settings, broker = choose_broker(_settings(Path(folder)), port=free_port())
        prepare_data(settings)
        broker.write_files()
        return asyncio.run(_measure(settings, broker, straps=straps, seconds=seconds))


class _Listener:
    """Hears the readings and the statuses of the gateway."""

    def __init__(self, bus: Bus, settings: Settings, *, sensors: list[SensorId]) -> None:
        self._numbers = {sensor: index for index, sensor in enumerate(sensors)}
        self._gateway = settings.gateway.id
        self.clock = Clock()
        self.seen_ms: dict[SensorId, int] = {}
        self.first_ms: dict[SensorId, int] = {}
        self.arrivals: dict[tuple[int, int], int] = {}
        """By strap and number: when it came first, in ms of the monotonic clock."""
        assignments = Assignments(
            gateway=GatewayId(self._gateway),
            version=1,
            sensors=tuple(GatewayAssignment(sensor=sensor, kind=SensorKind.STRAP) for sensor in sensors),
        )
        bus.set_retained(str(AssignmentsTopic(site=settings.site, gateway=self._gateway)), encode(assignments))
        bus.subscribe(topic_filter(ReadingTopic, site=settings.site, gateway=self._gateway), self._hear_reading)
        bus.subscribe(
            str(StatusTopic(site=settings.site, part=Part.GATEWAY, instance=self._gateway)), self._hear_status
        )

    def _hear_reading(self, incoming: Incoming) -> None:
        if not incoming.topic.endswith("/hr"):
            return
        message: ReadingMessage = decode(incoming.payload, ReadingMessage, place=incoming.topic)
        reading = message.body
        if not isinstance(reading, HeartRateReading) or reading.sensor not in self._numbers:
            return
        self.first_ms.setdefault(reading.sensor, incoming.received_ms)
        for rr_ms in reading.rr_ms:
            number = round(rr_ms * RR_TICKS_PER_S / 1000)
            self.arrivals.setdefault((self._numbers[reading.sensor], number), incoming.received_ms)

    def _hear_status(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        for sensor in status.sensors:
            if sensor.state is not SensorState.MISSING:
                self.seen_ms.setdefault(sensor.sensor, sensor.since_mono_ms)


async def _measure(settings: Settings, broker: BrokerPlan, *, straps: int, seconds: float) -> Carried:
    key = open_site_key(settings.site_key_file)
    sensors = [mint_sensor_id(key, address_of(family=STRAP_FAMILY, index=index)) for index in range(straps)]
    log = settings.data / "said.txt"
    environment = environment_of(settings, os.environ)
    port = settings.simulators.port
    air = ChildSpec(
        name="air",
        argv=(sys.executable, "-P", "-m", "cli.bench.strap_air", str(port), str(straps), str(log)),
        environment=environment,
    )
    children = ([] if broker.child is None else [broker.child]) + [
        air,
        part_spec("gateway", environment),
        # Without a record the outbox would send everything again and again.
        part_spec("ingest", environment),
    ]
    pids_file = settings.data / PIDS_FILE
    async with (
        Bus(url=settings.broker, client_id=f"bench-{new_run_id()}", clock=Clock()) as bus,
        _running(Supervisor(children, pids_file=pids_file)),
    ):
        listener = _Listener(bus, settings, sensors=sensors)
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + START_S + START_S_PER_STRAP * straps
        while len(listener.first_ms) < straps and loop.time() < ends_s:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(_LOOK_S)
        live = len(listener.first_ms)
        await asyncio.sleep(1.0)
        pids = read_pids(pids_file) or {}
        begun_ms = listener.clock.mono_ms()
        before, from_s = read_all(pids), loop.time()
        await asyncio.sleep(seconds)
        after, took_s = read_all(pids), loop.time() - from_s
        load = load_between(before, after, seconds=took_s).get("gateway")
    said: dict[tuple[int, int], int] = {}
    for line in log.read_text(encoding="ascii").splitlines():
        strap, number, said_ns = map(int, line.split())
        said[strap, number] = said_ns
    return Carried(
        straps=straps,
        live=live,
        seconds=took_s,
        latencies_ms=[
            at_ms - said[number] / 1e6
            for number, at_ms in listener.arrivals.items()
            if at_ms >= begun_ms and number in said
        ],
        first_ms=[
            float(first_ms - listener.seen_ms[sensor])
            for sensor, first_ms in listener.first_ms.items()
            if sensor in listener.seen_ms
        ],
        cpu_pct=None if load is None else load.cpu_pct,
    )


def _settings(folder: Path) -> Settings:
    """Return settings of their own: what the environment says is not measured."""
    port = free_port()
    return with_settings(
        Settings(),
        mode=GenerationMode.SIMULATED,
        data=folder,
        log_level="ERROR",
        simulators__port=port,
        gateway__radios=(f"bumble:tcp-client:127.0.0.1:{port}?slots={RADIO_SLOTS}",),
    )


@asynccontextmanager
async def _running(supervisor: Supervisor) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(supervisor.run(), name="bench.supervisor")
        try:
            yield
        finally:
            running.cancel()
