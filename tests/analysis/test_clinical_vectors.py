"""Every published answer, table and cross-check of the clinical vectors; and two printed errors that are not ours."""

import csv
import json
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from analysis.core.exertion import heart_recovery, metabolic, meter, reserve, response, training_load
from analysis.core.exertion.peak_rate import estimate_peak_bpm
from analysis.core.exertion.terms import Terms
from analysis.core.limits import resolve_limits
from analysis.core.quality import lipponen
from analysis.core.variability import (
    dfa_alpha1,
    mean_hr_bpm,
    pnn50_pct,
    rmssd_ms,
    sd1_ms,
    sdnn_ms,
    turning_point_share,
)
from vitals.alarms import RuleId
from vitals.participants import ParticipantId, PeakFormula, Prescription, Sex
from vitals.sessions import RosterEntry
from vitals.units import MonotonicMs, ticks_to_rr_ms

FOLDER: Final = Path(__file__).parents[1] / "data"
ROWS: Final = {
    row["id"]: row for row in csv.DictReader((FOLDER / "clinical-vectors.csv").read_text(encoding="utf-8").splitlines())
}
SERIES: Final[dict[str, dict[str, Any]]] = json.loads((FOLDER / "rr-series.json").read_text(encoding="utf-8"))
DET100: Final = np.array([800, 810, 790, 805, 795, 820, 780, 800, 815, 785] * 10, dtype=float)
MPH: Final = 26.8
"""m/min, as ACSM rounds it."""

MUST_PASS: Final = ("published answer", "published table", "cross-check")
"""What a status begins with when somebody else has the answer, too."""


def peak(formula: PeakFormula, age: float) -> Callable[[], float]:
    return lambda: estimate_peak_bpm(formula, age=age)


def banister(minutes: float, share: float, sex: Sex) -> float:
    return minutes * training_load.banister_per_min(share, sex=sex)


def classes(
    name: str, classify: Callable[[float], reserve.Intensity], values: tuple[float, ...]
) -> dict[str, Callable[[], float | str]]:
    return {f"{name}_{value:g}": partial(classify, value) for value in values}


def upper_limit(**inputs: Any) -> float:
    limits = {limit.rule: limit.value for limit in resolve_limits(Prescription(**inputs))}
    return limits[RuleId.HR_OVER]


def refuses(act: Callable[[], object]) -> str:
    try:
        act()
    except ValueError as error:
        return type(error).__name__
    return "taken"


def satseconds(samples: list[float], *, limit: float) -> list[float]:
    """Points below the limit times seconds, at 1 Hz; cleared at the limit (the manuals' simplest form)."""
    sums, total = [], 0.0
    for sample in samples:
        total = total + limit - sample if sample < limit else 0.0
        sums.append(total)
    return sums


def lipponen_series(change: str) -> lipponen.Artefacts:
    base = [500 + 6 * math.sin(0.9 * i) + 4 * math.sin(0.23 * i) for i in range(200)]
    match change:
        case "missed":
            base[100:102] = [base[100] + base[101]]
        case "extra":
            base[100:101] = [base[100] * 0.45, base[100] * 0.55]
        case "ectopic":
            base[100] -= 130
            base[101] += 130
        case "misaligned":
            base[100] -= 40
            base[101] += 40
        case _:
            pass
    peaks = np.round(np.cumsum(base))
    return lipponen.classify(np.diff(np.concatenate(([0.0], peaks))))


