"""Laws of the virtual sensors: what they send is, byte for byte, what the gateway's codecs read."""

import asyncio

import pytest

from gateway.codecs.heart_rate import HeartRateFrame, decode_heart_rate
from gateway.codecs.plx import OximeterFrame, decode_plx
from gateway.codecs.plx_features import PlxFeature, PlxFeaturesFrame, decode_plx_features
from gateway.codecs.plx_fields import MeasurementStatus, SensorStatus
from gateway.codecs.uuids import (
    HEART_RATE_MEASUREMENT,
    MODEL_NUMBER,
    PLX_CONTINUOUS_MEASUREMENT,
    PLX_FEATURES,
    SERIAL_NUMBER,
)
from simulators.sensors.oximeter import OXIMETER_FAMILY
from simulators.sensors.peripheral import address_of
from simulators.sensors.strap import STRAP_FAMILY
from tests.ble_room import adapter_in, client_of, find, open_room, until
from vitals.readings import Quality, Reason

pytestmark = pytest.mark.peer


def test_addresses_are_static_random_and_never_the_same_twice() -> None:
    addresses = {address_of(family=family, index=index) for family in (1, 2, 255) for index in (0, 1, 255, 65_535)}
    assert len(addresses) == 12
    assert all(address.startswith("C0:DE:") for address in addresses)
    assert address_of(family=STRAP_FAMILY, index=258) == "C0:DE:00:01:01:02"
    assert address_of(family=OXIMETER_FAMILY, index=258) == "C0:DE:00:02:01:02"


async def test_a_measurement_of_a_strap_arrives_as_it_was_said() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        assert not strap.has_subscriber
        assert await strap.notify(70) == 0
        got: list[bytes] = []
        await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, value: got.append(bytes(value)))
        assert strap.has_subscriber
        assert await strap.notify(134, rr_1024=(459, 461)) == 1
        assert await strap.notify(0, contact=False) == 1
        assert await strap.notify(80, odd_bytes=b"\x07", rr_1024=(768,)) == 1
        assert strap.peripheral.sent == 3
        await until(lambda: len(got) == 3, "three measurements")
        assert [value.hex() for value in got] == ["1686cb01cd01", "0400", "1650000307"]
        frames = [frame for frame in map(decode_heart_rate, got) if isinstance(frame, HeartRateFrame)]
        assert [frame.hr_bpm for frame in frames] == [134, None, 80]
        assert frames[1].reason is Reason.OFF_SKIN
        await client.disconnect()
        await until(lambda: not strap.has_subscriber, "subscription gone with the link")


async def test_a_measurement_of_an_oximeter_arrives_as_it_was_said() -> None:
    async with open_room() as room, adapter_in(room) as adapter:
        oximeter = await room.add_oximeter()
        client = client_of((await find(adapter, oximeter.peripheral))[0])
        await client.connect()
        features = decode_plx_features(bytes(await client.read_gatt_char(PLX_FEATURES)))
        assert isinstance(features, PlxFeaturesFrame)
        announced = {feature for feature in PlxFeature if features.has(feature)}
        assert announced == {PlxFeature.MEASUREMENT_STATUS, PlxFeature.SENSOR_STATUS, PlxFeature.PULSE_AMPLITUDE}
        got: list[bytes] = []
        await client.start_notify(PLX_CONTINUOUS_MEASUREMENT, lambda _, value: got.append(bytes(value)))
        assert await oximeter.notify(97.5, 72, perfusion_pct=4.2) == 1
        assert await oximeter.notify(90, 72, sensor_status=SensorStatus.LOW_PERFUSION) == 1
        assert await oximeter.notify_off_finger() == 1
        await until(lambda: len(got) == 3, "three measurements")
        frames = [frame for frame in map(decode_plx, got) if isinstance(frame, OximeterFrame)]
        assert [(f.spo2_pct, f.pulse_bpm, f.quality, f.reason) for f in frames] == [
            (97.5, 72, Quality.GOOD, None),
            (90, 72, Quality.QUESTIONABLE, Reason.LOW_PERFUSION),
            (None, None, Quality.UNUSABLE, Reason.OFF_SKIN),
        ]
        assert frames[0].perfusion_pct == 4.2
        assert frames[0].measurement_status == MeasurementStatus.ONGOING


async def test_sensors_say_who_they_are() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        client = client_of((await find(adapter, room.straps[0].peripheral))[0])
        await client.connect()
        assert await client.read_gatt_char(MODEL_NUMBER) == b"virtual strap"
        assert await client.read_gatt_char(SERIAL_NUMBER) == b"C0DE00010001"


async def test_straps_that_start_together_are_all_heard() -> None:
    async with open_room(straps=30) as room, adapter_in(room) as adapter:
        for _ in range(30):
            await room.add_oximeter()
        peripherals = [*(strap.peripheral for strap in room.straps), *(one.peripheral for one in room.oximeters)]
        devices = await find(adapter, *peripherals)
        async with asyncio.TaskGroup() as group:
            for device in devices:
                group.create_task(client_of(device).connect(), name=f"test[{device.address}].connect")
        assert all(peripheral.connections for peripheral in peripherals)
