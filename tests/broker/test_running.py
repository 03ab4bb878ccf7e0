import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.broker import BrokerKind, BrokerPlan, choose_broker, find_mosquitto, free_port
from tests.broker_process import run_broker, stop_process
from tests.peers import until
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.connection import Will
from vitals.errors import SetupError

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

KINDS = (BrokerKind.MOSQUITTO, BrokerKind.IOTCORE)


def plan_of(kind: BrokerKind, folder: Path) -> BrokerPlan:
    plan = choose_broker(
        port=free_port(),
        folder=folder,
        mosquitto=find_mosquitto() if kind is BrokerKind.MOSQUITTO else None,
        has_iotcore=True,
        environment=os.environ,
    )
    assert plan.kind is kind
    return plan


@contextlib.asynccontextmanager
async def two(plan: BrokerPlan, will: Will | None = None) -> AsyncIterator[tuple[Bus, Bus, list[Incoming]]]:
    """Two processes' worth of bus; the second one hears everything under ``t``."""
    heard: list[Incoming] = []
    async with (
        Bus(url=plan.url, client_id="one", clock=Clock(), will=will) as one,
        Bus(url=plan.url, client_id="other", clock=Clock()) as other,
    ):
        other.subscribe("t/#", heard.append)
        await until(lambda: one.connected and other.connected)
        yield one, other, heard


@pytest.mark.parametrize("kind", KINDS)
async def test_our_broker_delivers_in_order_and_keeps_what_is_retained(kind: BrokerKind, tmp_path: Path) -> None:
    plan = plan_of(kind, tmp_path)
    async with run_broker(plan), two(plan) as (one, _, heard):
        for number in range(200):
            await one.publish("t/x", b"%d" % number)
        await until(lambda: len(heard) == 200)
        assert [int(incoming.payload) for incoming in heard] == list(range(200))
        await one.set_retained_now("t/state", b"kept")
        await one.set_retained_now("t/large", b"x" * 400_000)
        late: list[Incoming] = []
        async with Bus(url=plan.url, client_id="late", clock=Clock()) as third:
            third.subscribe("t/#", late.append)
            await until(lambda: len(late) == 2)
        assert {(incoming.topic, len(incoming.payload)) for incoming in late} == {("t/state", 4), ("t/large", 400_000)}
        assert all(incoming.retained for incoming in late)
        await one.set_retained_now("t/state", b"")
        await until(lambda: heard[-1].payload == b"")


@pytest.mark.parametrize("kind", KINDS)
async def test_our_broker_publishes_the_will_of_a_process_that_is_killed(kind: BrokerKind, tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from vitals.bus import Bus\n"
        "from vitals.clock import Clock\n"
        "from vitals.connection import Will\n"
        "async def main():\n"
        "    async with Bus(url=sys.argv[1], client_id='p', clock=Clock(), will=Will('t/w', b'lost')) as bus:\n"
        "        await bus.set_retained_now('t/w', b'up')\n"
        "        await asyncio.sleep(3600)\n"
        "asyncio.run(main())\n"
    )
    plan = plan_of(kind, tmp_path)
    async with run_broker(plan), two(plan) as (_, _, heard):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, plan.url)
        await until(lambda: [incoming.payload for incoming in heard] == [b"up"])
        process.kill()
        await process.wait()
        await until(lambda: [incoming.payload for incoming in heard] == [b"up", b"lost"])


@pytest.mark.parametrize("kind", KINDS)
async def test_a_quiet_connection_to_our_broker_stays_up(kind: BrokerKind, tmp_path: Path) -> None:
    plan = plan_of(kind, tmp_path)
    async with run_broker(plan), two(plan) as (one, other, _):
        await asyncio.sleep(6)
        assert one.counters["connects"] == other.counters["connects"] == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_our_broker_is_come_back_to_after_a_kill(kind: BrokerKind, tmp_path: Path) -> None:
    plan = plan_of(kind, tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(run_broker(plan))
        assert first is not None
        one, other, heard = await stack.enter_async_context(two(plan))
        await one.set_retained_now("t/state", b"mine")
        first.kill()
        await first.wait()
        await until(lambda: not one.connected and not other.connected)
        heard.clear()
        await stack.enter_async_context(run_broker(plan))
        await until(lambda: [incoming.payload for incoming in heard] == [b"mine"])


@pytest.mark.parametrize("kind", KINDS)
async def test_our_broker_ends_with_its_process_also_when_it_is_paused(kind: BrokerKind, tmp_path: Path) -> None:
    plan = plan_of(kind, tmp_path)
    async with run_broker(plan) as process:
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        await stop_process(process)
        assert process.returncode in {-signal.SIGTERM, -signal.SIGKILL}
    async with run_broker(plan) as process:
        assert process is not None
    assert process.returncode in {0, -signal.SIGTERM, -signal.SIGKILL}


async def test_a_broker_that_does_not_come_up_is_one_line(tmp_path: Path) -> None:
    plan = plan_of(BrokerKind.MOSQUITTO, tmp_path)
    async with run_broker(plan):
        broken = choose_broker(
            port=free_port(), folder=tmp_path / "b", mosquitto="/bin/false", has_iotcore=False, environment={}
        )
        with pytest.raises(SetupError, match="our broker does not listen on"):
            async with run_broker(broken):
                pass


async def test_a_broker_that_runs_elsewhere_is_neither_started_nor_stopped() -> None:
    async with run_broker(BrokerPlan(kind=BrokerKind.GIVEN, url="mqtt://elsewhere")) as process:
        assert process is None
