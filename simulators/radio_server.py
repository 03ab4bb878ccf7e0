"""HCI over TCP or a unix socket: every client that connects is one more adapter in the air; closing pulls it out.

A gateway in another process opens ``bumble:tcp-client:127.0.0.1:PORT`` and finds a Bluetooth dongle there. Whatever a
client sends, the air and the other radios go on: bytes that are no HCI end that client's adapter with one log line.
"""

import asyncio
import itertools
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bumble.core import BaseBumbleError
from bumble.transport.common import PacketParser

from simulators.advertising import is_report
from simulators.air import Air
from simulators.controller import AirController
from vitals.admitting import admit_no_more

logger = logging.getLogger(__name__)

RADIOS_MAX_DEFAULT: Final = 16
RADIO_SLOTS_DEFAULT: Final = 7
"""Common dongles hold 5 to 7 links (bleak-retry-connector, bluez.py, comment on CSR and Broadcom adapters)."""

UNSENT_BYTES_MAX: Final = 1 << 20
"""A gateway that stands still is dropped before its unsent events take more than this."""


class RadioServer:
    """Serves adapters in an air. ``async with RadioServer(air) as server: await server.listen_tcp()``."""

    def __init__(self, air: Air, *, slots: int = RADIO_SLOTS_DEFAULT, radios_max: int = RADIOS_MAX_DEFAULT) -> None:
        """Serve adapters of ``slots`` links each, at most ``radios_max`` at once."""
        self.air = air
        self.slots = slots
        self.radios_max = radios_max
        self.radios: dict[str, AirController] = {}
        self._sockets: set[_RadioSocket] = set()
        self._numbers = itertools.count(1)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin without a door; add them by `listen_tcp` and `listen_unix`."""
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Close the doors and pull every adapter."""
        await self._stack.aclose()
        self.pull_all()

    async def listen_tcp(self, port: int = 0, *, host: str = "127.0.0.1") -> int:
        """Open a TCP door; return its port.

        Raises:
            OSError: the port is in use.
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _RadioSocket(self), host, port)
        self._stack.push_async_callback(_end, server)
        taken: int = server.sockets[0].getsockname()[1]
        return taken

    async def listen_unix(self, path: Path) -> None:
        """Open a door at a unix socket."""
        server = await asyncio.get_running_loop().create_unix_server(lambda: _RadioSocket(self), path)
        self._stack.push_async_callback(_end, server)

    def pull_all(self) -> None:
        """Pull every adapter out, as if the hub had lost power; the doors stay open."""
        for socket in list(self._sockets):
            socket.pull()

    def admit(self, socket: "_RadioSocket") -> AirController | None:
        """Give a new client its adapter, or None when all are taken."""
        if len(self._sockets) >= self.radios_max:
            logger.warning("radio_server.full radios_max=%d", self.radios_max)
            return None
        name = f"radio{next(self._numbers)}"
        controller = AirController(name, self.air, slots=self.slots, host_sink=socket)
        self.radios[name] = controller
        self._sockets.add(socket)
        logger.info("radio_server.plugged radio=%s slots=%d", name, self.slots)
        return controller

    def release(self, socket: "_RadioSocket", controller: AirController) -> None:
        """Take a client's adapter out of the air."""
        self._sockets.discard(socket)
        if self.radios.pop(controller.name, None) is not None:
            controller.unplug()
            logger.info("radio_server.pulled radio=%s", controller.name)


async def _end(server: asyncio.Server) -> None:
    await admit_no_more(server.sockets)
    server.close()


class _RadioSocket(asyncio.Protocol):
    """One client and its adapter."""

    def __init__(self, server: RadioServer) -> None:
        """Wait for the connection."""
        self._server = server
        self._controller: AirController | None = None
        self._transport: asyncio.Transport | None = None
        self._parser = PacketParser(_Guard(self))
        self._is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Plug an adapter in, or hang up."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream server gives nothing else
        self._transport = transport
        self._controller = self._server.admit(self)
        if self._controller is None:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Hand the host's packets to the adapter; bytes that are none pull it."""
        if self._controller is None:
            return
        try:
            self._parser.feed_data(data)
        except BaseBumbleError as error:
            self.refuse(error)

    def handle(self, packet: bytes) -> None:
        """Let the adapter act on one packet; a packet it can't take pulls it."""
        if self._controller is None:
            return
        try:
            self._controller.on_packet(packet)
        except Exception as error:  # noqa: BLE001 - bumble raises anything on bad bytes; the client pays, not the room
            self.refuse(error)

    def refuse(self, error: Exception) -> None:
        """Pull the adapter of a client that does not speak HCI."""
        if self._controller is not None:
            name = self._controller.name
            logger.warning("radio_server.refused radio=%s error=%s: %s", name, type(error).__name__, error)
        self.pull()

    def pull(self) -> None:
        """Close this client; its adapter goes out of the air at once."""
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)

    def on_packet(self, packet: bytes) -> None:
        """Send an event to the host; a slow host misses advertising first and is dropped in the end."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._is_busy and is_report(packet):
            return
        if self._transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.refuse(BufferError(f"host reads nothing, {UNSENT_BYTES_MAX} bytes unsent"))
            return
        self._transport.write(packet)

    def pause_writing(self) -> None:
        """The host is slow."""
        self._is_busy = True

    def resume_writing(self) -> None:
        """The host caught up."""
        self._is_busy = False

    def connection_lost(self, _error: Exception | None) -> None:
        """The adapter is pulled."""
        controller, self._controller = self._controller, None
        if controller is not None:
            self._server.release(self, controller)


class _Guard:
    """Stands between bumble's parser and a socket: the parser would log a traceback for each bad packet."""

    def __init__(self, socket: _RadioSocket) -> None:
        """Guard one socket."""
        self._socket = socket

    def on_packet(self, packet: bytes) -> None:
        """Pass a packet on."""
        self._socket.handle(packet)
