"""What a radio needs of the stack below it: the operating system's Bluetooth, or our own over bumble."""

from collections.abc import Callable
from typing import Final, Protocol

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

CONNECT_TIMEOUT_S: Final = 10.0
"""A worn strap advertises every 0.25 to 1 s and discovery takes 1 to 2 s; call only for a device heard just now."""

LINK_ERRORS: Final = (BleakError, OSError, EOFError)
"""What radios do to us; TimeoutError is an OSError, EOFError means that the D-Bus went away under bleak."""


class Stack(Protocol):
    """What the two stacks differ in."""

    def scanner(self, on_heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        """Return a scanner on this adapter."""

    def client(self, device: BLEDevice, on_disconnect: Callable[[BleakClient], None], timeout_s: float) -> BleakClient:
        """Return a fresh client on this adapter."""

    @property
    def is_gone(self) -> bool:
        """Whether the adapter is known to be lost."""

    async def wait_gone(self) -> str:
        """Return, when the adapter is lost, why."""
