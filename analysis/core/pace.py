"""Heart rate and work of one person over the last minutes, in steps of 10 s: what slow findings are made of."""

from bisect import bisect_left, bisect_right
from typing import Final

from msgspec import Struct

from vitals.units import MonotonicMs

STEP_MS: Final = 10_000
STEPS_MAX: Final = 60
"""Ten minutes: the longest window of a rule."""

WORK_AGE_MS_MAX: Final = 20_000
"""A machine tells each second; one that has been silent for so long may have been left."""


class Pace(Struct, kw_only=True, omit_defaults=True):
    """Whole steps, oldest first, and the sums of the one that runs.

    Of each step: when it began (``begins_ms``), the mean rate (``rates_bpm``), the mean work (``works_met``; None:
    nothing told work).
    """

    begins_ms: list[MonotonicMs] = []
    rates_bpm: list[float] = []
    works_met: list[float | None] = []
    began_ms: MonotonicMs | None = None
    hr_sum: float = 0.0
    hr_n: int = 0
    work_sum: float = 0.0
    work_n: int = 0
    work_met: float | None = None
    """The newest work, and when it was told."""
    work_ms: MonotonicMs = MonotonicMs(0)


def hear_rate(pace: Pace, *, hr_bpm: float, at_ms: MonotonicMs) -> bool:
    """Take a good rate, newest last; return whether a step is complete."""
    began_ms = pace.began_ms
    complete = False
    if began_ms is None or at_ms - began_ms >= STEP_MS:
        complete = began_ms is not None and _close(pace, began_ms)
        pace.began_ms, pace.hr_sum, pace.hr_n, pace.work_sum, pace.work_n = at_ms, 0.0, 0, 0.0, 0
    pace.hr_sum += hr_bpm
    pace.hr_n += 1
    return complete


def hear_work(pace: Pace, work_met: float, at_ms: MonotonicMs) -> None:
    """Take what a machine told; older than the newest changes nothing."""
    if at_ms < pace.work_ms:
        return
    pace.work_met, pace.work_ms = work_met, at_ms
    pace.work_sum += work_met
    pace.work_n += 1


def lately(pace: Pace, from_ms: int, until_ms: int) -> slice:
    """Return which steps lie wholly between two times."""
    begins_ms = pace.begins_ms
    return slice(bisect_left(begins_ms, from_ms), bisect_right(begins_ms, until_ms - STEP_MS))


def mean_rate(pace: Pace, steps: slice) -> float | None:
    """Return the mean heart rate of steps in bpm, None of none."""
    rates = pace.rates_bpm[steps]
    return sum(rates) / len(rates) if rates else None


def mean_work(pace: Pace, steps: slice) -> float | None:
    """Return the mean work of steps in METs, None when one of them has none."""
    works = pace.works_met[steps]
    told = [work for work in works if work is not None]
    return sum(told) / len(told) if told and len(told) == len(works) else None


def _close(pace: Pace, began_ms: MonotonicMs) -> bool:
    if pace.hr_n == 0:
        return False
    work_met = pace.work_sum / pace.work_n if pace.work_n else None
    pace.begins_ms.append(began_ms)
    pace.rates_bpm.append(pace.hr_sum / pace.hr_n)
    pace.works_met.append(work_met)
    if len(pace.begins_ms) > STEPS_MAX:
        del pace.begins_ms[0], pace.rates_bpm[0], pace.works_met[0]
    return True
