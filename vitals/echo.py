"""A word to ourselves that comes back behind everything that the broker had for us when we connected.

A broker hands one client its messages in their order (MQTT 5, 4.6): what it kept for an absent one, what it retains of
the topics just subscribed to, and then this.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from vitals.bus import Bus, Incoming
from vitals.connection import PROBE_TOPIC
from vitals.runs import new_run_id

logger: Final = logging.getLogger(__name__)

AGAIN_S: Final = 1.0
"""Real seconds until the word is said again: a broker whose queue for us is full drops it."""

SAID_MAX: Final = 20
"""What a broker keeps is handed over in seconds. One that never answers must not keep us waiting for ever."""


class Echo:
    """Calls back once for each connection of a `Bus`. `run` says the word again until it is heard."""

    def __init__(self, bus: Bus, *, name: str, heard: Callable[[], None]) -> None:
        """Keep whom to tell; ``name`` is unique among all clients, as a client id is."""
        self._bus = bus
        self._name = name
        self._topic = f"{PROBE_TOPIC}/{name}"
        self._heard = heard
        self._word = b""
        """Of one connection: a broker may have kept an echo of an earlier one."""
        self._said = 0
        self._waits = False
        bus.subscribe(self._topic, self._hear)
        bus.on_connected(self._hear_connection)
        bus.on_disconnected(self._hear_loss)

    async def run(self) -> None:
        """Say the word again while it is not heard, until cancelled."""
        while True:
            await asyncio.sleep(AGAIN_S)
            if not self._waits:
                continue
            if self._said < SAID_MAX:
                self._say()
            else:
                logger.warning(f"broker gives no echo name={self._name}: what it kept may still come")
                self._finish()

    def _hear_connection(self) -> None:
        self._word = new_run_id().encode()
        self._said = 0
        self._waits = True
        self._say()

    def _hear_loss(self) -> None:
        self._waits = False

    def _say(self) -> None:
        self._said += 1
        self._bus.send_soon(self._topic, self._word, qos=1)

    def _hear(self, incoming: Incoming) -> None:
        if self._waits and incoming.payload == self._word:
            self._finish()

    def _finish(self) -> None:
        self._waits = False
        self._heard()
