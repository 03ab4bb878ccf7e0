"""The numpy twin and the live code are one: the same conditions, on whatever history."""

from collections.abc import Iterator
from functools import partial
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.core import condition
from analysis.core.condition import IDLE
from analysis.core.engine import Engine
from analysis.core.events import ReadingHeard
from analysis.core.rules import Gate, Leg, Rule, Watch
from analysis.core.track import newest
from analysis.history.history import History, InForce, Said
from analysis.history.past_alarm import AlarmBook
from analysis.history.playback import ZERO_MS, events_of
from analysis.history.samples import Samples, side_by_side
from analysis.history.twin import STANDS, Stood, judge
from analysis.history.what_if import judge_all
from analysis.rule_set import DEFAULT
from vitals.alarms import Family, Operator, Priority, RuleId
from vitals.participants import LimitReason, ParticipantId
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, RunId
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import (
    AssignedSensor,
    GenerationMode,
    Phase,
    ResolvedLimit,
    Roster,
    RosterEntry,
    SessionId,
)
from vitals.units import MonotonicMs, UtcMs

Event = tuple[int, int, int, int]
Line = list[tuple[int, float]]
HISTORIES = 10_000
BATCH = 50


def live(rule: Rule, limit: float, samples: Line) -> list[tuple[int, int, int]]:
    """Breach, onset and end of each condition, by the machine that runs in a class."""
    state = IDLE
    found: list[tuple[int, int, int]] = []
    for at_ms, value in samples:
        before = state
        state = condition.step(before, rule, limit=limit, value=value, at_ms=MonotonicMs(at_ms))
        if condition.stands(state) and not condition.stands(before):
            found.append((state.breach_ms, state.onset_ms, STANDS))
        if condition.stands(before) and not condition.stands(state):
            found[-1] = (*found[-1][:2], at_ms)
    return found


def events_of_twin(stood: Stood) -> list[Event]:
    columns = (stood.history, stood.breach_ms, stood.onset_ms, stood.ended_ms)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def make_rule(
    legs: tuple[Leg, ...], op: Operator, *, clear_margin: float, clear_s: float, hole_s_max: float = 5.0
) -> Rule:
    return Rule(
        id=RuleId.HR_OVER,
        family=Family.PHYSIOLOGICAL,
        watch=Watch.HR,
        priority=Priority.MEDIUM,
        legs=legs,
        op=op,
        clear_margin=clear_margin,
        clear_s=clear_s,
        gate=Gate(hole_s_max=hole_s_max),
    )


def random_rule(random: Random) -> Rule:
    """A rule with one to three legs, strict or not, with or without hysteresis."""
    deeper = [Leg(hold_s=random.choice([0, 1, 2, 4, 8]), beyond=random.choice([0, 1, 2, 5])) for _ in range(2)]
    return make_rule(
        (Leg(hold_s=random.choice([0, 1, 3, 5, 10, 15])), *deeper[: random.choice([0, 0, 1, 2])]),
        random.choice(list(Operator)),
        clear_margin=random.choice([0, 0, 1, 2, 3.5]),
        clear_s=random.choice([0, 1, 2.5, 5, 10]),
        hole_s_max=random.choice([2, 5, 5, 2.5]),
    )


def random_line(random: Random) -> Line:
    """A walk around 100 with holes of all lengths, samples at one time, and values that lie exactly on limits."""
    at_ms, value, line = 0, 100.0, []
    step = random.choice([1, 2, 6])
    for _ in range(random.randint(0, 120)):
        at_ms += random.choice([1000] * 20 + [500, 0, 3000, 5000, 5001, 7000, 2500])
        value += random.uniform(-step, step) + (100 - value) * 0.1
        line.append((at_ms, float(round(value)) if random.random() < 0.9 else value))
    return line


