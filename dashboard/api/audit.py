"""The audit log over HTTP, for the admin: read it, and look whether it is whole."""

import asyncio
from contextlib import closing
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dashboard.access.book import open_book_to_read
from dashboard.access.chain import Row
from dashboard.access.trail import Trail
from dashboard.api.context import Context
from dashboard.api.refusals import refusals

Filter = Annotated[str, Query(max_length=64)]

PAGE_MAX: Final = 500


class AuditRowBody(BaseModel):
    """One entry: when, who, in which role, how and from where, what, about whom."""

    seq: int
    utc_ms: int
    who: str
    role: str
    via: str
    address: str
    what: str
    subject: str
    detail: str


class AuditPageBody(BaseModel):
    """Entries, the newest first. ``next_before``: ask with it for older ones; null: there are none."""

    rows: list[AuditRowBody]
    next_before: int | None
    whats: list[str]


class AuditChainBody(BaseModel):
    """Whether each row still follows the one before; ``problem`` names the first that does not."""

    is_whole: bool
    problem: str | None
    rows: int
    newest: str


def audit_routes(context: Context) -> APIRouter:
    """Return the routes of the audit log."""
    routes = APIRouter(prefix="/api/v1/audit", tags=["users"])
    slot: Final = asyncio.Semaphore(1)

    def trail_page(limit: int, before: int | None, words: tuple[str, str, str]) -> AuditPageBody:
        with closing(open_book_to_read(context.reception.known.book.path)) as book:
            trail = Trail(book)
            found = trail.find(before=before, who=words[0], what=words[1], subject=words[2], limit=limit + 1)
            shown = [_shown(row) for row in found[:limit]]
            more = shown[-1].seq if len(found) > limit else None
            return AuditPageBody(rows=shown, next_before=more, whats=trail.whats())

    def look() -> AuditChainBody:
        with closing(open_book_to_read(context.reception.known.book.path)) as book:
            with book.reading():
                problem, head = Trail(book).find_break(), Trail(book).head()
            return AuditChainBody(is_whole=problem is None, problem=problem, rows=head.count, newest=head.hash)

    @routes.get("", responses=refusals(401, 403, 422, 503))
    async def entries(
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
        who: Filter = "",
        what: Filter = "",
        subject: Filter = "",
    ) -> AuditPageBody:
        """Give the newest entries, or those before one; filtered by who, by what exactly, by a part of the subject."""
        async with slot:
            return await asyncio.to_thread(trail_page, limit, before, (who, what, subject))

    @routes.get("/chain", responses=refusals(401, 403, 503))
    async def chain() -> AuditChainBody:
        """Compute the chain of hashes anew and say whether the log is whole."""
        async with slot:
            return await asyncio.to_thread(look)

    return routes


def _shown(row: Row) -> AuditRowBody:
    event = row.event
    return AuditRowBody(
        seq=row.seq,
        utc_ms=event.utc_ms,
        who=event.who,
        role=event.role,
        via=event.via,
        address=event.address,
        what=event.what,
        subject=event.subject,
        detail=event.detail,
    )
