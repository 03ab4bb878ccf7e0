"""Review over HTTP: classes that are over (and the one that runs), each person's summary, chart and programme."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.access.roles import Deed, is_recent
from dashboard.api.bodies import By
from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.api.signing import signed_by
from dashboard.clinic import ClinicSession
from dashboard.practice import is_practice
from dashboard.register.prescriptions import Prescriptions
from dashboard.review.chronotropic import find_chronotropic
from dashboard.review.programme import same_work
from dashboard.review.review_desk import Signed
from dashboard.review.timeline import POINTS_MAX
from vitals.entries import Signed as SignedEntry
from vitals.errors import InputError, InputReason
from vitals.participants import ParticipantId
from vitals.sessions import GenerationMode, SessionId
from vitals.units import UtcMs

Utc = Annotated[int, Query(ge=0, le=2**53)]


class ReviewSessionBody(BaseModel):
    """One class in the list. ``is_practice``: a test in which staff play the patients."""

    id: str
    name: str
    room: str
    generation_mode: GenerationMode
    is_practice: bool
    time_zone: str
    started_utc_ms: int
    ended_utc_ms: int | None
    participants: int


class SignBody(BaseModel):
    """What somebody signs: the digest of the summary that was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    by: By | None = None


class SignedBody(BaseModel):
    """A signature on its way to the record."""

    id: str
    digest: str


def review_routes(context: Context) -> APIRouter:
    """Return the routes of review."""
    routes = APIRouter(prefix="/api/v1", tags=["review"])
    _add_lists(routes, context)
    _add_summaries(routes, context)
    _add_courses(routes, context)
    return routes


