"""Captures: everything that our radios and their hosts say to each other, as btsnoop files for Wireshark and support.

One file a radio, because btsnoop cannot tell adapters apart: the first has the name that was asked for, the others a
number in it. A file that has grown to `BYTES_MAX` is set aside as ``.old`` (the one before is gone), so a capture that
somebody forgot to end fills no disk. It holds addresses and heart rates: it is readable by its owner alone.

Radios of BlueZ belong to the operating system; there ``btmon -w FILE`` does the same.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from gateway.radio.spec import RadioKind, RadioSpec
from vitals.errors import SetupError, SetupReason

if TYPE_CHECKING:
    from bumble.snoop import Snooper

logger: Final = logging.getLogger(__name__)

BYTES_MAX: Final = 64 * 1_048_576
"""Two hours of a gym with a hundred advertisements a second (some 85 bytes each); there are two such files a radio."""

_OWNER_ONLY: Final = 0o600


class CaptureFile:
    """A file that begins anew when it is full. A disk that takes nothing ends the capture, not the radio."""

    def __init__(self, path: Path, *, bytes_max: int = BYTES_MAX) -> None:
        """Open the file, over whatever is there.

        Raises:
            OSError: it cannot be.
        """
        self.path = path
        self._bytes_max = bytes_max
        self._header = b""
        self._size = 0
        self._file: FileIO | None = _open(path)
        self._snooper: Snooper | None = None

    def snooper(self) -> "Snooper":
        """Return what a host tells everything to; the same for every time that its radio is opened."""
        from bumble.snoop import BtSnooper  # noqa: PLC0415 - a gateway with BlueZ alone need not load bumble

        if self._snooper is None:
            # All that a snooper does with its output is to write to it.
            self._snooper = BtSnooper(cast("BinaryIO", self))
        return self._snooper

    def write(self, data: bytes) -> int:
        """Take the header (the first time) or one whole record."""
        if self._file is None:
            return len(data)
        try:
            if not self._header:
                self._header = data
            elif self._size + len(data) > self._bytes_max:
                self._begin_anew()
            self._file.write(data)
            self._size += len(data)
        except OSError as error:
            logger.warning(f"capture ended path={self.path} why={error.strerror}")
            self.close()
        return len(data)

    def close(self) -> None:
        """End the capture; nothing is left in memory, so this cannot fail."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begin_anew(self) -> None:
        assert self._file is not None  # noqa: S101 - only called with a file
        self._file.close()
        self.path.replace(self.path.with_name(f"{self.path.name}.old"))
        self._file = _open(self.path)
        self._file.write(self._header)
        self._size = len(self._header)


@contextmanager
def open_captures(path: Path | None, specs: Sequence[RadioSpec]) -> Iterator[tuple[CaptureFile | None, ...]]:
    """Open a capture for each radio that can have one; None for the others, and for all without a path.

    Raises:
        SetupError: a file cannot be written.
    """
    with ExitStack() as exits:
        captures: list[CaptureFile | None] = []
        for spec in specs:
            if path is None or spec.kind is not RadioKind.BUMBLE:
                captures.append(None)
                continue
            number = sum(one is not None for one in captures) + 1
            place = path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}")
            try:
                file = CaptureFile(place)
            except OSError as error:
                raise SetupError(f"capture {place}: {error.strerror}", SetupReason.SETTINGS) from error
            exits.callback(file.close)
            captures.append(file)
            logger.info(f"capture begins radio={spec.kind}:{spec.target} path={place}")
        if path is not None:
            _tell_of_bluez(specs)
        yield tuple(captures)


def _tell_of_bluez(specs: Sequence[RadioSpec]) -> None:
    for spec in specs:
        if spec.kind is RadioKind.BLUEZ:
            logger.warning(
                f"capture not for {spec.kind}:{spec.target}: that radio is the operating system's; "
                f"run: btmon --index {spec.target} -w FILE"
            )


def _open(path: Path) -> FileIO:
    """Open a file without a buffer: what was said before a crash is the part that support wants to see."""
    return FileIO(path, "wb", opener=lambda name, flags: os.open(name, flags, _OWNER_ONLY))
