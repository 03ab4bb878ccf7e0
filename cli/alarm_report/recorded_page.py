"""The recordings' part of the alarm report's page."""

from collections import Counter
from collections.abc import Sequence

from cli.alarm_report import words
from cli.alarm_report.recorded import OXIMETERS, Desaturation, Holter, Recorded, StrapRecording
from cli.alarm_report.table import by_rule, seconds, table


def render_recorded(recorded: Recorded) -> list[str]:
    """Return the sections of the kinds of recordings that there are."""
    parts: list[str] = []
    if recorded.desaturations:
        parts += _hypoxia(recorded.desaturations)
    if recorded.straps:
        parts += [words.STRAPS, _straps(recorded.straps)]
    if recorded.atrial:
        parts += [words.ATRIAL, _holters(recorded.atrial)]
    if recorded.lead_off:
        parts += [words.LEAD_OFF, _holters(recorded.lead_off)]
    return parts


def _hypoxia(found: Sequence[Desaturation]) -> list[str]:
    rows = [
        (
            one.recording,
            f"{one.oximeter} ({OXIMETERS[one.oximeter]})",
            seconds(one.low_onset_s),
            seconds(one.crit_onset_s),
            f"{one.at_once} ({_onset(one.at_once_onset_s)})",
            f"{one.sat_seconds} ({_onset(one.sat_seconds_onset_s)})",
        )
        for one in found
    ]
    spreads = []
    for recording in dict.fromkeys(one.recording for one in found):
        onsets = [one.low_onset_s[0] for one in found if one.recording == recording and one.low_onset_s]
        if onsets:
            spreads.append((recording, f"{len(onsets)} of {len(OXIMETERS)}", f"{max(onsets) - min(onsets):.0f}"))
    return [
        words.HYPOXIA,
        table(("person", "oximeter", "SPO2_LOW", "SPO2_CRIT", "< 88 at once", "SatSeconds 88/50"), rows),
        words.SPREAD,
        table(("person", "devices that alarmed", "s between first and last"), spreads),
    ]


def _straps(found: Sequence[StrapRecording]) -> str:
    rows = [
        (
            one.recording,
            f"{one.hours:.2f}",
            str(one.limit_bpm),
            str(one.over_at_once),
            by_rule(one.alarms),
            str(one.unsupported),
            str(one.in_loss),
            f"{one.new} / {one.gone}",
        )
        for one in found
    ]
    total = (
        "**all**",
        f"{sum(one.hours for one in found):.1f}",
        "",
        str(sum(one.over_at_once for one in found)),
        by_rule(sum((Counter(one.alarms) for one in found), Counter[str]())),
        str(sum(one.unsupported for one in found)),
        str(sum(one.in_loss for one in found)),
        f"{sum(one.new for one in found)} / {sum(one.gone for one in found)}",
    )
    head = (
        "recording",
        "h",
        "limit",
        "over it at once",
        "HR alarms",
        "unsupported",
        "in a loss",
        "planted: new / gone",
    )
    return table(head, [*rows, total])


def _holters(found: Sequence[Holter]) -> str:
    rows = [
        (
            one.recording,
            f"{one.hours:.2f}",
            str(one.limit_bpm),
            f"{one.longest_pause_s:.0f}",
            by_rule(one.alarms),
            str(one.unsupported),
            f"{one.falls} / {one.falls_unsupported}",
        )
        for one in found
    ]
    total = (
        "**all**",
        f"{sum(one.hours for one in found):.1f}",
        "",
        "",
        by_rule(sum((Counter(one.alarms) for one in found), Counter[str]())),
        str(sum(one.unsupported for one in found)),
        f"{sum(one.falls for one in found)} / {sum(one.falls_unsupported for one in found)}",
    )
    head = (
        "recording",
        "h",
        "limit",
        "longest silence s",
        "alarms",
        "HR alarms unsupported",
        "HR_DROP if training: all / unsupported",
    )
    return table(head, [*rows, total])


def _onset(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"
