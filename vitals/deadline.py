"""A bound on waiting that also holds while a task is being cancelled, on every Python 3.11.

`asyncio.timeout` of Python 3.11.0 to 3.11.2 (Debian 12) forgets that its task was cancelled before it was entered: a
time-out in the clean-up of a cancelled task comes out as `CancelledError`, not `TimeoutError` (cpython#102780): a
part that is told to stop would leave its clean-up half done. This is what later versions do, for our one use.
"""

import asyncio
from types import TracebackType
from typing import Self


class Deadline:
    """Entered by ``async with deadline(seconds)``; see there."""

    def __init__(self, at_s: float | None) -> None:
        """Keep the loop time at which waiting ends; None: never."""
        self._at_s = at_s
        self._task: asyncio.Task[object] | None = None
        self._handle: asyncio.TimerHandle | None = None
        self._cancelling = 0
        self._is_over = False

    async def __aenter__(self) -> Self:
        """Begin to wait."""
        self._task = asyncio.current_task()
        assert self._task is not None  # noqa: S101 - a coroutine that runs has a task
        self._cancelling = self._task.cancelling()
        self.reschedule(self._at_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """End to wait; our own cancellation becomes `TimeoutError`, anybody else's goes on."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        task, self._task = self._task, None
        if (
            self._is_over
            and task is not None
            and task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError

    def reschedule(self, at_s: float | None) -> None:
        """Move the end to another loop time; None: never."""
        self._at_s = at_s
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if at_s is not None:
            self._handle = asyncio.get_running_loop().call_at(at_s, self._expire)

    def expired(self) -> bool:
        """Return whether the time was over before the waiting was."""
        return self._is_over

    def _expire(self) -> None:
        self._handle = None
        if self._task is not None:
            self._is_over = True
            self._task.cancel()


def deadline(seconds: float | None) -> Deadline:
    """Return a bound of real seconds for ``async with``; None: no bound.

    Raises:
        TimeoutError: out of the block, when the time is over before it.
    """
    return Deadline(None if seconds is None else asyncio.get_running_loop().time() + seconds)


def deadline_at(at_s: float | None) -> Deadline:
    """Return a bound at a time of the running loop; None: no bound, until `Deadline.reschedule` sets one."""
    return Deadline(at_s)
