"""A radio: one adapter of the gateway, whichever stack drives it. Scans for as long as it is open, connects on request.

Used as ``async with open_radio(spec, on_advertisement=..., now_ms=...) as radio``; a radio that is lost stays lost, the
caller opens a new one. Errors are `vitals.errors.PeerError` with the reason that decides what to do next.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, assert_never

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bumble.snoop import Snooper

from gateway.radio.advertisement import Advertisement, advertisement_of
from gateway.radio.bumble_adapter import AdapterGoneError, BumbleAdapter, NoSlotError, open_adapter
from gateway.radio.bumble_client import BumbleClient
from gateway.radio.bumble_scanner import BumbleScanner
from gateway.radio.spec import RadioKind, RadioSpec
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.units import MonotonicMs

if TYPE_CHECKING:
    from gateway.radio.bluez_watch import BluezWatch

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 10.0
"""A worn strap advertises every 0.25 to 1 s and discovery takes 1 to 2 s; call only for a device heard just now."""

LEAVE_TIMEOUT_S: Final = 3.0
"""BlueZ takes 2 s to drop a link; the radio is not held up for longer."""

BLUEZ_ADAPTERS: Final = Path("/sys/class/bluetooth")

LINK_ERRORS: Final = (BleakError, OSError, EOFError)
"""What radios do to us; TimeoutError is an OSError, EOFError means that the D-Bus went away under bleak."""

# What BlueZ and dongles say when all links are taken (bleak-retry-connector, OUT_OF_SLOTS_ERRORS; HCI error 0x09).
_OUT_OF_SLOTS_TEXTS: Final = ("available connection", "connection slot", "CONNECTION_LIMIT_EXCEEDED", "No free slots")


class _Stack(Protocol):
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


class _BluezStack:
    """An adapter of the operating system: stock bleak."""

    def __init__(self, adapter: str, watch: "BluezWatch") -> None:
        self._adapter = adapter
        self._watch = watch

    def scanner(self, on_heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        return BleakScanner(on_heard, bluez={"adapter": self._adapter})

    def client(self, device: BLEDevice, on_disconnect: Callable[[BleakClient], None], timeout_s: float) -> BleakClient:
        return BleakClient(
            device, disconnected_callback=on_disconnect, timeout=timeout_s, bluez={"adapter": self._adapter}
        )

    @property
    def is_gone(self) -> bool:
        return not (BLUEZ_ADAPTERS / self._adapter).exists()

    async def wait_gone(self) -> str:
        return await self._watch.wait_lost()


class _BumbleStack:
    """An adapter of ours: bleak with our backend."""

    def __init__(self, adapter: BumbleAdapter) -> None:
        self._adapter = adapter

    def scanner(self, on_heard: Callable[[BLEDevice, AdvertisementData], None]) -> BleakScanner:
        return BleakScanner(on_heard, backend=BumbleScanner, bumble_adapter=self._adapter)

    def client(self, device: BLEDevice, on_disconnect: Callable[[BleakClient], None], timeout_s: float) -> BleakClient:
        return BleakClient(device, disconnected_callback=on_disconnect, timeout=timeout_s, backend=BumbleClient)

    @property
    def is_gone(self) -> bool:
        return self._adapter.lost.is_set()

    async def wait_gone(self) -> str:
        await self._adapter.lost.wait()
        return "adapter is gone"


class Radio:
    """An open radio. Get one from `open_radio`."""

    def __init__(self, spec: RadioSpec, stack: _Stack) -> None:
        """Take over an open adapter."""
        self.spec = spec
        self.name = f"{spec.kind}:{spec.target}"
        self.slots = spec.slots
        self._stack = stack
        self._links: list[_Link] = []
        self._connecting = asyncio.Lock()

    @property
    def slots_used(self) -> int:
        """How many links stand or are being made."""
        self._links = [link for link in self._links if link.holds_slot]
        return len(self._links)

    @property
    def is_gone(self) -> bool:
        """Whether the adapter is known to be lost."""
        return self._stack.is_gone

    async def wait_gone(self) -> str:
        """Return, when the adapter is lost, one line that says so. BlueZ adapters are looked at each second."""
        return f"radio {self.name}: {await self._stack.wait_gone()}"

    async def connect(
        self, device: BLEDevice, *, on_disconnect: Callable[[], None], timeout_s: float = CONNECT_TIMEOUT_S
    ) -> BleakClient:
        """Return a new, connected client for a device that was heard; connects wait for one another.

        Args:
            device: from an advertisement that this radio heard, at most some seconds ago.
            on_disconnect: called once when the link ends, whoever ended it; not if it never stood.
            timeout_s: for this attempt, from when its turn comes.

        Raises:
            PeerError: OUT_OF_SLOTS (free one or use another radio), TIMED_OUT or UNREACHABLE (not there: back off),
                GONE (the adapter: open a new radio), LINK_LOST or REFUSED (back off and try again).
        """
        if self.slots_used >= self.slots:
            raise PeerError(f"radio {self.name}: all {self.slots} slots are taken", PeerReason.OUT_OF_SLOTS)
        link = _Link(on_disconnect)
        self._links.append(link)
        try:
            async with self._connecting:
                link.client = self._stack.client(device, link.on_disconnected, timeout_s)
                # bleak's own limit does not bound what BlueZ does between connecting and the services.
                async with deadline(timeout_s):
                    await link.client.connect()
        except LINK_ERRORS as error:
            await link.leave()
            raise self._refusal(device, error) from error
        except BaseException:
            await link.leave()
            raise
        if not link.client.is_connected:
            await link.leave()
            raise PeerError(f"radio {self.name}: {device.address}: link lost at once", PeerReason.LINK_LOST)
        link.state = _LinkState.UP
        return link.client

    def _refusal(self, device: BLEDevice, error: Exception) -> PeerError:
        """Return what a failed attempt means for the caller."""
        reason = reason_of(error)
        if reason is not PeerReason.OUT_OF_SLOTS and self.is_gone:
            reason = PeerReason.GONE
        return PeerError(f"radio {self.name}: {device.address}: {str(error) or 'no answer in time'}", reason)


class _LinkState(StrEnum):
    """How far a link is, for its owner."""

    MAKING = "making"
    UP = "up"
    OVER = "over"


class _Link:
    """A slot in use, and who is told when the link in it ends."""

    def __init__(self, on_disconnect: Callable[[], None]) -> None:
        self.state = _LinkState.MAKING
        self.client: BleakClient | None = None
        self._on_disconnect = on_disconnect

    @property
    def holds_slot(self) -> bool:
        """Whether the adapter may not be asked for this slot: bleak's word counts, also when a callback got lost."""
        return self.state is _LinkState.MAKING or (self.client is not None and self.client.is_connected)

    def on_disconnected(self, _client: BleakClient) -> None:
        """Bleak says that the link has ended; while it is still being made, the attempt says so itself."""
        if self.state is _LinkState.UP:
            self.state = _LinkState.OVER
            self._on_disconnect()

    async def leave(self) -> None:
        """Make sure that a failed attempt keeps neither link nor slot."""
        try:
            if self.client is not None:
                async with deadline(LEAVE_TIMEOUT_S):
                    await self.client.disconnect()
        except LINK_ERRORS as error:
            logger.debug("radio.leave_failed error=%r", error)
        finally:
            self.state = _LinkState.OVER


