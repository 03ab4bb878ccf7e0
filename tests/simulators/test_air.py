"""Laws of the air: who hears whom, what scans and resets do, and where bumble's controllers were mended."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from bumble import core, hci
from bumble.controller import Controller
from bumble.device import Advertisement, Connection, Device, DeviceConfiguration, Peer
from bumble.gatt import Characteristic, Service
from bumble.host import Host

from simulators.advertising import REPORTED_CALLS_PER_S_MAX, Call
from simulators.air import Air
from simulators.controller import AirController
from simulators.sensors.peripheral import address_of
from simulators.sensors.strap import Strap
from tests.ble_room import ADVERTISING_MS, until

pytestmark = pytest.mark.peer

CENTRAL = "F0:F1:F2:F3:F4:F5"
PUBLIC = "00:11:22:33:44:55"
PLAIN_DONGLE = hci.LeFeatureMask.LE_ENCRYPTION
"""A Bluetooth 4 adapter: the host uses the legacy commands."""


@asynccontextmanager
async def device_in(
    air: Air,
    name: str,
    *,
    address: str = CENTRAL,
    slots: int = 7,
    public_address: str | None = None,
    is_plain: bool = False,
) -> AsyncIterator[tuple[Device, AirController]]:
    """A bumble host on a controller of ours, without a socket between them."""
    controller = AirController(name, air, slots=slots, public_address=public_address)
    if is_plain:
        controller.le_features = PLAIN_DONGLE
    host = Host()
    host.controller = controller
    config = DeviceConfiguration(
        name=name,
        address=hci.Address(address),
        advertising_interval_min=ADVERTISING_MS,
        advertising_interval_max=ADVERTISING_MS,
    )
    device = Device(config=config, host=host)
    await device.power_on()
    yield device, controller
    controller.unplug()


@asynccontextmanager
async def hearing(device: Device, *, is_active: bool = True) -> AsyncIterator[list[Advertisement]]:
    """What a device hears while it scans."""
    heard: list[Advertisement] = []
    device.on(Device.EVENT_ADVERTISEMENT, heard.append)
    await device.start_scanning(active=is_active)
    yield heard
    await device.stop_scanning()
    device.remove_listener(Device.EVENT_ADVERTISEMENT, heard.append)


async def strap_in(air: Air, index: int = 1) -> Strap:
    strap = Strap(air, index, advertising_ms=ADVERTISING_MS)
    await strap.start()
    return strap


def name_in(advertisement: Advertisement) -> object:
    return advertisement.data.get(core.AdvertisingData.Type.COMPLETE_LOCAL_NAME)


@pytest.mark.parametrize("is_plain", [False, True], ids=["extended", "legacy"])
async def test_a_scan_response_comes_to_those_who_ask(is_plain: bool) -> None:  # noqa: FBT001 - by pytest
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "scanner", is_plain=is_plain) as (device, _):
        async with hearing(device, is_active=True) as heard:
            await until(lambda: any(name_in(each) == "Strap 001" for each in heard), "name from the scan response")
        async with hearing(device, is_active=False) as heard:
            await until(lambda: len(heard) > 3, "some advertisements")
            assert not any(name_in(each) for each in heard)
            assert all(str(each.address).startswith(strap.peripheral.address) for each in heard)


async def test_a_legacy_advertiser_is_heard_and_connected_too() -> None:
    air = Air(random.Random(1))
    async with (
        device_in(air, "sensor", address=address_of(family=9, index=1), is_plain=True) as (sensor, controller),
        device_in(air, "central") as (central, _),
    ):
        await sensor.start_advertising(auto_restart=True, advertising_data=b"\x02\x01\x06", scan_response_data=b"")
        async with hearing(central) as heard:
            await until(lambda: heard, "legacy advertisement")
        connection = await central.connect_le(sensor.random_address, timeout=5)
        assert not controller.is_advertising
        await connection.disconnect()
        await until(lambda: controller.is_advertising, "advertising again")


async def test_everyone_is_heard_as_strongly_as_they_stand() -> None:
    air = Air(random.Random(1))
    near, far = await strap_in(air, 1), await strap_in(air, 2)
    async with device_in(air, "scanner") as (device, controller):
        air.set_rssi(near.peripheral.controller, controller, -40)
        air.set_rssi(far.peripheral.controller, controller, -80)
        air.weaken(near.peripheral.controller, 3)
        async with hearing(device) as heard:
            await until(lambda: len({str(each.address) for each in heard}) == 2, "both straps")
    levels = {str(each.address).partition("/")[0]: each.rssi for each in heard}
    assert levels == {near.peripheral.address: -43, far.peripheral.address: -80}


async def test_out_of_earshot_nothing_is_heard() -> None:
    air = Air(random.Random(1))
    near, far = await strap_in(air, 1), await strap_in(air, 2)
    async with device_in(air, "scanner") as (device, _):
        air.weaken(far.peripheral.controller, 50)
        async with hearing(device) as heard:
            await until(lambda: len(heard) > 5, "the near strap, some times")
    assert {str(each.address).partition("/")[0] for each in heard} == {near.peripheral.address}


async def test_advertising_is_lost_in_the_share_that_was_asked_for() -> None:
    air = Air(random.Random(1), rate=2.0)
    await strap_in(air)
    calls: list[int] = []
    broadcast = air.broadcast

    def counting(caller: Controller, call: Call) -> None:
        calls.append(1)
        broadcast(caller, call)

    air.broadcast = counting  # type: ignore[method-assign]
    async with device_in(air, "scanner") as (device, _):
        air.advertising_loss = 0.5
        async with hearing(device, is_active=False) as heard:
            calls.clear()
            await until(lambda: len(calls) >= 100, "100 calls")
    assert 25 <= len(heard) <= 75


async def test_two_rooms_with_one_seed_lose_the_same_calls() -> None:
    def losses(seed: int) -> list[bool]:
        air = Air(random.Random(seed))
        return [air._is_lost(-95) for _ in range(50)]

    assert losses(3) == losses(3)
    assert losses(3) != losses(4)


async def test_a_public_address_carries_data_both_ways() -> None:
    air = Air(random.Random(1))
    async with (
        device_in(air, "sensor", public_address=PUBLIC) as (sensor, _),
        device_in(air, "central") as (central, _),
    ):
        value = Characteristic("FFF1", Characteristic.Properties.READ, Characteristic.READABLE, b"hello")
        sensor.add_service(Service("FFF0", [value]))
        await sensor.start_advertising(own_address_type=hci.OwnAddressType.PUBLIC)
        address = hci.Address(PUBLIC, hci.Address.PUBLIC_DEVICE_ADDRESS)
        peer = Peer(await central.connect_le(address, timeout=5))
        await peer.discover_services()
        (service,) = peer.get_services_by_uuid(core.UUID("FFF0"))
        (characteristic,) = await service.discover_characteristics()
        assert await characteristic.read_value() == b"hello"


async def test_a_connect_to_nobody_can_be_given_up_and_the_next_one_works() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "central") as (central, controller):
        with pytest.raises(core.TimeoutError):
            await central.connect_le(hci.Address(address_of(family=9, index=9)), timeout=0.05)
        assert controller.pending_le_connection is None
        await central.connect_le(hci.Address(strap.peripheral.address), timeout=5)


async def test_cancelling_a_connect_that_is_not_under_way_is_refused() -> None:
    air = Air(random.Random(1))
    async with device_in(air, "central") as (central, _):
        with pytest.raises(hci.HCI_Error) as refusal:
            await central.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        assert refusal.value.error_code == hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR


async def test_a_reset_forgets_links_scan_and_advertising() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "central") as (central, controller):
        await central.start_advertising()
        await central.start_scanning()
        await central.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        await central.host.reset()
        assert not controller.le_connections
        assert not controller.le_scan_enable
        assert not controller.is_advertising
        await until(lambda: strap.peripheral.controller.is_advertising, "the strap notices and advertises")
        assert not strap.peripheral.connections


async def test_a_taken_strap_is_not_taken_twice() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "one") as (one, _), device_in(air, "other") as (other, _):
        await one.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        with pytest.raises(core.TimeoutError):
            await other.connect_le(hci.Address(strap.peripheral.address), timeout=0.1)


async def test_a_strap_with_two_slots_serves_two_radios_even_with_one_address() -> None:
    air = Air(random.Random(1))
    strap = Strap(air, 1, advertising_ms=ADVERTISING_MS, slots=2)
    await strap.start()
    async with (
        device_in(air, "one") as (one, _),
        device_in(air, "other", address="F0:F1:F2:F3:F4:F6") as (other, _),
        device_in(air, "twin") as (twin, _),
    ):
        await one.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        await strap.peripheral._device.start_advertising()
        with pytest.raises(core.TimeoutError):
            await twin.connect_le(hci.Address(strap.peripheral.address), timeout=0.1)
        await other.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        assert len(strap.peripheral.connections) == 2


async def test_a_handle_that_is_no_link_cannot_be_disconnected() -> None:
    air = Air(random.Random(1))
    async with device_in(air, "central") as (central, _):
        command = hci.HCI_Disconnect_Command(connection_handle=0x0E00, reason=0x13)
        with pytest.raises(hci.HCI_Error):
            await central.send_async_command(command)


async def test_a_lost_strap_is_silent_and_back_when_it_comes_back() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "scanner") as (device, _), hearing(device) as heard:
        await until(lambda: heard, "strap heard")
        air.lose(strap.peripheral.controller)
        await asyncio.sleep(0)
        heard.clear()
        await asyncio.sleep(0.1)
        assert not heard
        air.back(strap.peripheral.controller)
        await until(lambda: heard, "strap heard again")


async def test_both_ends_of_a_lost_link_hear_of_a_timeout() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "central") as (central, _):
        connection = await central.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        reasons: list[int] = []
        connection.on(Connection.EVENT_DISCONNECTION, reasons.append)
        air.lose(strap.peripheral.controller, 0.05)
        await until(lambda: reasons, "central told")
        await until(lambda: not strap.peripheral.connections, "strap told")
        assert reasons == [hci.HCI_CONNECTION_TIMEOUT_ERROR]
        assert not air._links


async def test_a_battery_that_falls_out_ends_the_link_without_a_word() -> None:
    air = Air(random.Random(1))
    strap = await strap_in(air)
    async with device_in(air, "central") as (central, controller):
        connection = await central.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        reasons: list[int] = []
        connection.on(Connection.EVENT_DISCONNECTION, reasons.append)
        strap.peripheral.stop()
        assert controller.le_connections
        await until(lambda: reasons, "supervision timeout")
        assert reasons == [hci.HCI_CONNECTION_TIMEOUT_ERROR]
        assert strap.peripheral.controller not in air.controllers


async def test_a_faster_clock_calls_more_often() -> None:
    slow, fast = Air(random.Random(1)), Air(random.Random(1), rate=8)
    async with device_in(slow, "slow") as (slow_device, _), device_in(fast, "fast") as (fast_device, _):
        for air in (slow, fast):
            await Strap(air, 1, advertising_ms=100).start()
        async with hearing(slow_device, is_active=False) as calls, hearing(fast_device, is_active=False) as fast_calls:
            await until(lambda: len(calls) >= 5, "five calls at the speed of life")
            assert len(fast_calls) > 2 * len(calls)


async def test_a_faster_clock_shortens_supervision() -> None:
    air = Air(random.Random(1), rate=20)
    strap = await strap_in(air)
    async with device_in(air, "central") as (central, controller):
        await central.connect_le(hci.Address(strap.peripheral.address), timeout=5)
        air.lose(strap.peripheral.controller, 40)
        await until(lambda: not controller.le_connections, "timeout after 2 s instead of 40 s")


async def test_a_radio_reports_no_more_calls_than_its_host_can_take_and_everybody_gets_a_turn() -> None:
    air = Air(random.Random(1))
    straps = [await strap_in(air, index) for index in range(60)]
    start_s = asyncio.get_running_loop().time()
    async with device_in(air, "scanner") as (device, _), hearing(device, is_active=False) as heard:
        await until(lambda: len({str(each.address) for each in heard}) == len(straps), "every strap")
        passed_s = asyncio.get_running_loop().time() - start_s
        assert len(heard) <= REPORTED_CALLS_PER_S_MAX * (passed_s + 0.2)
