"""How often somebody may try: counted before anything is hashed, so that guessing costs the guesser, not the wall."""

import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

PER_USER_AND_ADDRESS: Final = RateLimitItemPerMinute(5)
PER_ADDRESS: Final = RateLimitItemPerMinute(20)
"""Everybody in a class may log in from behind one router."""

ALTOGETHER: Final = RateLimitItemPerMinute(60)
"""60 hashes of 300 ms a minute are a third of one core."""


class Attempts:
    """Counts in memory; a restart forgets, which takes a second and gains a guesser five guesses."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._limiter: Final = MovingWindowRateLimiter(MemoryStorage())

    def take(self, what: str, *, who: str, address: str) -> int | None:
        """Count an attempt; return the seconds to wait when there were too many, else None."""
        windows = (
            (PER_USER_AND_ADDRESS, (what, who, address)),
            (PER_ADDRESS, (what, address)),
            (ALTOGETHER, (what,)),
        )
        for limit, names in windows:
            if not self._limiter.hit(limit, *names):
                reset_s = self._limiter.get_window_stats(limit, *names).reset_time
                return max(1, math.ceil(reset_s - time.time()))
        return None
