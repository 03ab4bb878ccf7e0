"""Erasure over HTTP: a person is forgotten in every file, for good."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from dashboard.api.bodies import By
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.signing import signed_by
from dashboard.erasure.erasures import ErasureStep
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId


class EraseBody(BaseModel):
    """Why somebody is forgotten; ``participant`` once more, so that nobody is by a slip."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    participant: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    why: Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
    by: By | None = None


class ErasureStepBody(BaseModel):
    """One owner of a file: done when, or why not; neither: it is still asked."""

    owner: str
    asked_utc_ms: int
    done_utc_ms: int | None
    refused: str


class ErasureBody(BaseModel):
    """How far an erasure is. ``kept_by_sink``: stretches of anybody that the InfluxDB server does not delete."""

    participant: str
    is_done: bool
    steps: list[ErasureStepBody]
    kept_by_sink: int


def erasure_routes(context: Context) -> APIRouter:
    """Return the routes of erasure."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"])
    desk = context.erasure

    def body_of(participant: str, steps: tuple[ErasureStep, ...]) -> ErasureBody:
        return ErasureBody(
            participant=participant,
            is_done=all(step.done_utc_ms is not None for step in steps),
            steps=[
                ErasureStepBody(
                    owner=step.owner, asked_utc_ms=step.asked_utc_ms, done_utc_ms=step.done_utc_ms, refused=step.refused
                )
                for step in steps
            ],
            kept_by_sink=desk.kept_by_sink(),
        )

    @routes.post("/{person}/erase", status_code=202, responses=refusals(404, 409, 422, 503))
    async def erase(person: str, body: EraseBody, request: Request) -> ErasureBody:
        """Forget a person for good, in every file; what is asked of other parts is repeated until it is done."""
        if body.participant != person:
            problem = f"{body.participant[:80]!r} is not {person[:80]!r}"
            raise InputError("body.participant", problem, InputReason.CONFLICT)
        by = signed_by(request, body.by)
        return body_of(person, await desk.erase(ParticipantId(person), by=by, why=body.why))

    @routes.get("/{person}/erasure", responses=refusals(404))
    async def erasure(person: str) -> ErasureBody:
        """Give how far an erasure is."""
        steps = desk.steps(ParticipantId(person))
        if not steps:
            raise InputError("person", f"nobody asked to forget {person[:80]!r}", InputReason.UNKNOWN_NAME)
        return body_of(person, steps)

    return routes
