"""What stands on the disk: the data folder, the site's key, and the databases of the parts."""

import os
import shutil
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cli.doctor.finding import Finding, bad, ok, warn
from cli.holdings import NOTE, databases_of
from vitals.errors import SetupError, VitalsError
from vitals.settings import Settings
from vitals.site_key import open_site_key

FREE_BYTES_WARN: Final = 2 * 1024**3
FREE_BYTES_BAD: Final = 200 * 1024**2
"""A class of 30 writes some 20 MB an hour. Below 200 MB the outbox (256 MB by default) has no room for an outage."""

_STEPS: Final = 1_000
"""Steps of SQLite's machine between two looks at the clock: well below a millisecond."""

INTEGRITY_S: Final = 5.0
KEY_MODE: Final = 0o600

_NETWORK_TYPES: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph"})
"""SQLite's WAL needs memory shared between processes, which these do not give (https://sqlite.org/wal.html)."""


def check_data(settings: Settings) -> Sequence[Finding]:
    """Look at the data folder: there, writable, on a local disk, with space."""
    folder = settings.data.absolute()
    if is_closed(folder):
        who = f"user {os.geteuid()}"
        return (bad("data folder", f"{folder} is closed to {who}; run doctor as the user whose folder it is"),)
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    findings = [_check_writable(folder, place)]
    findings.append(judge_space(shutil.disk_usage(place).free, folder))
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return findings
    kind = find_file_system(mounts, place)
    if kind in _NETWORK_TYPES:
        findings.append(bad("data folder", f"{folder} is on a network disk ({kind}); the databases need a local one"))
    return findings


def is_closed(folder: Path) -> bool:
    """Return whether this user may not look into a folder; one that is not there yet is not closed."""
    try:
        return folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)
    except PermissionError:
        return True


def judge_space(free_bytes: int, folder: Path) -> Finding:
    """Return whether the space is enough for a while."""
    detail = f"{free_bytes / 1024**3:.1f} GB free for {folder}"
    if free_bytes < FREE_BYTES_BAD:
        return bad("disk", f"{detail}; the record would soon stop")
    if free_bytes < FREE_BYTES_WARN:
        return warn("disk", f"{detail}; make room before it stops the record")
    return ok("disk", detail)


def find_file_system(mounts: str, place: Path) -> str | None:
    """Return the type of the file system that holds a path, from the text of /proc/mounts."""
    found: tuple[int, str] | None = None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004 - device, place, type
            continue
        mounted = Path(fields[1].replace("\\040", " "))
        if place.is_relative_to(mounted) and (found is None or len(mounted.parts) >= found[0]):
            found = (len(mounted.parts), fields[2])
    return None if found is None else found[1]


def check_site_key(settings: Settings) -> Sequence[Finding]:
    """Look at the secret behind sensor ids: nobody else may read it, and it must be whole."""
    file = settings.site_key_file
    if not file.exists():
        return (ok("site key", f"{file} does not exist yet; it is made at the first start"),)
    try:
        open_site_key(file)
    except SetupError as error:
        return (bad("site key", str(error)),)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & ~KEY_MODE:
        return (bad("site key", f"{file} has mode {mode:04o}, others can read it: chmod 600 {file}"),)
    return (ok("site key", f"{file}, mode {mode:04o}"),)


def check_databases(settings: Settings) -> Sequence[Finding]:
    """Look at each database that exists: whether SQLite finds it sound, and its schema."""
    files = databases_of(settings)
    if (settings.data / NOTE).exists():
        return (bad("databases", f"a restore into {settings.data} was broken off: run `vitals restore` again"),)
    present = {name.removesuffix(".db"): file for name, file in files.items() if file.exists()}
    if not present:
        return (ok("databases", f"none in {settings.data} yet; each part makes its own"),)
    return [check_database(name, file, limit_s=INTEGRITY_S / len(present)) for name, file in present.items()]


def check_database(name: str, file: Path, *, limit_s: float) -> Finding:
    """Return what SQLite says about a file within ``limit_s``."""
    what = f"database {name}"
    size_bytes = file.stat().st_size
    size = f"{size_bytes / 1e6:.2f} MB"
    try:
        version, said = _quick_check(file, limit_s)
    except VitalsError as error:
        return bad(what, str(error))
    if version == 0 and size_bytes == 0:
        # SQLite finds nothing wrong in nothing: what a power cut or a full disk left of a database reads as a new one.
        return bad(what, f"{file} is empty, whatever it held is gone; restore it from a backup")
    if not os.access(file, os.W_OK):
        return bad(what, f"{file} is not writable for this user; its owner is {_owner_of(file)}")
    if said is None:
        return ok(what, f"{file}, {size}, schema {version}; too large to check whole within {limit_s:.0f} s")
    if said != "ok":
        return bad(what, f"{file} is damaged: {said}; restore it from a backup")
    return ok(what, f"{file}, {size}, schema {version}, sound")


def _owner_of(file: Path) -> str:
    try:
        return file.owner()
    except KeyError:
        # A number without a name: an account that was deleted, or a disk of another machine.
        return f"account {file.stat().st_uid}"


def _quick_check(file: Path, limit_s: float) -> tuple[int, str | None]:
    """Return schema and first line of the check, None where time ran out."""
    import apsw  # noqa: PLC0415 - doctor must speak also where it is missing

    from vitals.database import open_reader, schema_version, storage_errors  # noqa: PLC0415 - it imports apsw

    connection = open_reader(file)
    ends_s = time.monotonic() + limit_s
    # Asked by SQLite itself while it works: an interrupt from outside that comes a moment too early is lost.
    connection.set_progress_handler(lambda: time.monotonic() >= ends_s, _STEPS)
    try:
        with storage_errors(file):
            version = schema_version(connection)
            try:
                return version, str(connection.execute("PRAGMA quick_check(1)").fetchall()[0][0])
            except apsw.InterruptError:
                return version, None
            except apsw.SQLError as error:
                # A header that was written over: SQLite takes the file for one of a version that it does not know.
                return version, str(error)
    finally:
        connection.close()


def _check_writable(folder: Path, place: Path) -> Finding:
    if not place.is_dir():
        return bad("data folder", f"{place} is a file, not a folder")
    if not os.access(place, os.W_OK | os.X_OK):
        return bad("data folder", f"{place} is not writable for this user")
    if place != folder:
        return ok("data folder", f"{folder} does not exist yet; it can be made")
    return ok("data folder", f"{folder} is writable")
