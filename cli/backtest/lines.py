"""What a backtest prints: one JSON object a line for programs, or a table for people."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from analysis.history.past_alarm import PastAlarm
from vitals.alarms import Priority
from vitals.units import MonotonicMs


class Result(Struct, frozen=True, kw_only=True):
    """The alarms of one history, and how many participant-hours it holds."""

    id: str
    participants: int
    participant_hours: float
    alarms: tuple[PastAlarm, ...]


class AlarmLine(Struct, frozen=True, kw_only=True, tag_field="type", tag="alarm"):
    """One alarm; seconds from the start of the recording. ``end_s`` None: it still stood at the end."""

    recording: str
    participant: str | None
    rule: str
    kind: str
    priority: str
    breach_s: float
    onset_s: float
    end_s: float | None
    text: str


class SeenLine(Struct, frozen=True, kw_only=True, tag_field="type", tag="as_seen"):
    """How a replayed class compares with its record: changes of alarms, readings that the replay had to do without."""

    session: str
    events: int
    missing: int
    skipped: int
    equal: bool


class SummaryLine(Struct, frozen=True, kw_only=True, tag_field="type", tag="summary"):
    """The end of it all.

    ``told``: of the alarms those that people were told of, not another one instead. ``problems``: one line for each
    recording that could not be used, and each line of one that was left out.
    """

    recordings: int
    participants: int
    participant_hours: float
    alarms: int
    told: int
    by_priority: dict[str, int]
    by_rule: dict[str, int]
    per_participant_hour: dict[str, float]
    told_per_participant_hour: dict[str, float]
    rules: str
    rules_hash: str
    problems: tuple[str, ...]


def to_alarm_line(alarm: PastAlarm) -> AlarmLine:
    """Return an alarm as it is printed for programs."""
    return AlarmLine(
        recording=alarm.history,
        participant=alarm.participant,
        rule=alarm.rule.value,
        kind=alarm.family.value,
        priority=alarm.priority.value,
        breach_s=to_s(alarm.breach_ms),
        onset_s=to_s(alarm.onset_ms),
        end_s=None if alarm.ended_ms is None else to_s(alarm.ended_ms),
        text=alarm.text,
    )


def summarise(results: Sequence[Result], *, rules: str, rules_hash: str, problems: Sequence[str]) -> SummaryLine:
    """Return the summary of all histories."""
    alarms = [alarm for result in results for alarm in result.alarms]
    hours = sum(result.participant_hours for result in results)
    counts = Counter(alarm.priority for alarm in alarms)
    told = Counter(alarm.priority for alarm in alarms if alarm.told)
    return SummaryLine(
        recordings=len(results),
        participants=sum(result.participants for result in results),
        participant_hours=round(hours, 4),
        alarms=len(alarms),
        told=sum(told.values()),
        by_priority={priority.value: counts[priority] for priority in Priority},
        by_rule=dict(sorted(Counter(alarm.rule.value for alarm in alarms).items())),
        per_participant_hour=_rates(counts, hours),
        told_per_participant_hour=_rates(told, hours),
        rules=rules,
        rules_hash=rules_hash,
        problems=tuple(problems),
    )


def encode(line: Struct) -> str:
    """Return one line of JSON."""
    return msgspec.json.encode(line).decode()


def render_alarms(result: Result) -> str:
    """Return the alarms of one history as lines for people."""
    head = f"{result.id}: {len(result.alarms)} alarms in {result.participant_hours:.2f} participant-hours"
    return "\n".join([head, *(_row(alarm) for alarm in result.alarms)])


def render_summary(summary: SummaryLine) -> str:
    """Return the summary as a table for people."""
    judged = f"{summary.recordings} recordings or classes, {summary.participant_hours:.2f} participant-hours"
    lines = [
        f"{judged}, rules {summary.rules} ({summary.rules_hash})",
        f"{'priority':<10}{'alarms':>8}{'an hour':>10}{'told an hour':>14}",
    ]
    for priority, count in summary.by_priority.items():
        rate, told = summary.per_participant_hour[priority], summary.told_per_participant_hour[priority]
        lines.append(f"{priority:<10}{count:>8}{rate:>10.2f}{told:>14.2f}")
    lines.append("by rule: " + (", ".join(f"{rule} {count}" for rule, count in summary.by_rule.items()) or "none"))
    return "\n".join(lines)


def to_s(at_ms: MonotonicMs) -> float:
    """Return seconds, to the ms."""
    return at_ms / 1000


_HOUR_S: Final = 3600


def _rates(counts: Counter[Priority], hours: float) -> dict[str, float]:
    rates = {priority.value: round(counts[priority] / hours, 4) if hours else 0.0 for priority in Priority}
    return rates | {"all": round(sum(counts.values()) / hours, 4) if hours else 0.0}


def _row(alarm: PastAlarm) -> str:
    ends = "stands at the end"
    if alarm.ended_ms is not None:
        ends = f"for {_clock(alarm.ended_ms - alarm.onset_ms)}"
    instead = "" if alarm.told else "  (another was told instead)"
    who = "" if alarm.participant is None or alarm.participant == alarm.history else f"{alarm.participant}  "
    return (
        f"  {_clock(alarm.onset_ms):>8}  {who}{alarm.rule.value:<18}{alarm.priority.value:<7} {alarm.text:<24} "
        f"after {alarm.delay_s:g} s, {ends}{instead}"
    )


def _clock(ms: int) -> str:
    """Return a time as h:mm:ss, or m:ss below an hour."""
    seconds = ms // 1000
    hours, rest = divmod(seconds, _HOUR_S)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
