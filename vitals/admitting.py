"""The end of a server's listening: nobody new, and nobody lost who was let in at that moment."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Final

_ROUNDS: Final = 3
"""Of the loop, from a socket that was accepted to a connection that its server knows."""


async def admit_no_more(listening: Iterable[socket.socket]) -> None:
    """Stop to accept, and wait until whoever was accepted is connected; close the server then.

    asyncio accepts a socket in one round of the loop and gives it to its server in the next one. A server that was
    closed in between refuses it by an assertion, and nobody closes the socket: its other end waits for an answer for
    ever (seen with CPython 3.11). Browsers, which open a spare connection, come at such moments.

    Args:
        listening: the sockets on which a server of this loop listens; closed ones are passed over.
    """
    loop = asyncio.get_running_loop()
    for one in listening:
        if one.fileno() >= 0:
            loop.remove_reader(one.fileno())
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
