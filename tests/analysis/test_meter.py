"""What the class adds up to, against the plainest reckoning of the same."""

import math
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.exertion.metabolic import mets_of
from analysis.core.exertion.meter import RECOVERIES_MAX, Meter, hear_rate, hear_work, read_meter
from analysis.core.exertion.response import compare_breath, compare_effort, drift_of
from analysis.core.exertion.terms import Terms
from vitals.participants import ParticipantId, Sex
from vitals.readings import Machine, Quality, RunId, WorkloadReading
from vitals.sensors import SensorId
from vitals.sessions import RosterEntry
from vitals.units import MonotonicMs


def entry(**more: Any) -> RosterEntry:
    known: dict[str, Any] = {
        "rest_hr_bpm": 60,
        "peak_hr_bpm": 160,
        "zone_low_bpm": 100,
        "zone_high_bpm": 120,
        "sex": Sex.FEMALE,
    }
    return RosterEntry(participant=ParticipantId("p"), seat=1, sensors=(), **known | more)


def run(rates: list[tuple[int, float]], who: RosterEntry | None = None) -> Meter:
    meter = Meter()
    for at_ms, bpm in rates:
        hear_rate(meter, Terms(who or entry()), bpm, MonotonicMs(at_ms))
    return meter


def steady(seconds: int, bpm: float, *, start_s: int = 0) -> list[tuple[int, float]]:
    return [((start_s + second) * 1000, bpm) for second in range(seconds)]


@given(st.lists(st.tuples(st.integers(200, 9_000), st.integers(40, 180)), min_size=2, max_size=60))
def test_time_and_load_are_those_between_rates_that_are_near_enough(steps: list[tuple[int, int]]) -> None:
    at_ms, rates = 0, []
    for gap_ms, bpm in steps:
        at_ms += gap_ms
        rates.append((at_ms, float(bpm)))
    shown = read_meter(run(rates), drift_pct=None, now_ms=MonotonicMs(at_ms))
    pairs = [
        ((later - earlier) / 60_000, bpm) for (earlier, bpm), (later, _) in pairwise(rates) if later - earlier <= 5_000
    ]
    share = [(minutes, min(1.0, max(0.0, (bpm - 60) / 100))) for minutes, bpm in pairs]
    banister = sum(minutes * x * 0.86 * math.exp(1.67 * x) for minutes, x in share)
    assert shown.banister == pytest.approx(banister, abs=0.06)
    assert shown.valid_s == pytest.approx(sum(minutes for minutes, _ in pairs) * 60, abs=0.51)
    assert shown.below_s + shown.in_s + shown.above_s == pytest.approx(shown.valid_s, abs=2)


def test_a_rate_out_of_order_counts_nothing() -> None:
    rates = steady(60, 110)
    assert run([*rates, (30_500, 180.0), (59_000, 180.0)]) == run(rates)


def test_the_zone_waits_for_a_rate_that_is_clearly_past_its_border() -> None:
    inside = run(steady(120, 119))
    assert inside.zone == "in"
    near = run([*steady(120, 119), *steady(120, 121.5, start_s=120)])
    assert near.zone == "in"
    past = run([*steady(120, 119), *steady(120, 123, start_s=120)])
    assert past.zone == "above"
    assert run([*steady(120, 123), *steady(120, 119, start_s=120)]).zone == "above"
    assert run([*steady(120, 123), *steady(120, 117, start_s=120)]).zone == "in"
    assert run(steady(60, 110), entry(zone_low_bpm=None)).zone is None


def test_one_beat_more_moves_no_zone() -> None:
    rates = steady(60, 118)
    rates[30] = (30_000, 135.0)
    meter = run(rates)
    assert (meter.zone, meter.above_ms) == ("in", 0)


def test_recovery_is_the_fall_from_the_steady_peak_to_the_marks() -> None:
    up = [(second * 1000, 90 + second / 5) for second in range(300)]
    down = [((300 + second) * 1000, max(85.0, 149.8 - second / 3)) for second in range(200)]
    meter = run(up + down)
    assert len(meter.recoveries) == 1
    found = meter.recoveries[0]
    rates = dict(up + down)
    peak = max(median(rates[second * 1000] for second in range(first, first + 5)) for first in range(270, 296))
    assert found.end_ms in range(298_000, 302_000)
    assert found.peak_bpm == pytest.approx(peak, abs=0.6)
    assert found.after_1_min_bpm == pytest.approx(peak - (149.8 - 20), abs=1.5)
    assert found.after_2_min_bpm == pytest.approx(peak - (149.8 - 40), abs=1.5)


def test_a_mark_that_nobody_heard_has_no_number() -> None:
    up = [(second * 1000, 90 + second / 5) for second in range(300)]
    down = [((300 + second) * 1000, 149.8 - second / 3) for second in range(200) if not 50 < second < 70]
    found = run(up + down).recoveries[0]
    assert found.after_1_min_bpm is None
    assert found.after_2_min_bpm is not None


