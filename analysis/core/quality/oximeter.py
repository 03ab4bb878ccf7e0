"""One oximeter: range, spikes and perfusion in one step a reading. What comes out is what the rules may judge.

The oximeter's own status (searching, motion, weak signal) is in the quality and reason of the reading: codecs read it.
"""

from typing import Final

from msgspec import Struct, field

from analysis.core.quality import dip, gate
from analysis.core.quality.dip import DipState
from analysis.core.quality.gate import HR_GATE, SPO2_GATE, Evidence, GateState, Outcome
from vitals.passport import Doubt
from vitals.readings import Averaging, OximeterReading, Quality, Reason, Source
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

PERFUSION_PCT_MIN: Final = 0.3
"""Below it even clinical oximeters claim no accuracy (Nonin 7500, manual): questionable, not evidence."""

SPO2_PCT_STATED: Final = 70.0
"""Below it manuals state no accuracy: shown as "below 70", evidence all the same."""


class OximeterState(Struct, omit_defaults=True, gc=False):
    """What is remembered of one oximeter on one person; begin anew with `OximeterState()` when either changes."""

    gate: GateState = field(default_factory=GateState)
    dip: DipState = field(default_factory=DipState)
    at_ms: MonotonicMs | None = None
    quality: Quality = Quality.UNUSABLE
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    sensor: SensorId | None = None
    device: str = ""
    source: Source = Source.NOTIFIED
    averaging: Averaging | None = None


class OximeterVerdict(Struct, frozen=True):
    """What one reading is good for.

    ``evidence``: SpO2 values in % that the rules may judge now, oldest first, each with its own time.
    ``pulse_bpm``: its pulse when that is good enough to be compared with a strap.
    """

    quality: Quality
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    outcome: Outcome | None = None
    pulse_bpm: float | None = None


# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_GOOD: Final = Quality.GOOD
_SPOT: Final = Averaging.SPOT
_HELD: Final = Outcome.HELD
_REFUSED: Final = Outcome.REFUSED
_JUMP: Final = (Doubt.HELD_BACK,)
_BELOW: Final = (Doubt.BELOW_70,)


def step(
    state: OximeterState, reading: OximeterReading, *, at_ms: MonotonicMs
) -> tuple[OximeterState, OximeterVerdict]:
    """Return the state after one reading and what the reading is good for.

    Args:
        state: as the last call returned it.
        reading: of this oximeter; each reading once. A finished spot measurement is no live value: never evidence.
        at_ms: its time on our clock.
    """
    quality, reason = reading.quality, reading.reason
    doubts: tuple[Doubt, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    gate_state, dip_state, value = state.gate, state.dip, reading.spo2_pct
    outcome: Outcome | None = None
    perfusion_pct = reading.perfusion_pct
    if quality is _GOOD and perfusion_pct is not None and perfusion_pct < PERFUSION_PCT_MIN:
        quality, reason = Quality.QUESTIONABLE, reason or Reason.LOW_PERFUSION
    if quality is _GOOD and reading.averaging is _SPOT:
        quality, reason = Quality.QUESTIONABLE, reason or Reason.NOT_LIVE
    is_good = quality is _GOOD
    if value is not None and is_good:
        gate_state, passed = gate.step(gate_state, SPO2_GATE, value=value, at_ms=at_ms)
        outcome = passed.outcome
        if passed.evidence:
            dip_state, evidence = dip.pass_on(dip_state, passed.evidence)
            if not evidence:
                outcome = _HELD
        if outcome is _HELD:
            quality, doubts = Quality.QUESTIONABLE, _JUMP
        elif outcome is _REFUSED:
            quality, reason = Quality.UNUSABLE, reason or Reason.OUT_OF_RANGE
        if value < SPO2_PCT_STATED:
            doubts += _BELOW
    pulse_bpm = reading.pulse_bpm
    if not is_good or (pulse_bpm is not None and not HR_GATE.low <= pulse_bpm <= HR_GATE.high):
        pulse_bpm = None
    verdict = OximeterVerdict(quality, reason, doubts, evidence, outcome, pulse_bpm)
    if state.at_ms is not None and at_ms < state.at_ms:
        return state, verdict
    after = OximeterState(
        gate_state,
        dip_state,
        state.at_ms if value is None else at_ms,
        quality,
        reason,
        doubts,
        reading.sensor,
        reading.device,
        reading.source,
        reading.averaging,
    )
    return after, verdict
