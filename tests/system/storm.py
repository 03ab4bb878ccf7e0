"""A storm over a running system: parts are killed, held still, and both at once, at random from a seed."""

import asyncio
import contextlib
import os
import signal
import time
from random import Random
from typing import NamedTuple
from urllib.error import URLError

import psutil

from tests.system.running import RunningSystem, Wall

PARTS = ("broker", "gateway", "ingest", "analysis", "dashboard", "simulate")

PAUSE_S = (0.5, 8.0)
BETWEEN_S = (0.3, 7.0)
"""Kills come some five seconds apart: a part that lives less than ten seconds eight times in a row is given up."""

BACK_WITHIN_S = 30.0
"""The supervisor waits at most five seconds; the rest is for a machine that does other things as well."""


RECOVERY_S = 8.0
"""After a part came back: it must be connected, and hear who lives."""


class Loss(NamedTuple):
    """A part was dead, or held still, from a time to a time of this process's monotonic clock."""

    part: str
    how: str
    from_s: float
    to_s: float


class Storm:
    """Breaks things, and keeps what it did; everything is whole again when `run` returns."""

    def __init__(self, system: RunningSystem, wall: Wall, *, seed: int) -> None:
        self._system = system
        self._wall = wall
        self._random = Random(seed)
        self._began_s = time.monotonic()
        self._held: set[str] = set()
        self.losses: list[Loss] = []
        self.taken: set[str] = set()
        """Ids of alarms whose acknowledgement the dashboard has accepted."""
        self.log: list[str] = []

    async def run(self, *, seconds: float) -> None:
        self._began_s = time.monotonic()
        actions = (self._kill, self._pause, self._kill_two, self._kill_beside_a_pause, self._acknowledge)
        async with asyncio.TaskGroup() as tasks:
            while time.monotonic() - self._began_s < seconds:
                (action,) = self._random.choices(actions, weights=(4, 5, 2, 2, 4))
                action(tasks)
                await asyncio.sleep(self._random.uniform(*BETWEEN_S))

    def _kill(self, tasks: asyncio.TaskGroup) -> None:
        tasks.create_task(self._dead(self._random.choice(PARTS)), name="storm.kill")

    def _kill_two(self, tasks: asyncio.TaskGroup) -> None:
        for part in self._random.sample(PARTS, 2):
            tasks.create_task(self._dead(part), name="storm.kill")

    def _pause(self, tasks: asyncio.TaskGroup) -> None:
        part = self._random.choice(PARTS)
        tasks.create_task(self._still(part, for_s=self._random.uniform(*PAUSE_S)), name="storm.pause")

    def _kill_beside_a_pause(self, tasks: asyncio.TaskGroup) -> None:
        held, killed = self._random.sample(PARTS, 2)
        for_s, after_s = self._random.uniform(2, PAUSE_S[1]), self._random.uniform(0, 2)
        tasks.create_task(self._still(held, for_s=for_s), name="storm.pause")
        tasks.create_task(self._dead(killed, after_s=after_s), name="storm.kill")

    def _acknowledge(self, tasks: asyncio.TaskGroup) -> None:
        if self._wall.alarms:
            tasks.create_task(self._take(self._random.choice(sorted(self._wall.alarms))), name="storm.acknowledge")

    async def _dead(self, part: str, *, after_s: float = 0) -> None:
        await asyncio.sleep(after_s)
        process = self._child(part)
        if process is None:
            return
        from_s = time.monotonic()
        self._note(f"kill {part} {process.pid}")
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        while time.monotonic() - from_s < BACK_WITHIN_S:
            if self._system.pids().get(part, process.pid) != process.pid:
                break
            await asyncio.sleep(0.05)
        self.losses.append(Loss(part, "killed", from_s, time.monotonic()))

    async def _still(self, part: str, *, for_s: float) -> None:
        process = self._child(part)
        if process is None or part in self._held:
            return
        from_s = time.monotonic()
        self._note(f"pause {part} {for_s:.1f} s")
        self._held.add(part)
        try:
            os.kill(process.pid, signal.SIGSTOP)
            while time.monotonic() - from_s < for_s and process.is_running():  # noqa: ASYNC110 - a process tells nobody
                await asyncio.sleep(0.05)
        finally:
            self._held.discard(part)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
        self.losses.append(Loss(part, "held", from_s, time.monotonic()))

    async def _take(self, alarm_id: str) -> None:
        try:
            await self._system.post(f"/api/v1/alarms/{alarm_id}/acknowledge", {"by": "MK"})
        except (URLError, OSError):
            return  # the dashboard is away, or the alarm is over: whoever asked was told so
        self._note(f"took {alarm_id}")
        self.taken.add(alarm_id)

    def _child(self, part: str) -> psutil.Process | None:
        """Return a part's process if it lives: a number in a file may belong to somebody else by now."""
        pid = self._system.pids().get(part)
        assert self._system.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            process = None if pid is None else psutil.Process(pid)
            if process is not None and process.ppid() == self._system.process.pid:
                return process
        return None

    def _note(self, what: str) -> None:
        self.log.append(f"{time.monotonic() - self._began_s:7.1f} s  {what}")


def clear_stretches(
    from_s: float, to_s: float, losses: list[Loss], parts: tuple[str, ...]
) -> list[tuple[float, float]]:
    """Return what is left of a time without the losses of some parts and the moments after them."""
    stretches = [(from_s, to_s)]
    for loss in losses:
        if loss.part in parts:
            stretches = [
                piece
                for begin_s, end_s in stretches
                for piece in ((begin_s, min(end_s, loss.from_s - 1)), (max(begin_s, loss.to_s + RECOVERY_S), end_s))
                if piece[0] < piece[1]
            ]
    return stretches
