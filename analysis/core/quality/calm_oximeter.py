"""The short way of an oximeter's reading: a calm one, after calm ones, is taken in place by a few comparisons.

Calm is an oximeter whose value stays near where it was and falls no faster than blood does. For such a reading
`oximeter.step` would come to exactly the same state, and to the verdict that the value is evidence at once; for any
other nothing is touched here, and `oximeter.step` decides. A law of the tests holds both together. The state belongs to
the caller and is changed in place.
"""

from typing import Final

from analysis.core.quality import dip, gate
from analysis.core.quality.gate import SPO2_GATE, Evidence
from analysis.core.quality.oximeter import PERFUSION_PCT_MIN, SPO2_PCT_STATED, OximeterState
from vitals.readings import OximeterReading, Quality
from vitals.units import MonotonicMs

# As in `calm_strap.py`.
_GOOD: Final = Quality.GOOD
_LOW: Final = SPO2_PCT_STATED
_HIGH: Final = float(SPO2_GATE.high)
_UP: Final = float(SPO2_GATE.jump)
_DOWN: Final = -_UP
_MARK_MS: Final = gate.MARK_MS
_FALL_PCT: Final = dip.FALL_PCT
_RECENT_MAX: Final = dip.RECENT_MAX
_PERFUSION_MIN: Final = PERFUSION_PCT_MIN


def is_calm(state: OximeterState) -> bool:
    """Return whether the next reading may be a calm one: nothing is held back, doubted or unknown."""
    level = state.gate.level
    return (
        level is not None
        and _LOW <= level.value <= _HIGH
        and not state.gate.held
        and not state.dip.held
        and state.quality is _GOOD
        and state.reason is None
        and not state.doubts
        and not SPO2_GATE.slope_per_s
    )


def follows(state: OximeterState, at_ms: MonotonicMs) -> bool:
    """Return whether a time is not before a calm oximeter's newest reading."""
    return state.at_ms is not None and at_ms >= state.at_ms


def take_saturation(state: OximeterState, reading: OximeterReading, at_ms: MonotonicMs) -> float | None:
    """Take a calm reading into the state of a calm oximeter and return its value; None: it is none, nothing changed.

    Its value is evidence at its own time, of good quality and without any doubt.

    Args:
        state: of which `is_calm` was true when `oximeter.step` last returned it.
        reading: of this oximeter, not taken before.
        at_ms: its time on our clock, which `follows`.
    """
    value, gates, dips, perfusion_pct = reading.spo2_pct, state.gate, state.dip, reading.perfusion_pct
    level, top_pct = gates.level, dips.top_pct
    if (
        value is None
        or level is None
        or reading.quality is not _GOOD
        or reading.reason is not None
        # None that is calm is a finished measurement.
        or reading.averaging is not state.averaging
        or (perfusion_pct is not None and perfusion_pct < _PERFUSION_MIN)
        or reading.source is not state.source
        or reading.device != state.device
        or (value != level.value and not (_DOWN <= value - level.value <= _UP and _LOW <= value <= _HIGH))
        # Perhaps too fast for blood.
        or top_pct - value >= _FALL_PCT
    ):
        return None
    one = Evidence(at_ms, value)
    dips.recent = recent = (*dips.recent, one)
    if len(recent) > _RECENT_MAX:
        dips.recent, dips.top_pct = dip.lately(recent, at_ms)
    elif value > top_pct:
        dips.top_pct = value
    gates.level, gates.seen_ms = one, at_ms
    mark = gates.mark
    if mark is None or at_ms - mark.at_ms >= _MARK_MS:
        gates.mark, gates.mark_before = one, mark
    state.at_ms = at_ms
    return value
