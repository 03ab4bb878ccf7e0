"""Training load: how much a bout of exercise was, as one number.

Banister's, Edwards' and the session RPE's are shown; the first two are summed a rate at a time (`terms.py`). Edwards'
load of whole stretches and Lucia's, which needs thresholds that nobody measures here, are for worked examples alone.
"""

import math
from bisect import bisect_right
from typing import Final

from vitals.participants import Sex

_BANISTER: Final = {Sex.MALE: (0.64, 1.92), Sex.FEMALE: (0.86, 1.67)}
"""Morton and Banister. Some pages keep 0.64 for women, too; with it the same effort would count a quarter less."""

EDWARDS_FROM_PCT: Final = (50.0, 60.0, 70.0, 80.0, 90.0)


def banister_per_min(reserve_share: float, *, sex: Sex) -> float:
    """Return the load of one minute at a share of the heart-rate reserve (clipped to 0..1): x 0.64 e^(1.92 x) for men.

    Integrate it sample by sample: the form with a bout's mean rate underestimates intervals.
    """
    share = 0.0 if reserve_share <= 0 else 1.0 if reserve_share >= 1 else reserve_share
    weight, growth = _BANISTER[sex]
    return share * weight * math.exp(growth * share)


def edwards_zone(hrmax_pct: float) -> int:
    """Return Edwards' zone, 0 (below 50 % of the peak) to 5 (from 90 %); the load is the minutes times the zone."""
    return bisect_right(EDWARDS_FROM_PCT, hrmax_pct)


def edwards_load(minutes_at_pct: list[tuple[float, float]]) -> float:
    """Return Edwards' load of stretches (minutes, % of the peak heart rate)."""
    return sum(minutes * edwards_zone(pct) for minutes, pct in minutes_at_pct)


def lucia_load(*, below_vt1_min: float, between_min: float, above_vt2_min: float) -> float:
    """Return Lucia's load: minutes below, between and above the ventilatory thresholds, times 1, 2, 3."""
    return below_vt1_min + 2 * between_min + 3 * above_vt2_min


def session_rpe_load(*, rpe_cr10: float, minutes: float) -> float:
    """Return Foster's session RPE: exertion on Borg's CR10 scale times minutes.

    Raises:
        ValueError: not 0 to 10, or negative minutes.
    """
    if not 0 <= rpe_cr10 <= 10 or minutes < 0:  # noqa: PLR2004 - the scale's ends
        msg = f"RPE {rpe_cr10:g} (CR10) for {minutes:g} min"
        raise ValueError(msg)
    return rpe_cr10 * minutes
