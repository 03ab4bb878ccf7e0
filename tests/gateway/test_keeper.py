"""A radio's keeper, on the virtual air: links that are under way while the radio goes down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import keeper as keepers
from gateway.keeper import RadioKeeper
from gateway.radio.advertisement import Advertisement
from gateway.radio.spec import parse_radio_spec
from tests.ble_room import Room, open_room, until
from vitals.clock import open_clock
from vitals.errors import PeerError, PeerReason
from vitals.sessions import GenerationMode


@asynccontextmanager
async def keeper_in(room: Room, heard: list[Advertisement]) -> AsyncIterator[RadioKeeper]:
    keeper = RadioKeeper(
        parse_radio_spec(f"bumble:{room.transport}"),
        clock=open_clock(rate=1, mode=GenerationMode.TEST),
        on_advertisement=heard.append,
        on_change=lambda _: None,
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keeper.run(), name="test.keeper")
        try:
            await until(lambda: heard, "a strap is heard")
            yield keeper
        finally:
            task.cancel()


async def test_a_link_that_comes_up_after_its_radio_went_down_is_refused_and_ended() -> None:
    """Seen with a real bluetoothd that was restarted: nobody was told when that link ended."""
    heard: list[Advertisement] = []
    lost: list[str] = []
    async with open_room(straps=1) as room, keeper_in(room, heard) as keeper:
        strap = room.straps[0].peripheral
        room.air.lose(strap.controller)
        refusals: list[PeerError] = []

        async def connect() -> None:
            try:
                await keeper.connect(heard[-1].device, on_lost=lambda: lost.append("lost"), timeout_s=10)
            except PeerError as error:
                refusals.append(error)

        async with asyncio.TaskGroup() as group:
            group.create_task(connect(), name="test.connect")
            await until(lambda: room.radio().pending_le_connection, "the attempt is under way")
            keeper._go_down("the service is restarted")
            room.air.back(strap.controller)

        assert [error.reason for error in refusals] == [PeerReason.GONE]
        assert lost == ["lost"]
        await until(lambda: not strap.connections, "the link is ended")


async def test_a_link_of_a_radio_that_stays_up_is_handed_over() -> None:
    heard: list[Advertisement] = []
    lost: list[str] = []
    async with open_room(straps=1) as room, keeper_in(room, heard) as keeper:
        client = await keeper.connect(heard[-1].device, on_lost=lambda: lost.append("lost"), timeout_s=10)
        assert client.is_connected
        assert lost == []
        with pytest.raises(PeerError):
            await keeper.connect(heard[-1].device, on_lost=lambda: None, timeout_s=1)
        await client.disconnect()
        await until(lambda: lost == ["lost"], "the end is told")


async def test_a_radio_that_hangs_is_opened_anew_whatever_its_stack_takes_for_a_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An adapter that hangs tells of no end; whoever used the link has left it long ago."""
    monkeypatch.setattr(keepers, "DEAF_S", 0.5)
    heard: list[Advertisement] = []
    lost: list[str] = []
    async with open_room(straps=1) as room, keeper_in(room, heard) as keeper:
        # While it is connected the only strap does not advertise: the radio hears nothing.
        client = await keeper.connect(heard[-1].device, on_lost=lambda: lost.append("lost"), timeout_s=10)
        with keeper.in_use():
            await asyncio.sleep(1.5)
            assert client.is_connected
            assert lost == []
        await until(lambda: lost == ["lost"], "the radio is opened anew")
        heard.clear()
        await until(lambda: heard, "the strap is heard again")
