"""What a class sees: worked scenarios on virtual time. Times in s."""

import msgspec

from tests.analysis.people import BASE_MS, EPOCH_UTC_MS, LIMITS, entry, roster
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, Condition, Family, Priority, RuleId, Signal
from vitals.commands import RecordSession
from vitals.participants import LimitReason
from vitals.passport import Freshness
from vitals.readings import Quality, Reason
from vitals.sessions import ResolvedLimit

OVER, LOW = RuleId.HR_OVER, RuleId.HR_LOW
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
