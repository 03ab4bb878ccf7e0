"""The course of a session as one SVG: heart rate over its zone, SpO2, work, and a rail with phases and alarms.

Black and white say everything: lines, greys and hatching. What is not known is hatched, never bridged.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from analysis.summary.part import Vital
from analysis.summary.summary import SessionSummary
from dashboard.review.report.markup import Markup, tag
from dashboard.review.report.words import Words
from dashboard.review.timeline import Line, Timeline
from vitals.alarms import RuleId

WIDTH: Final = 720.0
LEFT: Final = 44.0
RIGHT: Final = 8.0
_LOOK: Final[dict[str, dict[str, str]]] = {
    "frame": {"fill": "none", "stroke": "#777", "stroke_width": "0.6"},
    "grid": {"stroke": "#ddd", "stroke_width": "0.5"},
    "band": {"fill": "#e6e6e6"},
    "spread": {"fill": "#b5b5b5"},
    "mean": {"fill": "none", "stroke": "#000", "stroke_width": "1.1"},
    "dot": {"fill": "#000"},
    "limit": {"stroke": "#000", "stroke_width": "0.9", "stroke_dasharray": "5 3"},
    "hole": {"fill": "#fff", "stroke": "#999", "stroke_width": "0.4"},
    "hatch": {"stroke": "#777", "stroke_width": "0.5"},
    "marked": {"fill": "#fff", "fill_opacity": "0.55", "stroke": "#000", "stroke_width": "0.7"},
    "phase": {"fill": "#f4f4f4", "stroke": "#777", "stroke_width": "0.5"},
    "alarm": {"fill": "#000"},
    "axis": {"stroke": "#111", "stroke_width": "0.6"},
    "small": {"fill": "#111", "font_size": "8", "font_family": "sans-serif"},
    "label": {"fill": "#111", "font_size": "9", "font_weight": "bold", "font_family": "sans-serif"},
}
"""Attributes, not a style sheet: the maker of PDFs and a browser that takes no styles from a page both know them."""

_TICKS_MS: Final = (60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000)
_TICKS_MAX: Final = 9
_ALARMS_MAX: Final = 60
_LINES_MAX: Final = 6
_EDGE: Final = 20.0
_ABOVE: Final = 16.0
"""Room above a panel for its name: inside, the line and the hatching would go through it."""

_NUMBER_WIDTH: Final = 18.0
"""Numbers of alarms that are nearer to each other are told as from - to."""


class _Panel(Struct, frozen=True, kw_only=True):
    """A stretch of the drawing with its own scale."""

    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.top + self.height * (1 - min(1.0, max(0.0, share)))


def render_chart(summary: SessionSummary, timeline: Timeline, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return the drawing of one person's session.

    Args:
        summary: phases, limits, gaps, marks, alarms.
        timeline: buckets of the whole session.
        words: of the language.
        zone: of the times on the axis.
    """
    drawing = _Drawing(summary, words, zone)
    top = _ABOVE
    pieces: list[Markup] = []
    heart = timeline.lines.get("hr_bpm")
    panel = _Panel(top=top, height=150, low=_floor(heart, 50), high=_ceiling(heart, summary))
    pieces += drawing.vital(panel, heart, Vital.HR, f"{words.heart}, bpm")
    top += panel.height + _ABOVE
    oxygen = timeline.lines.get("spo2_pct")
    if oxygen is not None or any(one.vital is Vital.SPO2 for one in summary.coverage):
        panel = _Panel(top=top, height=70, low=min(84.0, _floor(oxygen, 84)), high=100)
        pieces += drawing.vital(panel, oxygen, Vital.SPO2, f"{words.saturation}, %")
        top += panel.height + _ABOVE
    for name, label in (("power_w", "W"), ("speed_kmh", "km/h")):
        line = timeline.lines.get(name)
        if line is not None:
            panel = _Panel(top=top, height=44, low=0, high=max(1.0, *(value or 0 for value in line.high)) * 1.1)
            pieces += drawing.work(panel, line, f"{words.work}, {label}")
            top += panel.height + _ABOVE
    pieces += drawing.rail(top)
    height = top + 52
    return tag("svg", pieces, class_="chart", viewBox=f"0 0 {WIDTH:g} {height:g}", role="img", aria_label=words.chart)


