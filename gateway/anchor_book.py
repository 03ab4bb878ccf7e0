"""The anchor book: this run's clock anchors, published and kept on disk, and those of the runs before.

Readings of an earlier run may leave the outbox days later, to a broker that has lost its memory meanwhile; without the
anchors of that run nobody could tell when they were heard. So the book tells the last runs' anchors too.
"""

import logging
from collections.abc import Callable
from typing import Final

import apsw

from gateway.anchors import note_anchor
from gateway.timesync import is_synchronised
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.readings import RunId
from vitals.sensors import Anchors, ClockAnchor, GatewayId
from vitals.topics import AnchorTopic
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

RUNS_MAX: Final = 16
"""Runs whose anchors are kept and told; of older ones the topic is cleared."""

SCHEMA: Final = """
CREATE TABLE anchor_book (
    number INTEGER PRIMARY KEY,
    run    TEXT NOT NULL UNIQUE,
    body   BLOB NOT NULL
);
"""


class AnchorBook:
    """Anchors of this run and the last ones. The owner of the connection begins and commits transactions.

    Use: `look` now and then; `prepare`, carry out what it gives in a transaction (any thread), and `committed`.
    """

    def __init__(
        self, connection: apsw.Connection, *, site: str, gateway: str, run: RunId, clock: Clock, bus: Bus
    ) -> None:
        """Begin a run, and tell the anchors of the last ones again."""
        self._connection = connection
        self._site = site
        self._gateway = GatewayId(gateway)
        self._run = run
        self._clock = clock
        self._bus = bus
        self._anchors: tuple[ClockAnchor, ...] = ()
        self._saving: tuple[ClockAnchor, ...] = ()
        self._saved: tuple[ClockAnchor, ...] = ()
        self._tell_earlier_runs()
        self.look()

    def look(self) -> None:
        """Look at both clocks, and tell a new anchor if one is due."""
        before = self._anchors
        self._anchors = note_anchor(
            before, mono_ms=self._clock.mono_ms(), utc_ms=self._clock.utc_ms(), synchronised=is_synchronised()
        )
        if self._anchors is before:
            return
        if before:
            logger.warning(f"clock anchor new utc_ms={self._anchors[-1].utc_ms} count={len(self._anchors)}")
        self._bus.set_retained(self._topic(self._run), self._body())

    @property
    def has_news(self) -> bool:
        """Whether there is something to write."""
        return self._anchors is not self._saved

    def prepare(self) -> Callable[[], None]:
        """Return what writes this run's anchors and forgets the oldest runs; it changes nothing here."""
        self._saving, body = self._anchors, self._body()
        return lambda: self._carry_out(body)

    def committed(self) -> None:
        """Hear that what was prepared is on disk."""
        self._saved = self._saving

    def _carry_out(self, body: bytes) -> None:
        self._connection.execute(
            "INSERT INTO anchor_book (run, body) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET body = excluded.body",
            (self._run, body),
        )
        self._connection.execute(
            "DELETE FROM anchor_book WHERE number NOT IN (SELECT number FROM anchor_book ORDER BY number DESC LIMIT ?)",
            (RUNS_MAX,),
        )

    def _tell_earlier_runs(self) -> None:
        rows = self._connection.execute("SELECT run, body FROM anchor_book ORDER BY number DESC").fetchall()
        for place, (run, body) in enumerate(rows, start=1):
            assert isinstance(body, bytes)  # noqa: S101 - the column is a BLOB, and only `_carry_out` writes it
            # This run is one of them as soon as it is saved.
            self._bus.set_retained(self._topic(RunId(str(run))), body if place < RUNS_MAX else b"")

    def _topic(self, run: RunId) -> str:
        return str(AnchorTopic(site=self._site, gateway=self._gateway, run=run))

    def _body(self) -> bytes:
        return encode(Anchors(gateway=self._gateway, run=self._run, anchors=self._anchors))
