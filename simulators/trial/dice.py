"""Chance for the trial: numbers that are the same for a seed on every machine and with every version of numpy.

numpy promises the stream of its old generator for good, and that of the new one only within a version.
"""

import numpy as np
from numpy.typing import NDArray

from simulators.trial.parameters import Range

Floats = NDArray[np.float64]


class Dice:
    """One stream of chance; each concern of a trial has its own, so that they do not shift each other."""

    def __init__(self, *, seed: int, concern: int) -> None:
        self._state = np.random.RandomState([seed, concern])

    def spread(self, bounds: Range, count: int) -> Floats:
        """Return numbers spread evenly over a range."""
        return self._state.uniform(bounds.low, bounds.high, count)

    def one(self, bounds: Range) -> float:
        """Return one number out of a range."""
        return float(self._state.uniform(bounds.low, bounds.high))

    def whole(self, bounds: Range) -> int:
        """Return one whole number out of a range, without its upper bound."""
        return int(self._state.uniform(bounds.low, bounds.high))

    def normal(self, mean: float, deviation: float, count: int) -> Floats:
        """Return normally distributed numbers."""
        return self._state.normal(mean, deviation, count)

    def count(self, mean: float) -> int:
        """Return how often something happens."""
        return int(self._state.poisson(mean))

    def happens(self, share: float) -> bool:
        """Return whether something with this probability is so."""
        return bool(self._state.uniform() < share)
