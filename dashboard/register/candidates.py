"""Every limit that could apply to a person, and which one does, so that a form can show why; pure.

The decision is that of `analysis.core.limits`; this lists what it chose from, and a test holds the two together.
"""

from collections.abc import Iterator

from msgspec import Struct

from analysis.core.limits import (
    CRITICAL_RISE_BPM,
    DEVICE_MARGIN_BPM,
    HR_LOW_DEFAULT_BPM,
    ISCHAEMIC_MARGIN_BPM,
    REST_FALL_MAX_BPM,
    REST_RISE_AFTER_SURGERY_BPM,
    REST_RISE_MAX_BPM,
    SPO2_CRIT_DEFAULT_PCT,
    SPO2_LOW_DEFAULT_PCT,
    resolve_limits,
)
from analysis.core.prescribing import settle
from vitals.alarms import RuleId
from vitals.participants import LimitReason, Prescription
from vitals.sessions import ResolvedLimit

SHOWN = (RuleId.HR_OVER, RuleId.HR_CRIT, RuleId.HR_LOW, RuleId.SPO2_LOW, RuleId.SPO2_CRIT)
"""The limits that sound and that everybody may have; those that inform follow from one input each."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A limit that could be, and where it would come from. ``applies``: it is the one."""

    value: float
    reason: LimitReason
    applies: bool


class RuleCandidates(Struct, frozen=True, kw_only=True):
    """All candidates of one rule, the one that applies first; ``limit`` None: nothing speaks for one."""

    rule: RuleId
    limit: ResolvedLimit | None
    candidates: tuple[Candidate, ...]


def list_candidates(prescription: Prescription) -> tuple[RuleCandidates, ...]:
    """Return what each limit of a person was chosen from.

    Args:
        prescription: bpm and %.

    Raises:
        InputError: the prescription contradicts itself.
    """
    limits = {limit.rule: limit for limit in resolve_limits(prescription)}
    return tuple(_list(rule, settle(prescription), limits) for rule in SHOWN)


def _list(rule: RuleId, p: Prescription, limits: dict[RuleId, ResolvedLimit]) -> RuleCandidates:
    limit = limits.get(rule)
    found = [
        Candidate(
            value=value,
            reason=reason,
            applies=limit is not None and (value, reason) == (limit.value, limit.reason),
        )
        for value, reason in _candidates(rule, p, limits)
    ]
    ordered = sorted(found, key=lambda one: not one.applies)
    return RuleCandidates(rule=rule, limit=limit, candidates=tuple(ordered))


def _candidates(
    rule: RuleId, p: Prescription, limits: dict[RuleId, ResolvedLimit]
) -> Iterator[tuple[float, LimitReason]]:
    match rule:
        case RuleId.HR_OVER:
            yield from _upper(p)
        case RuleId.HR_CRIT:
            if (over := limits.get(RuleId.HR_OVER)) is not None:
                yield over.value + CRITICAL_RISE_BPM, LimitReason.UPPER_PLUS_10
            yield from _device(p)
        case RuleId.HR_LOW:
            if p.hr_lower_bpm is not None:
                yield float(p.hr_lower_bpm), LimitReason.PRESCRIBED
            if p.rest_hr_bpm is not None:
                yield float(p.rest_hr_bpm - REST_FALL_MAX_BPM), LimitReason.REST_MINUS_20
            yield HR_LOW_DEFAULT_BPM, LimitReason.DEFAULT
        case RuleId.SPO2_LOW:
            if p.spo2_floor_pct is not None:
                yield p.spo2_floor_pct, LimitReason.PRESCRIBED
            yield SPO2_LOW_DEFAULT_PCT, LimitReason.DEFAULT
        case _:
            floor = limits[RuleId.SPO2_LOW]
            if p.spo2_critical_pct is not None:
                yield p.spo2_critical_pct, LimitReason.PRESCRIBED
            elif floor.value < SPO2_CRIT_DEFAULT_PCT:
                yield floor.value, floor.reason
            yield SPO2_CRIT_DEFAULT_PCT, LimitReason.DEFAULT


def _upper(p: Prescription) -> Iterator[tuple[float, LimitReason]]:
    if p.hr_upper_bpm is not None:
        yield float(p.hr_upper_bpm), LimitReason.PRESCRIBED
    if p.zone_high_bpm is not None:
        yield float(p.zone_high_bpm), LimitReason.ZONE_TOP
    if p.ischaemic_threshold_bpm is not None:
        yield float(p.ischaemic_threshold_bpm - ISCHAEMIC_MARGIN_BPM), LimitReason.ISCHAEMIC_MINUS_10
    yield from _device(p)
    if p.rest_hr_bpm is not None and not p.exercise_test:
        if p.after_surgery:
            yield float(p.rest_hr_bpm + REST_RISE_AFTER_SURGERY_BPM), LimitReason.REST_PLUS_30
        else:
            yield float(p.rest_hr_bpm + REST_RISE_MAX_BPM), LimitReason.REST_PLUS_20


def _device(p: Prescription) -> Iterator[tuple[float, LimitReason]]:
    if p.device_detection_bpm is None:
        return
    margin = p.device_margin_bpm or DEVICE_MARGIN_BPM
    is_usual = margin == DEVICE_MARGIN_BPM
    reason = LimitReason.DEVICE_RATE_MINUS_10 if is_usual else LimitReason.DEVICE_RATE_MINUS_MARGIN
    yield float(p.device_detection_bpm - margin), reason
