from hypothesis import given
from hypothesis import strategies as st

from vitals.streamclock import StreamClock, hear
from vitals.units import MonotonicMs

DELAYS = st.lists(st.integers(0, 60_000), min_size=1)


@given(st.integers(-(10**9), 10**9), DELAYS)
def test_the_clock_follows_the_message_that_waited_least(offset_ms: int, delays_ms: list[int]) -> None:
    clock = None
    for number, delay_ms in enumerate(delays_ms):
        sent_ms = MonotonicMs(number * 1000)
        clock = hear(clock, sent_mono_ms=sent_ms, received_mono_ms=MonotonicMs(sent_ms + offset_ms + delay_ms))
    assert clock == StreamClock(offset_ms=offset_ms + min(delays_ms))


@given(st.integers(-(10**9), 10**9), DELAYS, st.integers(0, 10**6))
def test_a_delay_makes_a_reading_older_and_never_younger_than_it_is(
    offset_ms: int, delays_ms: list[int], taken_ms: int
) -> None:
    clock = None
    for delay_ms in delays_ms:
        clock = hear(clock, sent_mono_ms=MonotonicMs(0), received_mono_ms=MonotonicMs(offset_ms + delay_ms))
    assert clock is not None
    assert clock.to_consumer(MonotonicMs(taken_ms)) >= taken_ms + offset_ms


def test_a_late_message_does_not_move_the_clock() -> None:
    before = StreamClock(offset_ms=100)
    assert hear(before, sent_mono_ms=MonotonicMs(0), received_mono_ms=MonotonicMs(5_000)) is before
