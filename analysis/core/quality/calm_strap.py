"""The short way of a strap's reading: a calm one, after calm ones, is taken in place by a few comparisons.

Calm is a strap that nothing speaks against: it is in contact, tells sound beats, and its rate is believed and stays
near where it was. For such a reading `strap.step` would come to exactly the same state, and to the verdict that the
rate is evidence at once; for any other nothing is touched here, and `strap.step` decides. A law of the tests holds both
together. The state belongs to the caller and is changed in place.
"""

from typing import Final

from analysis.core.quality import beats, contact, gate, witness
from analysis.core.quality.contact import ContactState
from analysis.core.quality.gate import HR_GATE, Evidence
from analysis.core.quality.strap import StrapState
from vitals.readings import HeartRateReading, Quality
from vitals.units import MonotonicMs

# In Python 3.11 it takes as long to look up a member of an enum as to call a function, and a constant of another
# module takes twice as long as one of this module.
_GOOD: Final = Quality.GOOD
_BEATS: Final = beats.MEDIAN_BEATS
_NEWEST: Final = slice(-_BEATS, None)
_JUDGED: Final = slice(_BEATS - beats.LAG_BEATS, -beats.LAG_BEATS)
"""Of a whole window with newer beats behind it: those that are judged now, with two after each."""
_LEAST: Final = _BEATS // 2
_MOST: Final = -1 - _LEAST
"""Of the same in order: between these two lies the median of any eleven that follow each other."""
_TOLERANCE: Final = beats.TOLERANCE_MIN * (1 - 1e-9)
_SURE_LOW: Final = beats.RR_MS_LOW / (1 - beats.TOLERANCE_MIN) + 1
_SURE_HIGH: Final = beats.RR_MS_HIGH / (1 + beats.TOLERANCE_MIN) - 1
"""A beat that is near to such a median is one that a heart makes."""
_PART_MS: Final = beats.PART_MS
_TWO: Final = 2
_BLOCK_MS: Final = contact.BLOCK_MS
_LOW: Final = float(HR_GATE.low)
_HIGH: Final = float(HR_GATE.high)
_MARK_MS: Final = gate.MARK_MS
_UP_BPM: Final = witness.STEP_BPM
_DOWN_BPM: Final = -_UP_BPM
_WINDOW_MS: Final = witness.WINDOW_MS
_BEATS_MIN: Final = witness.BEATS_MIN
_APART_SHARE: Final = witness.APART_SHARE

HOLE_MS: Final = contact.HOLE_MS
"""What comes later after the reading before is not calm."""

_SLOW_BPM: Final = HR_GATE.slope_per_s * gate.SLOPE_MS_MIN / 1000
_STEEP_BPM: Final = -_SLOW_BPM
"""So much less than two seconds ago is no steep slope, however long they were."""


def is_calm(state: StrapState) -> bool:
    """Return whether the next reading may be a calm one: nothing is held back, doubted or unknown.

    Some beats may be flagged, as everybody's are now and then; not so many that they speak against contact.
    """
    level, touch, told, share = state.gate.level, state.contact, state.witness, beats.flagged_share(state.beats)
    return (
        level is not None
        and _LOW <= level.value <= _HIGH
        and level.value == told.level_bpm == touch.rate_bpm
        and not state.gate.held
        and not told.held
        and told.doubt_until_ms is None
        and touch.first_ms is not None
        and not touch.sum_off
        and share is not None
        and share <= contact.FLAGGED_SHARE_MAX
        and not state.beats.implausible
        and state.quality is _GOOD
        and state.reason is None
        and not state.doubts
    )


def follows(state: StrapState, at_ms: MonotonicMs) -> bool:
    """Return whether a time is soon enough after a calm strap's newest reading for another calm one."""
    return 0 <= at_ms - state.contact.seen_ms <= HOLE_MS


