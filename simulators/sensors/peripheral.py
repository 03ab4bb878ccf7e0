"""A virtual sensor: a bumble GATT server with its own radio in the air. Straps, oximeters and machines are made of it.

`Peripheral` is the box; `VirtualSensor` is what all of them have besides: one measurement that somebody listens to.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from bumble import data_types, hci
from bumble.core import UUID, AdvertisingData, BaseBumbleError, DataType
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host

from gateway.codecs.battery import encode_battery
from gateway.codecs.device_information import encode_device_text
from gateway.codecs.uuids import (
    BATTERY_LEVEL,
    BATTERY_SERVICE,
    DEVICE_INFORMATION_SERVICE,
    FIRMWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    SERIAL_NUMBER,
)
from simulators.air import Air
from simulators.controller import AirController

logger = logging.getLogger(__name__)

MANUFACTURER: Final = "session-vitals simulator"
"""What every virtual sensor answers when asked who made it, so that nobody takes it for a real one."""

ADVERTISING_MS_DEFAULT: Final = 250
"""A worn strap calls about four times a second; tests and fast clocks use 20 ms."""

_ADDRESS_BASE: Final = 0xC0DE_0000_0000
"""Static random addresses begin with 11 in binary (Core Specification, Vol 6, Part B, 1.3.2.1)."""

_INDEX_MAX: Final = 0xFFFF

_NOTIFY: Final = 1
_INDICATE: Final = 2
_SHORT_UUID_TAIL: Final = "-0000-1000-8000-00805f9b34fb"

LEAVES_REASON: Final = hci.HCI_UNACCEPTABLE_CONNECTION_PARAMETERS_ERROR
"""0x3B: what an old strap says when it hangs up because it was refused the slow connection that it asked for."""


def address_of(*, family: int, index: int) -> str:
    """Return the address of a virtual sensor: the same for the same family (0..255) and index (0..65535), always.

    Raises:
        ValueError: beyond these ranges.
    """
    if not (0 <= family <= 0xFF and 0 <= index <= _INDEX_MAX):  # noqa: PLR2004 - one byte
        msg = f"no address for family {family}, index {index}"
        raise ValueError(msg)
    digits = f"{_ADDRESS_BASE | family << 16 | index:012X}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def notifying(uuid: str) -> Characteristic[bytes]:
    """Return a characteristic that only notifies."""
    return Characteristic(uuid, Characteristic.Properties.NOTIFY, Characteristic.Permissions(0), b"")


def indicating(uuid: str) -> Characteristic[bytes]:
    """Return a characteristic that only indicates."""
    return Characteristic(uuid, Characteristic.Properties.INDICATE, Characteristic.Permissions(0), b"")


def writable(uuid: str, on_write: Callable[[bytes], Awaitable[None]]) -> Characteristic[bytes]:
    """Return a characteristic that takes writes, with and without an answer; they wait for ``on_write``."""
    return Characteristic(
        uuid,
        Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE,
        Characteristic.WRITEABLE,
        CharacteristicValue(write=lambda _connection, value: on_write(value)),
    )


def readable(uuid: str, value: bytes) -> Characteristic[bytes]:
    """Return a characteristic that only answers reads, always alike."""
    return Characteristic(uuid, Characteristic.Properties.READ, Characteristic.READABLE, value)


class Peripheral:
    """One virtual sensor. Make it, `start` it, `notify` by it, `stop` it (the battery falls out)."""

    def __init__(
        self,
        air: Air,
        *,
        name: str,
        address: str,
        model: str,
        services: Sequence[Service],
        advertised: Sequence[str],
        battery_pct: int | None = 90,
        advertising_ms: float = ADVERTISING_MS_DEFAULT,
        slots: int = 1,
        manufacturer_data: Mapping[int, bytes] | None = None,
    ) -> None:
        """Build the GATT server.

        Args:
            air: where it will be heard.
            name: its local name, told in the scan response as straps do.
            address: static random address, see `address_of`.
            model: model number for the device information service.
            services: what it offers besides battery and device information.
            advertised: UUIDs of the services it calls out.
            battery_pct: 0..100; None: it has no battery service.
            advertising_ms: the interval at which it calls while nobody is connected.
            slots: how many centrals may be connected at once.
            manufacturer_data: what it calls out besides, by company number.
        """
        self.name = name
        self.address = address
        self.sent = 0
        self._advertised = tuple(advertised)
        self._battery_pct = battery_pct or 0
        self.controller = AirController(name, air, slots=slots)
        host = Host()
        host.controller = self.controller
        self._device = Device(
            config=DeviceConfiguration(
                name=name,
                address=hci.Address(address),
                advertising_interval_min=advertising_ms,
                advertising_interval_max=advertising_ms,
            ),
            host=host,
        )
        self._battery: Characteristic[bytes] = Characteristic(
            BATTERY_LEVEL,
            Characteristic.Properties.READ | Characteristic.Properties.NOTIFY,
            Characteristic.READABLE,
            CharacteristicValue(read=lambda _connection: encode_battery(self._battery_pct)),
        )
        battery = [] if battery_pct is None else [Service(BATTERY_SERVICE, [self._battery])]
        self._device.add_services([*services, *battery, _device_information(model, serial=address)])
        self._device.advertising_data = bytes(_advertisement(advertised, manufacturer_data or {}))
        self._device.scan_response_data = bytes(AdvertisingData([data_types.CompleteLocalName(name)]))

    async def start(self) -> None:
        """Switch on and advertise until connected, and again after each connection."""
        await self._device.power_on()
        await self._device.start_advertising(auto_restart=True)

    def stop(self) -> None:
        """Take the battery out: no goodbye, the other end finds out by its supervision timeout."""
        self.controller.unplug()

    @property
    def connections(self) -> list[Connection]:
        """The centrals that are connected now."""
        return list(self._device.connections.values())

    def subscribers(self, characteristic: Characteristic[bytes]) -> list[Connection]:
        """Return the connected centrals that asked for notifications of a characteristic."""
        return [connection for connection in self.connections if self._is_subscribed(connection, characteristic)]

    def _is_subscribed(self, connection: Connection, characteristic: Characteristic[bytes]) -> bool:
        """Tell whether a central has switched the notifications or indications of a characteristic on."""
        wishes: dict[int, bytes] = self._device.gatt_server.subscribers.get(connection, {})
        wish = wishes.get(characteristic.handle, b"\0\0")
        return bool(wish[0] & (_NOTIFY | _INDICATE))

    async def notify(self, characteristic: Characteristic[bytes], value: bytes) -> int:
        """Send a value to every subscriber; return to how many. What is sent while a link fades may be lost with it."""
        count = 0
        is_indicated = bool(characteristic.properties & Characteristic.Properties.INDICATE)
        tell = self._device.indicate_subscriber if is_indicated else self._device.notify_subscriber
        for connection in self.subscribers(characteristic):
            try:
                await tell(connection, characteristic, value)
            except BaseBumbleError as error:
                logger.debug("sensor.notify_failed name=%s error=%s", self.name, error)
            else:
                count += 1
        self.sent += count
        return count

    async def call_out(self, manufacturer_data: Mapping[int, bytes]) -> None:
        """Change what it calls out besides its services, from the next call on."""
        data = self._device.advertising_data = bytes(_advertisement(self._advertised, manufacturer_data))
        if self._device.legacy_advertising_set is not None:
            await self._device.legacy_advertising_set.set_advertising_data(data)

    async def leave(self) -> None:
        """Hang up on everybody, as old straps do 30 s after their wish for a slower link was refused."""
        for connection in self.connections:
            try:
                await connection.disconnect(LEAVES_REASON)
            except BaseBumbleError as error:
                logger.debug("sensor.leave_failed name=%s error=%s", self.name, error)

    @property
    def battery_pct(self) -> int:
        """The level that reads of the battery answer now."""
        return self._battery_pct

    async def set_battery(self, battery_pct: int) -> int:
        """Set the level for later reads and notify it; return to how many subscribers."""
        value = encode_battery(battery_pct)
        self._battery_pct = battery_pct or 0
        return await self.notify(self._battery, value)


class VirtualSensor:
    """A peripheral with one measurement. Whose body it is on, and when it says so, is its caller's business."""

    def __init__(self, peripheral: Peripheral, measurement: Characteristic[bytes]) -> None:
        """Take the box and the characteristic that is listened to."""
        self.peripheral = peripheral
        self._measurement = measurement

    async def start(self) -> None:
        """Switch on."""
        await self.peripheral.start()

    @property
    def has_subscriber(self) -> bool:
        """Whether a gateway listens to the measurements now."""
        return bool(self.peripheral.subscribers(self._measurement))

    async def notify_raw(self, raw: bytes) -> int:
        """Send any bytes as a measurement, also ones that make no sense; return how many subscribers they went to."""
        return await self.peripheral.notify(self._measurement, raw)


