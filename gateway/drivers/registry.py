"""All drivers, and which of them a sensor belongs to."""

from typing import Final

from gateway.drivers.base import Driver, Introduction
from gateway.drivers.heart_rate import HEART_RATE
from gateway.drivers.oximeter import OXIMETER
from vitals.sensors import SensorKind

DRIVERS: Final[tuple[Driver, ...]] = (HEART_RATE, OXIMETER)


def match_driver(introduction: Introduction, *, sensor_kind: SensorKind | None = None) -> Driver | None:
    """Return the driver that is surest of an advertisement, or None: not one of our sensors.

    Args:
        introduction: as heard.
        sensor_kind: the kind that the sensor was assigned as; a wrist watch that is both strap and oximeter is read
            as what it was given out for.
    """
    mine = [driver for driver in DRIVERS if sensor_kind in {None, driver.sensor_kind}]
    best = max(mine, key=lambda driver: driver.match(introduction), default=None)
    return best if best is not None and best.match(introduction) > 0 else None


def driver_of(sensor_kind: SensorKind) -> Driver:
    """Return the driver to try with an assigned sensor whose advertisement names no service."""
    return next(driver for driver in DRIVERS if driver.sensor_kind is sensor_kind)
