"""Why a prescription can't be used is said in the language of the screen, whatever contradicts itself in it."""

from typing import Final

import pytest

from analysis.core.limits import find_refusals
from tests.dashboard.page.screen import Screen
from vitals.participants import PeakFormula, Prescription

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

WRONG: Final = (
    Prescription(zone_low_bpm=120, zone_high_bpm=110),
    Prescription(zone_low_rpe=13, zone_high_rpe=11),
    Prescription(peak_hr_bpm=60, rest_hr_bpm=70),
    Prescription(age_years=90, rest_hr_bpm=200),
    Prescription(hr_upper_bpm=50, hr_lower_bpm=60),
    Prescription(hr_upper_bpm=65, rest_hr_bpm=70, exercise_test=True),
    Prescription(ischaemic_threshold_bpm=45),
    Prescription(spo2_critical_pct=90),
    Prescription(spo2_baseline_pct=87),
    Prescription(zone_low_bpm=100, zone_high_bpm=110, zone_low_hrmax_pct=50, zone_high_hrmax_pct=60, age_years=60),
    Prescription(zone_low_hrr_pct=40),
    Prescription(peak_formula=PeakFormula.GULATI),
    Prescription(peak_formula=PeakFormula.FOX, peak_hr_bpm=150),
    Prescription(zone_low_hrr_pct=40, zone_high_hrr_pct=60, peak_hr_bpm=150),
    Prescription(zone_low_hrmax_pct=40, zone_high_hrmax_pct=60),
)
ENGLISH: Final = (" is ", " the ", "missing", "above", "given", "_")


async def test_every_contradiction_has_german_words(screen: Screen) -> None:
    refusals = [refusal for prescription in WRONG for refusal in find_refusals(prescription)]
    assert len(refusals) >= len(WRONG)
    screen.peer.refuses = True
    await screen.page.goto(f"{screen.peer.url}?lang=de")
    asked = [{"field": refusal.field, "problem": refusal.problem} for refusal in refusals]
    said = await screen.call("desk/refusal-words.js", "a[0].map((one) => m.sayRefusal(one))", asked)
    left = [line for line in said if any(word in f" {line} " for word in ENGLISH)]
    assert left == []


async def test_what_has_no_words_is_said_as_the_server_says_it(screen: Screen) -> None:
    screen.peer.refuses = True
    await screen.page.goto(f"{screen.peer.url}?lang=de")
    said = await screen.call("desk/refusal-words.js", "m.sayRefusal(a[0])", {"field": "sex", "problem": "is <new>"})
    assert said == "Geschlecht: is <new>"
