"""docs/drivers.md: its list is the registry's, and its worked example runs as it stands."""

import re
from pathlib import Path
from types import ModuleType

import pytest
from bumble.gatt import Service

from gateway.drivers.base import Driver, Hearing, Introduction, Stamp, Value
from gateway.drivers.registry import DRIVERS, choose_driver, match_driver
from gateway.link import Link, driver_for
from simulators.sensors.peripheral import Peripheral, VirtualSensor, address_of, notifying
from tests.ble_room import ADVERTISING_MS, adapter_in, client_of, find, open_room, until
from vitals.readings import OximeterReading, Quality, Reading, Reason, RunId
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "drivers.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\| (\w+) \|[^|]*\|[^|]*\| ([^|]+) \|$", re.MULTILINE)


def example() -> ModuleType:
    """Return the module that the page shows."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module = ModuleType("acme")
    exec(compile(block, "docs/drivers.md", "exec"), module.__dict__)  # noqa: S102 - our own page
    return module


def test_the_page_lists_every_driver_with_its_kind_and_what_is_known_of_it() -> None:
    assert ROW.findall(PAGE) == [(one.name, one.sensor_kind.value, one.evidence.value) for one in DRIVERS]


def test_the_example_is_found_by_its_advertisement_and_by_what_it_offers() -> None:
    module = example()
    acme: Driver = module.ACME
    drivers = (*DRIVERS, acme)

    assert match_driver(Introduction(services=(module.ACME_SERVICE,)), drivers=drivers) is acme
    assert match_driver(Introduction(name="acme ox-1 0042"), drivers=drivers) is acme
    assert match_driver(Introduction(name="Acme scale"), drivers=drivers) is None
    assert choose_driver({module.ACME_MEASUREMENT}, sensor_kind=SensorKind.OXIMETER, drivers=drivers) is acme
    assert choose_driver({module.ACME_MEASUREMENT}, sensor_kind=SensorKind.STRAP, drivers=drivers) is None


@pytest.mark.peer
async def test_the_example_reads_its_oximeter_over_the_air() -> None:
    module = example()
    async with open_room() as room, adapter_in(room) as adapter:
        measurement = notifying(module.ACME_MEASUREMENT)
        peripheral = Peripheral(
            room.air,
            name="Acme OX-1",
            address=address_of(family=0xEE, index=1),
            model="OX-1",
            services=[Service(module.ACME_SERVICE, [measurement])],
            advertised=[module.ACME_SERVICE],
            advertising_ms=ADVERTISING_MS,
        )
        sensor = VirtualSensor(peripheral, measurement)
        await sensor.start()
        client = client_of((await find(adapter, peripheral))[0])
        await client.connect()
        heard: list[Reading] = []

        def hear(link: Link, value: Value) -> None:
            stamp = Stamp(RunId("00"), SensorId("s-acme"), len(heard), MonotonicMs(len(heard)), module.ACME.device)
            heard.extend(link.hear(value, Hearing(mono_ms=stamp.mono_ms, stamp_of=lambda _kind: stamp)))

        driver = driver_for(client, sensor_kind=SensorKind.OXIMETER, hint=module.ACME)
        link = Link(client, driver, sensor=SensorId("s-acme"), on_value=hear, on_battery=lambda _raw: None)
        await link.subscribe()
        for raw in (b"\xa5\x01\x5d\x50", b"\xa5\x00\x5d\x50", b"\xa5\x01"):
            assert await sensor.notify_raw(raw) == 1
        await until(lambda: len(heard) == 3, "three readings")
        assert await link.learn_device() == "session-vitals simulator OX-1"
        await client.disconnect()

    told = [(one.spo2_pct, one.quality, one.reason) for one in heard if isinstance(one, OximeterReading)]
    assert told == [
        (93, Quality.GOOD, None),
        (None, Quality.UNUSABLE, Reason.OFF_SKIN),
        (None, Quality.UNUSABLE, Reason.UNDECODABLE),
    ]
    assert {one.device for one in heard} == {"Acme OX-1"}
