"""The words of an alarm are a true sentence at every moment of it, on a screen, in a message, in the record."""

from typing import Any

import pytest
from msgspec.structs import replace

from vitals.alarms import (
    AlarmId,
    AlarmState,
    Condition,
    Family,
    Operator,
    Priority,
    RuleId,
    Signal,
    SubjectKind,
    alarm_text,
    shown_value,
)
from vitals.explanations import explain
from vitals.participants import LimitReason
from vitals.units import MonotonicMs, Unit, UtcMs

OVER = AlarmState(
    alarm_id=AlarmId("a1"),
    revision=1,
    subject="p01",
    subject_kind=SubjectKind.PARTICIPANT,
    rule=RuleId.HR_CRIT,
    family=Family.PHYSIOLOGICAL,
    priority=Priority.HIGH,
    condition=Condition.ACTIVE,
    signal=Signal.ON,
    unit=Unit.BPM,
    op=Operator.ABOVE,
    value=134.0,
    peak=141.0,
    limit=120.0,
    limit_reason=LimitReason.PRESCRIBED,
    breach_mono_ms=MonotonicMs(0),
    onset_mono_ms=MonotonicMs(5_000),
    onset_utc_ms=UtcMs(5_000),
)


@pytest.mark.parametrize(
    ("op", "value", "peak", "shown"),
    [
        (Operator.ABOVE, 134.0, 141.0, 134.0),
        (Operator.ABOVE, 88.0, 141.0, 141.0),
        (Operator.ABOVE, 120.0, 141.0, 141.0),
        (Operator.AT_LEAST, 120.0, 141.0, 120.0),
        (Operator.BELOW, 130.0, 38.0, 38.0),
        (Operator.AT_MOST, 120.0, 38.0, 120.0),
        (Operator.ABOVE, 88.0, None, 88.0),
    ],
)
def test_the_newest_value_is_told_while_it_breaks_the_limit_and_the_worst_afterwards(
    op: Operator, value: float, peak: float | None, shown: float
) -> None:
    assert shown_value(replace(OVER, op=op, value=value, peak=peak)) == shown


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"value": 118.0}, "HR highest 141 > 120"),
        ({"value": 118.0, "signal": Signal.ACKNOWLEDGED}, "HR highest 141 > 120"),
        ({"rule": RuleId.ZONE_HIGH, "value": 118.0}, "Zone: HR highest 141 > 120"),
        (
            {"rule": RuleId.SPO2_CRIT, "op": Operator.BELOW, "value": 86.0, "peak": 81.0, "limit": 85.0},
            "SpO2 lowest 81 < 85",
        ),
        (
            {"rule": RuleId.SPO2_FALL, "op": Operator.AT_MOST, "value": 86.0, "peak": 81.0, "limit": 85.0},
            "SpO2 fall lowest 81 <= 85",
        ),
        ({"rule": RuleId.HR_DROP, "value": 12.0, "peak": 30.0, "limit": 20.0}, "HR fell by 30"),
    ],
)
def test_the_worst_value_is_called_so_while_the_newest_beside_it_keeps_the_limit(
    more: dict[str, Any], said: str
) -> None:
    assert alarm_text(replace(OVER, **more)) == said


def test_no_words_say_that_a_value_is_past_a_limit_that_it_keeps() -> None:
    assert alarm_text(OVER) == "HR 134 > 120"
    over = replace(OVER, value=88.0, condition=Condition.INACTIVE, signal=Signal.LATCHED)
    assert alarm_text(over) == "HR 141 > 120"
    assert explain(over).startswith("HR 141 > 120 bpm for 5 s. Limit 120: prescribed")
