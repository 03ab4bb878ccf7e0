"""Reads who is who beside the dashboard that owns clinic.db: for `vitals report`, which may run without it. Blocks."""

from contextlib import closing
from pathlib import Path
from typing import Any

from vitals.database import open_reader, storage_errors
from vitals.participants import ParticipantId
from vitals.sessions import SessionId


def read_names(clinic_file: Path, session: SessionId) -> tuple[str, dict[ParticipantId, str]]:
    """Return what a class is called and how each of its people is; nothing of a class that the clinic does not know.

    Raises:
        StorageError: the file cannot be read.
    """
    if not clinic_file.exists():
        return "", {}
    with closing(open_reader(clinic_file)) as connection, storage_errors(clinic_file):
        names: list[Any] = connection.execute("SELECT name FROM session WHERE id = ?", (session,)).fetchall()
        people: list[Any] = connection.execute(
            "SELECT id, alias FROM participant WHERE session = ?", (session,)
        ).fetchall()
    return (str(names[0][0]) if names else ""), {ParticipantId(person): str(alias) for person, alias in people}
