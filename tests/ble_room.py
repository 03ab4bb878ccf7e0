"""A room for tests: an air, sensors in it that advertise every 20 ms, and a door for radios. Real bytes, no mocks."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice

from gateway.radio.bumble_adapter import BumbleAdapter, open_adapter
from gateway.radio.bumble_client import BumbleClient
from gateway.radio.bumble_scanner import BumbleScanner
from simulators.air import Air
from simulators.controller import AirController
from simulators.radio_server import RadioServer
from simulators.sensors.oximeter import Oximeter
from simulators.sensors.peripheral import Peripheral, VirtualSensor
from simulators.sensors.strap import Strap
from vitals.deadline import deadline

S = TypeVar("S", bound=VirtualSensor)

ADVERTISING_MS = 20
BOUND_S = 12.0


async def until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until a condition holds; fail the test, with what was waited for, if it takes far too long."""
    try:
        async with deadline(BOUND_S):
            while not condition():  # noqa: ASYNC110 - the conditions are plain attributes of real peers
                await asyncio.sleep(0.002)
    except TimeoutError:
        raise AssertionError(f"never happened: {what or condition}") from None


class Room:
    """What a test needs of a room."""

    def __init__(self, air: Air, server: RadioServer, port: int) -> None:
        self.air = air
        self.server = server
        self.port = port
        self.straps: list[Strap] = []
        self.oximeters: list[Oximeter] = []

    @property
    def transport(self) -> str:
        return f"tcp-client:127.0.0.1:{self.port}"

    async def add_straps(self, count: int, *, slots: int = 1) -> list[Strap]:
        for _ in range(count):
            strap = Strap(self.air, len(self.straps) + 1, advertising_ms=ADVERTISING_MS, slots=slots)
            await strap.start()
            self.straps.append(strap)
        return self.straps[-count:]

    async def add_oximeter(self) -> Oximeter:
        oximeter = Oximeter(self.air, len(self.oximeters) + 1, advertising_ms=ADVERTISING_MS)
        await oximeter.start()
        self.oximeters.append(oximeter)
        return oximeter

    async def add(self, make: Callable[..., S], index: int = 1) -> S:
        """Put a sensor of any make into the room."""
        sensor = make(self.air, index, advertising_ms=ADVERTISING_MS)
        await sensor.start()
        return sensor

    def radio(self) -> AirController:
        """The adapter that was plugged in last, as it is in the air."""
        return list(self.server.radios.values())[-1]


@asynccontextmanager
async def open_room(*, straps: int = 0, slots: int = 100, rate: float = 1.0, seed: int = 7) -> AsyncIterator[Room]:
    """A room with some straps; every adapter that a gateway opens in it holds ``slots`` links."""
    air = Air(random.Random(seed), rate=rate)
    async with RadioServer(air, slots=slots) as server:
        room = Room(air, server, await server.listen_tcp())
        if straps:
            await room.add_straps(straps)
        yield room


@asynccontextmanager
async def adapter_in(room: Room) -> AsyncIterator[BumbleAdapter]:
    """One more adapter of a gateway, over TCP like another process."""
    async with open_adapter(room.transport) as adapter:
        yield adapter


async def find(adapter: BumbleAdapter, *peripherals: Peripheral) -> list[BLEDevice]:
    """Scan until all of some sensors were heard; return bleak's handles for them, in their order."""
    async with BleakScanner(backend=BumbleScanner, bumble_adapter=adapter) as scanner:
        wanted = [peripheral.address for peripheral in peripherals]
        await until(lambda: set(wanted) <= set(scanner.discovered_devices_and_advertisement_data), f"{wanted} heard")
        heard = scanner.discovered_devices_and_advertisement_data
        return [heard[address][0] for address in wanted]


def client_of(device: BLEDevice, lost: list[str] | None = None) -> BleakClient:
    """A fresh client that writes the address of a lost sensor into ``lost``."""
    gone = lost if lost is not None else []
    return BleakClient(device, disconnected_callback=lambda c: gone.append(c.address), backend=BumbleClient)