F, M = Sex.FEMALE, Sex.MALE
SPO2_FALL: Final = [88.0] * 2 + [86.0] * 3 + [84.0] * 6
ANSWERS: Final[dict[str, Callable[[], float | str]]] = {
    "hrmax_fox_60": peak(PeakFormula.FOX, 60),
    "hrmax_fox_50": peak(PeakFormula.FOX, 50),
    "hrmax_gulati_50": peak(PeakFormula.GULATI, 50),
    "hrmax_gulati_65": peak(PeakFormula.GULATI, 65),
    "hrmax_tanaka_40": peak(PeakFormula.TANAKA, 40),
    "hrmax_tanaka_65": peak(PeakFormula.TANAKA, 65),
    "hrmax_tanaka_sedentary_65": peak(PeakFormula.TANAKA_SEDENTARY, 65),
    "hrmax_tanaka_trained_40": peak(PeakFormula.TANAKA_TRAINED, 40),
    "hrmax_gellish_50": peak(PeakFormula.GELLISH, 50),
    "hrmax_gellish_quad_50": peak(PeakFormula.GELLISH_CURVE, 50),
    "hrmax_brawner_bb_65": peak(PeakFormula.BRAWNER, 65),
    "hrmax_henryford_bb_65": peak(PeakFormula.HENRY_FORD_BLOCKED, 65),
    "hrmax_henryford_nobb_65": peak(PeakFormula.HENRY_FORD, 65),
    "hrmax_sydo_women_60": peak(PeakFormula.SYDO_WOMEN, 60),
    "hrmax_sydo_men_60": peak(PeakFormula.SYDO_MEN, 60),
    "karv_40y_rest60_70": lambda: reserve.target_bpm(0.7, rest_bpm=60, peak_bpm=180),
    "karv_20y_rest75_60": lambda: reserve.target_bpm(0.6, rest_bpm=75, peak_bpm=200),
    "karv_20y_rest75_80": lambda: reserve.target_bpm(0.8, rest_bpm=75, peak_bpm=200),
    "karv_30y_rest70_70": lambda: reserve.target_bpm(0.7, rest_bpm=70, peak_bpm=190),
    "karv_inverse": lambda: reserve.reserve_pct(120, rest_bpm=60, peak_bpm=160),
    "hrr_guard": lambda: refuses(lambda: reserve.reserve_pct(100, rest_bpm=70, peak_bpm=70)),
    **classes("acsm_hrr", reserve.classify_reserve, (29.9, 30, 39.9, 40, 59.9, 60, 89.9, 90)),
    **classes("acsm_hrmax", reserve.classify_peak_share, (56.9, 57, 64, 77, 96)),
    **classes("acsm_rpe", reserve.classify_rpe, (8, 9, 11, 12, 13, 14, 17, 18)),
    "ul_ischemia": lambda: upper_limit(ischaemic_threshold_bpm=128),
    "ul_icd": lambda: upper_limit(device_detection_bpm=150),
    "ul_rest20": lambda: upper_limit(rest_hr_bpm=72),
    "ul_min_of_all": lambda: upper_limit(zone_high_bpm=135, ischaemic_threshold_bpm=128, device_detection_bpm=150),
    "trimp_b_m_45": lambda: banister(45, (145 - 60) / (190 - 60), M),
    "trimp_b_m_30": lambda: banister(30, (130 - 40) / (200 - 40), M),
    "trimp_b_f_30": lambda: banister(30, (120 - 65) / (165 - 65), F),
    "trimp_b_max_per_min_M": lambda: banister(1, 1, M),
    "trimp_b_max_per_min_F": lambda: banister(1, 1, F),
    "trimp_b_below_rest": lambda: banister(10, (55 - 60) / 100, M),
    "trimp_edwards": lambda: training_load.edwards_load([(10, 55), (10, 65), (10, 75), (5, 85), (5, 95)]),
    "trimp_edwards_below50": lambda: training_load.edwards_load([(20, 45)]),
    "trimp_lucia": lambda: training_load.lucia_load(below_vt1_min=20, between_min=15, above_vt2_min=5),
    "trimp_srpe": lambda: training_load.session_rpe_load(rpe_cr10=6, minutes=120),
    "hrr1_abn_12": lambda: "abnormal" if heart_recovery.is_slow_after_1_min(140 - 128) else "normal",
    "hrr2_abn_22": lambda: "abnormal" if heart_recovery.is_slow_after_2_min(140 - 118) else "normal",
    "ci_60": lambda: response.chronotropic_pct(peak_bpm=130, rest_bpm=70, age=60),
    "ci_abn": lambda: "abnormal" if response.is_chronotropic_low(66.67, beta_blocker=False) else "normal",
    "ci_bb": lambda: "abnormal" if response.is_chronotropic_low(66.67, beta_blocker=True) else "normal",
    "rpp": lambda: response.rate_pressure(hr_bpm=130, systolic_mmhg=160),
    "drift": lambda: response.drift_pct(120, 126),
    "acsm_walk_2.5_3": lambda: metabolic.walk_ml_kg_min(2.5 * MPH, 0.03),
    "acsm_walk_3.5_10": lambda: metabolic.walk_ml_kg_min(3.5 * MPH, 0.10),
    "acsm_walk_3.5_10_mets": lambda: metabolic.mets(metabolic.walk_ml_kg_min(3.5 * MPH, 0.10)),
    "acsm_walk_inverse": lambda: metabolic.walk_speed_m_min(7 * 3.5, 0.10),
    "acsm_run_8_0": lambda: metabolic.run_ml_kg_min(8 * MPH, 0),
    "acsm_run_8_net_mets": lambda: metabolic.mets(metabolic.run_ml_kg_min(8 * MPH, 0)) - 1,
    "acsm_kcal": lambda: metabolic.energy_kcal_min(12.25, 50),
    "acsm_run_7_incline": lambda: metabolic.run_grade(49.3, 7 * MPH) * 100,
    "acsm_cycle_450_62": lambda: metabolic.cycle_kgm_ml_kg_min(450, 62),
    "acsm_cycle_840_86": lambda: metabolic.cycle_kgm_ml_kg_min(840, 86.36),
    "acsm_cycle_watts": lambda: metabolic.cycle_ml_kg_min(75, 70),
    "acsm_cycle_inverse": lambda: metabolic.cycle_kgm_min(35, 47),
    "acsm_step": lambda: metabolic.step_ml_kg_min(0.20, 27),
    "satsec_n560": lambda: satseconds(SPO2_FALL, limit=90)[-1],
    "satsec_time50": lambda: 10 + (50 - satseconds(SPO2_FALL, limit=90)[9]) / 6,
    "dsp": lambda: response.walk_saturation_product(distance_m=400, nadir_spo2_pct=85),
    "hrv_rmssd_det100": lambda: rmssd_ms(DET100),
    "hrv_sdnn_det100": lambda: sdnn_ms(DET100),
    "hrv_meanhr_det100": lambda: mean_hr_bpm(DET100),
    "hrv_pnn50_det100": lambda: pnn50_pct(DET100),
    "hrv_sd1_det100": lambda: sd1_ms(DET100),
    "dfa1_det100": lambda: dfa_alpha1(DET100),
    "dfa1_white1000": lambda: dfa_alpha1(np.array(SERIES["white1000"]["rr_ms"])),
    "dfa1_brown1000": lambda: dfa_alpha1(np.array(SERIES["brown1000"]["rr_ms"])),
    "dfa1_sine300": lambda: dfa_alpha1(np.array(SERIES["sine300"]["rr_ms"])),
    "tpr_mono": lambda: turning_point_share(np.arange(50.0)),
    "tpr_alt": lambda: turning_point_share(np.array([800.0, 700.0] * 20)),
    "rr_to_hr": lambda: 60_000 / ticks_to_rr_ms(512),
    "rr_unit_trap": lambda: ticks_to_rr_ms(1024),
}


