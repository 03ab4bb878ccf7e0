"""What the desk says about a limit is what the alarm rules do."""

from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.core.limits import find_refusals, resolve_limits
from dashboard.register.candidates import SHOWN, list_candidates
from vitals.alarms import RuleId
from vitals.participants import LimitReason, Prescription


def some(low: int, high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(low, high)


PRESCRIPTIONS = st.builds(
    Prescription,
    hr_upper_bpm=some(90, 180),
    hr_lower_bpm=some(30, 60),
    zone_low_bpm=some(70, 95),
    zone_high_bpm=some(96, 150),
    ischaemic_threshold_bpm=some(100, 160),
    device_detection_bpm=some(120, 200),
    device_margin_bpm=some(10, 20),
    rest_hr_bpm=some(45, 85),
    exercise_test=st.booleans(),
    after_surgery=st.booleans(),
    spo2_floor_pct=st.none() | st.floats(80, 92),
    spo2_critical_pct=st.none() | st.floats(75, 85),
)


@given(PRESCRIPTIONS)
def test_the_candidate_that_applies_is_the_limit_that_sounds(prescription: Prescription) -> None:
    assume(not find_refusals(prescription))
    limits = {limit.rule: limit for limit in resolve_limits(prescription)}

    for listed in list_candidates(prescription):
        limit = limits.get(listed.rule)
        assert listed.limit == limit
        applying = [one for one in listed.candidates if one.applies]
        assert bool(applying) == (limit is not None)
        if limit is not None:
            assert (applying[0].value, applying[0].reason) == (limit.value, limit.reason)
            assert listed.candidates[0] == applying[0]
        if listed.rule is RuleId.HR_OVER and limit is not None:
            assert limit.value == min(one.value for one in listed.candidates)


def test_every_candidate_is_listed_and_the_lowest_applies() -> None:
    prescription = Prescription(
        hr_upper_bpm=130, zone_low_bpm=90, zone_high_bpm=118, ischaemic_threshold_bpm=126, rest_hr_bpm=62
    )
    listed = {one.rule: one for one in list_candidates(prescription)}

    assert [(one.value, one.reason, one.applies) for one in listed[RuleId.HR_OVER].candidates] == [
        (82, LimitReason.REST_PLUS_20, True),
        (130, LimitReason.PRESCRIBED, False),
        (118, LimitReason.ZONE_TOP, False),
        (116, LimitReason.ISCHAEMIC_MINUS_10, False),
    ]


def test_who_was_prescribed_nothing_has_no_upper_limit_and_defaults_that_say_so() -> None:
    listed = {one.rule: one for one in list_candidates(Prescription())}

    assert set(listed) == set(SHOWN)
    assert listed[RuleId.HR_OVER].limit is None
    assert listed[RuleId.HR_OVER].candidates == ()
    assert {one.limit.reason for one in listed.values() if one.limit is not None} == {LimitReason.DEFAULT}
