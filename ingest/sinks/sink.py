"""Feeds the record to an InfluxDB server, in a thread of its own at the lowest priority, from where it last stopped.

The record knows nothing of it: a server that is away, slow or full costs a longer way to catch up, and nothing else.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingest.sinks.feed import Feed
from ingest.sinks.influx import Influx, InfluxAddress
from ingest.sinks.ledger import Batch, Ledger
from vitals.backoff import back_off
from vitals.errors import PeerError, PeerReason, StorageError

logger: Final = logging.getLogger(__name__)

TURN_S: Final = 1.0
"""Between two looks at a record that had nothing new; real seconds."""

BREATH_S: Final = 0.02
"""Between two batches while there is more: the commit has the interpreter first."""

WAIT_FIRST_S: Final = 0.5
WAIT_CAP_S: Final = 30.0
STABLE_S: Final = 60.0
NICENESS: Final = 15


class Sink:
    """The thread and what it tells; `counters` and `problem` may be read from anywhere."""

    def __init__(
        self,
        *,
        record: Path,
        ledger: Path,
        address: InfluxAddress,
        site: str,
        now_utc_ms: Callable[[], int],
    ) -> None:
        """Keep what the thread needs; nothing is opened before `start`."""
        self._record = record
        self._ledger_file = ledger
        self._address = address
        self._site = site
        self._now_utc_ms = now_utc_ms
        self._ended = threading.Event()
        # A daemon: a server that holds a connection open must not keep the part from ending.
        self._thread = threading.Thread(target=self._run, name="ingest.sink", daemon=True)
        self._is_answered = False
        self._counted: dict[str, int] = {"sink_sent": 0, "sink_refused": 0, "sink_waiting": 0}
        self._oldest_utc_ms: int | None = None
        self.problem = ""
        """Why nothing goes on; empty: it does."""
        self.undeleted = 0
        """Erased stretches that the server has kept."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way, or at once when that takes long: what is not confirmed is sent again."""
        self._ended.set()
        self._thread.join(TURN_S)

    def counters(self) -> dict[str, int]:
        """Return the numbers for the heartbeat: points sent, refused and waiting, and the age of the oldest of them."""
        oldest = self._oldest_utc_ms
        lag_ms = 0 if oldest is None else max(0, self._now_utc_ms() - oldest)
        return self._counted | {"sink_lag_ms": lag_ms, "sink_undeleted": self.undeleted}

    # The rest runs in the thread.

    def _run(self) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        waits = back_off(first_s=WAIT_FIRST_S, cap_s=WAIT_CAP_S, stable_s=STABLE_S, chance=random.random)
        wait_s = next(waits)
        while not self._ended.wait(wait_s):
            begun_s = time.monotonic()
            try:
                self._work()
            except (PeerError, StorageError) as error:
                self._say(str(error))
                wait_s = BREATH_S + waits.send(time.monotonic() - begun_s if self._is_answered else 0.0)

    def _work(self) -> None:
        """Send until `stop`."""
        ledger = Ledger(self._ledger_file)
        try:
            feed = Feed(self._record, site=self._site)
            try:
                influx = Influx(self._address)
                try:
                    self._send_all(ledger, feed, influx)
                finally:
                    influx.close()
            finally:
                feed.close()
        finally:
            ledger.close()

    def _send_all(self, ledger: Ledger, feed: Feed, influx: Influx) -> None:
        self._is_answered = False
        ledger.send_anew()
        self._count(ledger, feed, None)
        while not self._ended.is_set():
            batch = ledger.next_batch()
            if batch is None:
                fresh, moves = feed.collect(ledger, now_utc_ms=self._now_utc_ms())
                if fresh is not None or moves:
                    ledger.begin(fresh, moves)
                    batch = ledger.next_batch()
            if batch is not None:
                self._count(ledger, feed, batch)
                is_taken = influx.write(batch.payload)
                ledger.confirm(batch, now_utc_ms=self._now_utc_ms(), refused=not is_taken)
                self._is_answered = True
                self._say("")
                self._ended.wait(BREATH_S)
                continue
            self._count(ledger, feed, None)
            self._forget(ledger, feed, influx)
            self._ended.wait(TURN_S)

    def _forget(self, ledger: Ledger, feed: Feed, influx: Influx) -> None:
        """Ask the server to delete what the record has erased, each stretch once."""
        erasures = feed.erasures(ledger.forgotten())
        if erasures:
            # The last minute of a class is kept until more is sent, and would come back at the next start.
            ledger.drop_sent()
        for number, sensor, from_utc_ms, to_utc_ms in erasures:
            until_ms = self._now_utc_ms() if to_utc_ms is None else to_utc_ms
            try:
                influx.delete(sensor, from_utc_ms=from_utc_ms, to_utc_ms=until_ms)
            except PeerError as error:
                if error.reason is not PeerReason.REFUSED:
                    raise
                logger.error(f"sink does not delete stretch={number} why={error}")  # noqa: TRY400 - a refusal
                ledger.note_forgotten(number, is_done=False, said=str(error))
            else:
                ledger.note_forgotten(number, is_done=True, said="")
        self.undeleted = sum(not is_done for is_done in ledger.forgotten().values())

    def _count(self, ledger: Ledger, feed: Feed, batch: Batch | None) -> None:
        totals = ledger.totals()
        self._oldest_utc_ms = None if batch is None else batch.oldest_utc_ms
        self._counted = {
            "sink_sent": totals.get("sent", 0),
            "sink_refused": totals.get("refused", 0),
            "sink_waiting": feed.waiting(ledger) + (0 if batch is None else batch.points),
        }

    def _say(self, problem: str) -> None:
        """Keep what is wrong; a change is worth a line in the log."""
        if problem == self.problem:
            return
        if problem:
            logger.warning(f"sink waits why={problem}")
        else:
            logger.info(f"sink goes on url={self._address.url}")
        self.problem = problem
