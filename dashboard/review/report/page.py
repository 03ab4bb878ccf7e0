"""A report: one HTML page for one person or for a class; the PDF is made of it.

Saved or made a PDF it needs nothing from elsewhere; a page of the server links its style, which is all that the browser
is allowed to take.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from analysis.summary.coverage import Coverage
from analysis.summary.part import Vital
from analysis.summary.summary import SessionSummary, digest_of
from dashboard.review.report.chart import render_chart
from dashboard.review.report.figures import render_figures
from dashboard.review.report.markup import Markup, join, tag
from dashboard.review.report.sections import (
    SignatureShown,
    lacks,
    render_alarms,
    render_coverage,
    render_deviations,
    render_entries,
    render_first_lines,
    render_honest,
    render_signature,
    render_sources,
    told_mode,
)
from dashboard.review.report.words import Language, Words
from dashboard.review.report.words_de import GERMAN
from dashboard.review.report.words_en import ENGLISH
from dashboard.review.timeline import Timeline

STYLE_FILE: Final = Path(__file__).parent.parent.parent / "static" / "review" / "report.css"
STYLE_PATH: Final = "/static/review/report.css"
ICON_PATH: Final = "/static/icon.svg"

WORDS: Final[dict[Language, Words]] = {"en": ENGLISH, "de": GERMAN}


class PersonReport(Struct, frozen=True, kw_only=True):
    """What a report says of one person. ``alias``: as the clinic calls them; empty: by seat alone."""

    alias: str
    summary: SessionSummary
    timeline: Timeline
    signatures: tuple[SignatureShown, ...]


class Heading(Struct, frozen=True, kw_only=True):
    """What all pages of a report share."""

    class_name: str
    room: str
    zone: ZoneInfo


def render_person(report: PersonReport, heading: Heading, words: Words, *, is_linked: bool = False) -> str:
    """Return the page of one person; ``is_linked``: for the server, else whole in itself."""
    name = _name(report, words)
    return _page(
        f"{words.title}: {name}", [_person(report, heading, words, level_title=words.title)], words, is_linked=is_linked
    )


def render_class(reports: Sequence[PersonReport], heading: Heading, words: Words, *, is_linked: bool = False) -> str:
    """Return the page of a class: a table of everybody, then each person."""
    rows = [tag("tr", [tag("td", cell) for cell in _overview(report, words)]) for report in reports]
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in words.people_columns]))
    first = tag(
        "article",
        tag("h1", f"{words.class_title}: {heading.class_name}"),
        _when(reports[0].summary, heading, words) if reports else None,
        _first_lines(reports, words),
        tag("table", head, tag("tbody", rows), class_="list"),
        class_="person",
    )
    people = [_person(report, heading, words, level_title=words.title) for report in reports]
    return _page(f"{words.class_title}: {heading.class_name}", [first, *people], words, is_linked=is_linked)


def _first_lines(reports: Sequence[PersonReport], words: Words) -> Markup | None:
    """Return what everybody must know of a class before reading on: made-up data, and of whom something is missing."""
    if not reports:
        return None
    said = {told_mode(report.summary, words) for report in reports} - {""}
    lacking = [report for report in reports if lacks(report.summary)]
    who = ", ".join(_name(report, words) for report in lacking)
    told = words.class_holes.format(n=len(lacking), people=len(reports), who=who) if lacking else words.class_whole
    return tag(
        "div",
        [tag("p", line, class_="warning") for line in sorted(said)],
        tag("p", tag("b", words.holes_title) if lacking else None, " " if lacking else None, told),
        class_="first holes" if lacking else "first",
    )


def _overview(report: PersonReport, words: Words) -> tuple[str, ...]:
    summary = report.summary
    heart = _coverage(summary, Vital.HR)
    oxygen = summary.saturation
    last = report.signatures[-1] if report.signatures else None
    return (
        words.number(summary.seat),
        report.alias or "--",
        "--" if heart is None else words.number(heart.valid_pct, 1, "%"),
        f"{words.number(summary.heart.mean_bpm)} / {words.number(summary.heart.peak_bpm, 0, 'bpm')}",
        words.number(None if oxygen is None else oxygen.nadir_pct, 0, "%"),
        str(len(summary.alarms)),
        "--" if last is None or not last.is_same else last.by,
    )


def _coverage(summary: SessionSummary, vital: Vital) -> Coverage | None:
    return next((one for one in summary.coverage if one.vital is vital), None)


def _person(report: PersonReport, heading: Heading, words: Words, *, level_title: str) -> Markup:
    summary, zone = report.summary, heading.zone
    digest = digest_of(summary)
    return tag(
        "article",
        tag("h1", f"{level_title}: {_name(report, words)}"),
        _when(summary, heading, words),
        tag("div", f"{_name(report, words)} - {words.date(summary.started_utc_ms, zone)}", class_="foot"),
        render_first_lines(summary, words, zone=zone),
        render_figures(summary, words),
        tag(
            "section",
            tag("h2", words.chart),
            render_chart(summary, report.timeline, words, zone=zone),
            tag("p", words.chart_note, class_="note"),
        ),
        render_alarms(summary, words, zone=zone),
        render_entries(summary, words, zone=zone),
        render_deviations(summary, words, zone=zone),
        render_coverage(summary, words),
        render_sources(summary, words, zone=zone),
        render_signature(report.signatures, words, zone=zone),
        render_honest(summary, words, digest=digest),
        class_="person",
    )


def _when(summary: SessionSummary, heading: Heading, words: Words) -> Markup:
    minutes = words.number(summary.until_ms / 60_000)
    parts = [
        heading.class_name,
        words.date(summary.started_utc_ms, heading.zone),
        words.duration.format(minutes=minutes),
        words.room.format(room=heading.room),
    ]
    return tag("p", ", ".join(part for part in parts if part), class_="who")


def _name(report: PersonReport, words: Words) -> str:
    seat = words.programme_seat.format(seat=words.number(report.summary.seat))
    return f"{report.alias} ({seat})" if report.alias else seat


def _page(title: str, articles: Sequence[Markup], words: Words, *, is_linked: bool) -> str:
    style = (
        join(tag("link", rel="icon", href=ICON_PATH), tag("link", rel="stylesheet", href=STYLE_PATH))
        if is_linked
        else tag("style", Markup(STYLE_FILE.read_text(encoding="utf-8")))
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        style,
    )
    return "<!doctype html>\n" + tag("html", head, tag("body", articles), lang=words.language)
