"""Participants and what was prescribed for them; names live in clinic.db alone."""

from enum import StrEnum
from typing import Annotated, Final, NewType

from msgspec import Meta, Struct

ParticipantId = NewType("ParticipantId", str)

PRACTICE_PREFIX: Final = "practice-"
"""Ids of people who are played by staff in a class for practice; no register gives such a one."""


def is_player(participant: ParticipantId | str | None) -> bool:
    """Return whether somebody is played by staff: such a one's alarms sound on the walls and call nobody."""
    return participant is not None and participant.startswith(PRACTICE_PREFIX)


Bpm = Annotated[int, Meta(ge=20, le=250)]


class LimitReason(StrEnum):
    """Which candidate gave a limit; the screen says which one it was."""

    PRESCRIBED = "prescribed"
    ZONE_TOP = "zone_top"
    ISCHAEMIC_MINUS_10 = "ischaemic_minus_10"
    DEVICE_RATE_MINUS_10 = "device_rate_minus_10"
    DEVICE_RATE_MINUS_MARGIN = "device_rate_minus_margin"
    """The clinic keeps more than 10 bpm from it."""
    REST_PLUS_20 = "rest_plus_20"
    REST_PLUS_30 = "rest_plus_30"
    """Without an exercise test, after surgery."""
    REST_MINUS_20 = "rest_minus_20"
    UPPER_PLUS_10 = "upper_plus_10"
    ZONE_BOTTOM = "zone_bottom"
    BASELINE_MINUS_4 = "baseline_minus_4"
    RULE_SET = "rule_set"
    """The same for everybody: a number of the rule set."""
    OVERRIDDEN = "overridden"
    """Set by staff for this session; who, when and why are in the clinic's own file."""
    DEFAULT = "default"
    """Default, not prescribed."""


class Sex(StrEnum):
    """As the published formulas tell people apart."""

    FEMALE = "female"
    MALE = "male"


class PeakFormula(StrEnum):
    """Where a peak heart rate came from; `analysis/core/exertion/peak_rate.py` has the formulas and their sources."""

    MEASURED = "measured"
    FOX = "fox"
    TANAKA = "tanaka"
    TANAKA_SEDENTARY = "tanaka_sedentary"
    TANAKA_TRAINED = "tanaka_trained"
    GELLISH = "gellish"
    GELLISH_CURVE = "gellish_curve"
    GULATI = "gulati"
    SYDO_WOMEN = "sydo_women"
    SYDO_MEN = "sydo_men"
    BRAWNER = "brawner"
    """Under a beta-blocker."""
    HENRY_FORD_BLOCKED = "henry_ford_blocked"
    """Under a beta-blocker, a later abstract of the same clinic."""
    HENRY_FORD = "henry_ford"


Share = Annotated[float, Meta(ge=0, le=100)]
Rpe = Annotated[int, Meta(ge=6, le=20)]


class Prescription(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The inputs of a participant's limits, in bpm and %. They stay in clinic.db; the resolved limit travels.

    A zone is given once: in bpm, in % of the heart-rate reserve, in % of the peak, or on Borg's scale (which gives no
    rate). ``after_surgery``: without an exercise test the limit is rest + 30 instead of rest + 20. ``age_years`` is
    that of the day of the class.
    """

    hr_upper_bpm: Bpm | None = None
    hr_lower_bpm: Bpm | None = None
    zone_low_bpm: Bpm | None = None
    zone_high_bpm: Bpm | None = None
    ischaemic_threshold_bpm: Bpm | None = None
    device_detection_bpm: Bpm | None = None
    rest_hr_bpm: Bpm | None = None
    peak_hr_bpm: Bpm | None = None
    peak_formula: PeakFormula | None = None
    age_years: Annotated[int, Meta(ge=10, le=110)] | None = None
    sex: Sex | None = None
    mass_kg: Annotated[float, Meta(ge=20, le=400)] | None = None
    beta_blocker: bool = False
    exercise_test: bool = False
    after_surgery: bool = False
    zone_low_hrr_pct: Share | None = None
    zone_high_hrr_pct: Share | None = None
    zone_low_hrmax_pct: Share | None = None
    zone_high_hrmax_pct: Share | None = None
    zone_low_rpe: Rpe | None = None
    zone_high_rpe: Rpe | None = None
    device_margin_bpm: Annotated[int, Meta(ge=10, le=20)] | None = None
    oxygen_l_min: Annotated[float, Meta(ge=0, le=60)] | None = None
    spo2_floor_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
    spo2_critical_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
    spo2_baseline_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
