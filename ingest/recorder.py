"""Commits what the intake has heard, once a second in a thread of its own, and then tells the sources how far it got.

While the disk takes nothing the part lives on: it says so, keeps what it holds, drops what does not fit (the cursor
stands still, so the outboxes send it again), and tries again at every turn.
"""

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from ingest.intake import Intake
from ingest.store.batch import Batch
from ingest.store.retention import Keeping
from ingest.store.writer import Committed, RecordWriter, RunCursor
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.errors import PeerError, StorageError, StorageReason
from vitals.heartbeat import Heartbeat
from vitals.readings import RunId
from vitals.store import StoreCursor
from vitals.topics import CursorTopic
from vitals.trouble import Trouble
from vitals.units import MonotonicMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

COMMIT_REAL_S_MIN: Final = 0.2
"""Real time between commits at a clock rate above 1: a sync costs the same however fast the clock runs."""

CLEAR_AFTER_MS: Final = 60_000
"""How long the cursor of a complete run stays on the broker: its source reads it within a second when it lives."""

FINISH_S: Final = 1.0
"""Real seconds for the last commit; what it does not take is sent again."""

CLEARING_MAX: Final = 1_024
_TIMINGS: Final = 600


class Recorder:
    """Owns the writer, its thread and the cursors on the broker."""

    def __init__(
        self,
        *,
        path: Path,
        site: str,
        store_run: RunId,
        commit_s: float,
        clock: Clock,
        intake: Intake,
        bus: Bus,
        heartbeat: Heartbeat,
        keeping: Keeping | None = None,
    ) -> None:
        """Keep what committing needs; the file is opened by `open`.

        Args:
            path: the record.
            site: first level of the cursors' topics.
            store_run: the run of this process.
            commit_s: seconds of ``clock`` between two commits.
            clock: time of the part.
            intake: where the batches come from.
            bus: where the cursors go.
            heartbeat: where counts, problems and answers to commands go.
            keeping: what is deleted by age.
        """
        self._path = path
        self._keeping = keeping
        self._site = site
        self._store_run = store_run
        self._period_s = max(commit_s, COMMIT_REAL_S_MIN * clock.rate)
        self._clock = clock
        self._intake = intake
        self._bus = bus
        self._heartbeat = heartbeat
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest.record")
        self._writer: RecordWriter | None = None
        self._unsaved: Batch | None = None
        self._under_way: asyncio.Future[tuple[Committed, tuple[RunCursor, ...]]] | None = None
        self._trouble = Trouble(heartbeat)
        self._is_busy = False
        self._told: set[tuple[str, RunId]] = set()
        self._clear_at: dict[tuple[str, RunId], int] = {}
        self._timings_ms: deque[float] = deque(maxlen=_TIMINGS)
        heartbeat.counters.update(dict.fromkeys(("stored", "duplicates", "late", "gaps", "refused", "dropped"), 0))
        heartbeat.before_beat(self._count)

    async def open(self) -> None:
        """Open the record.

        Raises:
            StorageError: it can never be used as it is. A full disk is no such reason: it is tried again.
        """
        try:
            _, open_runs = await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        except StorageError as error:
            if error.reason is not StorageReason.DISK_FULL:
                raise
            self._say(error)
        else:
            self._publish_all(open_runs)

    async def run(self) -> None:
        """Commit until cancelled."""
        while True:
            await self._clock.sleep(self._period_s)
            await self.commit()
            self._clear_due(self._clock.mono_ms())

    async def commit(self) -> None:
        """Store one batch: first the one that the disk did not take, then what has been heard since.

        When this is cancelled, the commit goes on in its thread, and the next call waits for it.
        """
        batch = self._intake.take() if self._unsaved is None else self._unsaved
        if batch.is_empty() and not self._is_busy:
            return
        self._unsaved = batch
        if self._under_way is None:
            self._under_way = asyncio.get_running_loop().run_in_executor(self._thread, self._store, batch)
        try:
            committed, open_runs = await asyncio.shield(self._under_way)
        except StorageError as error:
            self._under_way = None
            self._say(error)
            return
        self._under_way = None
        self._unsaved = None
        self._say(None)
        self._publish_all(open_runs)
        self._tell(batch, committed)

    async def finish(self) -> None:
        """Store what is left, if the disk takes it soon."""
        try:
            async with deadline(FINISH_S):
                while not (self._unsaved is None and self._intake.batch.is_empty()):
                    await self.commit()
                    if self._trouble.why:
                        return
        except TimeoutError:
            logger.warning(f"last commit not finished after_s={FINISH_S:.0f} rows={self._pending()}")
        finally:
            self._count()

    def close(self) -> None:
        """Close the file after what is under way."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _tell(self, batch: Batch, committed: Committed) -> None:
        """Tell everybody what is on disk now; nothing of it was said before."""
        self._timings_ms.append(committed.took_ms)
        for name, count in committed.counts.items():
            self._heartbeat.counters[name] += count
        self._is_busy = committed.is_busy
        for answer in (*batch.answers, *committed.answers):
            self._heartbeat.answer(answer)
        for cursor in committed.moved:
            self._publish(cursor)
        now_ms = self._clock.mono_ms()
        for key in committed.closed:
            self._clear_later(key, now_ms)
        if batch.refusals:
            logger.warning(f"messages refused count={batch.counts['refused']} first={batch.refusals[0].problem!r}")

    def _publish_all(self, cursors: tuple[RunCursor, ...]) -> None:
        """Tell all sources that a store has begun, so that they send what it does not have."""
        for cursor in cursors:
            self._publish(cursor)

    def _publish(self, cursor: RunCursor) -> None:
        key = (cursor.source, cursor.run)
        self._told.add(key)
        self._clear_at.pop(key, None)
        self._set_retained(
            key,
            encode(
                StoreCursor(store_run=self._store_run, source=cursor.source, run=cursor.run, streams=cursor.streams)
            ),
        )

    def _clear_later(self, key: tuple[str, RunId], now_ms: MonotonicMs) -> None:
        self._told.discard(key)
        self._clear_at[key] = now_ms + CLEAR_AFTER_MS

    def _clear_due(self, now_ms: MonotonicMs) -> None:
        """Take cursors of complete runs, and those that an earlier process left, from the broker."""
        left_over, self._intake.left_over = self._intake.left_over, set()
        for key in left_over - self._told - self._clear_at.keys():
            self._clear_later(key, now_ms)
        surplus = len(self._clear_at) - CLEARING_MAX
        for place, (key, at_ms) in enumerate(list(self._clear_at.items())):
            if at_ms <= now_ms or place < surplus:
                del self._clear_at[key]
                self._set_retained(key, b"")

    def _set_retained(self, key: tuple[str, RunId], payload: bytes) -> None:
        try:
            self._bus.set_retained(str(CursorTopic(site=self._site, source=key[0], run=key[1])), payload)
        except PeerError as error:
            logger.warning(f"cursor not told source={key[0]} run={key[1]} why={error}")

    def _say(self, error: StorageError | None) -> None:
        """Show what keeps the record from being written, once for each change."""
        problem = "" if error is None else f"nothing is stored: {error}"
        if not self._trouble.tell(problem):
            return
        if problem:
            logger.error(problem)
        else:
            logger.info(f"record is written again path={self._path}")

    def _count(self) -> None:
        """Bring the heartbeat's numbers up to date."""
        counters = self._heartbeat.counters
        counters["pending"] = self._pending()
        timings_ms = sorted(self._timings_ms)
        if timings_ms:
            counters["commit_us"] = round(self._timings_ms[-1] * 1000)
            counters["commit_p99_us"] = round(timings_ms[(len(timings_ms) - 1) * 99 // 100] * 1000)
        oldest_ms = min((batch.oldest_ms for batch in self._batches() if batch.oldest_ms is not None), default=None)
        self._heartbeat.oldest_unhandled_ms = 0 if oldest_ms is None else max(0, self._clock.mono_ms() - oldest_ms)

    def _batches(self) -> tuple[Batch, ...]:
        return tuple(batch for batch in (self._unsaved, self._intake.batch) if batch is not None)

    def _pending(self) -> int:
        return sum(map(len, self._batches()))

    # The rest runs in the thread.

    def _open(self) -> tuple[RecordWriter, tuple[RunCursor, ...]]:
        if self._writer is not None:
            return self._writer, ()
        writer = RecordWriter(self._path, keeping=self._keeping)
        self._writer = writer
        return writer, writer.open_runs()

    def _store(self, batch: Batch) -> tuple[Committed, tuple[RunCursor, ...]]:
        writer, found = self._open()
        try:
            return writer.store(batch, now_utc_ms=self._clock.utc_ms()), found
        except StorageError as error:
            if error.reason is not StorageReason.DISK_FULL:
                self._close()  # opened anew at the next turn: the file may have been moved or its disk unmounted
            raise

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
