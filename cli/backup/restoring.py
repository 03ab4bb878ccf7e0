"""Puts a backup back: checked whole before anything is touched, and nothing that was there is ever deleted.

What was there goes into a folder beside; a note says what is to be moved, so that a restore that was killed is finished
by running it again. No part may run meanwhile, and none starts while such a note lies there.
"""

import os
import shutil
import time
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from cli.backup.manifest import MANIFEST, MANIFEST_BYTES_MAX, BackupManifest, check_set, read_manifest
from cli.broken_zip import BROKEN_ZIP, why_broken
from cli.holdings import LOCKED, NOTE, databases_of, door_of, holdings_of
from cli.system import PIDS_FILE
from ingest.store.erasure import erased_people
from vitals.database import open_reader, sole_owner
from vitals.errors import InputError, InputReason, SetupError, SetupReason, StorageError, StorageReason
from vitals.participants import ParticipantId
from vitals.settings import Settings

RATIO_MAX: Final = 1_000
"""An empty database of 4 kB pages shrinks a lot; a bomb shrinks a hundred thousand times."""

BYTES_MAX: Final = 1 << 40


class Note(Struct, frozen=True, kw_only=True):
    """A restore that has begun to move files: ``new`` is moved to ``place``, after what was there went to ``old``."""

    moves: tuple[tuple[str, str, str], ...]


class Restored(Struct, frozen=True, kw_only=True):
    """What a restore did. ``old``: where what was there is. ``forgotten``: people that the backup still knows."""

    manifest: BackupManifest | None
    old: Path
    forgotten: tuple[ParticipantId, ...]


