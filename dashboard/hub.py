"""One stream of frames for all screens: encoded once, kept for a moment, and chosen by each client when it is ready.

A client is only a cursor: there is no queue per client that could fill with old vitals. A client that lags further than
`LAG_MAX` or `LAG_S` gets the newest snapshot, so what comes after a stall is fresh. Alarms are state in every snapshot
and in every delta that changes them; skipping frames can never lose one.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

RING_FRAMES: Final = 64
"""Deltas that are kept for clients that resume."""

LAG_MAX: Final = 8
"""A client that is further behind is told everything at once: cheaper than nine deltas, and fresh."""

LAG_S: Final = 1.5
"""An older delta is not sent any more: a page paints no frame older than 2 s, so it would only wait for the next."""

CLIENTS_MAX: Final = 64
"""Screens of one room at a time; a gym has fewer than 30."""


class Chosen(NamedTuple):
    """A frame to send, and the cursor after it."""

    frame: str
    seq: int


class _Delta(NamedTuple):
    frame: str
    published_s: float


class Hub:
    """The frames of one server start (``epoch``), numbered from 1."""

    def __init__(self, *, epoch: str, snapshot: Callable[[int], str], now_s: Callable[[], float]) -> None:
        """Begin with nothing published.

        Args:
            epoch: changes with each server start, so that no cursor of an earlier one fits.
            snapshot: draws and encodes everything as it is now, for a seq; called at most once a seq.
            now_s: real seconds, as of the event loop.
        """
        self.epoch: Final = epoch
        self.seq = 0
        self.clients = 0
        self.counters: Final = {"frames": 0, "snapshots": 0, "conflated": 0, "dropped_clients": 0, "refused": 0}
        self._draw: Final = snapshot
        self._now_s: Final = now_s
        self._ring: Final[deque[_Delta]] = deque(maxlen=RING_FRAMES)
        self._snapshot: Chosen | None = None
        self._news = asyncio.Event()

    def publish(self, delta: str) -> None:
        """Give the next delta (its seq is ``self.seq + 1``) to everybody who waits."""
        self._ring.append(_Delta(delta, self._now_s()))
        self._advance()

    def publish_anew(self) -> None:
        """Move on without a delta: everybody gets a snapshot next, because people came or went."""
        self._ring.clear()
        self._advance()

    def resume(self, *, seq: int | None, epoch: str | None) -> int | None:
        """Return the cursor of a client that was here before, ``None`` if it must be told everything."""
        if seq is None or epoch != self.epoch or not 0 <= self.seq - seq <= len(self._ring):
            return None
        return seq

    async def wait_beyond(self, cursor: int | None) -> None:
        """Wait until there is something that a client at ``cursor`` has not seen."""
        while self.seq in {0, cursor}:
            await self._news.wait()

    def choose(self, cursor: int | None) -> Chosen:
        """Return what a client at ``cursor`` must be told now: the next delta, or all when it lags too far."""
        if cursor is not None:
            lag = self.seq - cursor
            if lag <= min(LAG_MAX, len(self._ring)) and self._now_s() - self._ring[-lag].published_s <= LAG_S:
                return Chosen(self._ring[-lag].frame, cursor + 1)
            self.counters["conflated"] += lag
        if self._snapshot is None or self._snapshot.seq != self.seq:
            self.counters["snapshots"] += 1
            self._snapshot = Chosen(self._draw(self.seq), self.seq)
        return self._snapshot

    def _advance(self) -> None:
        self.seq += 1
        self.counters["frames"] += 1
        # Those who wait hold the old event; who comes later waits for the next one.
        news, self._news = self._news, asyncio.Event()
        news.set()
