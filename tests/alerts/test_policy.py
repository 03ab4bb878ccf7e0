"""The policy, row by row and fault by fault, on virtual time."""

from msgspec.structs import replace

from alerts.policy.events import CaseEnded, Cleared, Held
from tests.alerts.script import STAFF, WAYS, Script, duty_of
from vitals.alarms import Condition, Family, Priority, RuleId, Signal
from vitals.delivery import Response
from vitals.parts import Part
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


def test_a_storm_of_lost_straps_is_one_message_and_holds_back_no_real_alarm() -> None:
    script = Script().at(10)
    for number in range(30):
        script.alarm(
            f"s{number}",
            Priority.MEDIUM,
            participant=f"q{number}",
            rule=RuleId.NO_DATA,
            family=Family.TECHNICAL,
        )
    script.at(11)
    for number in range(10):
        script.alarm(f"real{number}", participant=f"r{number}")
    script.at(12)
    script.alarm("g", Priority.MEDIUM, participant=None, rule=RuleId.GATEWAY_LOST, family=Family.TECHNICAL)
    for number in range(30):
        script.change(f"s{number}", inhibited_by=RuleId.GATEWAY_LOST)
    script.at(24)
    for number in range(10):
        assert script.who(f"real{number}", 11) == ON_DUTY, "at once, none held back"
    technical = [one for one in script.messages() if one.kind is PushKind.TECHNICAL]
    assert {one.cases[0].alarm_id for one in technical} == {"g"}
    assert {one.subscription for one in technical} == ON_DUTY, "one message to each phone"


def test_lost_straps_without_a_lost_gateway_become_one_message_too() -> None:
    script = Script().at(10)
    for number in range(7):
        script.alarm(
            f"s{number}", Priority.MEDIUM, participant=f"q{number}", rule=RuleId.NO_DATA, family=Family.TECHNICAL
        )
    script.at(20)
    assert {len(one.cases) for one in script.messages()} == {7}
    assert {one.subscription for one in script.messages()} == ON_DUTY


def test_a_phone_gets_every_first_high_alarm_and_repeats_as_its_bucket_allows() -> None:
    script = Script().at(10)
    for number in range(40):
        script.alarm(f"a{number}", participant=f"p{number}")
    assert len([one for one in script.told() if one.way == "tom-phone"]) == 40
    assert script.of_kind(Held) == []
    script.at(30)
    second = [one for one in script.told() if one.way == "tom-phone" and one.step == 1]
    assert script.plan.burst <= len(second) <= script.plan.burst + 3
    assert script.of_kind(Held)
    script.at(70)
    last_minute = [one for one in script.told() if one.way == "tom-phone" and 10 < one.at_s <= 70]
    assert len(last_minute) <= script.plan.burst + script.plan.per_minute


def test_what_was_held_is_told_when_there_is_room() -> None:
    script = Script().at(10)
    for number in range(12):
        script.alarm(f"m{number}", Priority.MEDIUM, participant="p3", rule=list(RuleId)[number])
    assert len({one.alarm for one in script.told() if one.way == "ann-phone"}) == script.plan.burst
    script.at(39)
    assert len({one.alarm for one in script.told() if one.way == "ann-phone"}) > script.plan.burst


def test_what_is_switched_off_calls_nobody_and_catches_up_afterwards() -> None:
    script = Script().at(10)
    script.switch_off("p1", RuleId.SPO2_CRIT, 60)
    script.alarm("a")
    script.at(69)
    assert script.told() == []
    case = script.state.cases["a"]  # type: ignore[index]
    assert (case.off_by, case.off_why) == ("tom", "strap is being changed")
    script.at(71)
    assert script.who("a", 70) == set(WAYS), "as if all steps had come at once, once"
    assert len(script.told("a")) == len(WAYS)


def test_switching_on_again_ends_it_at_once() -> None:
    script = Script().at(10)
    script.switch_off("p1", RuleId.SPO2_CRIT, 600)
    script.alarm("a")
    script.at(12)
    script.switch_off("p1", RuleId.SPO2_CRIT, 0)
    assert script.who("a", 12) == ON_DUTY


def test_a_step_that_reaches_nobody_goes_to_everybody_and_says_who_is_out_of_reach() -> None:
    script = Script().at(10)
    for way in ("tom-phone", "ann-phone", "sue-ntfy", "sue-mail"):
        script.close(way)
    script.alarm("a")
    assert script.who("a", 10) == {"ida-phone"}
    assert set(script.state.cases["a"].unreachable) == set(STAFF)  # type: ignore[index]


