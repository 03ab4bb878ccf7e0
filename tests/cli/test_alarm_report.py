"""The alarm report: how it scores, what it compares with, and, on a small part of the trial, what it promises."""

from math import inf
from pathlib import Path

import numpy as np
import pytest

from analysis.history.history import History
from analysis.history.past_alarm import PastAlarm
from analysis.history.samples import side_by_side
from analysis.rule_set import DEFAULT
from cli.alarm_report.baselines import find_sat_seconds, find_threshold
from cli.alarm_report.bounds import rate, share
from cli.alarm_report.page import PROMISED, render
from cli.alarm_report.recorded import is_supported, judge_oximeter, judge_recorded, judge_strap, plant
from cli.alarm_report.score import AFTER_S, Stretch, pool, score
from cli.alarm_report.simulated import Simulated, judge_quiet, judge_seed
from cli.alarm_report.targets import (
    AUDIBLE_PER_H_MAX,
    HIGH_PER_H_MAX,
    NON_EVENT_PER_H_MAX,
    SENSITIVITY_MIN,
    check_targets,
)
from cli.backtest.recorded import to_history
from simulators.beats import StrapSample
from simulators.moments import Recording
from simulators.trial.labels import Episode, EventKind
from simulators.trial.parameters import SEEDS
from vitals.alarms import Family, Operator, Priority, RuleId
from vitals.participants import ParticipantId
from vitals.readings import HeartRateReading
from vitals.sessions import Phase, RosterEntry
from vitals.units import MonotonicMs

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


def event(begins_s: int, ends_s: int, *, person: int = 0) -> Episode:
    return Episode(EventKind.SPO2_UNDER_88, person, begins_s, ends_s)


@pytest.mark.parametrize(
    ("stretch", "found", "delay_s"),
    [
        (Stretch(0, 120, 150), True, 20),
        (Stretch(0, 90, 130), True, 0),
        (Stretch(0, 90, 99), False, None),
        (Stretch(0, 140 + AFTER_S, inf), True, 40 + AFTER_S),
        (Stretch(0, 141 + AFTER_S, inf), False, None),
        (Stretch(1, 120, 150), False, None),
    ],
)
def test_an_event_is_found_by_an_alarm_that_stands_in_its_time(
    stretch: Stretch, *, found: bool, delay_s: float | None
) -> None:
    scored = score([event(100, 140)], [stretch], hours=1)
    assert (scored.events, scored.found, scored.non_event) == (1, int(found), int(not found))
    assert scored.delays_s == (() if delay_s is None else (delay_s,))


def test_one_alarm_may_stand_for_two_events_and_two_alarms_for_one() -> None:
    both = score([event(100, 140), event(160, 200)], [Stretch(0, 120, 300)], hours=1)
    assert (both.found, both.non_event) == (2, 0)
    twice = score([event(100, 140)], [Stretch(0, 115, 120), Stretch(0, 130, 140)], hours=1)
    assert (twice.found, twice.alarms, twice.non_event, twice.delays_s) == (1, 2, 0, (15,))
    assert pool([both, twice]).events == 3


def test_bounds_are_those_of_the_published_tables() -> None:
    # Clopper and Pearson for 10 of 100, Garwood for a count of 5: figures of the usual tables.
    assert (round(share(10, 100).low, 4), round(share(10, 100).high, 4)) == (0.0490, 0.1762)
    assert (round(rate(5, 1).low, 3), round(rate(5, 1).high, 3)) == (1.623, 11.668)
    assert (share(0, 10).low, share(10, 10).high) == (0, 1)


def test_sat_seconds_add_up_as_in_the_manual() -> None:
    # Two at 88, three at 86, six at 84 under a limit of 90 make 52; 50 is reached within the last of them.
    values = [95.0, 88, 88, 86, 86, 86, 84, 84, 84, 84, 84, 84, 95]
    samples = side_by_side([[(second * 1000, value) for second, value in enumerate(values)]])
    assert find_sat_seconds(samples, 90, sat_s=50) == [Stretch(0, 11, 12)]
    assert find_sat_seconds(samples, 90, sat_s=52) == [Stretch(0, 11, 12)]
    assert find_sat_seconds(samples, 90, sat_s=53) == []


def test_sat_seconds_begin_anew_at_the_limit_and_in_each_history() -> None:
    half = [(second * 1000, 85.0) for second in range(8)]
    rest = [(8000, 90.0), *((at_ms + 9000, value) for at_ms, value in half)]
    assert find_sat_seconds(side_by_side([half + rest, half]), 90, sat_s=50) == []
    assert find_sat_seconds(side_by_side([half + rest, half]), 90, sat_s=40) == [
        Stretch(0, 7, 8),
        Stretch(0, 16, inf),
        Stretch(1, 7, inf),
    ]


def test_a_naive_threshold_stands_exactly_while_a_value_is_beyond_it() -> None:
    line = [(second * 1000, 121.0 if 3 <= second < 6 else 120.0) for second in range(10)]
    stood = find_threshold(side_by_side([line]), 120.0, op=Operator.ABOVE)
    assert (stood.onset_ms.tolist(), stood.ended_ms.tolist()) == ([3000], [6000])


def strap_history(rates: list[int], *, rr_ticks: tuple[int, ...] = ()) -> History:
    strap = tuple(StrapSample(at_s=float(second), hr_bpm=rate, rr_ticks=rr_ticks) for second, rate in enumerate(rates))
    return to_history(
        Recording(id="one", strap=strap),
        limits=(),
        entry=RosterEntry(participant=ParticipantId("one"), seat=1, sensors=()),
        phase=Phase.TRAINING,
    )


