"""Who is called when, over HTTP: the site's policy as alerts tells it, for the desk to draw."""

from fastapi import APIRouter
from pydantic import BaseModel

from dashboard.api.context import Context
from vitals.alarms import Priority
from vitals.escalation import Called, TimelineRow, Ways


class PolicyRowBody(BaseModel):
    """One step: ``after_s`` from the onset, or from the accept where ``again``; ``every_s``: repeated so often.

    Nobody ``called``: the screens alone show it.
    """

    priority: Priority
    after_s: float
    called: list[Called]
    ways: Ways
    every_s: float | None
    again: bool


class PolicyBody(BaseModel):
    """The policy in force: rows by priority, then by time."""

    name: str
    version: int
    rows: list[PolicyRowBody]


def policy_routes(context: Context) -> APIRouter:
    """Return the route of the policy."""
    routes = APIRouter(prefix="/api/v1", tags=["alarms"])

    @routes.get("/policy")
    async def policy() -> PolicyBody | None:
        """Give who is called when about an alarm; null as long as the part that calls people has not told it."""
        known = context.room.policy
        if known is None:
            return None
        return PolicyBody(name=known.name, version=known.version, rows=[_row(row) for row in known.rows])

    return routes


def _row(row: TimelineRow) -> PolicyRowBody:
    return PolicyRowBody(
        priority=row.priority,
        after_s=row.after_s,
        called=list(row.called),
        ways=row.ways,
        every_s=row.every_s,
        again=row.again,
    )
