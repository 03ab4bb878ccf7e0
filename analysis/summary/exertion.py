"""What the heart, the blood and the legs did: figures of one person's part, from what counts alone.

The meter is the one that ran in class, fed once more; a number here and on the tablet are the same number.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final, Literal

import numpy as np
from msgspec import Struct

from analysis.core import pace
from analysis.core.exertion import meter
from analysis.core.exertion.heart_recovery import MEDIAN_MS, PEAK_WINDOW_MS, HeartRecovery, measure_recovery
from analysis.core.exertion.metabolic import energy_kcal_min, mets_of
from analysis.core.exertion.response import drift_of
from analysis.core.exertion.terms import Terms
from analysis.core.exertion.training_load import session_rpe_load
from analysis.core.hearing import MASS_KG
from analysis.history.samples import Times, Values
from analysis.summary.evidence import Signal
from analysis.summary.part import Part
from analysis.summary.timetable import LimitSpan, PhaseSpan, entries_in_force
from vitals.alarms import RuleId
from vitals.entries import SessionRpe
from vitals.readings import WorkloadReading
from vitals.sessions import Phase, RosterEntry
from vitals.units import MonotonicMs

WORK_HOLD_MS: Final = 5_000
"""Work between two statements of a machine counts when they are at most so far apart."""


NADIR_MS: Final = 20_000
"""On labelled simulation (36 people with moving hands) the lowest single value is 3.0 points off the truth, the lowest
median of 10 s 1.1, of 20 s 0.4; a fall that a rule judges lasts as long."""


SAME_END_MS: Final = 60_000
"""Staff press the button when they see that people stop, or tell them to: a bout that ends so near is the same one."""

AFTER_END_MS: Final = 123_000
"""Two minutes, and half a window of the second mark."""


class PhaseHeart(Struct, frozen=True, kw_only=True):
    """Mean and highest rate of a phase, bpm; None: nothing that counts."""

    phase: Phase
    mean_bpm: float | None
    peak_bpm: float | None


class Recovery(Struct, frozen=True, kw_only=True):
    """Of one bout: when it ended, and how far the rate had come down after one and two minutes, bpm; no verdict."""

    end_ms: int
    peak_bpm: float
    after_1_min_bpm: float | None
    after_2_min_bpm: float | None


class HeartFigures(Struct, frozen=True, kw_only=True):
    """Heart rates, bpm; None: nothing that counts.

    ``rest_bpm``: median of the rest phase before training; ``prescribed_rest_bpm``, ``prescribed_peak_bpm``: what the
    class was reckoned with. ``peak_bpm``: the highest median of 5 s. Seconds below, in and above the zone as the class
    saw them, None: there was none; ``above_limit_s``: above the upper limit.
    """

    rest_bpm: float | None
    mean_bpm: float | None
    peak_bpm: float | None
    peak_ms: int | None
    peak_hrr_pct: float | None
    prescribed_rest_bpm: int | None
    prescribed_peak_bpm: int | None
    peak_is_estimate: bool
    zone_low_bpm: int | None
    zone_high_bpm: int | None
    valid_s: int
    below_s: int | None
    in_s: int | None
    above_s: int | None
    above_limit_s: int
    phases: tuple[PhaseHeart, ...]
    recoveries: tuple[Recovery, ...]


class SaturationFigures(Struct, frozen=True, kw_only=True):
    """SpO2, %: median at rest, mean; seconds below the limit that held then.

    ``nadir_pct``: the lowest median of 20 s, ``nadir_ms``: where that begins; a dip of a moving hand is nobody's nadir.
    """

    rest_pct: float | None
    baseline_pct: float | None
    mean_pct: float
    nadir_pct: float
    nadir_ms: int
    limit_pct: float | None
    below_limit_s: int


class WorkFigures(Struct, frozen=True, kw_only=True):
    """Work as machines told it, and METs by ACSM's equations where one holds; means are over time.

    ``seconds``: of all work. METs and energy are of the time in which METs are known: slow walking has none.
    """

    seconds: int
    met_mean: float | None
    met_peak: float | None
    met_min: float | None
    energy_kcal: float | None
    power_mean_w: float | None
    power_peak_w: float | None
    speed_mean_kmh: float | None
    speed_peak_kmh: float | None
    drift_pct: float | None = None
    """Cardiac drift over the last stretch of constant work of six minutes or more; None: there was none."""


class LoadFigures(Struct, frozen=True, kw_only=True):
    """Training load: Banister's and Edwards' from the heart, Foster's from what was said at the end."""

    banister: float | None
    edwards: float | None
    session_rpe: float | None


