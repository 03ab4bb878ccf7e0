"""A virtual heart-rate strap: Heart Rate 0x180D, Battery 0x180F, Device Information 0x180A."""

from collections.abc import Mapping
from typing import Final

from bumble.gatt import Service

from gateway.codecs.body_location import BodyLocation, encode_body_location
from gateway.codecs.heart_rate import encode_heart_rate
from gateway.codecs.polar_advertising import POLAR_COMPANY, encode_polar_advertising
from gateway.codecs.uuids import BODY_SENSOR_LOCATION, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE
from simulators.air import Air
from simulators.beats import StrapSample
from simulators.sensors.peripheral import (
    ADVERTISING_MS_DEFAULT,
    Peripheral,
    VirtualSensor,
    address_of,
    notifying,
    readable,
)

STRAP_FAMILY: Final = 0x01


class Strap(VirtualSensor):
    """One strap."""

    def __init__(
        self,
        air: Air,
        index: int,
        *,
        name: str = "",
        battery_pct: int = 90,
        advertising_ms: float = ADVERTISING_MS_DEFAULT,
        slots: int = 1,
        manufacturer_data: Mapping[int, bytes] | None = None,
    ) -> None:
        """Make strap number ``index`` (0..65535); its address follows from the number alone."""
        measurement = notifying(HEART_RATE_MEASUREMENT)
        location = readable(BODY_SENSOR_LOCATION, encode_body_location(BodyLocation.CHEST))
        peripheral = Peripheral(
            air,
            name=name or f"Strap {index:03d}",
            address=address_of(family=STRAP_FAMILY, index=index),
            model="virtual strap",
            services=[Service(HEART_RATE_SERVICE, [measurement, location])],
            advertised=[HEART_RATE_SERVICE],
            battery_pct=battery_pct,
            advertising_ms=advertising_ms,
            slots=slots,
            manufacturer_data=manufacturer_data,
        )
        super().__init__(peripheral, measurement)
        self._broadcasts = 0

    async def notify(
        self, hr_bpm: int, *, rr_1024: tuple[int, ...] = (), contact: bool | None = True, odd_bytes: bytes = b""
    ) -> int:
        """Send one measurement; return how many subscribers it went to (0: nobody listens, it is gone)."""
        return await self.notify_raw(encode_heart_rate(hr_bpm, rr_1024=rr_1024, contact=contact, odd_bytes=odd_bytes))

    async def broadcast(self, hr_bpm: int, *, contact: bool = True, is_battery_low: bool = False) -> None:
        """Call out a rate from now on, as Polar's straps do; each time with the next number of their frames."""
        self._broadcasts += 1
        frame = encode_polar_advertising(
            hr_bpm, contact=contact, is_battery_low=is_battery_low, frame_counter=self._broadcasts
        )
        await self.peripheral.call_out({POLAR_COMPANY: frame})

    async def say(self, sample: StrapSample) -> int:
        """Send what is to be said at a moment."""
        return await self.notify(sample.hr_bpm or 0, rr_1024=sample.rr_ticks, contact=sample.contact)
