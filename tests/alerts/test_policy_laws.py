"""Laws of the policy for every history: nothing high unannounced, no step skipped, restarts change nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.script import PLAN, Script, Told
from vitals.alarms import Priority, RuleId, Signal
from vitals.delivery import Response

pytestmark = pytest.mark.timeout(150)

NAMES = ("a", "b", "c")
RULES = dict(zip(NAMES, (RuleId.SPO2_CRIT, RuleId.HR_CRIT, RuleId.HR_OVER), strict=True))

deeds = st.lists(
    st.tuples(
        st.sampled_from(("high", "medium", "accept", "cannot", "acknowledge", "value", "back", "gone", "off", "wait")),
        st.sampled_from(NAMES),
        st.integers(0, 25),
    ),
    max_size=16,
)


def play(history: list[tuple[str, str, int]], *, restart_before: int | None = None) -> Script:
    script = Script().at(1)
    for number, (deed, name, seconds) in enumerate(history):
        if number == restart_before:
            script.restart()
        is_on = name in script.alarms
        match deed:
            case "high" | "medium" if not is_on:
                script.alarm(name, Priority(deed), rule=RULES[name])
            case "accept":
                script.respond(name, "tom")
            case "cannot":
                script.respond(name, "ann", Response.CANNOT)
            case "acknowledge" if is_on:
                script.acknowledge(name, command=f"k{number}")
            case "value" if is_on:
                script.change(name, value=float(seconds))
            case "back" if is_on:
                script.change(name, signal=Signal.ON, acknowledged=None)
            case "gone" if is_on:
                script.gone(name)
            case "off":
                script.switch_off("p1", RULES[name], seconds)
            case _:
                pass
        script.at(script.now_ms / 1000 + seconds)
    return script


@given(deeds)
def test_no_high_alarm_stays_unannounced(history: list[tuple[str, str, int]]) -> None:
    script = play(history)
    script.at(script.now_ms / 1000 + 1)
    for case in script.state.cases.values():
        is_off = case.off_until_ms is not None
        if case.priority is Priority.HIGH and not is_off and case.accepted_ms is None:
            assert script.told(case.alarm_id), case


@given(deeds)
def test_no_step_is_skipped_while_nobody_has_it(history: list[tuple[str, str, int]]) -> None:
    script = play(history)
    for case in script.state.cases.values():
        is_off = case.off_until_ms is not None
        if case.accepted_ms is not None or is_off:
            continue
        ladder = PLAN.ladder(case.priority)
        due_ms = ladder.due_ms(case.done)
        assert due_ms is None or case.base_ms + due_ms > script.now_ms, case
        if case.done:
            passed_ms = ladder.due_ms(case.done - 1)
            assert passed_ms is not None
            assert case.base_ms + passed_ms <= script.now_ms, case


@given(deeds, st.integers(0, 15))
def test_a_restart_at_any_event_leaves_the_later_history_unchanged(
    history: list[tuple[str, str, int]], place: int
) -> None:
    assert told(play(history)) == told(play(history, restart_before=place))


@given(deeds)
def test_the_same_events_give_the_same_calls(history: list[tuple[str, str, int]]) -> None:
    assert told(play(history)) == told(play(history))


def told(script: Script) -> list[Told]:
    return script.told()
