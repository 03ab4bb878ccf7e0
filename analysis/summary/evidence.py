"""Which of a person's readings count: judged once more by the live code, sensor by sensor, in the order of their time.

What a rule may judge is what a report may count: no spike of one value becomes somebody's peak.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from msgspec import Struct

from analysis.core.quality import oximeter, strap
from analysis.core.quality.gate import Evidence
from analysis.history.history import Said
from analysis.history.samples import Flags, Times, Values
from vitals.readings import HeartRateReading, OximeterReading, Quality
from vitals.sensors import SensorId

_UNUSABLE: Final = Quality.UNUSABLE


class Signal(Struct, frozen=True, kw_only=True):
    """One vital sign of one person; times in ms, ascending.

    ``heard_ms``: of every reading; ``has_value``: whether it told a value that eyes may see. ``at_ms``, ``value``: what
    counts, in bpm or %.
    """

    heard_ms: Times
    has_value: Flags
    at_ms: Times
    value: Values


def weigh_rates(said: Iterable[Said]) -> Signal:
    """Return the heart rates of straps; readings of others are passed over."""
    states: dict[SensorId, strap.StrapState] = {}
    heard: list[int] = []
    seen: list[bool] = []
    evidence: list[Evidence] = []
    for one in said:
        reading = one.reading
        if isinstance(reading, HeartRateReading):
            state = states.get(reading.sensor)
            states[reading.sensor], verdict = strap.step(state or strap.StrapState(), reading, at_ms=one.at_ms)
            heard.append(one.at_ms)
            seen.append(reading.hr_bpm is not None and verdict.quality is not _UNUSABLE)
            evidence += verdict.evidence
    return _signal(heard, seen, evidence)


def weigh_saturations(said: Iterable[Said]) -> Signal:
    """Return the saturations of oximeters; readings of others are passed over."""
    states: dict[SensorId, oximeter.OximeterState] = {}
    heard: list[int] = []
    seen: list[bool] = []
    evidence: list[Evidence] = []
    for one in said:
        reading = one.reading
        if isinstance(reading, OximeterReading):
            state = states.get(reading.sensor)
            states[reading.sensor], verdict = oximeter.step(state or oximeter.OximeterState(), reading, at_ms=one.at_ms)
            heard.append(one.at_ms)
            seen.append(reading.spo2_pct is not None and verdict.quality is not _UNUSABLE)
            evidence += verdict.evidence
    return _signal(heard, seen, evidence)


def without(signal: Signal, stretches: Iterable[tuple[int, int]]) -> Signal:
    """Return a signal without what was measured in stretches [from, to) of ms; that it was heard stays."""
    keep = np.ones(len(signal.at_ms), np.bool_)
    for from_ms, to_ms in stretches:
        keep &= (signal.at_ms < from_ms) | (signal.at_ms >= to_ms)
    return Signal(
        heard_ms=signal.heard_ms, has_value=signal.has_value, at_ms=signal.at_ms[keep], value=signal.value[keep]
    )


def _signal(heard: list[int], seen: list[bool], evidence: list[Evidence]) -> Signal:
    at_ms = np.array([one.at_ms for one in evidence], np.int64)
    # What was held back is let through later with its own time; two sensors may overlap.
    order = np.argsort(at_ms, kind="stable")
    return Signal(
        heard_ms=np.array(heard, np.int64),
        has_value=np.array(seen, np.bool_),
        at_ms=at_ms[order],
        value=np.array([one.value for one in evidence], np.float64)[order],
    )
