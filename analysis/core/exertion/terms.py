"""What a roster entry says about exertion, worked out once: when a zone changes, the load of a minute, where effort is.

It is no part of any state: made of the entry, thrown away with it.
"""

from bisect import bisect_right
from functools import lru_cache
from math import inf
from typing import Final, Literal

from analysis.core.exertion.heart_recovery import EFFORT_SHARE
from analysis.core.exertion.training_load import EDWARDS_FROM_PCT, banister_per_min
from vitals.participants import Sex
from vitals.sessions import RosterEntry

Zone = Literal["below", "in", "above"]
"""Where a smoothed rate is by the zone."""

ZONE_MARGIN_BPM: Final = 2.0
"""How far the smoothed rate must be past a border before the zone changes (engineering choice)."""

_MARGINS_BPM: Final[dict[Zone | None, tuple[float, float]]] = {
    None: (0.0, 0.0),
    "below": (ZONE_MARGIN_BPM, ZONE_MARGIN_BPM),
    "in": (-ZONE_MARGIN_BPM, ZONE_MARGIN_BPM),
    "above": (-ZONE_MARGIN_BPM, -ZONE_MARGIN_BPM),
}
"""By the zone before: how far the lower and the upper border have moved away from it."""

_ALWAYS: Final = (-inf, inf)
_NEVER: Final = (inf, -inf)


class Terms:
    """On which terms one person exerts themselves.

    ``stays``: by zone, the smoothed rates strictly between which it surely stays. ``loads``: Edwards' and Banister's
    load of a minute by rate, as far as it was asked for (`load_of`). ``effort_bpm``: a bout begins there; inf: nobody
    can tell, as ``has_bouts`` says.
    """

    __slots__ = (
        "_high_bpm",
        "_low_bpm",
        "_peak_bpm",
        "_rest_bpm",
        "_sex",
        "effort_bpm",
        "has_bouts",
        "loads",
        "stays",
    )

    def __init__(self, entry: RosterEntry) -> None:
        rest, peak = entry.rest_hr_bpm, entry.peak_hr_bpm
        self.has_bouts = False
        self.effort_bpm = inf
        if rest is not None and peak is not None and peak > rest:
            self.has_bouts = True
            self.effort_bpm = rest + EFFORT_SHARE * (peak - rest)
        self._rest_bpm, self._peak_bpm = rest, peak
        self._sex = Sex.FEMALE if entry.sex is Sex.FEMALE else Sex.MALE
        self.loads = _loads_of(rest, peak, self._sex)
        self._low_bpm, self._high_bpm = entry.zone_low_bpm, entry.zone_high_bpm
        self.stays = _stays(self._low_bpm, self._high_bpm)

    def load_of(self, bpm: float) -> tuple[int, float]:
        """Return Edwards' and Banister's load of a minute at a rate, and remember it."""
        rest, peak = self._rest_bpm, self._peak_bpm
        edwards = 0 if peak is None else bisect_right(EDWARDS_FROM_PCT, bpm / peak * 100)
        banister = 0.0
        if rest is not None and peak is not None and peak > rest:
            banister = banister_per_min((bpm - rest) / (peak - rest), sex=self._sex)
        self.loads[bpm] = edwards, banister
        return edwards, banister

    def zone_after(self, zone: Zone | None, smooth_bpm: float) -> Zone | None:
        """Return the zone after a smoothed rate; it changes only when the rate is clearly past a border."""
        low, high = self._low_bpm, self._high_bpm
        if low is None or high is None:
            return None
        low_margin, high_margin = _MARGINS_BPM[zone]
        return "above" if smooth_bpm > high + high_margin else "below" if smooth_bpm < low + low_margin else "in"


@lru_cache(maxsize=256)
def _loads_of(
    rest: int | None,  # noqa: ARG001 - these three are the key
    peak: int | None,  # noqa: ARG001
    sex: Sex,  # noqa: ARG001
) -> dict[float, tuple[int, float]]:
    """Return the loads of everybody who shares these three: each is found once; a strap tells whole rates, so few."""
    return {}


def _stays(low: float | None, high: float | None) -> dict[Zone | None, tuple[float, float]]:
    if low is None or high is None:
        return {None: _ALWAYS, "below": _NEVER, "in": _NEVER, "above": _NEVER}
    inside_low, inside_high = _MARGINS_BPM["in"]
    return {
        None: _NEVER,
        "below": (-inf, min(low + _MARGINS_BPM["below"][0], high + _MARGINS_BPM["below"][1])),
        "in": (low + inside_low, high + inside_high),
        "above": (high + _MARGINS_BPM["above"][1], inf),
    }
