"""What a backup says of itself: each file with its length, its SHA-256 and its schema; and how a set is checked."""

import hashlib
from pathlib import Path
from typing import Final, Literal

import apsw
import msgspec
from msgspec import Struct

from vitals.database import open_reader, schema_version, storage_errors
from vitals.errors import InputError, InputReason, StorageError, VitalsError
from vitals.units import UtcMs

MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 65_536
_CHUNK: Final = 1_048_576


class HeldFile(Struct, frozen=True, kw_only=True):
    """A file of a backup; ``schema`` None: it is no database."""

    name: str
    bytes: int
    sha256: str
    schema: int | None


class BackupManifest(Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    format: Literal["vitals-backup"] = "vitals-backup"
    v: Literal[1] = 1
    site: str
    software: str
    made_utc_ms: UtcMs
    files: tuple[HeldFile, ...]


def describe(path: Path, name: str) -> HeldFile:
    """Return what the manifest says of a file; a database is checked whole.

    Raises:
        StorageError: a database is not sound.
    """
    return HeldFile(
        name=name,
        bytes=path.stat().st_size,
        sha256=hash_file(path),
        schema=check_database(path) if name.endswith(".db") else None,
    )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def check_database(path: Path) -> int:
    """Return the schema of a database that SQLite finds sound, and that holds tables and indexes alone.

    Raises:
        StorageError: it is damaged, or no database.
        InputError: it has triggers or views, which none of ours has: it would run what a stranger wrote.
    """
    connection = open_reader(path)
    try:
        with storage_errors(path):
            try:
                said = str(connection.execute("PRAGMA integrity_check(1)").fetchall()[0][0])
                kinds = connection.execute("SELECT DISTINCT type FROM sqlite_schema").fetchall()
            except apsw.SQLError as error:
                raise apsw.CorruptError(str(error)) from error
        if said != "ok":
            with storage_errors(path):
                raise apsw.CorruptError(said)
        strange = {str(kind) for (kind,) in kinds} - {"table", "index"}
        if strange:
            raise InputError(str(path), f"holds a {min(strange)}, which no file of ours does", InputReason.WRONG_SHAPE)
        return schema_version(connection)
    finally:
        connection.close()


def read_manifest(data: bytes, *, place: str, names: frozenset[str]) -> BackupManifest:
    """Return a manifest that names nothing but files of a backup, each once.

    Raises:
        InputError: it is none.
    """
    try:
        manifest = msgspec.json.decode(data, type=BackupManifest)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise InputError(place, f"is no manifest of a backup ({error})", InputReason.WRONG_SHAPE) from error
    told = [file.name for file in manifest.files]
    strange = next((name for name in told if name not in names), None)
    if strange is not None or len(set(told)) != len(told) or not told:
        raise InputError(place, f"names {strange or 'nothing, or a file twice'!r:.80}", InputReason.WRONG_SHAPE)
    return manifest


def check_set(folder: Path, manifest: BackupManifest) -> None:
    """Hold the files of a folder against their manifest.

    Raises:
        InputError: one is missing, is not as it was, or is not sound.
    """
    for file in manifest.files:
        path = folder / file.name
        try:
            if path.is_symlink() or not path.is_file():
                raise InputError(str(path), "is no file", InputReason.WRONG_SHAPE)
            if path.stat().st_size != file.bytes or hash_file(path) != file.sha256:
                raise InputError(str(path), "is not as it was when the backup was made", InputReason.CONFLICT)
            if file.name.endswith(".db") and check_database(path) != file.schema:
                raise InputError(str(path), "has another schema than the manifest says", InputReason.CONFLICT)
        except (OSError, StorageError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(str(path), f"cannot be used: {why}", InputReason.WRONG_SHAPE) from error
        except VitalsError:
            raise
