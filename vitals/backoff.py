"""Back-off: how long to wait before trying again; pure, chance is handed in."""

from collections.abc import Callable, Generator


def back_off(
    *, first_s: float, cap_s: float, stable_s: float, chance: Callable[[], float]
) -> Generator[float, float, None]:
    """Yield how many seconds to wait before each attempt; send in how long the last attempt had held.

    Full jitter (Brooker, "Exponential Backoff and Jitter", 2015): each wait is drawn between 0 and a bound that doubles
    from ``first_s`` to ``cap_s``, so that many clients of one broker do not come back at the same moment. An attempt
    that held for ``stable_s`` starts the doubling anew.

    Args:
        first_s: bound of the first wait.
        cap_s: bound that is never exceeded.
        stable_s: from here on an attempt counts as a success.
        chance: a number from 0 to 1, drawn anew at each call.

    Yields:
        Seconds; 0 before the first attempt.

    Example:
        >>> waits = back_off(first_s=1, cap_s=3, stable_s=10, chance=lambda: 1.0)
        >>> next(waits), waits.send(0), waits.send(0), waits.send(0), waits.send(60)
        (0.0, 1.0, 2.0, 3.0, 1.0)
    """
    bound_s = first_s
    held_s = yield 0.0
    while True:
        if held_s >= stable_s:
            bound_s = first_s
        wait_s = bound_s * chance()
        bound_s = min(cap_s, bound_s * 2)
        held_s = yield float(wait_s)