def test_memory_has_an_end() -> None:
    meter, at_s = Meter(), 0
    for _ in range(RECOVERIES_MAX + 3):
        rates = [*steady(130, 140, start_s=at_s), *steady(150, 80, start_s=at_s + 130)]
        at_s += 280
        for at_ms, bpm in rates:
            hear_rate(meter, Terms(entry()), bpm, MonotonicMs(at_ms))
    assert len(meter.recoveries) == RECOVERIES_MAX
    assert len(meter.times_ms) <= 97
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(meter), type=Meter) == meter


def work(**told: Any) -> WorkloadReading:
    return WorkloadReading(
        run=RunId("r"), sensor=SensorId("s"), seq=0, mono_ms=MonotonicMs(0), quality=Quality.GOOD, **told
    )


@pytest.mark.parametrize(
    ("told", "mass_kg", "met"),
    [
        ({"machine": Machine.BIKE, "power_w": 75}, 70, 18.571 / 3.5),
        ({"machine": Machine.BIKE, "power_w": 75}, None, None),
        ({"machine": Machine.BIKE, "power_w": 40, "met": 2.4}, 70, 2.4),
        ({"machine": Machine.BIKE, "power_w": 201}, 70, None),
        ({"machine": Machine.TREADMILL, "speed_kmh": 4.02, "incline_pct": 3.0}, None, 13.818 / 3.5),
        ({"machine": Machine.TREADMILL, "speed_kmh": 6.0}, None, (3.5 + 10) / 3.5),
        ({"machine": Machine.TREADMILL, "speed_kmh": 7.0}, None, None),
        ({"machine": Machine.TREADMILL, "speed_kmh": 12.864}, None, 46.38 / 3.5),
        ({"machine": Machine.CADENCE_SENSOR, "cadence_per_min": 60.0}, 70, None),
    ],
)
def test_mets_are_reckoned_where_an_equation_holds_and_else_the_machines_own(
    told: dict[str, Any], mass_kg: float | None, met: float | None
) -> None:
    assert mets_of(work(**told), mass_kg=mass_kg) == (None if met is None else pytest.approx(met, abs=0.002))


def test_work_adds_up_while_the_machine_tells_it() -> None:
    meter = Meter()
    for second in [*range(61), *range(120, 181)]:
        hear_work(meter, met=4.0, at_ms=MonotonicMs((second + 1) * 1000))
    shown = read_meter(meter, drift_pct=None, now_ms=MonotonicMs(182_000))
    assert (shown.met, shown.met_min, shown.met_peak) == (4, 8, 4)
    assert read_meter(meter, drift_pct=None, now_ms=MonotonicMs(190_000)).met is None


def test_drift_needs_six_minutes_of_constant_work() -> None:
    steps = [(120.0 if index < 18 else 126.0, 4.0) for index in range(36)]
    rates, works = [bpm for bpm, _ in steps], [work for _, work in steps]
    assert drift_of([90.0, *rates], [2.0, *works]) == pytest.approx(5)
    assert drift_of(rates[1:], works[1:]) is None
    assert drift_of(rates, [4.0 + index / 20 for index in range(36)]) is None
    assert drift_of([*rates, 126.0], [*works, None]) is None


@pytest.mark.parametrize(
    ("rpe", "hrr_pct", "feels"), [(15, 35, "harder"), (13, 35, None), (10, 65, "easier"), (6, 25, None), (20, 60, None)]
)
def test_what_a_person_says_is_held_against_the_heart(rpe: int, hrr_pct: float, feels: str | None) -> None:
    found = compare_effort(rpe_borg=rpe, hrr_pct=hrr_pct, at_ms=MonotonicMs(0))
    assert (None if found is None else found.feels) == feels


@pytest.mark.parametrize(
    ("cr10", "hrr_pct", "feels"),
    [(5, 35, "harder"), (4.9, 35, None), (7, 59, "harder"), (7, 60, None), (3, 29, "harder"), (0, 85, None)],
)
def test_who_is_shorter_of_breath_than_the_heart_tells_is_told(cr10: float, hrr_pct: float, feels: str | None) -> None:
    found = compare_breath(dyspnoea_cr10=cr10, hrr_pct=hrr_pct, at_ms=MonotonicMs(0))
    assert (None if found is None else found.feels) == feels


@pytest.mark.parametrize("cr10", [-0.5, 10.5])
def test_breathlessness_that_is_not_on_the_scale_is_refused(cr10: float) -> None:
    with pytest.raises(ValueError, match=f"{cr10:g} is not 0 to 10"):
        compare_breath(dyspnoea_cr10=cr10, hrr_pct=35, at_ms=MonotonicMs(0))
