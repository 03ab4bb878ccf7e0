from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from vitals.bounded import StreamQueue


def test_a_full_stream_drops_its_oldest_and_leaves_the_others_alone() -> None:
    queue = StreamQueue[str, int](per_stream=2, streams=4)
    assert queue.push("a", 1)
    assert queue.push("b", 10)
    assert queue.push("a", 2)
    assert not queue.push("a", 3)
    assert queue.take(9) == [("b", 10), ("a", 2), ("a", 3)]
    assert queue.dropped == {"a": 1}


def test_a_stream_without_a_place_is_counted_and_finds_one_when_another_is_empty() -> None:
    queue = StreamQueue[str, int](per_stream=2, streams=1)
    assert queue.push("a", 1)
    assert not queue.push("b", 1)
    assert queue.take(1) == [("a", 1)]
    assert queue.push("b", 2)
    assert queue.dropped == {"b": 1}


@given(st.lists(st.one_of(st.tuples(st.sampled_from("abc"), st.integers()), st.integers(1, 4)), max_size=60))
def test_nothing_vanishes_uncounted_and_each_stream_stays_in_order(steps: list[tuple[str, int] | int]) -> None:
    queue = StreamQueue[str, int](per_stream=3, streams=8)
    pushed: Counter[str] = Counter()
    taken: dict[str, list[int]] = {}
    for step in steps:
        if isinstance(step, tuple):
            queue.push(step[0], pushed[step[0]])
            pushed[step[0]] += 1
        else:
            for stream, item in queue.take(step):
                taken.setdefault(stream, []).append(item)
        assert len(queue) <= 3 * 3
    for stream, item in queue.take(1000):
        taken.setdefault(stream, []).append(item)
    for stream, count in pushed.items():
        seen = taken.get(stream, [])
        assert seen == sorted(set(seen))
        assert len(seen) + queue.dropped.get(stream, 0) == count
        assert seen[-1] == count - 1, "the newest is never the one that is dropped"
