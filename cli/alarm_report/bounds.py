"""95 % bounds of a share and of a rate, both exact: Clopper-Pearson and Garwood.

They take events as independent of each other. Events of one person are not quite, so the page gives the spread over
the seeds beside them.
"""

from typing import Final

from msgspec import Struct
from scipy.special import betaincinv, gammaincinv

_TAIL: Final = 0.025


class Bounded(Struct, frozen=True):
    """An estimate with its lower and upper 95 % bound."""

    value: float
    low: float
    high: float


def share(count: int, of: int) -> Bounded:
    """Return a share with the bounds of Clopper and Pearson (1934); ``of`` 0 says nothing: 0 to 1.

    >>> share(9, 10).low < 0.9 < share(9, 10).high
    True
    """
    if of == 0:
        return Bounded(0.0, 0.0, 1.0)
    low = float(betaincinv(count, of - count + 1, _TAIL)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 1 - _TAIL)) if count < of else 1.0
    return Bounded(count / of, low, high)


def rate(count: int, hours: float) -> Bounded:
    """Return events an hour with the bounds of Garwood (1936) for a Poisson count.

    >>> round(rate(0, 1).high, 2)
    3.69
    """
    low = float(gammaincinv(count, _TAIL)) if count else 0.0
    high = float(gammaincinv(count + 1, 1 - _TAIL))
    return Bounded(count / hours, low / hours, high / hours)
