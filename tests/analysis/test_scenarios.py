"""What a class sees: worked scenarios on virtual time. Times in s."""

import msgspec
import pytest

from tests.analysis.scenario import BASE_MS, EPOCH_UTC_MS, LIMITS, Scenario, entry, roster
from vitals.alarms import Change, Condition, Family, Priority, RuleId, Signal
from vitals.commands import RecordSession
from vitals.participants import LimitReason
from vitals.parts import Part, PartState
from vitals.passport import Freshness
from vitals.readings import Quality, Reason
from vitals.sessions import ResolvedLimit

OVER, LOW, NO_DATA, CONTACT = RuleId.HR_OVER, RuleId.HR_LOW, RuleId.NO_DATA, RuleId.CONTACT
STRAP = "s-p01-hr"


def test_a_rate_over_the_limit_is_an_alarm_after_its_hold() -> None:
    s = Scenario().play(0, 9, 130)
    assert not s.retained
    s.play(10, 10, 134)
    alarm = s.want(Change.RAISED, OVER, between=(10, 10)).alarm
    assert (alarm.value, alarm.peak, alarm.limit, alarm.limit_reason) == (134, 134, 120, LimitReason.PRESCRIBED)
    assert (alarm.breach_mono_ms, alarm.onset_mono_ms) == (BASE_MS, BASE_MS + 10_000)
    assert (alarm.priority, alarm.signal, alarm.session) == (Priority.MEDIUM, Signal.ON, "c1")
    assert len(alarm.alarm_id) == 16


def test_the_hold_completes_on_a_reading_and_not_on_a_tick() -> None:
    s = Scenario().play(0, 9, 130).at(10.05)
    said = len(s.log)
    s.strap("p01").hr(130)
    assert len(s.log) == said + 1


def test_a_repeated_value_is_not_a_new_alarm() -> None:
    s = Scenario().play(0, 60, 130)
    s.want_only((10, Change.RAISED), rule=OVER)


def test_newer_values_are_published_once_a_second_and_are_no_event() -> None:
    s = Scenario().play(0, 10, 130).play(11, 12, 141).play(13, 14, 135)
    s.at(15)
    alarm = s.alarm(OVER)
    assert (alarm.value, alarm.peak) == (135, 141)
    assert alarm.revision > 1
    s.want_only((10, Change.RAISED), rule=OVER)


def test_an_alarm_clears_after_the_clear_time_beyond_the_margin() -> None:
    s = Scenario().play(0, 10, 130).play(11, 20, 110)
    s.want_only((10, Change.RAISED), (16, Change.CLEARED), rule=OVER)
    assert not s.retained
    assert s.log[-1].alarm.signal is Signal.OFF
    assert s.log[-1].alarm.peak == 130


def test_a_new_hold_after_the_end_is_an_alarm_of_its_own() -> None:
    s = Scenario().play(0, 10, 130).play(11, 16, 110).play(17, 27, 130)
    first, second = (said.alarm for said in s.log if said.change is Change.RAISED)
    assert first.alarm_id != second.alarm_id


