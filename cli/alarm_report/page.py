"""The page of the alarm report: Markdown, tables of text, the same for the same figures."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from analysis.core.rules import RuleSet, hash_rules
from cli.alarm_report import words
from cli.alarm_report.baselines import BASELINES
from cli.alarm_report.bounds import rate, share
from cli.alarm_report.recorded import Recorded
from cli.alarm_report.recorded_page import render_recorded
from cli.alarm_report.score import Score
from cli.alarm_report.simulated import FAMILIES, Simulated
from cli.alarm_report.table import interval, middle_tail, rate_cells, table
from cli.alarm_report.targets import check_targets
from simulators.trial.trial import hash_parameters
from vitals.alarms import Priority

PROMISED: Final = next(iter(FAMILIES))

_SCORE_HEAD: Final = (
    "alarm",
    "event",
    "events",
    "found",
    "95 %",
    "non-event an hour",
    "95 %",
    "delay s",
    "found by seed",
)


def render(simulated: Simulated, recorded: Recorded, rules: RuleSet, *, folder: str) -> str:
    """Return the page. ``folder``: how the page calls where the recordings came from."""
    head = words.HEAD.format(frozen=hash_parameters(), folder=folder, rules=rules.name, hash=hash_rules(rules))
    parts = [
        head,
        "## What is promised\n",
        _targets(simulated, recorded),
        *_simulated(simulated),
        *_quiet(simulated),
        "## 3. Recordings (real)\n",
        words.RECORDINGS,
        *render_recorded(recorded),
    ]
    return "\n".join(parts)


def _targets(simulated: Simulated, recorded: Recorded) -> str:
    rows = [
        (target.what, target.wanted, target.measured, "yes" if target.holds else "**no**")
        for target in check_targets(simulated, recorded)
    ]
    return table(("promise", "wanted", "measured", "kept"), rows)


def _simulated(simulated: Simulated) -> list[str]:
    ours = [
        _score_row(name, kind.value, [one.ours[name] for one in simulated.judged], simulated.ours(name))
        for name, (kind, _) in FAMILIES.items()
    ]
    simple = [
        _score_row(
            name,
            kind.value,
            [one.baselines[kind.value][name] for one in simulated.judged],
            simulated.baseline(kind.value, name),
        )
        for kind, names in BASELINES.items()
        for name in names
    ]
    delays = [
        (rule, str(len(found)), middle_tail(found)) for rule, found in sorted(_condition_delays(simulated).items())
    ]
    pooled = simulated.ours(PROMISED)
    size = f"{len(simulated.judged)} seeds, {pooled.hours:,.0f} participant-hours, {pooled.events:,} desaturations"
    return [
        f"## 1. The trial (synthetic): {size}\n",
        words.READ,
        "### Our rules\n",
        table(_SCORE_HEAD, ours),
        "### Simple alarms, on every value whatever its quality\n",
        table(_SCORE_HEAD, simple),
        "### ConditionDelay of each rule, s\n",
        table(("rule", "alarms", "median / 95 %"), delays),
    ]


def _quiet(simulated: Simulated) -> list[str]:
    hours = sum(one.hours for one in simulated.quiet)
    priorities = sum((Counter(one.by_priority) for one in simulated.quiet), Counter[str]())
    rules = sum((Counter(one.by_rule) for one in simulated.quiet), Counter[str]())
    counts = [(priority.value, priorities[priority.value]) for priority in Priority]
    return [
        f"## 2. The quiet reference class (synthetic): {hours:,.0f} participant-hours\n",
        words.QUIET,
        table(
            ("priority", "alarms", "an hour", "95 %"),
            [(name, str(count), *rate_cells(count, hours)) for name, count in counts],
        ),
        table(
            ("rule", "alarms", "an hour", "95 %"),
            [(name, str(count), *rate_cells(count, hours)) for name, count in sorted(rules.items())],
        ),
    ]


def _score_row(name: str, kind: str, each: Sequence[Score], pooled: Score) -> tuple[str, ...]:
    found, wrong = share(pooled.found, pooled.events), rate(pooled.non_event, pooled.hours)
    seeds = [one.found / one.events for one in each if one.events]
    return (
        name,
        f"`{kind}`",
        f"{pooled.events:,}",
        f"{100 * found.value:.1f} %",
        f"{100 * found.low:.1f} - {100 * found.high:.1f}",
        f"{wrong.value:.3f}",
        interval(wrong),
        middle_tail(pooled.delays_s),
        f"{100 * min(seeds):.0f} - {100 * max(seeds):.0f} %" if seeds else "",
    )


def _condition_delays(simulated: Simulated) -> dict[str, list[float]]:
    delays: dict[str, list[float]] = {}
    for one in simulated.judged:
        for rule, found in one.condition_delays_s.items():
            delays.setdefault(rule, []).extend(found)
    return delays
