"""Virtual machines: a treadmill and a bike (Fitness Machine Service), a foot pod, a cadence sensor on a bicycle."""

from typing import Final

from bumble.gatt import Service

from gateway.codecs.cycling_speed import WHEEL_CIRCUMFERENCE_M, Turns, encode_cycling_speed
from gateway.codecs.indoor_bike import encode_indoor_bike
from gateway.codecs.running_speed import encode_running_speed
from gateway.codecs.treadmill import encode_treadmill
from gateway.codecs.uuids import (
    CYCLING_SPEED_MEASUREMENT,
    CYCLING_SPEED_SERVICE,
    FITNESS_MACHINE_SERVICE,
    INDOOR_BIKE_DATA,
    RUNNING_SPEED_MEASUREMENT,
    RUNNING_SPEED_SERVICE,
    TREADMILL_DATA,
)
from simulators.air import Air
from simulators.sensors.peripheral import ADVERTISING_MS_DEFAULT, Peripheral, VirtualSensor, address_of, notifying
from simulators.sensors.samples import WorkSample

TREADMILL_FAMILY: Final = 0x10
BIKE_FAMILY: Final = 0x11
FOOT_POD_FAMILY: Final = 0x12
CADENCE_SENSOR_FAMILY: Final = 0x13

_TICKS_PER_S: Final = 1024
_KMH_PER_M_S: Final = 3.6
_S_PER_MIN: Final = 60


class VirtualMachine(VirtualSensor):
    """One machine. Treadmills and bikes hang on the mains: they have no battery service."""

    def __init__(
        self,
        air: Air,
        index: int,
        *,
        family: int,
        what: str,
        service: str,
        measurement: str,
        battery_pct: int | None = None,
        advertising_ms: float = ADVERTISING_MS_DEFAULT,
    ) -> None:
        """Make machine number ``index`` (0..65535) of a family; its address follows from both."""
        told = notifying(measurement)
        peripheral = Peripheral(
            air,
            name=f"{what.capitalize()} {index:03d}",
            address=address_of(family=family, index=index),
            model=f"virtual {what}",
            services=[Service(service, [told])],
            advertised=[service],
            battery_pct=battery_pct,
            advertising_ms=advertising_ms,
        )
        super().__init__(peripheral, told)


class Treadmill(VirtualMachine):
    """A treadmill."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make treadmill number ``index``."""
        super().__init__(
            air,
            index,
            family=TREADMILL_FAMILY,
            what="treadmill",
            service=FITNESS_MACHINE_SERVICE,
            measurement=TREADMILL_DATA,
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: WorkSample) -> int:
        """Send what is to be said at a moment."""
        return await self.notify_raw(
            encode_treadmill(
                sample.speed_kmh,
                distance_m=round(sample.distance_m),
                incline_pct=sample.incline_pct,
                elapsed_s=sample.elapsed_s,
            )
        )


class Bike(VirtualMachine):
    """An indoor bike whose record does not fit one notification: time and distance first, then the rest."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make bike number ``index``."""
        super().__init__(
            air,
            index,
            family=BIKE_FAMILY,
            what="bike",
            service=FITNESS_MACHINE_SERVICE,
            measurement=INDOOR_BIKE_DATA,
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: WorkSample) -> int:
        """Send what is to be said at a moment, in two parts."""
        await self.notify_raw(encode_indoor_bike(None, distance_m=round(sample.distance_m), elapsed_s=sample.elapsed_s))
        return await self.notify_raw(
            encode_indoor_bike(
                sample.speed_kmh,
                cadence_per_min=sample.cadence_per_min,
                resistance_level=10,
                power_w=sample.power_w,
            )
        )


class FootPod(VirtualMachine):
    """A foot pod."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make foot pod number ``index``."""
        super().__init__(
            air,
            index,
            family=FOOT_POD_FAMILY,
            what="foot pod",
            service=RUNNING_SPEED_SERVICE,
            measurement=RUNNING_SPEED_MEASUREMENT,
            battery_pct=80,
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: WorkSample) -> int:
        """Send what is to be said at a moment."""
        return await self.notify_raw(
            encode_running_speed(
                sample.speed_kmh, sample.cadence_per_min, is_running=False, distance_m=sample.distance_m
            )
        )


class CadenceSensor(VirtualMachine):
    """A speed and cadence sensor: it counts turns of wheel and crank, and wraps as real ones do."""

    def __init__(self, air: Air, index: int, *, advertising_ms: float = ADVERTISING_MS_DEFAULT) -> None:
        """Make cadence sensor number ``index``; its counters stand just before their ends."""
        self._wheel_turns = float(0xFFFF_FFF0)
        self._crank_turns = float(0xFFF8)
        self._at_s: float | None = None
        super().__init__(
            air,
            index,
            family=CADENCE_SENSOR_FAMILY,
            what="cadence sensor",
            service=CYCLING_SPEED_SERVICE,
            measurement=CYCLING_SPEED_MEASUREMENT,
            battery_pct=80,
            advertising_ms=advertising_ms,
        )

    async def say(self, sample: WorkSample) -> int:
        """Let the wheels turn until the moment, and send the counters."""
        wheel_hz = sample.speed_kmh / _KMH_PER_M_S / WHEEL_CIRCUMFERENCE_M
        crank_hz = sample.cadence_per_min / _S_PER_MIN
        passed_s = 0.0 if self._at_s is None else sample.at_s - self._at_s
        self._at_s = sample.at_s
        self._wheel_turns += wheel_hz * passed_s
        self._crank_turns += crank_hz * passed_s
        return await self.notify_raw(
            encode_cycling_speed(
                wheel=_turns(self._wheel_turns, wheel_hz, sample.at_s, mask=0xFFFF_FFFF),
                crank=_turns(self._crank_turns, crank_hz, sample.at_s, mask=0xFFFF),
            )
        )


def _turns(turns: float, rate_hz: float, at_s: float, *, mask: int) -> Turns:
    """Return a counter: its last whole turn, and when that ended."""
    since_s = (turns - int(turns)) / rate_hz if rate_hz else 0.0
    return Turns(int(turns) & mask, round((at_s - since_s) * _TICKS_PER_S) & 0xFFFF)
