"""The client half of the bleak backend over bumble: ``BleakClient(device, backend=BumbleClient)``.

A fresh object per attempt, as everywhere in the gateway. A request that is cancelled while its answer is due leaves the
ATT bearer unusable (the answer would be taken for the next one's), so the link is closed then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from bleak.args import SizedBuffer
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.device import Connection, Peer

from gateway.radio.bumble_adapter import BumbleAdapter
from gateway.radio.bumble_scanner import uuid_text
from gateway.radio.faults import is_cancelled

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

MTU_WANTED: Final = 247
"""Fills one data packet of 251 bytes."""

MTU_DEFAULT: Final = 23
REQUEST_TIMEOUT_S: Final = 30.0
"""After 30 s without an answer an ATT bearer is dead (Core Specification, Vol 3, Part F, 3.3.3)."""

DISCONNECT_TIMEOUT_S: Final = 3.0

_PROPERTIES: Final[tuple[tuple[int, CharacteristicPropertyName], ...]] = (
    (0x01, "broadcast"),
    (0x02, "read"),
    (0x04, "write-without-response"),
    (0x08, "write"),
    (0x10, "notify"),
    (0x20, "indicate"),
    (0x40, "authenticated-signed-writes"),
    (0x80, "extended-properties"),
)


class BumbleClient(BaseBleakClient):
    """One attempt to be connected to one sensor, and the connection that comes of it."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None = None,
        timeout: float = 10.0,
        services: set[str] | None = None,
        **_others: Any,
    ) -> None:
        """Prepare for a device that a `BumbleScanner` has seen; an address alone does not name an adapter."""
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._ble_device = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._wanted_services = services
        self._connection: Connection | None = None
        self._peer: Peer | None = None
        self._subscriptions: dict[int, Callable[[bytes], None]] = {}

    @property
    def name(self) -> str:
        """The sensor's advertised name, or its address."""
        advertised = self._ble_device.name if self._ble_device is not None else None
        return advertised or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """Bytes of the longest ATT packet."""
        return self._connection.att_mtu if self._connection is not None else MTU_DEFAULT

    @property
    def is_connected(self) -> bool:
        """Whether the link stands."""
        return self._connection is not None

    async def connect(self, pair: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - bleak's signature
        """Connect and discover.

        Raises:
            TimeoutError: the sensor did not answer in time.
            BleakError: everything else that can go wrong.
        """
        if self._connection is not None:
            raise BleakError("client is already connected")
        adapter, target = self._destination()
        async with adapter.alive(kwargs.get("timeout", self._timeout)):
            connection = await adapter.connect(target)
            # No await between here and there: the link has an owner from its first moment.
            self._connection = connection
            self._peer = Peer(connection)
            connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
            try:
                await self._request(self._discover)
                if pair:
                    await self._request(connection.pair)
            except BaseException:
                await self.disconnect()
                raise

    def _destination(self) -> tuple[BumbleAdapter, hci.Address]:
        """Return by which adapter to reach the sensor, and its address."""
        if self._ble_device is None:
            msg = f"{self.address}: connect to a device that was seen by a scan, not to an address"
            raise BleakDeviceNotFoundError(self.address, msg)
        details = self._ble_device.details
        return details["bumble_adapter"], details["address"]

    async def _request(self, request: Callable[[], Awaitable[_T]]) -> _T:
        """Run an exchange with the sensor and speak bleak about what goes wrong."""
        adapter, _target = self._destination()
        try:
            async with adapter.alive(REQUEST_TIMEOUT_S):
                return await request()
        except ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code or 0)) from error
        except asyncio.CancelledError:
            if is_cancelled():
                await self.disconnect()
                raise
            # bumble cancels what waits for an answer when the link drops.
            raise BleakError(f"{self.address}: link lost") from None
        except TimeoutError:
            await self.disconnect()
            raise
        except core.BaseBumbleError as error:
            raise BleakError(f"{self.address}: {type(error).__name__} {error}") from error

    async def _discover(self) -> None:
        """Learn what the sensor offers."""
        peer = self._linked()
        try:
            await peer.request_mtu(MTU_WANTED)
        except ATT_Error as error:
            logger.debug("client.mtu_refused address=%s error=%s", self.address, error)
        found = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            uuid = uuid_text(service.uuid)
            if self._wanted_services and uuid not in self._wanted_services:
                continue
            bleak_service = BleakGATTService(service, service.handle, uuid)
            found.add_service(bleak_service)
            for characteristic in await service.discover_characteristics():
                bleak_characteristic = BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    uuid_text(characteristic.uuid),
                    [name for bit, name in _PROPERTIES if characteristic.properties & bit],
                    lambda: self.mtu_size - 3,
                    bleak_service,
                )
                found.add_characteristic(bleak_characteristic)
                for descriptor in await characteristic.discover_descriptors():
                    found.add_descriptor(
                        BleakGATTDescriptor(
                            descriptor, descriptor.handle, uuid_text(descriptor.type), bleak_characteristic
                        )
                    )
        self.services = found

    def _linked(self) -> Peer:
        """Return the sensor at the other end."""
        if self._peer is None:
            raise BleakError(f"{self.address}: not connected")
        return self._peer

    def _on_disconnection(self, _reason: int) -> None:
        """Forget the link and say so, once."""
        if self._connection is None:
            return
        self._connection = None
        self._peer = None
        self.services = None
        self._subscriptions.clear()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        """Close the link; after this it is closed for us, whatever the adapter answers."""
        connection = self._connection
        if connection is None:
            return
        adapter, _target = self._destination()
        try:
            async with adapter.alive(DISCONNECT_TIMEOUT_S):
                await connection.disconnect()
        except (core.BaseBumbleError, BleakError, TimeoutError) as error:
            logger.debug("client.disconnect_failed address=%s error=%r", self.address, error)
        except asyncio.CancelledError:
            if is_cancelled():
                raise
        finally:
            self._on_disconnection(hci.HCI_CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Pair with the sensor."""
        await self._request(self._linked().connection.pair)

    async def unpair(self) -> None:
        """Refused: this backend keeps no keys, so there is nothing to forget."""
        raise BleakError("this backend keeps no bonds")

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_kwargs: Any) -> bytearray:
        """Read a value from the sensor; nothing is cached here."""
        peer = self._linked()
        return bytearray(await self._request(lambda: peer.gatt_client.read_value(characteristic.obj)))

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_kwargs: Any) -> bytearray:
        """Read a descriptor from the sensor; nothing is cached here."""
        peer = self._linked()
        return bytearray(await self._request(lambda: peer.gatt_client.read_value(descriptor.obj)))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's signature
    ) -> None:
        """Write a value, with the sensor's answer if ``response``."""
        peer = self._linked()
        await self._request(
            lambda: peer.gatt_client.write_value(characteristic.obj, bytes(data), with_response=response)
        )

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor and wait for the answer."""
        peer = self._linked()
        await self._request(lambda: peer.gatt_client.write_value(descriptor.obj, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Hand every notification of a characteristic to ``callback``, in order."""
        handle = characteristic.handle
        if handle in self._subscriptions:
            raise ValueError("Characteristic notifications already started")
        peer = self._linked()

        def forward(value: bytes) -> None:
            callback(bytearray(value))

        self._subscriptions[handle] = forward
        try:
            await self._request(lambda: peer.gatt_client.subscribe(characteristic.obj, forward))
        except BaseException:
            self._subscriptions.pop(handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Hand on no more notifications of a characteristic."""
        forward = self._subscriptions.pop(characteristic.handle, None)
        peer = self._linked()
        await self._request(lambda: peer.gatt_client.unsubscribe(characteristic.obj, forward))