def reason_of(error: Exception) -> PeerReason:
    """Return what kind of failure an error of bleak or of the backend is."""
    match error:
        case NoSlotError():
            return PeerReason.OUT_OF_SLOTS
        case AdapterGoneError():
            return PeerReason.GONE
        case BleakDeviceNotFoundError():
            return PeerReason.UNREACHABLE
        case TimeoutError():
            return PeerReason.TIMED_OUT
        case BleakError() if any(text in str(error) for text in _OUT_OF_SLOTS_TEXTS):
            return PeerReason.OUT_OF_SLOTS
        case _:
            return PeerReason.LINK_LOST


@asynccontextmanager
async def open_radio(
    spec: RadioSpec,
    *,
    on_advertisement: Callable[[Advertisement], None],
    now_ms: Callable[[], MonotonicMs],
    snooper: Snooper | None = None,
) -> AsyncIterator[Radio]:
    """Open a radio and let it scan until the end of the block.

    Args:
        spec: which adapter.
        on_advertisement: called for each advertisement heard, several a second per sensor; must be quick.
        now_ms: the gateway's monotonic clock, for `Advertisement.heard_ms`.
        snooper: is told what a radio of ours and its host say to each other.

    Raises:
        SetupError: the spec can't work on this machine.
        PeerError: the adapter is not there now, or does not scan.
    """
    async with AsyncExitStack() as exits:
        backend = await _open_stack(spec, exits, snooper)
        radio = Radio(spec, backend)

        def on_heard(device: BLEDevice, data: AdvertisementData) -> None:
            on_advertisement(advertisement_of(device, data, radio=radio.name, heard_ms=now_ms()))

        scanner = backend.scanner(on_heard)
        await _start_scan(scanner, radio)
        exits.push_async_callback(_stop_scan, scanner, radio)
        logger.info("radio.open name=%s slots=%d", radio.name, radio.slots)
        yield radio


async def _open_stack(spec: RadioSpec, exits: AsyncExitStack, snooper: Snooper | None) -> _Stack:
    """Open the adapter that a spec names; ``exits`` closes it."""
    match spec.kind:
        case RadioKind.BLUEZ:
            return await _open_bluez(spec, exits)
        case RadioKind.BUMBLE:
            return _BumbleStack(await exits.enter_async_context(open_adapter(spec.target, snooper=snooper)))
        case _:
            assert_never(spec.kind)


async def _open_bluez(spec: RadioSpec, exits: AsyncExitStack) -> _BluezStack:
    """Find the adapter at bluetoothd and begin to watch it."""
    from gateway.radio.bluez_watch import open_bluez_watch  # noqa: PLC0415 - the D-Bus library is for Linux only

    name = f"{spec.kind}:{spec.target}"
    try:
        async with deadline(CONNECT_TIMEOUT_S):
            watch = await exits.enter_async_context(open_bluez_watch(spec.target))
    except LINK_ERRORS as error:
        problem = "no system bus here, so no bluetoothd (Debian: apt install bluez)"
        raise PeerError(f"radio {name}: {problem}", PeerReason.UNREACHABLE) from error
    if why := await watch.look():
        raise PeerError(f"radio {name}: {why}", PeerReason.UNREACHABLE)
    return _BluezStack(spec.target, watch)


async def _start_scan(scanner: BleakScanner, radio: Radio) -> None:
    """Start the one long scan."""
    try:
        async with deadline(CONNECT_TIMEOUT_S):
            await scanner.start()
    except LINK_ERRORS as error:
        raise PeerError(f"radio {radio.name}: does not scan: {error}", PeerReason.UNREACHABLE) from error


async def _stop_scan(scanner: BleakScanner, radio: Radio, *_exception: Any) -> None:
    """Stop the scan; a lost adapter has stopped already."""
    try:
        async with deadline(CONNECT_TIMEOUT_S):
            await scanner.stop()
    except LINK_ERRORS as error:
        logger.info("radio.scan_not_stopped name=%s error=%r", radio.name, error)
