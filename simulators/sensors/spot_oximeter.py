"""A virtual oximeter that only tells finished measurements: PLX spot-check, by indication."""

from typing import Final

from bumble.gatt import Service

from gateway.codecs.plx_spot import encode_plx_spot
from gateway.codecs.uuids import PLX_SPOT_CHECK_MEASUREMENT, PULSE_OXIMETER_SERVICE
from simulators.air import Air
from simulators.sensors.peripheral import ADVERTISING_MS_DEFAULT, Peripheral, VirtualSensor, address_of, indicating

SPOT_OXIMETER_FAMILY: Final = 0x09


class SpotOximeter(VirtualSensor):
    """One spot-check oximeter."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make spot-check oximeter number ``index`` (0..65535)."""
        measurement = indicating(PLX_SPOT_CHECK_MEASUREMENT)
        peripheral = Peripheral(
            air,
            name=f"Spot {index:03d}",
            address=address_of(family=SPOT_OXIMETER_FAMILY, index=index),
            model="virtual spot oximeter",
            services=[Service(PULSE_OXIMETER_SERVICE, [measurement])],
            advertised=[PULSE_OXIMETER_SERVICE],
            advertising_ms=advertising_ms,
        )
        super().__init__(peripheral, measurement)

    async def notify(self, spo2_pct: float, pulse_bpm: float) -> int:
        """Tell one finished measurement."""
        return await self.notify_raw(encode_plx_spot(spo2_pct, pulse_bpm))
