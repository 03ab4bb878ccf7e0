"""Figures of a summary, against a reckoning of the test's own: on recordings of real people and on made-up ones."""

import math
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from analysis.history.history import InForce, Said
from analysis.summary.part import Part
from analysis.summary.summary import summarise
from cli.backtest.recorded import load, to_history
from tests.analysis.summary.told import entry, part, rate, roster, said_by, saturation
from vitals.entries import SessionRpe
from vitals.participants import ParticipantId
from vitals.readings import HeartRateReading, Machine, OximeterReading, Quality, RunId, WorkloadReading
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, Phase, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"


def part_of(name: str) -> Part:
    """A recording as the part of its one person."""
    files = sorted(RECORDINGS.glob(f"{name}*.csv"))
    loaded = load(name, files, oximeter=None)
    assert loaded.recording is not None, loaded.problem
    person = RosterEntry(participant=ParticipantId(name), seat=1, sensors=(), rest_hr_bpm=60, peak_hr_bpm=190)
    history = to_history(loaded.recording, limits=(), entry=person, phase=Phase.TRAINING)
    return Part(
        session=SessionId(name),
        participant=history.participants[0],
        generation_mode=GenerationMode.REPLAYED,
        started_utc_ms=UtcMs(0),
        until_ms=history.until_ms,
        is_over=True,
        rosters=history.rosters,
        said=history.said,
        holes=(),
        events=(),
        entries=(),
        rules=(),
        software="",
    )


def highest_median(times: list[int], values: list[float]) -> float:
    return max(
        median(value for at, value in zip(times, values, strict=True) if begin <= at < begin + 5_000) for begin in times
    )


@pytest.mark.parametrize("name", ["gudb_s00", "gudb_s06", "gudb_s14"])
def test_rates_of_a_recording_are_those_of_a_plain_reckoning(name: str) -> None:
    recorded = part_of(name)
    told = [
        (one.at_ms, one.reading.hr_bpm)
        for one in recorded.said
        if isinstance(one.reading, HeartRateReading) and one.reading.hr_bpm is not None
    ]
    times, values = [int(at) for at, _ in told], [float(bpm) for _, bpm in told]
    heart = summarise(recorded).heart
    # What the gate held back is all that may differ: a spike or two.
    assert heart.mean_bpm == pytest.approx(np.mean(values), abs=1.0)
    assert heart.peak_bpm is not None
    assert heart.peak_bpm == pytest.approx(highest_median(times, values), abs=3.0)
    assert 0 < heart.valid_s <= recorded.until_ms / 1000


@pytest.mark.parametrize("name", ["hypox_2", "hypox_4", "hypox_5", "hypox_6"])
def test_saturations_of_a_recording_are_those_of_a_plain_reckoning(name: str) -> None:
    recorded = part_of(name)
    values = [
        one.reading.spo2_pct
        for one in recorded.said
        if isinstance(one.reading, OximeterReading) and one.reading.spo2_pct is not None
    ]
    found = summarise(recorded).saturation
    assert found is not None
    assert found.mean_pct == pytest.approx(np.mean(values), abs=0.3)
    assert found.nadir_pct == pytest.approx(min(values), abs=1.0)


