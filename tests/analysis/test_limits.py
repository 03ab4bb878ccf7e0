"""From prescriptions to limits: worked examples and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.limits import find_refusals, resolve_limits
from analysis.core.rules import hash_rules
from analysis.rule_set import DEFAULT
from vitals.alarms import RuleId
from vitals.errors import InputError
from vitals.participants import LimitReason, Prescription

VITAL_RULES = DEFAULT.about_people()
BPM = st.none() | st.integers(20, 250)
PERCENT = st.none() | st.integers(50, 100).map(float)
PRESCRIPTIONS = st.builds(
    Prescription,
    hr_upper_bpm=BPM,
    hr_lower_bpm=BPM,
    zone_low_bpm=BPM,
    zone_high_bpm=BPM,
    ischaemic_threshold_bpm=BPM,
    device_detection_bpm=BPM,
    rest_hr_bpm=BPM,
    peak_hr_bpm=BPM,
    exercise_test=st.booleans(),
    spo2_floor_pct=PERCENT,
    spo2_critical_pct=PERCENT,
    spo2_baseline_pct=PERCENT,
)


def limit(prescription: Prescription, rule: RuleId) -> tuple[float, LimitReason] | None:
    return next(((one.value, one.reason) for one in resolve_limits(prescription) if one.rule is rule), None)


@pytest.mark.parametrize(
    ("prescription", "upper"),
    [
        (Prescription(), None),
        (Prescription(peak_hr_bpm=150, exercise_test=True), None),
        (Prescription(rest_hr_bpm=70, exercise_test=True), None),
        (Prescription(hr_upper_bpm=130), (130, LimitReason.PRESCRIBED)),
        (Prescription(hr_upper_bpm=130, zone_high_bpm=125), (125, LimitReason.ZONE_TOP)),
        (Prescription(hr_upper_bpm=125, zone_high_bpm=125), (125, LimitReason.PRESCRIBED)),
        (
            Prescription(zone_high_bpm=125, ischaemic_threshold_bpm=128),
            (118, LimitReason.ISCHAEMIC_MINUS_10),
        ),
        (Prescription(hr_upper_bpm=150, device_detection_bpm=155), (145, LimitReason.DEVICE_RATE_MINUS_10)),
        (Prescription(rest_hr_bpm=70), (90, LimitReason.REST_PLUS_20)),
        (Prescription(hr_upper_bpm=85, rest_hr_bpm=70), (85, LimitReason.PRESCRIBED)),
        (Prescription(hr_upper_bpm=120, rest_hr_bpm=70), (90, LimitReason.REST_PLUS_20)),
        (Prescription(hr_upper_bpm=120, rest_hr_bpm=70, exercise_test=True), (120, LimitReason.PRESCRIBED)),
    ],
)
def test_the_lowest_upper_limit_that_applies_wins_and_none_is_invented(
    prescription: Prescription, upper: tuple[float, LimitReason] | None
) -> None:
    assert limit(prescription, RuleId.HR_OVER) == upper


@pytest.mark.parametrize(
    ("prescription", "lower"),
    [
        (Prescription(), (40, LimitReason.DEFAULT)),
        (Prescription(rest_hr_bpm=75), (55, LimitReason.REST_MINUS_20)),
        (Prescription(rest_hr_bpm=52), (40, LimitReason.DEFAULT)),
        (Prescription(rest_hr_bpm=60), (40, LimitReason.DEFAULT)),
        (Prescription(rest_hr_bpm=75, hr_lower_bpm=35), (35, LimitReason.PRESCRIBED)),
    ],
)
def test_the_more_watchful_lower_limit_wins_unless_one_is_prescribed(
    prescription: Prescription, lower: tuple[float, LimitReason]
) -> None:
    assert limit(prescription, RuleId.HR_LOW) == lower


@pytest.mark.parametrize(
    ("prescription", "floor", "critical"),
    [
        (Prescription(), (88, LimitReason.DEFAULT), (85, LimitReason.DEFAULT)),
        (Prescription(spo2_floor_pct=90), (90, LimitReason.PRESCRIBED), (85, LimitReason.DEFAULT)),
        (Prescription(spo2_floor_pct=83), (83, LimitReason.PRESCRIBED), (83, LimitReason.PRESCRIBED)),
        (
            Prescription(spo2_floor_pct=86, spo2_critical_pct=80),
            (86, LimitReason.PRESCRIBED),
            (80, LimitReason.PRESCRIBED),
        ),
    ],
)
def test_saturation_has_a_floor_and_a_critical_limit_that_is_not_above_it(
    prescription: Prescription, floor: tuple[float, LimitReason], critical: tuple[float, LimitReason]
) -> None:
    assert limit(prescription, RuleId.SPO2_LOW) == floor
    assert limit(prescription, RuleId.SPO2_CRIT) == critical


@pytest.mark.parametrize(
    ("prescription", "field"),
    [
        (Prescription(zone_low_bpm=120, zone_high_bpm=110), "zone_high_bpm"),
        (Prescription(zone_low_bpm=120, zone_high_bpm=120), "zone_high_bpm"),
        (Prescription(rest_hr_bpm=90, peak_hr_bpm=90), "peak_hr_bpm"),
        (Prescription(hr_upper_bpm=60, hr_lower_bpm=60), "hr_upper_bpm"),
        (Prescription(hr_upper_bpm=100, zone_low_bpm=110), "hr_upper_bpm"),
        (Prescription(rest_hr_bpm=50, hr_lower_bpm=55), "rest_hr_bpm"),
        (Prescription(hr_upper_bpm=65, rest_hr_bpm=70), "hr_upper_bpm"),
        (Prescription(ischaemic_threshold_bpm=75, rest_hr_bpm=70), "ischaemic_threshold_bpm"),
        (Prescription(device_detection_bpm=45), "device_detection_bpm"),
        (Prescription(spo2_floor_pct=90, spo2_critical_pct=92), "spo2_critical_pct"),
        (Prescription(spo2_floor_pct=90, spo2_baseline_pct=90), "spo2_baseline_pct"),
        (Prescription(spo2_baseline_pct=87), "spo2_baseline_pct"),
    ],
)
def test_nonsense_is_refused_with_the_field_and_the_value(prescription: Prescription, field: str) -> None:
    with pytest.raises(InputError, match=rf"^p01\.{field}: .*\d") as refused:
        resolve_limits(prescription, place="p01")
    assert refused.value.place == f"p01.{field}"


@given(PRESCRIPTIONS)
def test_limits_are_found_or_refused_and_never_contradict_each_other(prescription: Prescription) -> None:
    if find_refusals(prescription):
        with pytest.raises(InputError):
            resolve_limits(prescription)
        return
    limits = {one.rule: one.value for one in resolve_limits(prescription)}
    inputs = (
        prescription.hr_upper_bpm,
        prescription.zone_high_bpm,
        prescription.ischaemic_threshold_bpm,
        prescription.device_detection_bpm,
        None if prescription.exercise_test else prescription.rest_hr_bpm,
    )
    assert (RuleId.HR_OVER in limits) == any(value is not None for value in inputs)
    assert limits.get(RuleId.HR_OVER, 999) > limits[RuleId.HR_LOW]
    assert all(
        limits[RuleId.HR_OVER] <= ceiling
        for ceiling in (prescription.hr_upper_bpm, prescription.zone_high_bpm)
        if ceiling
    )
    assert limits[RuleId.SPO2_CRIT] <= limits[RuleId.SPO2_LOW]
    assert set(limits) <= set(VITAL_RULES)


def test_every_rule_says_where_its_numbers_come_from_and_has_its_own_place() -> None:
    for rule in DEFAULT.rules:
        given = {"hold_s", *(["limit"] if rule.limit is not None else [])}
        assert given <= set(rule.provenance), rule.id
    assert {rule.id for rule in DEFAULT.rules} == set(RuleId)


def test_the_rule_set_is_named_by_its_numbers() -> None:
    assert hash_rules(DEFAULT.rules) == hash_rules(DEFAULT.rules)
    assert hash_rules(DEFAULT.rules[1:]) != hash_rules(DEFAULT.rules)
    assert len(hash_rules(DEFAULT)) == 16
