"""The sparkline's history: heart rate of the last two minutes, at most one point a second, gaps kept as gaps."""

from typing import Final

from vitals.units import MonotonicMs

TRACE_MS: Final = 120_000
"""How far back a sparkline looks (look: a 2-minute trace)."""

HOLE_MS: Final = 5_000
"""A longer silence between two points is a gap in the line, never bridged (the hole limit of the rules)."""

_POINT_MS: Final = 1_000


class Trace:
    """Points by the second in which they were said; bounded by `TRACE_MS`."""

    def __init__(self) -> None:
        self._points: dict[int, tuple[int, float | None]] = {}

    def add(self, at_ms: MonotonicMs, value: float | None) -> None:
        """Keep one value, also one that comes late; the newest of a second stays."""
        second = at_ms // _POINT_MS
        kept = self._points.get(second)
        if kept is None or at_ms >= kept[0]:
            self._points[second] = (at_ms, value)
        if len(self._points) > TRACE_MS // _POINT_MS + 1:
            del self._points[min(self._points)]

    def points(self, now_ms: MonotonicMs) -> tuple[tuple[int, float | None], ...]:
        """Return the points of the last `TRACE_MS`, oldest first, with a ``None`` inside each gap."""
        line: list[tuple[int, float | None]] = []
        for second in sorted(self._points):
            at_ms, value = self._points[second]
            if at_ms < now_ms - TRACE_MS:
                continue
            if line and at_ms - line[-1][0] > HOLE_MS:
                line.append((line[-1][0] + _POINT_MS, None))
            line.append((at_ms, value))
        return tuple(line)
