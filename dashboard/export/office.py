"""Exports for the web server: one at a time in a child process, into a file that is deleted when it has been sent."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from msgspec import structs

from dashboard.export.order import ExportFormat, ExportOrder, file_name
from vitals.deadline import deadline
from vitals.errors import InputError, InputReason, StorageError, StorageReason
from vitals.settings import Settings, render_settings

SECONDS_MAX: Final = 600.0
WAITING_MAX: Final = 4

_CHILD: Final = (sys.executable, "-P", "-m", "dashboard.export.worker")


class Office:
    """Has one child at a time; who comes when `WAITING_MAX` wait is refused."""

    def __init__(self, settings: Settings, *, zone: str) -> None:
        """Begin with nothing under way.

        Args:
            settings: name the record; they go into incident bundles, without secrets.
            zone: name of the time zone of CSV files.
        """
        self._settings: Final = settings
        self._zone: Final = zone
        self._slot: Final = asyncio.Semaphore(1)
        self._inside = 0

    def order(self, session: str, kind: ExportFormat, *, participant: str | None) -> ExportOrder:
        """Return the order for an export."""
        return ExportOrder(
            record_file=str(self._settings.record_file),
            session=session,
            participant=participant,
            format=kind,
            out="",
            zone=self._zone,
            settings_toml=render_settings(self._settings),
            rules_toml=_rules_text(self._settings.analysis.rules),
        )

    @asynccontextmanager
    async def exported(self, order: ExportOrder) -> AsyncIterator[Path]:
        """Give the file of an export; it is deleted at the end of the block.

        Raises:
            InputError: too many wait, or the order cannot be fulfilled as it is.
            StorageError: it took too long.
        """
        if self._inside > WAITING_MAX:
            raise InputError("export", f"{WAITING_MAX} others wait; try again", InputReason.CONFLICT)
        self._inside += 1
        try:
            with TemporaryDirectory(prefix="vitals-export-") as folder:
                path = Path(folder) / file_name(order)
                async with self._slot:
                    await _run(structs.replace(order, out=str(path)))
                yield path
        finally:
            self._inside -= 1


async def _run(order: ExportOrder) -> None:
    child = await asyncio.create_subprocess_exec(
        *_CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with deadline(SECONDS_MAX):
            _, said = await child.communicate(msgspec.json.encode(order))
    except TimeoutError:
        raise StorageError(f"export of {order.session} took over {SECONDS_MAX:.0f} s", StorageReason.IO) from None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode != 0:
        raise InputError("export", said.decode(errors="replace")[-400:] or "failed", InputReason.CONFLICT)


def _rules_text(path: Path | None) -> str:
    """Return the site's rule file, or the delivered one; one that cannot be read now is left out."""
    try:
        if path is not None:
            return path.read_text(encoding="utf-8")
        return files("analysis").joinpath("rules/default.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
