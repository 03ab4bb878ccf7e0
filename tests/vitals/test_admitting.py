"""A server's end: whoever was let in at that moment is connected, and nobody comes in after it."""

import asyncio
import socket

import pytest

from vitals.admitting import admit_no_more
from vitals.deadline import deadline


class Guest(asyncio.Protocol):
    """Keeps that it was connected."""

    def __init__(self, came: list[asyncio.BaseTransport]) -> None:
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._came.append(transport)


@pytest.mark.parametrize("rounds", range(5))
async def test_who_is_accepted_while_a_server_ends_is_connected(rounds: int) -> None:
    loop, came = asyncio.get_running_loop(), list[asyncio.BaseTransport]()
    server = await loop.create_server(lambda: Guest(came), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    with socket.create_connection(address) as client:
        # Two rounds on, the loop has accepted the socket and not yet given it to the server: that one was lost.
        for _ in range(rounds):
            await asyncio.sleep(0)
        await admit_no_more(server.sockets)
        server.close()
        assert len(came) == (rounds >= 2)
        for transport in came:
            transport.close()
        client.setblocking(False)  # noqa: FBT003 - the standard library's
        async with deadline(20):
            # Closed by us, or refused by the kernel that had it in its queue.
            assert await said_to(client) == b""


async def said_to(client: socket.socket) -> bytes:
    try:
        return await asyncio.get_running_loop().sock_recv(client, 1)
    except ConnectionResetError:
        return b""


async def test_a_socket_that_is_closed_already_is_passed_over() -> None:
    gone = socket.socket()
    gone.close()
    await admit_no_more([gone])
