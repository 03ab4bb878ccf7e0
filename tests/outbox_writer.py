"""Commits an outbox in a database of its own, for tests; gateway and analysis do it with what else they keep."""

import asyncio
import logging
from pathlib import Path
from typing import Final

import apsw

from vitals.database import writing
from vitals.errors import StorageError
from vitals.outbox import OutboxStore

logger: Final = logging.getLogger(__name__)

COMMIT_S: Final = 0.1
"""Real seconds between two commits: a power cut takes this much with it, and a commit costs a millisecond."""
RETRY_S: Final = 1.0
_BOUNDS_S: Final = 10.0
"""How often age is looked at when nothing else happens."""


class OutboxWriter:
    """Writes an outbox each `COMMIT_S`. ``problem`` is why it cannot, one line, or empty."""

    def __init__(self, *, store: OutboxStore, connection: apsw.Connection, path: Path) -> None:
        """Keep the store and the connection that it was made with."""
        self._store = store
        self._connection = connection
        self._path = path
        self.problem = ""

    async def run(self) -> None:
        """Write until cancelled; what is new at the end is written too."""
        looks = 0
        try:
            while True:
                await asyncio.sleep(RETRY_S if self.problem else COMMIT_S)
                looks += 1
                if self._store.needs_write or looks * COMMIT_S >= _BOUNDS_S:
                    looks = 0
                    self.write()
        finally:
            self.write()

    def write(self) -> None:
        """Commit now; when the disk does not take it, say so and keep everything for the next time."""
        try:
            with writing(self._connection, self._path):
                self._store.write()
        except StorageError as error:
            if not self.problem:
                logger.error(f"outbox not written {error}")  # noqa: TRY400 - the line says it all
            self.problem = str(error)
            return
        self._store.committed()
        if self.problem:
            logger.info(f"outbox written again path={self._path}")
        self.problem = ""
