"""A line in the audit log for what a command of this machine did with people's data."""

import sys

from cli.command_user import entry, opened
from vitals.settings import Settings


def add_audit_line(settings: Settings, what: str, subject: str, *, detail: str = "") -> None:
    """Write the line before the deed: what cannot be written down is not done. A copy without a log has none.

    Raises:
        StorageError: the log takes no entries.
    """
    if not settings.access_file.exists():
        print(f"vitals: {settings.access_file}: no audit log here, so nothing was written down", file=sys.stderr)
        return
    with opened(settings) as shelves, shelves.book.change():
        shelves.trail.add([entry(what, subject, detail=detail)])
