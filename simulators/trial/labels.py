"""What a rule should have found in a trial: episodes of the truth, known to the second."""

from enum import StrEnum
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from simulators.trial.truth import Truth


class EventKind(StrEnum):
    """What is so in the truth, for how long at least."""

    SPO2_UNDER_88 = "spo2_under_88"
    SPO2_UNDER_85 = "spo2_under_85"
    SPO2_UNDER_BASELINE = "spo2_under_baseline"
    HR_OVER_LIMIT = "hr_over_limit"
    HR_FAR_OVER_LIMIT = "hr_far_over_limit"
    HR_UNDER_LIMIT = "hr_under_limit"
    HR_COLLAPSE = "hr_collapse"


MIN_S: Final = {
    EventKind.SPO2_UNDER_88: 20,
    EventKind.SPO2_UNDER_85: 20,
    EventKind.SPO2_UNDER_BASELINE: 40,
    EventKind.HR_OVER_LIMIT: 20,
    EventKind.HR_FAR_OVER_LIMIT: 10,
    EventKind.HR_UNDER_LIMIT: 20,
}
"""Shorter episodes are no events, in s."""

FAR_OVER_BPM: Final = 10
BASELINE_FALL_PCT: Final = 4


class Episode(Struct, frozen=True):
    """One stretch of one person: from ``begins_s`` until before ``ends_s``."""

    kind: EventKind
    person: int
    begins_s: int
    ends_s: int


def label(truth: Truth) -> tuple[Episode, ...]:
    """Return all events, kind by kind, person by person, in order of time."""
    upper, lower = truth.upper_bpm[:, None], truth.lower_bpm[:, None]
    so = {
        EventKind.SPO2_UNDER_88: truth.spo2_pct < 88,  # noqa: PLR2004 - in the event's name
        EventKind.SPO2_UNDER_85: truth.spo2_pct < 85,  # noqa: PLR2004 - in the event's name
        EventKind.SPO2_UNDER_BASELINE: truth.spo2_pct < truth.baseline_pct[:, None] - BASELINE_FALL_PCT,
        EventKind.HR_OVER_LIMIT: truth.hr_bpm > upper,
        EventKind.HR_FAR_OVER_LIMIT: truth.hr_bpm > upper + FAR_OVER_BPM,
        EventKind.HR_UNDER_LIMIT: truth.hr_bpm < lower,
    }
    episodes = [episode for kind, where in so.items() for episode in _episodes(kind, where)]
    episodes += [
        Episode(EventKind.HR_COLLAPSE, person, begins_s, ends_s) for person, begins_s, ends_s in truth.collapses
    ]
    return tuple(episodes)


def _episodes(kind: EventKind, where: NDArray[np.bool_]) -> list[Episode]:
    """Return the stretches that are long enough."""
    edges = np.diff(np.pad(where, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    people, begins = np.nonzero(edges == 1)
    _people, ends = np.nonzero(edges == -1)
    return [
        Episode(kind, int(person), int(begin), int(end))
        for person, begin, end in zip(people, begins, ends, strict=True)
        if end - begin >= MIN_S[kind]
    ]
