"""What a chest strap makes of the truth: the mean rate of 5 s and the beats, with the faults that real straps have."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulators.trial.dice import Dice, Floats
from simulators.trial.parameters import Parameters, Range, StrapFaults
from simulators.trial.truth import Truth

_MARGIN_S: Final = 60
_DRY_BLOCK_S: Final = 10


class StrapRecord(Struct, frozen=True, kw_only=True):
    """One reading a second for each person, (people, seconds); NaN where the strap sends 0.

    ``off_skin``: the strap says so. ``heard``: False while the radio link is down. ``rr_ms`` and ``rr_s``: for each
    person the intervals and the second in whose reading each is told.
    """

    hr_bpm: Floats
    off_skin: NDArray[np.bool_]
    heard: NDArray[np.bool_]
    tells_contact: NDArray[np.bool_]
    rr_ms: tuple[Floats, ...]
    rr_s: tuple[NDArray[np.int64], ...]


def make_strap_record(parameters: Parameters, truth: Truth, *, seed: int) -> StrapRecord:
    """Return what the straps of a seed say."""
    faults, dice = parameters.strap, Dice(seed=seed, concern=3)
    seconds = parameters.duration_s
    hr = _average(truth.hr_bpm, window_s=faults.averaging_s)
    off_skin = np.zeros(hr.shape, np.bool_)
    heard = np.ones(hr.shape, np.bool_)
    tells = np.zeros(parameters.people, np.bool_)
    intervals, places = [], []
    for person in range(parameters.people):
        tells[person] = dice.happens(faults.tells_contact_share)
        rr_ms, rr_s = _beats(faults, dice, truth.hr_bpm[person])
        junk = np.zeros(seconds, np.bool_)
        silent = np.zeros(seconds, np.bool_)
        _burst(faults, dice, hr[person], junk, truth.hr_bpm[person])
        _start_dry(faults, dice, hr[person], junk)
        _lose_contact(faults, dice, hr[person], off_skin=off_skin[person], junk=junk, silent=silent)
        for _ in range(dice.count(faults.spikes)):
            second, _length = _place(dice, seconds, Range(1, 2))
            hr[person, second] = dice.one(faults.spike_bpm)
        for _ in range(dice.count(faults.dropouts)):
            begins, length = _place(dice, seconds, faults.dropout_s)
            heard[person, begins : begins + length] = False
        rr_ms = _spoil(dice, rr_ms, junk[rr_s])
        told = ~silent[rr_s]
        intervals.append(rr_ms[told])
        places.append(rr_s[told])
    hr = np.rint(np.clip(hr, 25, 300))
    hr[off_skin] = np.nan
    return StrapRecord(
        hr_bpm=hr, off_skin=off_skin, heard=heard, tells_contact=tells, rr_ms=tuple(intervals), rr_s=tuple(places)
    )


def _beats(faults: StrapFaults, dice: Dice, hr_bpm: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return the intervals of a person and the second in which each ends."""
    seconds = len(hr_bpm)
    phase = np.concatenate(([0.0], np.cumsum(hr_bpm / 60)))
    ends_s = np.interp(np.arange(int(phase[-1])), phase, np.arange(seconds + 1))
    ends_s = ends_s + dice.normal(0, dice.one(faults.rr_noise_ms) / 1000 / np.sqrt(2), len(ends_s))
    ends_s = np.maximum.accumulate(ends_s)
    rr_ms = np.maximum(250.0, np.diff(ends_s) * 1000)
    return rr_ms, np.clip(np.ceil(ends_s[1:]).astype(np.int64), 0, seconds - 1)


def _burst(faults: StrapFaults, dice: Dice, hr: Floats, junk: NDArray[np.bool_], truth_bpm: Floats) -> None:
    for _ in range(dice.count(faults.bursts)):
        begins, beats = _place(dice, len(hr), faults.burst_beats)
        ends = begins + round(beats * 60 / truth_bpm[begins])
        junk[begins:ends] = True
        if dice.happens(faults.burst_rate_share):
            hr[begins : ends + faults.averaging_s] += dice.one(faults.burst_rate_error_bpm)


def _start_dry(faults: StrapFaults, dice: Dice, hr: Floats, junk: NDArray[np.bool_]) -> None:
    if not dice.happens(faults.dry_share):
        return
    for begins in range(0, dice.whole(faults.dry_s), _DRY_BLOCK_S):
        if dice.happens(faults.dry_wrong_share):
            hr[begins : begins + _DRY_BLOCK_S] += dice.one(faults.burst_rate_error_bpm)
            junk[begins : begins + _DRY_BLOCK_S] = True


def _lose_contact(
    faults: StrapFaults,
    dice: Dice,
    hr: Floats,
    *,
    off_skin: NDArray[np.bool_],
    junk: NDArray[np.bool_],
    silent: NDArray[np.bool_],
) -> None:
    for _ in range(dice.count(faults.losses)):
        begins, length = _place(dice, len(hr), faults.loss_s)
        ends = min(begins + length, len(hr))
        way = dice.whole(Range(0, 3))
        if way == 0:
            off_skin[begins:ends] = True
            silent[begins:ends] = True
        elif way == 1:
            hr[begins:ends] = hr[begins]
            silent[begins:ends] = True
        else:
            junk[begins:ends] = True
            second = begins
            while second < ends:
                held = dice.whole(faults.wild_hold_s)
                hr[second : min(second + held, ends)] = dice.one(faults.wild_bpm)
                second += held


def _spoil(dice: Dice, rr_ms: Floats, junk: NDArray[np.bool_]) -> Floats:
    """Return the intervals with those of a burst split, doubled, or replaced by electronics."""
    ways = dice.spread(Range(0, 3), len(rr_ms))
    spoiled = np.where(ways < 1, rr_ms / 2, np.where(ways < 2, rr_ms * 2, 240 + rr_ms / 10))  # noqa: PLR2004 - ways
    return np.where(junk, spoiled, rr_ms)


def _place(dice: Dice, duration_s: int, length: Range) -> tuple[int, int]:
    return dice.whole(Range(10, duration_s - _MARGIN_S)), dice.whole(length)


def _average(values: Floats, *, window_s: int) -> Floats:
    """Return the mean of the last seconds; of fewer at the start."""
    sums = np.cumsum(values, axis=1)
    sums[:, window_s:] = sums[:, window_s:] - sums[:, :-window_s]
    return sums / np.minimum(np.arange(1, values.shape[1] + 1), window_s)
