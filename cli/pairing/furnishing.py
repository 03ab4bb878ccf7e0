"""What Mosquitto reads at the door: key and certificate, passwords, access list; and telling it when they change."""

import json
import os
import shutil
import signal
from datetime import datetime
from pathlib import Path

from cli.door import Door
from cli.pairing.authority import Authority, open_authority, write_private
from cli.pairing.members import read_members, render_acl, render_passwords
from vitals.errors import SetupError, SetupReason


def furnish(door: Door, *, now: datetime) -> bool:
    """Write what Mosquitto reads, with a certificate that holds; return whether anything is other than it was.

    Raises:
        SetupError: a folder does not take it.
    """
    authority, members = open_authority(door.home, site=door.site, now=now), read_members(door.members_file)
    try:
        key, certificate = _certificate(door, authority, now=now)
        door.folder.mkdir(parents=True, exist_ok=True)
        door.folder.chmod(0o700)
        if door.user is not None:
            # Its user must be able to walk through, and needs to see nothing else there.
            door.folder.parent.chmod(0o711)
        wanted = {
            "broker.key": key,
            "broker.crt": certificate,
            "passwords": render_passwords(members),
            "acl": render_acl(members, site=door.site),
        }
        stale = [name for name, text in wanted.items() if _read(door.folder / name) != text]
        for name in stale:
            write_private(door.folder / name, wanted[name])
        if door.user is not None:
            for place in (door.folder, *door.folder.iterdir()):
                shutil.chown(place, door.user, door.user)
    except (OSError, LookupError) as error:
        msg = f"broker's files for gateways in {door.folder}: {error}"
        raise SetupError(msg, SetupReason.SETTINGS) from error
    return bool(stale)


def _certificate(door: Door, authority: Authority, *, now: datetime) -> tuple[str, str]:
    key_file, file = door.home / "broker.key", door.home / "broker.crt"
    key, certificate = _read(key_file), _read(file)
    if key is None or certificate is None or authority.is_due(certificate, door.names, now=now):
        key, certificate = authority.issue(door.names, now=now)
        write_private(key_file, key)
        write_private(file, certificate)
    return key, certificate


def tell_broker(door: Door, *, pids_file: Path, now: datetime) -> None:
    """Let a running broker know a changed list: it reads its files again and shows out who is in it no more.

    Without a running broker the next start does it.

    Raises:
        SetupError: its files cannot be written.
    """
    if not furnish(door, now=now):
        return
    pid = _broker_pid(pids_file)
    if pid is not None:
        os.kill(pid, signal.SIGHUP)


def _broker_pid(pids_file: Path) -> int | None:
    """Return the process id of the broker of a running system, if it still is one."""
    try:
        pid = int(json.loads(pids_file.read_text(encoding="utf-8"))["broker"])
        name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pid if name == "mosquitto" else None


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