def _advertisement(services: Sequence[str], manufacturer_data: Mapping[int, bytes]) -> AdvertisingData:
    """Return what a sensor calls out: 31 bytes, so one long service number or some short ones."""
    short = [UUID(uuid[4:8]) for uuid in services if uuid.endswith(_SHORT_UUID_TAIL)]
    long = [UUID(uuid) for uuid in services if not uuid.endswith(_SHORT_UUID_TAIL)]
    parts: list[DataType] = [data_types.Flags(AdvertisingData.Flags.LE_GENERAL_DISCOVERABLE_MODE)]
    if short:
        parts.append(data_types.CompleteListOf16BitServiceUUIDs(short))
    if long:
        parts.append(data_types.CompleteListOf128BitServiceUUIDs(long))
    parts.extend(data_types.ManufacturerSpecificData(company, data) for company, data in manufacturer_data.items())
    return AdvertisingData(parts)


def _device_information(model: str, *, serial: str) -> Service:
    """Return the device information service of a virtual sensor."""
    texts = {
        MANUFACTURER_NAME: MANUFACTURER,
        MODEL_NUMBER: model,
        SERIAL_NUMBER: serial.replace(":", ""),
        FIRMWARE_REVISION: "1.0",
    }
    return Service(
        DEVICE_INFORMATION_SERVICE, [readable(uuid, encode_device_text(text)) for uuid, text in texts.items()]
    )
