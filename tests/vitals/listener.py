"""A bus to say something on, and an ear that keeps what it hears."""

from tests.peers import Mosquitto
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.connection import Will


def bus(broker: Mosquitto, name: str, will: Will | None = None) -> Bus:
    return Bus(url=broker.url, client_id=name, clock=Clock(), will=will)


class Heard(list[Incoming]):
    """Everything that came on a filter."""

    def payloads(self, topic: str) -> list[bytes]:
        return [incoming.payload for incoming in self if incoming.topic == topic]
