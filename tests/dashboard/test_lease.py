"""The lease of a sensor: moving it keeps its history whole and gives it to one gateway at a time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.lease import INTERVALS_MAX, lease_of, move_lease
from tests.dashboard.words import UTC0_MS, entry
from vitals.errors import InputError
from vitals.sensors import GatewayId, SensorId
from vitals.sessions import GenerationMode, Phase, Roster, SessionId
from vitals.units import UtcMs

STRAP = SensorId("s-strap1")


def roster() -> Roster:
    return Roster(
        session=SessionId("c1"),
        version=3,
        room="room-1",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(UTC0_MS),
        entries=(entry(1), entry(2)),
    )


def move(before: Roster, to: str, at_ms: int) -> Roster:
    return move_lease(before, STRAP, to=GatewayId(to), now_utc_ms=UtcMs(UTC0_MS + at_ms))


def intervals(after: Roster) -> list[tuple[str, int, int | None]]:
    mine = [one for one in after.entries[0].sensors if one.sensor == STRAP]
    return [
        (one.gateway, one.from_utc_ms - UTC0_MS, None if one.to_utc_ms is None else one.to_utc_ms - UTC0_MS)
        for one in mine
    ]


def test_a_move_closes_one_interval_and_opens_the_next_where_it_ended() -> None:
    after = move(roster(), "g2", 5_000)

    assert after.version == 4
    assert intervals(after) == [("g1", 0, 5_000), ("g2", 5_000, None)]
    assert lease_of(after, STRAP).gateway == "g2"
    assert after.entries[1] == roster().entries[1]
    assert [one for one in after.entries[0].sensors if one.sensor != STRAP] == [roster().entries[0].sensors[1]]


def test_a_sensor_that_nobody_wears_is_refused() -> None:
    with pytest.raises(InputError, match="is on nobody in c1"):
        move_lease(roster(), SensorId("s-none"), to=GatewayId("g2"), now_utc_ms=UtcMs(UTC0_MS))


def test_moving_for_ever_is_refused_before_the_roster_bursts() -> None:
    after = roster()
    while len(after.entries[0].sensors) < INTERVALS_MAX:
        after = move(after, f"g{after.version}", after.version)
    with pytest.raises(InputError, match="enough"):
        move(after, "g2", after.version)


@given(st.lists(st.tuples(st.sampled_from(["g1", "g2", "g3"]), st.integers(-10_000, 10_000)), max_size=20))
def test_the_intervals_of_a_sensor_follow_one_another_without_hole_or_overlap(moves: list[tuple[str, int]]) -> None:
    after = roster()
    for to, at_ms in moves:
        after = move(after, to, at_ms)
    found = intervals(after)

    assert [end for _, _, end in found][-1] is None
    assert sum(end is None for _, _, end in found) == 1
    for (_, begin, end), (_, next_begin, _) in pairwise(found):
        assert end is not None
        assert begin <= end == next_begin
