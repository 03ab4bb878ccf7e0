"""Laws of a radio: hears, connects, counts its slots, and says why when it can't."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from bleak.backends.device import BLEDevice

from gateway.codecs.uuids import HEART_RATE_SERVICE, PULSE_OXIMETER_SERVICE
from gateway.radio.advertisement import Advertisement
from gateway.radio.radio import Radio, open_radio
from gateway.radio.spec import RadioSpec, parse_radio_spec
from simulators.airlink import AirConnection
from tests.ble_room import Room, open_room, until
from vitals.deadline import deadline
from vitals.errors import PeerError, PeerReason
from vitals.units import MonotonicMs

pytestmark = pytest.mark.peer

FIXED_MS = MonotonicMs(1234)


def spec_in(room: Room, slots: int = 7) -> RadioSpec:
    return parse_radio_spec(f"bumble:{room.transport}?slots={slots}")


class Ears:
    """What a radio heard, newest by address."""

    def __init__(self) -> None:
        self.heard: dict[str, Advertisement] = {}

    def hear(self, advertisement: Advertisement) -> None:
        self.heard[advertisement.address] = advertisement

    async def device(self, address: str) -> BLEDevice:
        await until(lambda: address in self.heard, f"{address} heard")
        return self.heard[address].device


@asynccontextmanager
async def radio_in(room: Room, ears: Ears, slots: int = 7) -> AsyncIterator[Radio]:
    async with open_radio(spec_in(room, slots), on_advertisement=ears.hear, now_ms=lambda: FIXED_MS) as radio:
        yield radio


def nothing() -> None:
    """For links whose end a test does not look at."""


async def test_an_advertisement_tells_name_services_and_strength() -> None:
    async with open_room(straps=1) as room:
        await room.add_oximeter()
        ears = Ears()
        async with radio_in(room, ears) as radio:
            room.air.set_rssi(room.straps[0].peripheral.controller, room.radio(), -77)
            address = room.straps[0].peripheral.address
            await until(lambda: address in ears.heard and ears.heard[address].rssi_dbm == -77, "strap at -77 dBm")
            await until(lambda: len(ears.heard) == 2, "both sensors heard")
            strap, oximeter = (ears.heard[key] for key in sorted(ears.heard))
            assert (strap.name, strap.service_uuids) == ("Strap 001", (HEART_RATE_SERVICE,))
            assert (oximeter.name, oximeter.service_uuids) == ("Oximeter 001", (PULSE_OXIMETER_SERVICE,))
            assert (strap.radio, strap.heard_ms) == (radio.name, FIXED_MS)


async def test_the_end_of_a_link_is_told_once_whoever_ended_it() -> None:
    async with open_room(straps=2) as room:
        ears, ends = Ears(), list[str]()
        async with radio_in(room, ears) as radio:
            first, second = [strap.peripheral.address for strap in room.straps]
            await radio.connect(await ears.device(first), on_disconnect=partial(ends.append, first))
            client = await radio.connect(await ears.device(second), on_disconnect=partial(ends.append, second))
            assert radio.slots_used == 2
            await client.disconnect()
            assert ends == [second]
            room.air.lose(room.straps[0].peripheral.controller, 0.05)
            await until(lambda: len(ends) == 2, "loss told")
            assert radio.slots_used == 0
            await client.disconnect()
        assert len(ends) == 2


async def test_a_radio_without_a_free_slot_says_so_and_takes_the_next_when_one_is_free() -> None:
    async with open_room(straps=2) as room:
        ears = Ears()
        async with radio_in(room, ears, slots=1) as radio:
            first, second = [await ears.device(strap.peripheral.address) for strap in room.straps]
            client = await radio.connect(first, on_disconnect=nothing)
            with pytest.raises(PeerError) as refusal:
                await radio.connect(second, on_disconnect=nothing)
            assert refusal.value.reason is PeerReason.OUT_OF_SLOTS
            await client.disconnect()
            assert (await radio.connect(second, on_disconnect=nothing)).is_connected


async def test_an_adapter_with_fewer_slots_than_its_spec_is_out_of_slots_too() -> None:
    async with open_room(straps=2, slots=1) as room:
        ears = Ears()
        async with radio_in(room, ears, slots=7) as radio:
            first, second = [await ears.device(strap.peripheral.address) for strap in room.straps]
            await radio.connect(first, on_disconnect=nothing)
            with pytest.raises(PeerError) as refusal:
                await radio.connect(second, on_disconnect=nothing)
            assert refusal.value.reason is PeerReason.OUT_OF_SLOTS
            assert radio.slots_used == 1


async def test_an_attempt_that_fails_keeps_no_slot_and_tells_no_end() -> None:
    async with open_room(straps=1) as room:
        ears, ends = Ears(), list[str]()
        async with radio_in(room, ears, slots=1) as radio:
            device = await ears.device(room.straps[0].peripheral.address)
            room.air.lose(room.straps[0].peripheral.controller)
            with pytest.raises(PeerError) as refusal:
                await radio.connect(device, on_disconnect=lambda: ends.append("told"), timeout_s=0.2)
            assert refusal.value.reason is PeerReason.TIMED_OUT
            room.air.back(room.straps[0].peripheral.controller)
            assert (await radio.connect(device, on_disconnect=nothing)).is_connected
            assert (radio.slots_used, ends) == (1, [])


async def test_a_link_lost_before_it_stood_is_an_error_and_no_end() -> None:
    async with open_room(straps=1) as room:
        ears, ends = Ears(), list[str]()
        async with radio_in(room, ears) as radio:
            device = await ears.device(room.straps[0].peripheral.address)
            controller = room.radio()
            report = controller.report_connected

            def report_and_lose(end: AirConnection, *, interval: int, timeout: int) -> None:
                room.air.lose(room.straps[0].peripheral.controller, 0.05)
                report(end, interval=interval, timeout=timeout)

            controller.report_connected = report_and_lose  # type: ignore[method-assign]
            with pytest.raises(PeerError) as refusal:
                await radio.connect(device, on_disconnect=lambda: ends.append("told"))
            assert refusal.value.reason is PeerReason.LINK_LOST
            assert (radio.slots_used, ends) == (0, [])


async def test_a_cancelled_attempt_keeps_no_slot() -> None:
    async with open_room(straps=1) as room:
        ears = Ears()
        async with radio_in(room, ears, slots=1) as radio:
            device = await ears.device(room.straps[0].peripheral.address)
            with pytest.raises(TimeoutError):
                async with deadline(0.001):
                    await radio.connect(device, on_disconnect=nothing)
            assert radio.slots_used == 0
            assert (await radio.connect(device, on_disconnect=nothing)).is_connected


async def test_a_lost_adapter_is_told_and_ends_its_links() -> None:
    async with open_room(straps=1) as room:
        ears, ends = Ears(), list[str]()
        async with radio_in(room, ears) as radio:
            device = await ears.device(room.straps[0].peripheral.address)
            await radio.connect(device, on_disconnect=lambda: ends.append("told"))
            room.server.pull_all()
            assert radio.name in await radio.wait_gone()
            await until(lambda: ends == ["told"], "end of the link told")
            assert radio.is_gone
            with pytest.raises(PeerError) as refusal:
                await radio.connect(device, on_disconnect=nothing)
            assert refusal.value.reason is PeerReason.GONE


async def test_no_adapter_at_the_place_is_a_peer_that_may_come() -> None:
    async with open_room() as room:
        gone = spec_in(room)
    with pytest.raises(PeerError) as refusal:
        async with open_radio(gone, on_advertisement=Ears().hear, now_ms=lambda: FIXED_MS):
            pass
    assert refusal.value.reason is PeerReason.UNREACHABLE


async def test_a_door_that_admits_nobody_is_a_peer_that_is_gone() -> None:
    async with open_room() as room:
        room.server.radios_max = 0
        with pytest.raises(PeerError) as refusal:
            async with radio_in(room, Ears()):
                pass
        assert refusal.value.reason is PeerReason.GONE


async def test_an_error_in_the_block_leaves_it_as_it_is() -> None:
    async with open_room() as room:
        with pytest.raises(ZeroDivisionError):
            async with radio_in(room, Ears()):
                raise ZeroDivisionError
        await until(lambda: not room.server.radios, "adapter left the air")


async def test_a_machine_without_a_system_bus_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(
        PeerError, match=r"^radio bluez:hci0: no system bus here, so no bluetoothd \(Debian: apt install"
    ):
        async with open_radio(parse_radio_spec("bluez:hci0"), on_advertisement=Ears().hear, now_ms=lambda: FIXED_MS):
            pass


async def test_a_bluez_radio_without_its_adapter_is_a_peer_that_may_come() -> None:
    spec = parse_radio_spec("bluez:hci99")
    with pytest.raises(PeerError) as refusal:
        async with open_radio(spec, on_advertisement=Ears().hear, now_ms=lambda: FIXED_MS):
            pass
    assert "bluez:hci99" in str(refusal.value)
