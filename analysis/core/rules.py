"""The rules: when a condition holds, for how long, and what it takes to end it. Data only; `condition.py` judges.

The numbers stand in a rule set (`analysis/rules/default.toml`, read by `rule_file.py`); a site may bring its own, and
what the clinic sets for a person travels in the roster and wins (`limits.py`). None of them is a prescription.
"""

from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from vitals.alarms import Family, Operator, Priority, RuleId
from vitals.parts import Part
from vitals.readings import Quality
from vitals.sensors import SensorKind
from vitals.sessions import Phase, ResolvedLimit


class Watch(StrEnum):
    """What a rule looks at."""

    HR = "hr"
    """Good heart rates, bpm."""
    SPO2 = "spo2"
    """Good saturations, %."""
    HR_FALL = "hr_fall"
    """How far a heart rate has fallen (`shape.fall_bpm`), bpm; only with beats or contact to prove it."""
    HR_DEFICIT = "hr_deficit"
    """How much less the heart rate has risen than the risen work asks for, bpm; 0 while work has not risen."""
    HR_RECOVERED = "hr_recovered"
    """How far the heart rate has come down since recovery began, bpm; not before the rule's window has passed."""
    CONTACT = "contact"
    """1 while a sensor says that it is off the body, else 0."""
    SILENCE = "silence"
    """Time since a sensor last told a value (or that it is off the body)."""
    TRUST = "trust"
    """Time since a sensor last told a good value, while it goes on telling others."""
    AGREEMENT = "agreement"
    """Whether two sources of one number agree, as `analysis/core/quality` judges it."""
    BATTERY = "battery"
    """A sensor's battery, %."""
    SLOTS = "slots"
    """Sensors that wait for a free place at a gateway's radios."""
    CLOCK = "clock"
    """Difference between a gateway's wall clock and ours, s."""
    LIFE = "life"
    """Time since a part is lost."""


class Gate(Struct, frozen=True, kw_only=True):
    """Which samples count. A hole of at most ``hole_s_max`` between two of them counts as held, a longer one does not.

    5 s: the grey time of SpO2 and half the time to NO_DATA of HR, so a hold never spans what a screen calls lost.
    """

    quality_min: Quality = Quality.GOOD
    hole_s_max: float = 5.0


class Leg(Struct, frozen=True, kw_only=True):
    """One way to complete the hold: ``beyond`` units further than the limit, for ``hold_s``; the first leg has 0."""

    hold_s: float
    beyond: float = 0.0


class Variant(Struct, frozen=True, kw_only=True):
    """What is different about a rule in some phases; None: as in the rule."""

    phases: tuple[Phase, ...]
    hold_s: float | None = None
    priority: Priority | None = None
    latch: bool | None = None


class Rule(Struct, frozen=True, kw_only=True):
    """One rule.

    ``op`` and ``legs`` say when the condition begins, ``limit`` None means: the person's own, from the roster.
    It ends when values at least ``clear_margin`` on the safe side of the limit have come for ``clear_s``.
    ``latch``: after the end the signal stays until somebody has seen it.
    ``phases``: when it is judged at all, empty is always; ``variants``: what is different in some of them.
    ``window_s``: of a derived value (`Watch.HR_FALL` and the like), how far it looks back. ``level_s``: of a fall, over
    how long its level is taken, and ``level_margin``: how far above it a peak counts; 0 s: every peak counts in full.
    ``sensor``: for one kind of sensor only. ``told_by``: while one of these stands for the same subject (or its
    gateway), it is told instead of this one. ``provenance``: for each number where it comes from.
    """

    id: RuleId
    family: Family
    watch: Watch
    priority: Priority
    legs: tuple[Leg, ...]
    op: Operator = Operator.ABOVE
    limit: float | None = None
    clear_margin: float = 0.0
    clear_s: float = 0.0
    latch: bool = False
    gate: Gate = Gate()
    phases: tuple[Phase, ...] = ()
    variants: tuple[Variant, ...] = ()
    window_s: float = 0.0
    level_s: float = 0.0
    level_margin: float = 0.0
    sensor: SensorKind | None = None
    told_by: tuple[RuleId, ...] = ()
    provenance: dict[str, str] = {}


SAMPLED: Final = (Watch.HR, Watch.SPO2)
"""Watches over values as they were measured."""

SHAPES: Final = (Watch.HR_FALL, Watch.HR_DEFICIT, Watch.HR_RECOVERED)
"""Watches over values derived from several measurements (`shape.py`)."""


class RuleSet(Struct, frozen=True, kw_only=True):
    """All rules of a site, in the order in which they are judged. ``hold_back``: implausible jumps wait for proof."""

    name: str
    version: int
    rules: tuple[Rule, ...]
    hold_back: bool = True

    def about_people(self) -> dict[RuleId, Rule]:
        """Return the rules about a person's values."""
        return {rule.id: rule for rule in self.rules if rule.watch in SAMPLED or rule.watch in SHAPES}

    def get(self, rule: RuleId, sensor: SensorKind | None = None) -> Rule | None:
        """Return a rule, of a kind of sensor where it differs by that."""
        return next((one for one in self.rules if one.id is rule and one.sensor in {None, sensor}), None)


PART_RULES: Final = {
    Part.GATEWAY: RuleId.GATEWAY_LOST,
    Part.INGEST: RuleId.STORE_LOST,
    Part.DASHBOARD: RuleId.DASHBOARD_LOST,
    Part.ALERTS: RuleId.ALERTS_LOST,
}
"""Analysis watches these parts; its own loss and the broker's are told by others."""


def tailor(rule: Rule, limit: ResolvedLimit | None, phase: Phase | None) -> Rule | None:
    """Return a rule as it is judged for one person in one phase; None when it is not judged then.

    A person's own comparison and hold win over the phase's variant, which wins over the rule. A person's hold is that
    of the first leg; a deeper leg is never slower than it.
    """
    if rule.phases and phase is not None and phase not in rule.phases:
        return None
    if limit is None and rule.limit is None:
        return None
    for variant in rule.variants:
        if phase in variant.phases:
            rule = replace(
                rule,
                legs=rule.legs if variant.hold_s is None else _with_hold(rule.legs, variant.hold_s),
                priority=rule.priority if variant.priority is None else variant.priority,
                latch=rule.latch if variant.latch is None else variant.latch,
            )
    if limit is not None and limit.hold_s is not None:
        rule = replace(rule, legs=_with_hold(rule.legs, limit.hold_s))
    if limit is not None and limit.op is not None:
        rule = replace(rule, op=limit.op)
    return rule


def _with_hold(legs: tuple[Leg, ...], hold_s: float) -> tuple[Leg, ...]:
    first, *deeper = legs
    return (replace(first, hold_s=hold_s), *(replace(leg, hold_s=min(leg.hold_s, hold_s)) for leg in deeper))


def hash_rules(rules: tuple[Rule, ...] | RuleSet) -> str:
    """Return 16 hex digits that change with any number of any rule; the journal names its rule set by them."""
    return blake2b(msgspec.json.encode(rules, order="sorted"), digest_size=8).hexdigest()
