"""Running one coroutine as a program: SIGTERM and Ctrl-C cancel it once, a second one ends it hard."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Final

from vitals.errors import VitalsError

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def run_until_told(program: Coroutine[Any, Any, object]) -> int:
    """Run a program to its end or until a signal; return its exit code: its own if it returns a number, else 0.

    Raises:
        VitalsError: what the program failed with; of several at once the first.
    """
    return asyncio.run(_guarded(program))


async def _guarded(program: Coroutine[Any, Any, object]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs has a task
    told: list[int] = []

    def tell(number: int) -> None:
        told.append(number)
        if len(told) > 1:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        task.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, tell, number)
    try:
        result = await program
    except asyncio.CancelledError:
        if not told:
            raise
        return 0
    except BaseExceptionGroup as group:
        _, others = group.split(VitalsError)
        if others is not None:
            raise
        raise _first(group) from None
    return result if isinstance(result, int) else 0


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
