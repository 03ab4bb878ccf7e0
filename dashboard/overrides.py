"""Limits that staff set for one person for the rest of a class: checked, and what follows from one follows. Pure.

They end with the session: the next class begins with what is prescribed. Who, when and why stand in clinic.db.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from analysis.core.limits import CRITICAL_RISE_BPM
from vitals.alarms import RuleId
from vitals.errors import InputError, InputReason
from vitals.participants import LimitReason, ParticipantId
from vitals.sessions import ResolvedLimit, Roster, RosterEntry
from vitals.units import UtcMs

CHANGEABLE: Final = {
    RuleId.HR_OVER: (40.0, 250.0),
    RuleId.HR_LOW: (20.0, 150.0),
    RuleId.SPO2_LOW: (50.0, 100.0),
    RuleId.SPO2_CRIT: (50.0, 100.0),
}
"""Which limits staff can change in class, and between which values (bpm, %)."""


class Override(Struct, frozen=True, kw_only=True):
    """One change. ``value`` None: back to what is prescribed."""

    participant: ParticipantId
    rule: RuleId
    value: float | None
    by: str
    why: str
    utc_ms: UtcMs


def find_entry(roster: Roster, participant: ParticipantId) -> RosterEntry:
    """Return a person of a class.

    Raises:
        InputError: nobody of that id is in it.
    """
    for entry in roster.entries:
        if entry.participant == participant:
            return entry
    problem = f"{participant[:80]!r} is not in {roster.session}"
    raise InputError("participant", problem, InputReason.UNKNOWN_NAME)


def change_entry(roster: Roster, entry: RosterEntry) -> Roster:
    """Return the next version of a roster with one person changed."""
    entries = tuple(entry if one.participant == entry.participant else one for one in roster.entries)
    return replace(roster, version=roster.version + 1, entries=entries)


def override_limit(
    entry: RosterEntry, rule: RuleId, value: float | None, *, prescribed: tuple[ResolvedLimit, ...]
) -> RosterEntry:
    """Return a person with another limit.

    The critical rate that is 10 above the upper limit moves with it; one that keeps away from a defibrillator does not,
    and no limit is set at or above it.

    Args:
        entry: as in the roster now.
        rule: whose limit.
        value: bpm or %, None: the prescribed one.
        prescribed: the limits with which the class began.

    Raises:
        InputError: a rule without such a limit, or a value that makes no sense beside the others.
    """
    if rule not in CHANGEABLE:
        raise InputError("rule", f"{rule.value} has no limit that can be changed in class", InputReason.OUT_OF_RANGE)
    limits = {limit.rule: limit for limit in entry.limits}
    originals = {limit.rule: limit for limit in prescribed}
    if value is None:
        _restore(limits, originals, rule)
    else:
        low, high = CHANGEABLE[rule]
        if not low <= value <= high:
            raise InputError("value", f"{value:g} is not {low:g} to {high:g}", InputReason.OUT_OF_RANGE)
        limits[rule] = ResolvedLimit(rule=rule, value=value, reason=LimitReason.OVERRIDDEN)
    if rule is RuleId.HR_OVER:
        _follow(limits, originals)
    _check(limits, entry, rule)
    order = {one: number for number, one in enumerate(RuleId)}
    return replace(entry, limits=tuple(sorted(limits.values(), key=lambda limit: order[limit.rule])))


def _restore(limits: dict[RuleId, ResolvedLimit], originals: dict[RuleId, ResolvedLimit], rule: RuleId) -> None:
    if rule in originals:
        limits[rule] = originals[rule]
    else:
        limits.pop(rule, None)


def _follow(limits: dict[RuleId, ResolvedLimit], originals: dict[RuleId, ResolvedLimit]) -> None:
    """Keep the critical rate 10 above the upper limit, but never above what a defibrillator allows."""
    upper, original = limits.get(RuleId.HR_OVER), originals.get(RuleId.HR_CRIT)
    by_device = original is not None and original.reason is not LimitReason.UPPER_PLUS_10
    if upper is None or upper.reason is not LimitReason.OVERRIDDEN or by_device:
        _restore(limits, originals, RuleId.HR_CRIT)
        return
    limits[RuleId.HR_CRIT] = ResolvedLimit(
        rule=RuleId.HR_CRIT, value=upper.value + CRITICAL_RISE_BPM, reason=LimitReason.UPPER_PLUS_10
    )


def _check(limits: dict[RuleId, ResolvedLimit], entry: RosterEntry, rule: RuleId) -> None:
    def refuse(problem: str) -> InputError:
        value = limits[rule].value if rule in limits else None
        shown = "the prescribed value" if value is None else f"{value:g}"
        return InputError("value", f"{shown} {problem}", InputReason.CONFLICT)

    danger, over, low = (limits.get(one) for one in (RuleId.HR_CRIT, RuleId.HR_OVER, RuleId.HR_LOW))
    if danger is not None and over is not None and danger.value <= over.value:
        raise refuse(f"is not below the critical rate {danger.value:g} ({danger.reason.value})")
    if over is not None and low is not None and over.value <= low.value:
        raise refuse(f"does not fit: the lower limit {low.value:g} would not be below the upper {over.value:g}")
    if over is not None and entry.rest_hr_bpm is not None and over.value <= entry.rest_hr_bpm:
        raise refuse(f"is not above the rate at rest, {entry.rest_hr_bpm}")
    floor, critical = limits.get(RuleId.SPO2_LOW), limits.get(RuleId.SPO2_CRIT)
    if floor is not None and critical is not None and critical.value > floor.value:
        raise refuse(f"does not fit: critical SpO2 {critical.value:g} would be above the limit {floor.value:g}")
