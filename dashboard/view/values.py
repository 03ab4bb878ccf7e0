"""One number on a screen: what a sensor last said, how old that is, and when it must no longer be shown."""

from typing import Final

from msgspec import Struct

from dashboard.frames import Silence, ValueView
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reason, RunId, Source
from vitals.units import MonotonicMs, Unit

HR_SILENCE: Final = Silence(stale_ms=3_000, lost_ms=10_000)
"""Straps speak once a second: grey after three missing values, gone when NO_DATA is raised."""

SPO2_SILENCE: Final = Silence(stale_ms=5_000, lost_ms=15_000)
"""Oximeters average over several seconds and pause longer (invariant 1 of ARCHITECTURE.md)."""

GONE: Final = frozenset(
    {
        Reason.LOST,
        Reason.GATEWAY_LOST,
        Reason.BROKER_LOST,
        Reason.NEVER_HEARD,
        Reason.OUT_OF_SLOTS,
        Reason.HAND_OVER,
    }
)
"""Reasons of a value whose sensor is not giving live data; the last two are said of numbers that are grey, too."""


class Heard(Struct, frozen=True, kw_only=True):
    """The newest statement of a sensor; ``at_ms``: when the sensor said it, on this server's clock."""

    value: float | None
    quality: Quality
    reason: Reason | None
    at_ms: MonotonicMs
    run: RunId
    seq: int
    source: Source = Source.NOTIFIED

    def is_newer_than(self, other: "Heard") -> bool:
        """Return whether this was said later: by number inside a run, by time across runs."""
        return self.seq > other.seq if self.run == other.run else self.at_ms > other.at_ms


def to_heard(reading: HeartRateReading | OximeterReading, *, at_ms: MonotonicMs) -> Heard:
    """Return what a reading says for a tile; a value that nobody may trust is no value."""
    value = reading.hr_bpm if isinstance(reading, HeartRateReading) else reading.spo2_pct
    return Heard(
        value=None if reading.quality is Quality.UNUSABLE else value,
        quality=reading.quality,
        reason=reading.reason,
        at_ms=at_ms,
        run=reading.run,
        seq=reading.seq,
        source=reading.source,
    )


def view_value(
    heard: Heard | None,
    *,
    unit: Unit,
    silence: Silence,
    loss: Reason | None,
    now_ms: MonotonicMs,
    waits: Reason | None = None,
) -> ValueView:
    """Return the number as it may be shown now: kept and called stale, then gone with the reason.

    ``loss``: the part between the sensor and this server that is lost, if one is. ``waits``: why the gateway that
    carries the sensor has no link to it, if it is known.
    """
    if heard is None:
        reason = loss or waits or Reason.NEVER_HEARD
        return ValueView(value=None, unit=unit, quality=Quality.UNUSABLE, reason=reason)
    age_ms = now_ms - heard.at_ms
    if age_ms >= silence.lost_ms:
        reason = loss or waits or Reason.LOST
        return ValueView(value=None, unit=unit, at_ms=heard.at_ms, quality=Quality.UNUSABLE, reason=reason)
    reason_now = heard.reason
    if age_ms >= silence.stale_ms and heard.value is not None:
        reason_now = waits or Reason.STALE
    elif heard.source is Source.BROADCAST and heard.quality is Quality.GOOD:
        reason_now = Reason.BROADCAST
    return ValueView(value=heard.value, unit=unit, at_ms=heard.at_ms, quality=heard.quality, reason=reason_now)
