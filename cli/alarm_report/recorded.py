"""Recordings of real people, judged: what the rules make of four oximeters on one finger, of straps, of Holters.

Nobody labelled these, so nothing here is a sensitivity. What can be said: how far devices differ on one person, and
whether an alarm stands on more than a spike, junk beats or a lost contact.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from analysis.core.limits import CRITICAL_RISE_BPM, resolve_limits
from analysis.history.history import History, Said
from analysis.history.past_alarm import PastAlarm
from analysis.history.samples import Samples, side_by_side
from cli.alarm_report.baselines import find_sat_seconds, find_threshold, to_stretches
from cli.alarm_report.delivered import play
from cli.backtest.recorded import group_files, load, to_history
from simulators.moments import Recording
from vitals.alarms import Operator, RuleId
from vitals.participants import ParticipantId, Prescription
from vitals.readings import HeartRateReading, OximeterReading
from vitals.sessions import Phase, RosterEntry

OXIMETERS: Final = {1: "Datex 3900P", 2: "Nellcor N-600X", 4: "Nellcor N-600X", 5: "Masimo Radical-7"}
"""The devices of the hypoxia recordings; the order within the two Nellcors is as in the source."""

UPPER_PERCENTILE: Final = 90
"""The limit of a recording is this percentile of its own heart rate: most people in them are young and fit."""

HR_RULES: Final = (RuleId.HR_OVER, RuleId.HR_CRIT, RuleId.HR_LOW, RuleId.HR_DROP)

SPIKE_BPM: Final = 250
SPIKE_EVERY_S: Final = 60
BURST_EVERY_S: Final = 150
BURST_S: Final = 10
MOVED_MS: Final = 15_000


class Desaturation(Struct, frozen=True, kw_only=True):
    """One oximeter on one person: when each alarm began, s from the start; counts of the simple alarms."""

    recording: str
    oximeter: int
    low_onset_s: tuple[float, ...]
    crit_onset_s: tuple[float, ...]
    at_once: int
    at_once_onset_s: float | None
    sat_seconds: int
    sat_seconds_onset_s: float | None


class StrapRecording(Struct, frozen=True, kw_only=True):
    """One strap or watch while somebody exercised.

    ``unsupported``: HR alarms that stand on a spike, junk beats or a lost contact (`is_supported`). ``in_loss``: alarms
    that began where the rate was missing. ``new`` and ``gone``: alarms that came, and that went or moved by more than
    15 s, when spikes and bursts of junk RR were planted into the recording.
    """

    recording: str
    hours: float
    limit_bpm: int
    over_at_once: int
    alarms: dict[str, int]
    unsupported: int
    in_loss: int
    new: int
    gone: int


class Holter(Struct, frozen=True, kw_only=True):
    """One long recording of beats: a kind of heart, hours, alarms by rule, and the longest pause of beats in s.

    ``falls``: alarms of HR_DROP, which is not judged at rest, if the same beats came in training;
    ``falls_unsupported`` of them.
    """

    recording: str
    hours: float
    limit_bpm: int
    alarms: dict[str, int]
    unsupported: int
    longest_pause_s: float
    falls: int
    falls_unsupported: int


class Recorded(Struct, frozen=True, kw_only=True):
    """All recordings of a folder, by what they are good for."""

    desaturations: tuple[Desaturation, ...]
    straps: tuple[StrapRecording, ...]
    atrial: tuple[Holter, ...]
    lead_off: tuple[Holter, ...]


def judge_recorded(folder: Path) -> Recorded:
    """Return what the rules make of the recordings in a folder; kinds that are not in it are empty."""
    groups = group_files(sorted(folder.glob("*.csv")))

    def of(*prefixes: str) -> list[tuple[str, list[Path]]]:
        return [(name, files) for name, files in groups.items() if name.startswith(prefixes)]

    return Recorded(
        desaturations=tuple(
            judge_oximeter(name, files, number) for name, files in of("hypox_") for number in OXIMETERS
        ),
        straps=tuple(judge_strap(name, files) for name, files in of("fit_", "gudb_")),
        atrial=tuple(judge_holter(name, files) for name, files in of("afdb_")),
        lead_off=tuple(judge_holter(name, files) for name, files in of("chf", "nsr")),
    )


def judge_oximeter(name: str, files: Sequence[Path], number: int) -> Desaturation:
    """Return what one of the oximeters of a person leads to, with the default limits 88 and 85."""
    history = _history(_load(name, files, number), Prescription(), phase=Phase.REST)
    alarms = play(history)
    values = side_by_side(
        [
            [
                (said.at_ms, said.reading.spo2_pct)
                for said in history.said
                if isinstance(said.reading, OximeterReading) and said.reading.spo2_pct is not None
            ]
        ]
    )
    at_once = to_stretches(find_threshold(values, 88.0, op=Operator.BELOW))
    integral = find_sat_seconds(values, 88.0, sat_s=50)
    return Desaturation(
        recording=name,
        oximeter=number,
        low_onset_s=_onsets(alarms, RuleId.SPO2_LOW),
        crit_onset_s=_onsets(alarms, RuleId.SPO2_CRIT),
        at_once=len(at_once),
        at_once_onset_s=at_once[0].onset_s if at_once else None,
        sat_seconds=len(integral),
        sat_seconds_onset_s=integral[0].onset_s if integral else None,
    )


def judge_strap(name: str, files: Sequence[Path]) -> StrapRecording:
    """Return what a strap's recording leads to, as it is and with artefacts planted into it."""
    recording = _load(name, files, None)
    limit = _upper_limit(recording)
    prescription = Prescription(hr_upper_bpm=limit, exercise_test=True)
    history = _history(recording, prescription, phase=Phase.TRAINING)
    alarms = [alarm for alarm in play(history) if alarm.rule in HR_RULES]
    planted = [alarm for alarm in play(plant(history)) if alarm.rule in HR_RULES]
    rates = _rates(history)
    return StrapRecording(
        recording=name,
        hours=history.duration_s / 3600,
        limit_bpm=limit,
        over_at_once=len(find_threshold(rates, float(limit), op=Operator.ABOVE).history),
        alarms=_counts(alarms),
        unsupported=sum(not is_supported(alarm, history, limit) for alarm in alarms),
        in_loss=sum(not _has_rate(alarm, rates) for alarm in alarms),
        new=_lonely(planted, alarms),
        gone=_lonely(alarms, planted),
    )


