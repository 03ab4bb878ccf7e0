from hypothesis import given
from hypothesis import strategies as st

from gateway.attention import HEAP_MS, PAUSE_MS, Attention
from vitals.units import MonotonicMs


def ms(value: float) -> MonotonicMs:
    return MonotonicMs(round(value))


def test_what_is_read_by_a_process_that_listens_was_heard_now() -> None:
    attention = Attention(now_ms=ms(0))
    for now in range(0, 10_000, 100):
        attention.heed(ms(now))
        assert attention.heard_ms(ms(now + 40)) == now + 40


def test_what_is_read_after_a_pause_was_heard_at_its_beginning_until_the_heap_is_read() -> None:
    attention = Attention(now_ms=ms(0))
    attention.heed(ms(500))
    woken = 500 + 6_000
    assert attention.heard_ms(ms(woken)) == 500
    attention.heed(ms(woken + 5))
    assert attention.heard_ms(ms(woken + HEAP_MS - 1)) == 500
    assert attention.heard_ms(ms(woken + HEAP_MS)) == woken + HEAP_MS


def test_a_timer_that_is_asked_before_the_heap_hides_no_pause() -> None:
    attention = Attention(now_ms=ms(0))
    attention.heed(ms(6_000))
    assert attention.heard_ms(ms(6_001)) == 0


def test_a_pause_is_as_long_at_every_rate_of_the_clock() -> None:
    attention = Attention(now_ms=ms(0), rate=10)
    assert attention.heard_ms(ms(10 * PAUSE_MS)) == 10 * PAUSE_MS
    assert attention.heard_ms(ms(10 * PAUSE_MS + 10 * PAUSE_MS + 1)) == 10 * PAUSE_MS


@given(steps=st.lists(st.tuples(st.integers(0, 5_000), st.booleans()), min_size=1, max_size=60))
def test_stamps_never_run_backwards_nor_ahead(steps: list[tuple[int, bool]]) -> None:
    attention = Attention(now_ms=ms(0))
    now, last = 0, 0
    for passed, is_notification in steps:
        now += passed
        if is_notification:
            heard = attention.heard_ms(ms(now))
            assert last <= heard <= now
            last = heard
        else:
            attention.heed(ms(now))
