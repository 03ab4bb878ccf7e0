"""The one thread that writes access.db for the dashboard: in turn, and to its end whoever stops waiting for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Given = TypeVar("Given")


class Writer:
    """A thread with a queue; a request that is given up meanwhile cannot leave a transaction half done."""

    def __init__(self) -> None:
        """Start nothing yet: the thread comes with the first job."""
        self._thread: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="access")

    async def run(self, job: Callable[[], Given]) -> Given:
        """Do a job behind those that wait; return what it gives or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def submit(self, job: Callable[[], Given]) -> Future[Given]:
        """Do a job behind those that wait, for who has no loop any more."""
        return self._thread.submit(job)

    def close(self) -> None:
        """Wait for the last job."""
        self._thread.shutdown()
