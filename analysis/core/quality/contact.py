"""Contact of a strap: what its words say about whether it sits on a chest. One step a notification.

Signs are told one by one; the heart rate is taken from the rules only when they amount to lost contact. Irregular beats
alone never do: in atrial fibrillation they are the finding.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from analysis.core.quality import beats
from analysis.core.quality.beats import BeatState
from vitals.units import MonotonicMs

FROZEN_S: Final = 10.0
"""The same rate and no beat for so long, from a strap that told beats before."""

GHOST_S: Final = 30.0
GHOST_MUTE_S: Final = 180.0
"""For a strap that never told a beat and says nothing of contact: real ones repeated a value for up to 66 s (15
activities and 25 step tests of real people, those without beats)."""

FLAGGED_SHARE_MAX: Final = 0.20
"""More than 4 of 20 beats (clinical specification, section 2)."""

IMPLAUSIBLE_SHARE_MAX: Final = 0.10
"""More than 2 of 20 (engineering choice). That rate and beats differ is no sign: over 25 h of atrial fibrillation it
would have cost 2 % of the values, and where the beats are junk the rate is often sound."""

SUM_TOLERANCE: Final = 0.03
"""And one interval: 30 s of beats need not end with the 30 s (clinical specification, section 2)."""

DRY_S: Final = 300.0
"""A strap is dry until there is sweat: 2 to 5 min (clinical specification, section 2)."""

HOLE_MS: Final = 5_000
BLOCK_MS: Final = 10_000
BLOCKS: Final = 3


class Sign(StrEnum):
    """One thing that speaks against a strap's contact."""

    BIT_CLEAR = "bit_clear"
    """The strap can tell contact, and says there is none."""
    RATE_ZERO = "rate_zero"
    FROZEN = "frozen"
    """The same rate again and again, without beats."""
    RR_SUM = "rr_sum"
    """30 s of beats are longer or shorter than 30 s: beats or notifications are missing or double."""
    FLAGGED = "flagged"
    """More than 20 % of 20 beats are irregular: noise, or a real arrhythmia."""
    IMPLAUSIBLE = "implausible"
    """Intervals that no heart makes."""


class ContactState(Struct, omit_defaults=True, gc=False):
    """What is remembered of one strap's contact.

    ``rate_bpm`` since ``rate_ms``: the newest rate and since when it has not changed. ``beat_ms``: when it last told a
    beat. ``blocks``: (wall clock, sum of RR) of the last whole blocks of 10 s; ``block_ms`` and ``block_rr_ms``: the
    one that runs. ``sum_off``: the last 30 s did not add up.
    """

    first_ms: MonotonicMs | None = None
    seen_ms: MonotonicMs = MonotonicMs(0)
    rate_bpm: float | None = None
    rate_ms: MonotonicMs = MonotonicMs(0)
    beat_ms: MonotonicMs | None = None
    block_ms: MonotonicMs = MonotonicMs(0)
    block_rr_ms: float = 0.0
    blocks: tuple[tuple[int, float], ...] = ()
    sum_off: bool = False
    contact: bool | None = None


class ContactVerdict(Struct, frozen=True):
    """What speaks against contact.

    ``lost``: enough of it to keep the rate from the rules. ``dry``: and the strap is new on the body. ``ghost``: nobody
    wears it.
    """

    signs: tuple[Sign, ...] = ()
    lost: bool = False
    dry: bool = False
    ghost: bool = False


SOUND: Final = ContactVerdict()
"""Nothing speaks against contact."""

_SUM_OFF: Final = ContactVerdict((Sign.RR_SUM,))


