"""The clinic's register reads and writes clinic.db through this; the connection is the clinic's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from vitals.database import storage_errors, writing


class Shelf:
    """One open file, shared by people, prescriptions, sensors, plans, staff and duty."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        """Keep the clinic's connection."""
        self.path: Final = path
        self._db: Final = connection

    @contextmanager
    def change(self) -> Iterator[None]:
        """Run the block in one transaction; inside another one it is part of that.

        Raises:
            StorageError: the disk did not take it; nothing of the block is stored.
        """
        if self._db.in_transaction:
            yield
            return
        with writing(self._db, self.path):
            yield

    def run(self, sql: str, bindings: tuple[Any, ...] = ()) -> int:
        """Run a statement that changes; return how many rows it changed."""
        with storage_errors(self.path):
            self._db.execute(sql, bindings).fetchall()
            return self._db.changes()

    def rows(self, sql: str, bindings: tuple[Any, ...] = ()) -> list[Any]:
        """Return rows with the types that the tables declare."""
        with storage_errors(self.path):
            return self._db.execute(sql, bindings).fetchall()
