from typing import Any

import pytest
from msgspec.structs import replace

from analysis.core.limits import resolve_limits
from dashboard.overrides import override_limit
from vitals.alarms import RuleId
from vitals.errors import InputError
from vitals.participants import LimitReason, ParticipantId, Prescription
from vitals.sessions import RosterEntry

OVER, CRIT, LOW, SPO2, SPO2_CRIT = RuleId.HR_OVER, RuleId.HR_CRIT, RuleId.HR_LOW, RuleId.SPO2_LOW, RuleId.SPO2_CRIT


def entry_of(**inputs: Any) -> RosterEntry:
    prescription = Prescription(exercise_test=True, **inputs)
    return RosterEntry(
        participant=ParticipantId("p1"),
        seat=1,
        sensors=(),
        limits=resolve_limits(prescription),
        rest_hr_bpm=prescription.rest_hr_bpm,
    )


def values(entry: RosterEntry) -> dict[RuleId, float]:
    return {limit.rule: limit.value for limit in entry.limits}


def test_the_critical_rate_moves_with_the_upper_limit_and_back() -> None:
    before = entry_of(hr_upper_bpm=120)
    after = override_limit(before, OVER, 130, prescribed=before.limits)
    assert (values(after)[OVER], values(after)[CRIT]) == (130, 140)
    assert next(limit.reason for limit in after.limits if limit.rule is OVER) is LimitReason.OVERRIDDEN
    assert set(override_limit(after, OVER, None, prescribed=before.limits).limits) == set(before.limits)


def test_a_defibrillators_rate_does_not_move() -> None:
    before = entry_of(hr_upper_bpm=120, device_detection_bpm=135)
    after = override_limit(before, OVER, 124, prescribed=before.limits)
    assert values(after)[CRIT] == 125
    with pytest.raises(InputError, match="125 is not below the critical rate 125"):
        override_limit(before, OVER, 125, prescribed=before.limits)


@pytest.mark.parametrize(
    ("rule", "value", "line"),
    [
        (RuleId.NO_DATA, 10, "NO_DATA has no limit"),
        (CRIT, 150, "HR_CRIT has no limit that can be changed"),
        (OVER, 251, "251 is not 40 to 250"),
        (OVER, 70, "is not above the rate at rest, 70"),
        (LOW, 120, "lower limit 120 would not be below the upper 120"),
        (SPO2, 84, "critical SpO2 85 would be above the limit 84"),
        (SPO2_CRIT, 89, "critical SpO2 89 would be above the limit 88"),
        (SPO2, 49, "49 is not 50 to 100"),
    ],
)
def test_nonsense_is_refused_and_says_why(rule: RuleId, value: float, line: str) -> None:
    before = entry_of(hr_upper_bpm=120, rest_hr_bpm=70)
    with pytest.raises(InputError, match=line):
        override_limit(before, rule, value, prescribed=before.limits)


def test_somebody_without_an_upper_limit_can_be_given_one_and_it_can_be_taken_back() -> None:
    before = entry_of()
    after = override_limit(before, OVER, 110, prescribed=before.limits)
    assert (values(after)[OVER], values(after)[CRIT]) == (110, 120)
    assert set(override_limit(after, OVER, None, prescribed=before.limits).limits) == set(before.limits)


def test_other_limits_stay() -> None:
    before = replace(entry_of(hr_upper_bpm=120, spo2_baseline_pct=96.0), phase=None)
    after = override_limit(before, SPO2, 86, prescribed=before.limits)
    assert values(after) == values(before) | {SPO2: 86}
