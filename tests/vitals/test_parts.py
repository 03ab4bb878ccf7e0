from hypothesis import given
from hypothesis import strategies as st

from vitals.parts import HEARTBEAT_LOST_MS, Part, PartState, PartStatus, Watched, check_silence, hear_status
from vitals.readings import RunId
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs


def status(state: PartState) -> PartStatus:
    return PartStatus(
        part=Part.ANALYSIS,
        instance="1",
        run=RunId("r"),
        state=state,
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        mono_ms=MonotonicMs(0),
        utc_ms=UtcMs(0),
    )


UP, LOST = status(PartState.UP), status(PartState.LOST)


def at(now_ms: int) -> MonotonicMs:
    return MonotonicMs(now_ms)


def test_a_part_is_lost_after_three_missing_heartbeats_since_the_last_one() -> None:
    watched = hear_status(None, UP, retained=False, now_ms=at(0))
    assert check_silence(watched, now_ms=at(HEARTBEAT_LOST_MS - 1)).lost_since_ms is None
    assert check_silence(watched, now_ms=at(HEARTBEAT_LOST_MS + 500)).lost_since_ms == 0


def test_a_will_says_at_once_that_a_part_is_lost() -> None:
    watched = hear_status(hear_status(None, UP, retained=False, now_ms=at(0)), LOST, retained=False, now_ms=at(10))
    assert watched.lost_since_ms == 10


def test_a_heartbeat_brings_a_lost_part_back() -> None:
    lost = hear_status(None, LOST, retained=False, now_ms=at(0))
    assert hear_status(lost, UP, retained=False, now_ms=at(5)).lost_since_ms is None


def test_a_retained_status_is_no_sign_of_life() -> None:
    watched = hear_status(None, UP, retained=True, now_ms=at(0))
    again = hear_status(watched, UP, retained=True, now_ms=at(2_900))
    assert check_silence(again, now_ms=at(HEARTBEAT_LOST_MS)).lost_since_ms == 0


def test_the_moment_of_loss_is_the_first_one_that_was_seen() -> None:
    lost = hear_status(None, LOST, retained=True, now_ms=at(100))
    assert hear_status(lost, LOST, retained=False, now_ms=at(900)).lost_since_ms == 100


@given(st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from((UP, LOST, None)), st.booleans()), max_size=40))
def test_a_part_counts_as_alive_only_within_three_seconds_of_a_live_heartbeat(
    steps: list[tuple[int, PartStatus | None, bool]],
) -> None:
    now_ms, alive_ms, watched = 0, None, None
    for waited_ms, heard, retained in steps:
        now_ms += waited_ms
        if heard is not None:
            first = watched is None
            watched = hear_status(watched, heard, retained=retained, now_ms=at(now_ms))
            if heard is UP and (not retained or first):
                alive_ms = now_ms
            elif heard is LOST:
                alive_ms = None
        if watched is None:
            continue
        watched = check_silence(watched, now_ms=at(now_ms))
        is_alive = alive_ms is not None and now_ms - alive_ms < HEARTBEAT_LOST_MS
        assert (watched.lost_since_ms is None) == is_alive
        if watched.lost_since_ms is not None and heard is not UP:
            alive_ms = None
    assert watched is None or isinstance(watched, Watched)
