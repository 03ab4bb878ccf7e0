"""Gateways that were shut out: `vitals gateway expel` writes their names into a file, and nobody misses them any more.

One that carries somebody of an open class is missed all the same: those people are not heard.
"""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dashboard.ticker import Ticker
from dashboard.view.parts import PartsWatch
from vitals.sensors import GatewayId

logger: Final = logging.getLogger(__name__)

LOOK_S: Final = 2.0

BYTES_MAX: Final = 64 * 1024
"""A thousand names of the greatest length; what is longer was not written by us."""


def read_expelled(file: Path) -> frozenset[GatewayId]:
    """Return the names in a file, one a line; a missing or unreadable one has none. Blocks."""
    try:
        with file.open(encoding="utf-8") as lines:
            return frozenset(GatewayId(line) for line in lines.read(BYTES_MAX).split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def write_expelled(file: Path, names: Iterable[GatewayId]) -> None:
    """Write the names.

    Raises:
        OSError: the disk does not take it.
    """
    file.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


class ExpelledWatch:
    """Looks into the file now and then."""

    def __init__(self, *, file: Path, parts: PartsWatch, ticker: Ticker) -> None:
        """Keep where to look and whom to tell."""
        self._file: Final = file
        self._parts: Final = parts
        self._ticker: Final = ticker

    async def run(self) -> None:
        """Look for ever; the disk is asked in a thread."""
        while True:
            for gateway in await asyncio.to_thread(read_expelled, self._file):
                if self._parts.part_with(gateway):
                    logger.info(f"gateway is missed no more, it was expelled gateway={gateway}")
                    self._ticker.hurry()
            await asyncio.sleep(LOOK_S)
