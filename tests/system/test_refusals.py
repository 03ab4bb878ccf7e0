"""What a running class is told that makes no sense, or has no room for: one part says so, and the class goes on."""

import asyncio
import json
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from cli.broker import free_port
from tests.peers import Mosquitto
from tests.system.record_check import events_n, holes, stored_n, until_all_is_stored
from tests.system.running import Json, RunningSystem, Wall, running, until, watched

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]

PEOPLE = 4
PARTS = ("gateway", "ingest", "analysis", "alerts", "dashboard")
NONSENSE = (
    b"\xff\xfe\x00\x01",
    b"{",
    b"null",
    b"[]",
    b'{"v":1}',
    b'{"v":99,"body":{"kind":"hr","run":"x","seq":-1}}',
    b"[" * 50_000,
    b"x" * 400_000,
)
"""No text, no JSON, JSON of other shapes, of another version, without an end, and far too much of it."""

STRANGE_TOPICS = (
    "vitals/v1/gym",
    "vitals/v1/gym/nothing/of/ours",
    "vitals/v1/gym/gateway/g1/reading/s-nobody/hr",
    "vitals/v1/gym/gateway/g1/reading/s-nobody/steps",
    "vitals/v1/gym/command/analysis/acknowledge",
    "vitals/v1/gym/command/ingest/record_session",
    "vitals/v1/gym/command/gateway.g1/test",
    "vitals/v1/gym/part/alerts/1/status",
    "vitals/v1/gym/alarm/event",
    "vitals/v1/gym/session/other/roster",
)


class Ear:
    """Hears everything that the parts say to each other."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.topics: set[str] = set()
        self.statuses: dict[str, Json] = {}

    async def listen(self) -> None:
        await self.client.subscribe("vitals/v1/#", qos=0)
        async for message in self.client.messages:
            topic = message.topic.value
            self.topics.add(topic)
            if topic.endswith("/status"):
                self._hear_status(topic.split("/")[4], message.payload)

    def _hear_status(self, part: str, payload: bytes) -> None:
        # Among them is the nonsense that this test has said.
        try:
            status = json.loads(payload)
        except (ValueError, RecursionError):
            return
        if isinstance(status, dict) and "counters" in status:
            self.statuses[part] = status

    def refused(self) -> dict[str, int]:
        return {part: self.statuses[part]["counters"]["refused"] for part in PARTS if part in self.statuses}


@asynccontextmanager
async def overheard(broker: Mosquitto) -> AsyncIterator[Ear]:
    async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        ear = Ear(client)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(ear.listen())
            yield ear
            listening.cancel()


async def until_everybody_alarms(wall: Wall) -> set[str]:
    await until(lambda: len(wall.of_rule("HR_OVER")) == PEOPLE, "everybody is over their limit", within_s=120)
    return {alarm["id"] for alarm in wall.of_rule("HR_OVER").values()}


def said_by(system: RunningSystem, part: str) -> list[str]:
    """What a part has logged: `DATE TIME part LEVEL logger text`."""
    return [line for line in system.said().splitlines() if line.split()[2:3] == [part]]


async def test_nonsense_on_every_topic_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis", "--broker", broker.url)
    try:
        async with (
            running(tmp_path, "demo", *arguments, VITALS_CLOCK_RATE="2") as system,
            watched(system) as wall,
            overheard(broker) as ear,
        ):
            ids = await until_everybody_alarms(wall)
            pids = system.pids()
            await until(lambda: set(ear.refused()) == set(PARTS), "each part counts what it refuses")
            before = dict(ear.refused())
            for topic in (*sorted(ear.topics), *STRANGE_TOPICS):
                for payload in NONSENSE:
                    await ear.client.publish(topic, payload, qos=0)
            await until(
                lambda: all(ear.refused()[part] >= before[part] + len(NONSENSE) - 1 for part in PARTS),
                "every part counts what it refused",
            )
            await until(lambda: len(refusals(system)) >= 3 * len(NONSENSE), "the record keeps what it refused")
            await goes_on(system, wall)
            assert system.pids() == pids
            assert wall.disconnections == 0
            assert {alarm["id"] for alarm in wall.of_rule("HR_OVER").values()} == ids
            await until(lambda: {part["state"] for part in wall.parts.values()} == {"up"}, "all parts are up")
            for part in PARTS:
                assert any("refused" in line for line in said_by(system, part)), part
            assert "Traceback" not in system.said()
    finally:
        broker.kill()


def refusals(system: RunningSystem) -> list[tuple[object, ...]]:
    return system.query("record.db", "SELECT topic, problem FROM refused")


async def goes_on(system: RunningSystem, wall: Wall) -> None:
    """Everybody's number is renewed, and the record grows."""
    stored, heard = stored_n(system), {name: tile["hr"]["at_ms"] for name, tile in wall.tiles.items()}
    await until(
        lambda: all((tile["hr"].get("at_ms") or 0) > heard[name] for name, tile in wall.tiles.items()),
        "everybody's number is renewed",
    )
    await until(lambda: stored_n(system) > stored, "the record grows")


