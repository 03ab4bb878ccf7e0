"""The web application: routes, pages from package data, one shape for refusals, and the guard around it all."""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
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
from dashboard.api.health import health_routes
from dashboard.api.installing import install_routes
from dashboard.api.live import live_routes
from dashboard.api.logins import login_routes, own_routes
from dashboard.api.metrics import metric_routes
from dashboard.api.pages import ASK_EACH_TIME, page_routes
from dashboard.api.policy import policy_routes
from dashboard.api.pushes import push_routes, token_routes
from dashboard.api.refusals import add_refusals, refusals
from dashboard.api.register_duty import duty_routes, staff_routes
from dashboard.api.register_people import people_routes, preview_routes
from dashboard.api.register_plans import plan_routes
from dashboard.api.register_sensors import known_sensor_routes
from dashboard.api.review import review_routes
from dashboard.api.review_jobs import job_routes
from dashboard.api.review_reports import report_routes
from dashboard.api.sensors import sensor_routes
from dashboard.api.sessions import session_routes
from dashboard.api.users import invitation_routes, user_routes

STATIC: Final = Path(__file__).parent.parent / "static"

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
        response.headers.update(ASK_EACH_TIME)
        return response


_TABLES: Final[tuple[Callable[[Context], APIRouter], ...]] = (
    login_routes,
    own_routes,
    device_routes,
    live_routes,
    session_routes,
    entry_routes,
    export_routes,
    erasure_routes,
    flow_routes,
    next_routes,
    flow_people_routes,
    sensor_routes,
    review_routes,
    report_routes,
    job_routes,
    chart_routes,
    alarm_care_routes,
    emergency_run_routes,
    policy_routes,
    people_routes,
    preview_routes,
    known_sensor_routes,
    plan_routes,
    staff_routes,
    duty_routes,
    user_routes,
    invitation_routes,
    audit_routes,
    push_routes,
    token_routes,
    health_routes,
    metric_routes,
)
"""All that `/api/v1/openapi.json` tells, and what a monitoring system reads; the order is that of the document."""


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
    for table in _TABLES:
        app.include_router(table(context))
    app.include_router(page_routes(context, static))
    app.include_router(install_routes(context, static))
    app.mount("/static", _Pages(directory=static, check_dir=False), name="static")
    return app
