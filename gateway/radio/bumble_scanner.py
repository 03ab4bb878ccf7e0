"""The scanner half of the bleak backend over bumble: ``BleakScanner(..., backend=BumbleScanner, adapter=...)``."""

from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement, Device

from gateway.radio.bumble_adapter import BumbleAdapter

SEEN_MAX: Final = 1000
"""How many addresses are remembered; phones in the building change theirs every quarter of an hour."""

_Type = AdvertisingData.Type
_UUIDS_16: Final = (
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
)
_UUIDS_128: Final = (
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def uuid_text(uuid: UUID) -> str:
    """Return a UUID as bleak compares it: 128 bits, lower case."""
    return normalize_uuid_str(uuid.to_hex_str("-"))


class BumbleScanner(BaseBleakScanner):
    """Listens to advertising on a bumble adapter."""

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"],
        *,
        bumble_adapter: BumbleAdapter,
        **_others: Any,
    ) -> None:
        """Scan on ``bumble_adapter``; bleak hands it on as it stands."""
        super().__init__(detection_callback, service_uuids)
        self._adapter = bumble_adapter
        self._is_active = scanning_mode != "passive"

    async def start(self) -> None:
        """Begin to listen."""
        self.seen_devices.clear()
        device = self._adapter.device
        device.on(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        try:
            await self._adapter.start_scan(is_active=self._is_active)
        except BaseException:
            device.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
            raise

    async def stop(self) -> None:
        """Listen no longer."""
        self._adapter.device.remove_listener(Device.EVENT_ADVERTISEMENT, self._on_advertisement)
        await self._adapter.stop_scan()

    def _on_advertisement(self, heard: Advertisement) -> None:
        """Turn what bumble heard into what bleak tells."""
        if len(self.seen_devices) >= SEEN_MAX:
            self.seen_devices.clear()
            self._adapter.device.advertisement_accumulators.clear()
        address = str(heard.address).partition("/")[0].upper()
        data = decode_advertising(heard)
        name = data.local_name
        if name is None and address in self.seen_devices:
            name = self.seen_devices[address][0].name
        details = {"address": heard.address, "bumble_adapter": self._adapter}
        device = self.create_or_update_device(address, address, name, details, data)
        if self.is_allowed_uuid(data.service_uuids):
            self.call_detection_callbacks(device, data)


class _Said(NamedTuple):
    """What the bytes of an advertisement say; the same bytes come several times a second."""

    name: str | None
    manufacturer: tuple[tuple[int, bytes], ...]
    service_data: tuple[tuple[str, bytes], ...]
    uuids: tuple[str, ...]
    power_dbm: int | None


def decode_advertising(heard: Advertisement) -> AdvertisementData:
    """Return what an advertisement says, in bleak's words. Bytes that fit no field are passed over."""
    said = _decode_structures(tuple((int(kind), bytes(value)) for kind, value in heard.data.ad_structures))
    return AdvertisementData(
        said.name,
        dict(said.manufacturer),
        dict(said.service_data),
        list(said.uuids),
        said.power_dbm,
        heard.rssi,
        (heard,),
    )


@lru_cache(maxsize=SEEN_MAX)
def _decode_structures(structures: tuple[tuple[int, bytes], ...]) -> _Said:
    """Return what the fields of an advertisement say."""
    name: str | None = None
    manufacturer: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    uuids: dict[str, None] = {}
    power_dbm: int | None = None
    for kind, value in structures:
        match kind:
            case _Type.COMPLETE_LOCAL_NAME:
                name = value.decode("utf-8", "replace")
            case _Type.SHORTENED_LOCAL_NAME:
                name = name or value.decode("utf-8", "replace")
            case _ if kind in _UUIDS_16:
                uuids.update(dict.fromkeys(_split_uuids(value, 2)))
            case _ if kind in _UUIDS_128:
                uuids.update(dict.fromkeys(_split_uuids(value, 16)))
            case _Type.MANUFACTURER_SPECIFIC_DATA if len(value) >= 2:  # noqa: PLR2004 - the company's number
                manufacturer[int.from_bytes(value[:2], "little")] = value[2:]
            case _Type.SERVICE_DATA_16_BIT_UUID if len(value) >= 2:  # noqa: PLR2004 - the service's number
                service_data[uuid_text(UUID.from_bytes(value[:2]))] = value[2:]
            case _Type.TX_POWER_LEVEL if value:
                power_dbm = int.from_bytes(value[:1], "little", signed=True)
            case _:
                pass
    return _Said(name, tuple(manufacturer.items()), tuple(service_data.items()), tuple(uuids), power_dbm)


def _split_uuids(value: bytes, width: int) -> list[str]:
    """Return the UUIDs of ``width`` bytes each; an incomplete one at the end is dropped."""
    last = len(value) - width
    return [uuid_text(UUID.from_bytes(value[at : at + width])) for at in range(0, last + 1, width)]
