"""The passport of a value: what the states of its sensor say at a moment, for tiles and alarms to quote."""

from analysis.core.quality import beats
from analysis.core.quality.agreement import PairState
from analysis.core.quality.freshness import judge_age
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from vitals.passport import Agreement, Doubt, Freshness, Passport
from vitals.readings import Quality, ReadingKind, Reason
from vitals.units import MonotonicMs


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
    is_strap = isinstance(state, StrapState)
    age_ms = None if state.at_ms is None else max(now_ms - state.at_ms, 0)
    freshness = judge_age(ReadingKind.HR if is_strap else ReadingKind.OXIMETER, age_ms)
    quality, reason, doubts = state.quality, state.reason, state.doubts
    if freshness is Freshness.LOST:
        quality, reason = Quality.UNUSABLE, reason or (Reason.NEVER_HEARD if age_ms is None else Reason.LOST)
    elif freshness is Freshness.STALE and quality is Quality.GOOD:
        quality, reason = Quality.QUESTIONABLE, reason or Reason.STALE
    artefact_pct = beats.artefact_pct(state.beats) if isinstance(state, StrapState) else None
    if artefact_pct is not None and artefact_pct > beats.ARTEFACT_PCT_MAX:
        doubts += (Doubt.ARTEFACTS,)
    agreement, second_bpm = Agreement.UNKNOWN, None
    if pair is not None:
        agreement = pair.agreement
        second_bpm = pair.pulse_bpm if is_strap else pair.rate_bpm
        if agreement is Agreement.DISAGREE:
            doubts += (Doubt.DISAGREE,)
    if swapped:
        doubts += (Doubt.SWAPPED,)
    return Passport(
        sensor=state.sensor,
        device=state.device,
        source=state.source,
        averaging=state.averaging if isinstance(state, OximeterState) else None,
        age_ms=age_ms,
        freshness=freshness,
        quality=quality,
        reason=reason,
        doubts=doubts,
        agreement=agreement,
        second_bpm=second_bpm,
        held_n=state.gate.dropped_n + len(state.gate.held),
        artefact_pct=artefact_pct,
    )