def is_ours(status: str) -> bool:
    return status.startswith(MUST_PASS)


def test_no_answer_that_somebody_else_has_is_left_out() -> None:
    assert sorted(name for name, row in ROWS.items() if is_ours(row["status"]) and name not in ANSWERS) == ["dfa1_pink"]


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_we_get_the_published_answer(name: str) -> None:
    row, answer = ROWS[name], ANSWERS[name]()
    if isinstance(answer, str):
        assert answer == row["expected"]
        return
    # The two tolerances of 0 beside a printed rounded number are half of its last digit.
    assert answer == pytest.approx(float(row["expected"]), abs=max(float(row["tolerance"]), 1e-9))


@pytest.mark.parametrize("name", sorted(SERIES))
def test_variability_of_the_stored_series_is_that_of_the_libraries(name: str) -> None:
    stored = SERIES[name]
    rr_ms = np.array(stored["rr_ms"])
    assert rmssd_ms(rr_ms) == pytest.approx(stored["rmssd"], rel=1e-4)
    assert sdnn_ms(rr_ms) == pytest.approx(stored["sdnn_ddof1"], rel=1e-4)
    assert dfa_alpha1(rr_ms) == pytest.approx(stored["dfa_a1_4_16_nonoverlap"], abs=5e-4)


def test_pink_noise_of_our_own_has_the_exponent_of_theory() -> None:
    """The row's own series is not kept; 1/f noise has exponent 1, and short boxes read a little more."""
    generator = np.random.default_rng(7)
    spectrum = generator.standard_normal(2049) + 1j * generator.standard_normal(2049)
    spectrum[1:] /= np.sqrt(np.arange(1, 2049))
    spectrum[0] = 0
    assert dfa_alpha1(np.fft.irfft(spectrum)) == pytest.approx(float(ROWS["dfa1_pink"]["expected"]), abs=0.08)


