"""What analysis makes of everybody's readings once a second: exertion, where it is heading, and what to trust."""

from typing import Final

from analysis.core import trend
from analysis.core.exertion.meter import read_meter
from analysis.core.exertion.reserve import reserve_of
from analysis.core.quality.stamp import SWAPPED, rate_passport, saturation_passport
from analysis.core.rules import Watch
from analysis.core.state import EngineState, Person, key_of
from vitals.alarms import RuleId
from vitals.journal import Derived
from vitals.participants import ParticipantId
from vitals.passport import Freshness, Passport
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

AGE_MS_MAX: Final = 3_000
"""Nothing is derived from a value that a screen shows grey (design, section 7; SpO2 is grey after 5 s)."""

_SPO2_AGE_MS_MAX: Final = 5_000
# In Python 3.11 it takes as long to look up a member of an enum as to call a function.
_HR: Final = Watch.HR
_SPO2: Final = Watch.SPO2
_FRESH: Final = Freshness.FRESH
_STRAP: Final = SensorKind.STRAP
_OXIMETER: Final = SensorKind.OXIMETER
_SWAPPED: Final = RuleId.SWAPPED
_NOBODY: Final = SensorId("")


def derive(state: EngineState, *, now_ms: MonotonicMs) -> list[Derived]:
    """Return what is made of everybody's readings; nothing is said of somebody whose sensors never spoke."""
    found, sensors = [], state.sensors
    # A name of its own for each question takes longer than looking at all alarms once.
    mixed_up = {alarm.participant for alarm in state.alarms.values() if alarm.rule is _SWAPPED}
    for participant, person in state.people.items():
        heard = person.heard
        if not heard:
            continue
        beside = SWAPPED if participant in mixed_up else ()
        hr = spo2 = None
        strap, oximeter = sensors.get(heard.get(_HR, _NOBODY)), sensors.get(heard.get(_SPO2, _NOBODY))
        if strap is not None and strap.kind is _STRAP:
            hr = rate_passport(strap.strap, person.pair, now_ms, beside)
        if oximeter is not None and oximeter.kind is _OXIMETER:
            spo2 = saturation_passport(oximeter.oximeter, person.pair, now_ms, beside)
        if hr is not None or spo2 is not None:
            found.append(_derive(participant, person, hr, spo2, now_ms))
    return found


def passport(state: EngineState, person: Person, watch: Watch, *, now_ms: MonotonicMs) -> Passport | None:
    """Return what goes with the newest value of a vital sign; None when no sensor for it has spoken."""
    heard, kind = (person.heard.get(_SPO2), _OXIMETER) if watch is _SPO2 else (person.heard.get(_HR), _STRAP)
    sensor = None if heard is None else state.sensors.get(heard)
    if sensor is None or sensor.kind is not kind:
        return None
    beside = SWAPPED if key_of(person.entry.participant, _SWAPPED) in state.alarms else ()
    if kind is _STRAP:
        return rate_passport(sensor.strap, person.pair, now_ms, beside)
    return saturation_passport(sensor.oximeter, person.pair, now_ms, beside)


def says_otherwise(newer: Passport | None, older: Passport | None) -> bool:
    """Return whether a passport means something else to a reader than an older one; ages and counts do not.

    One of a value that is not fresh says nothing: an alarm says by itself that its source is lost.
    """
    if newer is None or newer.freshness is not _FRESH:
        return False
    return (
        older is None
        or older.freshness is not _FRESH
        or newer.quality is not older.quality
        or newer.agreement is not older.agreement
        or newer.reason is not older.reason
        or newer.doubts != older.doubts
        or newer.sensor != older.sensor
        or newer.averaging is not older.averaging
        or newer.source is not older.source
    )


def _derive(
    participant: ParticipantId, person: Person, hr: Passport | None, spo2: Passport | None, now_ms: MonotonicMs
) -> Derived:
    tracks, headings, meter, drift_pct = person.tracks, person.trends, person.meter, person.shape.drift_pct
    hr_track, spo2_track = tracks[_HR], tracks[_SPO2]
    spo2_limit_in_s = None
    heading = headings.get(_SPO2)
    if heading is not None and heading.slope_per_s and spo2_track.window:
        saturation = spo2_track.window[-1]
        if now_ms - saturation.at_ms <= _SPO2_AGE_MS_MAX:
            low, high = spo2_track.sounding
            spo2_limit_in_s = trend.limit_in_s(heading, saturation.value, low, high)
    rate = hr_track.window[-1] if hr_track.window else None
    if rate is None or now_ms - rate.at_ms > AGE_MS_MAX:
        return Derived(
            participant=participant,
            mono_ms=now_ms,
            hr=hr,
            spo2=spo2,
            spo2_limit_in_s=spo2_limit_in_s,
            exertion=None if meter.last_ms is None else read_meter(meter, drift_pct, now_ms),
        )
    heading, slope_per_min, hr_limit_in_s = headings.get(_HR), None, None
    if heading is not None and heading.slope_per_min is not None:
        slope_per_min, (low, high) = heading.slope_per_min, hr_track.sounding
        hr_limit_in_s = trend.limit_in_s(heading, rate.value, low, high)
    return Derived(
        participant=participant,
        mono_ms=rate.at_ms,
        hrr_pct=reserve_of(person.entry, rate.value),
        zone=meter.zone,
        hr_slope_bpm_per_min=slope_per_min,
        hr_limit_in_s=hr_limit_in_s,
        spo2_limit_in_s=spo2_limit_in_s,
        exertion=read_meter(meter, drift_pct, now_ms),
        phase_proposed=person.shape.proposed,
        hr=hr,
        spo2=spo2,
    )
