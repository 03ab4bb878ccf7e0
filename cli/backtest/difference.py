"""What other rules would change: alarms that go, alarms that come, and those that come earlier or later."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from analysis.history.past_alarm import PastAlarm
from cli.backtest.lines import to_s

SAME_ALARM_MS = 60_000
"""Two alarms of one rule and person whose stretches are at most so far apart are the same one, moved."""


class DifferenceLine(Struct, frozen=True, kw_only=True, tag_field="type", tag="difference"):
    """One alarm under the rules that are in force and under the others; None: it is not there."""

    recording: str
    participant: str | None
    rule: str
    change: Literal["gone", "new", "earlier", "later", "priority"]
    before_onset_s: float | None
    after_onset_s: float | None
    before_priority: str | None
    after_priority: str | None


def compare(before: Sequence[PastAlarm], after: Sequence[PastAlarm]) -> tuple[DifferenceLine, ...]:
    """Return the differences by time; alarms that are alike are left out."""
    waiting = list(after)
    differences = []
    for alarm in before:
        twin = next((other for other in waiting if _is_same(alarm, other)), None)
        if twin is not None:
            waiting.remove(twin)
        if twin is None or twin.onset_ms != alarm.onset_ms or twin.priority is not alarm.priority:
            differences.append(_difference(alarm, twin))
    differences += [_difference(None, other) for other in waiting]
    return tuple(sorted(differences, key=lambda one: (one.recording, _when(one))))


def render_differences(differences: Sequence[DifferenceLine]) -> str:
    """Return the differences as lines for people."""
    lines = [f"{len(differences)} differences under the other rules"]
    lines += [
        f"  {one.recording}  {_when(one):>8.0f} s  {one.rule:<18}{one.change:<9}"
        f"{_side(one.before_onset_s, one.before_priority)} -> {_side(one.after_onset_s, one.after_priority)}"
        for one in differences
    ]
    return "\n".join(lines)


def _is_same(one: PastAlarm, other: PastAlarm) -> bool:
    if (one.history, one.subject, one.rule) != (other.history, other.subject, other.rule):
        return False
    starts_in_time = other.ended_ms is None or one.breach_ms <= other.ended_ms + SAME_ALARM_MS
    return starts_in_time and (one.ended_ms is None or other.breach_ms <= one.ended_ms + SAME_ALARM_MS)


def _difference(before: PastAlarm | None, after: PastAlarm | None) -> DifferenceLine:
    known = before if before is not None else after
    if known is None:
        msg = "nothing to compare"
        raise ValueError(msg)
    return DifferenceLine(
        recording=known.history,
        participant=known.participant,
        rule=known.rule.value,
        change=_change(before, after),
        before_onset_s=None if before is None else to_s(before.onset_ms),
        after_onset_s=None if after is None else to_s(after.onset_ms),
        before_priority=None if before is None else before.priority.value,
        after_priority=None if after is None else after.priority.value,
    )


def _change(
    before: PastAlarm | None, after: PastAlarm | None
) -> Literal["gone", "new", "earlier", "later", "priority"]:
    if after is None:
        return "gone"
    if before is None:
        return "new"
    if after.onset_ms == before.onset_ms:
        return "priority"
    return "earlier" if after.onset_ms < before.onset_ms else "later"


def _when(one: DifferenceLine) -> float:
    return min(at_s for at_s in (one.before_onset_s, one.after_onset_s) if at_s is not None)


def _side(onset_s: float | None, priority: str | None) -> str:
    return "nothing" if onset_s is None else f"{priority} at {onset_s:g} s"
