"""What the policy does when clocks step and parts are lost, and after a restart; on virtual time."""

from tests.alerts.script import WAYS, Script
from vitals.alarms import RuleId
from vitals.parts import Part

ON_DUTY = {"tom-phone", "ann-phone", "sue-ntfy"}


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
