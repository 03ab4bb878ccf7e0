from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vitals.backoff import back_off


def test_the_first_attempt_is_at_once_and_the_bound_doubles_up_to_the_cap() -> None:
    waits = back_off(first_s=0.1, cap_s=0.5, stable_s=10, chance=lambda: 1.0)
    assert [next(waits)] + [waits.send(0) for _ in range(5)] == [0.0, 0.1, 0.2, 0.4, 0.5, 0.5]


def test_an_attempt_that_held_begins_the_doubling_anew() -> None:
    waits = back_off(first_s=0.1, cap_s=2, stable_s=10, chance=lambda: 1.0)
    next(waits)
    assert [waits.send(0), waits.send(9.9), waits.send(10.0), waits.send(0)] == [0.1, 0.2, 0.1, 0.2]


@given(st.lists(st.floats(0, 1), min_size=1), st.lists(st.floats(0, 100), min_size=1))
def test_a_wait_is_never_longer_than_the_cap_and_never_negative(chances: list[float], held: list[float]) -> None:
    def draw() -> Iterator[float]:
        while True:
            yield from chances

    chance = draw()
    waits = back_off(first_s=0.1, cap_s=2, stable_s=10, chance=lambda: next(chance))
    next(waits)
    assert all(0 <= waits.send(held_s) <= 2 for held_s in held)


@given(st.floats(0.01, 1))
def test_waits_are_jittered_over_the_whole_bound(chance: float) -> None:
    waits = back_off(first_s=1, cap_s=64, stable_s=10, chance=lambda: chance)
    next(waits)
    drawn = [waits.send(0) for _ in range(6)]
    assert all(after == 2 * before for before, after in pairwise(drawn))