def test_questionable_values_neither_breach_nor_clear_nor_break_a_hold() -> None:
    s = Scenario().play(0, 4, 130)
    for second in range(5, 9):
        s.at(second).strap("p01").hr(80, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
    s.play(9, 10, 130)
    s.want(Change.RAISED, OVER, between=(10, 10))
    for second in range(11, 40):
        s.at(second).strap("p01").hr(80, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
    assert s.alarm(OVER).condition is Condition.ACTIVE


def test_questionable_values_alone_raise_nothing_about_the_person_but_that_they_are() -> None:
    s = Scenario()
    for second in range(60):
        s.at(second).strap("p01").hr(180, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL)
    assert [said.alarm.rule for said in s.log] == [RuleId.QUESTIONABLE]
    alarm = s.want(Change.RAISED, RuleId.QUESTIONABLE, between=(30, 30.2)).alarm
    assert (alarm.family, alarm.priority, alarm.subject) == (Family.TECHNICAL, Priority.LOW, STRAP)
    for second in range(60, 71):
        s.at(second).strap("p01").hr(90)
    s.want(Change.CLEARED, RuleId.QUESTIONABLE, between=(65, 66))


def test_missing_data_never_clears_an_alarm_and_says_that_the_source_is_lost() -> None:
    s = Scenario().play(0, 12, 130).at(300)
    assert s.alarm(OVER).source_lost
    assert s.alarm(OVER).condition is Condition.ACTIVE
    s.want(Change.SOURCE_LOST, OVER, between=(22, 22.4))
    s.play(301, 301, 130)
    s.want(Change.SOURCE_BACK, OVER, between=(301, 301))
    assert not s.alarm(OVER).source_lost
    assert s.alarm(OVER).alarm_id == s.log[0].alarm.alarm_id


def test_a_low_rate_latches_until_somebody_has_seen_it() -> None:
    s = Scenario().play(0, 10, 35).play(11, 21, 60)
    latched = s.want(Change.LATCHED, LOW, between=(21, 21)).alarm
    assert (latched.signal, latched.condition) == (Signal.LATCHED, Condition.INACTIVE)
    assert latched.ended_mono_ms == BASE_MS + 21_000
    s.play(22, 60, 60)
    assert s.alarm(LOW).signal is Signal.LATCHED
    assert s.acknowledge(LOW).accepted
    resolved = s.want(Change.RESOLVED, LOW, between=(60, 60)).alarm
    assert resolved.acknowledged is not None
    assert resolved.acknowledged.by == "ab"
    assert not s.retained


def test_an_acknowledged_latching_alarm_ends_with_its_condition() -> None:
    s = Scenario().play(0, 12, 35)
    s.acknowledge(LOW)
    s.play(13, 30, 60)
    s.want_only((10, Change.RAISED), (12, Change.ACKNOWLEDGED), (23, Change.CLEARED), rule=LOW)
    assert not s.retained


def test_a_latched_alarm_that_begins_again_keeps_its_id_and_is_on() -> None:
    s = Scenario().play(0, 10, 35).play(11, 21, 60).play(22, 32, 35)
    again = s.want(Change.RETRIGGERED, LOW, between=(32, 32)).alarm
    assert again.alarm_id == s.log[0].alarm.alarm_id
    assert again.signal is Signal.ON
    assert again.onset_mono_ms == BASE_MS + 32_000
    assert again.revision > s.log[1].alarm.revision


def test_an_acknowledgement_stands_while_the_condition_does() -> None:
    s = Scenario().play(0, 12, 130)
    s.acknowledge(OVER)
    s.play(13, 15, 110).play(16, 60, 150)
    alarm = s.alarm(OVER)
    assert alarm.signal is Signal.ACKNOWLEDGED
    assert alarm.acknowledged is not None
    s.want_only((10, Change.RAISED), (12, Change.ACKNOWLEDGED), rule=OVER)


def test_a_second_acknowledgement_changes_nothing_and_is_no_error() -> None:
    s = Scenario().play(0, 12, 130)
    s.acknowledge(OVER, by="ab")
    assert s.acknowledge(OVER, by="cd").accepted
    taken = s.alarm(OVER).acknowledged
    assert taken is not None
    assert taken.by == "ab"


def test_an_alarm_that_is_not_on_cannot_be_acknowledged() -> None:
    s = Scenario().play(0, 10, 130).play(11, 16, 110)
    answer = s.acknowledge_id(s.log[0].alarm.alarm_id)
    assert not answer.accepted
    assert s.log[0].alarm.alarm_id in answer.reason


def test_a_command_for_the_record_is_refused() -> None:
    s = Scenario()
    assert not s.command(RecordSession(session=roster().session, roster=roster()), by="ab").accepted


def test_both_legs_of_critical_saturation_are_one_alarm() -> None:
    s = Scenario(oximeter=True).breathe(0, 40, 78)
    s.want_only((8, Change.RAISED), rule=RuleId.SPO2_CRIT)
    assert s.alarm(RuleId.SPO2_CRIT).limit == 85


def test_low_saturation_is_told_by_the_critical_alarm_while_that_stands() -> None:
    s = Scenario(oximeter=True).breathe(0, 20, 78)
    assert s.alarm(RuleId.SPO2_LOW).inhibited_by is RuleId.SPO2_CRIT
    s.breathe(21, 40, 87)
    assert s.alarm(RuleId.SPO2_CRIT).signal is Signal.LATCHED
    assert s.alarm(RuleId.SPO2_LOW).inhibited_by is None


def test_who_acknowledges_the_critical_alarm_has_seen_the_low_one() -> None:
    s = Scenario(oximeter=True).breathe(0, 20, 78)
    s.acknowledge(RuleId.SPO2_CRIT)
    assert s.alarm(RuleId.SPO2_LOW).signal is Signal.ACKNOWLEDGED


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


def test_the_audio_pause_ends_by_itself() -> None:
    s = Scenario().play(0, 5, 90)
    s.pause(60)
    assert s.audio[-1].paused_until_mono_ms == BASE_MS + 65_000
    s.play(6, 70, 90)
    assert s.audio[-1].paused_until_mono_ms is None


def test_the_audio_pause_is_broken_by_a_new_alarm_and_not_by_an_old_one() -> None:
    s = Scenario(entry("p01"), entry("p02", seat=2))
    for second in range(25):
        s.at(second).strap("p01").hr(130).strap("p02").hr(90 if second < 14 else 130)
        s.oximeter("p01").spo2(96).oximeter("p02").spo2(96)
        if second == 12:
            s.pause(120)
        if second == 23:
            assert s.audio[-1].paused_until_mono_ms is not None
    assert s.audio[-1].paused_until_mono_ms is None


def test_zero_seconds_end_the_pause() -> None:
    s = Scenario().at(1)
    s.pause(100)
    s.pause(0)
    assert s.audio[-1].paused_until_mono_ms is None


def test_a_late_reading_raises_nothing() -> None:
    s = Scenario().play(0, 5, 90).at(20)
    for second in range(6, 10):
        s.strap("p01").hr(150, of_s=second)
    assert s.engine.state.counters.late == 4
    assert not s.changes(OVER)


def test_younger_readings_after_a_hiccup_complete_a_hold_at_once() -> None:
    s = Scenario().play(0, 5, 130).at(11)
    for second in range(6, 12):
        s.strap("p01").hr(130, of_s=second)
    alarm = s.want(Change.RAISED, OVER, between=(11, 11)).alarm
    assert alarm.onset_mono_ms == BASE_MS + 10_000


def test_readings_that_come_after_their_successors_are_judged_at_their_place() -> None:
    s = Scenario().play(0, 4, 130).at(12)
    s.strap("p01").hr(130, seq=12)
    assert not s.changes(OVER)
    for second in range(5, 12):
        s.strap("p01").hr(130, seq=second, of_s=second)
    s.want(Change.RAISED, OVER, between=(12, 12))


def test_a_good_value_that_comes_late_in_order_still_ends_a_hold() -> None:
    s = Scenario().play(0, 4, 130).at(6)
    s.strap("p01").hr(130, seq=6).strap("p01").hr(110, seq=5, of_s=5)
    for second in range(7, 16):
        s.at(second).strap("p01").hr(130, seq=second)
    assert not s.changes(OVER)
    s.at(16).strap("p01").hr(130, seq=16)
    s.want(Change.RAISED, OVER, between=(16, 16))


def test_an_alarm_is_never_taken_back_by_an_older_reading() -> None:
    s = Scenario().play(0, 10, 130).at(10.5)
    s.strap("p01").hr(90, seq=99, of_s=4.5)
    assert s.alarm(OVER).condition is Condition.ACTIVE


def test_what_began_and_ended_in_an_outage_is_found_afterwards() -> None:
    s = Scenario().play(0, 5, 90).at(60).strap("p01").hr(90, seq=60)
    for second in range(6, 60):
        s.strap("p01").hr(130 if 20 <= second < 40 else 90, seq=second, of_s=second)
    found = s.want(Change.FOUND_AFTERWARDS, OVER, between=(60, 60)).alarm
    assert (found.signal, found.onset_mono_ms, found.ended_mono_ms) == (Signal.OFF, BASE_MS + 30_000, BASE_MS + 45_000)
    assert not s.retained.get("p01/HR_OVER")


def test_what_was_on_through_an_outage_is_not_found_again() -> None:
    s = Scenario().play(0, 12, 130).at(60).strap("p01").hr(130, seq=60)
    for second in range(13, 60):
        s.strap("p01").hr(130, seq=second, of_s=second)
    s.at(120)
    assert Change.FOUND_AFTERWARDS not in [change for _, change in s.changes()]


def test_the_end_of_an_alarm_that_was_told_is_not_found_afterwards() -> None:
    s = Scenario().play(0, 12, 130).at(60).strap("p01").hr(90, seq=60)
    for second in range(13, 60):
        s.strap("p01").hr(130 if second < 26 else 90, seq=second, of_s=second)
    s.at(120)
    assert Change.FOUND_AFTERWARDS not in [change for _, change in s.changes()]


def test_what_began_in_an_outage_and_was_over_when_it_ended_is_found_afterwards() -> None:
    s = Scenario().play(0, 5, 90).at(60).strap("p01").hr(90, seq=60)
    for second in range(6, 45):
        s.strap("p01").hr(130 if second >= 20 else 90, seq=second, of_s=second)
    for second in range(61, 90):
        s.at(second).strap("p01").hr(90, seq=second)
    s.want(Change.FOUND_AFTERWARDS, OVER, between=(70, 72))


def test_a_reading_that_is_heard_twice_counts_once() -> None:
    s = Scenario().play(0, 9, 130)
    for second in range(10):
        s.strap("p01").hr(130, seq=second, of_s=second)
    s.at(9.5).strap("p01").hr(130, seq=3)
    assert s.engine.state.counters.duplicates == 11
    assert not s.log


def test_a_command_that_is_repeated_is_answered_again_and_done_once() -> None:
    s = Scenario().play(0, 10, 35).play(11, 12, 35)
    s.acknowledge(LOW)
    s.play(13, 23, 60).play(24, 34, 35)
    assert s.alarm(LOW).signal is Signal.ON
    s._commands -= 1
    assert s.acknowledge(LOW).accepted
    assert s.alarm(LOW).signal is Signal.ON


def test_the_end_of_a_session_ends_its_alarms() -> None:
    s = Scenario(entry("p01"), entry("p02", seat=2)).play(0, 40, 130).clear()
    assert not s.retained
    assert {said.change for said in s.log if said.at_s == 40} >= {Change.SESSION_ENDED}
    s.at(100)
    assert not s.retained


def test_another_limit_applies_to_later_values_at_once() -> None:
    s = Scenario().play(0, 12, 130)
    higher = (ResolvedLimit(rule=OVER, value=140, reason=LimitReason.PRESCRIBED),)
    s.tell(roster(entry("p01", oximeter=False, limits=higher), version=2)).play(13, 20, 130)
    s.want(Change.CLEARED, OVER, between=(18, 18))
    s.tell(roster(entry("p01", oximeter=False, limits=LIMITS), version=3)).play(21, 31, 130)
    s.want(Change.RAISED, OVER, between=(31, 31))


def test_an_alarm_whose_limit_is_taken_away_ends() -> None:
    s = Scenario().play(0, 12, 130).tell(roster(entry("p01", oximeter=False, limits=()), version=2))
    s.want(Change.CLEARED, OVER, between=(12, 12))
    s.play(13, 60, 200)
    assert not s.retained


def test_an_older_roster_changes_nothing() -> None:
    s = Scenario().tell(roster(entry("p01", oximeter=False), version=3))
    s.tell(roster(entry("p01", oximeter=False, limits=()), version=2)).play(0, 10, 130)
    s.want(Change.RAISED, OVER, between=(10, 10))


def test_a_sensor_that_is_handed_on_counts_for_its_new_wearer_only() -> None:
    s = Scenario(entry("p01", oximeter=False), entry("p02", seat=2, oximeter=False)).play(0, 5, 130)
    first, second = entry("p01", strap="s-new", oximeter=False), entry("p02", seat=2, strap=STRAP, oximeter=False)
    s.tell(roster(first, second, version=2))
    for moment in range(6, 17):
        s.at(moment).strap(STRAP).hr(130)
    assert s.changes(OVER, subject="p01") == []
    s.want(Change.RAISED, OVER, between=(16, 16), subject="p02")


def test_who_leaves_the_class_takes_the_alarms_along() -> None:
    s = Scenario(entry("p01", oximeter=False), entry("p02", seat=2, oximeter=False)).play(0, 12, 130)
    s.tell(roster(entry("p02", seat=2, oximeter=False), version=2))
    s.want(Change.SESSION_ENDED, OVER, between=(12, 12), subject="p01")
    assert not any(alarm.participant == "p01" for alarm in s.retained.values())


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


def test_derived_values_are_of_fresh_heart_rates_only() -> None:
    s = Scenario().play(0, 5, 110)
    (derived,) = s.engine.derive(s.now_ms)
    assert (derived.participant, derived.hrr_pct, derived.zone) == ("p01", 50.0, "in")
    s.at(9)
    (stale,) = s.engine.derive(s.now_ms)
    assert (stale.hrr_pct, stale.zone, stale.hr_limit_in_s, stale.phase_proposed) == (None, None, None, None)
    assert stale.hr is not None
    assert stale.hr.freshness is Freshness.STALE


def test_who_has_left_is_watched_no_more_and_stays_in_the_roster() -> None:
    s = Scenario().play(0, 12, 130)
    worn = entry("p01", oximeter=False)
    closed = tuple(msgspec.structs.replace(one, to_utc_ms=EPOCH_UTC_MS + 13_000) for one in worn.sensors)
    gone = msgspec.structs.replace(worn, sensors=closed, left_utc_ms=EPOCH_UTC_MS + 13_000)
    s.tell(roster(gone, version=2)).at(40)
    assert not s.retained
    assert not s.engine.state.people
    s.tell(roster(worn, version=3)).play(41, 52, 130)
    assert s.alarm(OVER).condition is Condition.ACTIVE