@pytest.mark.parametrize(
    ("name", "printed", "ours"),
    [
        ("karv_30y_rest70_70", 140.0, lambda: reserve.target_bpm(0.7, rest_bpm=70, peak_bpm=190)),
        ("acsm_run_7_incline", 2.5, lambda: metabolic.run_grade(49.3, 7 * MPH) * 100),
    ],
)
def test_a_published_error_is_not_copied(name: str, printed: float, ours: Callable[[], float]) -> None:
    assert "wrong" in ROWS[name]["status"]
    assert abs(ours() - printed) > 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("clean", lipponen.Artefacts()),
        ("missed", {"missed"}),
        ("extra", {"extra", "long_short"}),
        ("ectopic", {"ectopic", "long_short"}),
        ("misaligned", {"ectopic", "long_short"}),
    ],
)
def test_beats_are_named_as_the_oracle_names_them(change: str, expected: set[str] | lipponen.Artefacts) -> None:
    found = lipponen_series(change)
    if isinstance(expected, lipponen.Artefacts):
        assert found == expected
        return
    named = {kind: getattr(found, kind) for kind in ("ectopic", "missed", "extra", "long_short")}
    flagged = {index for indices in named.values() for index in indices}
    assert flagged <= {99, 100, 101, 102}
    assert {kind for kind, indices in named.items() if indices} <= expected
    assert flagged & {100, 101}


def test_seconds_of_saturation_at_one_hertz_are_counted_at_the_end_of_a_sample() -> None:
    sums = satseconds(SPO2_FALL, limit=90)
    assert next(index + 1 for index, total in enumerate(sums) if total >= 50) == 11
    assert max(satseconds([86.0] * 5 + [91.0] + [86.0] * 5, limit=90)) < 50
    assert satseconds([85.0] * 20, limit=90)[-1] == 100


def test_the_highest_steady_rate_before_a_stop_is_the_peak_of_the_recovery() -> None:
    from vitals.units import MonotonicMs  # noqa: PLC0415

    samples = [(MonotonicMs(second * 1000), 150.0) for second in range(60)]
    samples[40] = (MonotonicMs(40_000), 190.0)
    samples += [(MonotonicMs(second * 1000), 150 - (second - 59) / 4) for second in range(60, 190)]
    found = heart_recovery.measure_recovery(samples, end_ms=MonotonicMs(59_000))
    assert found is not None
    assert (found.peak_bpm, found.after_1_min_bpm, found.after_2_min_bpm) == (150, 15, 30)


def ends_of_bouts(samples: list[tuple[MonotonicMs, float]]) -> list[int]:
    entry = RosterEntry(participant=ParticipantId("p"), seat=1, sensors=(), rest_hr_bpm=60, peak_hr_bpm=160)
    ran, terms = meter.Meter(), Terms(entry)
    for at_ms, bpm in samples:
        meter.hear_rate(ran, terms, bpm, at_ms)
    return [one.end_ms for one in (*ran.recoveries, *ran.waiting)]


def test_a_bout_ends_where_the_rate_begins_to_fall() -> None:
    up = [(MonotonicMs(second * 1000), 70 + second / 5) for second in range(301)]
    down = [(MonotonicMs((301 + second) * 1000), 129.9 - second / 2) for second in range(120)]
    assert ends_of_bouts(up + down) == [300_000]
    too_short = [(MonotonicMs(at_ms // 4), bpm) for at_ms, bpm in up + down]
    assert ends_of_bouts(too_short) == []
