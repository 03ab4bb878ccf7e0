"""What is missing: gateways, parts and sensors that fall silent, straps off the skin. Worked scenarios; times in s."""

import pytest

from tests.analysis.people import entry
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, Priority, RuleId, Signal
from vitals.parts import Part, PartState

OVER, NO_DATA, CONTACT = RuleId.HR_OVER, RuleId.NO_DATA, RuleId.CONTACT
STRAP = "s-p01-hr"


@pytest.mark.parametrize("will", [True, False])
def test_a_lost_gateway_is_one_alarm_and_not_thirty(will: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    people = [f"p{number:02}" for number in range(30)]
    s = Scenario(*(entry(name) for name in people))
    for second in range(10):
        for name in people:
            s.at(second).strap(name).hr(90).oximeter(name).spo2(96)
    s.dies(Part.GATEWAY, "g1", will=will).at(120)
    assert len(s.log) == 1
    lost = s.want(Change.RAISED, RuleId.GATEWAY_LOST, between=(13, 14.2)).alarm
    assert (lost.subject, lost.priority) == ("g1", Priority.MEDIUM)
    s.returns(Part.GATEWAY, "g1")
    s.want(Change.CLEARED, RuleId.GATEWAY_LOST, between=(120, 120))
    for second in range(121, 130):
        for name in people:
            s.at(second).strap(name).hr(90).oximeter(name).spo2(96)
    assert len(s.log) == 2


def test_a_gateway_that_is_back_has_time_to_connect_its_sensors() -> None:
    s = Scenario().play(0, 5, 90).dies(Part.GATEWAY, "g1").at(7).returns(Part.GATEWAY, "g1").at(26)
    assert not s.log
    s.at(40)
    s.want_only((27.0, Change.RAISED), rule=NO_DATA)


def test_a_short_restart_of_a_part_is_no_alarm() -> None:
    s = Scenario().returns(Part.INGEST, "1", "r1").at(10).dies(Part.INGEST, "1").at(14).returns(Part.INGEST, "1")
    s.at(60)
    assert not s.changes(RuleId.STORE_LOST)


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        (Part.INGEST, RuleId.STORE_LOST),
        (Part.DASHBOARD, RuleId.DASHBOARD_LOST),
        (Part.ALERTS, RuleId.ALERTS_LOST),
    ],
)
def test_a_lost_part_is_an_alarm_after_5_s_and_ends_with_its_heartbeat(part: Part, rule: RuleId) -> None:
    s = Scenario().returns(part, "1", "r1").at(10).dies(part, "1").at(30)
    alarm = s.want(Change.RAISED, rule, between=(15, 15.2)).alarm
    assert (alarm.subject, alarm.detail) == (part.value, "1")
    s.returns(part, "1")
    s.want(Change.CLEARED, rule, between=(30, 30))


def test_a_part_with_a_living_twin_is_not_missed() -> None:
    s = Scenario().returns(Part.DASHBOARD, "old").returns(Part.DASHBOARD, "new").at(5).dies(Part.DASHBOARD, "old")
    s.at(60)
    assert not s.changes(RuleId.DASHBOARD_LOST)


def test_a_gateway_without_sensors_is_not_missed() -> None:
    s = Scenario().returns(Part.GATEWAY, "g2").at(5).dies(Part.GATEWAY, "g2").at(60)
    assert not s.changes(RuleId.GATEWAY_LOST, subject="g2")


def test_a_gateway_that_never_spoke_is_one_alarm() -> None:
    s = Scenario(*(entry(f"p{number:02}", gateway="g9") for number in range(10))).at(60)
    assert [change for _, change in s.changes()] == [Change.RAISED]
    s.want(Change.RAISED, RuleId.GATEWAY_LOST, between=(10, 11))
    s.at(61).strap("p03").hr(90)
    s.want(Change.CLEARED, RuleId.GATEWAY_LOST, between=(61, 61))


