"""The sections of one person's report, each a piece of HTML made from the summary."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from analysis.summary.alarms import AlarmFigure
from analysis.summary.calls import Called, Calls
from analysis.summary.coverage import DOUBTFUL, MARKED, VALID, Coverage, Share
from analysis.summary.deviations import Deviation, DeviationKind
from analysis.summary.summary import SessionSummary
from dashboard.review.report.entry_words import entry_text
from dashboard.review.report.markup import Markup, tag
from dashboard.review.report.words import Words
from vitals.alarms import Family
from vitals.delivery import AttemptState
from vitals.participants import is_player
from vitals.units import UtcMs

_ALARMS_MAX: Final = 60
_WHOLE: Final = (0, 1, 3)
"""Columns of the table of alarms that are never broken: number, time, priority."""
_WORDS: Final = (2, 4)
"""Columns that are broken between words alone: what, and how long."""

_END_MS: Final = 5_000
"""A class's end is known to analysis within a second or two."""


class SignatureShown(Struct, frozen=True, kw_only=True):
    """Who signed when, and whether the record still says what was signed."""

    by: str
    at_utc_ms: UtcMs
    is_same: bool


def render_first_lines(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return what everybody must know before reading on: holes, marks, made-up data, an open end."""
    mode = told_mode(summary, words)
    lines = [mode] if mode else []
    if not summary.is_over:
        lines.append(words.running)
    told = [_covered(one, words) for one in summary.coverage]
    if not summary.coverage:
        told = [words.not_enough.format(vital=words.heart)]
    has_holes = lacks(summary)
    gaps = sorted(summary.gaps, key=lambda gap: gap.from_ms - gap.to_ms)
    if gaps:
        told.append(
            words.holes_longest.format(
                time=words.seconds((gaps[0].to_ms - gaps[0].from_ms) / 1000),
                at=words.clock(summary.started_utc_ms + gaps[0].from_ms, zone),
                cause=f"{words.vitals[gaps[0].vital]} {words.causes.get(gaps[0].cause, gaps[0].cause)}",
            )
        )
    marks = [mark for mark in summary.marks if not mark.withdrawn_by]
    if marks:
        told.append(words.marks_line.format(n=len(marks)))
    return tag(
        "div",
        [tag("p", line, class_="warning") for line in lines],
        tag("p", tag("b", words.holes_title) if has_holes else None, " " if has_holes else None, " ".join(told)),
        class_="first holes" if has_holes else "first",
    )


def told_mode(summary: SessionSummary, words: Words) -> str:
    """Return where the numbers of a report come from; empty: from a real person in a class."""
    return words.practice if is_player(summary.participant) else words.modes[summary.generation_mode]


def lacks(summary: SessionSummary) -> bool:
    """Return whether anything of a session is missing."""
    return any(one.missing_ms for one in summary.coverage) or not summary.coverage


def _covered(one: Coverage, words: Words) -> str:
    vital = words.vitals[one.vital]
    valid = words.number(one.valid_pct, 1)
    if not one.missing_ms:
        return words.no_holes.format(vital=vital, valid=valid)
    missing = sum(share.pct for share in one.shares if share.what not in {VALID, DOUBTFUL, "not_worn"})
    return words.holes_line.format(
        vital=vital, pct=words.number(missing, 1), time=words.seconds(one.missing_ms / 1000), valid=valid
    )


def render_alarms(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return the table of alarms; numbers are those of the chart."""
    if not summary.alarms:
        return tag("section", tag("h2", words.alarms), tag("p", words.no_alarms))
    rows = [
        tag(
            "tr",
            [
                tag("td", cell, class_="whole" if place in _WHOLE else "words" if place in _WORDS else None)
                for place, cell in enumerate(_alarm_cells(number, alarm, summary, words, zone=zone))
            ],
        )
        for number, alarm in enumerate(summary.alarms[:_ALARMS_MAX], start=1)
    ]
    left = len(summary.alarms) - _ALARMS_MAX
    more = tag("p", f"+ {left}", class_="note") if left > 0 else None
    return tag("section", tag("h2", words.alarms), _table(words.alarm_columns, rows), more)


def _alarm_cells(
    number: int, alarm: AlarmFigure, summary: SessionSummary, words: Words, *, zone: ZoneInfo
) -> tuple[str, ...]:
    numbers = ""
    if alarm.family is Family.PHYSIOLOGICAL and alarm.peak is not None and alarm.limit is not None:
        numbers = f" ({words.number(alarm.peak)} / {words.number(alarm.limit)})"
    answered = words.nobody
    if alarm.response_s is not None:
        answered = f"{words.seconds(alarm.response_s)} ({alarm.answered_by})"
    if alarm.found_afterwards:
        answered = words.afterwards
    if alarm.calls is not UNSET:
        answered += f". {_calls(alarm.calls, words, zone=zone)}"
    judged = "--" if alarm.outcome is None else f"{words.outcomes[alarm.outcome]} ({alarm.judged_by})"
    return (
        str(number),
        words.clock(alarm.onset_utc_ms, zone),
        words.rules[alarm.rule] + numbers,
        words.priorities[alarm.priority],
        _lasted(alarm, summary, words),
        answered,
        judged,
    )


def _lasted(alarm: AlarmFigure, summary: SessionSummary, words: Words) -> str:
    end_utc_ms = UtcMs(summary.started_utc_ms + summary.until_ms)
    ended_utc_ms = end_utc_ms if alarm.ended_utc_ms is None else alarm.ended_utc_ms
    time = words.seconds(max(0, ended_utc_ms - alarm.onset_utc_ms) / 1000)
    if alarm.still_on is True:
        left = words.standing_when_left if ended_utc_ms < end_utc_ms - _END_MS else words.standing_at_end
        return left.format(time=time)
    return words.standing if alarm.ended_utc_ms is None else time


def _calls(calls: Calls, words: Words, *, zone: ZoneInfo) -> str:
    """Return who was called by which ways, from when on."""
    reached = [one for one in calls.people if one.reached]
    if not reached:
        return words.called_nobody
    people = ", ".join(_person(one, words) for one in reached)
    return words.called.format(at=words.clock(min(one.at_utc_ms for one in reached), zone), people=people)


def _person(one: Called, words: Words) -> str:
    ways = f"{one.staff} ({', '.join(words.ways[way] for way in one.ways)})"
    if one.receipt is UNSET:
        return ways
    return f"{ways} - {words.phone_opened if one.receipt is AttemptState.SEEN else words.phone_shows}"


def render_entries(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return what staff entered, by time."""
    if not summary.entries:
        return tag("section", tag("h2", words.entries), tag("p", words.no_entries))
    items = [
        tag(
            "tr",
            tag("td", words.clock(entry.at_utc_ms, zone)[:5], class_="whole"),
            tag("td", entry_text(entry.body, words)),
            tag("td", words.number(entry.hr_bpm, 0, "bpm") if entry.hr_bpm is not None else "", class_="whole"),
            tag("td", entry.by if entry.participant else f"{entry.by}, {words.class_note}", class_="by"),
        )
        for entry in summary.entries
    ]
    return tag("section", tag("h2", words.entries), tag("table", items, class_="list"))


def render_deviations(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return where it went otherwise than prescribed."""
    if not summary.deviations:
        return tag("section", tag("h2", words.deviations), tag("p", words.no_deviations))
    items = [tag("li", _deviation(one, summary, words, zone=zone)) for one in summary.deviations]
    return tag("section", tag("h2", words.deviations), tag("ul", items))


def _deviation(one: Deviation, summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> str:
    text = words.deviation_kinds[one.kind]
    if one.rule is not None:
        text += f": {words.rules[one.rule]} {words.number(one.value)}"
    if one.seconds is not None:
        text += f": {words.seconds(one.seconds)}"
    if one.items:
        names = {item.value: name for item, name in words.checks.items()}
        text += ": " + ", ".join(names.get(item, item) for item in one.items)
    if one.at_ms is not None and one.kind is not DeviationKind.LIMIT_DEFAULT:
        text += f" ({words.clock(summary.started_utc_ms + one.at_ms, zone)[:5]}{', ' + one.by if one.by else ''})"
    return f"{text} - {one.text}" if one.text else text


def render_coverage(summary: SessionSummary, words: Words) -> Markup:
    """Return how much was really seen, by phase."""
    tables = [_coverage(one, words) for one in summary.coverage]
    return tag("section", tag("h2", words.coverage), tables, tag("p", words.coverage_note, class_="note"))


def _coverage(one: Coverage, words: Words) -> Markup:
    names = [share.what for share in one.shares]
    rows = [_coverage_row(words.phases[row.phase], row.ms, row.shares, names, words) for row in one.phases]
    rows.append(_coverage_row(words.whole, one.ms, one.shares, names, words))
    heads = (words.vitals[one.vital], "", *(words.causes.get(name, name) for name in names))
    return _table(heads, rows)


def _coverage_row(name: str, ms: int, shares: Sequence[Share], names: Sequence[str], words: Words) -> Markup:
    by_name = {share.what: share.pct for share in shares}
    cells = [tag("td", words.number(by_name.get(what, 0.0), 1)) for what in names]
    return tag("tr", tag("td", name), tag("td", words.seconds(ms / 1000)), cells)


def render_sources(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Markup:
    """Return marks, limits and sensors."""
    return tag(
        "section",
        list(_marks(summary, words, zone=zone)),
        tag("h2", words.limits),
        tag("ul", [tag("li", line) for line in dict.fromkeys(_limit_lines(summary, words))], class_="columns"),
        tag("h2", words.sensors),
        tag(
            "ul",
            [
                tag("li", f"{words.kinds[one.kind]} {one.sensor}: {one.device or words.no_device}")
                for one in summary.sensors
            ],
            class_="columns",
        ),
    )


def _limit_lines(summary: SessionSummary, words: Words) -> Iterator[str]:
    for limit in summary.limits:
        yield f"{words.rules[limit.rule]} {words.number(limit.value)}: {words.limit_reasons[limit.reason]}"


def _marks(summary: SessionSummary, words: Words, *, zone: ZoneInfo) -> Iterator[Markup]:
    if not summary.marks:
        return
    yield tag("h2", words.marks)
    lines = []
    for mark in summary.marks:
        text = words.mark_line.format(
            vital=words.vitals[mark.vital],
            from_=words.clock(summary.started_utc_ms + mark.from_ms, zone),
            to=words.clock(summary.started_utc_ms + mark.to_ms, zone),
            why=mark.why,
            by=mark.by,
        )
        if mark.withdrawn_by:
            taken_back = words.mark_withdrawn.format(by=mark.withdrawn_by, why=mark.withdrawn_why)
            lines.append(tag("li", tag("del", text), " ", taken_back))
        else:
            lines.append(tag("li", text))
    yield tag("ul", lines)


def render_signature(signatures: Sequence[SignatureShown], words: Words, *, zone: ZoneInfo) -> Markup:
    """Return who stands for it."""
    lines = [
        tag(
            "p",
            (words.signed if one.is_same else words.signed_other).format(by=one.by, at=words.date(one.at_utc_ms, zone)),
            class_=None if one.is_same else "warning",
        )
        for one in signatures
    ]
    nobody = tag("p", words.unsigned) if not signatures else None
    place = tag("p", words.sign_here, class_="sign")
    return tag("section", tag("h2", words.signature), lines, nobody, place, class_="signature")


def render_honest(summary: SessionSummary, words: Words, *, digest: str) -> Markup:
    """Return the box at the foot: what this is not, and where it comes from."""
    mode = told_mode(summary, words) or summary.generation_mode.value
    covered = ", ".join(f"{words.vitals[one.vital]} {words.number(one.valid_pct, 1)} %" for one in summary.coverage)
    gaps = len(summary.gaps)
    return tag(
        "aside",
        tag("h2", words.honest),
        tag("p", " ".join(words.honest_lines)),
        tag(
            "p",
            f"{words.coverage}: {covered or '--'}; {words.causes['not_heard']}: {gaps};"
            f" {words.causes[MARKED]}: {_marked(summary)}.",
        ),
        tag("p", words.honest_generation.format(mode=mode)),
        tag("p", words.honest_rules.format(rules=", ".join(summary.rules) or words.not_known)),
        tag("p", words.honest_software.format(version=summary.software)),
        tag("p", words.honest_digest.format(digest=digest), class_="digest"),
        class_="honest",
    )


def _marked(summary: SessionSummary) -> int:
    return sum(not mark.withdrawn_by for mark in summary.marks)


def _table(heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in heads]))
    return tag("table", head, tag("tbody", rows), class_="list")
