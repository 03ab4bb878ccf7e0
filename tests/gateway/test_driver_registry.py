"""The registry: which driver a sensor belongs to, by what it calls out and by what it offers."""

import pytest
from msgspec.structs import replace

from gateway.codecs.uuids import (
    BCI_SERVICE,
    CYCLING_SPEED_MEASUREMENT,
    FITNESS_MACHINE_SERVICE,
    HEART_RATE_SERVICE,
    INDOOR_BIKE_DATA,
    JUMPER_SERVICE,
    NONIN_MEASUREMENT,
    NONIN_SERVICE,
    O2RING_SERVICE,
    PC60_SERVICE,
    PLX_CONTINUOUS_MEASUREMENT,
    PLX_SPOT_CHECK_MEASUREMENT,
    PULSE_OXIMETER_SERVICE,
)
from gateway.drivers.base import Driver, Evidence, Introduction
from gateway.drivers.oximeter import OXIMETER
from gateway.drivers.pc60 import PC60
from gateway.drivers.registry import DRIVERS, choose_driver, driver_of, match_driver
from vitals.sensors import SensorKind


@pytest.mark.parametrize(
    ("services", "name", "driver"),
    [
        ((NONIN_SERVICE,), "", "nonin"),
        ((), "Nonin3230_502341234", "nonin"),
        ((O2RING_SERVICE,), "", "o2ring"),
        ((), "Checkme O2 1234", "o2ring"),
        ((PC60_SERVICE,), "PC-60FW_001234", "pc60"),
        ((BCI_SERVICE,), "BerryMed", "bci"),
        ((JUMPER_SERVICE,), "", "jumper"),
        ((), "SpO202", "contec"),
        ((FITNESS_MACHINE_SERVICE,), "", "treadmill"),
        ((NONIN_SERVICE, PULSE_OXIMETER_SERVICE), "Nonin3230", "oximeter"),
        ((HEART_RATE_SERVICE,), "Nonin strap", "heart_rate"),
    ],
)
def test_an_advertisement_finds_the_surest_driver(services: tuple[str, ...], name: str, driver: str) -> None:
    found = match_driver(Introduction(services=services, name=name))

    assert found is not None
    assert found.name == driver


@pytest.mark.parametrize("service", [PC60_SERVICE, BCI_SERVICE])
def test_a_service_that_all_kinds_of_devices_offer_makes_nobody_an_oximeter(service: str) -> None:
    assert match_driver(Introduction(services=(service,), name="Label printer")) is None


def test_what_a_sensor_was_given_out_as_wins() -> None:
    watch = Introduction(services=(HEART_RATE_SERVICE,), name="Checkme O2 1234")
    as_oximeter = match_driver(watch, sensor_kind=SensorKind.OXIMETER)

    assert as_oximeter is not None
    assert as_oximeter.name == "o2ring"
    assert match_driver(watch, sensor_kind=SensorKind.MACHINE) is None


@pytest.mark.parametrize(
    ("offered", "kind", "driver"),
    [
        ({NONIN_MEASUREMENT, PLX_CONTINUOUS_MEASUREMENT}, SensorKind.OXIMETER, "oximeter"),
        ({NONIN_MEASUREMENT, PLX_SPOT_CHECK_MEASUREMENT}, SensorKind.OXIMETER, "nonin"),
        ({PLX_SPOT_CHECK_MEASUREMENT}, SensorKind.OXIMETER, "spot_oximeter"),
        ({INDOOR_BIKE_DATA, CYCLING_SPEED_MEASUREMENT}, SensorKind.MACHINE, "indoor_bike"),
        ({CYCLING_SPEED_MEASUREMENT}, SensorKind.MACHINE, "cycling"),
    ],
)
def test_what_a_sensor_offers_has_the_last_word(offered: set[str], kind: SensorKind, driver: str) -> None:
    # The hint is what the advertisement was matched with: a treadmill and a bike call out the same service.
    found = choose_driver(offered, sensor_kind=kind, hint=driver_of(kind))

    assert found is not None
    assert found.name == driver


def test_among_vendors_who_share_a_characteristic_the_advertisement_decides_and_the_standard_beats_them_all() -> None:
    other = replace(PC60, name="another make over the same serial port")
    drivers = (OXIMETER, PC60, other)
    offered = set(PC60.listens)

    def chosen(offered: set[str]) -> Driver | None:
        return choose_driver(offered, sensor_kind=SensorKind.OXIMETER, hint=other, drivers=drivers)

    assert chosen(offered) is other
    assert chosen(offered | set(OXIMETER.listens)) is OXIMETER


def test_drivers_have_names_of_their_own_and_a_fresh_conversation_for_each_link() -> None:
    assert len({driver.name for driver in DRIVERS}) == len(DRIVERS)
    for driver in DRIVERS:
        assert driver.open() is not driver.open()
        assert driver.listens
        assert driver.match(Introduction(services=(), name="")) == 0


def test_what_nobody_has_tried_is_marked() -> None:
    marked = {driver.name for driver in DRIVERS if driver.evidence is Evidence.SINGLE_SOURCE}

    assert marked == {"jumper", "contec"}
