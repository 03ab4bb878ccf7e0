"""The trial is frozen: whoever changes it must see this file and docs/decisions/0040-the-trial-is-frozen.md."""

import functools

import numpy as np

from simulators.trial.labels import MIN_S, EventKind
from simulators.trial.oximeter import OximeterStatus
from simulators.trial.parameters import QUIET, SEEDS, TRIAL
from simulators.trial.trial import Trial, hash_parameters, hash_trial, make_trial

PARAMETERS = "1c38191da041da45"
QUIET_OF_THE_FIRST_SEED = "db75a2d7b2827ba9"
TRIAL_OF_THE_LAST_SEED = "f92af2ea1eeb0e0f"


@functools.cache
def trial_of(seed: int) -> Trial:
    return make_trial(TRIAL, seed=seed)


@functools.cache
def quiet_of(seed: int) -> Trial:
    return make_trial(QUIET, seed=seed)


def test_the_numbers_of_the_trial_are_those_of_its_decision_record() -> None:
    assert hash_parameters() == PARAMETERS


def test_a_seed_gives_what_it_gave_when_the_trial_was_frozen() -> None:
    assert hash_trial(quiet_of(SEEDS[0])) == QUIET_OF_THE_FIRST_SEED
    assert hash_trial(trial_of(SEEDS[-1])) == TRIAL_OF_THE_LAST_SEED


def test_another_seed_is_another_trial() -> None:
    assert hash_trial(quiet_of(SEEDS[0])) != hash_trial(quiet_of(SEEDS[1]))


def test_an_event_is_as_long_as_its_kind_asks_and_stands_apart() -> None:
    trial = trial_of(SEEDS[-1])
    kinds = {episode.kind for episode in trial.episodes}
    assert kinds == set(EventKind)
    for episode in trial.episodes:
        if episode.kind is EventKind.SPO2_UNDER_88:
            stretch = trial.truth.spo2_pct[episode.person, episode.begins_s : episode.ends_s]
            assert len(stretch) >= MIN_S[episode.kind]
            assert (stretch < 88).all()
            before = trial.truth.spo2_pct[episode.person, max(0, episode.begins_s - 1)]
            assert before >= 88 or episode.begins_s == 0


def test_every_long_fall_of_the_truth_is_an_event() -> None:
    trial = trial_of(SEEDS[-1])
    under = trial.truth.spo2_pct < 88
    whole = np.zeros_like(under)
    for second in range(under.shape[1] - 19):
        whole[:, second] = under[:, second : second + 20].all(axis=1)
    found = np.zeros_like(under)
    for episode in trial.episodes:
        if episode.kind is EventKind.SPO2_UNDER_88:
            found[episode.person, episode.begins_s : episode.ends_s] = True
    assert found[whole].all()


def test_the_quiet_class_has_no_event_of_a_limit() -> None:
    limits = set(EventKind) - {EventKind.SPO2_UNDER_BASELINE}
    for seed in SEEDS[:5]:
        assert not [episode for episode in quiet_of(seed).episodes if episode.kind in limits]


def test_an_oximeter_far_from_any_fault_says_the_mean_of_eight_seconds() -> None:
    trial = quiet_of(SEEDS[0])
    said, true = trial.oximeter.spo2_pct, trial.truth.spo2_pct
    mean = np.stack([true[:, 12 - back : true.shape[1] - back] for back in range(8)]).mean(axis=0)
    near = np.abs(said[:, 12:] - mean) <= 0.5 + 1e-9
    assert near.mean() > 0.85
    assert np.isnan(said[trial.oximeter.status >= OximeterStatus.NO_VALUE]).all()
    assert np.isfinite(said[trial.oximeter.status < OximeterStatus.NO_VALUE]).all()


def test_about_half_of_the_dips_are_told_by_the_device() -> None:
    trial = trial_of(SEEDS[-1])
    dips = (trial.truth.spo2_pct - trial.oximeter.spo2_pct)[:, 20:] > 4
    told = (trial.oximeter.status[:, 20:] == OximeterStatus.POOR_SIGNAL)[dips].mean()
    assert 0.3 < told < 0.7


def test_a_strap_tells_every_beat_once_unless_it_lost_contact() -> None:
    trial = quiet_of(SEEDS[0])
    for person in range(trial.parameters.people):
        places = trial.strap.rr_s[person]
        assert (np.diff(places) >= 0).all()
        assert len(places) == len(trial.strap.rr_ms[person])
    beats = sum(len(places) for places in trial.strap.rr_s)
    assert 0.9 < beats / (trial.truth.hr_bpm.sum() / 60) < 1
