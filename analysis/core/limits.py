"""From a prescription to the numbers that the rules use, each with where it came from; nonsense is refused.

No upper heart-rate limit is ever invented: without any input for it there is no HR_OVER, and screens say so.
"""

from typing import Final

from analysis.core.prescribing import Refusal, find_unsettled, settle
from vitals.alarms import Operator, RuleId
from vitals.errors import InputError, InputReason
from vitals.participants import LimitReason, Prescription
from vitals.sessions import ResolvedLimit

ISCHAEMIC_MARGIN_BPM: Final = 10
"""Exercise stays 10 bpm below the rate of ischaemia (AACVPR, ACSM, AHA)."""

DEVICE_MARGIN_BPM: Final = 10
"""Exercise stays 10 bpm below an implanted defibrillator's detection rate (patient texts say 10 to 15)."""

REST_RISE_MAX_BPM: Final = 20
"""Without an exercise test: at most 20 bpm above rest. Conservative: under 40 % of the reserve for most people."""

REST_RISE_AFTER_SURGERY_BPM: Final = 30
"""The same after heart surgery: at most 30 bpm above rest."""

REST_FALL_MAX_BPM: Final = 20
"""A fall of 20 bpm below rest is worth a look (engineering choice)."""

HR_LOW_DEFAULT_BPM: Final = 40.0
"""Default, not prescribed (engineering choice)."""

SPO2_LOW_DEFAULT_PCT: Final = 88.0
"""Default, not prescribed: the usual target of respiratory programmes is 88 % or more (ACSM, AACVPR)."""

SPO2_CRIT_DEFAULT_PCT: Final = 85.0
"""Default, not prescribed; in the 6-minute walk test the walk resumes at 85 % (ERS/ATS 2014)."""


CRITICAL_RISE_BPM: Final = 10
"""10 bpm above the upper limit is no longer training (engineering choice)."""

SPO2_FALL_PCT: Final = 4
"""Desaturation is a fall of 4 points or more from rest."""


def resolve_limits(prescription: Prescription, *, place: str = "prescription") -> tuple[ResolvedLimit, ...]:
    """Return the limits of one person, in the order of the rules; HR_OVER is missing when nothing speaks for one.

    Args:
        prescription: bpm and %.
        place: where it came from, for the error's line.

    Raises:
        InputError: the values contradict each other; the first of `find_refusals`.
    """
    refusals = find_refusals(prescription)
    if refusals:
        raise InputError(f"{place}.{refusals[0].field}", refusals[0].problem, InputReason.CONFLICT)
    return _resolve(settle(prescription))


def find_refusals(prescription: Prescription) -> tuple[Refusal, ...]:
    """Return everything that contradicts itself in a prescription, so that a form can mark it all at once."""
    refusals = list(find_unsettled(prescription))
    if refusals:
        return tuple(refusals)
    p = settle(prescription)
    found = [
        _above("zone_high_bpm", p.zone_high_bpm, "zone_low_bpm", p.zone_low_bpm),
        _above("peak_hr_bpm", p.peak_hr_bpm, "rest_hr_bpm", p.rest_hr_bpm),
        _above("hr_upper_bpm", p.hr_upper_bpm, "hr_lower_bpm", p.hr_lower_bpm),
        _above("hr_upper_bpm", p.hr_upper_bpm, "zone_low_bpm", p.zone_low_bpm),
        _above("rest_hr_bpm", p.rest_hr_bpm, "hr_lower_bpm", p.hr_lower_bpm),
    ]
    refusals = [refusal for refusal in found if refusal is not None]
    if refusals:
        return tuple(refusals)
    limits = {limit.rule: limit for limit in _resolve(p)}
    over, low = limits.get(RuleId.HR_OVER), limits[RuleId.HR_LOW]
    spo2, critical = limits[RuleId.SPO2_LOW], limits[RuleId.SPO2_CRIT]
    if over is not None and p.rest_hr_bpm is not None and over.value <= p.rest_hr_bpm:
        refusals.append(_conflict(_FIELD[over.reason], over, f"is not above rest_hr_bpm {p.rest_hr_bpm}"))
    if over is not None and over.value <= low.value:
        refusals.append(_conflict(_FIELD[over.reason], over, f"is not above the lower limit {low.value:g}"))
    if critical.value > spo2.value:
        problem = f"is above the SpO2 limit {spo2.value:g} ({spo2.reason.value})"
        refusals.append(_conflict("spo2_critical_pct", critical, problem))
    if p.spo2_baseline_pct is not None and p.spo2_baseline_pct <= spo2.value:
        problem = f"{p.spo2_baseline_pct:g} is not above the SpO2 limit {spo2.value:g} ({spo2.reason.value})"
        refusals.append(Refusal(field="spo2_baseline_pct", problem=problem))
    return tuple(refusals)


