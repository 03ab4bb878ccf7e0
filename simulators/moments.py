"""Moments: what the sensors of one person measure, moment by moment, made by a model or read from a recording. Pure."""

from collections.abc import Iterator
from random import Random
from typing import Final

from msgspec import Struct

from simulators.beats import Beat, StrapAverage, StrapSample, samples_from_beats
from simulators.person import Effort, Person, at_rest, next_rr_ms, step
from simulators.scenario import Scenario, Trouble, effort_at, troubles_at
from simulators.sensors.samples import OximeterSample, WorkSample
from vitals.recordings import Series

TOP_SPEED_KMH: Final = 6.5
TOP_INCLINE_PCT: Final = 6.0
TOP_POWER_W: Final = 140
TOP_CADENCE_PER_MIN: Final = 70
"""What the simulated people can do at most: round figures of a rehabilitation class, chosen, not fitted."""


class Moment(Struct, frozen=True, kw_only=True):
    """What one person's sensors say at ``at_s`` seconds from the start; ``in_range``: a gateway can hear them."""

    at_s: float
    strap: StrapSample | None = None
    oximeter: OximeterSample | None = None
    work: WorkSample | None = None
    in_range: bool = True


class Recording(Struct, frozen=True, kw_only=True):
    """One recorded person: the samples of a strap and of an oximeter, each in order of time."""

    id: str
    strap: tuple[StrapSample, ...] = ()
    oximeter: tuple[OximeterSample, ...] = ()


def simulated_moments(
    person: Person, scenario: Scenario, index: int, random: Random, *, with_oximeter: bool, with_machine: bool = False
) -> Iterator[Moment]:
    """Yield a moment each second, for ever. ``index``: the person's place in the scenario."""
    vitals, average = at_rest(person), StrapAverage()
    coming, second, distance_m = Beat(0.0, 0.0), 0, 0.0
    while True:
        second += 1
        effort = effort_at(scenario, index, second)
        troubles = troubles_at(scenario, index, second)
        vitals = step(person, vitals, effort, dt_s=1.0)
        while coming.at_s <= second:
            # The first has no interval before it, and the average takes none of it.
            if coming.rr_ms:
                average.beat(coming)
            rr_ms = next_rr_ms(person, vitals, random, at_s=coming.at_s)
            coming = Beat(coming.at_s + rr_ms / 1000, rr_ms)
        sample = average.sample(float(second))
        if Trouble.OFF_SKIN in troubles:
            sample = StrapSample(at_s=float(second), hr_bpm=None, contact=False)
        oximeter = None
        if with_oximeter:
            oximeter = OximeterSample(
                at_s=float(second),
                spo2_pct=round(vitals.spo2_pct),
                pulse_bpm=round(vitals.hr_bpm + random.gauss(0, 1)),
                perfusion_pct=round(random.uniform(2.5, 6.0), 1),
            )
        work = None
        if with_machine:
            work = work_at(effort, second, distance_m)
            distance_m += work.speed_kmh / 3.6
        # The machine stays where it is when the person walks out; it is not told apart here, a class has few of them.
        in_range = Trouble.OUT_OF_RANGE not in troubles
        yield Moment(at_s=float(second), strap=sample, oximeter=oximeter, work=work, in_range=in_range)


def work_at(effort: Effort, second: int, distance_m: float) -> WorkSample:
    """Return the work that an effort is on a machine: a walk of 6.5 km/h or 140 W at full effort, and their like."""
    return WorkSample(
        at_s=float(second),
        speed_kmh=round(TOP_SPEED_KMH * effort.intensity, 1),
        incline_pct=round(TOP_INCLINE_PCT * effort.intensity, 1),
        power_w=round(TOP_POWER_W * effort.intensity),
        cadence_per_min=round(TOP_CADENCE_PER_MIN * min(1.0, effort.intensity * 1.5)),
        distance_m=distance_m,
        elapsed_s=second,
    )


def recorded_moments(recording: Recording) -> Iterator[Moment]:
    """Yield the moments of a recording in order of time."""
    strap = [Moment(at_s=sample.at_s, strap=sample) for sample in recording.strap]
    oximeter = [Moment(at_s=sample.at_s, oximeter=sample) for sample in recording.oximeter]
    yield from sorted(strap + oximeter, key=lambda moment: moment.at_s)


def read_recording(
    recording_id: str, series: Series | None, beats: Series | None, *, oximeter: int | None = None
) -> Recording:
    """Return what sensors would have sent for a recording's files.

    HR: the column ``hr_bpm`` when the recording has one, else the rounded mean of the RR intervals of the last 5 s; RR
    intervals as they end. SpO2: ``spo2_pct``, or the column ``spo2_devN`` of the chosen oximeter.

    Args:
        recording_id: its id.
        series: ``ID.csv``, if any.
        beats: ``ID.rr.csv``, if any.
        oximeter: N of ``spo2_devN``; None takes the first one.
    """
    columns = series.columns if series is not None else ()
    strap: tuple[StrapSample, ...] = ()
    if series is not None and "hr_bpm" in columns:
        strap = _strap_from_series(series, beats)
    elif beats is not None:
        pairs = [Beat(row.at_s, row.values["rr_ms"]) for row in beats.rows if "rr_ms" in row.values]
        strap = tuple(samples_from_beats(pairs))
    return Recording(
        id=recording_id, strap=strap, oximeter=_oximeter_samples(series, oximeter) if series is not None else ()
    )


def _strap_from_series(series: Series, beats: Series | None) -> tuple[StrapSample, ...]:
    waiting = [Beat(row.at_s, row.values["rr_ms"]) for row in beats.rows if "rr_ms" in row.values] if beats else []
    average, samples, index = StrapAverage(), [], 0
    for row in series.rows:
        while index < len(waiting) and waiting[index].at_s <= row.at_s:
            average.beat(waiting[index])
            index += 1
        hr = row.values.get("hr_bpm")
        ticks = average.sample(row.at_s).rr_ticks
        if hr is not None or ticks:
            rate = round(hr) if hr else None
            samples.append(StrapSample(at_s=row.at_s, hr_bpm=rate, rr_ticks=ticks, contact=rate is not None))
    return tuple(samples)


def _oximeter_samples(series: Series, number: int | None) -> tuple[OximeterSample, ...]:
    devices = [column.removeprefix("spo2_") for column in series.columns if column.startswith("spo2_")]
    wanted = f"dev{number}" if number is not None else (devices[0] if devices else "")
    if wanted not in devices:
        return ()
    return tuple(
        OximeterSample(
            at_s=row.at_s,
            spo2_pct=row.values.get(f"spo2_{wanted}"),
            pulse_bpm=row.values.get(f"pulse_{wanted}", row.values.get("pulse_bpm")),
            perfusion_pct=row.values.get(f"pi_{wanted}"),
            finger=f"spo2_{wanted}" in row.values,
        )
        for row in series.rows
    )
