"""What-if over parts of stored classes: each person with their own limits and phases as they were then, changed or not.

A limit that moved in class is no break: the twin judges the distance to the limit that held at each sample. A phase is
one only for rules that differ by phase.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from analysis.core.rules import SAMPLED, Rule, RuleSet, Watch, tailor
from analysis.history.samples import Samples, Times, Values
from analysis.history.twin import STANDS, judge
from vitals.alarms import Operator, Priority, RuleId
from vitals.participants import LimitReason
from vitals.sessions import Phase, ResolvedLimit


class Held(Struct, frozen=True, kw_only=True):
    """One limit of one person, from a time to before a time, ms; ``op``, ``hold_s``: the person's own, or None."""

    rule: RuleId
    value: float
    from_ms: int
    to_ms: int
    op: Operator | None = None
    hold_s: float | None = None


class TriedPart(Struct, frozen=True, kw_only=True):
    """One person's part of one class: what counted of each vital sign, and what held when. Times in ms, ascending."""

    signals: dict[Watch, tuple[Times, Values]]
    phases: tuple[tuple[Phase, int, int], ...]
    limits: tuple[Held, ...]


class LimitChange(Struct, frozen=True, kw_only=True):
    """What shall be different about one rule: its limit set or shifted, its hold; None: as it was."""

    value: float | None = None
    shift: float | None = None
    hold_s: float | None = None


class TriedAlarm(Struct, frozen=True, kw_only=True):
    """A condition that would have stood: in which part (its place), ms; ``ended_ms`` None: to the end."""

    part: int
    rule: RuleId
    priority: Priority
    limit: float
    breach_ms: int
    onset_ms: int
    ended_ms: int | None


_UNCHANGED: Final = LimitChange()


def change_limits(limits: Sequence[Held], changes: Mapping[RuleId, LimitChange]) -> tuple[Held, ...]:
    """Return limits as they would be; who has no such limit gets none by a change."""
    changed = []
    for limit in limits:
        change = changes.get(limit.rule, _UNCHANGED)
        value = limit.value if change.value is None else change.value
        changed.append(
            replace(
                limit,
                value=value + (change.shift or 0.0),
                hold_s=limit.hold_s if change.hold_s is None else change.hold_s,
            )
        )
    return tuple(changed)


def judge_parts(rules: RuleSet, parts: Sequence[TriedPart]) -> list[TriedAlarm]:
    """Return the conditions of all rules about values, by part and onset."""
    found: list[TriedAlarm] = []
    for rule in rules.rules:
        if rule.watch in SAMPLED:
            found += _judge_rule(rule, parts)
    return sorted(found, key=lambda one: (one.part, one.onset_ms, one.rule))


class _Stretch(Struct, frozen=True):
    """Samples of one part that one tailored rule judges, as distances to the limit of then."""

    part: int
    at_ms: Times
    distance: Values
    limits: tuple[Held, ...]


def _judge_rule(rule: Rule, parts: Sequence[TriedPart]) -> Iterator[TriedAlarm]:
    tailored: dict[tuple[object, ...], tuple[Rule, list[_Stretch]]] = {}
    for place, part in enumerate(parts):
        if rule.watch not in part.signals:
            continue
        for key, one, stretch in _stretches(rule, part, place):
            tailored.setdefault(key, (one, []))[1].append(stretch)
    for one, stretches in tailored.values():
        samples = Samples(
            np.concatenate([stretch.at_ms for stretch in stretches]),
            np.concatenate([stretch.distance for stretch in stretches]),
            np.cumsum([0, *(len(stretch.at_ms) for stretch in stretches)], dtype=np.int64),
        )
        stood = judge(one, samples, 0.0)
        for history, breach, onset, ended in zip(
            stood.history.tolist(),
            stood.breach_ms.tolist(),
            stood.onset_ms.tolist(),
            stood.ended_ms.tolist(),
            strict=True,
        ):
            stretch = stretches[history]
            yield TriedAlarm(
                part=stretch.part,
                rule=rule.id,
                priority=one.priority,
                limit=next(held.value for held in stretch.limits if held.from_ms <= onset < held.to_ms),
                breach_ms=breach,
                onset_ms=onset,
                ended_ms=None if ended == STANDS else ended,
            )


def _stretches(rule: Rule, part: TriedPart, place: int) -> Iterator[tuple[tuple[object, ...], Rule, _Stretch]]:
    """Yield the stretches of a part in which the same tailored rule holds, with what tells tailored rules apart."""
    runs: list[tuple[tuple[object, ...], Rule, list[Held]]] = []
    for held in _by_phase(rule, part):
        phase, limit = held
        resolved = ResolvedLimit(
            rule=rule.id, value=limit.value, reason=LimitReason.RULE_SET, op=limit.op, hold_s=limit.hold_s
        )
        one = tailor(rule, resolved, phase)
        if one is None:
            continue
        key: tuple[object, ...] = (one.op, one.legs, one.priority, one.latch)
        if runs and runs[-1][0] == key and runs[-1][2][-1].to_ms == limit.from_ms:
            runs[-1][2].append(limit)
        else:
            runs.append((key, one, [limit]))
    at_ms, values = part.signals[rule.watch]
    for key, one, limits in runs:
        edges = np.array([limits[0].from_ms, *(limit.to_ms for limit in limits)], np.int64)
        first, *places = np.searchsorted(at_ms, edges).tolist()
        if places[-1] > first:
            lengths = np.diff([first, *places])
            distance = values[first : places[-1]] - np.repeat([limit.value for limit in limits], lengths)
            yield key, one, _Stretch(place, at_ms[first : places[-1]], distance, tuple(limits))


def _by_phase(rule: Rule, part: TriedPart) -> Iterator[tuple[Phase, Held]]:
    """Yield the limits of a rule cut at the borders of phases, in order of time."""
    mine = [limit for limit in part.limits if limit.rule is rule.id]
    if not mine and rule.limit is not None and part.phases:
        mine = [Held(rule=rule.id, value=rule.limit, from_ms=part.phases[0][1], to_ms=part.phases[-1][2])]
    for phase, from_ms, to_ms in part.phases:
        for limit in mine:
            begin, end = max(from_ms, limit.from_ms), min(to_ms, limit.to_ms)
            if begin < end:
                yield phase, replace(limit, from_ms=begin, to_ms=end)
