"""A program in a process of its own, which a test kills, pauses and starts again at will."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


class Killable:
    """One program; what it writes goes into a file, over all its starts."""

    def __init__(self, command: Sequence[str], *, log: Path) -> None:
        self._command = list(command)
        self._log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert self.process is None
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, cwd=_ROOT)

    def until_it_listens(self, port: int, *, within_s: float) -> None:
        """Wait until something takes connections on a port of this machine."""
        assert self.process is not None
        until_s = time.monotonic() + within_s
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until_s, f"{self._command[0]} does not listen"

    def kill(self) -> None:
        """Kill it as a power cut would, also while it is paused."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """Stop it without closing its sockets: the kernel still takes connections and bytes for it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        return self._log.read_text(errors="replace")
