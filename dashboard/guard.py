"""Who may talk to the server while there is no login: programs and pages of this machine, and nobody through them.

A browser on this machine shows pages of strangers too. They are kept out by the Host header (a stranger's name that
resolves to 127.0.0.1), the Origin header (a stranger's page that posts or opens a websocket) and by refusing to answer
behind a proxy. Also sets the headers that tell a browser what our own pages may do, and limits request bodies.
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


def require_loopback(host: str) -> None:
    """Refuse to listen where others could come in.

    Raises:
        SetupError: an address of the network, or a name other than localhost.
    """
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise SetupError(
            f"dashboard.host = {host!r}: only this machine (127.0.0.1, ::1 or localhost) until there is a login",
            SetupReason.NOT_ALLOWED,
        )


class Guard:
    """ASGI middleware around the whole server."""

    def __init__(self, app: ASGIApp, *, port: int) -> None:
        """Keep the inner application and the port that Host and Origin must name."""
        self._app: Final = app
        hosts = [f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")]
        if port == 80:  # noqa: PLR2004 - browsers leave the port of http away
            hosts += ["localhost", "127.0.0.1", "[::1]"]
        self._hosts: Final = frozenset(hosts)
        self._origins: Final = frozenset(f"http://{host}" for host in hosts)

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
            return 421, f"Host: {', '.join(hosts)[:100]!r} is not this server; use http://127.0.0.1 with its port"
        forwarding = next((name for name in _FORWARDING if name in headers), None)
        if forwarding is not None:
            return 403, f"{forwarding}: no proxy may stand in front until there is a login"
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
            MutableHeaders(scope=message).update(_SECURITY)
        await send(message)

    return send_with_headers


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": why})  # before accepting: HTTP 403
        return
    headers = {**_SECURITY, "connection": "close"}
    await JSONResponse({"detail": why}, status_code=status, headers=headers)(scope, receive, send)
