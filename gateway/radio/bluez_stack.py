"""An adapter of the operating system: stock bleak over BlueZ, watched because bleak tells nobody when it goes."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from gateway.radio.bluez_watch import BluezWatch, open_bluez_watch
from gateway.radio.spec import RadioSpec
from gateway.radio.stack import CONNECT_TIMEOUT_S, LINK_ERRORS
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason

BLUEZ_ADAPTERS: Final = Path("/sys/class/bluetooth")


class BluezStack:
    """An adapter of the operating system: stock bleak."""

    def __init__(self, adapter: str, watch: BluezWatch) -> None:
        """Take over an open adapter."""
        self._adapter = adapter
        self._watch = watch

    def scanner(self, on_heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        """Return a scanner on this adapter."""
        return BleakScanner(on_heard, bluez={"adapter": self._adapter})

    def client(self, device: BLEDevice, on_disconnect: Callable[[BleakClient], None], timeout_s: float) -> BleakClient:
        """Return a fresh client on this adapter."""
        return BleakClient(
            device, disconnected_callback=on_disconnect, timeout=timeout_s, bluez={"adapter": self._adapter}
        )

    @property
    def is_gone(self) -> bool:
        """Whether the adapter is known to be lost."""
        return not (BLUEZ_ADAPTERS / self._adapter).exists()

    async def wait_gone(self) -> str:
        """Return, when the adapter is lost, why."""
        return await self._watch.wait_lost()


@asynccontextmanager
async def open_bluez(spec: RadioSpec) -> AsyncIterator[BluezStack]:
    """Find the adapter at bluetoothd and watch it for the block.

    Raises:
        PeerError: there is no bluetoothd, no such adapter, or it is switched off.
    """
    name = f"{spec.kind}:{spec.target}"
    async with AsyncExitStack() as exits:
        try:
            async with deadline(CONNECT_TIMEOUT_S):
                watch = await exits.enter_async_context(open_bluez_watch(spec.target))
        except LINK_ERRORS as error:
            problem = "no system bus here, so no bluetoothd (Debian: apt install bluez)"
            raise PeerError(f"radio {name}: {problem}", PeerReason.UNREACHABLE) from error
        if why := await watch.look():
            raise PeerError(f"radio {name}: {why}", PeerReason.UNREACHABLE)
        yield BluezStack(spec.target, watch)
