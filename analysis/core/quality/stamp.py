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
SWAPPED: Final = (Doubt.SWAPPED,)


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
    beside = SWAPPED if swapped else ()
    if isinstance(state, StrapState):
        return rate_passport(state, pair, now_ms, beside)
    return saturation_passport(state, pair, now_ms, beside)


def rate_passport(
    state: StrapState, pair: PairState | None, now_ms: MonotonicMs, beside: tuple[Doubt, ...]
) -> Passport:
    """Return the passport of a strap's heart rate, as `passport_of` does; ``beside``: doubts from elsewhere."""
    doubts, told, gate = state.doubts, state.beats, state.gate
    found_pct: float | None = 0.0
    # As `beats.artefact_pct`, and nearly always nothing is flagged.
    if not told.part_n or told.part_flagged_n or told.past_flagged_n:
        found_pct = beats.artefact_pct(told)
        if found_pct is not None and found_pct > beats.ARTEFACT_PCT_MAX:
            doubts += _ARTEFACTS
    at_ms, quality, reason, freshness = state.at_ms, state.quality, state.reason, _FRESH
    age_ms = None if at_ms is None else now_ms - at_ms if now_ms > at_ms else 0
    if age_ms is None or age_ms >= _STRAP_STALE_MS:
        freshness, quality, reason = _judge_age(state, age_ms, _STRAP_KIND)
    agreement = _UNKNOWN if pair is None else pair.agreement
    return Passport(
        sensor=state.sensor,
        device=state.device,
        source=state.source,
        age_ms=age_ms,
        freshness=freshness,
        quality=quality,
        reason=reason,
        doubts=(doubts + _DISAGREES if agreement is _DISAGREE else doubts) + beside,
        agreement=agreement,
        second_bpm=None if pair is None else pair.pulse_bpm,
        held_n=gate.dropped_n + len(gate.held),
        artefact_pct=found_pct,
    )


def saturation_passport(
    state: OximeterState, pair: PairState | None, now_ms: MonotonicMs, beside: tuple[Doubt, ...]
) -> Passport:
    """Return the passport of an oximeter's SpO2, as `passport_of` does; ``beside``: doubts from elsewhere."""
    gate, at_ms, quality, reason, freshness = state.gate, state.at_ms, state.quality, state.reason, _FRESH
    age_ms = None if at_ms is None else now_ms - at_ms if now_ms > at_ms else 0
    if age_ms is None or age_ms >= _OXIMETER_STALE_MS:
        freshness, quality, reason = _judge_age(state, age_ms, _OXIMETER_KIND)
    doubts, agreement = state.doubts, _UNKNOWN if pair is None else pair.agreement
    return Passport(
        sensor=state.sensor,
        device=state.device,
        source=state.source,
        averaging=state.averaging,
        age_ms=age_ms,
        freshness=freshness,
        quality=quality,
        reason=reason,
        doubts=(doubts + _DISAGREES if agreement is _DISAGREE else doubts) + beside,
        agreement=agreement,
        second_bpm=None if pair is None else pair.rate_bpm,
        held_n=gate.dropped_n + len(gate.held),
    )


def _judge_age(
    state: StrapState | OximeterState, age_ms: int | None, kind: ReadingKind
) -> tuple[Freshness, Quality, Reason | None]:
    """Return what the age of a value that is no longer fresh makes of it."""
    freshness, quality, reason = judge_age(kind, age_ms), state.quality, state.reason
    if freshness is Freshness.LOST:
        quality, reason = Quality.UNUSABLE, reason or (Reason.NEVER_HEARD if age_ms is None else Reason.LOST)
    elif quality is Quality.GOOD:
        quality, reason = Quality.QUESTIONABLE, reason or Reason.STALE
    return freshness, quality, reason
