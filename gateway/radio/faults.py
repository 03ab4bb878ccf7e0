"""What goes wrong at a radio, as our own stack tells it to bleak's callers; and whether a cancellation was for us."""

import asyncio

from bleak.exc import BleakError


class AdapterGoneError(BleakError):
    """The adapter is no longer there."""


class NoSlotError(BleakError):
    """The adapter holds as many links as it can."""


def is_cancelled() -> bool:
    """Tell whether this task was asked to end; bumble also raises CancelledError when a link or adapter is lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