_FIELD: Final = {
    LimitReason.PRESCRIBED: "hr_upper_bpm",
    LimitReason.ZONE_TOP: "zone_high_bpm",
    LimitReason.ISCHAEMIC_MINUS_10: "ischaemic_threshold_bpm",
    LimitReason.DEVICE_RATE_MINUS_10: "device_detection_bpm",
    LimitReason.DEVICE_RATE_MINUS_MARGIN: "device_margin_bpm",
    LimitReason.REST_PLUS_20: "rest_hr_bpm",
    LimitReason.REST_PLUS_30: "rest_hr_bpm",
}


def _resolve(p: Prescription) -> tuple[ResolvedLimit, ...]:
    over, low, spo2 = _upper(p), _lower(p), _floor(p)
    limits = (_danger(p, over), over, low, _critical(p, spo2), spo2, *_informing(p))
    return tuple(limit for limit in limits if limit is not None)


def _danger(p: Prescription, over: ResolvedLimit | None) -> ResolvedLimit | None:
    """Return the rate that is critical: 10 above the upper limit, or as soon as a defibrillator's rate is near.

    The device's margin is met, not passed: at that rate it may fire. Of two equal ones the device's is the stricter.
    """
    device, (margin, near) = p.device_detection_bpm, _device_margin(p)
    candidates = [
        None if over is None else (over.value + CRITICAL_RISE_BPM, LimitReason.UPPER_PLUS_10, None),
        None if device is None else (float(device - margin), near, Operator.AT_LEAST),
    ]
    given = [one for one in candidates if one is not None]
    if not given:
        return None
    value, reason, op = min(given, key=lambda one: (one[0], one[2] is None))
    return ResolvedLimit(rule=RuleId.HR_CRIT, value=value, reason=reason, op=op)


def _informing(p: Prescription) -> list[ResolvedLimit]:
    """Return limits that inform and never sound: zone and fall from the baseline."""
    limits = []
    if p.spo2_baseline_pct is not None:
        value = p.spo2_baseline_pct - SPO2_FALL_PCT
        limits.append(ResolvedLimit(rule=RuleId.SPO2_FALL, value=value, reason=LimitReason.BASELINE_MINUS_4))
    if p.zone_high_bpm is not None:
        value = float(p.zone_high_bpm)
        limits.append(ResolvedLimit(rule=RuleId.ZONE_HIGH, value=value, reason=LimitReason.ZONE_TOP))
    if p.zone_low_bpm is not None:
        value = float(p.zone_low_bpm)
        limits.append(ResolvedLimit(rule=RuleId.ZONE_LOW, value=value, reason=LimitReason.ZONE_BOTTOM))
    return limits


