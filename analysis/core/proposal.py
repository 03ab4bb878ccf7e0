"""Which phase somebody seems to be in, from work and heart rate. A proposal: it is shown, and switches no rule."""

from typing import Final

from analysis.core import pace as paces
from analysis.core.pace import Pace
from vitals.sessions import Phase, RosterEntry
from vitals.units import MonotonicMs

IDLE_MET: Final = 1.5
"""Below it nobody trains: standing has 1.3 to 1.5 METs (engineering choice on the ACSM classes)."""

RESTING_SHARE: Final = 0.15
TRAINING_SHARE: Final = 0.40
"""Share of the heart-rate reserve: below 15 % at rest, from 40 % on moderate (ACSM, 10th edition)."""

SLOPE_BPM_MIN: Final = 4.0
"""Change of the mean from one minute to the next that means up or down (engineering choice)."""

_MINUTE_MS: Final = 60_000
_REST_BPM: Final = 75
_PEAK_BPM: Final = 150
"""Only where nobody entered a person's own (engineering choices)."""


def propose(pace: Pace, entry: RosterEntry, *, now_ms: MonotonicMs) -> Phase | None:
    """Return the phase that work and heart rate suggest; None before there is a minute of both halves."""
    lately = paces.lately(pace, now_ms - _MINUTE_MS - paces.STEP_MS, now_ms + paces.STEP_MS)
    before = paces.lately(pace, now_ms - 2 * _MINUTE_MS - paces.STEP_MS, now_ms - _MINUTE_MS + paces.STEP_MS)
    rate, rate_before = paces.mean_rate(pace, lately), paces.mean_rate(pace, before)
    if rate is None or rate_before is None:
        return None
    share = _share(rate, entry)
    hardest = _share(max(pace.rates_bpm), entry)
    works = paces.mean_work(pace, lately)
    rising, falling = rate - rate_before >= SLOPE_BPM_MIN, rate_before - rate >= SLOPE_BPM_MIN
    if works is not None:
        newest = pace.works_met[lately.stop - 1]
        return _by_work(works, paces.mean_work(pace, before), newest, share=share, hardest=hardest)
    if share >= TRAINING_SHARE:
        return Phase.COOL_DOWN if falling and share < hardest - RESTING_SHARE else Phase.TRAINING
    if hardest >= TRAINING_SHARE:
        return Phase.RECOVERY if not rising else Phase.TRAINING
    return Phase.REST if share < RESTING_SHARE and not rising else Phase.WARM_UP


def _by_work(works: float, works_before: float | None, newest: float | None, *, share: float, hardest: float) -> Phase:
    """Return the phase where a machine tells the work: it ends before the heart comes down."""
    if newest is not None and newest < IDLE_MET:
        return Phase.RECOVERY if hardest >= TRAINING_SHARE else Phase.REST
    if share >= TRAINING_SHARE:
        easier = works_before is not None and works < works_before - 1
        return Phase.COOL_DOWN if easier else Phase.TRAINING
    return Phase.COOL_DOWN if hardest >= TRAINING_SHARE else Phase.WARM_UP


def _share(hr_bpm: float, entry: RosterEntry) -> float:
    rest = entry.rest_hr_bpm or _REST_BPM
    peak = entry.peak_hr_bpm or _PEAK_BPM
    return (hr_bpm - rest) / (peak - rest if peak > rest else 1)
