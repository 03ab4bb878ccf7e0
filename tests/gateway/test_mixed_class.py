"""A class of twelve straps, twelve oximeters of all makes and four machines: the simulator, and a whole gateway."""

import asyncio
import json
from functools import partial
from pathlib import Path

import pytest

from cli.broker import free_port
from gateway.service import run as run_gateway
from simulators.cast import Actor, cast_people, draw_people
from simulators.kit import plan_kit
from simulators.service import run as run_simulator
from tests.gateway.stage import Listener, until
from tests.peers import Mosquitto
from vitals.bus import Bus
from vitals.clock import open_clock
from vitals.readings import OximeterReading, Quality, ReadingKind, WorkloadReading
from vitals.sensors import GatewayId, SensorId, SensorKind, mint_sensor_id
from vitals.sessions import Assignments, GatewayAssignment, GenerationMode
from vitals.settings import GatewaySettings, Settings, SimulatorSettings
from vitals.site_key import open_site_key
from vitals.topics import AssignmentsTopic
from vitals.wire import encode

READINGS_MIN = 5
STREAMS = {
    SensorKind.STRAP: ReadingKind.HR,
    SensorKind.OXIMETER: ReadingKind.OXIMETER,
    SensorKind.MACHINE: ReadingKind.WORKLOAD,
}


def has_said(heard: Listener, sensor: SensorId, kind: ReadingKind) -> bool:
    return len(heard.readings(sensor, kind)) >= READINGS_MIN


def sensors_of(cast: tuple[Actor, ...], key: bytes) -> dict[SensorId, SensorKind]:
    found: dict[SensorId, SensorKind] = {}
    for actor in cast:
        worn = {
            SensorKind.STRAP: actor.strap_address,
            SensorKind.OXIMETER: actor.oximeter_address,
            SensorKind.MACHINE: actor.machine_address,
        }
        found |= {mint_sensor_id(key, address): kind for kind, address in worn.items() if address is not None}
    return found


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_a_class_of_mixed_sensors_streams_and_every_value_was_said(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    port = free_port()
    settings = Settings(
        broker=broker.url,
        data=tmp_path / "data",
        mode=GenerationMode.TEST,
        gateway=GatewaySettings(radios=(f"bumble:tcp-client:127.0.0.1:{port}?slots=40",)),
        simulators=SimulatorSettings(
            port=port, scenario="quiet", oximeters="mixed", machines=4, sent_log=tmp_path / "sent.jsonl"
        ),
    )
    cast = cast_people(draw_people(people=12, seed=7), plan_kit(settings.simulators))
    wanted = sensors_of(cast, open_site_key(settings.site_key_file))
    heard = Listener()
    bus = Bus(url=broker.url, client_id="listener", clock=open_clock(rate=1.0, mode=settings.mode))
    bus.subscribe("vitals/v1/gym/#", heard.hear)
    assignments = Assignments(
        gateway=GatewayId("g1"),
        version=1,
        sensors=tuple(GatewayAssignment(sensor=sensor, kind=kind) for sensor, kind in wanted.items()),
    )
    try:
        async with bus, asyncio.TaskGroup() as group:
            parts = [
                group.create_task(run_simulator(settings), name="test.simulator"),
                group.create_task(run_gateway(settings), name="test.gateway"),
            ]
            bus.set_retained(str(AssignmentsTopic(site="gym", gateway="g1")), encode(assignments))
            for sensor, kind in wanted.items():
                await until(
                    partial(has_said, heard, sensor, STREAMS[kind]), f"{kind} {sensor} heard {READINGS_MIN} times"
                )
            for part in parts:
                part.cancel()
    finally:
        broker.kill()

    said = {
        (line["kind"], line.get("spo2_pct"), line.get("pulse_bpm"))
        for line in map(json.loads, (tmp_path / "sent.jsonl").read_text(encoding="utf-8").splitlines())
    }
    drivers = {one.driver for status in heard.statuses for one in status.sensors} - {""}
    assert drivers == {
        "heart_rate", "oximeter", "nonin", "o2ring", "pc60", "bci", "jumper", "contec",
        "treadmill", "indoor_bike", "running", "cycling",
    }  # fmt: skip
    for sensor, kind in wanted.items():
        readings = heard.readings(sensor, STREAMS[kind])
        assert sorted(one.seq for one in readings) == list(range(len(readings)))
        for reading in readings:
            if isinstance(reading, OximeterReading) and reading.quality is Quality.GOOD:
                assert ("oximeter", reading.spo2_pct, reading.pulse_bpm) in said
            if isinstance(reading, WorkloadReading) and reading.quality is Quality.GOOD:
                assert reading.speed_kmh is not None or reading.cadence_per_min is not None