def _upper(p: Prescription) -> ResolvedLimit | None:
    """Return the lowest limit that applies: each is a ceiling of its own, so the lowest keeps all of them."""
    no_test = None if p.exercise_test else p.rest_hr_bpm
    margin, near = _device_margin(p)
    rise = (
        (REST_RISE_AFTER_SURGERY_BPM, LimitReason.REST_PLUS_30)
        if p.after_surgery
        else (REST_RISE_MAX_BPM, LimitReason.REST_PLUS_20)
    )
    candidates = (
        (p.hr_upper_bpm, 0, LimitReason.PRESCRIBED),
        (p.zone_high_bpm, 0, LimitReason.ZONE_TOP),
        (p.ischaemic_threshold_bpm, -ISCHAEMIC_MARGIN_BPM, LimitReason.ISCHAEMIC_MINUS_10),
        (p.device_detection_bpm, -margin, near),
        (no_test, *rise),
    )
    limits = [
        ResolvedLimit(rule=RuleId.HR_OVER, value=float(bpm + offset), reason=reason)
        for bpm, offset, reason in candidates
        if bpm is not None
    ]
    # `min` keeps the first of equals, and what was prescribed stands first.
    return min(limits, key=lambda limit: limit.value, default=None)


def _device_margin(p: Prescription) -> tuple[int, LimitReason]:
    margin = p.device_margin_bpm or DEVICE_MARGIN_BPM
    is_usual = margin == DEVICE_MARGIN_BPM
    return margin, LimitReason.DEVICE_RATE_MINUS_10 if is_usual else LimitReason.DEVICE_RATE_MINUS_MARGIN


def _lower(p: Prescription) -> ResolvedLimit:
    """Return the lower limit: prescribed; else the higher, and therefore more watchful, of rest - 20 and 40.

    Somebody who rests at 52 bpm would get 32 from rest - 20 alone: then the default is the safer one. A clinician who
    wants less writes a lower limit.
    """
    if p.hr_lower_bpm is not None:
        return ResolvedLimit(rule=RuleId.HR_LOW, value=float(p.hr_lower_bpm), reason=LimitReason.PRESCRIBED)
    if p.rest_hr_bpm is not None and p.rest_hr_bpm - REST_FALL_MAX_BPM > HR_LOW_DEFAULT_BPM:
        value = float(p.rest_hr_bpm - REST_FALL_MAX_BPM)
        return ResolvedLimit(rule=RuleId.HR_LOW, value=value, reason=LimitReason.REST_MINUS_20)
    return ResolvedLimit(rule=RuleId.HR_LOW, value=HR_LOW_DEFAULT_BPM, reason=LimitReason.DEFAULT)


def _floor(p: Prescription) -> ResolvedLimit:
    if p.spo2_floor_pct is not None:
        return ResolvedLimit(rule=RuleId.SPO2_LOW, value=p.spo2_floor_pct, reason=LimitReason.PRESCRIBED)
    return ResolvedLimit(rule=RuleId.SPO2_LOW, value=SPO2_LOW_DEFAULT_PCT, reason=LimitReason.DEFAULT)


def _critical(p: Prescription, floor: ResolvedLimit) -> ResolvedLimit:
    """Return the critical limit: prescribed; else 85, or the floor itself where that was set lower than 85."""
    if p.spo2_critical_pct is not None:
        return ResolvedLimit(rule=RuleId.SPO2_CRIT, value=p.spo2_critical_pct, reason=LimitReason.PRESCRIBED)
    if floor.value < SPO2_CRIT_DEFAULT_PCT:
        return ResolvedLimit(rule=RuleId.SPO2_CRIT, value=floor.value, reason=floor.reason)
    return ResolvedLimit(rule=RuleId.SPO2_CRIT, value=SPO2_CRIT_DEFAULT_PCT, reason=LimitReason.DEFAULT)


def _above(field: str, value: float | None, other: str, bound: float | None) -> Refusal | None:
    if value is None or bound is None or value > bound:
        return None
    return Refusal(field=field, problem=f"{value:g} is not above {other} {bound:g}")


def _conflict(field: str, limit: ResolvedLimit, problem: str) -> Refusal:
    return Refusal(field=field, problem=f"the resulting limit {limit.value:g} ({limit.reason.value}) {problem}")
