"""Which steps are due, and whom they tell: the fixed timers, the groups and the phones' buckets."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from alerts.policy.allowance import refill, take
from alerts.policy.case import Case, next_round
from alerts.policy.events import Held, Tell
from alerts.policy.plan import Ladder, Plan
from alerts.policy.routing import route
from alerts.policy.state import Way
from alerts.policy.turn import Turn
from vitals.alarms import AlarmId, Family, Priority
from vitals.escalation import Called, Ways
from vitals.push_message import PushKind
from vitals.units import MonotonicMs


class Wish(NamedTuple):
    """A case that is to be told by a way. ``is_first``: this phone has not heard of it in this round."""

    alarm_id: AlarmId
    way: Way
    step: int
    due_ms: MonotonicMs
    is_first: bool


class Due(NamedTuple):
    """What has come due of a case: all missed steps at once, told as the last of them."""

    done: int
    due_ms: MonotonicMs
    called: tuple[Called, ...]
    ways: Ways


def escalate(turn: Turn) -> None:
    """Take all steps that are due now."""
    wishes: list[Wish] = []
    for case in list(turn.cases.values()):
        wishes += _wishes_of(turn, case)
    # First high alarms go first; what a bucket holds back must be something else.
    wishes.sort(key=lambda wish: (turn.cases[wish.alarm_id].priority is not Priority.HIGH, not wish.is_first))
    groups: dict[tuple[str, ...], list[Wish]] = {}
    for wish in wishes:
        groups.setdefault(_group_of(turn.cases[wish.alarm_id], wish), []).append(wish)
    for group in groups.values():
        _tell(turn, group)


def due_of(case: Case, ladder: Ladder, *, group_ms: int, now_ms: MonotonicMs) -> Due | None:
    """Return the steps of a case's round that are due and not done; None: none.

    Args:
        case: neither accepted nor switched off.
        ladder: the steps of its priority.
        group_ms: what is technical and not high waits so long for others of its kind.
        now_ms: now.
    """
    if not ladder.steps:
        return None
    wait_ms = group_ms if case.family is Family.TECHNICAL and case.priority is not Priority.HIGH else 0
    passed_ms = now_ms - case.base_ms
    index, last_ms = case.done, 0
    called: dict[Called, None] = {}
    ways = Ways.FIRST
    while (after_ms := ladder.due_ms(index)) is not None and max(after_ms, wait_ms) <= passed_ms:
        step = ladder.step(index)
        called |= dict.fromkeys(step.called)
        ways = Ways.ALL if step.ways is Ways.ALL else ways
        last_ms = max(after_ms, wait_ms)
        index += 1
        if index > len(ladder.steps) and ladder.repeat_ms is not None:
            # Of repeats that were missed only the last is taken, however long nobody looked.
            index = max(index, len(ladder.steps) + (passed_ms - ladder.steps[-1].after_ms) // ladder.repeat_ms)
    if index == case.done:
        return None
    return Due(index, MonotonicMs(case.base_ms + last_ms), tuple(called), ways)


def is_calling(case: Case, *, now_ms: MonotonicMs) -> bool:
    """Return whether the steps of a case go on: nobody has it, nothing explains it, nobody switched it off."""
    is_off = case.off_until_ms is not None and now_ms < case.off_until_ms
    return case.accepted_ms is None and not case.inhibited and not is_off and not case.is_test


def _wishes_of(turn: Turn, case: Case) -> list[Wish]:
    plan, now_ms = turn.plan, turn.now_ms
    ladder = plan.ladder(case.priority)
    if case.accepted_ms is not None and case.stands and ladder.again_ms is not None and not case.is_test:
        again_ms = MonotonicMs(case.accepted_ms + ladder.again_ms)
        if now_ms >= again_ms:
            case = next_round(case, base_ms=again_ms)
            turn.put(case)
    if not is_calling(case, now_ms=now_ms):
        return []
    due = due_of(case, ladder, group_ms=plan.group_ms, now_ms=now_ms)
    if due is None:
        return _wishes_held(turn, case)
    reached = route(turn.state, case, called=due.called, ways=due.ways, second=plan.second_channels)
    turn.put(replace(case, done=due.done, unreachable=reached.unreachable))
    step = due.done - 1
    wishes = [Wish(case.alarm_id, way, step, due.due_ms, way.subscription not in case.told) for way in reached.ways]
    meant = {way.subscription for way in reached.ways}
    return wishes + [wish for wish in _wishes_held(turn, case) if wish.way.subscription not in meant]


def _wishes_held(turn: Turn, case: Case) -> list[Wish]:
    ways = [turn.state.ways[one] for one in case.held if one in turn.state.ways]
    return [Wish(case.alarm_id, way, case.done - 1, turn.now_ms, way.subscription not in case.told) for way in ways]


def _group_of(case: Case, wish: Wish) -> tuple[str, ...]:
    """Return what wishes share that become one message: technical ones of one rule to one phone."""
    if case.family is Family.TECHNICAL and case.priority is not Priority.HIGH:
        return wish.way.subscription, case.rule, case.session or ""
    return wish.way.subscription, case.rule, case.alarm_id


def _tell(turn: Turn, group: Sequence[Wish]) -> None:
    lead = group[0]
    cases = tuple(turn.cases[wish.alarm_id] for wish in group)
    way, subscription = lead.way, lead.way.subscription
    is_free = lead.is_first and cases[0].priority is Priority.HIGH
    if not is_free and not _takes_token(turn, turn.plan, way):
        for wish, case in zip(group, cases, strict=True):
            _hold(turn, wish, case)
        return
    for case in cases:
        told = case.told if subscription in case.told else (*case.told, subscription)
        turn.put(replace(case, told=told, held=tuple(one for one in case.held if one != subscription)))
    turn.effects.append(
        Tell(
            message_id=message_id(cases[0], lead.step, way),
            kind=PushKind.TECHNICAL if cases[0].family is Family.TECHNICAL else PushKind.ALARM,
            subscription=subscription,
            staff=way.staff,
            channel=way.channel,
            step=lead.step,
            due_ms=lead.due_ms,
            cases=cases,
            go_to_room=not turn.is_dashboard_up,
        )
    )


def message_id(case: Case, step: int, way: Way) -> str:
    """Return the id of a message: the same for the same step of the same round, after whatever restart."""
    return f"{case.alarm_id}.{case.round}.{step}.{way.subscription}"


def _takes_token(turn: Turn, plan: Plan, way: Way) -> bool:
    bucket = refill(turn.buckets.get(way.subscription), plan, now_ms=turn.now_ms)
    taken = take(bucket)
    if taken is None:
        return False
    turn.set_bucket(way.subscription, taken)
    return True


def _hold(turn: Turn, wish: Wish, case: Case) -> None:
    if wish.way.subscription in case.held:
        return
    turn.put(replace(case, held=(*case.held, wish.way.subscription)))
    turn.effects.append(
        Held(
            message_id=message_id(case, wish.step, wish.way),
            subscription=wish.way.subscription,
            staff=wish.way.staff,
            channel=wish.way.channel,
            step=wish.step,
            due_ms=wish.due_ms,
            case=case,
        )
    )