def alarm(rule: RuleId, begins_s: int, ends_s: int) -> PastAlarm:
    return PastAlarm(
        history="one",
        participant=ParticipantId("one"),
        subject="one",
        rule=rule,
        family=Family.PHYSIOLOGICAL,
        priority=Priority.MEDIUM,
        breach_ms=MonotonicMs(begins_s * 1000),
        onset_ms=MonotonicMs(ends_s * 1000),
        ended_ms=None,
        text="",
        told=True,
    )


BEATS_OF_150 = (410,)
JUNK_BEATS = (900,)


@pytest.mark.parametrize(
    ("rates", "rr_ticks", "rule", "supported"),
    [
        ([100] * 20 + [150] * 20, (), RuleId.HR_OVER, True),
        ([100] * 20 + [150] * 20, BEATS_OF_150, RuleId.HR_OVER, True),
        ([100] * 20 + [150] * 20, JUNK_BEATS, RuleId.HR_OVER, False),
        ([100] * 20 + [150] + [100] * 19, (), RuleId.HR_OVER, False),
        ([100] * 20 + [125] * 20, (), RuleId.HR_CRIT, False),
        ([100] * 20 + [35] * 20, (), RuleId.HR_LOW, True),
        ([100] * 20 + [60] * 20, (), RuleId.HR_LOW, False),
        ([100] * 20 + [65] * 20, (), RuleId.HR_DROP, True),
        ([100] * 19 + [150] + [95] * 20, (), RuleId.HR_DROP, False),
    ],
)
def test_an_alarm_is_supported_by_rates_and_beats_around_its_hold(
    rates: list[int], rr_ticks: tuple[int, ...], rule: RuleId, *, supported: bool
) -> None:
    history = strap_history(rates, rr_ticks=rr_ticks)
    assert is_supported(alarm(rule, 20, 30), history, 120) is supported


def test_planting_changes_single_samples_and_beats_only() -> None:
    history = strap_history([100] * 200, rr_ticks=(614,))
    planted = plant(history)
    assert len(planted.said) == len(history.said)
    readings = [(one.reading, two.reading) for one, two in zip(history.said, planted.said, strict=True)]
    spikes = [
        index
        for index, (one, two) in enumerate(readings)
        if isinstance(one, HeartRateReading) and isinstance(two, HeartRateReading) and one.hr_bpm != two.hr_bpm
    ]
    assert len(spikes) == 3
    assert min(np.diff(spikes)) >= 60
    assert any(
        isinstance(one, HeartRateReading) and isinstance(two, HeartRateReading) and one.rr_ms != two.rr_ms
        for one, two in readings
    )


def test_each_oximeter_on_a_desaturating_person_gives_one_alarm_of_each_rule() -> None:
    for name in ("hypox_2", "hypox_6"):
        for number in (1, 2, 4, 5):
            found = judge_oximeter(name, [RECORDINGS / f"{name}.csv"], number)
            assert (len(found.low_onset_s), len(found.crit_onset_s)) == (1, 1), (name, number)


def test_no_hr_alarm_of_a_real_strap_stands_on_a_spike_junk_or_lost_contact() -> None:
    for name in ("gudb_s00", "gudb_s04", "gudb_s16"):
        found = judge_strap(name, [RECORDINGS / f"{name}.rr.csv"])
        assert (found.unsupported, found.in_loss, found.new) == (0, 0, 0), name


@pytest.fixture(scope="module")
def part() -> Simulated:
    """Four classes of one seed, and two quiet ones."""
    return Simulated(judged=(judge_seed(SEEDS[0], classes=4),), quiet=(judge_quiet(SEEDS[0]),))


@pytest.mark.timeout(240)
def test_the_promises_hold_within_the_bounds_of_a_small_part(part: Simulated) -> None:
    promised = part.ours(PROMISED)
    assert promised.events >= 20
    assert share(promised.found, promised.events).high >= SENSITIVITY_MIN
    assert rate(promised.non_event, promised.hours).low <= NON_EVENT_PER_H_MAX
    high, audible, hours = part.audible()
    assert rate(high, hours).low <= HIGH_PER_H_MAX
    assert rate(audible, hours).low <= AUDIBLE_PER_H_MAX


@pytest.mark.timeout(240)
def test_our_rules_cry_wolf_less_than_simple_alarms_and_find_more_than_sat_seconds(part: Simulated) -> None:
    promised = part.ours(PROMISED)
    kind = EventKind.SPO2_UNDER_88.value
    for name in ("< 88 at once", "< 88 for 15 s", "SatSeconds 88/50"):
        assert promised.non_event < part.baseline(kind, name).non_event, name
    assert promised.found >= part.baseline(kind, "SatSeconds 88/50").found


@pytest.mark.timeout(240)
def test_the_page_says_what_is_synthetic_what_is_real_and_who_can_make_it_again(part: Simulated) -> None:
    recorded = judge_recorded(RECORDINGS / "nothing")
    page = render(part, recorded, DEFAULT, folder="`tests/data/recordings`")
    for word in ("**synthetic**", "**real**", "from this repository alone", "Clopper-Pearson", "SPO2_CRIT"):
        assert word in page
    assert all(target.what in page for target in check_targets(part, recorded))
    assert "/work" not in page
    assert page == render(part, recorded, DEFAULT, folder="`tests/data/recordings`")
