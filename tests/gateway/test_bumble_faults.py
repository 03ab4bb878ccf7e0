"""Laws of the bleak backend over bumble, through plain bleak and a real air, when things go wrong."""

import asyncio
import struct
from functools import partial

import pytest
from bleak import BleakClient
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bumble import att, hci
from bumble.gatt import Characteristic, Service

from gateway.codecs.uuids import (
    BATTERY_LEVEL,
    BODY_SENSOR_LOCATION,
    HEART_RATE_MEASUREMENT,
    MANUFACTURER_NAME,
    full_uuid,
)
from gateway.radio.bumble_client import BumbleClient
from gateway.radio.faults import AdapterGoneError, NoSlotError
from simulators.airlink import AirConnection
from tests.ble_room import adapter_in, client_of, find, open_room, until
from vitals.deadline import deadline

pytestmark = pytest.mark.peer

SECRET = full_uuid(0xFFF1)


def _append(values: list[bytes], _characteristic: object, value: bytearray) -> None:
    values.append(bytes(value))


async def test_a_silent_link_loss_ends_the_link_by_its_supervision_timeout() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        lost: list[str] = []
        client = client_of((await find(adapter, room.straps[0].peripheral))[0], lost)
        await client.connect()
        room.air.lose(room.straps[0].peripheral.controller, 0.2)
        await until(lambda: lost, "disconnected callback")
        assert lost == [room.straps[0].peripheral.address]
        assert not client.is_connected


async def test_an_absent_sensor_times_out_and_the_next_connect_works() -> None:
    async with open_room(straps=2) as room, adapter_in(room) as adapter:
        absent, present = await find(adapter, *(strap.peripheral for strap in room.straps))
        room.air.lose(room.straps[0].peripheral.controller)
        with pytest.raises(TimeoutError):
            await client_of(absent).connect(timeout=0.3)
        client = client_of(present)
        await client.connect()
        assert client.is_connected


async def test_a_sensor_that_comes_back_is_connected_again_by_a_fresh_client() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        lost: list[str] = []
        await client_of(device, lost).connect()
        room.air.lose(room.straps[0].peripheral.controller, 0.05)
        await until(lambda: lost, "disconnected callback")
        room.air.back(room.straps[0].peripheral.controller)
        client = client_of(device)
        await client.connect()
        assert await client.read_gatt_char(BODY_SENSOR_LOCATION) == b"\x01"


async def test_a_read_in_flight_when_the_link_drops_is_an_error_and_no_cancellation() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        client = client_of((await find(adapter, room.straps[0].peripheral))[0])
        await client.connect()
        room.air.lose(room.straps[0].peripheral.controller, 0.05)
        with pytest.raises(BleakError):
            await client.read_gatt_char(BODY_SENSOR_LOCATION)
        assert not client.is_connected


async def test_a_full_adapter_says_so_and_works_again_when_a_slot_is_free() -> None:
    async with open_room(straps=3, slots=2) as room, adapter_in(room) as adapter:
        devices = await find(adapter, *(strap.peripheral for strap in room.straps))
        first, second, third = (client_of(device) for device in devices)
        await first.connect()
        await second.connect()
        with pytest.raises(NoSlotError):
            await third.connect()
        await first.disconnect()
        third = client_of(devices[2])
        await third.connect()
        assert (first.is_connected, second.is_connected, third.is_connected) == (False, True, True)


async def test_concurrent_connects_wait_for_one_another() -> None:
    async with open_room(straps=6) as room, adapter_in(room) as adapter:
        clients = [client_of(device) for device in await find(adapter, *(s.peripheral for s in room.straps))]
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(client.connect(), name=f"test[{client.address}].connect")
        assert all(client.is_connected for client in clients)


async def test_a_scan_goes_on_while_sensors_are_connected() -> None:
    async with open_room(straps=2) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        client = client_of(device)
        await client.connect()
        (other,) = await find(adapter, room.straps[1].peripheral)
        assert other.address == room.straps[1].peripheral.address
        assert client.is_connected


async def test_after_a_gateway_restart_the_straps_advertise_again() -> None:
    async with open_room(straps=2) as room:
        async with adapter_in(room) as adapter:
            for device in await find(adapter, *(strap.peripheral for strap in room.straps)):
                await client_of(device).connect()
        async with adapter_in(room) as adapter:
            for device in await find(adapter, *(strap.peripheral for strap in room.straps)):
                client = client_of(device)
                await client.connect()
                assert client.is_connected


