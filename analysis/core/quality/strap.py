"""One strap: gate, beats and contact in one step a reading. What comes out is what the rules may judge, and why not."""

from typing import Final

from msgspec import Struct, field

from analysis.core.quality import beats, contact, gate, witness
from analysis.core.quality.beats import BeatState
from analysis.core.quality.contact import ContactState, ContactVerdict, Sign
from analysis.core.quality.gate import HR_GATE, Evidence, GateState, Outcome
from analysis.core.quality.witness import WitnessState
from vitals.passport import Doubt
from vitals.readings import HeartRateReading, Quality, Reason, Source
from vitals.sensors import SensorId
from vitals.units import MonotonicMs


class StrapState(Struct, omit_defaults=True, gc=False):
    """What is remembered of one strap on one person; begin anew with `StrapState()` when either changes.

    ``at_ms``: time of the newest reading that told a rate.
    """

    gate: GateState = field(default_factory=GateState)
    beats: BeatState = field(default_factory=BeatState)
    contact: ContactState = field(default_factory=ContactState)
    witness: WitnessState = field(default_factory=WitnessState)
    at_ms: MonotonicMs | None = None
    quality: Quality = Quality.UNUSABLE
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    sensor: SensorId | None = None
    device: str = ""
    source: Source = Source.NOTIFIED


class StrapVerdict(Struct, frozen=True):
    """What one reading is good for.

    ``quality``: of its rate, after all checks. ``evidence``: rates in bpm that the rules may judge now, oldest first,
    each with its own time; none, one, or those that were held back. ``flags``: of the beats judged now.
    """

    quality: Quality
    reason: Reason | None = None
    doubts: tuple[Doubt, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    outcome: Outcome | None = None
    contact: ContactVerdict = ContactVerdict()
    flags: tuple[bool, ...] = ()


# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_GOOD: Final = Quality.GOOD
_QUESTIONABLE: Final = Quality.QUESTIONABLE
_UNUSABLE: Final = Quality.UNUSABLE
_BROADCAST: Final = Source.BROADCAST
_HELD: Final = Outcome.HELD
_GHOST: Final = (Doubt.GHOST,)
_POOR: Final = (Doubt.POOR_CONTACT,)
_DRY: Final = (Doubt.POOR_CONTACT, Doubt.DRY_STRAP)
_JUMP: Final = (Doubt.HELD_BACK,)
_OUTSIDE: Final = (Doubt.OUTSIDE,)
_SUM: Final = (Doubt.RR_SUM,)


def step(state: StrapState, reading: HeartRateReading, *, at_ms: MonotonicMs) -> tuple[StrapState, StrapVerdict]:
    """Return the state after one reading and what the reading is good for.

    Args:
        state: as the last call returned it.
        reading: of this strap; each reading once.
        at_ms: its time on our clock. One older than the newest is judged by the level alone and changes nothing.
    """
    seen_ms = state.contact.seen_ms
    if state.contact.first_ms is not None and at_ms < seen_ms:
        return state, _judge_late(state, reading, at_ms=at_ms)
    hr_bpm, rr_ms, quality, source = reading.hr_bpm, reading.rr_ms, reading.quality, reading.source
    rate_bpm = None if hr_bpm is None else float(hr_bpm)
    beat_state, beat_verdict = beats.step(state.beats, rr_ms, at_ms=at_ms)
    contact_state, touch = contact.step(
        state.contact,
        hr_bpm=rate_bpm,
        rr_ms=rr_ms,
        contact=reading.contact,
        beat_state=beat_state,
        at_ms=at_ms,
        tells_beats=source is not _BROADCAST,
    )
    gate_state, doubts = state.gate, () if touch is contact.SOUND else _doubts_of(touch)
    witness_state = state.witness
    evidence: tuple[Evidence, ...] = ()
    outcome: Outcome | None = None
    if touch.ghost:
        quality = _UNUSABLE
    elif rate_bpm is not None and quality is _GOOD:
        if touch.lost:
            quality = _QUESTIONABLE
        else:
            gate_state, passed = gate.step(gate_state, HR_GATE, value=rate_bpm, at_ms=at_ms)
            evidence, outcome = passed.evidence, passed.outcome
        witness_state, borne_out = witness.step(
            witness_state, evidence, hr_bpm=rate_bpm, rr_ms=rr_ms, at_ms=at_ms, lost=touch.lost
        )
        if evidence and not borne_out:
            outcome = _HELD
        evidence = borne_out
        if not touch.lost:
            if outcome is _HELD:
                quality = _QUESTIONABLE
                doubts += _JUMP
            if not HR_GATE.low <= rate_bpm <= HR_GATE.high:
                doubts += _OUTSIDE
    reason = reading.reason
    after = StrapState(
        gate_state,
        beat_state,
        contact_state,
        witness_state,
        state.at_ms if rate_bpm is None else at_ms,
        quality,
        reason,
        doubts,
        reading.sensor,
        reading.device,
        source,
    )
    return after, StrapVerdict(quality, reason, doubts, evidence, outcome, touch, beat_verdict.flags)


def _judge_late(state: StrapState, reading: HeartRateReading, *, at_ms: MonotonicMs) -> StrapVerdict:
    """Return what a reading is good for that comes after its successors."""
    if reading.hr_bpm is None or reading.quality is not Quality.GOOD:
        return StrapVerdict(reading.quality, reading.reason)
    _, passed = gate.step(state.gate, HR_GATE, value=float(reading.hr_bpm), at_ms=at_ms)
    held = passed.outcome is Outcome.HELD
    return StrapVerdict(
        Quality.QUESTIONABLE if held else Quality.GOOD,
        reading.reason,
        _JUMP if held else (),
        passed.evidence,
        passed.outcome,
    )


def _doubts_of(touch: ContactVerdict) -> tuple[Doubt, ...]:
    if not touch.signs:
        return _GHOST if touch.ghost else ()
    if touch.ghost:
        return _GHOST
    if touch.lost:
        return _DRY if touch.dry else _POOR
    return _SUM if Sign.RR_SUM in touch.signs else ()
