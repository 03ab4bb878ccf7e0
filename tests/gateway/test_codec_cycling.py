"""Laws of bicycle sensors: turns are counted, and a count that wraps or stands tells the truth all the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.cycling_speed import (
    GAP_MS_MAX,
    STANDS_AFTER_MS,
    WHEEL_CIRCUMFERENCE_M,
    CyclingFrame,
    CyclingSpeed,
    CyclingState,
    Turns,
    decode_cycling_speed,
    encode_cycling_speed,
    step_cycling,
)
from vitals.units import MonotonicMs


def at(ms: int) -> MonotonicMs:
    return MonotonicMs(ms)


TURNS_WHEEL = st.builds(Turns, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF))
TURNS_CRANK = st.builds(Turns, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))


@given(wheel=st.none() | TURNS_WHEEL, crank=st.none() | TURNS_CRANK)
def test_a_bicycle_sensor_says_what_was_encoded(*, wheel: Turns | None, crank: Turns | None) -> None:
    assert decode_cycling_speed(encode_cycling_speed(wheel=wheel, crank=crank)) == CyclingFrame(
        wheel=wheel, crank=crank
    )


def ride(*frames: tuple[int, CyclingFrame]) -> list[CyclingSpeed]:
    state, speeds = CyclingState(), []
    for ms, frame in frames:
        state, speed = step_cycling(state, frame, now_ms=at(ms))
        speeds.append(speed)
    return speeds


@given(
    first=st.integers(0, 0xFFFF_FFFF),
    begin=st.integers(0, 0xFFFF),
    turns=st.integers(1, 7),
    crank_first=st.integers(0, 0xFFFF),
)
def test_speed_and_cadence_are_the_same_before_and_over_a_wrap(
    *, first: int, begin: int, turns: int, crank_first: int
) -> None:
    def frame(second: int) -> CyclingFrame:
        return CyclingFrame(
            wheel=Turns((first + second * turns) % 2**32, (begin + second * 1024) % 2**16),
            crank=Turns((crank_first + second) % 2**16, (begin + second * 1024) % 2**16),
        )

    nothing, *speeds = ride(*((1000 * second, frame(second)) for second in range(70)))
    assert nothing == CyclingSpeed(None, None)
    for speed in speeds:
        assert speed.speed_kmh == pytest.approx(turns * WHEEL_CIRCUMFERENCE_M * 3.6)
        assert speed.cadence_per_min == pytest.approx(60)


def crank(turned: int, ticks: int) -> CyclingFrame:
    return CyclingFrame(crank=Turns(turned, ticks))


def test_a_crank_that_does_not_turn_keeps_its_cadence_for_a_moment_and_then_stands() -> None:
    before = [(0, crank(5, 0)), (1000, crank(6, 1024))]
    held, stands = ride(*before, (2000, crank(6, 1024)), (1000 + STANDS_AFTER_MS, crank(6, 1024)))[2:]
    assert (held.cadence_per_min, stands.cadence_per_min) == (60, 0)


def test_a_frame_without_a_counter_says_nothing_of_it_and_forgets_nothing() -> None:
    speeds = ride((0, crank(5, 0)), (500, CyclingFrame()), (1000, crank(6, 1024)))
    assert [speed.cadence_per_min for speed in speeds] == [None, None, 60]


def test_a_counter_that_was_set_back_gives_no_value_and_begins_anew() -> None:
    speeds = ride((0, crank(900, 0)), (1000, crank(901, 1024)), (2000, crank(0, 0)), (3000, crank(1, 1024)))
    assert [speed.cadence_per_min for speed in speeds] == [None, 60, None, 60]


def test_turns_in_no_time_are_no_speed() -> None:
    assert ride((0, crank(5, 7)), (1000, crank(6, 7)))[1].cadence_per_min is None


def test_after_a_long_silence_the_count_begins_anew() -> None:
    speeds = ride((0, crank(5, 0)), (GAP_MS_MAX + 1, crank(6, 1024)))
    assert speeds[1].cadence_per_min is None


def test_a_crank_that_stood_for_a_minute_tells_no_cadence_with_its_first_turn() -> None:
    standing = [(ms, crank(5, 0)) for ms in range(0, 66_000, 1000)]
    moved, turning = ride(*standing, (66_000, crank(6, 2048)), (67_000, crank(7, 3072)))[-2:]
    assert (moved.cadence_per_min, turning.cadence_per_min) == (None, 60)


@given(
    frames=st.lists(
        st.tuples(st.integers(0, 2**40), st.builds(CyclingFrame, wheel=TURNS_WHEEL, crank=TURNS_CRANK)), max_size=8
    )
)
def test_whatever_the_counters_do_no_speed_is_impossible(frames: list[tuple[int, CyclingFrame]]) -> None:
    for speed in ride(*frames):
        assert speed.speed_kmh is None or 0 <= speed.speed_kmh <= 120.0001
        assert speed.cadence_per_min is None or 0 <= speed.cadence_per_min <= 250.0001
