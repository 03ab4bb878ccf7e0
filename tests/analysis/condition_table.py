"""Worked examples of the condition machine: samples in, the times at which it began and ended to stand out.

Written from design section 7, not from the code. The law tests run them on the real machine, the mutant tests on
planted defects, which must not survive.
"""

from types import ModuleType
from typing import NamedTuple

from msgspec.structs import replace

from analysis.core.rules import Rule
from analysis.rule_set import DEFAULT
from vitals.alarms import Condition, RuleId
from vitals.units import MonotonicMs

VITAL_RULES = DEFAULT.about_people()
HR_OVER, HR_LOW = VITAL_RULES[RuleId.HR_OVER], VITAL_RULES[RuleId.HR_LOW]
SPO2_FALL, HR_DROP = VITAL_RULES[RuleId.SPO2_FALL], VITAL_RULES[RuleId.HR_DROP]
SPO2_LOW, SPO2_CRIT = VITAL_RULES[RuleId.SPO2_LOW], VITAL_RULES[RuleId.SPO2_CRIT]
Samples = tuple[tuple[float, float], ...]


class Case(NamedTuple):
    name: str
    rule: Rule
    limit: float
    samples: Samples
    begins_s: tuple[float, ...]
    ends_s: tuple[float, ...] = ()


def each_second(first_s: int, last_s: int, value: float) -> Samples:
    return tuple((float(second), value) for second in range(first_s, last_s + 1))


CASES = (
    Case("stands when the hold is spanned", HR_OVER, 120, each_second(0, 20, 121), (10,)),
    Case("one second less is not enough", HR_OVER, 120, each_second(0, 9, 121), ()),
    Case("at the limit is no breach", HR_OVER, 120, each_second(0, 30, 120), ()),
    Case(
        "one good sample at the limit ends the hold",
        HR_OVER,
        120,
        (*each_second(0, 8, 130), (9, 120), *each_second(10, 19, 130)),
        (),
    ),
    Case(
        "one good sample inside the margin ends the hold: hysteresis serves clearing only",
        HR_OVER,
        120,
        (*each_second(0, 8, 130), (9, 119), *each_second(10, 20, 130)),
        (20,),
    ),
    Case("a hole of 5 s counts as held", HR_OVER, 120, ((0, 130), (5, 130), (10, 130)), (10,)),
    Case("a longer hole begins the hold anew", HR_OVER, 120, ((0, 130), (4.9, 130), (10, 130), (14, 130)), ()),
    Case(
        "after a long hole a whole hold is needed",
        HR_OVER,
        120,
        (*each_second(0, 4, 130), *each_second(11, 25, 130)),
        (21,),
    ),
    Case(
        "ends when the clear time is spanned beyond the margin",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), *each_second(11, 20, 117)),
        (10,),
        (16,),
    ),
    Case(
        "a value inside the margin ends nothing",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), *each_second(11, 60, 118)),
        (10,),
    ),
    Case(
        "a value inside the margin begins the clear time anew",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), *each_second(11, 15, 117), (16, 119), *each_second(17, 25, 117)),
        (10,),
        (22,),
    ),
    Case(
        "a breach while it clears is the same condition",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), *each_second(11, 14, 110), (15, 130), *each_second(16, 30, 110)),
        (10,),
        (21,),
    ),
    Case(
        "a hole while it clears begins the clear time anew",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), (11, 110), *each_second(18, 30, 110)),
        (10,),
        (23,),
    ),
    Case("missing data never ends it", HR_OVER, 120, (*each_second(0, 10, 130), (600, 130), (601, 110)), (10,)),
    Case(
        "it can stand again after it has ended",
        HR_OVER,
        120,
        (*each_second(0, 10, 130), *each_second(11, 16, 110), *each_second(17, 27, 130)),
        (10, 27),
        (16,),
    ),
    Case("a low rate stands below its limit", HR_LOW, 40, each_second(0, 15, 39), (10,)),
    Case("a low rate at its limit does not", HR_LOW, 40, each_second(0, 15, 40), ()),
    Case(
        "a low rate ends 5 bpm higher after 10 s",
        HR_LOW,
        40,
        (*each_second(0, 10, 35), *each_second(11, 30, 45)),
        (10,),
        (21,),
    ),
    Case("saturation needs 15 s", SPO2_LOW, 88, each_second(0, 20, 87.9), (15,)),
    Case(
        "saturation ends 2 points higher after 10 s",
        SPO2_LOW,
        88,
        (*each_second(0, 15, 87), *each_second(16, 18, 89), *each_second(19, 40, 90)),
        (15,),
        (29,),
    ),
    Case("critical saturation needs 15 s below 85", SPO2_CRIT, 85, each_second(0, 20, 84), (15,)),
    Case("critical saturation needs 8 s below 80", SPO2_CRIT, 85, each_second(0, 20, 79), (8,)),
    Case("80 is not below 80", SPO2_CRIT, 85, each_second(0, 20, 80), (15,)),
    Case(
        "the deep leg begins anew when the value is only low, the other goes on",
        SPO2_CRIT,
        85,
        (*each_second(0, 6, 79), (7, 82), *each_second(8, 14, 79), *each_second(15, 20, 82)),
        (15,),
    ),
    Case(
        "the deep leg counts from the first deep value",
        SPO2_CRIT,
        85,
        (*each_second(0, 3, 82), *each_second(4, 14, 79)),
        (12,),
    ),
    Case("a rule that says so takes the limit itself for a breach", SPO2_FALL, 92, each_second(0, 30, 92), (30,)),
    Case("and nothing short of it", SPO2_FALL, 92, each_second(0, 60, 92.1), ()),
    Case("one good sample past it ends the hold", SPO2_FALL, 92, (*each_second(0, 29, 92), (30, 93)), ()),
    Case(
        "a rule without a margin does not clear while its limit is met",
        replace(HR_DROP, clear_margin=0.0, clear_s=0.0),
        30,
        (*each_second(0, 20, 30), (21, 29.9)),
        (5,),
        (21,),
    ),
)


def play(machine: ModuleType, case: Case) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return when the condition began and ended to stand, in s."""
    state, begins, ends = machine.IDLE, [], []
    for at_s, value in case.samples:
        stood = state.condition in {Condition.ACTIVE, Condition.CLEARING}
        state = machine.step(state, case.rule, limit=case.limit, value=value, at_ms=MonotonicMs(int(at_s * 1000)))
        stands = state.condition in {Condition.ACTIVE, Condition.CLEARING}
        if stands and not stood:
            begins.append(at_s)
        if stood and not stands:
            ends.append(at_s)
    return tuple(begins), tuple(ends)
