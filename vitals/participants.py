"""Participants and what was prescribed for them; names live in clinic.db alone."""

from enum import StrEnum
from typing import Annotated, NewType

from msgspec import Meta, Struct

ParticipantId = NewType("ParticipantId", str)

Bpm = Annotated[int, Meta(ge=20, le=250)]


class LimitReason(StrEnum):
    """Which candidate gave a limit; the screen says which one it was."""

    PRESCRIBED = "prescribed"
    ZONE_TOP = "zone_top"
    ISCHAEMIC_MINUS_10 = "ischaemic_minus_10"
    DEVICE_RATE_MINUS_10 = "device_rate_minus_10"
    REST_PLUS_20 = "rest_plus_20"
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


class Prescription(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The inputs of a participant's limits, in bpm and %. They stay in clinic.db; the resolved limit travels."""

    hr_upper_bpm: Bpm | None = None
    hr_lower_bpm: Bpm | None = None
    zone_low_bpm: Bpm | None = None
    zone_high_bpm: Bpm | None = None
    ischaemic_threshold_bpm: Bpm | None = None
    device_detection_bpm: Bpm | None = None
    rest_hr_bpm: Bpm | None = None
    peak_hr_bpm: Bpm | None = None
    exercise_test: bool = False
    spo2_floor_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
    spo2_critical_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
    spo2_baseline_pct: Annotated[float, Meta(ge=50, le=100)] | None = None
