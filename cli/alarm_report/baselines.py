"""Simple alarms to compare with, on every value that a sensor gave, whatever it said of its quality.

A naive threshold; a threshold with a plain delay; SatSeconds (the integral of points under the limit over seconds).
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from analysis.core.rules import Leg, Rule, Watch
from analysis.history.samples import Samples, Values
from analysis.history.twin import STANDS, Stood, judge
from cli.alarm_report.score import Stretch
from simulators.trial.labels import EventKind
from simulators.trial.trial import Trial
from vitals.alarms import Family, Operator, Priority, RuleId

Baseline = Callable[[Trial], list[Stretch]]


def find_threshold(samples: Samples, limits: float | Values, *, op: Operator, hold_s: float = 0.0) -> Stood:
    """Return when a bare threshold stands: from ``hold_s`` in breach until the first value that is not."""
    rule = Rule(
        id=RuleId.HR_OVER,
        family=Family.PHYSIOLOGICAL,
        watch=Watch.HR,
        priority=Priority.MEDIUM,
        legs=(Leg(hold_s=hold_s),),
        op=op,
    )
    return judge(rule, samples, limits)


def find_sat_seconds(samples: Samples, limit_pct: float, *, sat_s: float) -> list[Stretch]:
    """Return when SatSeconds alarms: points under the limit times seconds add up to ``sat_s``; any value at it resets.

    One value a second is taken. The manual's worked example: 88, 88, 86, 86, 86 and six times 84 under 90 make 52.
    """
    depth = np.maximum(0.0, limit_pct - samples.value)
    total = np.concatenate(([0.0], np.cumsum(depth)))
    under = find_threshold(samples, limit_pct, op=Operator.BELOW)
    stretches = []
    for history, breach_ms, ended_ms in zip(
        under.history.tolist(), under.breach_ms.tolist(), under.ended_ms.tolist(), strict=True
    ):
        begins, ends = samples.begins[history], samples.begins[history + 1]
        first = begins + int(np.searchsorted(samples.at_ms[begins:ends], breach_ms))
        full = int(np.searchsorted(total, total[first] + sat_s - 1e-9)) - 1
        last = ends if ended_ms == STANDS else begins + int(np.searchsorted(samples.at_ms[begins:ends], ended_ms))
        if first <= full < last:
            ended_s = np.inf if ended_ms == STANDS else ended_ms / 1000
            stretches.append(Stretch(int(history), float(samples.at_ms[full]) / 1000, float(ended_s)))
    return stretches


def to_stretches(stood: Stood) -> list[Stretch]:
    """Return what stood as alarms of people."""
    return [
        Stretch(history, onset_ms / 1000, np.inf if ended_ms == STANDS else ended_ms / 1000)
        for history, onset_ms, ended_ms in zip(
            stood.history.tolist(), stood.onset_ms.tolist(), stood.ended_ms.tolist(), strict=True
        )
    ]


def saturations(trial: Trial) -> Samples:
    """Return every saturation that was heard, of all people side by side."""
    return _samples(trial.oximeter.spo2_pct, trial.oximeter.heard & np.isfinite(trial.oximeter.spo2_pct))


def heart_rates(trial: Trial) -> Samples:
    """Return every heart rate that was heard, of all people side by side."""
    return _samples(trial.strap.hr_bpm, trial.strap.heard & np.isfinite(trial.strap.hr_bpm))


def _samples(values: Values, known: np.typing.NDArray[np.bool_]) -> Samples:
    _people, seconds = np.nonzero(known)
    begins = np.concatenate(([0], np.cumsum(known.sum(axis=1)))).astype(np.int64)
    return Samples(seconds.astype(np.int64) * 1000, values[known], begins)


def _saturation(trial: Trial, *, limit_pct: float, hold_s: float) -> list[Stretch]:
    return to_stretches(find_threshold(saturations(trial), limit_pct, op=Operator.BELOW, hold_s=hold_s))


def _integral(trial: Trial, *, limit_pct: float, sat_s: float) -> list[Stretch]:
    return find_sat_seconds(saturations(trial), limit_pct, sat_s=sat_s)


def _heart_rate(trial: Trial, *, hold_s: float, extra_bpm: float = 0) -> list[Stretch]:
    limits = trial.truth.upper_bpm + extra_bpm
    return to_stretches(find_threshold(heart_rates(trial), limits, op=Operator.ABOVE, hold_s=hold_s))


def _low_heart_rate(trial: Trial, *, hold_s: float) -> list[Stretch]:
    stood = find_threshold(heart_rates(trial), trial.truth.lower_bpm, op=Operator.BELOW, hold_s=hold_s)
    return to_stretches(stood)


BASELINES: Final[dict[EventKind, dict[str, Baseline]]] = {
    EventKind.SPO2_UNDER_88: {
        "< 90 at once": partial(_saturation, limit_pct=90, hold_s=0),
        "< 88 at once": partial(_saturation, limit_pct=88, hold_s=0),
        "< 88 for 15 s": partial(_saturation, limit_pct=88, hold_s=15),
        "SatSeconds 90/50": partial(_integral, limit_pct=90, sat_s=50),
        "SatSeconds 88/50": partial(_integral, limit_pct=88, sat_s=50),
        "SatSeconds 88/25": partial(_integral, limit_pct=88, sat_s=25),
    },
    EventKind.SPO2_UNDER_85: {
        "< 85 at once": partial(_saturation, limit_pct=85, hold_s=0),
        "< 85 for 15 s": partial(_saturation, limit_pct=85, hold_s=15),
    },
    EventKind.HR_OVER_LIMIT: {
        "> limit at once": partial(_heart_rate, hold_s=0),
        "> limit for 10 s": partial(_heart_rate, hold_s=10),
    },
    EventKind.HR_FAR_OVER_LIMIT: {
        "> limit + 10 at once": partial(_heart_rate, hold_s=0, extra_bpm=10),
        "> limit + 10 for 5 s": partial(_heart_rate, hold_s=5, extra_bpm=10),
    },
    EventKind.HR_UNDER_LIMIT: {
        "< limit at once": partial(_low_heart_rate, hold_s=0),
        "< limit for 10 s": partial(_low_heart_rate, hold_s=10),
    },
}
"""What each kind of event is compared with."""
