"""Makes a backup while everything runs: one moment of all databases, each copied whole, checked, and hashed.

The moment: a read transaction is opened on every file within milliseconds, sources before the record, and the copies
are made out of those. Nothing is ever half there under its name: the set is built beside it and renamed at the end.
"""

import fcntl
import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Final

import apsw
import msgspec

from cli.backup.manifest import MANIFEST, BackupManifest, describe
from cli.holdings import databases_of, door_of, secrets_of
from vitals.database import open_reader, storage_errors
from vitals.errors import SetupError, SetupReason, StorageError, StorageReason
from vitals.settings import Settings
from vitals.units import UtcMs

PAGES: Final = 4_096
"""Of 4 kB, copied at a time: 16 MB."""


def make_backup(settings: Settings, target: Path, *, force: bool) -> BackupManifest:
    """Make a backup as a folder, or as one file when the name ends in ``.zip``.

    Args:
        settings: name the files.
        target: where to; it is not there yet, unless ``force`` says that it may go.
        force: replace a backup that has this name.

    Raises:
        SetupError: there is something of this name, its folder is not there, another backup to it is being made, or
            there is nothing to copy.
        StorageError: a file cannot be read, is not sound, or the disk does not take the copy.
    """
    with _errors(target):
        _require_place(target, force=force)
    with _errors(target), _building(target) as part:
        manifest = _copy_all(settings, part)
        (part / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        _sync(part / MANIFEST)
        if target.suffix == ".zip":
            _pack(part, target)
        else:
            _put_in_place(part, target)
    return manifest


def _require_place(target: Path, *, force: bool) -> None:
    """Refuse a target that is taken, or in a folder that is not there: a disk that is not mounted is not made anew."""
    if target.exists() and not force:
        raise SetupError(f"{target}: is there already; --force replaces it", SetupReason.SETTINGS)
    if target.exists() and not _is_backup(target):
        raise SetupError(f"{target}: is no backup, so it is not replaced", SetupReason.SETTINGS)
    if not target.parent.is_dir():
        raise SetupError(f"{target}: there is no folder {target.parent}; make it first", SetupReason.SETTINGS)


def _copy_all(settings: Settings, part: Path) -> BackupManifest:
    with ExitStack() as stack:
        moments: dict[str, tuple[Path, apsw.Connection]] = {}
        for name, path in databases_of(settings).items():
            if path.exists():
                connection = open_reader(path)
                stack.callback(connection.close)
                with storage_errors(path):
                    connection.execute("BEGIN").fetchall()
                    connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
                moments[name] = (path, connection)
        if not moments:
            raise SetupError(f"{settings.data}: there is nothing to copy; is --data right?", SetupReason.SETTINGS)
        for name, (path, connection) in moments.items():
            _copy(connection, path, part / name)
    for name, path in (secrets_of(settings) | door_of(settings)).items():
        if path.exists():
            shutil.copyfile(path, part / name)
            (part / name).chmod(0o600)
            _sync(part / name)
    return BackupManifest(
        site=settings.site,
        software=_version(),
        made_utc_ms=UtcMs(time.time_ns() // 1_000_000),
        files=tuple(describe(path, path.name) for path in sorted(part.iterdir())),
    )


def _copy(source: apsw.Connection, path: Path, to: Path) -> None:
    copy = apsw.Connection(str(to))
    try:
        with storage_errors(path), copy.backup("main", source, "main") as backup:
            while not backup.done:
                backup.step(PAGES)
        with storage_errors(to):
            # One file, that needs no others beside it.
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
    finally:
        copy.close()
    _sync(to)


@contextmanager
def _building(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target; what a killed backup left there goes first."""
    part = target.with_name(f".{target.name}.part")
    lock = target.with_name(f".{target.name}.lock")
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"{target}: another backup to it is being made", SetupReason.SETTINGS) from None
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(mode=0o700)
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _put_in_place(part: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    part.rename(target)
    _sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def _pack(part: Path, target: Path) -> None:
    packed = target.with_name(f".{target.name}.packed")
    packed.unlink(missing_ok=True)
    packed.touch(mode=0o600)  # it holds keys: for whoever made it, alone
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(part.iterdir()):
            file.write(path, path.name)
    _sync(packed)
    packed.replace(target)
    _sync(target.parent)


def _is_backup(target: Path) -> bool:
    """Return whether something may be replaced: a zip, or a folder with a manifest."""
    return zipfile.is_zipfile(target) if target.is_file() else (target / MANIFEST).is_file()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _version() -> str:
    try:
        return metadata.version("session-vitals")
    except metadata.PackageNotFoundError:
        return "not installed"


@contextmanager
def _errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"{target}: {error.strerror or error}", StorageReason.IO) from error
