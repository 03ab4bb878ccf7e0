"""The gateway's disk: one thread that commits, so that no reading waits for a slow card.

An SD card may take 200 ms for a commit, and a bad one hangs for seconds. Everything that is to be kept is taken in the
event loop, written and committed in the thread, and believed to be on disk only after the commit; the connection is
used nowhere else from the first commit on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

import apsw

from vitals.database import writing
from vitals.deadline import deadline
from vitals.errors import StorageError

logger: Final = logging.getLogger(__name__)

SLOW_S: Final = 2.0
"""Real seconds after which people are told that a commit hangs: twenty times what a poor SD card takes."""


class Kept(Protocol):
    """Something with a table in the gateway's file."""

    def prepare(self) -> Callable[[], None]:
        """Return what writes all that is new, in another thread and in a transaction; called before the next one."""

    def committed(self) -> None:
        """Hear that what was prepared last is on disk."""


class Disk:
    """Commits what is new. `save` in one task at a time; `finish` at the end, then the connection may be closed."""

    def __init__(
        self, connection: apsw.Connection, path: Path, kept: Sequence[Kept], *, tell: Callable[[str], None]
    ) -> None:
        """Take over a connection.

        Args:
            connection: of the gateway's file.
            path: of the file, for error texts.
            kept: what is written in each commit, in this order.
            tell: called after each attempt, and while one hangs, with why nothing is saved; empty: it is.
        """
        self._connection = connection
        self._path = path
        self._kept = tuple(kept)
        self._tell = tell
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gateway.disk")
        self._under_way: asyncio.Future[None] | None = None
        self.errors = 0
        """Commits that the disk did not take."""

    async def save(self) -> None:
        """Commit what is new. When this is cancelled, the commit goes on, and the next call waits for it first."""
        if self._under_way is None:
            works = tuple(one.prepare() for one in self._kept)
            self._under_way = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, works)
        while True:
            try:
                async with deadline(SLOW_S):
                    await asyncio.wait((self._under_way,))
                break
            except TimeoutError:
                self._tell(f"disk is slow: a commit takes longer than {SLOW_S:g} s")
        self._settle(self._under_way)

    async def finish(self) -> None:
        """Commit the rest, after what is under way, and end the thread.

        It waits for as long as the disk takes: what is killed here loses no more than a SIGKILL would take.
        """
        if self._under_way is not None:
            await asyncio.wait((self._under_way,))
            self._settle(self._under_way)
        await self.save()
        self._thread.shutdown()

    def _settle(self, done: asyncio.Future[None]) -> None:
        self._under_way = None
        try:
            done.result()
        except StorageError as error:
            self.errors += 1
            self._tell(f"outbox not saved: {error}")
            return
        for one in self._kept:
            one.committed()
        self._tell("")

    def _commit(self, works: tuple[Callable[[], None], ...]) -> None:
        with writing(self._connection, self._path):
            for work in works:
                work()
