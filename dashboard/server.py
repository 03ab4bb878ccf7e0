"""The web server inside the part's own TaskGroup: one uvicorn worker on a socket that is ours."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from dashboard.guard import require_loopback
from vitals.errors import SetupError, SetupReason

logger: Final = logging.getLogger(__name__)

STOP_S: Final = 1
"""Open requests and websockets get so long at the end; real seconds."""

_MESSAGE_BYTES_MAX: Final = 4_096
"""What a page says on the websocket has some 60 bytes."""

_SILENT_PEER_MS: Final = 20_000
"""A peer that takes no bytes for so long is cut off by the kernel: uvicorn would keep them for ever."""


class Server(uvicorn.Server):
    """uvicorn without signal handlers: the command line has them, and cancels us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket of this machine; port 0 takes a free one.

    Raises:
        SetupError: not loopback, or the port is in use.
    """
    require_loopback(host)
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_PEER_MS)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"dashboard.port = {port}: in use on {host} by another program; choose another with --port",
                SetupReason.PORT_IN_USE,
            ) from error
        raise SetupError(
            f"dashboard.host = {host!r}, port = {port}: {error.strerror}", SetupReason.NOT_ALLOWED
        ) from error
    listener.settimeout(0)
    return listener


async def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve until cancelled; then say goodbye to open websockets and end within two seconds."""
    server = Server(
        uvicorn.Config(
            app,
            lifespan="off",
            http="h11",
            ws="websockets-sansio",
            ws_ping_interval=5,
            ws_ping_timeout=5,
            ws_per_message_deflate=False,
            ws_max_size=_MESSAGE_BYTES_MAX,
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
        )
    )
    try:
        await server.serve([listener])
    except asyncio.CancelledError:
        if server.started:
            await server.shutdown([listener])
        raise
    finally:
        listener.close()
