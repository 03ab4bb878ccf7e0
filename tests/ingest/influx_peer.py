"""Debian's VictoriaMetrics as the InfluxDB server of the tests: it takes the same writes, and counts what it has."""

import contextlib
import json
import shutil
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

from cli.broker import free_port
from tests.killable import Killable


class VictoriaMetrics(Killable):
    """One server with its data on disk; killed, stopped and started again at will."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("victoria-metrics")
        assert found is not None, "these tests need the package victoria-metrics"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [
            found,
            f"-storageDataPath={folder / 'metrics'}",
            f"-httpListenAddr=127.0.0.1:{self.port}",
            # It keeps a repeated point twice unless told that equal times are one.
            "-dedup.minScrapeInterval=1ms",
            "-retentionPeriod=100y",
            "-loggerLevel=ERROR",
        ]
        super().__init__(command, log=folder / "metrics.log")

    def start(self) -> None:
        super().start()
        self.until_it_listens(self.port, within_s=60)

    def values(self, metric: str) -> Counter[tuple[str, float]]:
        """Return how often the server has each value of a metric, by sensor."""
        query = urllib.parse.urlencode({"match[]": metric, "start": "0"})
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{self.url}/internal/force_flush", timeout=30).read()
        with urllib.request.urlopen(f"{self.url}/api/v1/export?{query}", timeout=30) as answer:
            series = [json.loads(line) for line in answer.read().splitlines()]
        return Counter((one["metric"]["sensor"], value) for one in series for value in one["values"])
