"""The policy, row by row and fault by fault, on virtual time."""

from msgspec.structs import replace

from alerts.letter import write_letter
from alerts.policy.events import CaseEnded, Cleared
from tests.alerts.script import STAFF, WAYS, Script, duty_of
from vitals.alarms import Condition, Priority, RuleId, Signal
from vitals.delivery import Response
from vitals.push_message import PushKind

ON_DUTY = {"tom-phone", "ann-phone", "sue-ntfy"}


def test_a_high_alarm_is_told_to_all_on_duty_at_once() -> None:
    script = Script().at(10)
    script.alarm("a")
    assert script.who("a", 10) == ON_DUTY
    assert {one.step for one in script.told("a")} == {0}


def test_an_alarm_of_somebody_who_is_played_calls_nobody_also_when_nobody_is_on_duty() -> None:
    script = Script().at(10)
    script.alarm("a", participant="practice-1")
    script.at(300)
    assert script.told("a") == []
    assert not script.state.cases


def test_a_high_alarm_climbs_by_the_clock_until_somebody_accepts() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(150)
    times = sorted({one.at_s for one in script.told("a")})
    assert times == [10, 25, 40, 70, 100, 130]
    assert script.who("a", 25) == ON_DUTY
    assert script.who("a", 40) == set(WAYS), "everybody by all ways"
    assert script.who("a", 130) == set(WAYS)


def test_an_accept_stops_the_steps_and_takes_the_message_back() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(20)
    assert script.respond("a", "tom").accepted
    cleared = [one.subscription for one in script.of_kind(Cleared) if isinstance(one, Cleared)]
    assert set(cleared) == ON_DUTY
    script.gone("a")
    script.at(200)
    assert {one.at_s for one in script.told("a")} == {10}
    assert len(script.of_kind(CaseEnded)) == 1


def test_an_acknowledgement_on_any_screen_is_an_accept() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(12)
    script.acknowledge("a")
    script.at(60)
    assert {one.at_s for one in script.told("a")} == {10}
    assert [answer.staff for answer in next(iter(script.state.cases.values())).answers] == ["th"]


def test_an_acknowledgement_that_analysis_is_too_dead_to_take_is_an_accept_all_the_same() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(12)
    script.acknowledge_command("a", command="k1")
    script.acknowledge_command("a", command="k1")  # its sender repeats it each second
    script.change("a", value=77.0)  # said before analysis took it
    script.at(60)
    script.acknowledge("a", command="k1")
    assert {one.at_s for one in script.told("a")} == {10}
    assert len(script.state.cases) == 1
    assert len(next(iter(script.state.cases.values())).answers) == 1


def test_an_accepted_high_alarm_that_stands_is_told_anew_after_a_minute() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(12)
    script.respond("a", "tom")
    script.at(71)
    assert script.who("a", 72) == set()
    script.at(105)
    assert script.who("a", 72) == ON_DUTY
    assert script.who("a", 87) == ON_DUTY
    assert script.who("a", 102) == set(WAYS)


def test_an_accepted_alarm_whose_condition_has_ended_calls_nobody_again() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.respond("a", "tom")
    script.change("a", condition=Condition.INACTIVE, signal=Signal.LATCHED)
    script.at(300)
    assert {one.at_s for one in script.told("a")} == {10}


def test_a_high_alarm_that_is_over_and_unseen_goes_on_calling_and_says_that_it_has_ended() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(20)
    script.change("a", condition=Condition.INACTIVE, signal=Signal.LATCHED)
    script.at(110)
    assert sorted({one.at_s for one in script.told("a")}) == [10, 25, 40, 70, 100]
    bodies = {tell.step: write_letter(tell, now_ms=tell.due_ms).push.body for tell in script.messages()}
    assert [step for step, body in bodies.items() if "It has ended, nobody has seen it." in body] == [1, 2, 3, 4]


