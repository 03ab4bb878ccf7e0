"""The short way of an oximeter's reading: a calm one, after calm ones, is taken in place by a few comparisons.

Calm is an oximeter whose value stays near where it was and falls no faster than blood does. For such a reading
`oximeter.step` would come to exactly the same state, and to the verdict that the value is evidence at once; for any
other nothing is touched here, and `oximeter.step` decides. A law of the tests holds both together. The state belongs to
the caller and is changed in place.
"""

from typing import Final

from analysis.core.quality import dip, gate
from analysis.core.quality.dip import DipState
from analysis.core.quality.gate import SPO2_GATE, Evidence
from analysis.core.quality.oximeter import PERFUSION_PCT_MIN, SPO2_PCT_STATED, OximeterState
from vitals.readings import Averaging, OximeterReading, Quality
from vitals.units import MonotonicMs

# As in `calm_strap.py`.
_GOOD: Final = Quality.GOOD
_SPOT: Final = Averaging.SPOT
_LOW: Final = SPO2_PCT_STATED
_HIGH: Final = SPO2_GATE.high
_JUMP: Final = SPO2_GATE.jump
_MARK_MS: Final = gate.MARK_MS
_WITHIN_MS: Final = dip.WITHIN_MS
_FALL_PCT: Final = dip.FALL_PCT


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


def take_saturation(state: OximeterState, reading: OximeterReading, at_ms: MonotonicMs) -> bool:
    """Take a calm reading into the state of a calm oximeter, and return whether it is one; else nothing has changed.

    Its value is evidence at its own time, of good quality and without any doubt.

    Args:
        state: of which `is_calm` was true when `oximeter.step` last returned it.
        reading: of this oximeter, not taken before.
        at_ms: its time on our clock.
    """
    value, gates, averaging, perfusion_pct = reading.spo2_pct, state.gate, reading.averaging, reading.perfusion_pct
    level, newest_ms = gates.level, state.at_ms
    if (
        value is None
        or level is None
        or newest_ms is None
        or at_ms < newest_ms
        or not _LOW <= value <= _HIGH
        or not -_JUMP <= value - level.value <= _JUMP
        or reading.quality is not _GOOD
        or reading.reason is not None
        or averaging is not state.averaging
        or averaging is _SPOT
        or (perfusion_pct is not None and perfusion_pct < PERFUSION_PCT_MIN)
        or reading.source is not state.source
        or reading.device != state.device
    ):
        return False
    one = Evidence(at_ms, value)
    if not _falls_slowly(state.dip, one):
        return False
    gates.level, gates.seen_ms = one, at_ms
    mark = gates.mark
    if mark is None or at_ms - mark.at_ms >= _MARK_MS:
        gates.mark, gates.mark_before = one, mark
    state.at_ms = state.evidence_ms = at_ms
    return True


def _falls_slowly(state: DipState, one: Evidence) -> bool:
    """Take a value that falls no faster than blood does, and return whether it is one; else nothing has changed."""
    recent, value = state.recent, one.value
    if not recent or recent[0].value <= value:
        # They come highest first.
        state.recent = (one,)
        return True
    horizon_ms = one.at_ms - _WITHIN_MS
    newest = recent[-1]
    if recent[0].at_ms >= horizon_ms and newest.value > value and recent[0].value - value < _FALL_PCT:
        # Highest first, and oldest first: all of them are.
        state.recent = (*recent, one)
        return True
    higher = [past for past in recent if past.at_ms >= horizon_ms and past.value > value]
    if higher and higher[0].value - value >= _FALL_PCT:
        return False
    state.recent = (*higher, one)
    return True
