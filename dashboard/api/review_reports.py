"""Reports over HTTP: the page of a person or a class, and its PDF."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from dashboard.api.context import Context
from dashboard.api.refusals import refusals
from dashboard.review.report.words import Language
from dashboard.review.reports import Reports
from dashboard.review.worker import Pdf
from dashboard.review.workshop import JobState
from vitals.errors import StorageError, StorageReason
from vitals.participants import ParticipantId
from vitals.sessions import SessionId

Lang = Annotated[Language | None, Query()]
Form = Annotated[Literal["html", "pdf"], Query()]
Paper = Annotated[Literal["A4", "Letter"], Query()]

_ANSWERS: Final = refusals(404, 409, 422, 503) | {
    200: {"content": {"text/html": {}, "application/pdf": {}}, "description": "The report"}
}


def report_routes(context: Context) -> APIRouter:
    """Return the routes of reports."""
    routes = APIRouter(prefix="/api/v1/sessions/{session}", tags=["review"])
    review = context.review
    own: Final[Language] = "de" if context.stage.language == "de" else "en"

    @routes.get("/participants/{participant}/report", responses=_ANSWERS, response_class=Response)
    async def person(
        session: str, participant: str, lang: Lang = None, form: Form = "html", paper: Paper = "A4"
    ) -> Response:
        """Give one person's report, as a page or a PDF."""
        known = context.clinic.require(SessionId(session))
        who = ParticipantId(participant)

        def make(reports: Reports) -> str:
            return reports.person(
                SessionId(session),
                who,
                class_name=known.name,
                alias=known.aliases.get(who, ""),
                language=lang or own,
                is_linked=form == "html",
            )

        html = await review.report(make)
        return await _answer(html, form, paper, name=f"{session}-{participant}")

    @routes.get("/report", responses=_ANSWERS, response_class=Response)
    async def whole_class(session: str, lang: Lang = None, form: Form = "html", paper: Paper = "A4") -> Response:
        """Give the report of a class: an overview, then everybody."""
        known = context.clinic.require(SessionId(session))

        def make(reports: Reports) -> str:
            return reports.whole_class(
                SessionId(session),
                class_name=known.name,
                aliases=known.aliases,
                language=lang or own,
                is_linked=form == "html",
            )

        html = await review.report(make)
        return await _answer(html, form, paper, name=session)

    async def _answer(html: str, form: str, paper: str, *, name: str) -> Response:
        if form == "html":
            return HTMLResponse(html)
        job = review.workshop.add("pdf", Pdf(html=html, paper=paper), by="report")
        try:
            await job.ended.wait()
        finally:
            review.workshop.cancel(job)
        if job.state is not JobState.DONE:
            raise StorageError(f"no PDF: {job.problem or job.state.value}", StorageReason.IO)
        headers = {"content-disposition": f'inline; filename="{_plain(name)}.pdf"'}
        return Response(job.answer, media_type="application/pdf", headers=headers)

    return routes


def _plain(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "_" for letter in name)
