"""The pages: a file of package data each, in the site's language; what is in them comes by the interface."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.responses import Response

from dashboard.api.context import Context

ASK_EACH_TIME: Final = {"cache-control": "no-cache"}
"""By ETag: after an update no screen mixes old and new files."""

_REVIEW: Final = "review/review.html"
_PAGES: Final = {
    "/wall": "wall.html",
    "/desk": "desk/desk.html",
    "/admin": "admin/admin.html",
    "/class": "class/class.html",
    "/tablet": "tablet/tablet.html",
    "/health": "health/health.html",
    "/phone": "phone/phone.html",
    "/alarm/{alarm_id}": "phone/alarm.html",
    # One page for all of review; its script reads from the address which one is meant.
    "/review": _REVIEW,
    "/review/what-if": _REVIEW,
    "/review/site": _REVIEW,
    "/review/people/{person}": _REVIEW,
    "/review/{session}": _REVIEW,
    "/review/{session}/replay": _REVIEW,
    "/review/{session}/{participant}": _REVIEW,
}
_LOGIN_PATHS: Final = ("/login", "/invited", "/first", "/display")


def page_routes(context: Context, static: Path) -> APIRouter:
    """Return the routes of the pages that are one address and one file."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse("/wall")

    async def login() -> FileResponse:
        return FileResponse(static / "login.html", headers=ASK_EACH_TIME)

    for path, name in _PAGES.items():
        routes.add_api_route(path, _giving(context, static / name), methods=["GET"])
    for path in _LOGIN_PATHS:
        routes.add_api_route(path, login, methods=["GET"])
    return routes


def _giving(context: Context, path: Path) -> Callable[[], Awaitable[Response]]:
    async def give() -> Response:
        return _render_page(path, language=context.stage.language)

    return give


def _render_page(path: Path, *, language: str) -> Response:
    """Return a page that names the site's language; its scripts take their words from it."""
    html = path.read_text(encoding="utf-8").replace('<html lang="en">', f'<html lang="{language}">', 1)
    return HTMLResponse(html, headers=ASK_EACH_TIME)
