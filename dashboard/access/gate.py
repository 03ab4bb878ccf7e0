"""The gate in front of the application: finds the way and the caller, refuses or lets through, writes it down.

Deny by default: what `dashboard.access.routes` does not know is 404 for everybody. Inside it, `request.state.caller` is
who asks.
"""

import json
import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.callers import NOBODY, Caller
from dashboard.access.reception import Reception
from dashboard.access.roles import Deed
from dashboard.access.routes import Found, find_way
from vitals.errors import StorageError

logger: Final = logging.getLogger(__name__)

LOGIN_NEEDED: Final = 4401
"""Websocket code for: log in (again). Said after accepting, for a page is not told a code from before."""

_QUERY_NAMES: Final = ("participant", "kind")
_STILL: Final = frozenset(
    {
        "/api/v1/me",
        "/api/v1/live",
        "/healthz",
        "/api/v1/emergency",
        "/api/v1/health",
        "/api/v1/push/subscriptions",
        "/api/v1/alarms/{alarm_id}",
    }
)
"""What pages ask by themselves: no sign that somebody is there."""


class Gate:
    """ASGI middleware between the guard and the application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        reception: Reception,
        is_over: Callable[[str], bool],
        is_past: Callable[[str], bool] | None = None,
    ) -> None:
        """Keep the application.

        Args:
            app: what the gate is in front of.
            reception: knows who asks.
            is_over: whether a class, by its id, is over; False for one that is not known.
            is_past: whether it has been over for so long that not everybody reviews it; without: as soon as it is
                over.
        """
        self._app: Final = app
        self._reception: Final = reception
        self._is_over: Final = is_over
        self._is_past: Final = is_past or is_over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or hand on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        caller = self._reception.identify(Headers(scope=scope))
        state = scope.setdefault("state", {})
        state["caller"], state["address"] = caller, address_of(scope)
        if scope["type"] == "websocket":
            await self._open_stream(scope, receive, send, caller)
            return
        found = find_way(scope["method"], scope["path"])
        refusal = self._refusal(found, scope, caller)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if isinstance(found, Found):
            await self._pass(found, scope, receive, send, caller)

    def _refusal(self, found: Found | frozenset[str], scope: Scope, caller: Caller) -> Response | None:
        if not isinstance(found, Found):
            if not found:
                return JSONResponse({"detail": "Not Found"}, 404)
            return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": ", ".join(sorted(found))})
        deed = found.way.deed
        if deed is Deed.SEE_CLASS and "session" in found.names and self._is_over(found.names["session"]):
            deed = Deed.SEE_PAST
        if deed is Deed.REVIEW and "session" in found.names and self._is_past(found.names["session"]):
            deed = Deed.SEE_PAST
        said = caller.refusal(deed, now_utc_ms=self._reception.now_utc_ms())
        if said is None:
            return None
        status, line = said
        if found.way.is_page and status == 401:  # noqa: PLR2004 - a login helps
            return RedirectResponse(f"/login?next={quote(scope['path'])}", 303)
        is_change = found.way.method != "GET"
        if (found.way.audited is not None or is_change) and caller is not NOBODY:
            self._note(found, scope, caller, status)
        challenge = {"www-authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - RFC 9110, 11.6.1
        return JSONResponse({"detail": line}, status, challenge)

    async def _pass(self, found: Found, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        way = found.way
        if way.path not in _STILL and not scope["path"].startswith("/static/"):
            self._reception.touch(caller)
        if way.audited is None:
            await self._app(scope, receive, send)
            return
        if way.audited.is_view:
            subject, detail = _said(found, scope)
            event = self._reception.event(
                caller, way.audited.what, address=address_of(scope), subject=subject, detail=detail
            )
            try:
                await self._reception.clerk.write_view(event)
            except StorageError as error:
                await JSONResponse({"detail": str(error)}, 503)(scope, receive, send)
                return
            await self._app(scope, receive, send)
            return

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(found, scope, caller, message["status"])
            await send(message)

        await self._app(scope, receive, noting_send)

    def _note(self, found: Found, scope: Scope, caller: Caller, status: int) -> None:
        subject, detail = _said(found, scope, status=status)
        what = found.way.audited.what if found.way.audited is not None else found.way.path
        self._reception.note(caller, what, address=address_of(scope), subject=subject, detail=detail)

    async def _open_stream(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        found = find_way("WEBSOCKET", scope["path"])
        if not isinstance(found, Found):
            await receive()
            await send({"type": "websocket.close", "code": 4404, "reason": "Not Found"})
            return
        said = caller.refusal(found.way.deed, now_utc_ms=self._reception.now_utc_ms())
        if said is None:
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": LOGIN_NEEDED, "reason": said[1][:120]})


def address_of(scope: Scope) -> str:
    """Return where a request came from."""
    client = scope.get("client")
    return str(client[0]) if client else "?"


def _said(found: Found, scope: Scope, *, status: int | None = None) -> tuple[str, str]:
    """Return subject and detail of an entry: ids that the path and the query name, and how it ended."""
    query = scope["query_string"].decode("latin-1")
    asked = {
        name: value[:64]
        for name, _, value in (pair.partition("=") for pair in query.split("&"))
        if name in _QUERY_NAMES
    }
    # Whom a body names is known to the handler alone.
    about = scope.get("state", {}).get("about", {})
    names = {**found.names, **asked, **about}
    subject = "/".join(value[:64] for value in names.values())
    said = {"status": status} if status is not None and status >= 400 else {}  # noqa: PLR2004 - not done
    return subject, json.dumps(said) if said else ""
