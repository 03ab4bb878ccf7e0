"""Opens the database files of the parts: SQLite in WAL mode through apsw, with numbered migrations.

apsw carries its own SQLite. The library of the operating system is not used: 3.7.0 to 3.51.2 can lose data when
two connections share a WAL file (https://sqlite.org/wal.html#walresetbug), and Debian 12 has one of them.
"""

import fcntl
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from vitals.errors import SetupError, SetupReason, StorageError, StorageReason

logger: Final = logging.getLogger(__name__)

SQLITE_VERSION_MIN: Final = (3, 51, 3)
"""The first release without the WAL-reset defect."""

BUSY_MS: Final = 5_000
"""How long a statement waits for another process that writes; only readers and backups ever share our files."""

WAL_BYTES_MAX: Final = 16 * 1_048_576
"""What a WAL file shrinks to after a checkpoint that a slow reader had delayed."""


def open_database(path: Path, *, migrations: Sequence[str]) -> apsw.Connection:
    """Open a database file for its one writer, made new or brought up to the newest schema.

    Args:
        path: the file; its folder is made when missing.
        migrations: SQL scripts, oldest first. ``user_version`` in the file is how many it has seen; each of the others
            runs in one transaction of its own.

    Returns:
        A connection with WAL, ``synchronous=FULL`` (what is committed survives a power cut) and foreign keys on.

    Raises:
        SetupError: the SQLite inside apsw is too old.
        StorageError: the file cannot be opened, is no database, or comes from a newer program.
    """
    require_sqlite()
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(BUSY_MS)
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                f"journal_size_limit={WAL_BYTES_MAX}",
            ):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            _migrate(connection, path, migrations)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def sole_owner(path: Path, *, what: str) -> Iterator[None]:
    """Hold a file of ours for this process alone; the kernel gives it back when we die, however we die.

    SQLite lets two writers take turns; two programs that each believe to be the only one would still spoil each other's
    work: two records would answer one gateway, two analyses would each forget the other's alarms.

    Args:
        path: the file; the lock is a file beside it, so that the file itself can be set aside or restored.
        what: who owns it, for the line that refuses.

    Raises:
        SetupError: another process holds it, or the folder takes no file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}", SetupReason.SETTINGS) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"{path}: another {what} is running with it", SetupReason.SETTINGS) from None
        yield


def open_reader(path: Path) -> apsw.Connection:
    """Open a database file that another process writes, for reading only.

    Raises:
        SetupError: the SQLite inside apsw is too old.
        StorageError: the file is missing or is no database.
    """
    require_sqlite()
    with storage_errors(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            connection.set_busy_timeout(BUSY_MS)
            connection.execute("PRAGMA query_only=ON").fetchall()
            schema_version(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def schema_version(connection: apsw.Connection) -> int:
    """Return how many migrations the file has seen."""
    return int(str(connection.execute("PRAGMA user_version").fetchall()[0][0]))


@contextmanager
def writing(connection: apsw.Connection, path: Path) -> Iterator[None]:
    """Run the block in one transaction that is committed at its end, or undone when it raises.

    Raises:
        StorageError: the disk did not take it; nothing of the block is stored.
    """
    with storage_errors(path):
        connection.execute("BEGIN IMMEDIATE").fetchall()
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have undone the transaction already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite or the file system refuses into a `StorageError` that names the file.

    Only operating errors are turned; a wrong SQL statement or a violated constraint is a defect and stays what it is.
    """
    try:
        yield
    except (apsw.FullError, apsw.NoMemError) as error:
        raise StorageError(f"{path}: disk is full ({error})", StorageReason.DISK_FULL) from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise StorageError(f"{path}: not a sound database ({error})", StorageReason.DAMAGED) from error
    except (
        apsw.IOError,
        apsw.CantOpenError,
        apsw.ReadOnlyError,
        apsw.PermissionsError,
        apsw.BusyError,
        apsw.LockedError,
        apsw.ProtocolError,
        apsw.InterruptError,
        apsw.AuthError,
        OSError,
    ) as error:
        raise StorageError(f"{path}: {error}", StorageReason.IO) from error


def require_sqlite(version: str | None = None) -> None:
    """Refuse an SQLite that can lose data.

    Args:
        version: what to judge, as ``3.54.1``; the SQLite inside apsw when not given.

    Raises:
        SetupError: older than `SQLITE_VERSION_MIN`.
    """
    found = apsw.sqlite_lib_version() if version is None else version
    if tuple(int(number) for number in found.split(".")) < SQLITE_VERSION_MIN:
        newest = ".".join(str(number) for number in SQLITE_VERSION_MIN)
        raise SetupError(f"SQLite {found} in apsw can lose data; {newest} or newer is needed", SetupReason.OLD_LIBRARY)


def _migrate(connection: apsw.Connection, path: Path, migrations: Sequence[str]) -> None:
    seen = schema_version(connection)
    if seen > len(migrations):
        raise StorageError(
            f"{path}: has schema {seen}, this program knows up to {len(migrations)}; install the newer version",
            StorageReason.NEWER_SCHEMA,
        )
    for number, script in enumerate(migrations[seen:], start=seen + 1):
        with writing(connection, path):
            if schema_version(connection) >= number:
                # Somebody else opened the file at the same moment, and was first.
                continue
            connection.execute(script).fetchall()
            connection.execute(f"PRAGMA user_version={number}").fetchall()
        logger.info(f"database migrated path={path} schema={number}")
