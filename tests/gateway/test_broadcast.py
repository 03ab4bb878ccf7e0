"""Heart rate out of advertisements: when a frame is a reading, and the way there and back through the air."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.broadcast import PERIOD_MS, SILENT_MS, UNLINKED_MS, Broadcast, begin_broadcast, hear_frame
from simulators.sensors.strap import Strap
from tests.gateway.stage import Stage, open_stage, until
from vitals.readings import HeartRateReading, Source
from vitals.sensors import SensorId, SensorKind, SensorState
from vitals.units import MonotonicMs


def play(*calls: tuple[int, int], lacks_slot: bool = True) -> tuple[Broadcast, list[int]]:
    """Return the state after (time in ms, counter) pairs, and when a reading was made."""
    state, taken = begin_broadcast(MonotonicMs(0)), []
    for now_ms, counter in calls:
        state, is_new = hear_frame(state, counter, now_ms=MonotonicMs(now_ms), lacks_slot=lacks_slot)
        if is_new:
            taken.append(now_ms)
    return state, taken


def test_a_frame_that_is_repeated_is_one_reading() -> None:
    assert play((0, 1), (250, 1), (1000, 2), (1250, 2), (1500, 2), (2000, 3))[1] == [1000, 2000]


def test_a_strap_that_repeats_one_frame_for_ever_says_nothing() -> None:
    state, taken = play(*((now_ms, 4) for now_ms in range(0, 60_000, 250)))

    assert taken == []
    assert not state.is_live(MonotonicMs(60_000))


def test_frames_that_come_faster_than_once_a_second_are_thinned() -> None:
    taken = play(*((now_ms, now_ms // 100 % 8) for now_ms in range(0, 10_000, 100)))[1]

    assert len(taken) in {9, 10}
    assert all(after - before >= PERIOD_MS for before, after in pairwise(taken))


def test_a_frame_that_came_too_early_is_taken_when_it_is_due_and_still_called() -> None:
    assert play((0, 1), (100, 2), (1_000, 3), (1_100, 3))[1] == [100, 1_100]


def test_without_a_want_of_slots_the_link_is_waited_for() -> None:
    calls = [(now_ms, now_ms // 1000 % 8) for now_ms in range(0, 10_000, 500)]

    assert play(*calls, lacks_slot=False)[1][0] == UNLINKED_MS
    assert play(*calls, lacks_slot=True)[1][0] == 1_000


def test_it_is_live_until_nothing_new_has_come_for_a_while() -> None:
    state, _ = play((0, 1), (1_000, 2))

    assert state.is_live(MonotonicMs(1_000 + SILENT_MS))
    assert not state.is_live(MonotonicMs(1_001 + SILENT_MS))
    assert not begin_broadcast(MonotonicMs(0)).is_live(MonotonicMs(0))


@given(calls=st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 7))), lacks_slot=st.booleans())
def test_readings_are_a_second_apart_and_each_follows_a_change(
    calls: list[tuple[int, int]], *, lacks_slot: bool
) -> None:
    ordered = sorted(calls)
    taken = play(*ordered, lacks_slot=lacks_slot)[1]

    assert all(after - before >= PERIOD_MS for before, after in pairwise(taken))
    assert len({counter for _, counter in ordered}) > 1 or not taken


def rates(stage: Stage, sensor: SensorId, source: Source) -> list[int | None]:
    readings = [one for one in stage.heard.readings(sensor) if isinstance(one, HeartRateReading)]
    return [one.hr_bpm for one in readings if one.source is source]


@asynccontextmanager
async def calling(*straps: Strap) -> AsyncIterator[None]:
    """All straps call out a rate that changes four times a second; none says it over a link."""

    async def call() -> None:
        number = 0
        while True:
            for strap in straps:
                await strap.broadcast(60 + number % 100)
            number += 1
            await asyncio.sleep(0.25)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(call(), name="test.call")
        try:
            yield
        finally:
            task.cancel()


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_a_strap_that_finds_no_slot_is_read_from_its_calls_until_a_slot_is_free(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2, slots=1) as stage, stage.gateway(), stage.beating():
        sensors = stage.assign_straps()
        async with calling(*stage.room.straps):
            await until(lambda: any((one := stage.heard.sensor(s)) and one.is_broadcast for s in sensors), "broadcast")
            waiting = next(s for s in sensors if (one := stage.heard.sensor(s)) and one.is_broadcast)
            linked = next(s for s in sensors if s != waiting)
            await until(lambda: len(rates(stage, waiting, Source.BROADCAST)) >= 4, "readings out of calls")
            status = stage.heard.sensor(waiting)
            assert status is not None
            assert (status.state, status.waits_for_slot) == (SensorState.SEEN, True)
            assert rates(stage, linked, Source.BROADCAST) == []
            assert rates(stage, waiting, Source.NOTIFIED) == []
            heard = [one.mono_ms for one in stage.heard.readings(waiting)]
            assert all(after - before >= PERIOD_MS for before, after in pairwise(heard))
            # The other one is taken away: its slot is free.
            strap = next(one.peripheral for one in stage.room.straps if stage.id_of(one.peripheral) == waiting)
            stage.assign((strap, SensorKind.STRAP))
            await stage.streaming(waiting)
            await until(lambda: len(rates(stage, waiting, Source.NOTIFIED)) > 20, "over the link")
            by_link = next(one for one in stage.heard.readings(waiting) if one.source is Source.NOTIFIED)
            later = [one for one in stage.heard.readings(waiting) if one.seq > by_link.seq]
            assert all(one.source is Source.NOTIFIED for one in later)
            await until(lambda: (one := stage.heard.sensor(waiting)) and not one.is_broadcast, "no fallback any more")
        seqs = [one.seq for one in stage.heard.readings(waiting)]
        assert seqs == list(range(len(seqs)))


@pytest.mark.peer
@pytest.mark.timeout(90)
async def test_a_strap_that_repeats_its_last_call_is_not_read(tmp_path: Path) -> None:
    async with open_stage(tmp_path, straps=2, slots=1) as stage, stage.gateway(), stage.beating():
        for strap in stage.room.straps:
            await strap.broadcast(99)
        sensors = stage.assign_straps()
        await until(
            lambda: any((one := stage.heard.sensor(sensor)) and one.waits_for_slot for sensor in sensors), "one waits"
        )
        waiting = next(s for s in sensors if (one := stage.heard.sensor(s)) and one.waits_for_slot)
        other = next(s for s in sensors if s != waiting)
        count = len(stage.heard.readings(other))
        await until(lambda: len(stage.heard.readings(other)) > count + 40, "time passes")
        assert stage.heard.readings(waiting) == []
