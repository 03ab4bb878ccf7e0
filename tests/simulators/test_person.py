"""Laws of the person model: values follow effort, stay in range, and are the same for the same seed."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from simulators.person import Effort, Person, at_rest, new_person, next_rr_ms, step

PERSON = Person(rest_bpm=70, peak_bpm=140, spo2_pct=97, fall_pct=2, breath_s=4, arrhythmia=10)


def after(seconds: int, effort: Effort) -> tuple[float, float]:
    vitals = at_rest(PERSON)
    for _ in range(seconds):
        vitals = step(PERSON, vitals, effort, dt_s=1.0)
    return vitals.hr_bpm, vitals.spo2_pct


def test_the_heart_rate_rises_with_effort_and_falls_after_it() -> None:
    hard, _ = after(120, Effort(intensity=0.8))
    easy, _ = after(120, Effort(intensity=0.2))
    assert 120 < hard < 132
    assert 80 < easy < 90


def test_a_desaturation_goes_below_88_within_half_a_minute_and_comes_back() -> None:
    _, low = after(30, Effort(intensity=0.5, spo2_drop_pct=14))
    assert low < 88
    vitals = at_rest(PERSON)
    for second in range(120):
        vitals = step(PERSON, vitals, Effort(intensity=0.2, spo2_drop_pct=14 if second < 40 else 0), dt_s=1.0)
    assert vitals.spo2_pct > 95


@given(st.integers(0, 2**32), st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_no_effort_makes_an_impossible_person(seed: int, efforts: list[float]) -> None:
    random = Random(seed)
    person = new_person(random)
    vitals = at_rest(person)
    for second, intensity in enumerate(efforts):
        vitals = step(person, vitals, Effort(intensity=intensity), dt_s=1.0)
        assert 40 < vitals.hr_bpm < 180
        assert 85 < vitals.spo2_pct <= 100
        assert 300 <= next_rr_ms(person, vitals, random, at_s=second) < 2000


def test_the_same_seed_gives_the_same_person() -> None:
    assert new_person(Random(7)) == new_person(Random(7))
    assert new_person(Random(7)) != new_person(Random(8))