async def test_a_record_without_room_is_named_while_the_class_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE), "--scenario", "crisis")
    async with (
        running(tmp_path, "demo", *arguments, VITALS_CLOCK_RATE="2") as system,
        watched(system) as wall,
    ):
        await until(lambda: wall.live_n() == PEOPLE, "everybody is live", within_s=90)
        await until(lambda: stored_n(system) > 0, "the record has something")
        ingest = system.pids()["ingest"]
        # The operating system takes nothing more from this process, whoever runs the test and on whatever disk.
        _, hard = resource.prlimit(ingest, resource.RLIMIT_FSIZE)
        resource.prlimit(ingest, resource.RLIMIT_FSIZE, (4096, hard))
        await until(lambda: "nothing is stored" in wall.parts["ingest/1"].get("text", ""), "the wall names the record")
        assert wall.parts["ingest/1"]["text"].startswith("Record in trouble - values and alarms are live")
        stored = stored_n(system)

        ids = await until_everybody_alarms(wall)
        taken = min(ids)
        await system.post(f"/api/v1/alarms/{taken}/acknowledge", {"by": "MK"})
        await until(lambda: wall.alarms[taken]["signal"] == "acknowledged", "the acknowledgement is in the state")
        assert wall.live_n() == PEOPLE
        assert stored_n(system) == stored
        assert (await system.get("/healthz"))["status"] == "degraded"

        resource.prlimit(ingest, resource.RLIMIT_FSIZE, (hard, hard))
        await until(lambda: not wall.parts["ingest/1"].get("text"), "the wall takes the line back", within_s=60)
        await until_all_is_stored(system)
        await until(lambda: set(events_n(system, "raised", "HR_OVER")) == ids, "every alarm is in the record")
        await until(lambda: events_n(system, "acknowledged", "HR_OVER") == {taken: 1}, "so is who took one")
        assert set(events_n(system, "raised", "HR_OVER").values()) == {1}
        assert holes(system) == []
        assert system.pids()["ingest"] == ingest
        assert [line for line in said_by(system, "ingest") if "nothing is stored" in line][1:] == []


async def test_parts_without_a_broker_say_so_once_and_go_on_when_it_comes(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    no_radio = f"bumble:tcp-client:127.0.0.1:{free_port()}"
    arguments = ("--broker", broker.url, "--log-level", "WARNING")
    try:
        async with running(tmp_path, "serve", *arguments, VITALS_GATEWAY__RADIOS=no_radio) as system:
            await until(lambda: "wall: " in system.said(), "the dashboard answers", within_s=60)
            async with watched(system) as wall:
                await until(lambda: "broker/broker" in wall.parts, "the wall has a first frame")
                await until(lambda: len(broker_lines(system)) == len(PARTS), "each part misses the broker")
                assert wall.parts["broker/broker"]["state"] == "lost"
                assert wall.parts["broker/broker"]["text"].startswith("Broker lost")
                pids = system.pids()
                await check_class_files(system, tmp_path)

                broker.start()
                await until(
                    lambda: (
                        {part["part"] for part in wall.parts.values() if part["state"] == "up"} == {*PARTS, "broker"}
                    ),
                    "the parts meet",
                    within_s=60,
                )
                assert not wall.parts["broker/broker"].get("text")
            assert system.pids() == pids
            assert len(broker_lines(system)) == len(PARTS)
            assert "Traceback" not in system.said()
        assert await system.stop() == 0
    finally:
        broker.kill()


def broker_lines(system: RunningSystem) -> list[str]:
    return [line for part in PARTS for line in said_by(system, part) if "broker lost" in line]


async def check_class_files(system: RunningSystem, folder: Path) -> None:
    """Files that describe no class are refused by the dashboard, in one line of the command."""
    for text, said in (
        ("name = ", "not TOML: Invalid value"),
        ('name = "x"', "participants: Field required"),
        ('name = "x"\nparticipants = [{id = "p 1", seat = 1}]', "participants[0].id: 'p 1' - String should match"),
        ('name = "x"\nparticipants = [{id = "p1", seat = 1, strap = "s"}]\nsecret = 1', "secret: 1 - Extra inputs"),
    ):
        file = folder / "class.toml"
        file.write_text(text)
        done = await asyncio.to_thread(start_class, file, system)
        assert done.returncode == 2, done
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"vitals: class file {file}: "), line
        assert said in line
    assert (await system.get("/api/v1/live"))["session"] is None


def start_class(file: Path, system: RunningSystem) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-P", "-m", "cli", "session", "start", "--class", str(file))
    where = ("--port", str(system.port), "--data", str(system.data))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    return subprocess.run((*command, *where), env=environment, capture_output=True, text=True, timeout=60, check=False)
