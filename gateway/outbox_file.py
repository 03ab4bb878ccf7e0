"""The gateway's file: the outbox, the sensors it knows and its anchors. Opened here, and nowhere else.

A file that is damaged (a torn-out SD card) is set aside, not mended: the class in the room needs its gateway now, and
somebody can look at the file later. Everything else that hinders opening it needs a person.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import apsw

from gateway.anchor_book import SCHEMA as ANCHOR_SCHEMA
from gateway.known import SCHEMA as KNOWN_SCHEMA
from vitals.database import open_database, open_reader, sole_owner
from vitals.errors import SetupError, SetupReason, StorageError, StorageReason
from vitals.outbox import OUTBOX_SCHEMA
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)

MIGRATIONS: Final = (OUTBOX_SCHEMA + KNOWN_SCHEMA + ANCHOR_SCHEMA,)


class OutboxFile(NamedTuple):
    """An open file, for its one writer and for reading while that writes.

    ``problem``: what people should know about it, one line, or empty.
    """

    connection: apsw.Connection
    reader: apsw.Connection
    problem: str


@contextmanager
def open_outbox(path: Path, *, now_utc_ms: UtcMs) -> Iterator[OutboxFile]:
    """Open the file for this process alone.

    Raises:
        SetupError: another gateway has it open, the disk does not take it, or a newer version wrote it.
    """
    with sole_owner(path, what="gateway"):
        try:
            opened = _open(path, "")
        except StorageError as error:
            if error.reason is not StorageReason.DAMAGED:
                raise SetupError(str(error), SetupReason.SETTINGS) from error
            opened = _open_anew(path, now_utc_ms)
        try:
            yield opened
        finally:
            opened.reader.close()
            opened.connection.close()


def _open_anew(path: Path, now_utc_ms: UtcMs) -> OutboxFile:
    aside = path.with_name(f"{path.name}.damaged-{now_utc_ms}")
    try:
        for ending in ("-wal", "-shm", ""):
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(aside.with_name(aside.name + ending))
        opened = _open(path, f"outbox was damaged and is set aside as {aside.name}")
    except (OSError, StorageError) as error:
        raise SetupError(f"{path}: damaged, and cannot be set aside: {error}", SetupReason.SETTINGS) from error
    logger.error(f"outbox damaged path={path} set_aside={aside}")
    return opened


def _open(path: Path, problem: str) -> OutboxFile:
    connection = open_database(path, migrations=MIGRATIONS)
    try:
        return OutboxFile(connection, open_reader(path), problem)
    except BaseException:
        connection.close()
        raise
