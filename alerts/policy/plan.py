"""The plan of a site: which steps are taken when, for which priority. What a policy file says, checked."""

from types import MappingProxyType
from typing import Final

from msgspec import Struct

from vitals.alarms import Priority
from vitals.delivery import ChannelName
from vitals.escalation import Called, PolicyTimeline, TimelineRow, Ways


class Step(Struct, frozen=True, kw_only=True):
    """One step: ``after_ms`` from the base of the round, ``called`` by ``ways``."""

    after_ms: int
    called: tuple[Called, ...]
    ways: Ways = Ways.FIRST


class Ladder(Struct, frozen=True, kw_only=True):
    """The steps for one priority, in order of time, the first at once; none: the screens alone show it.

    ``repeat_ms``: the last step is taken again so often. ``again_ms``: so long after an accept the steps begin anew,
    if the alarm stands. None: never.
    """

    steps: tuple[Step, ...] = ()
    repeat_ms: int | None = None
    again_ms: int | None = None

    def due_ms(self, index: int) -> int | None:
        """Return how long after the base the step number ``index`` (from 0, repeats counted on) is due."""
        if index < len(self.steps):
            return self.steps[index].after_ms
        if not self.steps or self.repeat_ms is None:
            return None
        return self.steps[-1].after_ms + (index - len(self.steps) + 1) * self.repeat_ms

    def step(self, index: int) -> Step:
        """Return the step number ``index``; a repeat is the last one."""
        return self.steps[min(index, len(self.steps) - 1)]


QUIET: Final = Ladder()


class Plan(Struct, frozen=True, kw_only=True):
    """A policy in force.

    ``burst`` and ``per_minute``: the token bucket of a phone. ``group_ms``: technical alarms below high wait so long
    for others of their kind. ``loss_ms``: so long must analysis or the broker be lost before anybody is called.
    ``sources``: where each number comes from, by its place in the file.
    """

    name: str
    version: int
    ladders: dict[Priority, Ladder]
    second_channels: frozenset[ChannelName]
    group_ms: int
    burst: int
    per_minute: int
    loss_ms: int
    loss_priorities: dict[str, Priority]
    sources: dict[str, str] = {}

    def ladder(self, priority: Priority) -> Ladder:
        """Return the steps for a priority."""
        return self.ladders.get(priority, QUIET)


_ORDER: Final = MappingProxyType({priority: place for place, priority in enumerate(Priority)})


def policy_timeline(plan: Plan) -> PolicyTimeline:
    """Return the policy as rows that people can read: for each priority what happens when, until somebody accepts."""
    rows: list[TimelineRow] = []
    for priority in sorted((Priority.HIGH, Priority.MEDIUM, Priority.LOW), key=_ORDER.__getitem__):
        ladder = plan.ladder(priority)
        if not ladder.steps:
            rows.append(TimelineRow(priority=priority, after_s=0))
            continue
        for number, step in enumerate(ladder.steps):
            is_last = number == len(ladder.steps) - 1
            every_s = ladder.repeat_ms / 1000 if is_last and ladder.repeat_ms is not None else None
            rows.append(
                TimelineRow(
                    priority=priority,
                    after_s=step.after_ms / 1000,
                    called=step.called,
                    ways=step.ways,
                    every_s=every_s,
                )
            )
        if ladder.again_ms is not None:
            first = ladder.steps[0]
            rows.append(
                TimelineRow(
                    priority=priority,
                    after_s=ladder.again_ms / 1000,
                    called=first.called,
                    ways=first.ways,
                    again=True,
                )
            )
    return PolicyTimeline(name=plan.name, version=plan.version, rows=tuple(rows))
