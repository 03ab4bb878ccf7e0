"""A bar on the terminal, on stderr, that costs nothing where nobody looks."""

import sys
from typing import Final, TextIO

WIDTH: Final = 30


class Progress:
    """Shows how much of the work is done, and what is at hand; silent when the stream is no terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total = 0.0
        self._done = 0.0
        self._shown = 0

    def expect(self, total: float) -> None:
        """Note how much there is to do, in any unit."""
        self._total, self._done = total, 0.0

    def show(self, what: str) -> None:
        """Draw the bar, with what is at hand."""
        if not self._stream.isatty():
            return
        share = 1.0 if self._total <= 0 else min(1.0, self._done / self._total)
        filled = round(share * WIDTH)
        line = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%} {what[:30]:<30}"
        self._shown = len(line)
        self._stream.write(f"\r{line}")
        self._stream.flush()

    def add(self, amount: float) -> None:
        """Note that so much more is done."""
        self._done += amount

    def clear(self) -> None:
        """Take the bar away, before something else is printed."""
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0
