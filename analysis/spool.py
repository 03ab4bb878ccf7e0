"""Readings that the broker takes for delivered and that nobody has judged yet, in a file: against a second kill.

A broker forgets a reading when we confirm it, and we confirm it when it is heard, not when its effects are on disk.
What is heard while `analysis.backlog` is closed may wait for seconds, so it is written down before it is confirmed, and
read again by the next run if this one is killed meanwhile. There is no fsync: the file is there for a process that is
killed; a broker of ours forgets as well when the machine loses its power.
"""

import logging
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from vitals.clock import Clock, boot_id
from vitals.readings import Reading
from vitals.units import MonotonicMs

logger: Final = logging.getLogger(__name__)

HELD_MAX: Final = 60_000
"""More than a broker of ours keeps (`cli.broker.QUEUED_MAX`), and what comes meanwhile: some 20 MB."""

BYTES_MAX: Final = 64 * 1_048_576

STARTS_MAX: Final = 3
"""So many runs may try the same readings. One that no run survives must not kill analysis for ever."""


class Held(NamedTuple):
    """A reading that waits."""

    reading: Reading
    received_ms: MonotonicMs


class _Start(Struct, frozen=True, kw_only=True):
    """A run that began to hold these readings; ``epoch``: of its clock."""

    epoch: str


class Spool:
    """The file; close it. What is in it is the backlog's to decide: `clear` when all is judged and committed."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        """Keep where the file is; it is made when there is something to hold."""
        self.path = path
        self._clock = clock
        self._start = msgspec.json.encode(_Start(epoch=f"{boot_id()}@{clock.rate}"))
        self._encode: Final = msgspec.json.Encoder().encode
        self._file: FileIO | None = None
        self._count = 0
        self._why_lost = ""
        self.lost = 0
        """Readings that another kill would lose: too many, or the disk did not take them."""

    def load(self, *, age_ms_max: float) -> list[Held]:
        """Return what an earlier run held and did not judge, oldest first, and go on holding it.

        Of another boot, or older than ``age_ms_max``, it is of no use. Without a file there is nothing.
        """
        try:
            if not self.path.exists() or not self.path.stat().st_size:
                return []
            lines = self.path.read_bytes().split(b"\n") if self.path.stat().st_size <= BYTES_MAX else []
        except OSError as error:
            logger.warning(f"readings of the run before not read path={self.path} why={error.strerror}")
            return []
        starts = [line for line in lines if line.startswith(b"{")]
        now_ms = self._clock.mono_ms()
        held, refused = _decode(lines)
        young = [one for one in held if now_ms - age_ms_max <= one.received_ms <= now_ms][-HELD_MAX:]
        is_of_use = len(starts) < STARTS_MAX and all(start == self._start for start in starts)
        # Whatever is in the file counts: `clear` must not take it for empty.
        self._count = max(1, len(held))
        if young and is_of_use:
            self._write(self._start)
        else:
            self.clear()
        taken = young if is_of_use else []
        say = logger.info if len(taken) == len(held) and not refused else logger.warning
        say(f"readings of the run before taken={len(taken)} of={len(held)} refused={refused} starts={len(starts)}")
        return taken

    def keep(self, held: Held) -> None:
        """Write a reading down; when this returns it outlives us."""
        if self._count >= HELD_MAX:
            self.lost += 1
            return
        if not self._count:
            self._write(self._start)
        self._count += 1
        self._write(self._encode(held))

    def clear(self) -> None:
        """Forget everything: it is judged, and what it did is on disk."""
        if self._count:
            self._count = 0
            try:
                self._open().truncate(0)
            except OSError as error:
                self._tell_lost(error)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: bytes) -> None:
        """Add a line. It begins with its end of line: half a line of a full disk spoils no other."""
        try:
            self._open().write(b"\n" + line)
        except OSError as error:
            self.lost += 1
            self._tell_lost(error)

    def _open(self) -> FileIO:
        if self._file is None:
            self._file = FileIO(self.path, "ab")
        return self._file

    def _tell_lost(self, error: OSError) -> None:
        why = error.strerror or type(error).__name__
        if why != self._why_lost:
            logger.warning(f"readings not held on disk path={self.path} why={why}")
        self._why_lost = why


def _decode(lines: list[bytes]) -> tuple[list[Held], int]:
    """Return the readings of a file, and how many lines were none."""
    found, refused = [], 0
    decoder = msgspec.json.Decoder(Held)
    for line in lines:
        if not line.startswith(b"["):
            continue
        try:
            found.append(decoder.decode(line))
        except msgspec.MsgspecError:
            refused += 1
    return found, refused