class _Drawing:
    def __init__(self, summary: SessionSummary, words: Words, zone: ZoneInfo) -> None:
        self._summary: Final = summary
        self._words: Final = words
        self._zone: Final = zone
        self._length_ms: Final = max(1, summary.until_ms)

    def x(self, at_ms: float) -> float:
        share = min(1.0, max(0.0, at_ms / self._length_ms))
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def vital(self, panel: _Panel, line: Line | None, vital: Vital, label: str) -> Iterator[Markup]:
        yield from self._frame(panel, label)
        heart = self._summary.heart
        if vital is Vital.HR and heart.zone_low_bpm is not None and heart.zone_high_bpm is not None:
            high, low = panel.y(heart.zone_high_bpm), panel.y(heart.zone_low_bpm)
            yield _draw("rect", "band", x=LEFT, y=high, width=WIDTH - LEFT - RIGHT, height=max(0.0, low - high))
        gaps = [(gap.from_ms, gap.to_ms) for gap in self._summary.gaps if gap.vital is vital]
        for from_ms, to_ms in _merge([*gaps, *_breaks(line, self._summary.started_utc_ms)]):
            yield from self._hatch(panel, from_ms, to_ms)
        if line is not None:
            yield from self._line(panel, line)
        for limit in self._summary.limits:
            if limit.rule is {Vital.HR: RuleId.HR_OVER, Vital.SPO2: RuleId.SPO2_LOW}[vital]:
                y = panel.y(limit.value)
                yield _draw("line", "limit", x1=self.x(limit.from_ms), x2=self.x(limit.to_ms), y1=y, y2=y)
                yield _draw("text", "small", f"{limit.value:g}", x=self.x(limit.to_ms) - 2, y=y - 2, text_anchor="end")
        for mark in self._summary.marks:
            if mark.vital is vital and not mark.withdrawn_by:
                yield from self._cross(panel, mark.from_ms, mark.to_ms)

    def work(self, panel: _Panel, line: Line, label: str) -> Iterator[Markup]:
        yield from self._frame(panel, label)
        yield from self._line(panel, line)

    def rail(self, top: float) -> Iterator[Markup]:
        for span in self._summary.phases:
            x = self.x(span.from_ms)
            width = self.x(span.to_ms) - x
            yield _draw("rect", "phase", x=x, y=top, width=width, height=14)
            name = self._words.phases[span.phase]
            if width > len(name) * 5:
                yield _draw("text", "small", name, x=x + 3, y=top + 10.5)
        yield from self._alarms(top)
        for at_ms in _ticks(self._length_ms):
            x = self.x(at_ms)
            yield _draw("line", "axis", x1=x, x2=x, y1=top + 36, y2=top + 39)
            text = self._words.clock(self._summary.started_utc_ms + at_ms, self._zone)[:5]
            anchor = "middle" if x < WIDTH - _EDGE else "end"
            yield _draw("text", "small", text, x=x, y=top + 49, text_anchor=anchor)

    def _alarms(self, top: float) -> Iterator[Markup]:
        zero = self._summary.started_utc_ms
        places = [self.x(alarm.onset_utc_ms - zero) for alarm in self._summary.alarms[:_ALARMS_MAX]]
        for x in places:
            yield _draw("path", "alarm", d=f"M{x - 4:g} {top + 24:g}h8l-4 -7z")
        begin = 0
        for end in range(1, len(places) + 1):
            if end < len(places) and places[end] - places[end - 1] < _NUMBER_WIDTH:
                continue
            text = str(begin + 1) if end == begin + 1 else f"{begin + 1}-{end}"
            x = (places[begin] + places[end - 1]) / 2
            yield _draw("text", "small", text, x=x, y=top + 33, text_anchor="middle")
            begin = end

    def _frame(self, panel: _Panel, label: str) -> Iterator[Markup]:
        yield _draw("rect", "frame", x=LEFT, y=panel.top, width=WIDTH - LEFT - RIGHT, height=panel.height)
        for value in _scale(panel.low, panel.high):
            y = panel.y(value)
            yield _draw("line", "grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
            yield _draw("text", "small", f"{value:g}", x=LEFT - 4, y=y + 3, text_anchor="end")
        yield _draw("text", "label", label, x=LEFT, y=panel.top - 4)

    def _line(self, panel: _Panel, line: Line) -> Iterator[Markup]:
        zero = self._summary.started_utc_ms
        for run in _runs(line):
            upper = [f"{self.x(line.utc_ms[at] - zero):.1f} {panel.y(line.high[at] or 0):.1f}" for at in run]
            lower = [f"{self.x(line.utc_ms[at] - zero):.1f} {panel.y(line.low[at] or 0):.1f}" for at in reversed(run)]
            middle = [f"{self.x(line.utc_ms[at] - zero):.1f} {panel.y(line.mean[at] or 0):.1f}" for at in run]
            if len(run) == 1:
                x, y = middle[0].split()
                yield _draw("circle", "dot", cx=x, cy=y, r=1)
                continue
            yield _draw("path", "spread", d=f"M{'L'.join(upper + lower)}Z")
            yield _draw("path", "mean", d=f"M{'L'.join(middle)}")

    def _hatch(self, panel: _Panel, from_ms: float, to_ms: float) -> Iterator[Markup]:
        left, right = self.x(from_ms), self.x(to_ms)
        yield _draw("rect", "hole", x=left, y=panel.top, width=max(1.0, right - left), height=panel.height)
        # Lines of our own: patterns of SVG look different in each renderer.
        bottom = panel.top + panel.height
        x = left - panel.height
        while x < right:
            begin, end = max(left, x), min(right, x + panel.height)
            if begin < end:
                yield _draw("line", "hatch", x1=begin, x2=end, y1=bottom - (begin - x), y2=bottom - (end - x))
            x += 8

    def _cross(self, panel: _Panel, from_ms: float, to_ms: float) -> Iterator[Markup]:
        left, right, bottom = self.x(from_ms), self.x(to_ms), panel.top + panel.height
        yield _draw("rect", "marked", x=left, y=panel.top, width=max(1.0, right - left), height=panel.height)
        yield _draw("line", "hatch", x1=left, x2=right, y1=panel.top, y2=bottom)
        yield _draw("line", "hatch", x1=left, x2=right, y1=bottom, y2=panel.top)


def _draw(element: str, look: str, *children: str, **attributes: str | float) -> Markup:
    """Return a piece of the drawing that looks so."""
    return tag(element, *children, **_LOOK[look], **attributes)


def _runs(line: Line) -> Iterator[list[int]]:
    """Yield the places of values that follow one another without a gap."""
    run: list[int] = []
    for place, value in enumerate(line.mean):
        if value is not None:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _breaks(line: Line | None, zero_utc_ms: int) -> Iterator[tuple[int, int]]:
    """Yield from when to when a line has no value, ms: also where a sensor was heard and had nothing to say."""
    if line is not None:
        for before, after in pairwise(_runs(line)):
            yield line.utc_ms[before[-1]] - zero_utc_ms, line.utc_ms[after[0]] - zero_utc_ms


def _merge(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same times with overlapping and touching stretches joined, by time."""
    merged: list[tuple[int, int]] = []
    for from_ms, to_ms in sorted(stretches):
        if merged and from_ms <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], to_ms)
        else:
            merged.append((from_ms, to_ms))
    return merged


def _ticks(length_ms: int) -> Sequence[int]:
    step = next((step for step in _TICKS_MS if length_ms / step <= _TICKS_MAX), _TICKS_MS[-1])
    return range(0, length_ms + 1, step)


def _scale(low: float, high: float) -> Iterator[float]:
    step = next((step for step in (1, 2, 5, 10, 20, 50, 100, 200) if (high - low) / step <= _LINES_MAX), 500)
    value = -(-low // step) * step
    while value <= high:
        yield value
        value += step


def _floor(line: Line | None, default: float) -> float:
    values = [] if line is None else [value for value in line.low if value is not None]
    return min(values, default=default) // 10 * 10 if values else default


def _ceiling(line: Line | None, summary: SessionSummary) -> float:
    values = [] if line is None else [value for value in line.high if value is not None]
    limits = [limit.value for limit in summary.limits if limit.rule is RuleId.HR_OVER]
    return (max([*values, *limits], default=150.0) // 10 + 1) * 10
