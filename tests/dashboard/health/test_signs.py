"""Signs of health: restarts and interruptions are counted from what the parts say, not from what they said once."""

import pytest

from dashboard.health.signs import CLOCKS_MAX, SAMPLE_MS, WINDOW_MS, Signs
from tests.dashboard.words import moment, room_with, status
from vitals.bus import Incoming
from vitals.parts import Part
from vitals.readings import RunId
from vitals.sensors import Anchors, ClockAnchor, GatewayId, SensorId, SensorKind, SensorState, SensorStatus
from vitals.topics import AnchorTopic
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode


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


def anchors(run: str, *, synchronised: bool | None) -> Incoming:
    """What the broker keeps of one run of gateway g1."""
    gateway, name = GatewayId("g1"), RunId(run)
    anchor = ClockAnchor(mono_ms=MonotonicMs(0), utc_ms=UtcMs(0), synchronised=synchronised)
    body = Anchors(gateway=gateway, run=name, anchors=(anchor,))
    topic = str(AnchorTopic(site="gym", gateway=gateway, run=name))
    return Incoming(topic, encode(body), True, MonotonicMs(0))  # noqa: FBT003 - retained


@pytest.mark.parametrize("order", ["before", "after", "between"])
def test_a_clock_is_right_when_the_gateway_s_run_of_now_says_so(order: str) -> None:
    room = room_with()
    signs = Signs(site="gym", watch=room.parts)
    alive = status(run=RunId("now0"))
    gateway = GatewayId(alive.instance)
    old, now = anchors("old0", synchronised=True), anchors("now0", synchronised=False)
    told = {"before": [now, old, None], "after": [None, now, old], "between": [now, None, old]}[order]
    for one in told:
        if one is None:
            room.hear_status(alive, retained=False, now=moment(0))
        else:
            signs.hear_anchors(one)
    assert gateway == "g1"
    assert signs.is_clock_right == {gateway: False}
    room.hear_status(status(run=RunId("next0")), retained=False, now=moment(1_000))
    assert signs.is_clock_right == {}
    signs.hear_anchors(anchors("next0", synchronised=None))
    assert signs.is_clock_right == {gateway: None}


def test_clocks_of_runs_that_nobody_needs_fill_no_memory() -> None:
    room = room_with()
    signs = Signs(site="gym", watch=room.parts)
    for number in range(CLOCKS_MAX + 5):
        signs.hear_anchors(anchors(f"r{number}", synchronised=True))
    for number, known in ((4, False), (5, True), (CLOCKS_MAX + 4, True)):
        room.hear_status(status(run=RunId(f"r{number}")), retained=False, now=moment(0))
        assert bool(signs.is_clock_right) is known
