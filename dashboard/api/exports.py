"""Exports over HTTP: a class as a file, made by a child process and sent as it is read."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.export.order import MEDIA_TYPES, ExportFormat, file_name
from vitals.sessions import SessionId

CHUNK_BYTES: Final = 65_536

_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {kind.partition(";")[0]: {} for kind in dict.fromkeys(MEDIA_TYPES.values())},
    }
}


def export_routes(context: Context) -> APIRouter:
    """Return the route of exports."""
    routes = APIRouter(prefix="/api/v1/sessions", tags=["export"])
    office = context.office

    @routes.get("/{session}/export", response_class=StreamingResponse, responses=refusals(404, 409, 422, 503) | _FILE)
    async def export(session: str, format: ExportFormat, participant: str | None = None) -> StreamingResponse:  # noqa: A002 - the query's name
        """Give a class, or one person of it, as a file."""
        context.clinic.require(SessionId(session))
        order = office.order(session, format, participant=participant)
        # Made before the first byte goes out, so that what fails is refused with its reason.
        stack = AsyncExitStack()
        path = await stack.enter_async_context(office.exported(order))
        return _Download(path, stack, media_type=MEDIA_TYPES[format], name=file_name(order))

    return routes


class _Download(StreamingResponse):
    """A file that is deleted when it has been sent, or when nobody wants it any more, also before its first byte."""

    def __init__(self, path: Path, stack: AsyncExitStack, *, media_type: str, name: str) -> None:
        super().__init__(
            _read(path),
            media_type=media_type,
            headers={
                "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
                "content-length": str(path.stat().st_size),
                "cache-control": "no-store",
            },
        )
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._stack:
            await super().__call__(scope, receive, send)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece
