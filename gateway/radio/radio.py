"""A radio: one adapter of the gateway, whichever stack drives it. Scans for as long as it is open, connects on request.

Used as ``async with open_radio(spec, on_advertisement=..., now_ms=...) as radio``; a radio that is lost stays lost, the
caller opens a new one. Errors are `vitals.errors.PeerError` with the reason that decides what to do next.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from typing import Any, Final, assert_never

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDeviceNotFoundError, BleakError

from gateway.radio.advertisement import Advertisement, advertisement_of
from gateway.radio.capture import CaptureFile
from gateway.radio.faults import AdapterGoneError, NoSlotError
from gateway.radio.spec import RadioKind, RadioSpec
from gateway.radio.stack import CONNECT_TIMEOUT_S, LINK_ERRORS, Stack
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.units import MonotonicMs

logger = logging.getLogger(__name__)

LEAVE_TIMEOUT_S: Final = 3.0
"""BlueZ takes 2 s to drop a link; the radio is not held up for longer."""

# What BlueZ and dongles say when all links are taken (bleak-retry-connector, OUT_OF_SLOTS_ERRORS; HCI error 0x09).
_OUT_OF_SLOTS_TEXTS: Final = ("available connection", "connection slot", "CONNECTION_LIMIT_EXCEEDED", "No free slots")


class Radio:
    """An open radio. Get one from `open_radio`."""

    def __init__(self, spec: RadioSpec, stack: Stack) -> None:
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
    capture: CaptureFile | None = None,
) -> AsyncIterator[Radio]:
    """Open a radio and let it scan until the end of the block.

    Args:
        spec: which adapter.
        on_advertisement: called for each advertisement heard, several a second per sensor; must be quick.
        now_ms: the gateway's monotonic clock, for `Advertisement.heard_ms`.
        capture: is told what a radio of ours and its host say to each other.

    Raises:
        SetupError: the spec can't work on this machine.
        PeerError: the adapter is not there now, or does not scan.
    """
    async with AsyncExitStack() as exits:
        backend = await _open_stack(spec, exits, capture)
        radio = Radio(spec, backend)

        def on_heard(device: BLEDevice, data: AdvertisementData) -> None:
            on_advertisement(advertisement_of(device, data, radio=radio.name, heard_ms=now_ms()))

        scanner = backend.scanner(on_heard)
        await _start_scan(scanner, radio)
        exits.push_async_callback(_stop_scan, scanner, radio)
        logger.info("radio.open name=%s slots=%d", radio.name, radio.slots)
        yield radio


async def _open_stack(spec: RadioSpec, exits: AsyncExitStack, capture: CaptureFile | None) -> Stack:
    """Open the adapter that a spec names; ``exits`` closes it. Only the stack that it needs is loaded."""
    match spec.kind:
        case RadioKind.BLUEZ:
            from gateway.radio.bluez_stack import open_bluez  # noqa: PLC0415 - the D-Bus library is for Linux only

            return await exits.enter_async_context(open_bluez(spec))
        case RadioKind.BUMBLE:
            from gateway.radio.bumble_stack import open_bumble  # noqa: PLC0415 - half of the start of a small box

            return await exits.enter_async_context(open_bumble(spec, capture=capture))
        case _:
            assert_never(spec.kind)


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
