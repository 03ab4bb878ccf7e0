"""The short way of a strap's reading: a calm one, after calm ones, is taken in place by a few comparisons.

Calm is a strap that nothing speaks against: it is in contact, tells sound beats, and its rate is believed and stays
near where it was. For such a reading `strap.step` would come to exactly the same state, and to the verdict that the
rate is evidence at once; for any other nothing is touched here, and `strap.step` decides. A law of the tests holds both
together. The state belongs to the caller and is changed in place.
"""

from typing import Final

from analysis.core.quality import beats, contact, gate, witness
from analysis.core.quality.beats import BeatState
from analysis.core.quality.contact import ContactState
from analysis.core.quality.gate import HR_GATE, Evidence
from analysis.core.quality.strap import StrapState
from vitals.readings import HeartRateReading, Quality
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function, and a constant of another
# module takes twice as long as one of this module.
_GOOD: Final = Quality.GOOD
_BEATS: Final = beats.MEDIAN_BEATS
_MIDDLE: Final = _BEATS // 2
_FIRST: Final = _BEATS - beats.LAG_BEATS
_TOLERANCE: Final = beats.TOLERANCE_MIN
_RR_LOW: Final = beats.RR_MS_LOW
_RR_HIGH: Final = beats.RR_MS_HIGH
_PART_MS: Final = beats.PART_MS
_HOLE_MS: Final = contact.HOLE_MS
_BLOCK_MS: Final = contact.BLOCK_MS
_LOW: Final = HR_GATE.low
_HIGH: Final = HR_GATE.high
_MARK_MS: Final = gate.MARK_MS
_STEP_BPM: Final = witness.STEP_BPM
_WINDOW_MS: Final = witness.WINDOW_MS
_BEATS_MIN: Final = witness.BEATS_MIN
_APART_SHARE: Final = witness.APART_SHARE

_SLOW_BPM: Final = HR_GATE.slope_per_s * gate.SLOPE_MS_MIN / 1000
"""So much less than two seconds ago is no steep slope, however long they were."""


def is_calm(state: StrapState) -> bool:
    """Return whether the next reading may be a calm one: nothing is held back, doubted, flagged or unknown."""
    level, touch, told = state.gate.level, state.contact, state.witness
    return (
        level is not None
        and _LOW <= level.value <= _HIGH
        and level.value == told.level_bpm
        and not state.gate.held
        and not told.held
        and told.doubt_until_ms is None
        and touch.first_ms is not None
        and not touch.sum_off
        and state.beats.judged_n == beats.FLAGS_KEPT
        and not state.beats.flags | state.beats.implausible
        and state.quality is _GOOD
        and state.reason is None
        and not state.doubts
    )


def take_rate(state: StrapState, reading: HeartRateReading, at_ms: MonotonicMs) -> bool:
    """Take a calm reading into the state of a calm strap, and return whether it is one; else nothing has changed.

    Its rate is evidence at its own time, of good quality and without any doubt.

    Args:
        state: of which `is_calm` was true when `strap.step` last returned it.
        reading: of this strap, not taken before.
        at_ms: its time on our clock.
    """
    hr_bpm, rr_ms, touch, gates, told = reading.hr_bpm, reading.rr_ms, state.contact, state.gate, state.witness
    level = gates.level
    if (
        hr_bpm is None
        or level is None
        or not rr_ms
        or not -_STEP_BPM <= hr_bpm - level.value <= _STEP_BPM
        or not 0 <= at_ms - touch.seen_ms <= _HOLE_MS
        or reading.quality is not _GOOD
        or reading.contact is False
        or reading.reason is not None
        or not _LOW <= hr_bpm <= _HIGH
        or reading.source is not state.source
        or reading.device != state.device
    ):
        return False
    rate_bpm, before, new_n = float(hr_bpm), gates.mark_before, len(rr_ms)
    if before is not None and not -_SLOW_BPM <= rate_bpm - before.value <= _SLOW_BPM:
        return False
    window = _slide(state.beats, rr_ms, at_ms)
    if window is None:
        return False
    new_ms = rr_ms[0] if new_n == 1 else sum(rr_ms)
    past, count, sum_ms, gone, horizon_ms = told.told, told.count, told.sum_ms, 0, at_ms - _WINDOW_MS
    for then_ms, past_n, past_ms in past:
        if then_ms > horizon_ms:
            break
        gone, count, sum_ms = gone + 1, count - past_n, sum_ms - past_ms
    count, sum_ms = count + new_n, sum_ms + new_ms
    tolerance_bpm = _APART_SHARE * rate_bpm
    if count >= _BEATS_MIN and abs(60_000 * count / sum_ms - rate_bpm) > tolerance_bpm:
        return False
    if not _add_up(touch, window, new_ms, at_ms):
        return False
    told.told, told.count, told.sum_ms, told.level_bpm = (*past[gone:], (at_ms, new_n, new_ms)), count, sum_ms, rate_bpm
    told.fresh_n = told.fresh_n + 1 if abs(60_000 * new_n / new_ms - rate_bpm) <= tolerance_bpm else 0
    state.beats.window = window
    state.beats.part_n += new_n
    if rate_bpm != touch.rate_bpm:
        touch.rate_bpm, touch.rate_ms = rate_bpm, at_ms
    touch.seen_ms = touch.beat_ms = at_ms
    touch.contact = reading.contact
    gates.level = one = Evidence(at_ms, rate_bpm)
    gates.seen_ms = at_ms
    mark = gates.mark
    if mark is None or at_ms - mark.at_ms >= _MARK_MS:
        gates.mark, gates.mark_before = one, mark
    state.at_ms = state.evidence_ms = at_ms
    return True


def _slide(state: BeatState, rr_ms: tuple[float, ...], at_ms: MonotonicMs) -> tuple[float, ...] | None:
    """Return the window of sound beats with newer ones in it; None when one of them is no sound beat after all."""
    if state.part_ms is None or at_ms - state.part_ms >= _PART_MS:
        # A half minute ends: the long way counts it.
        return None
    longer, count = state.window + rr_ms, len(rr_ms)
    ordered, judged = sorted(longer), longer[_FIRST : _FIRST + count]
    # Whichever of these windows a beat is judged in, its median lies between these two.
    low_ms, high_ms = ordered[_MIDDLE], ordered[_MIDDLE + count]
    least_ms, most_ms = (judged[0], judged[0]) if count == 1 else (min(judged), max(judged))
    tolerance_ms = _TOLERANCE * low_ms
    if most_ms - low_ms > tolerance_ms or high_ms - least_ms > tolerance_ms or least_ms < _RR_LOW or most_ms > _RR_HIGH:
        for first in range(1, count + 1):
            if beats.is_artefact(longer[first : first + _BEATS], judged[first - 1]):
                return None
    return longer[count:]


def _add_up(touch: ContactState, window: tuple[float, ...], new_ms: float, at_ms: MonotonicMs) -> bool:
    """Add to the sum of the beats, and return whether it is still that of the time; if not, nothing has changed."""
    block_rr_ms, wall_ms = touch.block_rr_ms + new_ms, at_ms - touch.block_ms
    if wall_ms < _BLOCK_MS:
        touch.block_rr_ms = block_rr_ms
        return True
    blocks = (*touch.blocks, (wall_ms, block_rr_ms))[-contact.BLOCKS :]
    if contact.is_sum_off(blocks, window):
        return False
    touch.blocks, touch.block_ms, touch.block_rr_ms = blocks, at_ms, 0.0
    return True
