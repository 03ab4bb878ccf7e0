"""A bus that the broker remembers: what comes while it is away is kept, in order, up to a bound."""

from pathlib import Path

import pytest

from tests.peers import Mosquitto, until
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.echo import Echo

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

TOPIC = "t/kept"
KEPT_MAX = 30


class Reader:
    """A bus under a fixed name, and what it has heard."""

    def __init__(self, url: str, *, session_s: int = 60) -> None:
        self.bus = Bus(url=url, client_id="reader", clock=Clock(), session_s=session_s)
        self.heard: list[int] = []
        self.at_echo: list[int] | None = None
        self.bus.subscribe(TOPIC, lambda incoming: self.heard.append(int(incoming.payload)))
        self.echo = Echo(self.bus, name="reader", heard=self._hear_echo)

    def _hear_echo(self) -> None:
        self.at_echo = list(self.heard)


@pytest.fixture
def broker(tmp_path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a Mosquitto, killed at the end
    mosquitto = Mosquitto(tmp_path, extra=f"max_queued_messages {KEPT_MAX}")
    mosquitto.start()
    yield mosquitto
    mosquitto.kill()


async def say(url: str, numbers: range) -> None:
    async with Bus(url=url, client_id="speaker", clock=Clock()) as bus:
        await until(lambda: bus.connected)
        for number in numbers:
            await bus.publish(TOPIC, str(number).encode())


async def subscribe_once(url: str, *, session_s: int = 60) -> None:
    reader = Reader(url, session_s=session_s)
    async with reader.bus:
        await until(lambda: reader.at_echo is not None)
        assert not reader.bus.has_session


async def test_what_comes_meanwhile_is_kept_in_order_and_comes_before_the_echo(broker: Mosquitto) -> None:
    await subscribe_once(broker.url)
    await say(broker.url, range(20))
    reader = Reader(broker.url)
    async with reader.bus:
        await until(lambda: reader.at_echo is not None)
        assert reader.bus.has_session
        assert reader.at_echo == list(range(20))


async def test_a_full_queue_keeps_what_came_first(broker: Mosquitto) -> None:
    await subscribe_once(broker.url)
    await say(broker.url, range(500))
    reader = Reader(broker.url)
    async with reader.bus:
        await until(lambda: reader.at_echo is not None)
    assert KEPT_MAX <= len(reader.heard) < 500
    assert reader.heard == list(range(len(reader.heard)))


async def test_without_a_session_nothing_is_kept(broker: Mosquitto) -> None:
    await subscribe_once(broker.url, session_s=0)
    await say(broker.url, range(5))
    reader = Reader(broker.url, session_s=0)
    async with reader.bus:
        await until(lambda: reader.at_echo is not None)
        assert not reader.bus.has_session
        assert reader.heard == []
