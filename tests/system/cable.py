"""A cable between a screen and the server that can be cut: nothing goes through, and nobody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vitals.admitting import admit_no_more

CHUNK_BYTES = 65_536


class Cable:
    """A listener on a port of its own that passes bytes on to another one, unless it is cut."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._whole = asyncio.Event()
        self._whole.set()
        self.port = 0
        self.passed = 0

    def cut(self) -> None:
        """Pass nothing on; open connections stay open, as with a radio link that has gone."""
        self._whole.clear()

    def mend(self) -> None:
        """Pass on again, first what has waited: the network has kept it."""
        self._whole.set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A call over a cut cable rings for nobody.
            await self._whole.wait()
            beyond_reader, beyond_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as tasks:
            ways = [
                tasks.create_task(self._pass_on(reader, beyond_writer)),
                tasks.create_task(self._pass_on(beyond_reader, writer)),
            ]
            # One end has hung up: so does the other.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        for end in (writer, beyond_writer):
            end.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                await self._whole.wait()
                writer.write(chunk)
                await writer.drain()
                self.passed += len(chunk)
        except ConnectionError:
            return


@asynccontextmanager
async def cable_to(port: int) -> AsyncIterator[Cable]:
    cable = Cable(port)
    server = await asyncio.start_server(cable.take, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        await admit_no_more(server.sockets)
        server.close()
        cable.mend()
