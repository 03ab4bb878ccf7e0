"""The web application: routes, pages from package data, one shape for refusals, and the guard around it all."""

import mimetypes
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from dashboard.api.alarm_care import alarm_care_routes
from dashboard.api.audit import audit_routes
from dashboard.api.charts import chart_routes
from dashboard.api.context import Context
from dashboard.api.devices import device_routes
from dashboard.api.emergency_run import emergency_run_routes
from dashboard.api.entries import entry_routes
from dashboard.api.erasure import erasure_routes
from dashboard.api.exports import export_routes
from dashboard.api.flow import flow_routes
from dashboard.api.flow_next import next_routes
from dashboard.api.flow_people import people_routes as flow_people_routes
from dashboard.api.health import health_page, health_routes
from dashboard.api.live import live_routes
from dashboard.api.logins import login_routes, own_routes
from dashboard.api.phone_pages import phone_pages
from dashboard.api.policy import policy_routes
from dashboard.api.pushes import push_routes, token_routes
from dashboard.api.refusals import add_refusals, refusals
from dashboard.api.register_duty import duty_routes, staff_routes
from dashboard.api.register_people import people_routes, preview_routes
from dashboard.api.register_plans import plan_routes
from dashboard.api.register_sensors import known_sensor_routes
from dashboard.api.review import review_routes
from dashboard.api.review_jobs import job_routes
from dashboard.api.review_pages import review_pages
from dashboard.api.review_reports import report_routes
from dashboard.api.sensors import sensor_routes
from dashboard.api.sessions import session_routes
from dashboard.api.users import invitation_routes, user_routes
from dashboard.metrics import METRICS_TYPE, render_metrics

STATIC: Final = Path(__file__).parent.parent / "static"

_NO_CACHE: Final = {"cache-control": "no-cache"}
"""Ask each time, by ETag: after an update no screen mixes old and new files."""

# The operating system's table may know less, or something else.
for _kind, _suffix in (
    ("text/javascript", ".js"),
    ("text/css", ".css"),
    ("text/html", ".html"),
    ("font/woff2", ".woff2"),
    ("image/svg+xml", ".svg"),
    ("application/manifest+json", ".webmanifest"),
):
    mimetypes.add_type(_kind, _suffix)


class _Pages(StaticFiles):
    """Files that a browser asks about again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or 304, or 404."""
        response = await super().get_response(path, scope)
        response.headers.update(_NO_CACHE)
        return response


def page(path: Path, *, language: str) -> Response:
    """Return a page that names the site's language; its scripts take their words from it."""
    html = path.read_text(encoding="utf-8").replace('<html lang="en">', f'<html lang="{language}">', 1)
    return HTMLResponse(html, headers=_NO_CACHE)


def build_app(context: Context, *, static: Path = STATIC) -> FastAPI:
    """Return the application; it binds nothing and starts nothing."""
    app = FastAPI(
        title="session-vitals",
        summary="Vital signs of a supervised group exercise session, live and from the record.",
        description="Adds to direct supervision; not a medical device. Times are UTC ms, ages are ms.",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=refusals(401, 403),
    )
    add_refusals(app)
    app.include_router(login_routes(context))
    app.include_router(own_routes(context))
    app.include_router(device_routes(context))
    app.include_router(live_routes(context))
    app.include_router(session_routes(context))
    app.include_router(entry_routes(context))
    app.include_router(export_routes(context))
    app.include_router(erasure_routes(context))
    app.include_router(flow_routes(context))
    app.include_router(next_routes(context))
    app.include_router(flow_people_routes(context))
    app.include_router(sensor_routes(context))
    app.include_router(review_routes(context))
    app.include_router(report_routes(context))
    app.include_router(job_routes(context))
    app.include_router(review_pages(context, static))
    for tablet in (chart_routes, alarm_care_routes, emergency_run_routes):
        app.include_router(tablet(context))
    app.include_router(policy_routes(context))
    for register in (people_routes, preview_routes, known_sensor_routes, plan_routes, staff_routes, duty_routes):
        app.include_router(register(context))
    for users in (user_routes, invitation_routes, audit_routes):
        app.include_router(users(context))
    app.include_router(push_routes(context))
    app.include_router(token_routes(context))
    app.include_router(phone_pages(context, static))
    app.include_router(health_routes(context))
    app.include_router(health_page(context, lambda name, language: page(static / name, language=language)))

    @app.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("/wall")

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        ticker = context.ticker
        context.room.parts.look(ticker.now())
        return Response(render_metrics(context.room.parts, ticker.hub), media_type=METRICS_TYPE)

    @app.get("/wall", include_in_schema=False)
    async def wall() -> Response:
        return page(static / "wall.html", language=context.stage.language)

    @app.get("/desk", include_in_schema=False)
    async def desk_page() -> Response:
        return page(static / "desk" / "desk.html", language=context.stage.language)

    @app.get("/admin", include_in_schema=False)
    async def admin_page() -> Response:
        return page(static / "admin" / "admin.html", language=context.stage.language)

    @app.get("/class", include_in_schema=False)
    async def class_page() -> Response:
        return page(static / "class" / "class.html", language=context.stage.language)

    @app.get("/tablet", include_in_schema=False)
    async def tablet_page() -> Response:
        return page(static / "tablet" / "tablet.html", language=context.stage.language)

    @app.get("/login", include_in_schema=False)
    @app.get("/invited", include_in_schema=False)
    @app.get("/first", include_in_schema=False)
    @app.get("/display", include_in_schema=False)
    async def login() -> FileResponse:
        return FileResponse(static / "login.html", headers=_NO_CACHE)

    app.mount("/static", _Pages(directory=static, check_dir=False), name="static")
    return app
