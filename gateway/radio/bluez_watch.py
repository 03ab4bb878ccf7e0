"""What bluetoothd says of one adapter: whether it is there, switched on and scanning. Asked each second.

bleak tells none of this to a scanner: when the Bluetooth service is restarted, or somebody switches the adapter off and
on, the scan is over for good and nobody hears of it (seen with a real bluetoothd 5.66: 8 of 11 sensors missing until
the gateway was restarted, because the other three kept their links).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from dbus_fast import BusType, DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from vitals.deadline import deadline

ASK_S: Final = 1.0
ANSWER_S: Final = 10.0
"""A bluetoothd that answers nothing for so long hangs; a busy one on a slow box was seen to take half a second."""

IDLE_S: Final = 15.0
"""BlueZ pauses a scan while it connects, and for some seconds between two rounds; a longer pause is an end."""

_SERVICE: Final = "org.bluez"


class BluezWatch:
    """One adapter of the operating system, watched. Get one from `open_bluez_watch`."""

    def __init__(self, bus: MessageBus, adapter: str) -> None:
        """Watch by a connection of our own."""
        self._bus = bus
        self._path = f"/org/bluez/{adapter}"
        self._owner = ""
        self._is_scanning = False

    async def look(self) -> str:
        """Return why the adapter is of no use now, in a few words, or nothing."""
        try:
            async with deadline(ANSWER_S):
                return await self._look()
        except TimeoutError:
            return "bluetoothd does not answer"
        except (OSError, EOFError, DBusError) as error:
            return f"no system bus any more ({type(error).__name__})"

    async def wait_lost(self) -> str:
        """Return, when the adapter or its service is lost or the scan has ended, why."""
        loop = asyncio.get_running_loop()
        scanned_s = loop.time()
        while True:
            await asyncio.sleep(ASK_S)
            if why := await self.look():
                return why
            if self._is_scanning:
                scanned_s = loop.time()
            elif loop.time() - scanned_s > IDLE_S:
                return "the scan has ended"

    async def _look(self) -> str:
        # The name first: a question to a service that is not there would make the bus start one.
        owner = await self._call("org.freedesktop.DBus", "/org/freedesktop/DBus", "GetNameOwner", _SERVICE)
        if owner is None:
            return "no bluetoothd on the system bus"
        self._owner = self._owner or str(owner)
        if owner != self._owner:
            return "bluetoothd was restarted"
        found = await self._call(_SERVICE, self._path, "GetAll", "org.bluez.Adapter1")
        if not isinstance(found, dict):
            return "adapter is gone"
        self._is_scanning = _is_on(found, "Discovering")
        return "" if _is_on(found, "Powered") else "adapter is switched off"

    async def _call(self, service: str, path: str, member: str, argument: str) -> object:
        """Return the first value of an answer, or None when the answer is an error."""
        interface = "org.freedesktop.DBus.Properties" if member == "GetAll" else "org.freedesktop.DBus"
        question = Message(
            destination=service, path=path, interface=interface, member=member, signature="s", body=[argument]
        )
        answer = await self._bus.call(question)
        if answer.message_type is not MessageType.METHOD_RETURN:
            return None
        value: object = answer.body[0]
        return value


def _is_on(properties: dict[str, Variant], name: str) -> bool:
    value = properties.get(name)
    return value is not None and bool(value.value)


@asynccontextmanager
async def open_bluez_watch(adapter: str) -> AsyncIterator[BluezWatch]:
    """Watch an adapter such as ``hci0`` until the end of the block.

    Raises:
        OSError: there is no system bus.
    """
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        yield BluezWatch(bus, adapter)
    finally:
        bus.disconnect()