class Exerted(Struct, frozen=True, kw_only=True):
    """All figures of exertion."""

    heart: HeartFigures
    saturation: SaturationFigures | None
    work: WorkFigures | None
    load: LoadFigures


def measure(
    part: Part, rates: Signal, saturations: Signal, *, phases: Sequence[PhaseSpan], limits: Sequence[LimitSpan]
) -> Exerted:
    """Return the figures of a part; the signals are without what was marked."""
    ran = _run_meter(part, rates)
    newest = next((entry for *_, entry, _ in reversed(entries_in_force(part))), None)
    has_peak = newest is not None and newest.peak_hr_bpm is not None
    return Exerted(
        heart=_heart(newest, rates, ran, phases=phases, limits=limits),
        saturation=_saturation(newest, saturations, phases=phases, limits=limits),
        work=_work(part, newest, rates),
        load=LoadFigures(
            banister=round(ran.banister, 1) if has_peak and newest is not None and newest.rest_hr_bpm else None,
            edwards=round(ran.edwards, 1) if has_peak else None,
            session_rpe=_session_load(part),
        ),
    )


def _run_meter(part: Part, rates: Signal) -> meter.Meter:
    """Return the meter of the class after the last rate; the roster of each moment decides."""
    ran = meter.Meter()
    spans = [(from_ms, to_ms, Terms(entry)) for from_ms, to_ms, entry, _ in entries_in_force(part)]
    place = 0
    for at_ms, bpm in zip(rates.at_ms.tolist(), rates.value.tolist(), strict=True):
        while place < len(spans) and spans[place][1] <= at_ms:
            place += 1
        if place == len(spans):
            break
        if spans[place][0] <= at_ms:
            meter.hear_rate(ran, spans[place][2], bpm, MonotonicMs(at_ms))
    return ran


def _heart(
    entry: RosterEntry | None,
    rates: Signal,
    ran: meter.Meter,
    *,
    phases: Sequence[PhaseSpan],
    limits: Sequence[LimitSpan],
) -> HeartFigures:
    top = _peak(rates.at_ms, rates.value)
    rest, peak = (None, None) if entry is None else (entry.rest_hr_bpm, entry.peak_hr_bpm)
    reserve = peak - rest if rest is not None and peak is not None and peak > rest else None
    has_zone = entry is not None and entry.zone_low_bpm is not None and entry.zone_high_bpm is not None
    has_zone = has_zone or ran.below_ms + ran.in_ms + ran.above_ms > 0
    return HeartFigures(
        rest_bpm=_at_rest(rates, phases),
        mean_bpm=_mean(rates.value),
        peak_bpm=None if top is None else top[1],
        peak_ms=None if top is None else top[0],
        peak_hrr_pct=None
        if top is None or reserve is None or rest is None
        else round((top[1] - rest) / reserve * 100, 1),
        prescribed_rest_bpm=rest,
        prescribed_peak_bpm=peak,
        peak_is_estimate=entry is not None and entry.peak_is_estimate,
        zone_low_bpm=None if entry is None else entry.zone_low_bpm,
        zone_high_bpm=None if entry is None else entry.zone_high_bpm,
        valid_s=round(ran.valid_ms / 1000),
        below_s=round(ran.below_ms / 1000) if has_zone else None,
        in_s=round(ran.in_ms / 1000) if has_zone else None,
        above_s=round(ran.above_ms / 1000) if has_zone else None,
        above_limit_s=round(_beyond_ms(rates, limits, RuleId.HR_OVER, sign=1) / 1000),
        phases=tuple(_phase_heart(phase, rates, phases) for phase in dict.fromkeys(span.phase for span in phases)),
        recoveries=tuple(map(_recovery, _recoveries(ran, rates, phases))),
    )


