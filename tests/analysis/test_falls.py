"""A fall of the heart rate: from the highest of the last 15 s, but a peak counts little above the last minute's middle.

An irregular heart leaps up and comes back to where it was; one that fails goes below where it was.
"""

from random import Random
from statistics import median
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.core import shape as shapes
from analysis.core.engine import Engine
from analysis.core.rules import Rule, tailor
from analysis.core.shape import HOLE_MS, Shape, fall_bpm
from analysis.history.history import History, InForce, Said
from analysis.history.past_alarm import AlarmBook
from analysis.history.playback import ZERO_MS, events_of
from analysis.history.samples import side_by_side
from analysis.history.twin import STANDS, judge
from analysis.rule_set import DEFAULT
from tests.analysis.mutant import planted
from tests.analysis.people import LIMITS, entry
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, RuleId, alarm_text
from vitals.explanations import explain
from vitals.readings import HeartRateReading, Quality, RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, Phase, Roster, SessionId
from vitals.units import MonotonicMs, UtcMs

DROP = DEFAULT.about_people()[RuleId.HR_DROP]
LIMIT_BPM = DROP.limit or 0.0
Line = list[tuple[int, float]]


def rates(*bpm: float) -> Scenario:
    """Let somebody in training, with nothing else to tell, have these rates, one each second from 0 on."""
    s = Scenario(entry("p01", limits=LIMITS[1:], oximeter=False))
    for second, one in enumerate(bpm):
        s.at(second).strap("p01").beats(one)
    return s


def test_a_peak_that_goes_back_to_where_it_was_is_no_fall() -> None:
    assert not rates(*[90] * 60, *range(95, 130, 5), *[130] * 8, *range(125, 90, -5), *[90] * 40).changes(
        RuleId.HR_DROP
    )


def test_an_irregular_heart_that_goes_below_its_level_is_told() -> None:
    irregular = [103, 127, 118, 109, 121, 112] * 15
    s = rates(*irregular)
    assert not s.changes(RuleId.HR_DROP)
    s = rates(*irregular, *[110, 104, 97, 91, 85, 80], *[76, 84, 71, 79, 74, 81] * 4)
    alarm = s.want(Change.RAISED, RuleId.HR_DROP, between=(95, 107)).alarm
    assert alarm.value is not None
    assert alarm.value >= LIMIT_BPM


@pytest.mark.parametrize(("low", "raised"), [(80, 1), (81, 0)])
def test_a_peak_counts_to_10_above_the_middle_of_the_last_minute(low: int, raised: int) -> None:
    s = rates(*[100] * 60, 105, 110, 115, *[120] * 6, 114, 108, 102, 96, 90, 85, *[low] * 8)
    assert [change for _, change in s.changes(RuleId.HR_DROP)] == [Change.RAISED] * raised
    if raised:
        assert alarm_text(s.alarm(RuleId.HR_DROP)) == "HR fell by 30"
        assert "below its level of before, not only back from a peak" in explain(s.alarm(RuleId.HR_DROP))


def test_a_slow_fall_is_none() -> None:
    assert not rates(*[140] * 30, *[140 - second * 5 / 6 for second in range(60)], *[90] * 30).changes(RuleId.HR_DROP)


def test_a_fall_goes_from_the_highest_of_the_last_15_s() -> None:
    s = rates(*[120] * 60, *[120 - 2 * second for second in range(20)], *[80] * 55)
    assert [change for _, change in s.changes(RuleId.HR_DROP)] == [Change.RAISED, Change.CLEARED]


