"""The check before exercise: who is cleared, who is not yet, who was let be by somebody who said why. Pure."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from dashboard.flow.plan import STOP_SIGNS, PreCheckPlan
from dashboard.flow.story import Story
from vitals.alarms import RuleId
from vitals.entries import (
    BloodPressure,
    Entry,
    OxygenFlow,
    PreChecked,
    PreCheckItem,
    Symptom,
    SymptomKind,
    SymptomsAsked,
    Weight,
)
from vitals.sessions import RosterEntry
from vitals.units import UtcMs

DAY_MS = 86_400_000


class CheckState(StrEnum):
    """How one item stands."""

    OK = "ok"
    PROBLEM = "problem"
    MISSING = "missing"
    NOT_NEEDED = "not_needed"


class Finding(Struct, frozen=True, kw_only=True):
    """One item: how it stands, the value as it is written, and the limit that it was held against."""

    item: PreCheckItem
    state: CheckState
    value: str = ""
    limit: str = ""


class LastWeight(Struct, frozen=True, kw_only=True):
    """What somebody weighed at an earlier class."""

    mass_kg: float
    at_utc_ms: UtcMs


class Evidence(Struct, frozen=True, kw_only=True):
    """What is known of one person at rest.

    ``hr_bpm``, ``spo2_pct``: live and good, None: there is none. ``is_medication_taken`` None: not asked.
    ``oxygen_prescribed_l_min`` None: none prescribed.
    """

    entry: RosterEntry
    story: Story
    since_utc_ms: UtcMs
    hr_bpm: float | None = None
    spo2_pct: float | None = None
    wears_oximeter: bool = False
    is_medication_taken: bool | None = None
    oxygen_prescribed_l_min: float | None = None
    last_weight: LastWeight | None = None


def check(evidence: Evidence, plan: PreCheckPlan) -> tuple[Finding, ...]:
    """Return how each item stands now."""
    return tuple(_look(item, evidence, plan) for item in plan.items)


def problems_of(findings: tuple[Finding, ...]) -> tuple[PreCheckItem, ...]:
    """Return what did not pass."""
    return tuple(one.item for one in findings if one.state is CheckState.PROBLEM)


def missing_of(findings: tuple[Finding, ...]) -> tuple[PreCheckItem, ...]:
    """Return what was not checked."""
    return tuple(one.item for one in findings if one.state is CheckState.MISSING)


class ClearanceState(StrEnum):
    """Whether somebody may exercise."""

    NOT_CLEARED = "not_cleared"
    CLEARED = "cleared"
    LET_BE = "let_be"
    """Something was missing or did not pass; somebody said why it was let be."""
    STOPPED = "stopped"
    """A stop sign since; the check is to be made anew before this person goes on."""


class Clearance(Struct, frozen=True, kw_only=True):
    """Whether somebody may exercise, by whom, since when; ``sign``: which stop sign ended it."""

    state: ClearanceState
    check: Entry | None = None
    sign: Entry | None = None

    @property
    def is_cleared(self) -> bool:
        """Whether nothing stands against exercise."""
        return self.state in {ClearanceState.CLEARED, ClearanceState.LET_BE}


def judge_clearance(story: Story) -> Clearance:
    """Return whether somebody may exercise, by what was entered."""
    joined = story.joined
    since = 0 if joined is None else joined.at_utc_ms
    checked = story.last(PreChecked, since_utc_ms=since)
    if checked is None:
        return Clearance(state=ClearanceState.NOT_CLEARED)
    sign = find_stop_sign(story, since_utc_ms=checked.at_utc_ms + 1)
    if sign is not None:
        return Clearance(state=ClearanceState.STOPPED, check=checked, sign=sign)
    body = checked.body
    is_whole = isinstance(body, PreChecked) and not (body.problems or body.missing)
    return Clearance(state=ClearanceState.CLEARED if is_whole else ClearanceState.LET_BE, check=checked)


def find_stop_sign(story: Story, *, since_utc_ms: int) -> Entry | None:
    """Return the newest stop sign since a time."""
    for entry in reversed(story.entries):
        if entry.at_utc_ms < since_utc_ms:
            return None
        if isinstance(entry.body, Symptom) and entry.body.symptom in STOP_SIGNS:
            return entry
    return None


def symptoms_since(story: Story, since_utc_ms: int) -> tuple[SymptomKind, ...]:
    """Return what was seen or said since a time, each once."""
    found = (
        entry.body.symptom
        for entry in story.entries
        if entry.at_utc_ms >= since_utc_ms and isinstance(entry.body, Symptom)
    )
    return tuple(dict.fromkeys(found))


def _look(item: PreCheckItem, evidence: Evidence, plan: PreCheckPlan) -> Finding:
    match item:
        case PreCheckItem.BLOOD_PRESSURE:
            return _look_at_pressure(evidence, plan)
        case PreCheckItem.HEART_RATE:
            return _look_at_rate(evidence, plan)
        case PreCheckItem.SPO2:
            return _look_at_saturation(evidence, plan)
        case PreCheckItem.WEIGHT:
            return _look_at_weight(evidence, plan)
        case PreCheckItem.SYMPTOMS:
            return _look_at_symptoms(evidence)
        case PreCheckItem.MEDICATION:
            return _finding(item, is_ok=evidence.is_medication_taken)
        case PreCheckItem.OXYGEN:
            return _look_at_oxygen(evidence)


def _look_at_pressure(evidence: Evidence, plan: PreCheckPlan) -> Finding:
    item, limit = PreCheckItem.BLOOD_PRESSURE, f"{plan.systolic_max_mmhg}/{plan.diastolic_max_mmhg}"
    found = evidence.story.last(BloodPressure, since_utc_ms=evidence.since_utc_ms)
    if found is None or not isinstance(found.body, BloodPressure):
        return _finding(item, is_ok=None, limit=limit)
    systolic, diastolic = found.body.systolic_mmhg, found.body.diastolic_mmhg
    is_ok = systolic <= plan.systolic_max_mmhg and diastolic <= plan.diastolic_max_mmhg
    return _finding(item, is_ok=is_ok, value=f"{systolic}/{diastolic}", limit=limit)


def _look_at_rate(evidence: Evidence, plan: PreCheckPlan) -> Finding:
    limits = {limit.rule: limit.value for limit in evidence.entry.limits}
    high = min(plan.hr_max_bpm, limits.get(RuleId.HR_OVER, plan.hr_max_bpm))
    low = limits.get(RuleId.HR_LOW, 0.0)
    limit = f"{low:g}-{high:g}" if low > 0 else f"{high:g}"
    if evidence.hr_bpm is None:
        return _finding(PreCheckItem.HEART_RATE, is_ok=None, limit=limit)
    is_ok = low <= evidence.hr_bpm <= high
    return _finding(PreCheckItem.HEART_RATE, is_ok=is_ok, value=f"{evidence.hr_bpm:.0f}", limit=limit)


def _look_at_saturation(evidence: Evidence, plan: PreCheckPlan) -> Finding:
    floor = next((one.value for one in evidence.entry.limits if one.rule is RuleId.SPO2_LOW), plan.spo2_min_pct)
    if evidence.spo2_pct is None:
        if not evidence.wears_oximeter:
            return Finding(item=PreCheckItem.SPO2, state=CheckState.NOT_NEEDED, limit=f"{floor:g}")
        return _finding(PreCheckItem.SPO2, is_ok=None, limit=f"{floor:g}")
    is_ok = evidence.spo2_pct >= floor
    return _finding(PreCheckItem.SPO2, is_ok=is_ok, value=f"{evidence.spo2_pct:.0f}", limit=f"{floor:g}")


def _look_at_weight(evidence: Evidence, plan: PreCheckPlan) -> Finding:
    found, before = evidence.story.last(Weight, since_utc_ms=evidence.since_utc_ms), evidence.last_weight
    limit = f"+{plan.gain_max_kg:g}"
    if found is None or not isinstance(found.body, Weight):
        return _finding(PreCheckItem.WEIGHT, is_ok=None, limit=limit)
    mass_kg = found.body.mass_kg
    if before is None or found.at_utc_ms - before.at_utc_ms > plan.gain_days * DAY_MS:
        return _finding(PreCheckItem.WEIGHT, is_ok=True, value=f"{mass_kg:.1f}", limit=limit)
    gain_kg = round(mass_kg - before.mass_kg, 1)
    return _finding(
        PreCheckItem.WEIGHT, is_ok=gain_kg < plan.gain_max_kg, value=f"{mass_kg:.1f} ({gain_kg:+.1f})", limit=limit
    )


def _look_at_symptoms(evidence: Evidence) -> Finding:
    said = symptoms_since(evidence.story, evidence.since_utc_ms)
    if said:
        return _finding(PreCheckItem.SYMPTOMS, is_ok=False, value=" ".join(said))
    is_asked = evidence.story.last(SymptomsAsked, since_utc_ms=evidence.since_utc_ms) is not None
    return _finding(PreCheckItem.SYMPTOMS, is_ok=True if is_asked else None)


def _look_at_oxygen(evidence: Evidence) -> Finding:
    prescribed = evidence.oxygen_prescribed_l_min
    found = evidence.story.last(OxygenFlow, since_utc_ms=evidence.since_utc_ms)
    given = found.body.oxygen_l_min if found is not None and isinstance(found.body, OxygenFlow) else None
    if prescribed is None:
        value = "" if given is None else f"{given:g}"
        return Finding(item=PreCheckItem.OXYGEN, state=CheckState.NOT_NEEDED, value=value)
    is_ok = None if given is None else given == prescribed
    return _finding(
        PreCheckItem.OXYGEN, is_ok=is_ok, value="" if given is None else f"{given:g}", limit=f"{prescribed:g}"
    )


def _finding(item: PreCheckItem, *, is_ok: bool | None, value: str = "", limit: str = "") -> Finding:
    state = CheckState.MISSING if is_ok is None else CheckState.OK if is_ok else CheckState.PROBLEM
    return Finding(item=item, state=state, value=value, limit=limit)


def say_items(items: tuple[PreCheckItem, ...]) -> Iterator[str]:
    """Yield the items as words for an error's line."""
    return (item.value.replace("_", " ") for item in items)
