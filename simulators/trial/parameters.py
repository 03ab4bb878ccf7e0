"""The numbers of the trial: how often things happen to people and to sensors, and how badly. Frozen.

The alarm report judges rules on classes made from these numbers. They were committed before any rule was run on them;
changing one needs a decision record (docs/decisions/0040-the-trial-is-frozen.md), and a test pins them by their hash.

Where the numbers come from. Nobody has published how often an oximeter on an exercising patient is wrong, so they are
our choice, made once and not fitted to anything. What was known is kept: an event is a true SpO2 under 88 % for 20 s or
more; an oximeter averages over 8 s (devices offer 2 to 16 s); severe exercise hypoxaemia falls by 6 to 13 points within
half a minute; motion makes dips of seconds, and about half of them are told by the device. On the strap's side are the
faults that were seen in recordings of real straps: a lone sample of up to 260 bpm, bursts of split and doubled RR while
the rate is sound, a rate that stands still while RR are missing, a dry strap in the first minutes.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace


class Range(Struct, frozen=True):
    """Evenly spread between two bounds."""

    low: float
    high: float


class People(Struct, frozen=True, kw_only=True):
    """Who comes, in bpm and %; mean and standard deviation where there are two numbers.

    ``below_limit_bpm``: how far below the own upper limit somebody trains.
    """

    rest_bpm: Range = Range(62, 78)
    peak_bpm: Range = Range(128, 152)
    limit_reserve: Range = Range(0.7, 0.8)
    """The upper limit as a share of the heart-rate reserve: the top of a moderate to vigorous zone (ACSM)."""
    below_limit_bpm: tuple[float, float] = (10, 4)
    below_limit_bpm_min: float = 2
    spo2_pct: tuple[float, float] = (93.5, 1.6)
    spo2_pct_min: float = 70
    baseline_error_pct: float = 1.0
    """Standard deviation between somebody's true mean and what was measured at rest as baseline."""


class Happenings(Struct, frozen=True, kw_only=True):
    """What truly happens to a person in a class of 45 min: counts are means of a Poisson law, durations in s.

    ``spo2_wander_pct`` and ``hr_wander_bpm``: innovation of a first-order walk each second, which keeps 0.97 (SpO2) or
    0.9 (HR) of what it was: a slow wander with a standard deviation of 1.4 points and 2.3 bpm.
    """

    spo2_wander_pct: float = 0.35
    spo2_wander_kept: float = 0.97
    hr_wander_bpm: float = 1.0
    hr_wander_kept: float = 0.9
    hr_up_tau_s: float = 22
    hr_down_tau_s: float = 45
    hr_drift_bpm_per_min: float = 0.15
    """The lags and the drift of a heart rate that follows effort, as in `simulators/person.py`; copied, to stay."""
    falls: float = 0.5
    """Exertional desaturations."""
    fall_s: Range = Range(60, 240)
    fall_depth_pct: Range = Range(6, 13)
    fall_down_s: float = 30
    fall_up_s: float = 25
    efforts: float = 0.8
    """Stretches of too much work."""
    effort_s: Range = Range(30, 180)
    effort_over_limit_bpm: Range = Range(-5, 25)
    """Height relative to the own limit: some stay below it, and must not alarm."""
    effort_rise_s: float = 15
    slow_downs: float = 0.05
    """A heart rate under the lower limit."""
    slow_down_s: Range = Range(20, 90)
    slow_down_below_bpm: Range = Range(2, 12)
    collapses: float = 0.05
    """A sudden fall of the heart rate while somebody works."""
    collapse_s: Range = Range(60, 120)
    collapse_fall_s: Range = Range(8, 15)
    collapse_depth_bpm: Range = Range(30, 50)


class OximeterFaults(Struct, frozen=True, kw_only=True):
    """What goes wrong between a finger and a reading, for each class of 45 min."""

    averaging_s: int = 8
    dips: float = 8
    """Motion: the raw value falls for some seconds."""
    dip_s: Range = Range(2, 15)
    dip_depth_pct: Range = Range(4, 22)
    dip_told_share: float = 0.5
    """The device says that the signal is poor, until `dip_told_after_s` after the dip."""
    dip_told_after_s: int = 6
    dip_blind_share: float = 0.15
    """The device measures nothing during the dip."""
    dip_pulse_share: float = 0.5
    dip_pulse_error_bpm: Range = Range(-40, 40)
    off_finger: float = 0.5
    off_finger_s: Range = Range(10, 60)
    settle_s: int = 5
    """After the finger is back the device calls its values early estimates for so long."""
    cold_hands: float = 0.3
    cold_hands_s: Range = Range(30, 120)
    cold_perfusion_pct: Range = Range(0.1, 0.3)
    cold_error_pct: tuple[float, float] = (-2, 2)
    cold_told_share: float = 0.7
    perfusion_pct: Range = Range(0.8, 5)
    pulse_error_bpm: float = 1.5
    dropouts: float = 0.7
    """The radio link: nothing is heard for a while."""
    dropout_s: Range = Range(2, 40)


class StrapFaults(Struct, frozen=True, kw_only=True):
    """What goes wrong between a chest and a reading, for each class of 45 min."""

    averaging_s: int = 5
    rr_noise_ms: Range = Range(6, 20)
    tells_contact_share: float = 0.7
    spikes: float = 1.5
    spike_bpm: Range = Range(180, 260)
    bursts: float = 1.0
    """RR that are split, doubled or far too short."""
    burst_beats: Range = Range(10, 25)
    burst_rate_share: float = 0.5
    """So often the rate is wrong too, for the burst and the averaging time after it."""
    burst_rate_error_bpm: Range = Range(-30, 60)
    losses: float = 0.5
    """Skin contact lost: a third says so, a third repeats the last rate without RR, a third is wild."""
    loss_s: Range = Range(10, 90)
    wild_bpm: Range = Range(35, 220)
    wild_hold_s: Range = Range(1, 5)
    dry_share: float = 0.2
    """Straps put on dry: in the first minutes some stretches of 10 s are wrong."""
    dry_s: Range = Range(60, 240)
    dry_wrong_share: float = 0.4
    dropouts: float = 0.7
    dropout_s: Range = Range(2, 40)


class Parameters(Struct, frozen=True, kw_only=True):
    """One kind of class. ``people`` is how many of them are made for each seed."""

    people: int
    duration_s: int = 2700
    who: People = People()
    happens: Happenings = Happenings()
    oximeter: OximeterFaults = OximeterFaults()
    strap: StrapFaults = StrapFaults()


SEEDS: Final = tuple(range(101, 121))
"""Twenty, taken as they come."""

TRIAL: Final = Parameters(people=168)
"""Fourteen classes of twelve for each seed, 2 520 participant-hours in all."""

QUIET: Final = Parameters(
    people=24,
    who=People(below_limit_bpm=(20, 3), below_limit_bpm_min=14, spo2_pct=(96.5, 0.8), spo2_pct_min=95),
    happens=replace(Happenings(), spo2_wander_pct=0.2, falls=0, efforts=0, slow_downs=0, collapses=0),
)
"""The quiet reference class: nothing happens to anybody, and the sensors are exactly as bad as in the trial.

Two classes of twelve for each seed, 360 participant-hours in all.
"""
