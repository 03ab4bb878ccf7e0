"""A client is a cursor: it gets the deltas that it lacks, or everything, and never an old frame for a new one."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from dashboard.hub import LAG_MAX, LAG_S, RING_FRAMES, Hub


class Press:
    """Prints snapshots and counts them."""

    def __init__(self) -> None:
        self.printed: list[int] = []

    def __call__(self, seq: int) -> str:
        self.printed.append(seq)
        return f"s{seq}"


class Watch:
    """Shows what it is set to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def hub_at(seq: int, press: Press | None = None, watch: Watch | None = None) -> Hub:
    hub = Hub(epoch="e1", snapshot=press or Press(), now_s=watch or Watch())
    hub.publish_anew()
    for number in range(2, seq + 1):
        hub.publish(f"d{number}")
    return hub


def test_who_is_new_is_told_everything_once() -> None:
    press = Press()
    hub = hub_at(5, press)

    assert [hub.choose(None) for _ in range(3)] == [("s5", 5)] * 3
    assert press.printed == [5]


@given(behind=st.integers(1, RING_FRAMES + 20))
def test_who_lags_a_little_gets_each_delta_and_who_lags_far_gets_everything(behind: int) -> None:
    hub = hub_at(100)
    cursor = 100 - behind
    seen = []
    while cursor < 100:
        frame, cursor = hub.choose(cursor)
        seen.append(frame)

    assert seen == ([f"d{number}" for number in range(101 - behind, 101)] if behind <= LAG_MAX else ["s100"])


def test_a_delta_that_is_old_is_not_sent_any_more() -> None:
    watch = Watch()
    hub = hub_at(10, watch=watch)
    watch.now_s = LAG_S
    assert hub.choose(9) == ("d10", 10)
    watch.now_s = LAG_S + 0.1
    assert hub.choose(9) == ("s10", 10)


def test_after_people_came_or_went_everybody_is_told_everything() -> None:
    hub = hub_at(10)
    hub.publish_anew()

    assert hub.choose(10) == ("s11", 11)


def test_a_client_resumes_where_it_was_and_only_in_the_same_epoch() -> None:
    hub = hub_at(20)

    assert hub.resume(seq=18, epoch="e1") == 18
    assert hub.resume(seq=20, epoch="e1") == 20
    assert hub.resume(seq=18, epoch="e0") is None
    assert hub.resume(seq=21, epoch="e1") is None
    assert hub.resume(seq=None, epoch=None) is None


async def test_who_has_seen_all_waits_for_the_next() -> None:
    hub = hub_at(3)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(hub.wait_beyond(3), name="test.wait")
        await asyncio.sleep(0)
        assert not waiting.done()
        hub.publish("d4")
    assert hub.choose(3) == ("d4", 4)
