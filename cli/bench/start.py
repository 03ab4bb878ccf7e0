"""How long somebody waits who types ``vitals demo``: from its process to the first frame with a live value."""

import asyncio
import contextlib
import signal
import sys
from typing import Final

from cli.bench.screen import Screen
from cli.broker import free_port
from vitals.clock import monotonic_s
from vitals.deadline import deadline

LIMIT_S: Final = 60.0
STOP_S: Final = 10.0


async def measure_start(*, participants: int) -> float | None:
    """Return the seconds; None: no live value came within `LIMIT_S`."""
    port = free_port()
    begun_s = monotonic_s()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli", "demo"),
        *("--port", str(port), "--participants", str(participants), "--log-level", "ERROR"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        screen = Screen(f"http://127.0.0.1:{port}")
        async with asyncio.TaskGroup() as tasks:
            watcher = tasks.create_task(screen.watch(), name="bench[screen].watch")
            await screen.wait(lambda screen: screen.first_live_s is not None, limit_s=LIMIT_S)
            watcher.cancel()
    finally:
        await _stop(process)
    return None if screen.first_live_s is None else screen.first_live_s - begun_s


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        async with deadline(STOP_S):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
