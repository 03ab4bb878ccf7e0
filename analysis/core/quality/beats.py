"""Beats, live: which RR intervals are no heart beats, judged two beats late by the median around them. Flags only.

Nothing is corrected and nothing is hidden here. In atrial fibrillation and with many extra beats the flags are many and
the beats are real: nobody may take them alone for a loose strap (`contact.py` does not).
"""

from typing import Final

from msgspec import Struct

from vitals.units import MonotonicMs

RR_MS_LOW: Final = 260.0
RR_MS_HIGH: Final = 2_000.0
"""230 and 30 bpm: the range of an exercising heart (clinical specification, section 2; engineering choice)."""

MEDIAN_BEATS: Final = 11
_MIDDLE: Final = MEDIAN_BEATS // 2
LAG_BEATS: Final = 2
"""A beat is judged when two more have come: the window has eight before it, itself and two after it."""

FLAGS_KEPT: Final = 20
_FLAGS_MASK: Final = (1 << FLAGS_KEPT) - 1

WINDOW_MS: Final = 120_000
_PARTS: Final = 4
PART_MS: Final = WINDOW_MS // _PARTS

ARTEFACT_PCT_MAX: Final = 5.0
"""Above it nothing is computed from the intervals (clinical specification, section 2)."""

_SPREAD_FACTOR: Final = 5.2
TOLERANCE_MIN: Final = 0.06
_TOLERANCE_MAX: Final = 0.20
"""5.2 median deviations, at least 6 and at most 20 % of the median: 100 % of missed, extra and early beats at
99.9 % specificity on our benchmark (tests/analysis/quality)."""


class BeatState(Struct, omit_defaults=True, gc=False):
    """What is remembered of the beats.

    ``window``: the newest intervals in ms, oldest first, at most 11. ``flags`` and ``implausible``: the last 20 judged
    ones as bits, newest lowest. ``judged_n``: how many were judged, at most 20. ``parts``: (flagged, judged) of the
    half minutes before the one that began at ``part_ms``; ``past_flagged_n`` and ``past_n``: of all of them.
    """

    window: tuple[float, ...] = ()
    flags: int = 0
    implausible: int = 0
    judged_n: int = 0
    part_ms: MonotonicMs | None = None
    part_flagged_n: int = 0
    part_n: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    past_flagged_n: int = 0
    past_n: int = 0


class BeatVerdict(Struct, frozen=True):
    """Flags of the beats that could be judged now, oldest first; the newest two beats wait for those after them."""

    flags: tuple[bool, ...] = ()


_NOTHING: Final = BeatVerdict()
_SOUND: Final = BeatVerdict((False,))


def step(state: BeatState, rr_ms: tuple[float, ...], *, at_ms: MonotonicMs) -> tuple[BeatState, BeatVerdict]:
    """Return the state after the intervals of one notification, and the flags that can be told now.

    Args:
        state: as the last call returned it.
        rr_ms: intervals in ms, oldest first; none changes nothing.
        at_ms: when the notification was heard; places the beats in the 2-minute window.
    """
    if not rr_ms:
        return state, _NOTHING
    window, flags, implausible, judged_n = state.window, state.flags, state.implausible, state.judged_n
    part_ms, part_flagged_n, part_n, parts = state.part_ms, state.part_flagged_n, state.part_n, state.parts
    if judged_n == FLAGS_KEPT and not flags | implausible and part_ms is not None and at_ms - part_ms < PART_MS:
        # Sound beats after sound ones: nearly always.
        longer = window + rr_ms
        for first in range(1, len(rr_ms) + 1):
            window = longer[first : first + MEDIAN_BEATS]
            if is_artefact(window, window[-1 - LAG_BEATS]):
                break
        else:
            beat_n = len(rr_ms)
            past_flagged_n, past_n = state.past_flagged_n, state.past_n
            after = BeatState(
                window, 0, 0, judged_n, part_ms, part_flagged_n, part_n + beat_n, parts, past_flagged_n, past_n
            )
            return after, _SOUND if beat_n == 1 else BeatVerdict((False,) * beat_n)
        window = state.window
    window, flags, implausible, verdict = _judge(window, flags, implausible, rr_ms)
    if judged_n < FLAGS_KEPT:
        judged_n = min(judged_n + len(verdict), FLAGS_KEPT)
    if part_ms is None or at_ms - part_ms >= PART_MS:
        parts = _parts_after(parts, (part_flagged_n, part_n), part_ms, at_ms)
        part_ms, part_flagged_n, part_n = at_ms, 0, 0
    if flags:
        part_flagged_n += sum(verdict)
    part_n += len(verdict)
    past_flagged_n, past_n = _sum_of(parts)
    after = BeatState(
        window, flags, implausible, judged_n, part_ms, part_flagged_n, part_n, parts, past_flagged_n, past_n
    )
    return after, BeatVerdict(verdict)


