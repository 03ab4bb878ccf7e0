"""A trial: people with events, what their sensors said, and what a rule should have found. Pure; the seed is all.

It is synthetic. It ranks rules and guards against steps backwards; it says nothing about how often a real person in a
real class desaturates, or a real oximeter lies.
"""

from hashlib import blake2b

import msgspec
import numpy as np
from msgspec import Struct

from simulators.trial.labels import Episode, label
from simulators.trial.oximeter import OximeterRecord, make_oximeter_record
from simulators.trial.parameters import QUIET, SEEDS, TRIAL, Parameters
from simulators.trial.strap import StrapRecord, make_strap_record
from simulators.trial.truth import Truth, make_truth


class Trial(Struct, frozen=True, kw_only=True):
    """Everything about the people of one seed."""

    parameters: Parameters
    seed: int
    truth: Truth
    oximeter: OximeterRecord
    strap: StrapRecord
    episodes: tuple[Episode, ...]

    @property
    def participant_hours(self) -> float:
        """Hours of all people together."""
        return self.parameters.people * self.parameters.duration_s / 3600


def make_trial(parameters: Parameters, *, seed: int) -> Trial:
    """Return the trial of a seed; the same for the same numbers, always."""
    truth = make_truth(parameters, seed=seed)
    return Trial(
        parameters=parameters,
        seed=seed,
        truth=truth,
        oximeter=make_oximeter_record(parameters, truth, seed=seed),
        strap=make_strap_record(parameters, truth, seed=seed),
        episodes=label(truth),
    )


def hash_parameters() -> str:
    """Return 16 hex digits that change with any number of the trial, of the quiet class, or any seed."""
    return blake2b(msgspec.json.encode((TRIAL, QUIET, SEEDS)), digest_size=8).hexdigest()


def hash_trial(trial: Trial) -> str:
    """Return 16 hex digits that change with anything that a sensor said or that truly happened."""
    digest = blake2b(digest_size=8)
    digest.update(msgspec.json.encode(trial.episodes))
    for said in (trial.oximeter.spo2_pct, trial.oximeter.pulse_bpm, trial.strap.hr_bpm):
        digest.update(np.nan_to_num(said, nan=-1).astype("<i4").tobytes())
    for flags in (trial.oximeter.status, trial.oximeter.heard, trial.strap.off_skin, trial.strap.heard):
        digest.update(flags.astype("<i1").tobytes())
    for intervals in trial.strap.rr_ms:
        digest.update(np.rint(intervals).astype("<i4").tobytes())
    return digest.hexdigest()
