from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.exertion.peak_rate import HOLDS_UNDER_BLOCKER, choose_peak
from analysis.core.limits import find_refusals, resolve_limits
from analysis.core.prescribing import peak_of, settle
from vitals.alarms import RuleId
from vitals.errors import InputError
from vitals.participants import LimitReason, PeakFormula, Prescription, Sex


def upper(**inputs: Any) -> tuple[float, LimitReason]:
    limit = next(limit for limit in resolve_limits(Prescription(**inputs)) if limit.rule is RuleId.HR_OVER)
    return limit.value, limit.reason


@pytest.mark.parametrize(
    ("inputs", "formula", "bpm"),
    [
        ({"peak_hr_bpm": 151, "age_years": 60, "beta_blocker": True}, PeakFormula.MEASURED, 151),
        ({"age_years": 60, "beta_blocker": True}, PeakFormula.BRAWNER, 122),
        ({"age_years": 60, "beta_blocker": True, "sex": Sex.FEMALE}, PeakFormula.BRAWNER, 122),
        ({"age_years": 60, "sex": Sex.FEMALE}, PeakFormula.GULATI, 153.2),
        ({"age_years": 60, "sex": Sex.MALE}, PeakFormula.TANAKA, 166),
        ({"age_years": 60}, PeakFormula.TANAKA, 166),
        ({"age_years": 60, "peak_formula": PeakFormula.FOX}, PeakFormula.FOX, 160),
    ],
)
def test_the_peak_that_holds_best_is_used_and_named(inputs: dict[str, Any], formula: PeakFormula, bpm: float) -> None:
    peak = peak_of(Prescription(**inputs))
    assert peak is not None
    assert peak.formula is formula
    assert peak.bpm == pytest.approx(bpm)


def test_without_age_or_measurement_there_is_no_peak() -> None:
    assert peak_of(Prescription(sex=Sex.MALE, beta_blocker=True)) is None


@pytest.mark.parametrize("formula", [one for one in PeakFormula if one not in HOLDS_UNDER_BLOCKER])
def test_a_formula_that_does_not_hold_under_a_beta_blocker_is_refused(formula: PeakFormula) -> None:
    with pytest.raises(InputError, match=f"{formula.value} does not hold under a beta-blocker"):
        choose_peak(measured_bpm=None, age=60, beta_blocker=True, formula=formula)
    (refusal,) = find_refusals(Prescription(age_years=60, beta_blocker=True, peak_formula=formula))
    assert refusal.field == "peak_formula"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ({"zone_low_bpm": 100, "zone_high_bpm": 120}, (100, 120)),
        ({"zone_low_hrr_pct": 40.0, "zone_high_hrr_pct": 60.0}, (100, 120)),
        ({"zone_low_hrmax_pct": 64.0, "zone_high_hrmax_pct": 76.0}, (102, 122)),
        ({"zone_low_rpe": 11, "zone_high_rpe": 13}, (None, None)),
    ],
)
def test_a_zone_in_shares_becomes_rates(zone: dict[str, Any], expected: tuple[int | None, int | None]) -> None:
    settled = settle(Prescription(rest_hr_bpm=60, peak_hr_bpm=160, exercise_test=True, **zone))
    assert (settled.zone_low_bpm, settled.zone_high_bpm) == expected


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"zone_low_hrr_pct": 40.0, "zone_high_hrr_pct": 60.0, "peak_hr_bpm": 160}, "rest_hr_bpm"),
        ({"zone_low_hrr_pct": 40.0, "zone_high_hrr_pct": 60.0, "rest_hr_bpm": 60}, "peak_hr_bpm"),
        ({"zone_low_hrmax_pct": 60.0, "zone_high_hrmax_pct": 70.0}, "peak_hr_bpm"),
        ({"zone_low_hrr_pct": 40.0, "rest_hr_bpm": 60, "peak_hr_bpm": 160}, "zone_high_hrr_pct"),
        ({"zone_high_rpe": 13}, "zone_low_rpe"),
        ({"zone_low_rpe": 13, "zone_high_rpe": 13}, "zone_high_rpe"),
        (
            {
                "zone_low_bpm": 90,
                "zone_high_bpm": 100,
                "zone_low_hrmax_pct": 60.0,
                "zone_high_hrmax_pct": 70.0,
                "peak_hr_bpm": 160,
            },
            "zone_high_hrmax_pct",
        ),
        ({"peak_hr_bpm": 150, "peak_formula": PeakFormula.FOX}, "peak_formula"),
        ({"peak_formula": PeakFormula.TANAKA}, "peak_formula"),
        ({"age_years": 80, "beta_blocker": True, "rest_hr_bpm": 110}, "peak_hr_bpm"),
    ],
)
def test_nonsense_is_refused_with_the_field_that_must_change(inputs: dict[str, Any], field: str) -> None:
    refusals = find_refusals(Prescription(**inputs))
    assert field in [refusal.field for refusal in refusals]
    with pytest.raises(InputError):
        resolve_limits(Prescription(**inputs))


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"rest_hr_bpm": 70}, (90, LimitReason.REST_PLUS_20)),
        ({"rest_hr_bpm": 70, "after_surgery": True}, (100, LimitReason.REST_PLUS_30)),
        (
            {"rest_hr_bpm": 70, "exercise_test": True, "ischaemic_threshold_bpm": 128},
            (118, LimitReason.ISCHAEMIC_MINUS_10),
        ),
        ({"device_detection_bpm": 150}, (140, LimitReason.DEVICE_RATE_MINUS_10)),
        ({"device_detection_bpm": 150, "device_margin_bpm": 15}, (135, LimitReason.DEVICE_RATE_MINUS_MARGIN)),
        (
            {
                "zone_low_hrr_pct": 40.0,
                "zone_high_hrr_pct": 70.0,
                "rest_hr_bpm": 60,
                "peak_hr_bpm": 160,
                "exercise_test": True,
            },
            (130, LimitReason.ZONE_TOP),
        ),
    ],
)
def test_the_limit_says_which_candidate_it_is(inputs: dict[str, Any], expected: tuple[float, LimitReason]) -> None:
    assert upper(**inputs) == expected


@given(
    rest=st.integers(45, 90),
    reserve=st.integers(40, 110),
    zone=st.integers(10, 90),
    ischaemic=st.none() | st.integers(110, 200),
    device=st.none() | st.integers(130, 220),
)
def test_the_lowest_upper_limit_always_wins(
    rest: int, reserve: int, zone: int, ischaemic: int | None, device: int | None
) -> None:
    prescription = Prescription(
        rest_hr_bpm=rest,
        peak_hr_bpm=rest + reserve,
        exercise_test=True,
        zone_low_hrr_pct=zone / 2,
        zone_high_hrr_pct=float(zone),
        ischaemic_threshold_bpm=ischaemic,
        device_detection_bpm=device,
    )
    if find_refusals(prescription):
        return
    settled = settle(prescription)
    ceilings = [settled.zone_high_bpm, *(one - 10 for one in (ischaemic, device) if one is not None)]
    value = next(limit.value for limit in resolve_limits(prescription) if limit.rule is RuleId.HR_OVER)
    assert value == min(one for one in ceilings if one is not None)
    assert settle(settled) == settled or settled.zone_low_hrr_pct is not None