def _add_lists(routes: APIRouter, context: Context) -> None:
    """Add the list of classes, and a programme over them."""
    review = context.review

    @routes.get("/review/sessions", responses=refusals(422))
    async def sessions(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> list[ReviewSessionBody]:
        """Give the newest classes, newest first; without the right to past ones, those of the last hours."""
        now = context.reception.now_utc_ms()
        may_all = Deed.SEE_PAST in request.state.caller.deeds(now_utc_ms=now)
        found = context.clinic.recent_sessions(limit=limit)
        return [_listed(context, one) for one in found if may_all or is_recent(one.roster.ended_utc_ms, now_utc_ms=now)]

    @routes.get("/people/{person}/programme", responses=refusals(503), response_class=Response)
    async def programme(person: str) -> Response:
        """Give a person's sessions, oldest first, one line each; and what was said of the same work in several."""
        sessions = await review.programme(ParticipantId(person))
        alias = ""
        if sessions:
            known = context.clinic.find(sessions[-1].session)
            alias = "" if known is None else known.aliases.get(ParticipantId(person), "")
        return _json(
            {
                "person": person,
                "alias": alias,
                "time_zone": context.stage.zone_name,
                "sessions": sessions,
                "same_work": same_work(sessions),
            }
        )


def _add_summaries(routes: APIRouter, context: Context) -> None:
    """Add what a class was in figures, and signing for it."""
    review = context.review

    @routes.get("/sessions/{session}/summary", responses=refusals(404, 503), response_class=Response)
    async def class_summary(session: str) -> Response:
        """Give the overview of a class: everybody's summary; one that is null is being made, ask again."""
        known = context.clinic.require(SessionId(session))
        found = await review.summaries(SessionId(session))
        people = [
            {"participant": person, "alias": known.aliases.get(person, ""), **_said(signed)}
            for person, signed in found.items()
        ]
        listed = _listed(context, known).model_dump(mode="json")
        return _json({"session": listed, "people": people, "pending": sum(one is None for one in found.values())})

    @routes.get(
        "/sessions/{session}/participants/{participant}/summary",
        responses=refusals(404, 503),
        response_class=Response,
    )
    async def summary(session: str, participant: str) -> Response:
        """Give one person's summary as the record stands now, with its digest and who signed it.

        ``chronotropic_pct`` is no part of the summary: it is reckoned with the year of birth, which the record has not.
        """
        known = context.clinic.require(SessionId(session))
        person = ParticipantId(participant)
        signed = await review.summary(SessionId(session), person)
        versions, begun_ms = Prescriptions(context.clinic.shelf).versions(person), signed.summary.started_utc_ms
        return _json(
            {
                "session": _listed(context, known).model_dump(mode="json"),
                "participant": participant,
                "alias": known.aliases.get(person, ""),
                "chronotropic_pct": find_chronotropic(signed.summary.heart, versions, started_utc_ms=begun_ms),
                **_said(signed),
            }
        )

    @routes.post(
        "/sessions/{session}/participants/{participant}/sign",
        status_code=202,
        responses=refusals(404, 409, 422, 503),
    )
    async def sign(session: str, participant: str, body: SignBody, request: Request) -> SignedBody:
        """Sign a report: refused when the record has changed since it was shown."""
        _require_person(context.clinic.require(SessionId(session)), participant)
        signed = await review.summary(SessionId(session), ParticipantId(participant))
        if not signed.summary.is_over:
            raise InputError("session", "still runs; what is signed must be final", InputReason.CONFLICT)
        if signed.digest != body.digest:
            problem = "is not what the record says now; look at the report again"
            raise InputError("body.digest", problem, InputReason.CONFLICT)
        taken = context.entry_desk.add(
            SessionId(session),
            ParticipantId(participant),
            SignedEntry(digest=body.digest),
            by=signed_by(request, body.by),
        )
        return SignedBody(id=taken.entry.id, digest=body.digest)


def _add_courses(routes: APIRouter, context: Context) -> None:
    """Add how a class went, moment by moment."""
    review = context.review

    @routes.get(
        "/sessions/{session}/participants/{participant}/timeline",
        responses=refusals(404, 422, 503),
        response_class=Response,
    )
    async def timeline(
        session: str,
        participant: str,
        from_utc_ms: Utc,
        to_utc_ms: Utc,
        points: Annotated[int, Query(ge=10, le=POINTS_MAX)] = 1200,
    ) -> Response:
        """Give one person's chart as columns: lowest, mean and highest of each bucket, raw when there is room."""
        _require_person(context.clinic.require(SessionId(session)), participant)
        _require_order(from_utc_ms, to_utc_ms)
        found = await review.timeline(
            SessionId(session),
            ParticipantId(participant),
            from_utc_ms=UtcMs(from_utc_ms),
            to_utc_ms=UtcMs(to_utc_ms),
            points=points,
        )
        return _json(found)

    @routes.get("/sessions/{session}/replay", responses=refusals(404, 422, 503), response_class=Response)
    async def replay(session: str, from_utc_ms: Utc, to_utc_ms: Utc) -> Response:
        """Give up to five minutes of a class as the wall was told them."""
        known = context.clinic.require(SessionId(session))
        _require_order(from_utc_ms, to_utc_ms)
        found = await review.replay(SessionId(session), from_utc_ms=UtcMs(from_utc_ms), to_utc_ms=UtcMs(to_utc_ms))
        return _json(
            {"replay": found, "aliases": known.aliases, "session": _listed(context, known).model_dump(mode="json")}
        )


def _require_person(session: ClinicSession, participant: str) -> None:
    if participant not in session.aliases:
        problem = f"{participant[:80]!r} is not in {session.roster.session}"
        raise InputError("participant", problem, InputReason.UNKNOWN_NAME)


def _require_order(from_utc_ms: int, to_utc_ms: int) -> None:
    if from_utc_ms >= to_utc_ms:
        raise InputError("to_utc_ms", f"{to_utc_ms} is not after {from_utc_ms}", InputReason.OUT_OF_RANGE)


def _said(signed: Signed | None) -> dict[str, Any]:
    if signed is None:
        return {"summary": None, "digest": None, "signatures": []}
    return {"summary": signed.summary, "digest": signed.digest, "signatures": signed.signatures}


def _listed(context: Context, session: ClinicSession) -> ReviewSessionBody:
    roster = session.roster
    return ReviewSessionBody(
        id=roster.session,
        name=session.name,
        room=roster.room,
        generation_mode=roster.generation_mode,
        is_practice=is_practice(roster),
        time_zone=context.stage.zone_name,
        started_utc_ms=roster.started_utc_ms,
        ended_utc_ms=roster.ended_utc_ms,
        participants=len(session.aliases),
    )


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
