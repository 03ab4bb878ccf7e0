"""Writes the audit log beside the work: a change never waits for it, a view of somebody's record does.

An alarm must be taken though the disk hangs, so what follows from it is queued, tried again and complained about in the
heartbeat. Who wants to read a record can wait for the disk.
"""

import asyncio
import logging
from collections import deque
from concurrent.futures import TimeoutError as StillWorking
from typing import Final

from dashboard.access.chain import Event
from dashboard.access.trail import Trail
from dashboard.access.writer import Writer
from vitals.errors import StorageError, StorageReason

logger: Final = logging.getLogger(__name__)

QUEUE_MAX: Final = 10_000
"""Half an hour of five people who click once a second, without a disk; beyond it entries are only counted."""

BATCH_MAX: Final = 200
AGAIN_S: Final = 1.0
FLUSH_S: Final = 1.5
"""What a stop may cost: the supervisor kills after 3 s."""

SAME_VIEW_MS: Final = 60_000
"""The same person at the same thing within a minute is one view: a page that asks each second would fill the log."""

VIEWS_MAX: Final = 1_000


class Clerk:
    """The one who writes; `run` is a task of the service."""

    def __init__(self, trail: Trail, writer: Writer) -> None:
        """Keep the log, over the connection of the writer's thread."""
        self._trail: Final = trail
        self._writer: Final = writer
        self._queue: Final[deque[tuple[Event, asyncio.Future[None] | None]]] = deque()
        self._news: Final = asyncio.Event()
        self._views: Final[dict[tuple[str, ...], int]] = {}
        self.lost = 0
        self.problem = ""
        """Why nothing is written; empty when all is well."""

    def note(self, event: Event) -> None:
        """Have an event written soon."""
        if len(self._queue) >= QUEUE_MAX:
            self.lost += 1
            return
        self._queue.append((event, None))
        self._news.set()

    async def write_view(self, event: Event) -> None:
        """Return when a view is in the log.

        Raises:
            StorageError: the disk does not take it; what was to be seen must not be shown.
        """
        key = (event.via, event.who, event.what, event.subject)
        if 0 <= event.utc_ms - self._views.get(key, -SAME_VIEW_MS) < SAME_VIEW_MS:
            return
        if len(self._queue) >= QUEUE_MAX:
            raise StorageError("audit log: takes no entries", StorageReason.IO)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((event, written))
        self._news.set()
        await written
        while len(self._views) >= VIEWS_MAX:
            del self._views[next(iter(self._views))]
        self._views[key] = event.utc_ms

    async def run(self) -> None:
        """Write until cancelled; then write what waits, once."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._queue:
                    await self._write_some()
        finally:
            if self._queue:
                try:
                    self._writer.submit(self._write_rest).result(FLUSH_S)
                except (StorageError, StillWorking) as error:
                    logger.warning(f"audit entries lost entries={len(self._queue)} error={error}")

    async def _write_some(self) -> None:
        try:
            batch = await self._writer.run(self._write_batch)
        except StorageError as error:
            if not self.problem:
                logger.warning(f"audit log does not take entries {error}")
            self.problem = "audit log does not take entries; changes go on, records are not shown"
            self._refuse_views(error)
            await asyncio.sleep(AGAIN_S)
            return
        if self.problem:
            logger.warning(f"audit log takes entries again lost={self.lost}")
            self.problem = ""
        for _, written in batch:
            if written is not None and not written.done():
                written.set_result(None)

    def _write_batch(self) -> list[tuple[Event, asyncio.Future[None] | None]]:
        """Write the oldest entries and take them from the queue; runs in the writer's thread, which nobody cancels."""
        batch = [self._queue[place] for place in range(min(BATCH_MAX, len(self._queue)))]
        self._trail.add([event for event, _ in batch])
        for _ in batch:
            self._queue.popleft()
        return batch

    def _write_rest(self) -> None:
        while self._queue:
            self._write_batch()

    def _refuse_views(self, error: StorageError) -> None:
        """Take the views from the queue: nothing is shown, so nothing was seen. What was done stays."""
        waiting = list(self._queue)
        self._queue.clear()
        for event, written in waiting:
            if written is None:
                self._queue.append((event, None))
            elif not written.done():
                written.set_exception(StorageError(f"audit log: {error}", error.reason))
