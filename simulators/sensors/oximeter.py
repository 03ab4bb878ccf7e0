"""A virtual pulse oximeter: Pulse Oximeter 0x1822, Battery 0x180F, Device Information 0x180A."""

from typing import Final

from bumble.gatt import Service

from gateway.codecs.plx import encode_plx
from gateway.codecs.plx_features import PlxFeature, encode_plx_features
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.sfloat import SfloatSpecial
from gateway.codecs.uuids import PLX_CONTINUOUS_MEASUREMENT, PLX_FEATURES, PULSE_OXIMETER_SERVICE
from simulators.air import Air
from simulators.sensors.peripheral import (
    ADVERTISING_MS_DEFAULT,
    Peripheral,
    VirtualSensor,
    address_of,
    notifying,
    readable,
)
from simulators.sensors.samples import OximeterSample

OXIMETER_FAMILY: Final = 0x02

_FEATURES: Final = PlxFeature.MEASUREMENT_STATUS | PlxFeature.SENSOR_STATUS | PlxFeature.PULSE_AMPLITUDE
_EVERY_MEASUREMENT_BIT: Final = MeasurementStatus(0xFFE0)
_EVERY_SENSOR_BIT: Final = SensorStatus(0x00FFFF)


class Oximeter(VirtualSensor):
    """One oximeter."""

    def __init__(
        self,
        air: Air,
        index: int,
        *,
        name: str = "",
        battery_pct: int = 90,
        advertising_ms: float = ADVERTISING_MS_DEFAULT,
        slots: int = 1,
    ) -> None:
        """Make oximeter number ``index`` (0..65535); its address follows from the number alone."""
        measurement = notifying(PLX_CONTINUOUS_MEASUREMENT)
        features = encode_plx_features(
            _FEATURES, measurement_support=_EVERY_MEASUREMENT_BIT, sensor_support=_EVERY_SENSOR_BIT
        )
        peripheral = Peripheral(
            air,
            name=name or f"Oximeter {index:03d}",
            address=address_of(family=OXIMETER_FAMILY, index=index),
            model="virtual oximeter",
            services=[Service(PULSE_OXIMETER_SERVICE, [measurement, readable(PLX_FEATURES, features)])],
            advertised=[PULSE_OXIMETER_SERVICE],
            battery_pct=battery_pct,
            advertising_ms=advertising_ms,
            slots=slots,
        )
        super().__init__(peripheral, measurement)

    async def say(self, sample: OximeterSample) -> int:
        """Send what is to be said at a moment."""
        if not sample.finger:
            return await self.notify_off_finger()
        return await self.notify(
            _or_nan(sample.spo2_pct), _or_nan(sample.pulse_bpm), perfusion_pct=_or_nan(sample.perfusion_pct)
        )

    async def notify(
        self,
        spo2_pct: float | SfloatSpecial,
        pulse_bpm: float | SfloatSpecial,
        *,
        measurement_status: MeasurementStatus = MeasurementStatus.ONGOING,
        sensor_status: SensorStatus = SensorStatus(0),  # noqa: B008 - an immutable number
        perfusion_pct: float | SfloatSpecial | None = None,
    ) -> int:
        """Send one continuous measurement; return how many subscribers it went to (0: nobody listens, it is gone)."""
        return await self.notify_raw(
            encode_plx(
                spo2_pct,
                pulse_bpm,
                measurement_status=measurement_status,
                sensor_status=sensor_status,
                perfusion_pct=perfusion_pct,
            )
        )

    async def notify_off_finger(self) -> int:
        """Send what an oximeter says without a finger in it."""
        return await self.notify(SfloatSpecial.NAN, SfloatSpecial.NAN, sensor_status=SensorStatus.UNCONNECTED_TO_USER)


def _or_nan(value: float | None) -> float | SfloatSpecial:
    return SfloatSpecial.NAN if value is None else value