async def test_two_radios_share_the_room_and_take_different_straps() -> None:
    async with open_room(straps=2) as room, adapter_in(room) as one, adapter_in(room) as other:
        assert one.address != other.address
        (first,) = await find(one, room.straps[0].peripheral)
        (second,) = await find(other, room.straps[1].peripheral)
        clients = [client_of(first), client_of(second)]
        for client in clients:
            await client.connect()
        assert [len(radio.le_connections) for radio in room.server.radios.values()] == [1, 1]


async def test_a_pulled_adapter_ends_its_links_and_everything_after_it_fails_at_once() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        lost: list[str] = []
        client = client_of(device, lost)
        await client.connect()
        room.server.pull_all()
        await until(adapter.lost.is_set, "adapter reported lost")
        await until(lambda: lost, "disconnected callback")
        assert not client.is_connected
        with pytest.raises(BleakError):
            await client.read_gatt_char(BODY_SENSOR_LOCATION)
        with pytest.raises(AdapterGoneError):
            await client_of(device).connect()


async def test_a_connect_under_way_when_the_adapter_is_pulled_fails_at_once() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        room.air.lose(room.straps[0].peripheral.controller)
        radio = room.radio()

        async def pull() -> None:
            await until(lambda: radio.pending_le_connection is not None, "controller tries to connect")
            room.server.pull_all()

        async with asyncio.TaskGroup() as group:
            group.create_task(pull(), name="test.pull")
            with pytest.raises(AdapterGoneError):
                await client_of(device).connect(timeout=14)


@pytest.mark.parametrize("turns", [*range(12), 15, 20, 30, 50, 80, 120])
async def test_a_cancelled_connect_leaves_no_link_behind_wherever_it_is_cut(turns: int) -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        async with asyncio.TaskGroup() as group:
            attempt = group.create_task(client_of(device).connect(), name="test.attempt")
            for _ in range(turns):
                await asyncio.sleep(0)
            attempt.cancel()
        if attempt.cancelled():
            await until(lambda: not room.radio().le_connections, "no stray link")
            assert room.radio().pending_le_connection is None
            client = client_of(device)
            await client.connect()
            assert client.is_connected
        else:
            assert attempt.exception() is None


async def test_a_connect_cancelled_in_the_moment_of_success_leaves_no_link_behind() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (device,) = await find(adapter, room.straps[0].peripheral)
        radio = room.radio()
        report = radio.report_connected
        async with asyncio.TaskGroup() as group:
            attempt = group.create_task(client_of(device).connect(), name="test.attempt")

            def report_too_late(end: AirConnection, *, interval: int, timeout: int) -> None:
                attempt.cancel()
                report(end, interval=interval, timeout=timeout)

            radio.report_connected = report_too_late  # type: ignore[method-assign]
        assert attempt.cancelled()
        radio.report_connected = report  # type: ignore[method-assign]
        await until(lambda: not radio.le_connections, "no stray link")
        await client_of(device).connect()


async def test_all_connects_that_wait_for_a_pulled_adapter_fail_at_once() -> None:
    async with open_room(straps=3) as room, adapter_in(room) as adapter:
        devices = await find(adapter, *(strap.peripheral for strap in room.straps))
        for strap in room.straps:
            room.air.lose(strap.peripheral.controller)
        radio, refused = room.radio(), list[str]()

        async def connect_in_vain(client: BleakClient) -> None:
            with pytest.raises(AdapterGoneError):
                await client.connect(timeout=300)
            refused.append(client.address)

        async with asyncio.TaskGroup() as group:
            for device in devices:
                group.create_task(connect_in_vain(client_of(device)), name=f"test[{device.address}].connect")
            await until(lambda: radio.pending_le_connection is not None, "controller tries to connect")
            room.server.pull_all()
            await until(lambda: len(refused) == len(devices), "all refused")


async def test_a_cancelled_read_closes_the_link_because_its_answer_would_fool_the_next() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        client = client_of((await find(adapter, room.straps[0].peripheral))[0])
        await client.connect()
        with pytest.raises(TimeoutError):
            async with deadline(0):
                await client.read_gatt_char(BODY_SENSOR_LOCATION)
        await until(lambda: not client.is_connected, "link closed")


async def test_an_answer_in_the_moment_in_which_its_caller_gives_up_is_no_error() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        client = client_of((await find(adapter, room.straps[0].peripheral))[0])
        await client.connect()
        (link,) = adapter.device.connections.values()
        asked: asyncio.Future[att.ATT_PDU] = asyncio.get_running_loop().create_future()
        asked.cancel()
        link.gatt_client.pending_request = att.ATT_Read_Request(attribute_handle=1)
        link.gatt_client.pending_response = asked
        answer = bytes(att.ATT_Read_Response(attribute_value=b"\x01"))
        pdu = struct.pack("<HH", len(answer), att.ATT_CID) + answer
        packet = hci.HCI_AclDataPacket(link.handle, hci.HCI_ACL_PB_FIRST_FLUSHABLE, 0, len(pdu), pdu)
        adapter.device.host.on_hci_packet(packet)
        link.gatt_client.pending_request = link.gatt_client.pending_response = None
        assert await client.read_gatt_char(BODY_SENSOR_LOCATION), "the link is as good as before"


