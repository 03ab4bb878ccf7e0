"""The passport of a value: what the states of its sensor say at a moment, for tiles and alarms to quote."""

from typing import Final

from analysis.core.quality import beats
from analysis.core.quality.agreement import PairState
from analysis.core.quality.freshness import AGES, judge_age
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from vitals.passport import Agreement, Doubt, Freshness, Passport
from vitals.readings import Quality, ReadingKind, Reason
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_STRAP_KIND: Final = ReadingKind.HR
_OXIMETER_KIND: Final = ReadingKind.OXIMETER
_STRAP_STALE_MS: Final = AGES[_STRAP_KIND].stale_ms
_OXIMETER_STALE_MS: Final = AGES[_OXIMETER_KIND].stale_ms
_FRESH: Final = Freshness.FRESH
_UNKNOWN: Final = Agreement.UNKNOWN
_DISAGREE: Final = Agreement.DISAGREE
_ARTEFACTS: Final = (Doubt.ARTEFACTS,)
_DISAGREES: Final = (Doubt.DISAGREE,)
_SWAPPED: Final = (Doubt.SWAPPED,)


def passport_of(
    state: StrapState | OximeterState,
    *,
    now_ms: MonotonicMs,
    pair: PairState | None = None,
    swapped: bool = False,
) -> Passport:
    """Return what goes with the newest value of a strap (its heart rate) or an oximeter (its SpO2).

    Args:
        state: of the sensor.
        now_ms: our clock; ages count from the time at which the value was measured.
        pair: of the person, when both kinds are worn.
        swapped: whether the class says that the sensor is on somebody else (`swap.py`).
    """
    at_ms, quality, reason, doubts, freshness = state.at_ms, state.quality, state.reason, state.doubts, _FRESH
    age_ms = None if at_ms is None else now_ms - at_ms if now_ms > at_ms else 0
    agreement, second_bpm, averaging, artefact_pct, gate = _UNKNOWN, None, None, None, state.gate
    if isinstance(state, StrapState):
        kind, stale_ms = _STRAP_KIND, _STRAP_STALE_MS
        artefact_pct = beats.artefact_pct(state.beats)
        if artefact_pct is not None and artefact_pct > beats.ARTEFACT_PCT_MAX:
            doubts += _ARTEFACTS
        if pair is not None:
            agreement, second_bpm = pair.agreement, pair.pulse_bpm
    else:
        kind, stale_ms, averaging = _OXIMETER_KIND, _OXIMETER_STALE_MS, state.averaging
        if pair is not None:
            agreement, second_bpm = pair.agreement, pair.rate_bpm
    if agreement is _DISAGREE:
        doubts += _DISAGREES
    if swapped:
        doubts += _SWAPPED
    if age_ms is None or age_ms >= stale_ms:
        freshness = judge_age(kind, age_ms)
        if freshness is Freshness.LOST:
            quality, reason = Quality.UNUSABLE, reason or (Reason.NEVER_HEARD if age_ms is None else Reason.LOST)
        elif quality is Quality.GOOD:
            quality, reason = Quality.QUESTIONABLE, reason or Reason.STALE
    return Passport(
        sensor=state.sensor,
        device=state.device,
        source=state.source,
        averaging=averaging,
        age_ms=age_ms,
        freshness=freshness,
        quality=quality,
        reason=reason,
        doubts=doubts,
        agreement=agreement,
        second_bpm=second_bpm,
        held_n=gate.dropped_n + len(gate.held),
        artefact_pct=artefact_pct,
    )
