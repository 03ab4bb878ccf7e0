"""UTC of a run's monotonic times, computed when read from the anchors that the run published.

A step of the wall clock is a new anchor: readings before it keep the old label, readings after it get the new one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from vitals.units import UtcMs


class Piece(NamedTuple):
    """A stretch of a run's clock with one offset: UTC = monotonic + ``offset_ms``; ``None``: no bound."""

    from_mono_ms: int | None
    to_mono_ms: int | None
    offset_ms: int


class MonoSpan(NamedTuple):
    """Monotonic times from ``from_ms`` to before ``to_ms`` (``None``: no bound) that lie ``offset_ms`` before UTC."""

    from_ms: int | None
    to_ms: int | None
    offset_ms: int


class RunClock:
    """The wall time of one run."""

    def __init__(self, anchors: Sequence[tuple[int, int]]) -> None:
        """Take the anchors.

        Args:
            anchors: pairs (monotonic ms, UTC ms), at least one, in any order.
        """
        ordered = sorted(anchors)
        self._starts = [mono_ms for mono_ms, _ in ordered]
        self._offsets = [utc_ms - mono_ms for mono_ms, utc_ms in ordered]

    def utc_ms(self, mono_ms: int) -> UtcMs:
        """Return UTC by the newest anchor that is not later, else by the first."""
        index = max(0, bisect_right(self._starts, mono_ms) - 1)
        return UtcMs(mono_ms + self._offsets[index])

    def started_utc_ms(self) -> UtcMs:
        """Return UTC of the first anchor: when the run began."""
        return self.utc_ms(self._starts[0])

    def pieces(self) -> tuple[Piece, ...]:
        """Return the stretches of one offset each; the first and the last are open."""
        return tuple(
            Piece(
                None if index == 0 else start,
                self._starts[index + 1] if index + 1 < len(self._starts) else None,
                self._offsets[index],
            )
            for index, start in enumerate(self._starts)
        )

    def spans(self, from_utc_ms: int | None, to_utc_ms: int | None) -> tuple[MonoSpan, ...]:
        """Return which monotonic times carry a UTC label from ``from_utc_ms`` to before ``to_utc_ms``.

        More than one span when the wall clock stepped: a clock that was set back shows the same time twice.
        """
        spans: list[MonoSpan] = []
        for piece in self.pieces():
            from_ms = _later(piece.from_mono_ms, None if from_utc_ms is None else from_utc_ms - piece.offset_ms)
            to_ms = _earlier(piece.to_mono_ms, None if to_utc_ms is None else to_utc_ms - piece.offset_ms)
            if from_ms is None or to_ms is None or from_ms < to_ms:
                spans.append(MonoSpan(from_ms, to_ms, piece.offset_ms))
        return tuple(spans)


def _later(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return max(first, second)


def _earlier(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
