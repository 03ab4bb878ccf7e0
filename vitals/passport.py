"""The signal passport: what goes with each value so that a person can judge how far to trust it. Words only.

Tiles show it, alarms quote it. Analysis writes it (analysis/core/quality); a doubt never hides a value by itself.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from vitals.readings import Averaging, Quality, Reason, Source
from vitals.sensors import SensorId


class Doubt(StrEnum):
    """What analysis found against a value, beside what the sensor itself says (`Reason`)."""

    HELD_BACK = "held_back"
    """It jumped, and is not evidence for any rule until the new level has lasted."""
    OUTSIDE = "outside"
    """Beyond the range in which the sensor is taken at its word; shown, and evidence only because it lasts."""
    BELOW_70 = "below_70"
    """No oximeter states an accuracy there: shown as "below 70", evidence all the same."""
    POOR_CONTACT = "poor_contact"
    DRY_STRAP = "dry_strap"
    """Poor contact in the first minutes: moisten the strap."""
    ARTEFACTS = "artefacts"
    """More than 5 % of the intervals between beats are no beats: nothing is computed from them."""
    RR_SUM = "rr_sum"
    """The intervals between beats do not add up to the time that has passed."""
    GHOST = "ghost"
    """A strap that nobody wears: the same value again and again, no beats, no contact."""
    DISAGREE = "disagree"
    """Strap and oximeter disagree about the heart rate. In atrial fibrillation that is real."""
    SWAPPED = "swapped"
    """It follows somebody else's sensor better than this person's own."""


class Agreement(StrEnum):
    """Whether strap and oximeter tell the same heart rate."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNKNOWN = "unknown"
    """There is no second source, or the heart rate changes too fast to compare."""


class Freshness(StrEnum):
    """What the age of a value says."""

    FRESH = "fresh"
    STALE = "stale"
    """Shown grey."""
    LOST = "lost"
    """Shown as missing."""


class Passport(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What goes with one value of one vital sign.

    Attributes:
        sensor: which sensor told it; None when none is assigned or none has spoken.
        device: make and model of the sensor, as it tells.
        source: by which way the value came.
        averaging: over which time the oximeter averages, as far as it tells.
        age_ms: age of the newest value, in ms; None when there was never one.
        freshness: what the age says, by the one table of stale and lost.
        quality: how far the value may be trusted.
        reason: why it is not good, in the sensor's or the decoder's words.
        doubts: what analysis found against it.
        agreement: with the second source.
        second_bpm: what the second source told (median of 15 s), in bpm.
        held_n: values held back from the rules since the sensor was assigned.
        artefact_pct: share of the last 2 minutes' beats that are none, 0..100; None without intervals between beats.
    """

    sensor: SensorId | None = None
    device: Annotated[str, Meta(max_length=48)] = ""
    source: Source = Source.NOTIFIED
    averaging: Averaging | None = None
    age_ms: Annotated[int, Meta(ge=0)] | None = None
    freshness: Freshness = Freshness.LOST
    quality: Quality = Quality.UNUSABLE
    reason: Reason | None = None
    doubts: Annotated[tuple[Doubt, ...], Meta(max_length=10)] = ()
    agreement: Agreement = Agreement.UNKNOWN
    second_bpm: float | None = None
    held_n: Annotated[int, Meta(ge=0)] = 0
    artefact_pct: Annotated[float, Meta(ge=0, le=100)] | None = None
