"""Makes the summaries of a class ready right after its end, so that whoever opens it first does not wait for them.

A class is made by one child of the workshop (nice, bounded, one at a time); the wall comes first. What is entered in
the hour after the class is taken up too. It is a convenience: whatever fails here is computed when somebody looks.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from dashboard.review.review_desk import Ended, ReviewDesk
from dashboard.review.worker import Summaries
from dashboard.review.workshop import Job, JobState
from vitals.errors import InputError, StorageError
from vitals.sessions import SessionId
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)

LOOK_S: Final = 20.0
"""Between two looks at the record: an end is no hurry, and a look at 30 people takes some 10 ms in a thread."""

WINDOW_MS: Final = 12 * 3_600_000
"""Classes that ended before are not made ready: as long as staff may open them without further rights."""

AGAIN_MS: Final = 3_600_000
"""So long after its end a class is looked at again: notes, signatures and outboxes that come late change it."""

PRUNE_MS: Final = 3_600_000
"""As often as ingest looks at its rules (`ingest.keep_*_days`)."""

DAY_MS: Final = 86_400_000

TRIES_MAX: Final = 3
"""A class whose summaries fail so often is left to whoever opens it."""


class Warmer:
    """Looks for classes that are over. ``counters``: for the heartbeat; ``summaries_made`` counts people."""

    def __init__(
        self,
        desk: ReviewDesk,
        *,
        now_utc_ms: Callable[[], UtcMs],
        keep_days: int | None = None,
        delete_classes: Callable[[UtcMs], int] | None = None,
    ) -> None:
        """Keep whom to ask; begins with `run`.

        Args:
            desk: where summaries are.
            now_utc_ms: the wall clock.
            keep_days: for how long the site keeps whole classes; None: for ever.
            delete_classes: deletes some of the clinic's own classes that ended before a time; returns how many.
        """
        self._keep_days: Final = keep_days
        self._delete_classes: Final = delete_classes
        self.counters: Final = {"summaries_made": 0, "summaries_failed": 0}
        self._desk: Final = desk
        self._now_utc_ms: Final = now_utc_ms
        self._seen: Final[set[SessionId]] = set()
        self._failed: Final[dict[SessionId, int]] = {}
        self._problem = ""
        self._next_prune_utc_ms = 0

    async def run(self) -> None:
        """Look every now and then, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Make ready what is over and not ready; returns when it is."""
        now_utc_ms = self._now_utc_ms()
        try:
            await self._prune(now_utc_ms)
            ended = await self._desk.ended_since(UtcMs(now_utc_ms - WINDOW_MS))
            self._forget_but(ended)
            for one in ended:
                if self._is_due(one, now_utc_ms=now_utc_ms):
                    await self._make(one.session)
            self._problem = ""
        except StorageError as error:
            if str(error) != self._problem:
                logger.info(f"summaries are not made ready problem={error}")
            self._problem = str(error)

    async def _prune(self, now_utc_ms: UtcMs) -> None:
        """Follow the record's rules about age: what it has deleted is deleted here."""
        if now_utc_ms < self._next_prune_utc_ms:
            return
        deleted = await self._desk.prune()
        if deleted:
            logger.info(f"summaries deleted classes={deleted} why=age")
        if self._keep_days is not None and self._delete_classes is not None:
            ended = self._delete_classes(UtcMs(now_utc_ms - self._keep_days * DAY_MS))
            if ended:
                logger.info(f"classes deleted count={ended} why=age")
                return  # there may be more: at the next look
        self._next_prune_utc_ms = now_utc_ms + PRUNE_MS

    def _forget_but(self, ended: Sequence[Ended]) -> None:
        known = {one.session for one in ended}
        self._seen.intersection_update(known)
        for session in set(self._failed) - known:
            del self._failed[session]

    def _is_due(self, one: Ended, *, now_utc_ms: UtcMs) -> bool:
        if self._failed.get(one.session, 0) >= TRIES_MAX:
            return False
        return one.session not in self._seen or now_utc_ms - one.ended_utc_ms < AGAIN_MS

    async def _make(self, session: SessionId) -> None:
        cold = await self._desk.cold(session)
        if not cold:
            self._seen.add(session)
            return
        order = Summaries(
            record_file=str(self._desk.record_file), review_file=str(self._desk.review_file), session=session
        )
        workshop = self._desk.workshop
        try:
            job = workshop.add("summaries", order, by="dashboard")
        except InputError:
            return  # others wait there; the next look comes
        try:
            await job.ended.wait()
        finally:
            workshop.cancel(job)
        self._tell(session, job, cold=cold)

    def _tell(self, session: SessionId, job: Job, *, cold: int) -> None:
        if job.state is JobState.DONE:
            self._seen.add(session)
            self._failed.pop(session, None)
            self.counters["summaries_made"] += cold
            logger.info(f"summaries are ready session={session} people={cold}")
        else:
            self._failed[session] = self._failed.get(session, 0) + 1
            self.counters["summaries_failed"] += 1
            logger.warning(f"summaries are not ready session={session} problem={job.problem or job.state.value}")
