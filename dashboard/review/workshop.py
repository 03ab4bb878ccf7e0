"""What takes long happens in a child process: one at a time, at low priority, with a limit, and anybody can end it.

The event loop serves the live wall; nothing that computes for more than a moment may be in its process.
"""

import asyncio
import base64
import logging
import secrets
import sys
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from vitals.deadline import deadline
from vitals.errors import InputError, InputReason

logger: Final = logging.getLogger(__name__)

WAITING_MAX: Final = 8
KEPT_MAX: Final = 32
"""Finished jobs whose answer is kept; the oldest goes."""

SECONDS_MAX: Final = 600.0
LINE_BYTES_MAX: Final = 64 * 1_048_576
"""A line of the child: the longest is an answer or a PDF."""

_CHILD: Final = (sys.executable, "-P", "-m", "dashboard.review.worker")


class JobState(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job:
    """One thing to do, and what became of it."""

    def __init__(self, kind: str, request: bytes, *, by: str) -> None:
        """Keep what shall be done."""
        self.id: Final = secrets.token_hex(8)
        self.kind: Final = kind
        self.request: Final = request
        self.by: Final = by
        self.state = JobState.WAITING
        self.progress = 0.0
        self.problem = ""
        self.answer = b""
        self.ended: Final = asyncio.Event()
        self.wish_to_end: Final = asyncio.Event()

    def end(self, state: JobState, problem: str = "") -> None:
        """Say how it ended; the first word counts."""
        if not self.ended.is_set():
            self.state, self.problem = state, problem
            self.ended.set()


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the child. ``data``: bytes in base64, instead of an answer as JSON."""

    progress: float | None = None
    answer: msgspec.Raw = msgspec.Raw(b"")
    data: str = ""
    problem: str = ""


class Workshop:
    """Jobs in the order in which they came; `run` does them."""

    def __init__(self) -> None:
        """Begin without jobs."""
        self._jobs: Final[dict[str, Job]] = {}
        self._queue: Final[asyncio.Queue[Job]] = asyncio.Queue(WAITING_MAX)

    def add(self, kind: str, request: Struct, *, by: str) -> Job:
        """Take a job.

        Raises:
            InputError: too many wait.
        """
        job = Job(kind, msgspec.json.encode({"kind": kind, "request": request}), by=by)
        try:
            self._queue.put_nowait(job)
        except asyncio.QueueFull:
            raise InputError("job", f"{WAITING_MAX} others wait; try again", InputReason.CONFLICT) from None
        self._jobs[job.id] = job
        for old in [one for one in self._jobs.values() if one.ended.is_set()][:-KEPT_MAX]:
            del self._jobs[old.id]
        return job

    def find(self, job: str) -> Job:
        """Return a job.

        Raises:
            InputError: there is none of this id, or it was long ago.
        """
        found = self._jobs.get(job)
        if found is None:
            raise InputError("job", f"{job[:40]!r} is not known any more", InputReason.UNKNOWN_NAME)
        return found

    def cancel(self, job: Job) -> None:
        """End a job, whether it runs or waits."""
        job.wish_to_end.set()
        if job.state is JobState.WAITING:
            job.end(JobState.CANCELLED)

    async def run(self) -> None:
        """Do jobs until cancelled."""
        while True:
            job = await self._queue.get()
            if job.ended.is_set():
                continue
            job.state = JobState.RUNNING
            try:
                async with deadline(SECONDS_MAX):
                    await _do(job)
            except TimeoutError:
                job.end(JobState.FAILED, f"not done after {SECONDS_MAX:.0f} s")
            except OSError as error:
                job.end(JobState.FAILED, f"no process for it: {error}")
            finally:
                job.end(JobState.CANCELLED)


async def _do(job: Job) -> None:
    child = await asyncio.create_subprocess_exec(
        *_CHILD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES_MAX
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(_converse(job, child), name=f"dashboard.review[{job.id}].child")
            waiting = tasks.create_task(job.wish_to_end.wait(), name=f"dashboard.review[{job.id}].end")
            await asyncio.wait([listening, waiting], return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                job.end(JobState.CANCELLED)
            listening.cancel()
            waiting.cancel()
    finally:
        if child.returncode is None:
            child.kill()
        await _bury(child)
    job.end(JobState.FAILED, f"ended with code {child.returncode} and without an answer")


async def _bury(child: asyncio.subprocess.Process) -> None:
    """Wait for the end of a child that is dead or about to be, also when told to end meanwhile: it is at once."""
    is_told = False
    while True:
        try:
            await child.communicate()  # not wait(): its pipe must be closed too
            for _ in range(3):
                # The loop tells the transport of both ends in its next rounds.
                await asyncio.sleep(0)
            break
        except asyncio.CancelledError:
            is_told = True
    if is_told:
        raise asyncio.CancelledError


async def _converse(job: Job, child: asyncio.subprocess.Process) -> None:
    if child.stdin is None or child.stdout is None:
        return
    try:
        child.stdin.write(job.request + b"\n")
        await child.stdin.drain()
        child.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        return
    async for line in child.stdout:
        _hear(job, line)
    await child.wait()  # a child that is killed while it ends loses the code with which it ends


def _hear(job: Job, line: bytes) -> None:
    try:
        said = msgspec.json.decode(line, type=Said)
    except msgspec.MsgspecError as error:
        logger.warning(f"review job said nonsense job={job.id} kind={job.kind} problem={error}")
        return
    if said.progress is not None:
        job.progress = said.progress
    if said.problem:
        job.end(JobState.FAILED, said.problem)
    elif said.data or bytes(said.answer):
        job.answer = base64.b64decode(said.data) if said.data else bytes(said.answer)
        job.progress = 1.0
        job.end(JobState.DONE)


def answer_of(job: Job) -> Any:
    """Return the answer of a finished job as JSON's values, None before."""
    return msgspec.json.decode(job.answer) if job.state is JobState.DONE else None
