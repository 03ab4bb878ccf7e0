"""An alarm of a simulated class through every real part to a phone, and the phone's answer back to the wall."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.alerts.push_service import PushService
from tests.peers import Mosquitto
from tests.system.running import RunningSystem, running, until, watched
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.proof import ProofRound, Stage
from vitals.topics import ProofTopic, topic_filter
from vitals.wire import decode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150), pytest.mark.xdist_group("system")]


async def test_an_alarm_comes_to_the_phone_and_its_accept_to_the_wall(tmp_path: Path, broker: Mosquitto) -> None:
    rounds: list[ProofRound] = []

    def hear(incoming: Incoming) -> None:
        rounds.append(decode(incoming.payload, ProofRound, place=incoming.topic))

    bus = Bus(url=broker.url, client_id="test-proof", clock=Clock())
    bus.subscribe(topic_filter(ProofTopic, site="gym", stage=Stage.ALERTS), hear, qos=0)
    options = ("--participants", "3", "--scenario", "crisis", "--broker", broker.url)
    async with bus, PushService() as service, running(tmp_path, "demo", *options) as system, watched(system) as wall:
        await until(lambda: "wall:" in system.said(), "the class is open")
        public = (await system.get("/api/v1/push/key"))["key"]
        await system.post("/api/v1/push/subscriptions", subscription(service))
        said = await push_test(system)
        assert said == "test handed over to the phones of demo; now accept it there\n"
        assert any(one.payload["kind"] == "test" for one in service.of("phone"))
        await until(lambda: any(one.payload["kind"] == "alarm" for one in service.of("phone")), "a push", within_s=90)
        push = next(one for one in service.of("phone") if one.payload["kind"] == "alarm")
        assert push.key == public
        assert push.payload["title"].startswith(("HIGH  seat ", "MEDIUM  seat "))
        assert push.payload["body"].startswith("HR ")
        alarm = push.payload["alarm_id"]
        await until(lambda: alarm in wall.alarms, "the wall shows it too")
        await system.post("/api/v1/push/respond", {"token": push.payload["token"], "response": "accept"})
        await until(lambda: wall.alarms_seen[alarm].get("acknowledged"), "the accept is on the wall")
        await until(
            lambda: any(one.payload["kind"] == "clear" and one.payload["tag"] == alarm for one in service.of("phone")),
            "the message is taken back",
        )
        assert system.query("alerts.db", "SELECT response FROM answer WHERE alarm_id = ?", alarm)
        await until(lambda: len(rounds) >= 2, "two rounds of proof came all the way", within_s=60)
    assert [one.seq for one in rounds] == sorted(one.seq for one in rounds)


async def push_test(system: RunningSystem) -> str:
    """Run `vitals push-test` beside the running system; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", "push-test", "--to", "demo"),
        *("--data", str(system.data), "--port", str(system.port)),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    return printed.decode()


def subscription(service: PushService) -> dict[str, object]:
    given: dict[str, object] = json.loads(service.subscribe("phone"))
    return given | {"label": "test"}
