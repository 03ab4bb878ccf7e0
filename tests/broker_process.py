"""A broker of our own by itself, for tests; in life the supervisor keeps it."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from cli.broker import HOST, BrokerPlan
from cli.children import spawn_child
from vitals.broker_url import parse_broker_url
from vitals.deadline import deadline
from vitals.errors import SetupError, SetupReason

START_S: Final = 10.0
STOP_S: Final = 1.0
"""A SIGTERM in Mosquitto's first milliseconds is lost (3 of 80 tries), so nobody waits longer for it."""


@asynccontextmanager
async def run_broker(plan: BrokerPlan) -> AsyncIterator[Process | None]:
    """Start the broker of a plan, wait until it listens, and stop it at the end.

    Raises:
        SetupError: it does not come up.
    """
    if plan.child is None:
        yield None
        return
    plan.write_files()
    process = await spawn_child(plan.child)
    try:
        await _wait_until_it_listens(plan.url, process)
        yield process
    finally:
        await stop_process(process)


async def stop_process(process: Process) -> None:
    """Ask a process to end, and after `STOP_S` make it."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with deadline(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _wait_until_it_listens(url: str, process: Process) -> None:
    port = parse_broker_url(url).port
    try:
        async with deadline(START_S):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.01)
                    continue
                writer.close()
                await writer.wait_closed()
                return
    except TimeoutError:
        pass
    raise SetupError(
        f"our broker does not listen on {HOST}:{port} (exit code {process.returncode})", SetupReason.NO_BROKER
    )