def test_on_my_way_accepts_and_cannot_changes_nothing() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.alarm("b", participant="p3")
    script.respond("a", "tom", Response.ON_MY_WAY)
    script.respond("b", "ann", Response.CANNOT)
    script.at(30)
    assert {one.at_s for one in script.told("a")} == {10}
    assert {one.at_s for one in script.told("b")} == {10, 25}


def test_a_medium_alarm_is_told_to_the_own_therapist_then_to_all_then_to_the_supervisor() -> None:
    script = Script().at(10)
    script.alarm("m", Priority.MEDIUM, participant="p3", rule=RuleId.HR_OVER)
    script.at(600)
    assert [(one.at_s, one.way) for one in script.told("m") if one.at_s == 10] == [(10, "ann-phone")]
    assert script.who("m", 40) == ON_DUTY
    assert script.who("m", 100) == ON_DUTY
    assert len({one.at_s for one in script.told("m")}) == 3, "and then no more"


def test_a_medium_alarm_of_nobody_in_particular_is_told_to_all_on_duty() -> None:
    script = Script().at(10)
    script.alarm("m", Priority.MEDIUM, participant="p9", rule=RuleId.HR_OVER)
    assert script.who("m", 10) == ON_DUTY


def test_low_alarms_are_for_screens_alone() -> None:
    script = Script().at(10)
    script.alarm("l", Priority.LOW)
    script.alarm("i", Priority.INFO, participant="p2")
    assert script.at(300).told() == []


def test_an_alarm_that_becomes_worse_begins_anew_at_once() -> None:
    script = Script().at(10)
    script.alarm("a", Priority.MEDIUM)
    script.at(50)
    script.respond("a", "tom")
    script.change("a", priority=Priority.HIGH)
    assert script.who("a", 50) == ON_DUTY
    script.at(81)
    assert script.who("a", 65) == ON_DUTY
    assert script.who("a", 80) == set(WAYS)


def test_an_alarm_that_comes_back_after_an_accept_begins_anew() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(20)
    script.acknowledge("a")
    script.at(30)
    script.change("a", signal=Signal.ON, acknowledged=None)
    assert script.who("a", 30) == ON_DUTY


def test_a_repeated_value_is_not_a_new_alarm() -> None:
    script = Script().at(10)
    script.alarm("a")
    for value in range(70, 78):
        script.change("a", value=float(value))
    assert {one.at_s for one in script.told("a")} == {10}
    assert len(script.told("a")) == 3


def test_one_rule_of_one_person_has_one_case_at_a_time() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(12)
    script.alarm("b")
    script.at(20)
    assert set(script.state.cases) == {"b"}
    assert script.who("b", 12) == ON_DUTY


def test_what_something_else_explains_is_not_told_until_it_stands_alone() -> None:
    script = Script().at(10)
    script.alarm("a", inhibited_by=RuleId.GATEWAY_LOST)
    script.at(60)
    assert script.told() == []
    script.change("a", inhibited_by=None)
    assert script.who("a", 60) == ON_DUTY
    assert {one.step for one in script.told("a")} == {0}


def test_a_test_reaches_all_ways_of_one_person_and_wants_an_answer() -> None:
    script = Script().at(10)
    assert script.test("sue").accepted
    assert {one.way for one in script.told("test-t")} == {"sue-ntfy", "sue-mail"}
    assert {one.kind for one in script.messages()} == {PushKind.TEST}
    assert script.respond("test-t", "sue").accepted
    script.at(700)
    assert not script.state.cases
    assert len(script.told()) == 2
    refused = script.test("bob")
    assert not refused.accepted
    assert refused.reason == "there is no way to bob"


def test_who_answers_an_alarm_that_is_over_is_told_so() -> None:
    script = Script().at(10)
    assert not script.respond("nothing", "tom").accepted


def test_duty_that_changes_is_heeded_by_the_next_step() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.state = replace(script.state, duty=duty_of({"ida": STAFF["ann"]}))
    script.at(26)
    assert script.who("a", 25) == {"ida-phone"}
