"""What analysis makes of everybody's readings once a second: exertion, where it is heading, and what to trust."""

from typing import Final

from analysis.core import trend
from analysis.core.exertion.meter import read_meter
from analysis.core.exertion.reserve import reserve_of
from analysis.core.quality.stamp import passport_of
from analysis.core.rules import Watch
from analysis.core.state import EngineState, Person
from analysis.core.track import newest
from vitals.alarms import RuleId
from vitals.journal import Derived, Exertion
from vitals.participants import ParticipantId
from vitals.passport import Freshness, Passport
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

AGE_MS_MAX: Final = 3_000
"""Nothing is derived from a value that a screen shows grey (design, section 7; SpO2 is grey after 5 s)."""

_SPO2_AGE_MS_MAX: Final = 5_000
_KIND_OF: Final = {Watch.HR: SensorKind.STRAP, Watch.SPO2: SensorKind.OXIMETER}
_CEILINGS: Final = (RuleId.HR_OVER, RuleId.HR_CRIT)


def derive(state: EngineState, *, now_ms: MonotonicMs) -> list[Derived]:
    """Return what is made of everybody's readings; nothing is said of somebody whose sensors never spoke."""
    found = [_derive(state, name, person, now_ms=now_ms) for name, person in state.people.items()]
    return [one for one in found if one is not None]


def passport(state: EngineState, person: Person, watch: Watch, *, now_ms: MonotonicMs) -> Passport | None:
    """Return what goes with the newest value of a vital sign; None when no sensor for it has spoken."""
    vital = Watch.SPO2 if watch is Watch.SPO2 else Watch.HR
    sensor = state.sensors.get(person.heard.get(vital, SensorId("")))
    if sensor is None or sensor.kind is not _KIND_OF[vital]:
        return None
    swapped = f"{person.entry.participant}/{RuleId.SWAPPED.value}" in state.alarms
    told = sensor.oximeter if vital is Watch.SPO2 else sensor.strap
    return passport_of(told, now_ms=now_ms, pair=person.pair, swapped=swapped)


def worth(one: Passport | None) -> tuple[object, ...]:
    """Return what of a passport means something else to a reader; ages and counts do not."""
    if one is None or one.freshness is not Freshness.FRESH:
        # An alarm says by itself that its source is lost.
        return (None,)
    return (one.sensor, one.quality, one.reason, one.doubts, one.agreement, one.averaging, one.source)


def _derive(state: EngineState, participant: ParticipantId, person: Person, *, now_ms: MonotonicMs) -> Derived | None:
    hr = passport(state, person, Watch.HR, now_ms=now_ms)
    spo2 = passport(state, person, Watch.SPO2, now_ms=now_ms)
    if hr is None and spo2 is None:
        return None
    rate, saturation = newest(person.tracks[Watch.HR]), newest(person.tracks[Watch.SPO2])
    spo2_limit_in_s = None
    if saturation is not None and now_ms - saturation.at_ms <= _SPO2_AGE_MS_MAX:
        spo2_limit_in_s = _limit_in_s(person, Watch.SPO2, saturation.value)
    if rate is None or now_ms - rate.at_ms > AGE_MS_MAX:
        exertion = None if person.meter.last_ms is None else _exertion(person, now_ms=now_ms)
        return Derived(
            participant=participant,
            mono_ms=now_ms,
            hr=hr,
            spo2=spo2,
            spo2_limit_in_s=spo2_limit_in_s,
            exertion=exertion,
        )
    heading = person.trends.get(Watch.HR)
    slope = None if heading is None else heading.slope_per_s
    return Derived(
        participant=participant,
        mono_ms=rate.at_ms,
        hrr_pct=reserve_of(person.entry, rate.value),
        zone=person.meter.zone,
        hr_slope_bpm_per_min=None if slope is None else round(slope * 60, 1),
        hr_limit_in_s=_limit_in_s(person, Watch.HR, rate.value),
        spo2_limit_in_s=spo2_limit_in_s,
        exertion=_exertion(person, now_ms=now_ms),
        phase_proposed=person.shape.proposed,
        hr=hr,
        spo2=spo2,
    )


def _exertion(person: Person, *, now_ms: MonotonicMs) -> Exertion:
    return read_meter(person.meter, drift_pct=person.shape.drift_pct, now_ms=now_ms)


def _limit_in_s(person: Person, watch: Watch, value: float) -> int | None:
    """Return when the nearer of the limits that sound is reached."""
    heading = person.trends.get(watch)
    if heading is None or heading.slope_per_s is None:
        return None
    limits = {judgement.rule: judgement.limit for judgement in person.tracks[watch].judgements}
    if watch is Watch.SPO2:
        low, high = limits.get(RuleId.SPO2_LOW), None
    else:
        ceilings = [limits[rule] for rule in _CEILINGS if rule in limits]
        low, high = limits.get(RuleId.HR_LOW), min(ceilings, default=None)
    return trend.limit_in_s(heading, value=value, low=low, high=high)
