"""An adapter of ours, virtual or a dongle: bleak with our backend over bumble."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from gateway.radio.bumble_adapter import BumbleAdapter, open_adapter
from gateway.radio.bumble_client import BumbleClient
from gateway.radio.bumble_scanner import BumbleScanner
from gateway.radio.capture import CaptureFile
from gateway.radio.spec import RadioSpec


class BumbleStack:
    """An adapter of ours: bleak with our backend."""

    def __init__(self, adapter: BumbleAdapter) -> None:
        """Take over an open adapter."""
        self._adapter = adapter

    def scanner(self, on_heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        """Return a scanner on this adapter."""
        return BleakScanner(on_heard, backend=BumbleScanner, bumble_adapter=self._adapter)

    def client(self, device: BLEDevice, on_disconnect: Callable[[BleakClient], None], timeout_s: float) -> BleakClient:
        """Return a fresh client on this adapter."""
        return BleakClient(device, disconnected_callback=on_disconnect, timeout=timeout_s, backend=BumbleClient)

    @property
    def is_gone(self) -> bool:
        """Whether the adapter is known to be lost."""
        return self._adapter.lost.is_set()

    async def wait_gone(self) -> str:
        """Return, when the adapter is lost, why."""
        await self._adapter.lost.wait()
        return "adapter is gone"


@asynccontextmanager
async def open_bumble(spec: RadioSpec, *, capture: CaptureFile | None) -> AsyncIterator[BumbleStack]:
    """Open the adapter for the block.

    Raises:
        PeerError: it is not there, or does not answer.
        SetupError: the spec can't work on this machine.
    """
    async with open_adapter(spec.target, capture=capture) as adapter:
        yield BumbleStack(adapter)