async def test_a_cancelled_command_does_not_shift_the_answers_of_later_ones() -> None:
    async with open_room() as room, adapter_in(room) as adapter:
        for _ in range(20):
            with pytest.raises(TimeoutError):
                async with deadline(0):
                    await adapter.device.send_sync_command(hci.HCI_Read_BD_ADDR_Command())
            answer = await adapter.device.send_sync_command(hci.HCI_LE_Read_Filter_Accept_List_Size_Command())
            assert answer.filter_accept_list_size == room.radio().filter_accept_list_size


async def test_an_address_alone_is_refused_because_it_names_no_adapter() -> None:
    with pytest.raises(BleakDeviceNotFoundError, match="seen by a scan"):
        await BleakClient("C0:DE:00:01:00:01", backend=BumbleClient).connect()


async def test_a_refusal_by_the_sensor_comes_as_its_att_error() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        locked: Characteristic[bytes] = Characteristic(
            SECRET,
            Characteristic.Properties.READ,
            Characteristic.READABLE | Characteristic.READ_REQUIRES_ENCRYPTION,
            b"never read",
        )
        strap.peripheral._device.add_service(Service(full_uuid(0xFFF0), [locked]))
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        with pytest.raises(BleakGATTProtocolError) as refusal:
            await client.read_gatt_char(SECRET)
        assert refusal.value.code is BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION
        assert await client.read_gatt_char(BODY_SENSOR_LOCATION) == b"\x01"


async def test_every_notification_arrives_once_and_in_order_with_all_its_bytes() -> None:
    async with open_room(straps=3) as room, adapter_in(room) as adapter:
        got: dict[str, list[bytes]] = {}
        for device in await find(adapter, *(strap.peripheral for strap in room.straps)):
            client = client_of(device)
            await client.connect()
            values = got.setdefault(device.address, [])
            await client.start_notify(HEART_RATE_MEASUREMENT, partial(_append, values))
        sent = [number.to_bytes(2, "little") * (1 + number % 10) for number in range(400)]
        for value in sent:
            for strap in room.straps:
                assert await strap.notify_raw(value) == 1
        await until(lambda: all(len(values) >= len(sent) for values in got.values()), "all notifications")
        assert all(values == sent for values in got.values())


async def test_a_fade_shorter_than_the_supervision_timeout_loses_nothing() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        got: list[bytes] = []
        await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, value: got.append(bytes(value)))
        await strap.notify_raw(b"before")
        await until(lambda: got == [b"before"], "first notification")
        room.air.lose(strap.peripheral.controller, 60)
        await strap.notify_raw(b"during")
        room.air.back(strap.peripheral.controller)
        await strap.notify_raw(b"after")
        await until(lambda: len(got) >= 3, "all notifications")
        assert got == [b"before", b"during", b"after"]
        assert client.is_connected


async def test_a_link_that_came_back_in_time_is_not_ended_later() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        room.air.lose(strap.peripheral.controller, 0.05)
        room.air.back(strap.peripheral.controller)
        await asyncio.sleep(0.2)
        assert client.is_connected
        assert await client.read_gatt_char(BODY_SENSOR_LOCATION) == b"\x01"


async def test_notifications_stop_and_start_as_asked() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        assert await strap.notify(60) == 0
        got: list[bytes] = []
        await client.start_notify(HEART_RATE_MEASUREMENT, lambda _, value: got.append(bytes(value)))
        assert await strap.notify(61) == 1
        await client.stop_notify(HEART_RATE_MEASUREMENT)
        assert await strap.notify(62) == 0
        assert got == [b"\x06\x3d"]


async def test_battery_and_maker_are_read_and_the_battery_notifies() -> None:
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        (strap,) = room.straps
        client = client_of((await find(adapter, strap.peripheral))[0])
        await client.connect()
        assert await client.read_gatt_char(MANUFACTURER_NAME) == b"session-vitals simulator"
        levels: list[int] = []
        await client.start_notify(BATTERY_LEVEL, lambda _, value: levels.append(value[0]))
        assert await strap.peripheral.set_battery(12) == 1
        await until(lambda: levels, "battery notification")
        assert await client.read_gatt_char(BATTERY_LEVEL) == b"\x0c"
        assert levels == [12]
