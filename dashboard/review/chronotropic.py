"""The chronotropic index of a session: how much of the reserve of their age somebody's heart has used.

It says something of a maximal effort only, and nothing in atrial fibrillation; so it stands on the page of review,
beside the words that say so, and nowhere else.
"""

from collections.abc import Sequence

from analysis.core.exertion.response import chronotropic_pct
from analysis.summary.exertion import HeartFigures
from dashboard.register.prescriptions import PrescriptionVersion, year_of
from vitals.units import UtcMs


def find_chronotropic(
    heart: HeartFigures, versions: Sequence[PrescriptionVersion], *, started_utc_ms: UtcMs
) -> float | None:
    """Return the index in %, to a tenth; None where an age, a rest or a peak above it is missing.

    Args:
        heart: of the session. The prescribed rate at rest counts, else the one that was measured at rest.
        versions: of the person's prescription; the one that held when the class began tells the year of birth.
        started_utc_ms: when that was.
    """
    held = [one for one in versions if one.utc_ms <= started_utc_ms]
    birth_year = max(held, key=lambda one: one.version).body.birth_year if held else None
    rest_bpm = heart.rest_bpm if heart.prescribed_rest_bpm is None else heart.prescribed_rest_bpm
    peak_bpm = heart.peak_bpm
    if birth_year is None or rest_bpm is None or peak_bpm is None or peak_bpm <= rest_bpm:
        return None
    try:
        index = chronotropic_pct(peak_bpm=peak_bpm, rest_bpm=rest_bpm, age=year_of(started_utc_ms) - birth_year)
    except ValueError:
        # At this age and rest the formula leaves no reserve.
        return None
    return round(index, 1)