def pass_by(state: BeatState, new_n: int, at_ms: MonotonicMs) -> None:
    """Note in place, as `step` would, that sound beats come after flagged ones or when a half minute ends."""
    state.flags = state.flags << new_n & _FLAGS_MASK
    part_ms = state.part_ms
    if part_ms is None or at_ms - part_ms >= PART_MS:
        state.parts = _parts_after(state.parts, (state.part_flagged_n, state.part_n), part_ms, at_ms)
        state.part_ms, state.part_flagged_n, state.part_n = at_ms, 0, 0
        state.past_flagged_n, state.past_n = _sum_of(state.parts)


def _parts_after(
    parts: tuple[tuple[int, int], ...], ended: tuple[int, int], part_ms: MonotonicMs | None, at_ms: MonotonicMs
) -> tuple[tuple[int, int], ...]:
    """Return the half minutes before the one that begins; none after a hole as long."""
    fresh = part_ms is not None and at_ms - part_ms < 2 * PART_MS
    return (*parts, ended)[-(_PARTS - 1) :] if fresh else ()


def _sum_of(parts: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    return sum([part[0] for part in parts]), sum([part[1] for part in parts])


def _judge(
    window: tuple[float, ...], flags: int, implausible: int, rr_ms: tuple[float, ...]
) -> tuple[tuple[float, ...], int, int, tuple[bool, ...]]:
    """Judge interval by interval; return the window, both rows of bits, and the flags."""
    verdict = []
    for interval in rr_ms:
        window = (*window[1:], interval) if len(window) == MEDIAN_BEATS else (*window, interval)
        if len(window) > LAG_BEATS:
            judged = window[-1 - LAG_BEATS]
            flagged = is_artefact(window, judged)
            flags = (flags << 1 | flagged) & _FLAGS_MASK
            implausible = (implausible << 1 | (not RR_MS_LOW <= judged <= RR_MS_HIGH)) & _FLAGS_MASK
            verdict.append(flagged)
    return window, flags, implausible, tuple(verdict)


def is_artefact(window: tuple[float, ...], judged: float) -> bool:
    """Return whether an interval is no heart beat among those around it.

    Args:
        window: up to eight intervals before it, itself, and two after it, in ms.
        judged: the interval itself.
    """
    if not RR_MS_LOW <= judged <= RR_MS_HIGH:
        return True
    ordered = sorted(window)
    median = ordered[_MIDDLE] if len(ordered) == MEDIAN_BEATS else _median(ordered)
    if abs(judged - median) <= TOLERANCE_MIN * median:
        return False
    spread = _median(sorted([abs(interval - median) for interval in window]))
    tolerance = min(max(_SPREAD_FACTOR * spread, TOLERANCE_MIN * median), _TOLERANCE_MAX * median)
    return abs(judged - median) > tolerance


def flagged_share(state: BeatState) -> float | None:
    """Return the share (0..1) of the last 20 judged beats that are flagged, None before there are 20."""
    return state.flags.bit_count() / FLAGS_KEPT if state.judged_n == FLAGS_KEPT else None


def implausible_share(state: BeatState) -> float | None:
    """Return the share (0..1) of the last 20 judged beats that no heart makes, None before there are 20."""
    return state.implausible.bit_count() / FLAGS_KEPT if state.judged_n == FLAGS_KEPT else None


def artefact_pct(state: BeatState) -> float | None:
    """Return the share of flagged beats in the last 1.5 to 2 minutes in %, None before any was judged."""
    flagged_n, judged_n = state.part_flagged_n + state.past_flagged_n, state.part_n + state.past_n
    return 100 * flagged_n / judged_n if judged_n else None


def _median(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
