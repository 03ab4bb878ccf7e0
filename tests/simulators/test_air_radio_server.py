"""Laws of the radio server: one adapter a client, and a bad client costs nobody else anything."""

import asyncio
import contextlib
import logging
import random
import socket
from pathlib import Path

import pytest
from bumble import hci

from simulators.radio_server import UNSENT_BYTES_MAX, _RadioSocket
from tests.ble_room import adapter_in, client_of, find, open_room, until

pytestmark = pytest.mark.peer


async def test_a_client_is_one_adapter_and_closing_pulls_it() -> None:
    async with open_room(straps=1) as room:
        before = set(room.air.controllers)
        async with adapter_in(room), adapter_in(room):
            assert len(set(room.air.controllers) - before) == 2
            assert sorted(room.server.radios) == ["radio1", "radio2"]
        await until(lambda: set(room.air.controllers) == before, "adapters out of the air")


async def test_a_unix_socket_is_a_door_as_well(tmp_path: Path) -> None:
    from gateway.radio.bumble_adapter import open_adapter  # noqa: PLC0415 - only here by name

    async with open_room(straps=1) as room:
        await room.server.listen_unix(tmp_path / "radio.sock")
        async with open_adapter(f"unix:{tmp_path / 'radio.sock'}") as adapter:
            assert await find(adapter, room.straps[0].peripheral)


async def test_only_so_many_adapters_are_given_out() -> None:
    async with open_room() as room:
        room.server.radios_max = 2
        async with adapter_in(room), adapter_in(room):
            reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            assert len(room.server.radios) == 2


@pytest.mark.parametrize("seed", range(8))
async def test_garbage_ends_its_own_adapter_and_the_room_goes_on(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="simulators.radio_server")
    garbage = random.Random(seed)
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        client = client_of((await find(adapter, room.straps[0].peripheral))[0])
        await client.connect()
        reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
        writer.write(b"\x01\x03\x0c\x00" + b"\xff" + garbage.randbytes(4000))
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                pass
        writer.close()
        await until(lambda: len(room.server.radios) == 1, "only the good adapter is left")
        assert client.is_connected
        refusals = [record for record in caplog.records if "refused" in record.message]
        assert [record.exc_info for record in refusals] == [None]


async def test_commands_that_make_no_sense_cost_their_sender_the_adapter_and_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    noise = random.Random(5)
    async with open_room(straps=1) as room, adapter_in(room) as adapter:
        for _ in range(40):
            reader, writer = await asyncio.open_connection("127.0.0.1", room.port)
            for _ in range(20):
                opcode = noise.choice([hci.HCI_LE_CREATE_CONNECTION_COMMAND, noise.randrange(0x2000, 0x2090), 0x0406])
                parameters = noise.randbytes(noise.randrange(40))
                writer.write(b"\x01" + opcode.to_bytes(2, "little") + bytes([len(parameters)]) + parameters)
            writer.write_eof()
            with contextlib.suppress(ConnectionError):
                while await reader.read(4096):
                    pass
            writer.close()
        assert await find(adapter, room.straps[0].peripheral)
        assert any("refused" in record.message for record in caplog.records)
        assert not any(record.exc_info for record in caplog.records)


async def test_a_host_that_reads_nothing_is_pulled_before_it_fills_the_memory() -> None:
    async with open_room() as room:
        stuck = socket.create_connection(("127.0.0.1", room.port))
        await until(lambda: len(room.server.radios) == 1, "adapter plugged in")
        (client,) = room.server._sockets
        assert isinstance(client, _RadioSocket)
        event = b"\x04\x0e" + bytes(250)
        for _ in range(4 * UNSENT_BYTES_MAX // len(event) + 100_000):
            client.on_packet(event)
            if not room.server.radios:
                break
        assert not room.server.radios
        stuck.close()
