"""Signs of health: restarts and interruptions are counted from what the parts say, not from what they said once."""

from dashboard.health.signs import SAMPLE_MS, WINDOW_MS, Signs
from tests.dashboard.words import moment, room_with, status
from vitals.parts import Part
from vitals.readings import RunId
from vitals.sensors import SensorId, SensorKind, SensorState, SensorStatus
from vitals.units import MonotonicMs


def strap(gaps: int, *, latency_p50_ms: int | None = None, latency_p99_ms: int | None = None) -> SensorStatus:
    return SensorStatus(
        sensor=SensorId("s-strap1"),
        kind=SensorKind.STRAP,
        state=SensorState.STREAMING,
        since_mono_ms=MonotonicMs(0),
        gaps=gaps,
        latency_p50_ms=latency_p50_ms,
        latency_p99_ms=latency_p99_ms,
    )


def test_a_part_that_comes_back_with_another_run_has_restarted_once() -> None:
    room = room_with()
    signs = Signs(site="gym", watch=room.parts)
    for now_ms, run in ((0, "r1"), (1_000, "r1"), (2_000, "r2"), (3_000, "r2")):
        room.hear_status(status(Part.INGEST, "1", mono_ms=now_ms, run=RunId(run)), retained=False, now=moment(now_ms))
        signs.look(MonotonicMs(now_ms))
    assert signs.restarts(Part.INGEST, "1") == 1
    assert signs.restarts(Part.ALERTS, "1") == 0


def test_interruptions_are_those_of_the_last_minutes_also_over_a_restart_of_the_gateway() -> None:
    room = room_with()
    signs = Signs(site="gym", watch=room.parts)

    def at(now_ms: int, gaps: int) -> tuple[int, int]:
        room.hear_status(status(mono_ms=now_ms, sensors=(strap(gaps),)), retained=False, now=moment(now_ms))
        signs.look(MonotonicMs(now_ms))
        return signs.gaps()

    assert at(0, 7) == (0, 0)
    assert at(SAMPLE_MS, 9) == (2, 1)
    assert at(2 * SAMPLE_MS, 1) == (0, 0)
    assert at(2 * SAMPLE_MS + WINDOW_MS, 4) == (3, 1)


def test_the_worst_sensor_counts_and_a_lost_gateway_says_nothing_of_now() -> None:
    room = room_with()
    signs = Signs(site="gym", watch=room.parts)
    assert signs.latencies() == (None, None)
    slow = strap(0, latency_p50_ms=40, latency_p99_ms=900)
    room.hear_status(status(sensors=(slow,)), retained=False, now=moment(0))
    assert signs.latencies() == (40, 900)
    room.parts.look(moment(60_000))
    assert signs.latencies() == (None, None)
