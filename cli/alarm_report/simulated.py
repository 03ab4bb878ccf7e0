"""The trial, judged: every class of every seed through the live code, and the simple alarms beside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from math import inf
from typing import Final

from msgspec import Struct

from analysis.history.past_alarm import PastAlarm
from cli.alarm_report.baselines import BASELINES
from cli.alarm_report.delivered import play
from cli.alarm_report.score import Score, Stretch, pool, score
from cli.alarm_report.trial_class import CLASS_SIZE, classes_of
from simulators.trial.labels import EventKind
from simulators.trial.parameters import QUIET, TRIAL
from simulators.trial.trial import make_trial
from vitals.alarms import Priority, RuleId

FAMILIES: Final[dict[str, tuple[EventKind, tuple[RuleId, ...]]]] = {
    "SPO2_LOW + SPO2_CRIT": (EventKind.SPO2_UNDER_88, (RuleId.SPO2_LOW, RuleId.SPO2_CRIT)),
    "all SpO2 rules": (EventKind.SPO2_UNDER_88, (RuleId.SPO2_LOW, RuleId.SPO2_CRIT, RuleId.SPO2_FALL)),
    "SPO2_LOW": (EventKind.SPO2_UNDER_88, (RuleId.SPO2_LOW,)),
    "SPO2_CRIT": (EventKind.SPO2_UNDER_85, (RuleId.SPO2_CRIT,)),
    "SPO2_FALL": (EventKind.SPO2_UNDER_BASELINE, (RuleId.SPO2_FALL,)),
    "HR_OVER": (EventKind.HR_OVER_LIMIT, (RuleId.HR_OVER,)),
    "HR_CRIT": (EventKind.HR_FAR_OVER_LIMIT, (RuleId.HR_CRIT,)),
    "HR_LOW": (EventKind.HR_UNDER_LIMIT, (RuleId.HR_LOW,)),
    "HR_DROP": (EventKind.HR_COLLAPSE, (RuleId.HR_DROP,)),
}
"""Which rules shall find which events; the first row is what is promised."""

AUDIBLE: Final = (Priority.HIGH, Priority.MEDIUM)
"""What makes itself heard; low and info are to be seen."""


class Judged(Struct, frozen=True, kw_only=True):
    """One seed: scores of our rules and of the simple alarms, by family and name; ConditionDelays by rule, in s."""

    seed: int
    ours: dict[str, Score]
    baselines: dict[str, dict[str, Score]]
    condition_delays_s: dict[str, tuple[float, ...]]


class Quiet(Struct, frozen=True, kw_only=True):
    """One seed of the quiet class: alarms that people were told of, by priority and by rule."""

    seed: int
    hours: float
    by_priority: dict[str, int]
    by_rule: dict[str, int]


class Simulated(Struct, frozen=True, kw_only=True):
    """All seeds together."""

    judged: tuple[Judged, ...]
    quiet: tuple[Quiet, ...]

    def ours(self, family: str) -> Score:
        """Return the pooled score of our rules."""
        return pool([one.ours[family] for one in self.judged])

    def baseline(self, kind: str, name: str) -> Score:
        """Return the pooled score of a simple alarm."""
        return pool([one.baselines[kind][name] for one in self.judged])

    def audible(self) -> tuple[int, int, float]:
        """Return alarms of high priority and all audible ones in the quiet class, and its participant-hours."""
        counts = sum((Counter(one.by_priority) for one in self.quiet), Counter[str]())
        hours = sum(one.hours for one in self.quiet)
        return counts[Priority.HIGH], sum(counts[priority] for priority in AUDIBLE), hours


def judge_simulated(seeds: Sequence[int], *, processes: int = 1) -> Simulated:
    """Return the judgement of some seeds."""
    if processes <= 1:
        return Simulated(judged=tuple(map(judge_seed, seeds)), quiet=tuple(map(judge_quiet, seeds)))
    with ProcessPoolExecutor(processes) as workers:
        quiet = workers.map(judge_quiet, seeds)
        return Simulated(judged=tuple(workers.map(judge_seed, seeds)), quiet=tuple(quiet))


def judge_seed(seed: int, *, classes: int | None = None) -> Judged:
    """Return the scores of one seed of the trial, or of its first ``classes`` classes."""
    trial = make_trial(TRIAL, seed=seed)
    people = trial.parameters.people if classes is None else classes * CLASS_SIZE
    alarms = [alarm for one in islice(classes_of(trial), classes) for alarm in play(one)]
    hours = people * trial.parameters.duration_s / 3600
    events = {kind: [one for one in trial.episodes if one.kind is kind and one.person < people] for kind in EventKind}
    return Judged(
        seed=seed,
        ours={
            name: score(events[kind], _stretches(alarms, rules), hours=hours)
            for name, (kind, rules) in FAMILIES.items()
        },
        baselines={
            kind.value: {
                name: score(events[kind], [one for one in find(trial) if one.person < people], hours=hours)
                for name, find in found.items()
            }
            for kind, found in BASELINES.items()
        },
        condition_delays_s=_condition_delays(alarms),
    )


def judge_quiet(seed: int) -> Quiet:
    """Return what one seed of the quiet class had to hear."""
    trial = make_trial(QUIET, seed=seed)
    told = [alarm for one in classes_of(trial) for alarm in play(one) if alarm.told]
    return Quiet(
        seed=seed,
        hours=trial.participant_hours,
        by_priority=dict(Counter(alarm.priority.value for alarm in told)),
        by_rule=dict(sorted(Counter(alarm.rule.value for alarm in told).items())),
    )


def _stretches(alarms: Iterable[PastAlarm], rules: tuple[RuleId, ...]) -> list[Stretch]:
    return [
        Stretch(int(alarm.participant), alarm.onset_ms / 1000, inf if alarm.ended_ms is None else alarm.ended_ms / 1000)
        for alarm in alarms
        if alarm.rule in rules and alarm.participant is not None
    ]


def _condition_delays(alarms: Iterable[PastAlarm]) -> dict[str, tuple[float, ...]]:
    delays: dict[str, list[float]] = {}
    for alarm in alarms:
        delays.setdefault(alarm.rule.value, []).append(alarm.delay_s)
    return {rule: tuple(sorted(found)) for rule, found in sorted(delays.items())}
