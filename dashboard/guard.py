"""Which requests reach the server at all: those of its own pages and of programs, by a name that is its own.

A browser that shows our pages shows pages of strangers too. They are kept out by the Host header (a stranger's name
that resolves to our address), the Origin header (a stranger's page that posts or opens a websocket) and by refusing to
answer behind a proxy. Also sets the headers that tell a browser what our own pages may do, and limits request bodies.
Who may do what is not decided here but at the gate (`dashboard.access`).
"""

import asyncio
import ipaddress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitals.deadline import deadline_at
from vitals.errors import SetupError, SetupReason

BODY_BYTES_MAX: Final = 1_048_576
"""A class of 400 has 150 kB."""

BODY_S: Final = 10.0
"""Real seconds for a whole body; who sends slower would hold a connection for as long as it likes."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDING: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_NO_MORE: Final[Message] = {"type": "http.request", "body": b"", "more_body": False}
_SECURITY: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def require_allowed(host: str, *, is_tls: bool) -> None:
    """Refuse to listen where others could listen in.

    Raises:
        SetupError: an address of the network, or a name other than localhost, without TLS.
    """
    if not is_tls and not _is_loopback(host):
        raise SetupError(
            f"dashboard.host = {host!r}: only this machine (127.0.0.1, ::1 or localhost) without TLS; "
            "set dashboard.certificate_file and dashboard.key_file",
            SetupReason.NOT_ALLOWED,
        )


def names_of(host: str, names: tuple[str, ...], *, own_name: str) -> tuple[str, ...]:
    """Return the names by which a browser may call a server that listens on ``host``; loopback is always one."""
    if _is_loopback(host):
        return (*_LOOPBACK, *names)
    wildcards = {"", "0.0.0.0", "::"}  # noqa: S104 - addresses that name nobody
    return (*_LOOPBACK, *(names or ((own_name,) if host in wildcards else (host, own_name))))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware around the whole server."""

    def __init__(self, app: ASGIApp, *, port: int, names: tuple[str, ...] = _LOOPBACK, is_tls: bool = False) -> None:
        """Keep the inner application, and the names, port and scheme that Host and Origin must name."""
        self._app: Final = app
        shown = [f"[{name}]" if ":" in name and not name.startswith("[") else name.lower() for name in names]
        hosts = [f"{name}:{port}" for name in shown]
        if port == (443 if is_tls else 80):  # browsers leave it away
            hosts += shown
        self._hosts: Final = frozenset(hosts)
        self._origins: Final = frozenset(f"{'https' if is_tls else 'http'}://{host}" for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with a limited body and the security headers."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._find_refusal(scope)
        if refusal is not None:
            await _refuse(scope, receive, send, *refusal)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        await _Limited(self._app)(scope, receive, _with_headers(send))

    def _find_refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return 421, f"Host: {', '.join(hosts)[:100]!r} is not this server; dashboard.names says what it is called"
        forwarding = next((name for name in _FORWARDING if name in headers), None)
        if forwarding is not None:
            return 403, f"{forwarding}: no proxy may stand in front"
        if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
            return None
        origins = headers.getlist("origin")
        if any(origin.lower() not in self._origins for origin in origins):
            return 403, f"Origin: {', '.join(origins)[:100]!r} is not a page of this server"
        # Programs send neither header; a browser that hides the origin still says where the page is from.
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return 403, f"Sec-Fetch-Site: {headers['sec-fetch-site'][:40]!r} is not a page of this server"
        return None


class _Limited:
    """Ends a request whose body is too large or too slow, also one that does not say its length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app: Final = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_BYTES_MAX:
            await _refuse(scope, receive, send, 413, f"body has {length[:20]} bytes, at most {BODY_BYTES_MAX}")
            return
        due_s = asyncio.get_running_loop().time() + BODY_S
        taken = 0
        is_whole = has_begun = False
        refusal: tuple[int, str] | None = None

        async def limited_receive() -> Message:
            nonlocal taken, is_whole, refusal
            try:
                # Behind the body only the end of the connection is waited for, as long as it takes.
                async with deadline_at(None if is_whole else due_s):
                    message = await receive()
            except TimeoutError:
                refusal = 408, f"body is not here after {BODY_S:.0f} s"
                return _NO_MORE
            is_whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES_MAX:
                refusal = 413, f"body has more than {BODY_BYTES_MAX} bytes"
            return message if refusal is None else _NO_MORE

        async def limited_send(message: Message) -> None:
            nonlocal has_begun
            if refusal is None:
                await send(message)
            elif not has_begun:
                has_begun = True
                await _refuse(scope, receive, send, *refusal)

        try:
            await self._app(scope, limited_receive, limited_send)
        except ClientDisconnect:
            return  # whoever leaves in the middle of a body waits for no answer


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_SECURITY)
            headers.setdefault("cache-control", "no-store")  # what names people stays in no cache
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": why})  # before accepting: HTTP 403
        return
    headers = {**_SECURITY, "connection": "close"}
    await JSONResponse({"detail": why}, status_code=status, headers=headers)(scope, receive, send)
