"""The pages of review: one page for all of them; its script reads from the address which one is meant."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from dashboard.api.context import Context

PATHS: Final = (
    "/review",
    "/review/what-if",
    "/review/site",
    "/review/people/{person}",
    "/review/{session}",
    "/review/{session}/replay",
    "/review/{session}/{participant}",
)
_ASK_EACH_TIME: Final = {"cache-control": "no-cache"}


def review_pages(context: Context, static: Path) -> APIRouter:
    """Return the routes of the pages of review."""
    routes = APIRouter(include_in_schema=False)

    async def page() -> Response:
        html = (static / "review" / "review.html").read_text(encoding="utf-8")
        html = html.replace('<html lang="en">', f'<html lang="{context.stage.language}">', 1)
        return HTMLResponse(html, headers=_ASK_EACH_TIME)

    for path in PATHS:
        routes.add_api_route(path, page, methods=["GET"])
    return routes
