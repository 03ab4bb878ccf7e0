"""Beats as witnesses of a rate: one that leaves its level against its own beats waits until they agree with it.

A strap that loses skin contact makes rates and beats of noise, each for itself. A rate that lags behind its beats, a
racing heart among them, moves towards what they say, and is believed unless the strap made noise just before. A rate
that stays where it was is believed whatever the beats do: straps lose beats while their rate is sound. A rate without
beats has no witness. What waited counts from its own times when it is believed in the end; what is far from that was
noise.
"""

from typing import Final

from msgspec import Struct

from analysis.core.quality.gate import Evidence
from vitals.units import MonotonicMs

WINDOW_MS: Final = 6_000
"""Beats of the last 6 s: straps average their rate over about 5 s."""

BEATS_MIN: Final = 3
SILENT_MS: Final = 3_000
"""No beat for so long: no witness."""

APART_SHARE: Final = 0.15
"""Rate and mean beat interval of a sound strap differ by at most 4.6 bpm in 19 of 20 windows (11 of 13 recordings)."""

STEP_BPM: Final = 8.0
"""A rate that moved by no more is where it was."""

SETTLE_MS: Final = 10_000
"""Noise agrees with itself for a second or two by chance."""

BEGIN_N: Final = 2
FRESH_N: Final = 4
"""So many readings in a row whose own beats agree with their rate are no chance: that is how a real jump looks."""

STEADY_MS: Final = 30_000
"""A rate that went on for so long without a leap is none of noise, whatever the beats say."""

GIVE_IN_MS: Final = 120_000
"""After so long the rate is taken at its word: nobody must stay unwatched because of beats. What waits longer than 30 s
has raised "questionable values" meanwhile."""

HELD_MAX: Final = 256

HOLE_MS: Final = 5_000
"""What waited before a longer hole is forgotten: it is no part of what comes after (design, section 7)."""


class WitnessState(Struct, omit_defaults=True, gc=False):
    """What the beats said lately, and which rate was believed.

    ``told``: (time, beats, their sum in ms) of the readings of the last 6 s; ``told_n`` beats in all, ``told_ms`` long.
    ``fresh_n``: readings in a row whose own beats agreed. ``level_bpm``: newest rate that was believed.
    ``doubt_until_ms``: the beats contradict until then at least. ``held``: rates that wait, oldest first.
    """

    told: tuple[tuple[MonotonicMs, int, float], ...] = ()
    told_n: int = 0
    told_ms: float = 0.0
    fresh_n: int = 0
    level_bpm: float | None = None
    doubt_until_ms: MonotonicMs | None = None
    held: tuple[Evidence, ...] = ()


def step(
    state: WitnessState,
    evidence: tuple[Evidence, ...],
    *,
    hr_bpm: float,
    rr_ms: tuple[float, ...],
    at_ms: MonotonicMs,
    lost: bool,
) -> tuple[WitnessState, tuple[Evidence, ...]]:
    """Return the state after one reading, and which rates the rules may judge now.

    Args:
        state: as the last call returned it.
        evidence: what the gate let through of it, oldest first.
        hr_bpm: its rate.
        rr_ms: its beats.
        at_ms: its time, not before that of the last call.
        lost: whether the strap has no contact; what it says is doubted for a while afterwards.
    """
    fresh_n = state.fresh_n
    gone, told_n, told_ms = lately(state, at_ms)
    told = state.told[gone:]
    if rr_ms:
        beats, new_ms = len(rr_ms), sum(rr_ms)
        told, told_n, told_ms = (*told, (at_ms, beats, new_ms)), told_n + beats, told_ms + new_ms
        fresh_n = fresh_n + 1 if _agree(60_000 * beats / new_ms, hr_bpm) else 0
    elif not _stays(state, hr_bpm):
        fresh_n = 0
    held = state.held
    if held and at_ms - held[-1].at_ms > HOLE_MS:
        held = ()
    level_bpm, doubt_until_ms = state.level_bpm, state.doubt_until_ms
    has_witness = bool(told) and told[-1][0] > at_ms - SILENT_MS
    beats_bpm = 60_000 * told_n / told_ms if has_witness and told_n >= BEATS_MIN else None
    in_doubt = has_witness and doubt_until_ms is not None and at_ms < doubt_until_ms
    if lost or (beats_bpm is not None and not _agree(beats_bpm, hr_bpm)):
        lags = (
            beats_bpm is not None and level_bpm is not None and not lost and _is_between(hr_bpm, level_bpm, beats_bpm)
        )
        if in_doubt or not lags:
            doubt_until_ms, in_doubt = MonotonicMs(at_ms + SETTLE_MS), True
    # The first words of a strap that tells beats: two readings must agree.
    begins = level_bpm is None and has_witness and beats_bpm is None and fresh_n < BEGIN_N
    borne_out = not (in_doubt or begins) or fresh_n >= FRESH_N or _stays(state, hr_bpm)
    if lost or not evidence or not (borne_out or _gives_in(held, evidence)):
        held = (*held, *evidence)[-HELD_MAX:]
        return WitnessState(told, told_n, told_ms, fresh_n, level_bpm, doubt_until_ms, held), ()
    after = WitnessState(told, told_n, told_ms, fresh_n, evidence[-1].value, doubt_until_ms if in_doubt else None)
    return after, (*_near(held, evidence[0].value), *evidence) if held else evidence


def lately(state: WitnessState, at_ms: MonotonicMs) -> tuple[int, int, float]:
    """Return how many of the readings told are older than 6 s at a time, and the beats of the others and their sum."""
    horizon_ms, gone, told_n, told_ms = at_ms - WINDOW_MS, 0, state.told_n, state.told_ms
    for then_ms, beats, sum_ms in state.told:
        if then_ms > horizon_ms:
            break
        gone, told_n, told_ms = gone + 1, told_n - beats, told_ms - sum_ms
    # Sums of fractions that come and go would wander off; of nothing they are nothing.
    return (gone, told_n, told_ms) if told_n else (gone, 0, 0.0)


def _agree(beats_bpm: float, hr_bpm: float) -> bool:
    return abs(beats_bpm - hr_bpm) <= APART_SHARE * hr_bpm


def _stays(state: WitnessState, hr_bpm: float) -> bool:
    return state.level_bpm is not None and abs(hr_bpm - state.level_bpm) <= STEP_BPM


def _gives_in(held: tuple[Evidence, ...], evidence: tuple[Evidence, ...]) -> bool:
    """Return whether rates have waited long enough: a steady one 30 s, any other two minutes."""
    if not held:
        return False
    at_ms, steady = evidence[-1].at_ms, _near(held, evidence[0].value)
    is_steady = bool(steady) and at_ms - steady[0].at_ms >= STEADY_MS
    return is_steady or at_ms - held[0].at_ms >= GIVE_IN_MS


def _is_between(hr_bpm: float, level_bpm: float, beats_bpm: float) -> bool:
    """Return whether a rate is on its way from the level to what the beats say, and not past it."""
    low, high = min(level_bpm, beats_bpm), max(level_bpm, beats_bpm)
    return low - STEP_BPM <= hr_bpm <= high + STEP_BPM


def _near(held: tuple[Evidence, ...], value: float) -> tuple[Evidence, ...]:
    """Return those that waited last and lead up to a value, each near the next."""
    begin = len(held)
    while begin and abs(held[begin - 1].value - value) <= STEP_BPM:
        begin -= 1
        value = held[begin].value
    return held[begin:]
