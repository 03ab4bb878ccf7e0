"""One Bluetooth adapter driven by bumble: opened by a transport name, shared by a scanner and many clients.

It is lost once and for all when its transport is (dongle pulled, simulator gone): everything under way ends with
`AdapterGoneError`, and a new adapter must be opened.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from bleak.exc import BleakError
from bumble import core, hci
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportInitError, TransportSpecError

from gateway.radio.bumble_host import PatientHost
from gateway.radio.capture import CaptureFile
from gateway.radio.faults import AdapterGoneError, NoSlotError, is_cancelled
from vitals.deadline import Deadline, deadline
from vitals.errors import PeerError, PeerReason, SetupError, SetupReason

logger = logging.getLogger(__name__)

OPEN_TIMEOUT_S: Final = 10.0
COMMAND_TIMEOUT_S: Final = 5.0
"""Adapters answer commands within milliseconds; one that takes longer is stuck."""

ABORT_TIMEOUT_S: Final = 3.0
"""How long a cancelled connect may tidy up: one command, and one disconnect if the link had come about meanwhile."""

ABORTS: Final = (core.BaseBumbleError, asyncio.InvalidStateError)


class BumbleAdapter:
    """An open adapter. Get one by ``async with open_adapter("usb:0") as adapter``."""

    def __init__(self, name: str, device: Device) -> None:
        """Take over a device whose transport is open."""
        self.name = name
        self.device = device
        self.lost = asyncio.Event()
        self._connecting = asyncio.Lock()  # a controller initiates one connection at a time
        self._scopes: set[Deadline] = set()
        self._scan_users = 0

    @property
    def address(self) -> str:
        """The adapter's own address, new at each opening."""
        return str(self.device.random_address).partition("/")[0]

    def mark_lost(self) -> None:
        """End everything under way: the transport is gone."""
        if self.lost.is_set():
            return
        self.lost.set()
        logger.info("adapter.lost name=%s", self.name)
        now_s = asyncio.get_running_loop().time()
        for scope in self._scopes:
            if not scope.expired():
                scope.reschedule(now_s)

    @asynccontextmanager
    async def alive(self, timeout_s: float) -> AsyncIterator[None]:
        """Bound what needs the adapter by a time and by the adapter's own life.

        Raises:
            AdapterGoneError: it is lost, or was while the body ran.
            TimeoutError: the body took longer than ``timeout_s``.
        """
        if self.lost.is_set():
            raise AdapterGoneError(f"adapter {self.name} is gone")
        try:
            async with deadline(timeout_s) as scope:
                self._scopes.add(scope)
                try:
                    yield
                finally:
                    self._scopes.discard(scope)
        except TimeoutError:
            if self.lost.is_set():
                raise AdapterGoneError(f"adapter {self.name} is gone") from None
            raise

    async def connect(self, target: hci.Address) -> Connection:
        """Return a new link to a sensor; waits for its turn and, without a bound of its own, for the sensor.

        Safe to cancel: the controller stops trying, and a link that comes about in the last moment is closed.

        Raises:
            NoSlotError: the adapter is full.
            AdapterGoneError: the adapter was lost.
            BleakError: the controller refused.
        """
        async with self._connecting:
            try:
                return await self.device.connect_le(target, timeout=None)
            except asyncio.CancelledError:
                await self._abort_connect(target)
                if is_cancelled():
                    raise
                raise AdapterGoneError(f"adapter {self.name} is gone") from None
            except core.BaseBumbleError as error:
                if getattr(error, "error_code", None) == hci.HCI_ErrorCode.CONNECTION_LIMIT_EXCEEDED_ERROR:
                    raise NoSlotError(f"adapter {self.name} has no free slot") from error
                raise BleakError(f"connecting to {target}: {error}") from error

    async def _abort_connect(self, target: hci.Address) -> None:
        """Make the controller forget a connection request whose caller has gone.

        Otherwise it would go on, and end with a link that nobody owns and a strap that is silent for good.
        """
        if self.lost.is_set():
            return
        device = self.device
        # connect_le() has cleared this already; a link that comes about now would trip over an assertion in bumble.
        device.connect_own_address_type = hci.OwnAddressType.RANDOM
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def on_over(_outcome: object) -> None:
            if not over.done():
                over.set_result(None)

        device.on(Device.EVENT_CONNECTION, on_over)
        device.on(Device.EVENT_CONNECTION_FAILURE, on_over)
        try:
            async with self.alive(ABORT_TIMEOUT_S):
                try:
                    await device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
                    await over
                except hci.HCI_Error as error:
                    # Nothing to cancel: the request had failed, or the link stands already.
                    logger.debug("adapter.cancel_refused name=%s error=%s", self.name, error)
                stray = device.find_connection_by_bd_addr(target, core.PhysicalTransport.LE)
                if stray is not None:
                    await stray.disconnect()
        except (*ABORTS, BleakError, TimeoutError) as error:
            logger.warning("adapter.abort_failed name=%s target=%s error=%r", self.name, target, error)
        finally:
            device.remove_listener(Device.EVENT_CONNECTION, on_over)
            device.remove_listener(Device.EVENT_CONNECTION_FAILURE, on_over)
            device.connect_own_address_type = None

    async def start_scan(self, *, is_active: bool) -> None:
        """Scan for one more user.

        Raises:
            BleakError: the controller refused, or is gone.
        """
        self._scan_users += 1
        if self._scan_users > 1:
            return
        try:
            async with self.alive(COMMAND_TIMEOUT_S):
                await self.device.start_scanning(active=is_active, filter_duplicates=False)
        except BaseException as error:
            self._scan_users -= 1
            if isinstance(error, (core.BaseBumbleError, TimeoutError)):
                raise BleakError(f"adapter {self.name} does not scan: {error}") from error
            raise

    async def stop_scan(self) -> None:
        """Stop scanning when the last user has gone; an adapter that is lost has stopped already."""
        self._scan_users -= 1
        if self._scan_users > 0 or self.lost.is_set():
            return
        try:
            async with self.alive(COMMAND_TIMEOUT_S):
                await self.device.stop_scanning()
        except (core.BaseBumbleError, BleakError, TimeoutError) as error:
            logger.warning("adapter.scan_not_stopped name=%s error=%r", self.name, error)