def _recoveries(ran: meter.Meter, rates: Signal, phases: Sequence[PhaseSpan]) -> list[HeartRecovery]:
    """Return the recoveries after the bouts that the meter found, and after the training that staff ended, by time.

    A bout is found only where rest and peak are known and the effort was long; that staff ended the training needs
    neither. Where a bout ended about then, its own end counts.
    """
    found = [*ran.recoveries, *ran.waiting]
    ended_ms = max((span.to_ms for span in phases[:-1] if span.phase is Phase.TRAINING), default=None)
    if ended_ms is None or any(abs(one.end_ms - ended_ms) <= SAME_END_MS for one in found):
        return found
    near = (rates.at_ms >= ended_ms - PEAK_WINDOW_MS) & (rates.at_ms <= ended_ms + AFTER_END_MS)
    samples = [
        (MonotonicMs(at_ms), bpm)
        for at_ms, bpm in zip(rates.at_ms[near].tolist(), rates.value[near].tolist(), strict=True)
    ]
    measured = measure_recovery(samples, end_ms=MonotonicMs(ended_ms))
    if measured is None or measured.after_1_min_bpm is None:
        return found
    return sorted([*found, measured], key=lambda one: one.end_ms)


def _recovery(one: HeartRecovery) -> Recovery:
    return Recovery(
        end_ms=one.end_ms,
        peak_bpm=one.peak_bpm,
        after_1_min_bpm=one.after_1_min_bpm,
        after_2_min_bpm=one.after_2_min_bpm,
    )


def _phase_heart(phase: Phase, rates: Signal, phases: Sequence[PhaseSpan]) -> PhaseHeart:
    inside = _in_phase(rates.at_ms, phase, phases)
    top = _peak(rates.at_ms[inside], rates.value[inside])
    return PhaseHeart(phase=phase, mean_bpm=_mean(rates.value[inside]), peak_bpm=None if top is None else top[1])


def _saturation(
    entry: RosterEntry | None, signal: Signal, *, phases: Sequence[PhaseSpan], limits: Sequence[LimitSpan]
) -> SaturationFigures | None:
    mean = _mean(signal.value)
    if mean is None:
        return None
    nadir_ms, nadir_pct = _nadir(signal)
    low = [limit for limit in limits if limit.rule is RuleId.SPO2_LOW]
    return SaturationFigures(
        rest_pct=_at_rest(signal, phases),
        baseline_pct=None if entry is None else entry.spo2_baseline_pct,
        mean_pct=mean,
        nadir_pct=nadir_pct,
        nadir_ms=nadir_ms,
        limit_pct=low[-1].value if low else None,
        below_limit_s=round(_beyond_ms(signal, limits, RuleId.SPO2_LOW, sign=-1) / 1000),
    )


def _work(part: Part, entry: RosterEntry | None, rates: Signal) -> WorkFigures | None:
    mass_kg = None if entry is None else entry.mass_kg
    told = [(one.at_ms, one.reading) for one in part.said if isinstance(one.reading, WorkloadReading)]
    if not told:
        return None
    ran = meter.Meter()
    known_ms: list[int] = []
    for at_ms, reading in told:
        met = mets_of(reading, mass_kg=mass_kg)
        if met is not None:
            meter.hear_work(ran, met=met, at_ms=MonotonicMs(at_ms + 1))  # 0 is "never" there
            known_ms.append(at_ms)
    at = np.array([at_ms for at_ms, _ in told], np.int64)
    lasts = np.append(np.diff(at), 0)
    lasts[lasts > WORK_HOLD_MS] = 0
    minutes = float(lasts.sum()) / 60_000
    power, speed = (_over_time([getattr(one, name) for _, one in told], lasts) for name in ("power_w", "speed_kmh"))
    has_met = ran.work_met is not None
    met_minutes = sum(gap for gap in map(int, np.diff(known_ms)) if gap <= meter.WORK_AGE_MS_MAX) / 60_000
    met_mean = ran.met_min / met_minutes if met_minutes else None
    return WorkFigures(
        seconds=round(minutes * 60),
        met_mean=None if met_mean is None else round(met_mean, 1),
        met_peak=round(ran.met_peak, 1) if has_met else None,
        met_min=round(ran.met_min, 1) if has_met else None,
        energy_kcal=None
        if met_mean is None or mass_kg is None
        else round(energy_kcal_min(met_mean, mass_kg) * met_minutes, 0),
        power_mean_w=power[0],
        power_peak_w=power[1],
        speed_mean_kmh=speed[0],
        speed_peak_kmh=speed[1],
        drift_pct=_drift(told, rates, mass_kg=mass_kg),
    )


