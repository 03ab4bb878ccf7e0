"""What the vendors' oximeters share: whole numbers for SpO2 and pulse, a verdict, and frames without vitals."""

from typing import Final, NamedTuple

from msgspec import Struct

from vitals.readings import Quality, Reason

SPO2_PCT_MAX: Final = 100
PULSE_BPM_MAX: Final = 300

Verdict = tuple[Quality, Reason | None]
GOOD: Final[Verdict] = (Quality.GOOD, None)


class OxygenFrame(Struct, frozen=True, kw_only=True):
    """What an oximeter says about a finger.

    Attributes:
        spo2_pct: 1..100, or None with ``reason``; always None when the quality is unusable.
        pulse_bpm: 1..300, or None; may be missing while SpO2 is good.
        perfusion_pct: perfusion index, if the device tells it.
        battery_pct: if the device tells it here; a device with four bars gives the lower end of its bar.
    """

    spo2_pct: int | None
    pulse_bpm: int | None
    quality: Quality
    reason: Reason | None = None
    perfusion_pct: float | None = None
    battery_pct: int | None = None


class NoVitals(Struct, frozen=True, kw_only=True):
    """A whole and sound frame without SpO2 or pulse (a curve, a mode): nothing to make a reading of.

    Attributes:
        what: for the technician, one word or two.
        raw: the frame's bytes.
    """

    what: str
    raw: bytes


class OxygenValues(NamedTuple):
    """Numbers that may be shown, and how far to trust them."""

    spo2_pct: int | None
    pulse_bpm: int | None
    quality: Quality
    reason: Reason | None


def judge_oxygen(spo2_sent: int, pulse_sent: int, *, verdict: Verdict, no_spo2: int, no_pulse: int) -> OxygenValues:
    """Return what may be shown of two numbers as sent.

    Args:
        spo2_sent: in %.
        pulse_sent: in bpm.
        verdict: what the device's own status says about them.
        no_spo2: the number by which the device says that it has no SpO2; 0 always says so.
        no_pulse: likewise.
    """
    quality, reason = verdict
    if quality is Quality.UNUSABLE:
        return OxygenValues(None, None, quality, reason)
    pulse_bpm = pulse_sent if 0 < pulse_sent <= PULSE_BPM_MAX and pulse_sent != no_pulse else None
    if 0 < spo2_sent <= SPO2_PCT_MAX:
        return OxygenValues(spo2_sent, pulse_bpm, quality, reason)
    # A device that has not found its value yet says so; else the number itself is the reason.
    if reason is None:
        reason = Reason.NO_VALUE if spo2_sent in {0, no_spo2} else Reason.OUT_OF_RANGE
    return OxygenValues(None, None, Quality.UNUSABLE, reason)