def take_rate(state: StrapState, reading: HeartRateReading, at_ms: MonotonicMs) -> float | None:
    """Take a calm reading into the state of a calm strap and return its rate; None: it is none, nothing changed.

    Its rate is evidence at its own time, of good quality and without any doubt.

    Args:
        state: of which `is_calm` was true when `strap.step` last returned it.
        reading: of this strap, not taken before.
        at_ms: its time on our clock, which `follows`.
    """
    hr_bpm, rr_ms, contact_now, told = reading.hr_bpm, reading.rr_ms, reading.contact, state.witness
    level_bpm = told.level_bpm
    if (
        hr_bpm is None
        or level_bpm is None
        or not rr_ms
        or reading.quality is not _GOOD
        or contact_now is False
        or reading.reason is not None
        or reading.source is not state.source
        or reading.device != state.device
    ):
        return None
    rate_bpm = float(hr_bpm)
    if rate_bpm != level_bpm and not (_DOWN_BPM <= rate_bpm - level_bpm <= _UP_BPM and _LOW <= rate_bpm <= _HIGH):
        return None
    gates, touch, heart, new_n = state.gate, state.contact, state.beats, len(rr_ms)
    before, longer = gates.mark_before, heart.window + rr_ms
    if before is not None and not _STEEP_BPM <= rate_bpm - before.value <= _SLOW_BPM:
        return None
    ordered = [*longer]
    ordered.sort()
    least_ms, most_ms = ordered[_LEAST], ordered[_MOST]
    tolerance_ms = _TOLERANCE * least_ms
    low_ms, high_ms = most_ms - tolerance_ms, least_ms + tolerance_ms
    is_sound = True
    # Not `is_sound = ... <= ...`: a comparison that an `if` looks at is quicker in Python 3.11.
    if not _SURE_LOW <= least_ms <= _SURE_HIGH:
        is_sound = False
    # Not `min` and `max`, which take several times as long.
    for beat_ms in longer[_JUDGED]:
        if not low_ms <= beat_ms <= high_ms:
            is_sound = False
    if not is_sound and _has_artefact(longer, new_n):
        return None
    # Nearly always one beat or two: `sum` takes ten times as long.
    new_ms = rr_ms[0] if new_n == 1 else rr_ms[0] + rr_ms[1] if new_n == _TWO else sum(rr_ms)
    past, tolerance_bpm = told.told, _APART_SHARE * rate_bpm
    told_n, told_ms, gone, horizon_ms = told.told_n, told.told_ms, 0, at_ms - _WINDOW_MS
    # `witness.lately`, of which something is left: no hole of a calm strap is as long as the window.
    for then_ms, beats_n, sum_ms in past:
        if then_ms > horizon_ms:
            break
        gone, told_n, told_ms = gone + 1, told_n - beats_n, told_ms - sum_ms
    told_ms = told_ms + new_ms if told_n else new_ms
    told_n += new_n
    if told_n >= _BEATS_MIN and abs(60_000 * told_n / told_ms - rate_bpm) > tolerance_bpm:
        return None
    if at_ms - touch.block_ms < _BLOCK_MS:
        touch.block_rr_ms += new_ms
    elif not _ends_block(touch, longer[_NEWEST], new_ms, at_ms):
        return None
    told.told, told.told_n, told.told_ms = (*past[gone:], (at_ms, new_n, new_ms)), told_n, told_ms
    told.fresh_n = told.fresh_n + 1 if abs(60_000 * new_n / new_ms - rate_bpm) <= tolerance_bpm else 0
    if rate_bpm != level_bpm:
        told.level_bpm = touch.rate_bpm = rate_bpm
        touch.rate_ms = at_ms
    touch.seen_ms = touch.beat_ms = state.at_ms = at_ms
    if touch.contact is not contact_now:
        touch.contact = contact_now
    gates.level = one = Evidence(at_ms, rate_bpm)
    gates.seen_ms = at_ms
    mark = gates.mark
    if mark is None or at_ms - mark.at_ms >= _MARK_MS:
        gates.mark, gates.mark_before = one, mark
    heart.window = longer[_NEWEST]
    if heart.flags or heart.part_ms is None or at_ms - heart.part_ms >= _PART_MS:
        beats.pass_by(heart, new_n, at_ms)
    heart.part_n += new_n
    return rate_bpm


def _has_artefact(longer: tuple[float, ...], new_n: int) -> bool:
    """Return whether one of the beats that are judged now is no sound one after all."""
    for first in range(1, new_n + 1):
        window = longer[first : first + _BEATS]
        if beats.is_artefact(window, window[-1 - beats.LAG_BEATS]):
            return True
    return False


def _ends_block(touch: ContactState, window: tuple[float, ...], new_ms: float, at_ms: MonotonicMs) -> bool:
    """End a block of beats, and return whether its sum is still that of the time; if not, nothing has changed."""
    blocks = (*touch.blocks, (at_ms - touch.block_ms, touch.block_rr_ms + new_ms))[-contact.BLOCKS :]
    if contact.is_sum_off(blocks, window):
        return False
    touch.blocks, touch.block_ms, touch.block_rr_ms = blocks, at_ms, 0.0
    return True
