"""Readings that come late, twice or in another order, and what an outage hid. Worked scenarios; times in s."""

from tests.analysis.people import BASE_MS
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, Condition, RuleId, Signal

OVER = RuleId.HR_OVER


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
