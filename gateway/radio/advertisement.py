"""Advertisements: what a scan hears of sensors nearby."""

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from msgspec import Struct

from vitals.units import MonotonicMs


class Advertisement(Struct, frozen=True, kw_only=True):
    """What one radio heard of one sensor at one moment. Address and name never leave the gateway.

    Attributes:
        radio: name of the radio that heard it; connect by the same one.
        address: as the operating system gives it; macOS gives an identifier instead.
        name: as advertised, None if not told (yet).
        service_uuids: 128 bits, lower case.
        rssi_dbm: how strongly it was heard.
        manufacturer_data: by company number.
        heard_ms: when.
        device: bleak's handle for connecting; valid while the radio's scan goes on.
    """

    radio: str
    address: str
    name: str | None
    service_uuids: tuple[str, ...]
    rssi_dbm: int
    manufacturer_data: dict[int, bytes]
    heard_ms: MonotonicMs
    device: BLEDevice


def advertisement_of(device: BLEDevice, data: AdvertisementData, *, radio: str, heard_ms: MonotonicMs) -> Advertisement:
    """Return the advertisement in what bleak heard."""
    return Advertisement(
        radio=radio,
        address=device.address,
        name=data.local_name or device.name,
        service_uuids=tuple(data.service_uuids),
        rssi_dbm=data.rssi,
        manufacturer_data=data.manufacturer_data,
        heard_ms=heard_ms,
        device=device,
    )
