"""Laws of the demo's script: within two minutes it shows the four things that a newcomer must see."""

from itertools import islice
from random import Random

import pytest

from simulators.moments import simulated_moments
from simulators.person import new_person
from simulators.scenario import Trouble, effort_at, phase_at, plan_demo, plan_quiet, troubles_at
from vitals.sessions import Phase


@pytest.mark.parametrize("people", [1, 2, 6, 12, 30])
def test_all_four_troubles_begin_and_end_within_two_minutes(people: int) -> None:
    scenario = plan_demo(people=people, random=Random(1))
    early = {event.trouble for event in scenario.events if event.to_s <= 100}
    assert early == set(Trouble)
    assert all(0 <= event.person < people for event in scenario.events)


def test_a_quiet_class_has_no_trouble() -> None:
    scenario = plan_quiet(people=30)
    assert all(not troubles_at(scenario, person, at_s) for person in range(30) for at_s in range(0, 3000, 7))


def test_training_is_harder_than_warm_up_and_recovery() -> None:
    scenario = plan_quiet(people=1)
    assert phase_at(scenario, 0) is Phase.WARM_UP
    assert phase_at(scenario, 2_200) is Phase.RECOVERY
    assert effort_at(scenario, 0, 40).intensity > effort_at(scenario, 0, 0).intensity
    assert effort_at(scenario, 0, 2_200).intensity < effort_at(scenario, 0, 0).intensity


def test_the_over_exerted_person_passes_130_bpm_and_comes_back() -> None:
    scenario = plan_demo(people=12, random=Random(3))
    moments = simulated_moments(new_person(Random(5)), scenario, 2, Random(6), with_oximeter=True)
    rates = {moment.at_s: moment.strap.hr_bpm for moment, _ in zip(moments, range(180), strict=False) if moment.strap}
    assert max(rate for at_s, rate in rates.items() if 20 < at_s < 85 and rate) > 130
    assert (rates[170.0] or 0) < 125


def test_the_person_out_of_range_is_out_of_range_and_the_strap_off_skin_says_so() -> None:
    scenario = plan_demo(people=12, random=Random(3))
    walker = list(
        zip(
            simulated_moments(new_person(Random(5)), scenario, 7, Random(6), with_oximeter=False),
            range(100),
            strict=False,
        )
    )
    assert {moment.in_range for moment, _ in walker} == {True, False}
    off = list(
        zip(
            simulated_moments(new_person(Random(5)), scenario, 9, Random(6), with_oximeter=False),
            range(100),
            strict=False,
        )
    )
    contacts = {moment.at_s: moment.strap.contact for moment, _ in off if moment.strap}
    assert not contacts[50.0]
    assert contacts[90.0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_intervals_of_a_simulated_strap_add_up_to_the_time(seed: int) -> None:
    """No beat is lost where one second ends and the next begins."""
    quiet = plan_quiet(people=1)
    moments = simulated_moments(new_person(Random(seed)), quiet, 0, Random(seed), with_oximeter=False)
    ticks = [tick for moment in islice(moments, 300) if moment.strap is not None for tick in moment.strap.rr_ticks]
    assert 298 < sum(ticks) / 1024 <= 300
