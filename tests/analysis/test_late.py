"""What comes late, in the order of its time, as a broker hands it over after analysis was away."""

from tests.analysis.people import BASE_MS
from tests.analysis.scenario import TICK_S, Scenario
from vitals.alarms import Change, RuleId

OVER = RuleId.HR_OVER


def away(s: Scenario, at_s: int) -> Scenario:
    """Let time pass without us, until the engine begins anew."""
    s._ticks, s.now_s = round(at_s / TICK_S), at_s
    return s.restart()


def queued(s: Scenario, first_s: int, last_s: int, rates: dict[range, int], *, else_bpm: int = 90) -> Scenario:
    """Let one strap's readings of an outage come now, in order."""
    for second in range(first_s, last_s + 1):
        hr_bpm = next((rate for span, rate in rates.items() if second in span), else_bpm)
        s.strap("p01").hr(hr_bpm, seq=second, of_s=second)
    return s


def live(s: Scenario, first_s: int, last_s: int, hr_bpm: int) -> Scenario:
    for second in range(first_s, last_s + 1):
        s.at(second).strap("p01").hr(hr_bpm, seq=second)
    return s


def test_what_began_in_an_outage_and_still_is_so_is_announced_at_once_and_began_when_it_began() -> None:
    s = queued(away(Scenario().play(0, 5, 90), 60), 6, 60, {range(40, 61): 130})
    raised = s.want(Change.RAISED, OVER, between=(60, 60)).alarm
    assert (raised.breach_mono_ms, raised.onset_mono_ms) == (BASE_MS + 40_000, BASE_MS + 50_000)
    live(s, 61, 90, 130)
    assert [change for _, change in s.changes(OVER)] == [Change.RAISED]


def test_a_hold_that_is_not_complete_goes_on_from_its_late_part() -> None:
    s = queued(away(Scenario().play(0, 5, 90), 60), 6, 60, {range(48, 61): 130})
    assert s.want(Change.RAISED, OVER, between=(60, 60)).alarm.breach_mono_ms == BASE_MS + 48_000
    s = queued(away(Scenario().play(0, 5, 90), 57), 6, 57, {range(48, 58): 130})
    assert not s.log
    live(s, 58, 60, 130)
    s.want(Change.RAISED, OVER, between=(58, 58))


def test_a_hold_that_ran_when_we_fell_silent_goes_on_among_late_readings() -> None:
    s = queued(away(Scenario().play(0, 5, 130), 60), 6, 60, {range(6, 61): 130})
    assert s.want(Change.RAISED, OVER, between=(60, 60)).alarm.breach_mono_ms == BASE_MS
    s = queued(away(Scenario().play(0, 5, 130), 60), 6, 60, {range(6, 14): 130})
    found = s.want(Change.FOUND_AFTERWARDS, OVER, between=(60, 60)).alarm
    assert (found.breach_mono_ms, found.onset_mono_ms) == (BASE_MS, BASE_MS + 10_000)
    assert not s.retained


def test_a_hold_that_ran_when_we_fell_silent_and_ended_in_a_moment_is_nothing() -> None:
    s = queued(away(Scenario().play(0, 5, 130), 60), 6, 60, {range(6, 9): 130})
    live(s, 61, 90, 90)
    assert not s.log


def test_late_readings_alone_raise_nothing_live() -> None:
    s = queued(away(Scenario().play(0, 5, 90), 60), 6, 50, {range(20, 51): 130})
    assert not s.log


def test_a_good_value_between_late_and_live_ends_what_was_late() -> None:
    s = queued(away(Scenario().play(0, 5, 90), 60), 6, 60, {range(20, 51): 130, range(52, 61): 130})
    assert not s.retained
    live(s, 61, 90, 90)
    s.want(Change.FOUND_AFTERWARDS, OVER, between=(60, 80))
    assert Change.RAISED not in [change for _, change in s.changes()]


def test_a_hole_between_late_and_live_ends_what_was_late() -> None:
    s = queued(away(Scenario().play(0, 5, 90), 60), 6, 50, {range(20, 51): 130})
    s.at(62).strap("p01").hr(130, seq=62)
    assert not s.retained
