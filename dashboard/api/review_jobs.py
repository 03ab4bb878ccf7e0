"""What takes long over HTTP: what-if and the site's alarm report, as jobs that one can look at and end."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from analysis.history.what_if_parts import LimitChange
from dashboard.access.callers import Caller
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.signing import note_about
from dashboard.review.what_if import Question
from dashboard.review.worker import Site, WhatIf
from dashboard.review.workshop import Job, JobState, answer_of
from vitals.alarms import RuleId
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId
from vitals.units import UtcMs

Limit = Annotated[float, Field(strict=True, ge=0, le=300)]
Id = Annotated[str, Field(min_length=1, max_length=64)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeBody(_Asked):
    """What would be different about one rule: its limit, by how much it moves, how long a breach must last."""

    value: Limit | None = None
    shift: Annotated[float, Field(strict=True, ge=-100, le=100)] | None = None
    hold_s: Annotated[float, Field(strict=True, ge=0, le=600)] | None = None


class WhatIfBody(_Asked):
    """A what-if. ``sessions`` null: the whole record. ``rules_toml``: a rule file laid over the site's rules."""

    sessions: Annotated[list[Id], Field(min_length=1, max_length=1000)] | None = None
    participant: Id | None = None
    limits: dict[RuleId, ChangeBody] = {}
    rules_toml: Annotated[str, Field(max_length=100_000)] = ""


class SiteBody(_Asked):
    """The time of a site's report."""

    from_utc_ms: Annotated[int, Field(ge=0, le=2**53)]
    to_utc_ms: Annotated[int, Field(ge=0, le=2**53)]


class JobBody(BaseModel):
    """A job: where it is, how far (0 to 1), and its answer when it is done."""

    id: str
    kind: str
    state: JobState
    progress: float
    problem: str
    answer: Any


def job_routes(context: Context) -> APIRouter:
    """Return the routes of jobs."""
    routes = APIRouter(prefix="/api/v1/review", tags=["review"])
    review = context.review

    @routes.post("/what-if", status_code=202, responses=refusals(404, 409, 422))
    async def what_if(body: WhatIfBody, request: Request) -> JobBody:
        """Ask which alarms stored classes would have had under other limits or rules."""
        note_about(request, body.participant)
        question = Question(
            sessions=None if body.sessions is None else tuple(SessionId(session) for session in body.sessions),
            participant=None if body.participant is None else ParticipantId(body.participant),
            limits={rule: LimitChange(**change.model_dump()) for rule, change in body.limits.items()},
            rules_toml=body.rules_toml,
        )
        order = WhatIf(
            record_file=str(review.record_file),
            review_file=str(review.review_file),
            rules_file=None if review.rules_file is None else str(review.rules_file),
            question=question,
        )
        return _job(review.workshop.add("what_if", order, by=_who(request)))

    @routes.post("/site", status_code=202, responses=refusals(409, 422))
    async def site(body: SiteBody, request: Request) -> JobBody:
        """Ask how many alarms the site had, how they were answered and what they turned out to be."""
        if body.from_utc_ms >= body.to_utc_ms:
            problem = f"{body.to_utc_ms} is not after {body.from_utc_ms}"
            raise InputError("body.to_utc_ms", problem, InputReason.OUT_OF_RANGE)
        order = Site(
            record_file=str(review.record_file),
            from_utc_ms=UtcMs(body.from_utc_ms),
            to_utc_ms=UtcMs(body.to_utc_ms),
        )
        return _job(review.workshop.add("site", order, by=_who(request)))

    @routes.get("/jobs/{job}", responses=refusals(404))
    async def look(job: str) -> JobBody:
        """Look how far a job is."""
        return _job(review.workshop.find(job))

    @routes.post("/jobs/{job}/cancel", responses=refusals(404))
    async def cancel(job: str) -> JobBody:
        """End a job."""
        found = review.workshop.find(job)
        review.workshop.cancel(found)
        return _job(found)

    return routes


def _who(request: Request) -> str:
    caller: Caller = request.state.caller
    return caller.who


def _job(job: Job) -> JobBody:
    return JobBody(
        id=job.id,
        kind=job.kind,
        state=job.state,
        progress=job.progress,
        problem=job.problem,
        answer=None if job.kind == "pdf" else answer_of(job),
    )
