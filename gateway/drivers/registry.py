"""All drivers, and which of them a sensor belongs to. Among equally sure ones, the first in the list is taken."""

from collections.abc import Container, Iterable
from typing import Final

from gateway.drivers.base import Driver, Evidence, Introduction
from gateway.drivers.bci import BCI
from gateway.drivers.contec import CONTEC
from gateway.drivers.cycling import CYCLING
from gateway.drivers.heart_rate import HEART_RATE
from gateway.drivers.indoor_bike import INDOOR_BIKE
from gateway.drivers.jumper import JUMPER
from gateway.drivers.nonin import NONIN
from gateway.drivers.o2ring import O2RING
from gateway.drivers.oximeter import OXIMETER
from gateway.drivers.pc60 import PC60
from gateway.drivers.running import RUNNING
from gateway.drivers.spot_oximeter import SPOT_OXIMETER
from gateway.drivers.treadmill import TREADMILL
from vitals.sensors import SensorKind

DRIVERS: Final[tuple[Driver, ...]] = (
    HEART_RATE,
    OXIMETER,
    NONIN,
    O2RING,
    PC60,
    BCI,
    JUMPER,
    CONTEC,
    SPOT_OXIMETER,
    TREADMILL,
    INDOOR_BIKE,
    RUNNING,
    CYCLING,
)


def match_driver(
    introduction: Introduction, *, sensor_kind: SensorKind | None = None, drivers: Iterable[Driver] = DRIVERS
) -> Driver | None:
    """Return the driver that is surest of an advertisement, or None: not one of our sensors.

    Args:
        introduction: as heard.
        sensor_kind: the kind that the sensor was assigned as; a wrist watch that is both strap and oximeter is read
            as what it was given out for.
        drivers: whom to ask.
    """
    mine = [driver for driver in drivers if sensor_kind in {None, driver.sensor_kind}]
    best = max(mine, key=lambda driver: driver.match(introduction), default=None)
    return best if best is not None and best.match(introduction) > 0 else None


def driver_of(sensor_kind: SensorKind) -> Driver:
    """Return the driver to try with an assigned sensor whose advertisement names no service."""
    return next(driver for driver in DRIVERS if driver.sensor_kind is sensor_kind)


def choose_driver(
    offered: Container[str],
    *,
    sensor_kind: SensorKind,
    hint: Driver | None = None,
    drivers: Iterable[Driver] = DRIVERS,
) -> Driver | None:
    """Return who can run a connected sensor, or None: nobody.

    An advertisement says less than the sensor has (a treadmill and a bike call out the same service, and some sensors
    call out none), so the last word is what it offers: what is specified before what a vendor thought of.

    Args:
        offered: its characteristics, in the full form.
        sensor_kind: what it was assigned as.
        hint: the driver that its advertisement was matched with; it goes before other vendors' drivers, since vendors
            share characteristics (serial ports over Bluetooth).
        drivers: whom else to ask, in this order.
    """
    asked = (*drivers, hint) if hint is not None else tuple(drivers)
    able = [one for one in asked if one.sensor_kind is sensor_kind and all(each in offered for each in one.listens)]
    if not able:
        return None
    return hint if hint in able and able[0].evidence is not Evidence.SPECIFICATION else able[0]
