"""The chronotropic index: with the year of birth that held when the class began, or not at all."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from analysis.summary.exertion import HeartFigures
from dashboard.clinic import Clinic
from dashboard.register.prescriptions import KeptPrescriptionBody, Prescriptions, PrescriptionVersion
from dashboard.review.chronotropic import find_chronotropic
from tests.dashboard.house import House, settings_for
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from vitals.units import UtcMs

NOON_2026: int = 1_780_000_000_000
HEART = HeartFigures(
    rest_bpm=64.0,
    mean_bpm=100.0,
    peak_bpm=130.0,
    peak_ms=0,
    peak_hrr_pct=None,
    prescribed_rest_bpm=60,
    prescribed_peak_bpm=None,
    peak_is_estimate=False,
    zone_low_bpm=None,
    zone_high_bpm=None,
    valid_s=600,
    below_s=None,
    in_s=None,
    above_s=None,
    above_limit_s=0,
    phases=(),
    recoveries=(),
)


def version(number: int, *, days: int, birth_year: int | None = 1966) -> PrescriptionVersion:
    at_ms = UtcMs(NOON_2026 + days * 86_400_000)
    body = KeptPrescriptionBody(birth_year=birth_year)
    return PrescriptionVersion(version=number, utc_ms=at_ms, by="dr", why="", body=body)


def index_of(heart: HeartFigures, *versions: PrescriptionVersion) -> float | None:
    return find_chronotropic(heart, versions, started_utc_ms=UtcMs(NOON_2026))


def test_the_index_is_the_peak_above_rest_of_the_reserve_of_the_age() -> None:
    # Of the 100 that are left at 60 years and 60 at rest, 70 were used.
    assert index_of(HEART, version(1, days=-3)) == 70.0


def test_a_rate_at_rest_that_was_not_prescribed_is_the_measured_one() -> None:
    # 66 of 96.
    assert index_of(replace(HEART, prescribed_rest_bpm=None), version(1, days=-3)) == 68.8


def test_the_version_that_held_when_the_class_began_tells_the_year_of_birth() -> None:
    versions = (version(3, days=1, birth_year=1996), version(2, days=-1, birth_year=1956), version(1, days=-9))
    # 70 of 90: at 70 years, as the second version says.
    assert index_of(HEART, *versions) == 77.8


@pytest.mark.parametrize(
    "change",
    [
        {"peak_bpm": None},
        {"peak_bpm": 60.0},
        {"rest_bpm": None, "prescribed_rest_bpm": None},
        {"prescribed_rest_bpm": 165},
    ],
    ids=["no peak", "a peak at rest", "no rest", "no reserve at that age"],
)
def test_without_a_peak_a_rest_and_a_reserve_there_is_no_index(change: dict[str, Any]) -> None:
    assert index_of(replace(HEART, **change), version(1, days=-3)) is None


def test_without_a_year_of_birth_there_is_no_index() -> None:
    assert index_of(HEART) is None
    assert index_of(HEART, version(1, days=-3, birth_year=None)) is None
    assert index_of(HEART, version(1, days=3)) is None


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_the_page_is_given_the_index_beside_the_summary_and_not_in_it(tmp_path: Path) -> None:
    past = PastClass(minutes=3, people=2)
    write_past_class(tmp_path, past)
    clinic = Clinic(tmp_path / "clinic.db")
    with clinic.shelf.change():
        clinic.shelf.run("INSERT INTO person VALUES (?, NULL, 'A', '', 0, ?)", (person_id(1), past.started_utc_ms))
    body = KeptPrescriptionBody(birth_year=1950, rest_hr_bpm=60)
    Prescriptions(clinic.shelf).add(person_id(1), body, by="dr", why="", utc_ms=UtcMs(past.started_utc_ms - 1000))
    clinic.close()
    path = "/api/v1/sessions/past-1/participants/{}/summary"
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        one = (await house.http.get(path.format(person_id(1)))).json()
        two = (await house.http.get(path.format(person_id(2)))).json()
    heart, age = one["summary"]["heart"], 2026 - 1950
    rest = heart["rest_bpm"] if heart["prescribed_rest_bpm"] is None else heart["prescribed_rest_bpm"]
    assert one["chronotropic_pct"] == pytest.approx((heart["peak_bpm"] - rest) / (220 - age - rest) * 100, abs=0.051)
    assert two["chronotropic_pct"] is None
    assert "chronotropic_pct" not in one["summary"]
