import asyncio
import socket
import sys
import time
from pathlib import Path

import aiomqtt
import pytest

from cli.broker import free_port
from tests.peers import Mosquitto, until
from tests.vitals.listener import Heard, bus
from vitals.bus import SOON_AT_ONCE, SOON_MAX, Bus, Incoming
from vitals.clock import Clock
from vitals.connection import IN_FLIGHT_MAX
from vitals.deadline import deadline
from vitals.errors import InputError, InputReason, PeerError, PeerReason, SetupError
from vitals.wire import CONTENT_TYPE

pytestmark = pytest.mark.peer


async def test_what_is_published_arrives_in_order_with_its_time(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        other.subscribe("t/+", heard.append)
        await until(lambda: one.connected and other.connected)
        before_ms = Clock().mono_ms()
        for number in range(100):
            await one.publish(f"t/{number % 3}", b"%d" % number)
        await until(lambda: len(heard) == 100)
    assert [int(incoming.payload) for incoming in heard] == list(range(100))
    assert all(incoming.received_ms >= before_ms and not incoming.retained for incoming in heard)


async def test_every_message_says_what_its_content_is(broker: Mosquitto) -> None:
    async with bus(broker, "a") as one:
        await one.set_retained_now("t", b"x")
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as listener:
            await listener.subscribe("t")
            message = await anext(listener.messages)
    assert message.properties is not None
    assert message.properties.json()["ContentType"] == CONTENT_TYPE


# Hazard a: a client that is entered again says "connected" although the broker refuses it.


async def test_a_refusal_is_not_a_connection(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        async with bus(broker, "a") as one:
            await until(lambda: one.connected)
            broker.kill()
            broker.refuse_everybody()
            broker.start()
            await until(lambda: "not authorised" in broker.said().lower(), what="a refusal")
            assert not one.connected
            assert one.counters["connects"] == 1
            assert one.disconnected_since_ms is not None
            with pytest.raises(PeerError):
                await one.publish("t", b"x")
    finally:
        broker.kill()


# Hazard b: what is in flight when the connection dies is lost, and whoever published it hears so.


async def test_what_was_in_flight_at_a_kill_is_reported_and_not_sent_twice(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        other.subscribe("t", heard.append)
        await until(lambda: one.connected and other.connected)
        broker.pause()
        acks = [await one.send("t", b"%d" % number) for number in range(50)]
        broker.kill()
        await until(lambda: all(ack.done() for ack in acks))
        assert all(isinstance(ack.exception(), PeerError) for ack in acks)
        broker.start()
        await until(lambda: one.connected and other.connected)
        await one.publish("t", b"after")
        await until(lambda: b"after" in heard.payloads("t"))
    assert heard.payloads("t") == [b"after"]


async def test_without_a_broker_a_publish_fails_at_once(tmp_path: Path) -> None:
    del tmp_path
    async with Bus(url=f"mqtt://127.0.0.1:{free_port()}", client_id="a", clock=Clock()) as one:
        with pytest.raises(PeerError) as caught:
            await one.publish("t", b"x")
    assert caught.value.reason is PeerReason.UNREACHABLE


# Hazard c: what is under way is bounded.


async def test_no_more_than_a_hundred_messages_are_under_way(broker: Mosquitto) -> None:
    async with bus(broker, "a") as one:
        await until(lambda: one.connected)
        await one.publish("t", b"first")
        broker.pause()
        async with asyncio.TaskGroup() as tasks:
            sending = [tasks.create_task(one.send("t", b"x")) for _ in range(IN_FLIGHT_MAX + 20)]
            await until(lambda: sum(task.done() for task in sending) >= IN_FLIGHT_MAX)
            await asyncio.sleep(0.1)
            assert sum(task.done() for task in sending) == IN_FLIGHT_MAX
            broker.resume()
        assert all(task.result() for task in sending)


# Hazard d: aiomqtt's queue of incoming messages drops the newest when it is full. There is none here: a handler gets
# each message at once, and what a busy process has not read yet waits, bounded, in the broker.


async def test_a_flood_on_a_busy_process_loses_nothing_and_keeps_its_order(broker: Mosquitto) -> None:
    program = (
        "import asyncio, sys\n"
        "from vitals.bus import Bus\n"
        "from vitals.clock import Clock\n"
        "async def main():\n"
        "    async with Bus(url=sys.argv[1], client_id='flood', clock=Clock()) as bus:\n"
        "        await bus.set_retained_now('ready', b'x')\n"
        "        for number in range(3000):\n"
        "            await bus.publish(f't/{number % 30}', b'%d' % number)\n"
        "asyncio.run(main())\n"
    )
    heard = Heard()
    async with bus(broker, "b") as other:
        ready: list[Incoming] = []
        other.subscribe("t/+", heard.append)
        other.subscribe("ready", ready.append)
        await until(lambda: other.connected)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, broker.url)
        await until(lambda: ready)
        end_s = time.monotonic() + 1.0
        while time.monotonic() < end_s:
            pass  # the event loop is busy and reads nothing
        await until(lambda: len(heard) == 3000, within_s=30)
        await process.wait()
    assert [int(incoming.payload) for incoming in heard] == list(range(3000))


async def test_what_is_sent_soon_is_dropped_and_counted_without_a_broker(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        one.send_soon("t", b"too early")
        assert one.counters["dropped"] == 1
        other.subscribe("t", heard.append)
        await until(lambda: one.connected and other.connected)
        one.send_soon("t", b"now")
        await until(lambda: heard)
        broker.kill()
        await until(lambda: not one.connected)
        one.send_soon("t", b"too late")
        assert one.counters["dropped"] == 2
    assert heard.payloads("t") == [b"now"]


async def test_a_full_queue_of_what_is_sent_soon_drops_the_oldest(broker: Mosquitto) -> None:
    heard = Heard()
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        other.subscribe("t", heard.append)
        await until(lambda: one.connected and other.connected)
        for number in range(SOON_MAX + 10):
            one.send_soon("t", b"%d" % number)
        await until(lambda: len(heard) == SOON_MAX)
    assert one.counters["dropped"] == 10
    assert [int(incoming.payload) for incoming in heard] == list(range(10, SOON_MAX + 10))


async def test_many_messages_at_once_leave_the_loop_to_others(broker: Mosquitto) -> None:
    heard, steps, before = Heard(), list[int](), 0
    async with bus(broker, "a") as one, bus(broker, "b") as other:
        other.subscribe("t", heard.append)
        await until(lambda: one.connected and other.connected)
        for number in range(IN_FLIGHT_MAX):
            one.send_soon("t", b"%d" % number)
        before = one.counters["published"]
        while one.counters["published"] < before + IN_FLIGHT_MAX:
            at = one.counters["published"]
            await asyncio.sleep(0)
            steps.append(one.counters["published"] - at)
        await until(lambda: len(heard) == IN_FLIGHT_MAX)
    assert max(steps) <= SOON_AT_ONCE
    assert [int(incoming.payload) for incoming in heard] == list(range(IN_FLIGHT_MAX))


# Hazard f: paho needs a selector loop.


def test_the_bus_runs_under_a_selector_loop(broker: Mosquitto) -> None:
    async def talk() -> None:
        assert isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop)
        async with bus(broker, "a") as one:
            await until(lambda: one.connected)
            await one.publish("t", b"x")

    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(talk())


# A broker that is killed, paused, started again.


async def test_a_killed_broker_is_noticed_and_come_back_to(broker: Mosquitto) -> None:
    heard = Heard()
    said: list[str] = []
    async with bus(broker, "a") as one:
        one.subscribe("t", heard.append)
        one.on_connected(lambda: said.append("connected"))
        one.on_disconnected(lambda: said.append("disconnected"))
        for _ in range(3):
            await until(lambda: one.connected)
            assert one.disconnected_since_ms is None
            broker.kill()
            await until(lambda: not one.connected)
            broker.start()
        await until(lambda: one.connected)
        await one.publish("t", b"x")
        await until(lambda: heard)
    assert said == ["connected", "disconnected"] * 3 + ["connected", "disconnected"]
    assert one.counters["connects"] == 4


async def test_a_paused_broker_is_noticed_although_its_sockets_stay_open(broker: Mosquitto) -> None:
    async with bus(broker, "a") as quiet:
        await until(lambda: quiet.connected)
        broker.pause()
        await until(lambda: not quiet.connected, within_s=10)
        with pytest.raises(PeerError):
            await quiet.publish("t", b"x")
        broker.resume()
        await until(lambda: quiet.connected)
        await quiet.publish("t", b"x")


async def test_a_publish_to_a_paused_broker_ends_with_an_error(broker: Mosquitto) -> None:
    async with bus(broker, "a") as one:
        await until(lambda: one.connected)
        broker.pause()
        with pytest.raises(PeerError) as caught:
            async with deadline(10):
                await one.publish("t", b"x")
        assert caught.value.reason is PeerReason.LINK_LOST


async def test_a_broker_that_goes_in_the_moment_of_a_publish_leaves_nobody_elses_socket_watched(
    broker: Mosquitto,
) -> None:
    async with bus(broker, "a") as one:
        await until(lambda: one.connected)
        connection = one._connection
        assert connection is not None
        ours = connection._client.socket()
        assert ours is not None
        number = ours.fileno()
        await connection.send("t", b"x", qos=1, retain=False)
        connection._close_socket()
        with socket.socket() as other:
            assert other.fileno() == number
            await asyncio.sleep(0)
            assert not asyncio.get_running_loop().remove_writer(other.fileno())
        await until(lambda: one.counters["connects"] == 2)


async def test_a_message_that_cannot_be_read_is_counted_and_the_next_one_is_taken(
    broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[bytes] = []

    def take(incoming: Incoming) -> None:
        if incoming.payload == b"bad":
            raise InputError(incoming.topic, "payload b'bad'", InputReason.NOT_JSON)
        taken.append(incoming.payload)

    async with bus(broker, "a") as one:
        one.subscribe("t", take)
        await until(lambda: one.connected)
        for payload in (b"bad", b"good", b"bad", b"better"):
            await one.publish("t", payload)
        await until(lambda: len(taken) == 2)
    assert taken == [b"good", b"better"]
    assert one.counters["refused"] == 2
    lines = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    assert lines == ["message refused count=1 t: payload b'bad'", "message refused count=2 t: payload b'bad'"]


async def test_a_flood_of_nonsense_fills_no_log(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(incoming: Incoming) -> None:
        raise InputError(incoming.topic, "nonsense", InputReason.NOT_JSON)

    async with bus(broker, "a") as one:
        one.subscribe("t", refuse)
        await until(lambda: one.connected)
        for _ in range(1000):
            await one.publish("t", b"?")
        await until(lambda: one.counters["refused"] == 1000)
    assert sum("message refused" in record.getMessage() for record in caplog.records) == 12


async def test_a_defect_in_a_handler_ends_the_part(broker: Mosquitto) -> None:
    def fail(incoming: Incoming) -> None:
        raise KeyError(incoming.topic)

    with pytest.RaisesGroup(KeyError):
        async with bus(broker, "a") as one:
            one.subscribe("t", fail)
            await until(lambda: one.connected)
            one.send_soon("t", b"x")
            await asyncio.sleep(3600)


async def test_a_filter_can_be_added_at_any_time(broker: Mosquitto) -> None:
    early, late = Heard(), Heard()
    async with bus(broker, "a") as one:
        one.subscribe("early", early.append)
        await until(lambda: one.connected)
        await one.set_retained_now("late", b"kept")
        one.subscribe("late", late.append)
        await until(lambda: late)
        broker.kill()
        broker.start()
        await until(lambda: one.counters["connects"] == 2)
        await until(lambda: len(late) >= 2)
        await one.publish("early", b"x")
        await until(lambda: early)


async def test_several_handlers_of_one_filter_hear_each_message_once(broker: Mosquitto) -> None:
    first, second = Heard(), Heard()
    async with bus(broker, "a") as one:
        one.subscribe("t", first.append)
        one.subscribe("t", second.append, qos=0)
        await until(lambda: one.connected)
        for number in range(10):
            await one.publish("t", b"%d" % number)
        await until(lambda: len(first) == len(second) == 10)
        await one.publish("t", b"end")
        await until(lambda: len(first) == 11)
    assert first == second


async def test_a_bus_that_cannot_connect_stops_at_once(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    broker.start()
    broker.pause()  # the kernel takes the connection, nobody answers
    try:
        async with deadline(5), bus(broker, "a"):
            await asyncio.sleep(0.3)
    finally:
        broker.kill()


async def test_a_bus_stops_at_whatever_moment_it_is_told_to(broker: Mosquitto) -> None:
    """Before Python 3.12 asyncio.wait_for swallowed a cancellation that came together with an answer."""
    for number in range(100):
        connected = asyncio.Event()
        async with deadline(10), bus(broker, "a") as one:
            one.on_connected(connected.set)
            await connected.wait()
            one.subscribe("t", Heard().append)
            await asyncio.sleep(number % 10 / 5_000)


async def test_an_address_that_is_none_and_a_missing_certificate_are_refused() -> None:
    with pytest.raises(InputError, match="mqtt://"):
        Bus(url="http://x", client_id="a", clock=Clock())
    with pytest.raises(SetupError, match=r"nowhere\.pem"):
        Bus(url="mqtts://x", client_id="a", clock=Clock(), ca_file=Path("/nowhere.pem"))
