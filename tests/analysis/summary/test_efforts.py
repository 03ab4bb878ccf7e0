"""Perceived exertion is compared at the same work only, and nothing is compared when there is none."""

from statistics import mean

import pytest
from msgspec.structs import replace

from analysis.history.history import Said
from analysis.summary.efforts import COMPARED_MAX, Basis, Effort, match_same_work
from analysis.summary.summary import summarise
from tests.analysis.summary.told import part, rate, said_by
from vitals.entries import Rpe
from vitals.readings import Machine, Quality, RunId, WorkloadReading
from vitals.sensors import SensorId
from vitals.sessions import SessionId
from vitals.units import MonotonicMs


def work(at_ms: int, power_w: int) -> Said:
    reading = WorkloadReading(
        run=RunId("r"),
        sensor=SensorId("bike"),
        seq=at_ms,
        mono_ms=MonotonicMs(at_ms),
        quality=Quality.GOOD,
        machine=Machine.BIKE,
        power_w=power_w,
    )
    return Said(MonotonicMs(at_ms), reading)


def session(name: str, *efforts: Effort) -> tuple[SessionId, tuple[Effort, ...]]:
    return SessionId(name), efforts


def effort(rpe: int, **work: float) -> Effort:
    return Effort(at_ms=0, rpe_borg=rpe, machine=Machine.BIKE if "power_w" in work else None, **work)


def test_an_effort_has_the_work_of_the_minute_before_it() -> None:
    said = [rate(second * 1000, 110) for second in range(300)]
    said += [work(second * 1000, 40 if second < 150 else 80) for second in range(300)]
    asked = (said_by(Rpe(rpe_borg=11), at_ms=140_000), said_by(Rpe(rpe_borg=13), at_ms=180_000, number=1))
    first, second = summarise(part(said, until_ms=300_000, entries=asked)).efforts
    assert (first.rpe_borg, first.power_w, first.machine, first.hrr_pct) == (11, 40.0, Machine.BIKE, 50.0)
    expected = mean(40 if at < 150 else 80 for at in range(120, 181))
    assert second.power_w == pytest.approx(expected, abs=0.06)


def test_of_many_works_the_one_that_most_sessions_share_is_compared() -> None:
    found = match_same_work(
        [
            session("1", effort(15, met=4.0), effort(11, met=2.0)),
            session("2", effort(14, met=4.3), effort(14, met=4.1)),
            session("3", effort(12, met=2.5)),
            session("4", effort(12, met=3.9), effort(9, met=5.5)),
        ]
    )
    assert found is not None
    assert found.basis is Basis.MET
    assert [(point.session, point.rpe_borg) for point in found.points] == [("1", 15.0), ("2", 14.0), ("4", 12.0)]
    assert (found.low, found.high) == (3.51, 4.29)  # about the newest effort that most share


def test_ten_per_cent_is_the_same_work_and_more_is_not() -> None:
    same = match_same_work([session("1", effort(15, met=3.6)), session("2", effort(13, met=4.0))])
    other = match_same_work([session("1", effort(15, met=3.5)), session("2", effort(13, met=4.0))])
    assert same is not None
    assert (same.low, same.high) == (3.6, 4.4)
    assert other is None


def test_power_is_compared_on_one_kind_of_machine_and_the_heart_only_without_work() -> None:
    spinner = replace(effort(13, power_w=60), machine=Machine.CADENCE_SENSOR)
    assert match_same_work([session("1", effort(12, power_w=60)), session("2", spinner)]) is None
    bikes = match_same_work([session("1", effort(12, power_w=60)), session("2", effort(11, power_w=62, hrr_pct=50))])
    assert bikes is not None
    assert (bikes.basis, bikes.machine) == (Basis.POWER, Machine.BIKE)
    hearts = match_same_work([session("1", effort(12, hrr_pct=50)), session("2", effort(11, hrr_pct=55))])
    assert hearts is not None
    assert hearts.basis is Basis.RESERVE
    assert match_same_work([session("1", effort(12, hrr_pct=50)), session("2", effort(11, hrr_pct=56))]) is None


def test_one_session_alone_is_compared_with_nothing() -> None:
    assert match_same_work([]) is None
    assert match_same_work([session("1", effort(12, met=4), effort(13, met=4))]) is None


def test_what_is_compared_has_an_end() -> None:
    old = session("old", *(effort(20, met=9.0) for _ in range(COMPARED_MAX)))
    found = match_same_work([old, session("new", *(effort(10, met=9.0) for _ in range(COMPARED_MAX)))])
    assert found is None