def judge_holter(name: str, files: Sequence[Path]) -> Holter:
    """Return what a recording of beats leads to, at rest, with the 98th percentile of its own rate as limit."""
    recording = _load(name, files, None)
    limit = _upper_limit(recording, percentile=98)
    prescription = Prescription(hr_upper_bpm=limit, exercise_test=True)
    history = _history(recording, prescription, phase=Phase.REST)
    alarms = play(history)
    trained = play(_history(recording, prescription, phase=Phase.TRAINING))
    falls = [alarm for alarm in trained if alarm.rule is RuleId.HR_DROP]
    rates = _rates(history)
    pauses = np.diff(rates.at_ms)
    return Holter(
        recording=name,
        hours=history.duration_s / 3600,
        limit_bpm=limit,
        alarms=_counts(alarms),
        unsupported=sum(not is_supported(alarm, history, limit) for alarm in alarms if alarm.rule in HR_RULES),
        longest_pause_s=float(pauses.max()) / 1000 if len(pauses) else 0.0,
        falls=len(falls),
        falls_unsupported=sum(not is_supported(alarm, history, limit) for alarm in falls),
    )


def plant(history: History) -> History:
    """Return a history with a lone spike each minute and, between, bursts of split and doubled RR.

    What was planted is what real straps do: one sample of 250 bpm; 10 s of RR that are half, double or 280 ms, with
    the rate left as it was.
    """
    said, next_spike_ms = [], SPIKE_EVERY_S * 1000
    for one in history.said:
        reading = one.reading
        if isinstance(reading, HeartRateReading) and reading.hr_bpm is not None:
            if one.at_ms >= next_spike_ms:
                next_spike_ms = one.at_ms + SPIKE_EVERY_S * 1000
                reading = replace(reading, hr_bpm=SPIKE_BPM)
            elif one.at_ms // 1000 % BURST_EVERY_S >= BURST_EVERY_S - BURST_S and reading.rr_ms:
                reading = replace(reading, rr_ms=tuple(_spoiled(reading.rr_ms, one.at_ms)))
        said.append(Said(one.at_ms, reading))
    return replace(history, said=tuple(said))