def test_a_silent_strap_is_no_data_after_10_s() -> None:
    s = Scenario().play(0, 5, 90).at(14.9)
    assert not s.log
    s.at(30)
    alarm = s.want(Change.RAISED, NO_DATA, between=(15, 15.2)).alarm
    assert (alarm.subject, alarm.participant, alarm.detail, alarm.priority) == (STRAP, "p01", "hr", Priority.LOW)
    s.play(31, 34, 90)
    s.want_only((15.0, Change.RAISED), (34, Change.CLEARED), rule=NO_DATA)


def test_a_silent_oximeter_is_no_data_after_15_s() -> None:
    s = Scenario(oximeter=True).breathe(0, 5, 96).play(6, 40, 90)
    said = s.want(Change.RAISED, NO_DATA, between=(20, 20.4))
    assert said.alarm.detail == "oximeter"


def test_a_sensor_that_was_never_heard_is_no_data_too() -> None:
    s = Scenario(entry("p01", oximeter=False), entry("p02", seat=2, oximeter=False)).play(0, 20, 90, name="p02")
    s.want(Change.RAISED, NO_DATA, between=(10, 10.4), subject=STRAP)


def test_no_data_is_medium_while_an_alarm_is_on_for_the_person() -> None:
    s = Scenario().play(0, 12, 130).at(60)
    assert s.want(Change.RAISED, NO_DATA, between=(22, 22.4)).alarm.priority is Priority.MEDIUM


def test_a_rise_of_priority_takes_an_acknowledgement_back() -> None:
    s = Scenario(oximeter=True).breathe(0, 20, 91).at(20)
    s.acknowledge(NO_DATA, subject=STRAP)
    s.breathe(21, 50, 84)
    raised = s.want(Change.PRIORITY_RAISED, NO_DATA, between=(36, 36)).alarm
    assert (raised.signal, raised.acknowledged, raised.priority) == (Signal.ON, None, Priority.MEDIUM)


def test_a_strap_off_the_skin_is_contact_and_not_no_data() -> None:
    s = Scenario().play(0, 5, 90)
    for second in range(6, 40):
        s.at(second).strap("p01").off_skin()
    assert s.changes() == [(16, Change.RAISED)]
    assert s.alarm(CONTACT, subject=STRAP).priority is Priority.LOW
    s.play(40, 43, 90)
    s.want(Change.CLEARED, CONTACT, between=(43, 43))


def test_a_strap_off_the_skin_that_falls_silent_is_told_as_no_data() -> None:
    s = Scenario()
    for second in range(20):
        s.at(second).strap("p01").off_skin()
    s.at(40)
    assert s.alarm(CONTACT, subject=STRAP).inhibited_by is NO_DATA
    assert s.alarm(NO_DATA, subject=STRAP).inhibited_by is None


def test_a_hold_is_not_spanned_by_time_off_the_skin() -> None:
    s = Scenario().play(0, 5, 130)
    for second in range(6, 12):
        s.at(second).strap("p01").off_skin()
    s.play(12, 16, 130)
    assert not s.changes(OVER)


def test_a_broker_that_is_lost_raises_nothing_about_people_or_parts() -> None:
    s = Scenario(entry("p01"), entry("p02", seat=2)).play(0, 5, 90)
    s.listen(up=False)
    s.beating.clear()
    s.at(100)
    assert [change for at_s, change in s.changes() if at_s > 5] == []
    s.listen(up=True).returns(Part.GATEWAY, "g1", "run-g1")
    said = len(s.log)
    s.at(109.8)
    assert len(s.log) == said


def test_an_engine_that_stood_still_does_not_take_its_own_silence_for_theirs() -> None:
    s = Scenario().play(0, 5, 90)
    s._ticks += 150
    s.now_s = s._ticks * 0.2
    s.at(36)
    assert not s.log


def test_a_retained_heartbeat_is_no_sign_of_life() -> None:
    s = Scenario()
    s.hear(Part.INGEST, "1", PartState.UP, run="r1", retained=True)
    s.at(20)
    s.want(Change.RAISED, RuleId.STORE_LOST, between=(10, 10.2))