def hill(second: int) -> int:
    """Rest at 70, up to 140 in training, down again: no jump, every value counts."""
    if second < 120:
        return 70
    if second < 480:
        return min(140, 70 + (second - 120) // 3)
    return max(80, 140 - (second - 480) // 2)


def made_up(**known: Any) -> Part:
    """``known``: what is known of the person, where it is another thing."""
    seconds = 720
    said = [rate(second * 1000, hill(second)) for second in range(seconds)]
    said += [saturation(second * 1000, 96 if second < 300 else 88 if second < 360 else 95) for second in range(seconds)]
    until_ms = seconds * 1000
    phases = ((0, Phase.REST), (120, Phase.TRAINING), (480, Phase.RECOVERY))
    rosters = tuple(
        InForce(
            MonotonicMs(at_s * 1000), roster(replace(entry(until_ms=until_ms), **known), version=version, phase=phase)
        )
        for version, (at_s, phase) in enumerate(phases, start=1)
    )
    return part(said, until_ms=until_ms, rosters=rosters)


def test_a_made_up_session_adds_up_to_what_was_put_in() -> None:
    summary = summarise(made_up())
    heart, values = summary.heart, [hill(second) for second in range(720)]
    assert heart.rest_bpm == 70
    assert heart.peak_bpm == 140
    assert heart.mean_bpm == pytest.approx(np.mean(values), abs=0.06)
    assert heart.peak_hrr_pct == 80.0
    assert heart.above_limit_s == sum(value > 124 for value in values)
    banister = sum(
        share * 0.64 * math.exp(1.92 * share) / 60 for value in values[:-1] if (share := (value - 60) / 100) > 0
    )
    assert summary.load.banister == pytest.approx(banister, abs=0.06)
    in_zones = [heart.below_s, heart.in_s, heart.above_s]
    assert sum(seconds for seconds in in_zones if seconds is not None) == pytest.approx(719, abs=2)
    (recovery,) = heart.recoveries
    assert recovery.after_1_min_bpm == pytest.approx(30, abs=1)
    assert recovery.after_2_min_bpm == pytest.approx(60, abs=1)
    oxygen = summary.saturation
    assert oxygen is not None
    assert (oxygen.rest_pct, oxygen.nadir_pct) == (96.0, 88.0)
    assert oxygen.below_limit_s == pytest.approx(60, abs=11)  # the gate proves a jump for some seconds
    assert [span.phase for span in summary.phases] == [Phase.REST, Phase.TRAINING, Phase.RECOVERY]
    assert [share.what for one in summary.coverage for share in one.shares] == ["valid", "valid"]


def test_of_a_person_without_peak_and_zone_nothing_is_made_up_and_the_end_of_training_is_the_staffs() -> None:
    nothing = {"rest_hr_bpm": None, "peak_hr_bpm": None, "zone_low_bpm": None, "zone_high_bpm": None}
    heart = summarise(made_up(**nothing)).heart
    assert (heart.below_s, heart.in_s, heart.above_s) == (None, None, None)
    (recovery,) = heart.recoveries
    assert recovery.end_ms == 480_000
    assert recovery.after_1_min_bpm == pytest.approx(30, abs=1)
    assert recovery.after_2_min_bpm == pytest.approx(60, abs=1)


def test_time_in_which_nobody_knows_the_work_counts_for_no_mean_of_it() -> None:
    told = [
        Said(
            MonotonicMs(second * 1000),
            WorkloadReading(
                run=RunId("r"),
                sensor=SensorId("mill"),
                seq=second,
                mono_ms=MonotonicMs(second * 1000),
                quality=Quality.GOOD,
                machine=Machine.TREADMILL,
                speed_kmh=4.8 if second <= 300 else 2.0,
            ),
        )
        for second in range(600)
    ]
    work = summarise(part(told, until_ms=600_000)).work
    assert work is not None
    met = (3.5 + 0.1 * 80) / 3.5  # ACSM, walking at 80 m/min; it holds from 50 m/min
    assert work.seconds == 599
    assert (work.met_mean, work.met_peak) == (round(met, 1), round(met, 1))
    assert work.met_min == round(met * 5, 1)
    assert work.energy_kcal == round(met * 3.5 * 80 / 200 * 5)
    assert work.speed_mean_kmh == pytest.approx(3.4, abs=0.05)


def walking(*speeds_kmh: float) -> list[Said]:
    """A treadmill that tells each second."""
    return [
        Said(
            MonotonicMs(second * 1000),
            WorkloadReading(
                run=RunId("r"),
                sensor=SensorId("mill"),
                seq=second,
                mono_ms=MonotonicMs(second * 1000),
                quality=Quality.GOOD,
                machine=Machine.TREADMILL,
                speed_kmh=speed_kmh,
            ),
        )
        for second, speed_kmh in enumerate(speeds_kmh)
    ]


@pytest.mark.parametrize(
    ("speeds_kmh", "drift_pct"),
    [
        # Ten minutes at one speed, 120.5 bpm and then 126.5: 5 %.
        ([4.8] * 601, 5.0),
        # It changes each two minutes, so nothing was constant for six.
        ([4.8 if second // 120 % 2 else 3.6 for second in range(601)], None),
    ],
)
def test_the_rise_of_the_rate_at_constant_work_is_the_drift(speeds_kmh: list[float], drift_pct: float | None) -> None:
    said = walking(*speeds_kmh) + [
        rate(second * 1000, (120 if second < 300 else 126) + second // 10 % 2) for second in range(601)
    ]
    said.sort(key=lambda one: one.at_ms)
    work = summarise(part(said, until_ms=600_000)).work
    assert work is not None
    if drift_pct is None:
        assert work.drift_pct is None
    else:
        assert work.drift_pct == pytest.approx(drift_pct, abs=0.15)


def test_without_a_machine_there_is_no_drift() -> None:
    assert (
        summarise(part([rate(second * 1000, 120 + second // 10 % 2) for second in range(601)], until_ms=600_000)).work
        is None
    )


def test_what_was_said_at_the_end_times_the_minutes_is_the_load_of_the_session() -> None:

    asked = replace(made_up(), entries=(said_by(SessionRpe(rpe_cr10=4)),))
    assert summarise(asked).load.session_rpe == 48.0


def test_one_spike_is_nobodys_peak() -> None:
    said = [rate(second * 1000, 200 if second == 60 else 90) for second in range(120)]
    summary = summarise(part(said, until_ms=120_000))
    assert summary.heart.peak_bpm == 90
    assert [share.what for share in summary.coverage[0].shares] == ["valid", "doubtful"]