def _drift(told: Sequence[tuple[int, WorkloadReading]], rates: Signal, *, mass_kg: float | None) -> float | None:
    """Return the drift of the last stretch of constant work, found in the steps in which analysis finds it in class."""
    steps, found = pace.Pace(), None
    place = 0
    for at_ms, bpm in zip(rates.at_ms.tolist(), rates.value.tolist(), strict=True):
        while place < len(told) and told[place][0] <= at_ms:
            work_at_ms, work = told[place]
            own = mets_of(work, mass_kg=mass_kg)
            met = own if own is not None else mets_of(work, mass_kg=MASS_KG)
            if met is not None:
                pace.hear_work(steps, met, MonotonicMs(work_at_ms))
            place += 1
        if pace.hear_rate(steps, hr_bpm=bpm, at_ms=MonotonicMs(at_ms)):
            newest = drift_of(steps.rates_bpm, steps.works_met)
            found = found if newest is None else newest
    return None if found is None else round(found, 1)


def _over_time(values: list[float | None], lasts: Times) -> tuple[float | None, float | None]:
    """Return mean over time and highest value of what was told."""
    known = np.array([value is not None for value in values], np.bool_)
    if not known.any():
        return None, None
    numbers = np.array([value or 0.0 for value in values], np.float64)[known]
    weights = lasts[known]
    mean = float(np.average(numbers, weights=weights)) if weights.sum() else float(numbers.mean())
    return round(mean, 1), round(float(numbers.max()), 1)


def _session_load(part: Part) -> float | None:
    said = [entry.body.rpe_cr10 for entry in part.entries if isinstance(entry.body, SessionRpe) and entry.participant]
    return round(session_rpe_load(rpe_cr10=said[-1], minutes=part.until_ms / 60_000), 1) if said else None


def _in_phase(at_ms: Times, phase: Phase, phases: Sequence[PhaseSpan]) -> np.typing.NDArray[np.bool_]:
    inside = np.zeros(len(at_ms), np.bool_)
    for span in phases:
        if span.phase is phase:
            inside |= (at_ms >= span.from_ms) & (at_ms < span.to_ms)
    return inside


def _at_rest(signal: Signal, phases: Sequence[PhaseSpan]) -> float | None:
    values = signal.value[_in_phase(signal.at_ms, Phase.REST, phases)]
    return round(float(median(values.tolist())), 1) if len(values) else None


def _mean(values: Values) -> float | None:
    return round(float(values.mean()), 1) if len(values) else None


def _peak(at_ms: Times, value: Values) -> tuple[int, float] | None:
    """Return when the highest median of 5 s begins, and the median."""
    if not len(at_ms):
        return None
    ends = np.searchsorted(at_ms, at_ms + MEDIAN_MS, side="left")
    best: tuple[int, float] | None = None
    # A window cannot beat the best when its highest value does not: few windows need their median.
    for begin, end in enumerate(ends.tolist()):
        window = value[begin:end]
        if (best is None or float(window.max()) > best[1]) and (best is None or float(np.median(window)) > best[1]):
            best = (int(at_ms[begin]), float(np.median(window)))
    return best


def _nadir(signal: Signal) -> tuple[int, float]:
    """Return when the lowest median of 20 s begins, and the median; of at least one value.

    A window that is not half full, by its own times, does not count, unless there is no other.
    """
    at_ms, value = signal.at_ms.tolist(), signal.value.tolist()
    ends = np.searchsorted(signal.at_ms, signal.at_ms + NADIR_MS, side="left").tolist()
    full = [begin for begin, end in enumerate(ends) if at_ms[end - 1] - at_ms[begin] >= NADIR_MS / 2]
    best: tuple[int, float] | None = None
    for begin in full or range(len(at_ms)):
        window = value[begin : ends[begin]]
        # As for the peak: a window cannot beat the best when its lowest value does not.
        if (best is None or min(window) < best[1]) and (best is None or median(window) < best[1]):
            best = (at_ms[begin], median(window))
    return best or (at_ms[0], value[0])


def _beyond_ms(signal: Signal, limits: Sequence[LimitSpan], rule: RuleId, *, sign: Literal[1, -1]) -> int:
    """Return for how long values were beyond a limit as it held then; a value speaks until the next, at most 5 s."""
    lasts = np.append(np.diff(signal.at_ms), 0)
    lasts[lasts > meter.HOLE_MS] = 0
    total = 0
    for limit in limits:
        if limit.rule is rule:
            inside = (signal.at_ms >= limit.from_ms) & (signal.at_ms < limit.to_ms)
            total += int(lasts[inside & (sign * (signal.value - limit.value) > 0)].sum())
    return total
