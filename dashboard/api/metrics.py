"""What a monitoring system reads of this dashboard and of every part that it hears."""

from fastapi import APIRouter
from starlette.responses import Response

from dashboard.api.context import Context
from dashboard.metrics import METRICS_TYPE, render_metrics


def metric_routes(context: Context) -> APIRouter:
    """Return the one route."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics() -> Response:
        ticker = context.ticker
        context.room.parts.look(ticker.now())
        return Response(render_metrics(context.room.parts, ticker.hub), media_type=METRICS_TYPE)

    return routes
