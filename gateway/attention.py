"""Attention: from when on this process has listened without a pause; decides when a notification was heard. Pure.

A process that is held still (a starved machine, a debugger, a suspended laptop) finds everything that came meanwhile
in one heap when it wakes. To stamp the heap with the time of reading would give seconds-old numbers the look of life:
when the wearer has left since, the wall would show them as fresh. So what is read right after a pause counts as heard
at the pause's beginning, the earliest that it can be. A fresh value in the heap is put too early by that, for a second.
"""

from typing import Final

from vitals.units import MonotonicMs

PAUSE_MS: Final = 1_000
"""Real time. A third of what it takes to grey a heart rate; a busy loop is late by some ten ms."""

HEAP_MS: Final = 500
"""Real time after a pause in which the heap is read; measured: 6 s of eight people took 5 ms."""

HEED_S: Final = 0.1
"""Real seconds between two signs that the process listens."""


class Attention:
    """``heed`` it every `HEED_S`; ask `heard_ms` for the time of each notification."""

    def __init__(self, *, now_ms: MonotonicMs, rate: float = 1.0) -> None:
        """Begin to listen; ``rate``: of the clock that gives the times."""
        self._pause_ms: Final = PAUSE_MS * rate
        self._heap_ms: Final = HEAP_MS * rate
        self._awake_ms = now_ms
        self._asleep_from_ms = now_ms
        self._heap_until_ms = now_ms

    def heed(self, now_ms: MonotonicMs) -> None:
        """Take note that the process runs."""
        if now_ms - self._awake_ms > self._pause_ms:
            self._asleep_from_ms = self._awake_ms
            self._heap_until_ms = MonotonicMs(round(now_ms + self._heap_ms))
        self._awake_ms = now_ms

    def heard_ms(self, now_ms: MonotonicMs) -> MonotonicMs:
        """Return when a notification that is read now was heard at the earliest; never runs backwards."""
        self.heed(now_ms)
        return self._asleep_from_ms if now_ms < self._heap_until_ms else now_ms
