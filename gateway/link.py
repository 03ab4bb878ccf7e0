"""A link: what is exchanged with a connected sensor, by its driver; ends with the link and is never used again.

It asks and listens; what is heard goes to its owner (`gateway.session`), which knows when a link is to be dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from bleak import BleakClient
from bleak.exc import BleakError

from gateway.codecs.device_information import decode_device_text, describe_device
from gateway.codecs.uuids import BATTERY_LEVEL, MANUFACTURER_NAME, MODEL_NUMBER
from gateway.drivers.base import Driver, Hearing, Question, Questioned, Value
from gateway.drivers.registry import choose_driver
from gateway.radio.faults import is_cancelled
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.readings import Reading
from vitals.sensors import SensorId, SensorKind

logger: Final = logging.getLogger(__name__)

LEARN_REAL_S: Final = 5.0
ASK_REAL_S: Final = 5.0
"""Writing a question takes some ten ms; a link on which it takes longer is lost, and silence will say so."""


class Link:
    """One link with one sensor."""

    def __init__(
        self,
        client: BleakClient,
        driver: Driver,
        *,
        sensor: SensorId,
        on_value: Callable[["Link", Value], None],
        on_battery: Callable[[bytes], None],
    ) -> None:
        """Begin a conversation; nothing is exchanged yet.

        Args:
            client: connected.
            driver: who reads the sensor.
            sensor: its id, for the log.
            on_value: called with each value that is for the driver; it gives it to `hear` with a time and stamps.
            on_battery: called with each battery level.
        """
        self.client = client
        self.driver = driver
        self._sensor = sensor
        self._on_value = on_value
        self._on_battery = on_battery
        self._conversation = driver.open()

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return what a value says, in the light of what this link said before."""
        return self._conversation.hear(value, hearing)

    async def subscribe(self) -> None:
        """Listen to all that the driver listens to, and ask what is asked once.

        Raises:
            Exception: whatever the radio's stack raises; the link is of no use.
        """
        for characteristic in self.driver.listens:
            await self.client.start_notify(characteristic, partial(self._hear, characteristic))
        question = self.driver.question
        if question is not None and question.every_s is None:
            await self._write(question)

    async def ask(self, clock: Clock) -> None:
        """Ask what must be asked again and again, until cancelled; an answer that stays out is silence."""
        question = self.driver.question
        if question is None or question.every_s is None:
            return
        while True:
            try:
                async with deadline(ASK_REAL_S):
                    await self._write(question)
            except Exception as error:  # noqa: BLE001 - stacks raise anything; the session sees the silence
                logger.debug(f"sensor not asked sensor={self._sensor} error={error!r}")
            if is_cancelled():
                # asyncio.wait_for in Python 3.11, inside the stacks, can swallow a cancellation.
                raise asyncio.CancelledError
            await clock.sleep(question.every_s)

    async def learn_device(self) -> str:
        """Read what the driver wants to know once; return make and model as the sensor tells them, else ''.

        Raises:
            Exception: the link is lost, or the sensor does not answer.
        """
        async with deadline(LEARN_REAL_S):
            for characteristic in self.driver.reads:
                raw = await self._read(characteristic)
                if raw is not None:
                    self._on_value(self, Value(characteristic, raw))
            texts = [decode_device_text(await self._read(one) or b"") for one in (MANUFACTURER_NAME, MODEL_NUMBER)]
        return describe_device(*texts)

    async def learn_battery(self) -> None:
        """Read the battery level and ask to be told of changes, of a sensor that has one.

        Raises:
            Exception: the link is lost, or the sensor does not answer.
        """
        level = self.client.services.get_characteristic(BATTERY_LEVEL)
        if level is None:
            return
        async with deadline(LEARN_REAL_S):
            raw = await self._read(BATTERY_LEVEL)
            if raw is not None:
                self._on_battery(raw)
            if "notify" in level.properties:
                await self.client.start_notify(level, lambda _, value: self._on_battery(bytes(value)))

    def _hear(self, characteristic: str, _: object, raw: bytearray) -> None:
        self._on_value(self, Value(characteristic, bytes(raw)))

    async def _write(self, question: Question) -> None:
        found = self.client.services.get_characteristic(question.characteristic)
        if found is None:
            raise PeerError("the sensor takes no questions", PeerReason.REFUSED)
        if isinstance(self._conversation, Questioned):
            self._conversation.asked()
        with_answer = "write-without-response" not in found.properties
        await self.client.write_gatt_char(found, question.value, response=with_answer)

    async def _read(self, characteristic: str) -> bytes | None:
        """Return a value, or None: the sensor has none, or does not give it."""
        found = self.client.services.get_characteristic(characteristic)
        if found is None or "read" not in found.properties:
            return None
        try:
            return bytes(await self.client.read_gatt_char(found))
        except BleakError as error:
            if not self.client.is_connected:
                raise
            logger.debug(f"sensor does not tell sensor={self._sensor} characteristic={characteristic} error={error!r}")
            return None


def driver_for(client: BleakClient, *, sensor_kind: SensorKind, hint: Driver) -> Driver:
    """Return who can read a connected sensor; ``hint``: whom its advertisement spoke for.

    Raises:
        PeerError: nobody can.
    """
    offered = {one.uuid for one in client.services.characteristics.values()}
    driver = choose_driver(offered, sensor_kind=sensor_kind, hint=hint)
    if driver is None:
        raise PeerError(f"offers nothing that a {sensor_kind} must have", PeerReason.REFUSED)
    return driver
