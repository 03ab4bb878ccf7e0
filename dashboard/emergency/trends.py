"""Trends as inline SVG for a printed page: black on white, gaps stay gaps, limits dashed. Pure."""

from collections.abc import Callable, Sequence
from html import escape
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec import Struct

from vitals.units import UtcMs

HOLE_MS_MAX: Final = 5_000
"""Values further apart are not joined: the hole limit of the rules (docs/decisions/0021)."""

_WIDTH: Final = 720
_LEFT: Final = 44
_RIGHT: Final = 12
_HEIGHT: Final = 150
_FOOT: Final = 22
_LABEL_ROOM: Final = 24


class Point(NamedTuple):
    """A value at a time."""

    utc_ms: UtcMs
    value: float


class Trend(Struct, frozen=True, kw_only=True):
    """One chart: ``limits`` are drawn dashed with their words; ``marks`` are times with a mark on the axis."""

    title: str
    points: tuple[Point, ...]
    limits: tuple[tuple[str, float], ...] = ()
    marks: tuple[UtcMs, ...] = ()
    span_min: float = 20.0
    """The axis covers at least so much, so that noise does not fill the chart."""


def draw_trend(trend: Trend, *, from_utc_ms: UtcMs, to_utc_ms: UtcMs, label: Callable[[UtcMs], str]) -> str:
    """Return one chart as an SVG element.

    Args:
        trend: what to draw.
        from_utc_ms: left end of the time axis.
        to_utc_ms: right end, after the left one.
        label: writes a time of day.
    """
    low, high = _range(trend)

    def x(utc_ms: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (utc_ms - from_utc_ms) / (to_utc_ms - from_utc_ms)

    def y(value: float) -> float:
        return 8 + (_HEIGHT - _FOOT - 8) * (high - value) / (high - low)

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(trend.title, quote=True)}">',
        f'<rect class="frame" x="{_LEFT}" y="8" width="{_WIDTH - _LEFT - _RIGHT}" height="{_HEIGHT - _FOOT - 8}"/>',
    ]
    parts += [
        f'<text class="tick" x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.0f}</text>'
        for value in (low, (low + high) / 2, high)
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        at = UtcMs(round(from_utc_ms + share * (to_utc_ms - from_utc_ms)))
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        shown = escape(label(at))
        parts.append(f'<text class="tick" x="{x(at):.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{shown}</text>')
    for words, value in trend.limits:
        if low <= value <= high:
            line = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
            parts.append(f'<line class="limit" {line}/>')
            below = y(value) < _LABEL_ROOM
            at_y = y(value) + (12 if below else -3)
            parts.append(f'<text class="tick" x="{_LEFT + 4}" y="{at_y:.1f}">{escape(words)}</text>')
    parts += [
        f'<path class="mark" d="M{x(at):.1f} {_HEIGHT - _FOOT} l-5 9 h10 z"/>'
        for at in trend.marks
        if from_utc_ms <= at <= to_utc_ms
    ]
    for piece in split_at_gaps(trend.points):
        path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in piece)
        if len(piece) == 1:
            parts.append(f'<circle class="dot" cx="{x(piece[0].utc_ms):.1f}" cy="{y(piece[0].value):.1f}" r="1.5"/>')
        else:
            parts.append(f'<polyline class="trace" points="{path}"/>')
    return "".join([*parts, "</svg>"])


def split_at_gaps(points: Sequence[Point]) -> list[list[Point]]:
    """Return the pieces of a trend between which more than `HOLE_MS_MAX` is missing."""
    pieces: list[list[Point]] = [[points[0]]] if points else []
    for before, after in pairwise(points):
        if after.utc_ms - before.utc_ms > HOLE_MS_MAX:
            pieces.append([])
        pieces[-1].append(after)
    return pieces


def _range(trend: Trend) -> tuple[float, float]:
    values = [point.value for point in trend.points] + [value for _, value in trend.limits]
    if not values:
        return 0.0, trend.span_min
    low, high = min(values), max(values)
    missing = max(0.0, trend.span_min - (high - low)) / 2 + 1
    return low - missing, high + missing
