"""Debian's VictoriaMetrics as the InfluxDB server of the tests: it takes the same writes, and counts what it has."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

from tests.peers import free_port


class VictoriaMetrics:
    """One server with its data on disk; killed, stopped and started again at will."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("victoria-metrics")
        assert found is not None, "these tests need the package victoria-metrics"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [
            found,
            f"-storageDataPath={folder / 'metrics'}",
            f"-httpListenAddr=127.0.0.1:{self.port}",
            # It keeps a repeated point twice unless told that equal times are one.
            "-dedup.minScrapeInterval=1ms",
            "-retentionPeriod=100y",
            "-loggerLevel=ERROR",
        ]
        self._log = folder / "metrics.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until_s = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < until_s, "victoria-metrics does not listen"

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Take connections and bytes, and answer nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def values(self, metric: str) -> Counter[tuple[str, float]]:
        """Return how often the server has each value of a metric, by sensor."""
        query = urllib.parse.urlencode({"match[]": metric, "start": "0"})
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{self.url}/internal/force_flush", timeout=30).read()
        with urllib.request.urlopen(f"{self.url}/api/v1/export?{query}", timeout=30) as answer:
            series = [json.loads(line) for line in answer.read().splitlines()]
        return Counter((one["metric"]["sensor"], value) for one in series for value in one["values"])
