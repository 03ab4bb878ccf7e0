"""How fast other rules can be tried: all rules about values, over a thousand histories side by side."""

import time
from typing import Final

import numpy as np
from msgspec import Struct

from analysis.core.rules import Watch
from analysis.history.samples import Flags, Samples, Times, Values
from analysis.history.what_if import judge_all
from analysis.rule_set import DEFAULT
from simulators.trial.parameters import TRIAL
from simulators.trial.trial import Trial, make_trial
from vitals.alarms import RuleId
from vitals.sessions import Phase

HISTORIES: Final = 1_008
"""Six seeds of the trial, with 168 people each."""

_SEEDS: Final = range(101, 101 + HISTORIES // TRIAL.people)


class Tried(Struct, frozen=True, kw_only=True):
    """One try: CPU seconds, arrays to answers; ``rules`` is how many were judged, ``alarms`` what they found."""

    cpu_s: float
    histories: int
    seconds: int
    rules: int
    alarms: int

    @property
    def participant_s_per_cpu_s(self) -> float:
        """Seconds of one participant's class for one second of CPU."""
        return self.histories * self.seconds / self.cpu_s


def measure_what_if(*, seconds: float) -> list[Tried]:
    """Return tries that take about ``seconds`` of real time in all, at least one; making the people is not measured."""
    trials = [make_trial(TRIAL, seed=seed) for seed in _SEEDS]
    rates = _flat([trial.strap.hr_bpm for trial in trials], [trial.strap.heard for trial in trials])
    values = _flat([trial.oximeter.spo2_pct for trial in trials], [trial.oximeter.heard for trial in trials])
    limits = _limits(trials)
    tries: list[Tried] = []
    ends_s = time.perf_counter() + seconds
    while not tries or time.perf_counter() < ends_s:
        begun_s = time.process_time()
        # A new `Samples` each time: what it remembers of an earlier try is not for free.
        samples = {Watch.HR: Samples(*rates), Watch.SPO2: Samples(*values)}
        found = judge_all(DEFAULT, samples, limits, phase=Phase.TRAINING)
        tries.append(
            Tried(
                cpu_s=time.process_time() - begun_s,
                histories=HISTORIES,
                seconds=TRIAL.duration_s,
                rules=len(found),
                alarms=sum(len(stood.history) for stood in found.values()),
            )
        )
    return tries


def _flat(values: list[Values], heard: list[Flags]) -> tuple[Times, Values, Times]:
    """Return times, values and beginnings of what was heard, of all people of all trials."""
    whole = np.concatenate(values)
    known = np.concatenate(heard) & np.isfinite(whole)
    _people, seconds = np.nonzero(known)
    begins = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
    return seconds.astype(np.int64) * 1000, whole[known], begins.astype(np.int64)


def _limits(trials: list[Trial]) -> dict[RuleId, float | Values]:
    upper = np.concatenate([trial.truth.upper_bpm for trial in trials])
    return {
        RuleId.HR_OVER: upper,
        RuleId.HR_CRIT: upper + 10,
        RuleId.HR_LOW: np.concatenate([trial.truth.lower_bpm for trial in trials]),
        RuleId.ZONE_HIGH: upper - 5,
        RuleId.ZONE_LOW: upper - 40,
        RuleId.SPO2_LOW: 88.0,
        RuleId.SPO2_CRIT: 85.0,
        RuleId.SPO2_FALL: np.concatenate([trial.truth.baseline_pct for trial in trials]) - 4,
    }
