"""The web server inside the part's own TaskGroup: one uvicorn worker on a socket that is ours."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp

from dashboard.guard import require_allowed
from dashboard.heads import Heads
from vitals.admitting import admit_no_more
from vitals.errors import SetupError, SetupReason

logger: Final = logging.getLogger(__name__)

STOP_S: Final = 1
"""Open requests and websockets get so long at the end; real seconds."""

_MESSAGE_BYTES_MAX: Final = 4_096
"""What a page says on the websocket has some 60 bytes."""

_ROUNDS: Final = 4
"""Of the loop, from an accepted socket to a connection that the server knows, and one more."""
_SILENT_PEER_MS: Final = 20_000
"""A peer that takes no bytes for so long is cut off by the kernel: uvicorn would keep them for ever."""


class Tls(Struct, frozen=True, kw_only=True):
    """The two files of https."""

    certificate_file: Path
    key_file: Path


def read_tls(certificate_file: Path | None, key_file: Path | None) -> Tls | None:
    """Return the files for https after a look at them; None: plain http.

    Raises:
        SetupError: one of them is missing or unreadable, or they don't belong together.
    """
    if certificate_file is None and key_file is None:
        return None
    if certificate_file is None or key_file is None:
        raise SetupError("dashboard.certificate_file and dashboard.key_file: one needs the other", SetupReason.SETTINGS)
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate_file, key_file)
    except OSError as error:  # ssl.SSLError is one
        problem = error.strerror or str(error)
        raise SetupError(
            f"dashboard.certificate_file {certificate_file}, key_file {key_file}: {problem}", SetupReason.SETTINGS
        ) from error
    return Tls(certificate_file=certificate_file, key_file=key_file)


class Server(uvicorn.Server):
    """uvicorn without signal handlers: the command line has them, and cancels us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def listen(host: str, port: int, *, is_tls: bool = False) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.

    Raises:
        SetupError: not loopback and no TLS, or the port is in use.
    """
    require_allowed(host, is_tls=is_tls)
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # With the protocol named, asyncio switches Nagle's algorithm off on what comes in. Else the kernel would keep the
    # second small piece of an answer back until the first is confirmed: 40 ms for each answer, and for an alarm.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


async def serve(app: ASGIApp, listener: socket.socket, *, tls: Tls | None = None) -> None:
    """Serve until cancelled; then say goodbye to open websockets and end within two seconds."""
    server = Server(
        uvicorn.Config(
            app,
            lifespan="off",
            http=Heads,
            ssl_certfile=None if tls is None else tls.certificate_file,
            ssl_keyfile=None if tls is None else str(tls.key_file),
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
            await admit_no_more([listener])
            await server.shutdown([listener])
            await _cut_off(server)
        raise
    finally:
        listener.close()


async def _cut_off(server: Server) -> None:
    """Close what is open after the goodbye: a page that does not answer it would be left to the garbage collector."""
    for _ in range(_ROUNDS):
        for connection in list(server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        # The loop closes the sockets in its next round, in which one that was just accepted may come to light.
        await asyncio.sleep(0)