MUTANTS = {
    "every peak counts in full": ("level_bpm + rule.level_margin)", "level_bpm + 999)"),
    "a peak counts for nothing": ("level_bpm + rule.level_margin)", "level_bpm)"),
    "a fall may take as long as it likes": ("min(shape.top_bpm, level_bpm", "min(999, level_bpm"),
    "the level is the highest": ("median(rates[", "max(rates["),
    "the level is the lowest": ("median(rates[", "min(rates["),
    "the level is the fall's own window": ("at_ms - rule.level_s * 1000) :])", "at_ms - rule.window_s * 1000) :])"),
    "the highest is the level's window": ("at_ms - rule.window_s * 1000) :])", "at_ms - rule.level_s * 1000) :])"),
    "the level is forgotten with the window": ("max(rule.window_s, rule.level_s)", "rule.window_s"),
    "a rate above its level has fallen by less than nothing": ("max(0.0, min(", "max(-999.0, min("),
    "a rule without a level has one": ("or not rule.level_s:", "or False:"),
    "a level is for rules without one": ("or not rule.level_s:", "or rule.level_s:"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_no_planted_defect_survives_the_definition(name: str) -> None:
    mutant = planted(shapes, name, (MUTANTS[name],))
    assert is_plain(shapes)
    assert not is_plain(mutant)


def is_plain(module: ModuleType) -> bool:
    """Return whether a module's falls are the plain ones, on hearts that work, leap and fail."""
    random = Random(94)
    for _ in range(60):
        line, least_bpm = random_line(random), random.choice([0.0, LIMIT_BPM])
        for rule in (DROP, replace(DROP, level_s=0.0)):
            shape = module.Shape()
            for (at_ms, hr_bpm), (_, plain) in zip(line, plain_falls(line, rule), strict=True):
                fall = module.fall_bpm(shape, hr_bpm=hr_bpm, at_ms=at_ms, rule=rule, least_bpm=least_bpm)
                if fall != plain and max(fall, plain) >= least_bpm:
                    return False
    return True


def plain_fall(line: Line, at_ms: int, hr_bpm: float, rule: Rule) -> float:
    """The definition, with nothing saved: ``line`` are the rates since the last hole, this one among them."""
    top = max(rate for then_ms, rate in line if then_ms >= at_ms - rule.window_s * 1000)
    if not rule.level_s:
        return top - hr_bpm
    level = median([rate for then_ms, rate in line if then_ms >= at_ms - rule.level_s * 1000])
    return max(0.0, min(top, level + rule.level_margin) - hr_bpm)


def plain_falls(line: Line, rule: Rule = DROP) -> Line:
    falls, unbroken = [], list[tuple[int, float]]()
    for at_ms, hr_bpm in line:
        if unbroken and at_ms - unbroken[-1][0] > HOLE_MS:
            unbroken.clear()
        unbroken.append((at_ms, hr_bpm))
        falls.append((at_ms, plain_fall(unbroken, at_ms, hr_bpm, rule)))
    return falls


steps = st.tuples(st.sampled_from([500, 1000, 1000, 1000, 2000, 5000, 5001]), st.integers(60, 160))


@given(
    walked=st.lists(steps, min_size=1, max_size=200),
    least_bpm=st.sampled_from([0.0, 30.0]),
    level_s=st.sampled_from([0.0, 10.0, 60.0]),
)
def test_a_fall_of_interest_is_the_plain_one_whatever_is_left_out_before(
    walked: list[tuple[int, int]], least_bpm: float, level_s: float
) -> None:
    rule = replace(DROP, level_s=level_s)
    shape, line, at_ms = Shape(), list[tuple[int, float]](), 1_000_000
    for step_ms, hr_bpm in walked:
        at_ms += step_ms
        line.append((at_ms, float(hr_bpm)))
    for (then_ms, rate), (_, plain) in zip(line, plain_falls(line, rule), strict=True):
        fall = fall_bpm(shape, hr_bpm=rate, at_ms=MonotonicMs(then_ms), rule=rule, least_bpm=least_bpm)
        assert fall == plain or max(fall, plain) < least_bpm


def random_line(random: Random) -> Line:
    """A heart that works, leaps and fails: a level that moves, bursts above it, falls below it, holes."""
    at_ms, level, leap, left, line = random.randint(0, 900), random.uniform(90, 130), 0.0, 0, Line()
    noise = random.choice([1.0, 4.0, 9.0])
    for _ in range(random.randint(30, 150)):
        at_ms += random.choice([1000] * 30 + [500, 2000, 4000, 5000, 5001])
        level = min(max(level + random.uniform(-2, 2), 80), 140)
        left -= 1
        if left < 0:
            leap, left = random.choice([(0.0, 20), (0.0, 40), (35.0, 8), (-35.0, 12), (-45.0, 30)])
        line.append((at_ms, float(round(level + leap + random.gauss(0, noise)))))
    return line


@pytest.mark.timeout(120)
def test_the_live_engine_tells_the_falls_that_the_twin_finds_in_the_plain_ones() -> None:
    random, people, told = Random(20_094), 40, 0
    rule = tailor(DROP, None, Phase.TRAINING)
    assert rule is not None
    for number in range(25):
        lines = [random_line(random) for _ in range(people)]
        stood = judge(rule, side_by_side([plain_falls(line) for line in lines]), LIMIT_BPM)
        columns = (stood.history, stood.breach_ms, stood.onset_ms, stood.ended_ms)
        want = sorted(zip(*(column.tolist() for column in columns), strict=True))
        assert live(lines) == want, f"batch {number}"
        told += len(want)
    assert told > 500


def live(lines: list[Line]) -> list[tuple[int, int, int, int]]:
    """Person, breach, onset and end of each fall, by the engine of a class."""
    roster = Roster(
        session=SessionId("s"),
        version=1,
        room="r",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(0),
        entries=tuple(entry(str(person), seat=person + 1, limits=(), oximeter=False) for person in range(len(lines))),
    )
    said = [
        Said(MonotonicMs(at_ms), _reading(person, seq, at_ms, hr_bpm))
        for person, line in enumerate(lines)
        for seq, (at_ms, hr_bpm) in enumerate(line)
    ]
    said.sort(key=lambda one: one.at_ms)
    history = History(
        id="h",
        rosters=(InForce(MonotonicMs(0), roster),),
        said=tuple(said),
        from_ms=MonotonicMs(0),
        until_ms=said[-1].at_ms,
    )
    engine, book = Engine(rules=replace(DEFAULT, hold_back=False)), AlarmBook("h", zero_ms=ZERO_MS)
    for event in events_of(history):
        book.note(engine.step(event))
    return sorted(
        (int(one.subject), one.breach_ms, one.onset_ms, STANDS if one.ended_ms is None else one.ended_ms)
        for one in book.close()
        if one.rule is RuleId.HR_DROP
    )


def _reading(person: int, seq: int, at_ms: int, hr_bpm: float) -> HeartRateReading:
    return HeartRateReading(
        run=RunId("r"),
        sensor=SensorId(f"s-{person}-hr"),
        seq=seq,
        mono_ms=MonotonicMs(at_ms),
        quality=Quality.GOOD,
        hr_bpm=round(hr_bpm),
        contact=True,
    )
