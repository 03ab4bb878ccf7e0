"""access.db: users, logins, devices, tokens and the audit log. Written by the dashboard and by `vitals user`, in turns.

Two programs write it, each change in one transaction with its audit row: SQLite has them take turns. Everybody who can
write this file may do everything here anyway, so the command line needs no login.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import apsw

from vitals.database import open_database, open_reader, storage_errors, writing

MIGRATIONS: Final = (
    """
    CREATE TABLE account (
        name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, pin TEXT, pin_failures INTEGER NOT NULL,
        is_disabled INTEGER NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE login (
        key TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account, began_utc_ms INTEGER NOT NULL,
        seen_utc_ms INTEGER NOT NULL, emergency_until_utc_ms INTEGER, emergency_why TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE token (
        name TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE device (
        name TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, room TEXT NOT NULL,
        sees_names INTEGER NOT NULL, created_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE first_link (
        id INTEGER PRIMARY KEY CHECK (id = 1), key TEXT NOT NULL, until_utc_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, utc_ms INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, via TEXT NOT NULL,
        address TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
        previous TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit_head (
        id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    """,
    # What was answered to pushes: by its token once, and the newest answer of each person to a test.
    """
    CREATE TABLE push_answer (
        nonce TEXT PRIMARY KEY, alarm TEXT NOT NULL, staff TEXT NOT NULL, response TEXT NOT NULL,
        utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    # By a link of its own somebody sets the own password, once.
    """
    CREATE TABLE invitation (
        account TEXT PRIMARY KEY REFERENCES account, key TEXT NOT NULL UNIQUE, until_utc_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
)


class Book:
    """One connection to the file; the shelves (`Accounts`, `Logins`, `Devices`, `Trail`) read and write through it."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        """Keep an open connection; `open_book` and `open_book_to_read` make one."""
        self.path: Final = path
        self._db: Final = connection

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Run the block in one transaction; inside another one it is part of that.

        Raises:
            StorageError: the disk did not take it.
        """
        if self._db.in_transaction:
            yield
            return
        with writing(self._db, self.path):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Run the block on the file as it is now, whatever another connection writes meanwhile."""
        self.rows("BEGIN")
        try:
            yield
        finally:
            self.rows("COMMIT")

    def run(self, sql: str, bindings: tuple[Any, ...] = ()) -> int:
        """Run a statement that changes; return how many rows it changed."""
        with storage_errors(self.path):
            self._db.execute(sql, bindings).fetchall()
            return self._db.changes()

    def rows(self, sql: str, bindings: tuple[Any, ...] = ()) -> list[Any]:
        """Return rows with the types that the tables above declare."""
        with storage_errors(self.path):
            return self._db.execute(sql, bindings).fetchall()

    def each(self, sql: str) -> Iterator[Any]:
        """Give rows one by one, for tables of any length."""
        with storage_errors(self.path):
            yield from self._db.execute(sql)

    def version(self) -> int:
        """Return a number that changes when another connection has changed the file; a few microseconds."""
        return int(self.rows("PRAGMA data_version")[0][0])


def open_book(path: Path) -> Book:
    """Open the file for reading and writing, made new or brought up to date.

    Raises:
        StorageError: not readable, or from a newer program.
    """
    return Book(path, open_database(path, migrations=MIGRATIONS))


def open_book_to_read(path: Path) -> Book:
    """Open the file for reading only.

    Raises:
        StorageError: missing or damaged.
    """
    return Book(path, open_reader(path))
