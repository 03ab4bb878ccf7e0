"""What is due of whom: a rating, a breathlessness, a blood pressure. Pure. Nothing that is due is ever an alarm."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from dashboard.flow.plan import DueKind, DueRule
from dashboard.flow.story import Span, Story
from vitals.entries import BloodPressure, Dyspnoea, EntryBody, Rpe, SessionRpe
from vitals.units import UtcMs

_BODIES: Final[dict[DueKind, type[EntryBody]]] = {
    DueKind.RPE: Rpe,
    DueKind.DYSPNOEA: Dyspnoea,
    DueKind.BLOOD_PRESSURE: BloodPressure,
    DueKind.SESSION_RPE: SessionRpe,
}


class DueState(StrEnum):
    """How far off something is."""

    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"


class DueItem(Struct, frozen=True, kw_only=True):
    """One thing to ask or to measure. ``last_utc_ms`` None: not asked at this station yet."""

    kind: DueKind
    state: DueState
    due_utc_ms: UtcMs
    last_utc_ms: UtcMs | None = None


def find_due(
    rules: Iterable[DueRule],
    story: Story,
    span: Span | None,
    *,
    has_oximeter: bool,
    grace_s: float,
    now_utc_ms: UtcMs,
) -> tuple[DueItem, ...]:
    """Return what is due of one person, the first first.

    Args:
        rules: of the plan.
        story: what was entered.
        span: the phase in which the person is, None: in none.
        has_oximeter: wears an oximeter or is given oxygen.
        grace_s: what is due for longer is overdue.
        now_utc_ms: the time.
    """
    if span is None:
        return ()
    found = _find(rules, story, span, has_oximeter=has_oximeter, grace_s=grace_s, now_utc_ms=now_utc_ms)
    return tuple(sorted(found, key=lambda item: item.due_utc_ms))


def _find(
    rules: Iterable[DueRule], story: Story, span: Span, *, has_oximeter: bool, grace_s: float, now_utc_ms: UtcMs
) -> Iterator[DueItem]:
    for rule in rules:
        if span.phase not in rule.phases or (rule.with_oximeter and not has_oximeter):
            continue
        last = story.last(_BODIES[rule.kind], since_utc_ms=span.station_utc_ms)
        if last is None:
            due_utc_ms = UtcMs(span.station_utc_ms + round(rule.first_s * 1000))
        elif rule.every_s is not None:
            due_utc_ms = UtcMs(last.at_utc_ms + round(rule.every_s * 1000))
        else:
            continue
        yield DueItem(
            kind=rule.kind,
            state=_state(due_utc_ms, grace_s=grace_s, now_utc_ms=now_utc_ms),
            due_utc_ms=due_utc_ms,
            last_utc_ms=None if last is None else last.at_utc_ms,
        )


def _state(due_utc_ms: UtcMs, *, grace_s: float, now_utc_ms: UtcMs) -> DueState:
    if now_utc_ms < due_utc_ms:
        return DueState.LATER
    return DueState.DUE if now_utc_ms < due_utc_ms + grace_s * 1000 else DueState.OVERDUE
