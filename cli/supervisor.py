"""The supervisor: starts the parts in order, starts again what dies, says in one line what it gives up, stops cleanly.

It decides nothing about the data that flows; each part survives the death of every other by itself.
"""

import asyncio
import contextlib
import json
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.children import ChildSpec, spawn_child
from vitals.deadline import deadline
from vitals.errors import SetupError, SetupReason

logger = logging.getLogger(__name__)

RESTART_FIRST_S: Final = 0.2
RESTART_MAX_S: Final = 5.0
"""A part that dies once is back in about a second; one that keeps dying does not eat the machine."""

STABLE_S: Final = 10.0
"""Alive for so long, a part is well again: its next death counts as the first."""

FAILURES_MAX: Final = 8
STOP_S: Final = 3.0
READY_S: Final = 10.0
EXIT_REFUSED: Final = 2
"""What our parts end with when a person must change something."""
EXIT_NO_START: Final = 127
"""What a shell says of a program that it cannot start."""


class Supervisor:
    """Keeps children alive. ``pids_file`` gets the process ids by name, for `vitals doctor` and for tests."""

    def __init__(self, specs: Sequence[ChildSpec], *, pids_file: Path) -> None:
        """Take the children in the order in which they start; they stop in the opposite one."""
        self._specs = tuple(specs)
        self._pids_file = pids_file
        self._processes: dict[str, Process] = {}
        self._done: dict[str, asyncio.Event] = {spec.name: asyncio.Event() for spec in specs}
        self._is_stopping = False
        self.refused: SetupError | None = None

    async def run(self) -> None:
        """Run until cancelled.

        Raises:
            SetupError: a child refused to start the very first time; all others are stopped.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                for spec in self._specs:
                    started = asyncio.Event()
                    tasks.create_task(self._keep(spec, started), name=f"supervisor[{spec.name}].keep")
                    await started.wait()
                    if spec.ready_port is not None:
                        await _wait_for_port(spec.ready_port)
        finally:
            await self._stop_all()

    async def wait_done(self, name: str) -> None:
        """Return when a child that runs once has ended well."""
        await self._done[name].wait()

    async def _keep(self, spec: ChildSpec, started: asyncio.Event) -> None:
        failures, delay_s, is_first = 0, RESTART_FIRST_S, True
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            code = await self._run_once(spec, started)
            if self._is_stopping:
                return
            if spec.is_once and code == 0:
                self._done[spec.name].set()
                return
            lived_s = loop.time() - begun
            if is_first and code == EXIT_REFUSED:
                msg = f"{spec.name} refused to start; its line above says why"
                raise SetupError(msg, SetupReason.SETTINGS)
            is_first = is_first and lived_s < STABLE_S
            failures, delay_s = (1, RESTART_FIRST_S) if lived_s >= STABLE_S else (failures + 1, delay_s)
            if failures > FAILURES_MAX:
                logger.error("supervisor.gave_up part=%s failures=%d last_exit=%d", spec.name, failures, code)
                print(f"vitals: gave up {spec.name} after {failures} starts; the rest goes on", file=sys.stderr)
                return
            logger.warning("supervisor.restart part=%s exit=%d lived_s=%.1f", spec.name, code, lived_s)
            await asyncio.sleep(delay_s)
            delay_s = min(RESTART_MAX_S, delay_s * 2)

    async def _run_once(self, spec: ChildSpec, started: asyncio.Event) -> int:
        try:
            process = await spawn_child(spec, with_parent=True)
        except OSError as error:
            logger.error(f"supervisor.no_start part={spec.name} error={error}")  # noqa: TRY400 - tried again
            started.set()
            return EXIT_NO_START
        self._processes[spec.name] = process
        self._write_pids()
        started.set()
        return await process.wait()

    async def _stop_all(self) -> None:
        self._is_stopping = True
        for spec in reversed(self._specs):
            process = self._processes.get(spec.name)
            if process is not None and process.returncode is None:
                await _stop(process)
        with contextlib.suppress(OSError):
            self._pids_file.unlink()

    def _write_pids(self) -> None:
        pids = {name: process.pid for name, process in self._processes.items() if process.returncode is None}
        scratch = self._pids_file.with_suffix(".new")
        try:
            scratch.write_text(json.dumps(pids), encoding="utf-8")
            scratch.replace(self._pids_file)
        except OSError as error:
            logger.warning("supervisor.no_pids_file file=%s error=%s", self._pids_file, error.strerror)


async def _stop(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with deadline(STOP_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _wait_for_port(port: int) -> None:
    """Return when something listens on a port of this machine; after `READY_S` the next part starts all the same."""
    try:
        async with deadline(READY_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                return
    except TimeoutError:
        logger.warning("supervisor.nothing_listens port=%d waited_s=%.0f", port, READY_S)
