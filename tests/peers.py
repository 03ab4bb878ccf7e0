"""A real Mosquitto for tests: on a free port of this machine, killed, paused and started again at will."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def mosquitto_path() -> str:
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        message = "these tests need the package mosquitto"
        raise FileNotFoundError(message)
    return found


async def until(condition: Callable[[], object], *, within_s: float = 15.0, what: str = "") -> None:
    """Wait for a condition; fail when it does not come true in a time that even a slow machine keeps."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what or condition}"
        await asyncio.sleep(0.01)


class Mosquitto:
    """A broker without memory on disk: what it retained is gone when it is killed."""

    def __init__(self, folder: Path, *, extra: str = "") -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\n"
            f"log_type error\nlog_type warning\nmax_queued_messages 10000\nmax_inflight_messages 100\n{extra}\n"
        )
        self._log = folder / f"mosquitto-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([mosquitto_path(), "-c", str(self._config)], stdout=log, stderr=log)
        deadline_s = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline_s, "mosquitto does not listen"

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Stop it without closing its sockets: the kernel still takes connections and bytes for it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