def is_supported(alarm: PastAlarm, history: History, limit_bpm: float) -> bool:
    """Return whether an HR alarm stands on more than a spike, junk beats or a lost contact.

    From a second before the hold to 3 s after it, the median rate must be beyond the limit of the rule; and where the
    recording has beats, there must be some, and the rate that their median makes must be beyond it too, less 5 %. An
    HR_DROP is supported when the median rates before and after it differ by 20 bpm or more.
    """
    begins_ms, ends_ms = alarm.breach_ms - 1000, alarm.onset_ms + 3000
    if alarm.rule is RuleId.HR_DROP:
        before = _median_rate(history, begins_ms - 25_000, begins_ms - 10_000)
        after = _median_rate(history, begins_ms, ends_ms + 7_000)
        return before is not None and after is not None and before - after >= 20  # noqa: PLR2004 - two thirds of 30
    rate = _median_rate(history, begins_ms, ends_ms)
    beats = _median_beat_rate(history, begins_ms, ends_ms)
    sources = [rate] if beats is None and not _tells_beats(history) else [rate, beats]
    if alarm.rule is RuleId.HR_LOW:
        lower = resolve_limits(Prescription(hr_upper_bpm=round(limit_bpm), exercise_test=True))
        floor = next(limit.value for limit in lower if limit.rule is RuleId.HR_LOW)
        return all(one is not None and one < floor * 1.05 for one in sources)
    limit = limit_bpm + CRITICAL_RISE_BPM if alarm.rule is RuleId.HR_CRIT else limit_bpm
    return all(one is not None and one > limit * 0.95 for one in sources) and rate is not None and rate > limit


def _median_rate(history: History, from_ms: float, to_ms: float) -> float | None:
    rates = [reading.hr_bpm for reading in _strap_readings(history, from_ms, to_ms) if reading.hr_bpm is not None]
    return float(median(rates)) if rates else None


def _median_beat_rate(history: History, from_ms: float, to_ms: float) -> float | None:
    intervals = [interval for reading in _strap_readings(history, from_ms, to_ms) for interval in reading.rr_ms]
    return 60_000 / median(intervals) if intervals else None


def _strap_readings(history: History, from_ms: float, to_ms: float) -> list[HeartRateReading]:
    first = bisect_left(history.said, from_ms, key=lambda one: one.at_ms)
    last = bisect_right(history.said, to_ms, key=lambda one: one.at_ms)
    return [one.reading for one in history.said[first:last] if isinstance(one.reading, HeartRateReading)]


def _tells_beats(history: History) -> bool:
    return any(isinstance(one.reading, HeartRateReading) and one.reading.rr_ms for one in history.said[:200])


def _spoiled(rr_ms: tuple[float, ...], at_ms: int) -> Iterable[float]:
    for number, interval in enumerate(rr_ms):
        way = (at_ms // 1000 + number) % 3
        yield interval / 2 if way == 0 else interval * 2 if way == 1 else 280.0


def _load(name: str, files: Sequence[Path], oximeter: int | None) -> Recording:
    loaded = load(name, files, oximeter=oximeter)
    if loaded.recording is None:
        raise ValueError(loaded.problem)
    return loaded.recording


def _history(recording: Recording, prescription: Prescription, *, phase: Phase) -> History:
    entry = RosterEntry(participant=ParticipantId(recording.id), seat=1, sensors=())
    return to_history(recording, limits=resolve_limits(prescription), entry=entry, phase=phase)


def _upper_limit(recording: Recording, *, percentile: float = UPPER_PERCENTILE) -> int:
    rates = [sample.hr_bpm for sample in recording.strap if sample.hr_bpm is not None]
    return round(float(np.percentile(rates, percentile)))


def _rates(history: History) -> Samples:
    return side_by_side(
        [
            [
                (said.at_ms, float(said.reading.hr_bpm))
                for said in history.said
                if isinstance(said.reading, HeartRateReading) and said.reading.hr_bpm is not None
            ]
        ]
    )


def _has_rate(alarm: PastAlarm, rates: Samples) -> bool:
    """Return whether the strap told a rate in the 2 s before the onset."""
    near = (rates.at_ms > alarm.onset_ms - 2000) & (rates.at_ms <= alarm.onset_ms)
    return bool(near.any())


def _onsets(alarms: Iterable[PastAlarm], rule: RuleId) -> tuple[float, ...]:
    return tuple(alarm.onset_ms / 1000 for alarm in alarms if alarm.rule is rule)


def _counts(alarms: Iterable[PastAlarm]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for alarm in alarms:
        counts[alarm.rule.value] = counts.get(alarm.rule.value, 0) + 1
    return dict(sorted(counts.items()))


def _lonely(alarms: Sequence[PastAlarm], others: Sequence[PastAlarm]) -> int:
    """Return how many alarms have no counterpart of the same rule within `MOVED_MS` among the others."""
    return sum(
        not any(one.rule is two.rule and abs(one.onset_ms - two.onset_ms) <= MOVED_MS for two in others)
        for one in alarms
    )