@asynccontextmanager
async def open_adapter(transport_name: str, *, capture: CaptureFile | None = None) -> AsyncIterator[BumbleAdapter]:
    """Open an adapter by bumble's name for its transport and close it at the end.

    Args:
        transport_name: as bumble names it, e.g. ``usb:0``.
        capture: is told everything that goes to and fro.

    Raises:
        SetupError: the name is none, or a package for this transport is missing.
        PeerError: there is no adapter at that place now; it may come.
    """
    transport = await _open_transport(transport_name)
    closing: Callable[[asyncio.Future[None]], None] | None = None
    try:
        # A random static address, new each time: unique among all adapters in reach, and nobody is trackable by it.
        config = DeviceConfiguration(name="session-vitals", address=hci.Address.generate_static_address())
        device = Device(config=config, host=PatientHost(transport.source, transport.sink))
        device.host.snooper = None if capture is None else capture.snooper()
        adapter = BumbleAdapter(transport_name, device)

        def closing(_terminated: asyncio.Future[None]) -> None:
            adapter.mark_lost()

        transport.source.terminated.add_done_callback(closing)
        await _power_on(adapter)
        yield adapter
    finally:
        if closing is not None:
            transport.source.terminated.remove_done_callback(closing)
        await transport.close()


async def _open_transport(name: str) -> Transport:
    """Open the way to the adapter."""
    try:
        async with deadline(OPEN_TIMEOUT_S):
            return await open_transport(name)
    except (TransportSpecError, ValueError) as error:
        raise SetupError(f"radio bumble:{name}: {error}", SetupReason.SETTINGS) from error
    except ImportError as error:
        raise SetupError(f"radio bumble:{name}: package missing: {error}", SetupReason.MISSING_PACKAGE) from error
    except (OSError, TransportInitError) as error:
        reason = PeerReason.TIMED_OUT if isinstance(error, TimeoutError) else PeerReason.UNREACHABLE
        raise PeerError(f"radio bumble:{name}: no adapter there: {error}", reason) from error


async def _power_on(adapter: BumbleAdapter) -> None:
    """Reset the adapter and bring it up."""
    try:
        async with adapter.alive(OPEN_TIMEOUT_S):
            await adapter.device.power_on()
    except (core.BaseBumbleError, BleakError) as error:
        raise PeerError(f"radio bumble:{adapter.name}: {error}", PeerReason.GONE) from error
    except TimeoutError as error:
        raise PeerError(f"radio bumble:{adapter.name}: adapter does not answer", PeerReason.TIMED_OUT) from error
