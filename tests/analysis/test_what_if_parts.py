"""What-if over stored parts finds what the live engine would have found under those limits."""

from functools import partial
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from analysis.core.engine import Engine
from analysis.core.rules import SAMPLED, Watch
from analysis.history.history import History, InForce, Said
from analysis.history.playback import play
from analysis.history.what_if_parts import Held, LimitChange, TriedPart, change_limits, judge_parts
from analysis.rule_set import DEFAULT
from analysis.summary.evidence import weigh_rates, weigh_saturations
from tests.analysis.summary.told import entry, rate, roster, saturation
from vitals.alarms import RuleId
from vitals.participants import LimitReason
from vitals.sessions import Phase, ResolvedLimit
from vitals.units import MonotonicMs, UtcMs

RULES = (RuleId.HR_OVER, RuleId.HR_CRIT, RuleId.SPO2_LOW, RuleId.SPO2_CRIT)
VALUES = {RuleId.HR_OVER: 124.0, RuleId.HR_CRIT: 136.0, RuleId.SPO2_LOW: 90.0, RuleId.SPO2_CRIT: 86.0}
SECONDS = 900


def limits(values: dict[RuleId, float]) -> tuple[ResolvedLimit, ...]:
    return tuple(ResolvedLimit(rule=rule, value=value, reason=LimitReason.PRESCRIBED) for rule, value in values.items())


def walk(random: Random) -> tuple[Said, ...]:
    """Fifteen minutes around the limits, with holes."""
    said: list[Said] = []
    bpm, pct, silent_until = 120.0, 91.0, 0
    for second in range(SECONDS):
        bpm += random.uniform(-2.5, 2.5) + (122 - bpm) * 0.02
        pct += random.uniform(-0.6, 0.6) + (90.5 - pct) * 0.02
        if random.random() < 0.004:
            silent_until = second + random.randint(2, 20)
        if second >= silent_until:
            said += [rate(second * 1000, round(bpm)), saturation(second * 1000 + 300, min(100.0, round(pct)))]
    return tuple(said)


def live(said: tuple[Said, ...], values: dict[RuleId, float], *, phase: Phase) -> list[tuple[str, int, int | None]]:
    """What the engine says; its person has these limits."""
    one = entry(limits=limits(values), until_ms=SECONDS * 1000)
    # The playback has a wall clock of its own.
    one = replace(one, sensors=tuple(replace(worn, from_utc_ms=UtcMs(0), to_utc_ms=None) for worn in one.sensors))
    history = History(
        id="h",
        rosters=(InForce(MonotonicMs(0), roster(one, phase=phase)),),
        said=said,
        from_ms=MonotonicMs(0),
        until_ms=MonotonicMs(SECONDS * 1000),
    )
    alarms = play(history, new_engine=partial(Engine, rules=DEFAULT))
    return sorted((alarm.rule.value, alarm.onset_ms, alarm.ended_ms) for alarm in alarms if alarm.rule in RULES)


def tried(said: tuple[Said, ...], values: dict[RuleId, float], *, phase: Phase) -> TriedPart:
    rates, saturations = weigh_rates(said), weigh_saturations(said)
    until_ms = SECONDS * 1000
    return TriedPart(
        signals={Watch.HR: (rates.at_ms, rates.value), Watch.SPO2: (saturations.at_ms, saturations.value)},
        phases=((phase, 0, until_ms),),
        limits=tuple(Held(rule=rule, value=value, from_ms=0, to_ms=until_ms) for rule, value in values.items()),
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize("phase", [Phase.TRAINING, Phase.RECOVERY])
def test_other_limits_give_the_alarms_of_the_engine_under_those_limits(phase: Phase) -> None:
    random = Random(77)
    changes = {RuleId.HR_OVER: LimitChange(shift=-4.0), RuleId.SPO2_LOW: LimitChange(value=91.0)}
    found = 0
    for _ in range(6):
        said = walk(random)
        before = tried(said, VALUES, phase=phase)
        after = replace(before, limits=change_limits(before.limits, changes))
        other = VALUES | {RuleId.HR_OVER: 120.0, RuleId.SPO2_LOW: 91.0}
        alarms = judge_parts(DEFAULT, [before, after])
        for place, values in ((0, VALUES), (1, other)):
            got = sorted(
                (one.rule.value, one.onset_ms, one.ended_ms)
                for one in alarms
                if one.part == place and one.rule in RULES
            )
            assert got == live(said, values, phase=phase)
            found += len(got)
    assert found > 20


def test_a_limit_that_moves_is_no_break_for_a_hold() -> None:
    times = np.arange(0, 60_000, 1000, dtype=np.int64)
    values = np.full(60, 130.0)
    moved = (
        Held(rule=RuleId.HR_OVER, value=124, from_ms=0, to_ms=5_000),
        Held(rule=RuleId.HR_OVER, value=128, from_ms=5_000, to_ms=60_000),
    )
    one = TriedPart(signals={Watch.HR: (times, values)}, phases=((Phase.TRAINING, 0, 60_000),), limits=moved)
    (alarm,) = judge_parts(DEFAULT, [one])
    rule = DEFAULT.get(RuleId.HR_OVER)
    assert rule is not None
    assert rule.watch in SAMPLED
    assert (alarm.onset_ms, alarm.limit, alarm.ended_ms) == (round(rule.legs[0].hold_s * 1000), 128, None)


def test_a_longer_hold_of_ones_own_makes_the_alarm_later() -> None:
    times = np.arange(0, 120_000, 1000, dtype=np.int64)
    one = TriedPart(
        signals={Watch.HR: (times, np.full(120, 126.0))},
        phases=((Phase.TRAINING, 0, 120_000),),
        limits=(Held(rule=RuleId.HR_OVER, value=124, from_ms=0, to_ms=120_000),),
    )
    longer = replace(one, limits=change_limits(one.limits, {RuleId.HR_OVER: LimitChange(hold_s=45)}))
    assert [alarm.onset_ms for alarm in judge_parts(DEFAULT, [longer])] == [45_000]
    never = replace(one, limits=change_limits(one.limits, {RuleId.HR_OVER: LimitChange(value=130)}))
    assert judge_parts(DEFAULT, [never]) == []