def restore(settings: Settings, source: Path, *, force: bool) -> Restored:
    """Put a backup in the place of the site's files, or finish a restore that was killed.

    Raises:
        SetupError: a part runs, or there are files and nobody said that they may be replaced.
        InputError: the backup cannot be used; nothing was changed.
        StorageError: the disk does not take it.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        _hold(settings, stack)
        try:
            return _restore(settings, source, force=force)
        except OSError as error:
            raise StorageError(f"{source}: {error.strerror or error}", StorageReason.IO) from error


def _restore(settings: Settings, source: Path, *, force: bool) -> Restored:
    note = settings.data / NOTE
    if note.exists():
        return Restored(manifest=None, old=_finish(note), forgotten=())
    stage = settings.data / ".restoring"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    try:
        manifest = _stage(source, stage, frozenset(holdings_of(settings)))
        places = {name: place for name, place in holdings_of(settings).items() if (stage / name).exists()}
        _refuse_newer(settings, manifest)
        there = [str(place) for place in holdings_of(settings).values() if place.exists()]
        if there and not force:
            raise SetupError(
                f"{there[0]}: is there already (and {len(there) - 1} others); --force sets them aside",
                SetupReason.SETTINGS,
            )
        forgotten = _forgotten_since(settings.record_file, stage / "record.db")
        old = settings.data / f"before-restore-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}"
        moves = _plan(settings, places, stage, old)
        _write_note(note, moves)
        _finish(note)
    finally:
        if not note.exists():
            shutil.rmtree(stage, ignore_errors=True)
    return Restored(manifest=manifest, old=old, forgotten=forgotten)


def _plan(settings: Settings, places: dict[str, Path], stage: Path, old: Path) -> tuple[tuple[str, str, str], ...]:
    """Return the moves; a file that the backup lacks goes aside all the same: a set belongs together."""
    moves = []
    door = door_of(settings)
    for name, place in holdings_of(settings).items():
        if name in door and not door.keys() & places.keys():
            continue  # a backup of before it held them: whoever is paired stays so
        for suffix in ("-wal", "-shm", "") if name.endswith(".db") else ("",):
            beside = place.with_name(place.name + suffix)
            new = str(stage / name) if name in places and not suffix else ""
            if new or beside.exists():
                moves.append((new, str(beside.absolute()), str((old / (name + suffix)).absolute())))
    return tuple((str(Path(new).absolute()) if new else "", place, aside) for new, place, aside in moves)


def _finish(note: Path) -> Path:
    """Do the moves of a note that are not done yet, and take it away."""
    moves = msgspec.json.decode(note.read_bytes(), type=Note).moves
    old = Path(moves[0][2]).parent
    old.mkdir(mode=0o700, exist_ok=True)
    for new, place, aside in moves:
        if Path(place).exists() and not Path(aside).exists() and (not new or Path(new).exists()):
            shutil.move(place, aside)
        if new and Path(new).exists():
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(new, place)
    for folder in {Path(place).parent for _, place, _ in moves}:
        _sync(folder)
    shutil.rmtree(note.parent / ".restoring", ignore_errors=True)
    note.unlink()
    if not any(old.iterdir()):
        old.rmdir()
    return old


def _stage(source: Path, stage: Path, names: frozenset[str]) -> BackupManifest:
    """Bring the files of a backup into a folder of ours and check them there: what is checked is what is used."""
    if source.is_dir():
        path = source / MANIFEST
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MANIFEST_BYTES_MAX:
            raise InputError(str(source), f"is no backup: it has no {MANIFEST}", InputReason.WRONG_SHAPE)
        manifest = read_manifest(path.read_bytes(), place=str(path), names=names)
        for file in manifest.files:
            held = source / file.name
            if held.is_symlink() or not held.is_file() or held.stat().st_size != file.bytes:
                raise InputError(str(held), "is not as it was when the backup was made", InputReason.CONFLICT)
            shutil.copyfile(held, stage / file.name)
    else:
        manifest = _unpack(source, stage, names)
    check_set(stage, manifest)
    for file in manifest.files:
        (stage / file.name).chmod(0o600)
    return manifest


def _unpack(source: Path, stage: Path, names: frozenset[str]) -> BackupManifest:
    try:
        with zipfile.ZipFile(source) as packed:
            infos = {info.filename: info for info in packed.infolist()}
            strange = next((name for name in infos if name not in names and name != MANIFEST), None)
            if strange is not None or MANIFEST not in infos or len(infos) != len(packed.infolist()):
                what = f"it holds {strange[:80]!r}" if strange else f"it has no {MANIFEST}, or a file twice"
                raise InputError(str(source), f"is no backup: {what}", InputReason.WRONG_SHAPE)
            _refuse_bomb(source, infos)
            place = f"{source}: {MANIFEST}"
            manifest = read_manifest(packed.read(infos[MANIFEST]), place=place, names=names)
            for file in manifest.files:
                if file.name not in infos or infos[file.name].file_size != file.bytes:
                    raise InputError(f"{source}: {file.name}", "is not as its manifest says", InputReason.CONFLICT)
                with packed.open(infos[file.name]) as data, (stage / file.name).open("wb") as to:
                    shutil.copyfileobj(data, to)
    except BROKEN_ZIP as error:
        raise InputError(str(source), why_broken(error, "is no backup"), InputReason.WRONG_SHAPE) from error
    return manifest


def _refuse_bomb(source: Path, infos: dict[str, zipfile.ZipInfo]) -> None:
    free = min(BYTES_MAX, shutil.disk_usage("/").total)
    for info in infos.values():
        limit = MANIFEST_BYTES_MAX if info.filename == MANIFEST else free
        if info.file_size > limit or info.file_size > RATIO_MAX * max(info.compress_size, 1) + 65_536:
            problem = f"{info.filename} would unpack from {info.compress_size} to {info.file_size} bytes"
            raise InputError(str(source), problem, InputReason.TOO_LARGE)


def _refuse_newer(settings: Settings, manifest: BackupManifest) -> None:
    from ingest.store.schema import MIGRATIONS  # noqa: PLC0415 - the record is the one whose readers check it

    for file in manifest.files:
        if file.name == "record.db" and (file.schema or 0) > len(MIGRATIONS):
            problem = f"has schema {file.schema}, this program knows up to {len(MIGRATIONS)}: install the newer version"
            raise InputError(f"{settings.site}: {file.name}", problem, InputReason.WRONG_VERSION)


def _forgotten_since(current: Path, restored: Path) -> tuple[ParticipantId, ...]:
    """Return who was erased here since the backup was made: it brings them back."""
    if not current.exists() or not restored.exists():
        return ()
    now, then = _erased(current), _erased(restored)
    return tuple(person for person in now if person not in then)


def _erased(path: Path) -> list[ParticipantId]:
    try:
        connection = open_reader(path)
    except StorageError:
        return []  # damaged: that is why somebody restores
    try:
        tables = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'erased'").fetchall()
        return [person for person, _ in erased_people(connection)] if tables else []
    finally:
        connection.close()


def _write_note(note: Path, moves: tuple[tuple[str, str, str], ...]) -> None:
    part = note.with_name(f".{NOTE}.part")
    part.write_bytes(msgspec.json.encode(Note(moves=moves)))
    _sync(part)
    part.replace(note)
    _sync(note.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hold(settings: Settings, stack: ExitStack) -> None:
    """Hold what the parts hold while they run.

    Raises:
        SetupError: one runs.
    """
    stack.enter_context(sole_owner(settings.data / PIDS_FILE, what="system"))
    for name, path in databases_of(settings).items():
        if name in LOCKED:
            stack.enter_context(sole_owner(path, what="part"))
