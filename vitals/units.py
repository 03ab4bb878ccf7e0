"""Units and the two kinds of time that every part shares; holds no conversion of clinical values."""

from enum import StrEnum
from typing import Final, NewType

MonotonicMs = NewType("MonotonicMs", int)
"""Milliseconds of a monotonic clock. Comparable only with times of the same clock: one gateway run, or one machine."""

UtcMs = NewType("UtcMs", int)
"""Milliseconds since 1970-01-01T00:00:00Z. A label for people; no rule ever depends on it."""


class Unit(StrEnum):
    """Units as they are written on screens and in exports."""

    BPM = "bpm"
    PERCENT = "%"
    MS = "ms"
    DBM = "dBm"
    S = "s"


RR_TICKS_PER_S: Final = 1024
"""Resolution of an RR interval in the Bluetooth heart-rate measurement (0x2A37), ticks per second."""


def ticks_to_rr_ms(ticks: int) -> float:
    """Return an RR interval in ms; exact, because 1000/1024 is a sum of powers of two."""
    return ticks * 1000 / RR_TICKS_PER_S