def step(
    state: ContactState,
    *,
    hr_bpm: float | None,
    rr_ms: tuple[float, ...],
    contact: bool | None,
    beat_state: BeatState,
    at_ms: MonotonicMs,
    tells_beats: bool = True,
) -> tuple[ContactState, ContactVerdict]:
    """Return the state after one notification, in the order of their time, and what speaks against contact.

    Args:
        state: as the last call returned it.
        hr_bpm: the rate; None when the strap told none (0 bpm).
        rr_ms: the intervals of this notification.
        contact: what the strap says of contact, None when it cannot tell.
        beat_state: the beats with this notification's in it.
        at_ms: when it was heard.
        tells_beats: whether it could tell beats in this way; a broadcast cannot, so that none come says nothing.
    """
    hole = state.first_ms is None or at_ms - state.seen_ms > HOLE_MS
    block_ms, block_rr_ms, blocks, sum_off = state.block_ms, state.block_rr_ms, state.blocks, state.sum_off
    if hole:
        # Beats of this notification ended before it: they belong to the time before the block begins.
        block_ms, block_rr_ms, blocks, sum_off = at_ms, 0.0, (), False
    elif rr_ms:
        block_rr_ms += rr_ms[0] if len(rr_ms) == 1 else sum(rr_ms)
    wall_ms = at_ms - block_ms
    if wall_ms >= BLOCK_MS:
        blocks = (*blocks, (wall_ms, block_rr_ms))[-BLOCKS:]
        block_ms, block_rr_ms = at_ms, 0.0
        sum_off = is_sum_off(blocks, beat_state.window)
    same = not hole and hr_bpm == state.rate_bpm
    rate_ms = state.rate_ms if same else at_ms
    after = ContactState(
        at_ms if state.first_ms is None else state.first_ms,
        at_ms,
        hr_bpm,
        rate_ms,
        at_ms if rr_ms else (state.beat_ms if tells_beats else None),
        block_ms,
        block_rr_ms,
        blocks,
        sum_off,
        contact,
    )
    if hr_bpm is not None and contact is not False and not beat_state.flags and at_ms - rate_ms < FROZEN_S * 1000:
        # A rate that moves, with even beats or none: there is nothing more that `_judge` could find.
        return after, _SUM_OFF if sum_off and after.beat_ms is not None else SOUND
    return after, _judge(after, beat_state, hr_bpm=hr_bpm, at_ms=at_ms)


def _judge(state: ContactState, beat_state: BeatState, *, hr_bpm: float | None, at_ms: MonotonicMs) -> ContactVerdict:
    signs = []
    if state.contact is False:
        signs.append(Sign.BIT_CLEAR)
    if hr_bpm is None:
        signs.append(Sign.RATE_ZERO)
    if is_frozen(state, at_ms=at_ms):
        signs.append(Sign.FROZEN)
    lost = bool(signs)
    if state.beat_ms is not None:
        if state.sum_off:
            signs.append(Sign.RR_SUM)
        if at_ms - state.beat_ms <= HOLE_MS and beat_state.flags:
            lost |= _judge_beats(signs, beat_state)
    ghost = at_ms - state.rate_ms >= GHOST_S * 1000 and is_ghost(state, at_ms=at_ms)
    if not signs and not ghost:
        return SOUND
    first_ms = at_ms if state.first_ms is None else state.first_ms
    dry = lost and at_ms - first_ms <= DRY_S * 1000
    return ContactVerdict(tuple(signs), lost, dry, ghost)


def _judge_beats(signs: list[Sign], beat_state: BeatState) -> bool:
    """Add what the beats say; return whether it amounts to lost contact: irregular, and impossible besides."""
    share = beats.flagged_share(beat_state)
    if share is None or share <= FLAGGED_SHARE_MAX:
        return False
    impossible = Sign.RR_SUM in signs
    signs.append(Sign.FLAGGED)
    if (beats.implausible_share(beat_state) or 0.0) > IMPLAUSIBLE_SHARE_MAX:
        signs.append(Sign.IMPLAUSIBLE)
        impossible = True
    return impossible


def is_frozen(state: ContactState, *, at_ms: MonotonicMs) -> bool:
    """Return whether the rate stands still and the beats have stopped, on a strap that told some before."""
    if state.beat_ms is None or state.rate_bpm is None:
        return False
    return at_ms - max(state.rate_ms, state.beat_ms) >= FROZEN_S * 1000


def is_ghost(state: ContactState, *, at_ms: MonotonicMs) -> bool:
    """Return whether nobody wears the strap: one rate again and again, no beats, no contact."""
    if state.rate_bpm is None or state.contact is True:
        return False
    mute = state.beat_ms is None and state.contact is None
    since_ms = state.rate_ms if state.beat_ms is None else max(state.rate_ms, state.beat_ms)
    return at_ms - since_ms >= (GHOST_MUTE_S if mute else GHOST_S) * 1000


def is_sum_off(blocks: tuple[tuple[int, float], ...], window: tuple[float, ...]) -> bool:
    """Return whether the last 30 s of beats are off by more than one interval and 3 %; no beats at all are not."""
    if len(blocks) < BLOCKS or not window:
        return False
    (first_ms, first_rr_ms), (second_ms, second_rr_ms), (third_ms, third_rr_ms) = blocks
    wall_ms = first_ms + second_ms + third_ms
    error_ms = first_rr_ms + second_rr_ms + third_rr_ms - wall_ms
    return abs(error_ms) > max(window) + SUM_TOLERANCE * wall_ms