def test_who_has_the_second_channel_alone_is_called_by_it_at_once() -> None:
    script = Script().at(10)
    script.close("sue-ntfy")
    script.alarm("a")
    assert script.who("a", 10) == {"tom-phone", "ann-phone", "sue-mail"}


def test_a_way_that_is_gone_is_used_no_more() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.close("tom-phone")
    script.at(60)
    assert [one.at_s for one in script.told("a") if one.way == "tom-phone"] == [10]


def test_a_stepped_wall_clock_changes_no_timer() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.utc_offset_ms += 3_600_000
    script.at(30)
    script.utc_offset_ms -= 7_200_000
    script.at(45)
    assert sorted({one.at_s for one in script.told("a")}) == [10, 25, 40]


def test_steps_that_were_missed_are_told_as_one() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.now_ms = 200_000  # we stood still
    script.at(200.25)
    assert len([one for one in script.told("a") if one.way == "ida-phone"]) == 1
    assert script.state.cases["a"].done == 8  # type: ignore[index]
    script.at(221)
    assert max(one.at_s for one in script.told("a")) == 220, "and the rhythm is the onset's"


def test_a_lost_analysis_calls_people_until_it_is_back() -> None:
    script = Script().at(10)
    script.lose(Part.ANALYSIS)
    script.at(14)
    assert script.told() == [], "a restart of some seconds is not worth a walk"
    script.at(32)
    (name,) = {one.alarm for one in script.told()}
    assert name.startswith("analysis-lost-")
    assert script.who(name, 15) == ON_DUTY
    assert script.who(name, 30) == ON_DUTY
    script.find(Part.ANALYSIS)
    script.at(120)
    assert max(one.at_s for one in script.told()) == 30


def test_heartbeats_that_waited_while_we_stood_still_are_no_loss() -> None:
    script = Script().at(10)
    script.now_ms = 60_000
    script.at(60.25)
    script.find(Part.ANALYSIS)
    script.at(90)
    assert script.told() == []


def test_a_silent_analysis_is_lost_without_a_will() -> None:
    script = Script().at(10)
    script.beating.discard(Part.ANALYSIS)
    script.at(30)
    assert {one.alarm.partition("-lost-")[0] for one in script.told()} == {"analysis"}


def test_a_lost_broker_calls_people_without_it() -> None:
    script = Script().at(10)
    script.listen(up=False)
    script.at(14)
    assert script.told() == []
    script.at(60)
    (name,) = {one.alarm for one in script.told()}
    assert name.startswith("broker-lost-")
    assert script.who(name, 45) == set(WAYS)
    script.listen(up=True)
    script.find(Part.ANALYSIS)
    script.at(120)
    assert max(one.at_s for one in script.told()) == 45


def test_without_an_open_class_no_loss_calls_anybody() -> None:
    script = Script().at(5)
    script.end_class()
    script.listen(up=False)
    assert script.at(60).told() == []


def test_an_acknowledgement_counts_from_when_it_was_given_not_from_when_analysis_took_it() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.at(12)
    script.acknowledge_command("a", command="k1")
    script.at(40)
    script.acknowledge("a", command="k1")
    script.at(80)
    assert script.who("a", 72) == ON_DUTY


def test_what_is_switched_off_stays_so_over_a_restart_also_for_an_alarm_that_comes_after_it() -> None:
    script = Script().at(10)
    script.switch_off("p1", RuleId.SPO2_CRIT, 60)
    script.restart()
    script.at(12)
    script.alarm("a")
    assert script.at(60).told("a") == []
    script.at(75)
    assert script.told("a")


def test_standing_alarms_climb_while_the_broker_is_away() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.listen(up=False)
    script.at(45)
    assert sorted({one.at_s for one in script.told("a")}) == [10, 25, 40]


def test_with_the_dashboard_dead_the_message_leads_to_the_room() -> None:
    script = Script().at(10)
    script.alarm("a")
    assert not any(one.go_to_room for one in script.messages())
    script.lose(Part.DASHBOARD)
    script.at(45)
    later = [one for one in script.messages() if one.step > 0]
    assert later
    assert all(one.go_to_room for one in later)


def test_an_alarm_that_ended_while_nobody_listened_is_over_when_analysis_does_not_tell_it() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.listen(up=False)
    script.alarms.clear()
    script.listen(up=True)
    script.find(Part.ANALYSIS)
    script.at(24)
    assert not script.state.cases


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
