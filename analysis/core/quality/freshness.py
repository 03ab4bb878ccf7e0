"""Stale and lost, by kind: the one table of the design's section 7. Age comes in as an argument."""

from typing import Final

from msgspec import Struct

from vitals.passport import Freshness
from vitals.readings import ReadingKind


class Ages(Struct, frozen=True, kw_only=True):
    """From which age on a value is grey, from which it is lost, and how long a hole a hold may span; in ms."""

    stale_ms: int
    lost_ms: int
    hole_ms: int = 5_000


AGES: Final[dict[ReadingKind, Ages]] = {
    # A strap speaks each second: grey after three missing values, lost when NO_DATA is raised.
    ReadingKind.HR: Ages(stale_ms=3_000, lost_ms=10_000),
    # An oximeter averages for seconds and a finger slips for seconds.
    ReadingKind.OXIMETER: Ages(stale_ms=5_000, lost_ms=15_000),
}


def judge_age(kind: ReadingKind, age_ms: int | None) -> Freshness:
    """Return what the age of a vital sign's value says; no value at all is lost.

    Raises:
        KeyError: the kind is no vital sign (a battery and a treadmill have no table).
    """
    ages = AGES[kind]
    if age_ms is None or age_ms >= ages.lost_ms:
        return Freshness.LOST
    return Freshness.STALE if age_ms >= ages.stale_ms else Freshness.FRESH
