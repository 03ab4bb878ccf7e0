"""Good samples of many histories side by side, as arrays: what the numpy twin of the condition machine looks at."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

_HISTORY_BITS: Final = 40
"""Times in ms fit into 40 bits for 34 years; the history's number stands above them."""


class Samples:
    """Samples of one vital sign: all of the first history, then all of the second, each in order of time.

    Attributes:
        at_ms: time of each sample, ms, 0 .. 2**40 - 1.
        value: its value, in the unit of the vital sign.
        begins: where each history begins, and at the end how many samples there are; one more than histories.
    """

    def __init__(self, at_ms: Times, value: Values, begins: Times) -> None:
        """Take the arrays as they are.

        Raises:
            ValueError: times that go back within a history, or arrays that do not fit each other.
        """
        if len(at_ms) != len(value) or len(begins) < 1 or begins[0] != 0 or begins[-1] != len(at_ms):
            msg = f"{len(at_ms)} times, {len(value)} values, {len(begins) - 1} histories up to {begins[-1:]}"
            raise ValueError(msg)
        self.at_ms = at_ms
        self.value = value
        self.begins = begins
        key = self.key
        if len(key) and ((np.diff(key) < 0).any() or at_ms.min() < 0 or at_ms.max() >> _HISTORY_BITS):
            msg = "times go back, are negative or too large"
            raise ValueError(msg)
        self._fresh: dict[int, Flags] = {}

    @property
    def histories(self) -> int:
        """How many histories there are."""
        return len(self.begins) - 1

    @cached_property
    def key(self) -> Times:
        """Time with the history's number above it: ascending from the first sample to the last."""
        return self.at_ms + np.repeat(np.arange(self.histories) << _HISTORY_BITS, np.diff(self.begins))

    def history_of(self, index: Times) -> Times:
        """Return the number of the history of each sample."""
        return np.searchsorted(self.begins, index, side="right") - 1

    def fresh(self, hole_ms_max: int) -> Flags:
        """Return which samples begin anew: the first of a history, and one after a longer hole."""
        known = self._fresh.get(hole_ms_max)
        if known is None:
            known = self._fresh[hole_ms_max] = np.ones(len(self.key), np.bool_)
            np.greater(np.diff(self.key), hole_ms_max, out=known[1:])
        return known


def side_by_side(histories: Sequence[Iterable[tuple[int, float]]]) -> Samples:
    """Return samples for lists of (time in ms, value)."""
    pairs = [list(history) for history in histories]
    return Samples(
        np.array([at_ms for history in pairs for at_ms, _ in history], np.int64),
        np.array([value for history in pairs for _, value in history], np.float64),
        np.cumsum([0, *(len(history) for history in pairs)], dtype=np.int64),
    )