@pytest.mark.timeout(180)
def test_the_twin_finds_what_the_machine_finds_on_ten_thousand_random_histories() -> None:
    random, found = Random(20_001), 0
    for number in range(HISTORIES // BATCH):
        rule = random_rule(random)
        lines = [random_line(random) for _ in range(BATCH)]
        limits = [random.choice([98.0, 100.0, 101.0, 100.5]) for _ in range(BATCH)]
        want = [(history, *one) for history in range(BATCH) for one in live(rule, limits[history], lines[history])]
        assert events_of_twin(judge(rule, side_by_side(lines), np.array(limits))) == want, f"batch {number}, {rule}"
        found += len(want)
    assert found > HISTORIES


lines = st.lists(
    st.tuples(st.sampled_from([0, 500, 1000, 1000, 1000, 2000, 5000, 5001, 6000]), st.integers(96, 104)), max_size=60
)


@given(histories=st.lists(lines, max_size=4), seed=st.integers(0, 2**32), limit=st.sampled_from([99.0, 100.0, 100.5]))
def test_no_history_is_judged_otherwise_by_the_twin(
    histories: list[list[tuple[int, int]]], seed: int, limit: float
) -> None:
    rule = random_rule(Random(seed))
    walked = [list(walk(history)) for history in histories]
    want = [(number, *one) for number, line in enumerate(walked) for one in live(rule, limit, line)]
    assert events_of_twin(judge(rule, side_by_side(walked), limit)) == want


def walk(steps: list[tuple[int, int]]) -> Iterator[tuple[int, float]]:
    at_ms = 0
    for step_ms, value in steps:
        at_ms += step_ms
        yield at_ms, float(value)


def test_histories_side_by_side_do_not_touch() -> None:
    rule = make_rule((Leg(hold_s=10),), Operator.ABOVE, clear_margin=3, clear_s=5)
    half: Line = [(second * 1000, 130.0) for second in range(8)]
    assert events_of_twin(judge(rule, side_by_side([half, [(at + 8000, v) for at, v in half], half]), 120.0)) == []


def test_a_deep_leg_is_faster_than_the_first() -> None:
    rule = make_rule((Leg(hold_s=15), Leg(hold_s=8, beyond=5)), Operator.BELOW, clear_margin=2, clear_s=10)
    line: Line = [(second * 1000, 84.0 if second < 4 else 79.0) for second in range(30)]
    assert events_of_twin(judge(rule, side_by_side([line]), 85.0)) == [(0, 0, 12_000, STANDS)]


def test_each_history_has_its_own_limit() -> None:
    rule = make_rule((Leg(hold_s=5),), Operator.ABOVE, clear_margin=0, clear_s=0)
    line: Line = [(second * 1000, 120.0) for second in range(10)]
    assert events_of_twin(judge(rule, side_by_side([line, line]), np.array([119.0, 120.0]))) == [(0, 0, 5_000, STANDS)]


def test_nothing_gives_nothing() -> None:
    rule = make_rule((Leg(hold_s=5),), Operator.ABOVE, clear_margin=0, clear_s=0)
    assert events_of_twin(judge(rule, side_by_side([]), 120.0)) == []
    assert events_of_twin(judge(rule, side_by_side([[], []]), 120.0)) == []


@pytest.mark.parametrize(
    ("at_ms", "begins"), [([1000, 0], [0, 2]), ([-1], [0, 1]), ([2**41], [0, 1]), ([0, 1], [0, 1]), ([0], [1, 1])]
)
def test_samples_that_are_no_histories_are_refused(at_ms: list[int], begins: list[int]) -> None:
    make = partial(Samples, np.array(at_ms, np.int64), np.zeros(len(at_ms)), np.array(begins, np.int64))
    with pytest.raises(ValueError, match=r"times|histories"):
        make()


def test_all_rules_with_a_limit_are_tried_as_tailored_to_the_phase() -> None:
    line: Line = [(second * 1000, 39.0) for second in range(16)]
    samples = {Watch.HR: side_by_side([line])}
    for phase, found in ((Phase.TRAINING, 1), (Phase.REST, 0)):
        # At rest somebody may be slow for longer, says the rule set.
        stood = judge_all(DEFAULT, samples, {RuleId.HR_LOW: 40.0, RuleId.SPO2_LOW: 88.0}, phase=phase)
        assert {rule: len(one.history) for rule, one in stood.items()} == {RuleId.HR_LOW: found}


def class_of(random: Random, *, people: int) -> History:
    """People with a strap or an oximeter each, who wander around their limits; no two values of one at one time."""
    said = []
    for person in range(people):
        at_ms, value, is_strap = random.randint(0, 900), 0.0, person % 2 == 0
        step = random.choice([1, 2, 4])
        for seq in range(random.randint(5, 60)):
            at_ms += random.choice([1000] * 12 + [500, 2000, 4000, 5001, 7000])
            value += random.uniform(-step, step) - value * 0.03
            said.append(Said(MonotonicMs(at_ms), _reading(person, seq, at_ms, value, is_strap=is_strap)))
    said.sort(key=lambda one: one.at_ms)
    roster = Roster(
        session=SessionId("s"),
        version=1,
        room="r",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(0),
        entries=tuple(_entry(person) for person in range(people)),
    )
    return History(
        id="h",
        rosters=(InForce(MonotonicMs(0), roster),),
        said=tuple(said),
        from_ms=MonotonicMs(0),
        until_ms=said[-1].at_ms,
    )


LIMITS = {RuleId.HR_OVER: 120.0, RuleId.HR_CRIT: 124.0, RuleId.SPO2_LOW: 88.0, RuleId.SPO2_CRIT: 85.0}


def _entry(person: int) -> RosterEntry:
    kind = SensorKind.STRAP if person % 2 == 0 else SensorKind.OXIMETER
    worn = AssignedSensor(sensor=SensorId(f"x{person}"), kind=kind, gateway=GatewayId("g"), from_utc_ms=UtcMs(0))
    return RosterEntry(
        participant=ParticipantId(str(person)),
        seat=person + 1,
        sensors=(worn,),
        limits=tuple(
            ResolvedLimit(rule=rule, value=value, reason=LimitReason.PRESCRIBED) for rule, value in LIMITS.items()
        ),
    )


def _reading(person: int, seq: int, at_ms: int, value: float, *, is_strap: bool) -> Reading:
    run, sensor, mono_ms = RunId("r"), SensorId(f"x{person}"), MonotonicMs(at_ms)
    quality = Quality.GOOD if value > -11 else Quality.QUESTIONABLE
    if is_strap:
        hr_bpm = round(121 + value)
        return HeartRateReading(run=run, sensor=sensor, seq=seq, mono_ms=mono_ms, quality=quality, hr_bpm=hr_bpm)
    spo2_pct = min(100.0, round(87 - value / 2, 1))
    return OximeterReading(run=run, sensor=sensor, seq=seq, mono_ms=mono_ms, quality=quality, spo2_pct=spo2_pct)


@pytest.mark.timeout(400)
def test_the_live_engine_raises_what_the_twin_finds_on_ten_thousand_random_histories() -> None:
    random, people, raised = Random(20_002), 50, 0
    rules = replace(DEFAULT, hold_back=False)
    for number in range(HISTORIES // people):
        history = class_of(random, people=people)
        engine = Engine(rules=rules)
        book = AlarmBook("h", zero_ms=ZERO_MS)
        judged: dict[Watch, list[Line]] = {watch: [[] for _ in range(people)] for watch in (Watch.HR, Watch.SPO2)}
        for event in events_of(history):
            book.note(engine.step(event))
            if isinstance(event, ReadingHeard):
                person = int(event.reading.sensor.removeprefix("x"))
                watch = Watch.HR if person % 2 == 0 else Watch.SPO2
                sample = newest(engine.state.people[ParticipantId(str(person))].tracks[watch])
                line = judged[watch][person]
                if sample is not None and (not line or sample.at_ms - ZERO_MS > line[-1][0]):
                    line.append((sample.at_ms - ZERO_MS, sample.value))
        samples = {watch: side_by_side(some) for watch, some in judged.items()}
        found = judge_all(rules, samples, LIMITS, phase=Phase.TRAINING)
        want = sorted((rule.value, *event) for rule, stood in found.items() for event in events_of_twin(stood))
        got = sorted(
            (
                one.rule.value,
                int(one.subject),
                one.breach_ms,
                one.onset_ms,
                STANDS if one.ended_ms is None else one.ended_ms,
            )
            for one in book.close()
            if one.rule in LIMITS
        )
        assert got == want, f"batch {number}"
        raised += len(got)
    assert raised > HISTORIES // 4
