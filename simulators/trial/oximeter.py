"""What an oximeter makes of the truth: averaged, rounded, dipping with motion, sometimes honest about it."""

from enum import IntEnum
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulators.trial.dice import Dice, Floats
from simulators.trial.parameters import OximeterFaults, Parameters, Range
from simulators.trial.truth import Truth
from vitals.readings import Quality, Reason

_MARGIN_S: Final = 60


class OximeterStatus(IntEnum):
    """What the device says of its value; the higher one wins."""

    FINE = 0
    POOR_SIGNAL = 1
    LOW_PERFUSION = 2
    EARLY_ESTIMATE = 3
    NO_VALUE = 4
    OFF_FINGER = 5


VERDICTS: Final = {
    OximeterStatus.FINE: (Quality.GOOD, None),
    OximeterStatus.POOR_SIGNAL: (Quality.QUESTIONABLE, Reason.POOR_SIGNAL),
    OximeterStatus.LOW_PERFUSION: (Quality.QUESTIONABLE, Reason.LOW_PERFUSION),
    OximeterStatus.EARLY_ESTIMATE: (Quality.QUESTIONABLE, Reason.EARLY_ESTIMATE),
    OximeterStatus.NO_VALUE: (Quality.UNUSABLE, Reason.NO_VALUE),
    OximeterStatus.OFF_FINGER: (Quality.UNUSABLE, Reason.OFF_SKIN),
}
"""Quality and reason as our codec says them for the device's status bits."""


class OximeterRecord(Struct, frozen=True, kw_only=True):
    """One reading a second for each person, (people, seconds); NaN where the device has no value.

    ``heard``: False while the radio link is down.
    """

    spo2_pct: Floats
    pulse_bpm: Floats
    perfusion_pct: Floats
    status: NDArray[np.uint8]
    heard: NDArray[np.bool_]


def make_oximeter_record(parameters: Parameters, truth: Truth, *, seed: int) -> OximeterRecord:
    """Return what the oximeters of a seed say."""
    faults, dice = parameters.oximeter, Dice(seed=seed, concern=2)
    raw = truth.spo2_pct.copy()
    pulse_error = np.zeros_like(raw)
    perfusion = np.empty_like(raw)
    status = np.zeros(raw.shape, np.uint8)
    heard = np.ones(raw.shape, np.bool_)
    for person in range(parameters.people):
        perfusion[person] = dice.one(faults.perfusion_pct)
        _move(faults, dice, raw[person], status[person], pulse_error[person])
        _chill(faults, dice, raw[person], status[person], perfusion[person])
        _slip(faults, dice, raw[person], status[person])
        for _ in range(dice.count(faults.dropouts)):
            begins, length = _place(dice, len(raw[person]), faults.dropout_s)
            heard[person, begins : begins + length] = False
    spo2 = _average(raw, window_s=faults.averaging_s)
    status[np.isnan(spo2) & (status < OximeterStatus.NO_VALUE)] = OximeterStatus.NO_VALUE
    spo2[status >= OximeterStatus.NO_VALUE] = np.nan
    noise = dice.normal(0, faults.pulse_error_bpm, raw.size).reshape(raw.shape)
    pulse = np.rint(np.clip(_average(truth.hr_bpm + pulse_error, window_s=faults.averaging_s) + noise, 25, 250))
    pulse[status >= OximeterStatus.NO_VALUE] = np.nan
    return OximeterRecord(
        spo2_pct=np.rint(spo2),
        pulse_bpm=pulse,
        perfusion_pct=np.round(perfusion, 1),
        status=status,
        heard=heard,
    )


def _move(faults: OximeterFaults, dice: Dice, raw: Floats, status: NDArray[np.uint8], pulse_error: Floats) -> None:
    for _ in range(dice.count(faults.dips)):
        begins, length = _place(dice, len(raw), faults.dip_s)
        raw[begins : begins + length] -= dice.one(faults.dip_depth_pct)
        if dice.happens(faults.dip_told_share):
            told = status[begins : begins + length + faults.dip_told_after_s]
            _raise_to(told, OximeterStatus.POOR_SIGNAL)
        if dice.happens(faults.dip_blind_share):
            raw[begins : begins + length] = np.nan
        if dice.happens(faults.dip_pulse_share):
            pulse_error[begins : begins + length] = dice.one(faults.dip_pulse_error_bpm)


def _chill(faults: OximeterFaults, dice: Dice, raw: Floats, status: NDArray[np.uint8], perfusion: Floats) -> None:
    for _ in range(dice.count(faults.cold_hands)):
        begins, length = _place(dice, len(raw), faults.cold_hands_s)
        raw[begins : begins + length] += dice.normal(*faults.cold_error_pct, 1)
        perfusion[begins : begins + length] = dice.one(faults.cold_perfusion_pct)
        if dice.happens(faults.cold_told_share):
            told = status[begins : begins + length]
            _raise_to(told, OximeterStatus.LOW_PERFUSION)


def _slip(faults: OximeterFaults, dice: Dice, raw: Floats, status: NDArray[np.uint8]) -> None:
    for _ in range(dice.count(faults.off_finger)):
        begins, length = _place(dice, len(raw), faults.off_finger_s)
        raw[begins : begins + length] = np.nan
        status[begins : begins + length] = OximeterStatus.OFF_FINGER
        settling = status[begins + length : begins + length + faults.settle_s]
        _raise_to(settling, OximeterStatus.EARLY_ESTIMATE)


def _raise_to(status: NDArray[np.uint8], least: OximeterStatus) -> None:
    """Note a status where the device does not say something worse already."""
    status[status < least] = least


def _place(dice: Dice, duration_s: int, length_s: Range) -> tuple[int, int]:
    """Return where something begins and for how long it lasts, in whole seconds."""
    return dice.whole(Range(10, duration_s - _MARGIN_S)), dice.whole(length_s)


def _average(raw: Floats, *, window_s: int) -> Floats:
    """Return the mean of what was measured in the last seconds; NaN where nothing was."""
    known = np.isfinite(raw)
    sums = np.cumsum(np.where(known, raw, 0.0), axis=1)
    counts = np.cumsum(known, axis=1)
    sums[:, window_s:] = sums[:, window_s:] - sums[:, :-window_s]
    counts[:, window_s:] = counts[:, window_s:] - counts[:, :-window_s]
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
