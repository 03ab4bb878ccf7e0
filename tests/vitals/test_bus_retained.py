"""What the bus keeps at the broker: state that is told again, and the will that speaks for the dead."""

import asyncio
import signal
import sys

import pytest

from tests.peers import Mosquitto, until
from tests.vitals.listener import Heard, bus
from vitals.bus import RETAINED_TOPICS_MAX
from vitals.connection import Will
from vitals.errors import PeerError

pytestmark = pytest.mark.peer


async def test_state_is_told_again_to_a_broker_that_lost_its_memory(broker: Mosquitto) -> None:
    async with bus(broker, "a") as one:
        await one.set_retained_now("s/kept", b"1")
        await one.set_retained_now("s/cleared", b"1")
        await one.set_retained_now("s/cleared", b"")
        broker.kill()
        await until(lambda: not one.connected)
        one.set_retained("s/kept", b"2")
        one.set_retained("s/new", b"3")
        broker.start()
        await until(lambda: one.connected)
        await one.set_retained_now("s/last", b"4")
        heard = Heard()
        async with bus(broker, "late") as late:
            late.subscribe("s/#", heard.append)
            await until(lambda: len(heard) == 3)
    assert {(incoming.topic, incoming.payload) for incoming in heard} == {
        ("s/kept", b"2"),
        ("s/new", b"3"),
        ("s/last", b"4"),
    }
    assert all(incoming.retained for incoming in heard)


async def test_state_cleared_without_a_broker_is_cleared_when_it_is_back(broker: Mosquitto) -> None:
    async with bus(broker, "a") as one:
        await one.set_retained_now("s", b"1")
        broker.pause()
        await until(lambda: not one.connected)
        one.set_retained("s", b"")
        broker.resume()
        await until(lambda: one.connected)
        await one.set_retained_now("end", b"x")
        heard = Heard()
        async with bus(broker, "late") as late:
            late.subscribe("#", heard.append)
            await until(lambda: heard.payloads("end"))
        assert heard.payloads("s") == []


async def test_only_the_newest_of_many_changes_must_arrive(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        other.subscribe("s", heard.append)
        await until(lambda: one.connected and other.connected)
        for number in range(1000):
            one.set_retained("s", b"%d" % number)
        await until(lambda: b"999" in heard.payloads("s"))
    assert len(heard) < 1000


async def test_the_number_of_states_is_bounded(broker: Mosquitto) -> None:
    one = bus(broker, "a")
    for number in range(RETAINED_TOPICS_MAX):
        one.set_retained(f"s/{number}", b"x")
    one.set_retained("s/0", b"y")
    with pytest.raises(PeerError, match="4096 topics"):
        one.set_retained("s/more", b"x")


async def test_the_will_is_published_when_the_process_is_killed(broker: Mosquitto) -> None:
    program = (
        "import asyncio, sys\n"
        "from vitals.bus import Bus\n"
        "from vitals.clock import Clock\n"
        "from vitals.connection import Will\n"
        "async def main():\n"
        "    async with Bus(url=sys.argv[1], client_id='p', clock=Clock(), will=Will('w', b'lost')) as bus:\n"
        "        await bus.set_retained_now('w', b'up')\n"
        "        await asyncio.sleep(3600)\n"
        "asyncio.run(main())\n"
    )
    heard = Heard()
    async with bus(broker, "watcher") as watcher:
        watcher.subscribe("w", heard.append)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, broker.url)
        await until(lambda: heard.payloads("w") == [b"up"])
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await until(lambda: heard.payloads("w") == [b"up", b"lost"])
        late = Heard()
        watcher.subscribe("+", late.append)
        await until(lambda: late.payloads("w") == [b"lost"])
    assert late[0].retained


async def test_who_takes_leave_has_no_will(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "watcher") as watcher:
        watcher.subscribe("#", heard.append)
        await until(lambda: watcher.connected)
        async with bus(broker, "p", Will("w", b"lost")) as one:
            await one.set_retained_now("w", b"up")
        await watcher.publish("end", b"x")
        await until(lambda: heard.payloads("end"))
    assert heard.payloads("w") == [b"up"]


# Handlers.
