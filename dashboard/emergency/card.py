"""The handover card: one page for who takes over, of what sensors told and staff did. No diagnosis, no name. Pure."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Final

from msgspec import Struct

from dashboard.emergency.script import Language, Script
from dashboard.emergency.timeline import Emergency
from dashboard.emergency.trends import Point, Trend, draw_trend
from dashboard.emergency.words import CARD, LIMITS, tell_alarm, tell_entry
from dashboard.history import AlarmSpan
from vitals.alarms import RuleId
from vitals.entries import Entry
from vitals.sessions import GenerationMode, ResolvedLimit
from vitals.units import UtcMs

SPAN_MS: Final = 10 * 60_000
"""Trends of the last 10 minutes; of an emergency that is longer, from 2 minutes before it began."""

BEFORE_MS: Final = 2 * 60_000
SPAN_MS_MAX: Final = 60 * 60_000


class LastValue(Struct, frozen=True, kw_only=True):
    """A number with its age when the card was made; ``value`` None: there is none to show."""

    value: float | None
    age_s: int | None


class Card(Struct, frozen=True, kw_only=True):
    """Everything on the card."""

    class_name: str
    seat: int
    alias: str
    mode: GenerationMode
    made_utc_ms: UtcMs
    from_utc_ms: UtcMs
    to_utc_ms: UtcMs
    emergency: Emergency | None
    hr: LastValue
    spo2: LastValue
    hr_points: tuple[Point, ...]
    spo2_points: tuple[Point, ...]
    limits: tuple[ResolvedLimit, ...]
    alarms: tuple[AlarmSpan, ...]
    entries: tuple[Entry, ...]
    is_record_missing: bool = False


def plan_span(*, now_utc_ms: UtcMs, began_utc_ms: UtcMs, emergency: Emergency | None) -> tuple[UtcMs, UtcMs]:
    """Return from when to when the card tells.

    Args:
        now_utc_ms: when it is made, or the end of the class.
        began_utc_ms: start of the class; nothing is told of before.
        emergency: the newest one of this person or of the class.
    """
    to = now_utc_ms
    since = to - SPAN_MS
    if emergency is not None:
        if emergency.ended_utc_ms is not None:
            to = UtcMs(min(to, emergency.ended_utc_ms + BEFORE_MS))
        since = min(to - SPAN_MS, emergency.began_utc_ms - BEFORE_MS)
    return UtcMs(min(to - 1, max(began_utc_ms, since, to - SPAN_MS_MAX))), to


def render_card(card: Card, *, language: Language, script: Script, label: Callable[[UtcMs], str]) -> str:
    """Return the page: HTML without any script but the one that prints, readable in black and white.

    Args:
        card: what is told.
        language: of the words.
        script: the site's checklist, for the words of its lines.
        label: writes a time of day with seconds in the site's zone.
    """
    words = CARD[language]
    badge = words[card.mode.value]
    title = f"{words['title']} · {words['seat']} {card.seat}"
    return "".join(
        [
            f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">',
            '<link rel="stylesheet" href="/static/shell/handover.css">',
            '<script type="module" src="/static/shell/handover.js"></script></head><body><main>',
            _head(card, words, badge=badge, label=label),
            f'<p class="missing" role="status">{escape(words["missing"])}</p>' if card.is_record_missing else "",
            _values(card, words),
            _trends(card, words, label=label),
            '<div class="columns">',
            _limits(card, words, language=language),
            _alarms(card, words, language=language, label=label),
            "</div>",
            _actions(card, words, language=language, script=script, label=label),
            f"<footer>{escape(words['honest'])} {escape(words['gap'])}</footer></main></body></html>",
        ]
    )


def _head(card: Card, words: dict[str, str], *, badge: str, label: Callable[[UtcMs], str]) -> str:
    alias = "" if card.alias == str(card.seat) else f" · {escape(card.alias)}"
    began = ""
    if card.emergency is not None:
        began = f"<p><b>{escape(words['began'])} {escape(label(card.emergency.began_utc_ms))}</b>"
        if card.emergency.ended_utc_ms is not None:
            began += f", {escape(words['ended'])} {escape(label(card.emergency.ended_utc_ms))}"
        began += "</p>"
    return (
        f"<header><h1>{escape(words['title'])}: {escape(words['seat'])} {card.seat}{alias}</h1>"
        + (f'<p class="badge">{escape(badge)}</p>' if badge else "")
        + f"<p>{escape(card.class_name)} · {escape(words['made'])} {escape(label(card.made_utc_ms))}</p>{began}"
        + f'<button id="print" type="button" hidden>{escape(words["print"])}</button></header>'
    )


def _values(card: Card, words: dict[str, str]) -> str:
    def cell(name: str, last: LastValue) -> str:
        value = "--" if last.value is None else f"{last.value:.0f}"
        age = words["none"] if last.age_s is None else words["ago"].format(age=last.age_s)
        return f"<dt>{_low(words[name])}</dt><dd><b>{value}</b> <small>{escape(age)}</small></dd>"

    return (
        f'<section><h2>{escape(words["now"])}</h2><dl class="values">'
        + cell("hr", card.hr)
        + cell("spo2", card.spo2)
        + "</dl></section>"
    )


def _trends(card: Card, words: dict[str, str], *, label: Callable[[UtcMs], str]) -> str:
    limits = {limit.rule: limit.value for limit in card.limits}
    marks = tuple(span.onset_utc_ms for span in card.alarms if span.family == "physiological")

    def lines(*pairs: tuple[str, RuleId]) -> tuple[tuple[str, float], ...]:
        return tuple((f"{words[name]} {limits[rule]:g}", limits[rule]) for name, rule in pairs if rule in limits)

    hr = Trend(
        title=words["hr"],
        points=card.hr_points,
        limits=lines(("upper", RuleId.HR_OVER)),
        marks=marks,
        span_min=40,
    )
    spo2 = Trend(title=words["spo2"], points=card.spo2_points, limits=lines(("floor", RuleId.SPO2_LOW)), span_min=10)
    charts = [
        f"<figure><figcaption>{_low(trend.title)}</figcaption>"
        + draw_trend(trend, from_utc_ms=card.from_utc_ms, to_utc_ms=card.to_utc_ms, label=label)
        + "</figure>"
        for trend in (hr, spo2)
    ]
    return f"<section>{''.join(charts)}</section>"


def _limits(card: Card, words: dict[str, str], *, language: Language) -> str:
    told = [
        f"<li>{_low(LIMITS[language][limit.rule])} {limit.value:g}</li>"
        for limit in card.limits
        if limit.rule in LIMITS[language]
    ]
    return f"<section><h2>{escape(words['limits'])}</h2><ul>{''.join(told) or _nothing(words)}</ul></section>"


def _alarms(card: Card, words: dict[str, str], *, language: Language, label: Callable[[UtcMs], str]) -> str:
    told = []
    for span in card.alarms:
        until = words["on"] if span.ended_utc_ms is None else f"{words['until']} {label(span.ended_utc_ms)}"
        text = tell_alarm(span.text, language=language)
        told.append(f"<li>{escape(label(span.onset_utc_ms))} {_low(text)}, {escape(until)}</li>")
    return f"<section><h2>{escape(words['alarms'])}</h2><ul>{''.join(told) or _nothing(words)}</ul></section>"


def _actions(
    card: Card, words: dict[str, str], *, language: Language, script: Script, label: Callable[[UtcMs], str]
) -> str:
    lines = {line.id: line.de if language == "de" else line.en for line in script.lines}
    told = [
        f"<tr><td>{escape(label(entry.at_utc_ms))}</td><td>{_low(said)}</td><td>{escape(entry.by)}</td></tr>"
        for entry, said in _tell(card.entries, language=language, lines=lines)
    ]
    nothing = f"<tr><td>{escape(words['nothing'])}</td></tr>"
    return f"<section><h2>{escape(words['actions'])}</h2><table>{''.join(told) or nothing}</table></section>"


def _tell(entries: Iterable[Entry], *, language: Language, lines: dict[str, str]) -> Iterable[tuple[Entry, str]]:
    for entry in sorted(entries, key=lambda one: (one.at_utc_ms, one.id)):
        said = tell_entry(entry.body, language=language, script=lines)
        if said is not None:
            yield entry, said


def _nothing(words: dict[str, str]) -> str:
    return f"<li>{escape(words['nothing'])}</li>"


def _low(text: str) -> str:
    """Set the 2 of SpO2 low, as all pages do."""
    return escape(text).replace("SpO2", "SpO<sub>2</sub>")
