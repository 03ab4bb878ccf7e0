"""Readings by hand, for tests of one sensor."""

from vitals.readings import Averaging, HeartRateReading, OximeterReading, Quality, Reason, RunId
from vitals.sensors import SensorId
from vitals.units import MonotonicMs


def ms(at_s: float) -> MonotonicMs:
    return MonotonicMs(round(at_s * 1000))


def strap_reading(
    at_s: float,
    hr_bpm: int | None,
    rr_ms: tuple[float, ...] = (),
    *,
    contact: bool | None = None,
    quality: Quality | None = None,
    reason: Reason | None = None,
) -> HeartRateReading:
    good = hr_bpm is not None and contact is not False
    missing = Reason.NO_VALUE if hr_bpm is None else (Reason.OFF_SKIN if contact is False else None)
    bad = Quality.UNUSABLE if hr_bpm is None else Quality.QUESTIONABLE
    return HeartRateReading(
        run=RunId("aa00"),
        sensor=SensorId("s-strap"),
        seq=round(at_s * 1000),
        mono_ms=ms(at_s),
        quality=quality or (Quality.GOOD if good else bad),
        reason=reason or missing,
        hr_bpm=hr_bpm,
        rr_ms=rr_ms,
        contact=contact,
        device="Strap X",
    )


def oximeter_reading(
    at_s: float,
    spo2_pct: float | None,
    *,
    pulse_bpm: float | None = 80.0,
    perfusion_pct: float | None = None,
    averaging: Averaging | None = None,
    quality: Quality | None = None,
    reason: Reason | None = None,
) -> OximeterReading:
    return OximeterReading(
        run=RunId("aa00"),
        sensor=SensorId("s-oximeter"),
        seq=round(at_s * 1000),
        mono_ms=ms(at_s),
        quality=quality or (Quality.UNUSABLE if spo2_pct is None else Quality.GOOD),
        reason=reason or (Reason.NO_VALUE if spo2_pct is None else None),
        spo2_pct=spo2_pct,
        pulse_bpm=pulse_bpm,
        perfusion_pct=perfusion_pct,
        averaging=averaging,
        device="Oximeter Y",
    )
