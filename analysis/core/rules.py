"""The rules: when a condition holds, for how long, and what it takes to end it. Data only; `condition.py` judges.

Rule ids and numbers follow the clinical specification; a number without a published source says so in its provenance.
None of them is a prescription: what the clinic sets for a person travels in the roster and wins (`limits.py`).
"""

from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct

from vitals.alarms import Family, Operator, Priority, RuleId
from vitals.parts import Part
from vitals.readings import Quality
from vitals.sensors import SensorKind


class Watch(StrEnum):
    """What a rule looks at."""

    HR = "hr"
    SPO2 = "spo2"
    CONTACT = "contact"
    """1 while a sensor says that it is off the body, else 0."""
    SILENCE = "silence"
    """Time since a sensor last told a value (or that it is off the body)."""
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


class Rule(Struct, frozen=True, kw_only=True):
    """One rule.

    ``op`` and ``legs`` say when the condition begins, ``limit`` None means: the person's own, from the roster.
    It ends when values at least ``clear_margin`` on the safe side of the limit have come for ``clear_s``.
    ``latch``: after the end the signal stays until somebody has seen it.
    ``told_by``: while one of these stands for the same subject (or its gateway), it is told instead of this one.
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
    told_by: tuple[RuleId, ...] = ()
    provenance: str


HR_OVER: Final = Rule(
    id=RuleId.HR_OVER,
    family=Family.PHYSIOLOGICAL,
    watch=Watch.HR,
    priority=Priority.MEDIUM,
    legs=(Leg(hold_s=10),),
    op=Operator.ABOVE,
    clear_margin=3,
    clear_s=5,
    provenance="Limit: the lowest that applies (AACVPR/ACSM). Hold, margin and clear time are our engineering choice.",
)
HR_LOW: Final = Rule(
    id=RuleId.HR_LOW,
    family=Family.PHYSIOLOGICAL,
    watch=Watch.HR,
    priority=Priority.HIGH,
    legs=(Leg(hold_s=10),),
    op=Operator.BELOW,
    clear_margin=5,
    clear_s=10,
    latch=True,
    provenance="Below 40 bpm, or 20 below rest; our engineering choice. Latches: a faint ends a fall by itself.",
)
SPO2_LOW: Final = Rule(
    id=RuleId.SPO2_LOW,
    family=Family.PHYSIOLOGICAL,
    watch=Watch.SPO2,
    priority=Priority.MEDIUM,
    legs=(Leg(hold_s=15),),
    op=Operator.BELOW,
    clear_margin=2,
    clear_s=10,
    told_by=(RuleId.SPO2_CRIT,),
    provenance="Target at least 88 % (ACSM/AACVPR); 15 s persistence cuts alarms at 88 by 85 % (Masimo, vendor data).",
)
SPO2_CRIT: Final = Rule(
    id=RuleId.SPO2_CRIT,
    family=Family.PHYSIOLOGICAL,
    watch=Watch.SPO2,
    priority=Priority.HIGH,
    # 5 points below the critical limit (80 at the default 85) is the stop criterion of the 6-minute walk (ERS/ATS
    # 2014); a value that deep is worth the false alarms of a shorter hold.
    legs=(Leg(hold_s=15), Leg(beyond=5, hold_s=8)),
    op=Operator.BELOW,
    clear_margin=2,
    clear_s=10,
    latch=True,
    provenance="Below 85 % for 15 s or 5 points deeper for 8 s; our engineering choice on the 6MWT stop at 80 %.",
)
CONTACT: Final = Rule(
    id=RuleId.CONTACT,
    family=Family.TECHNICAL,
    watch=Watch.CONTACT,
    priority=Priority.LOW,
    legs=(Leg(hold_s=10),),
    op=Operator.ABOVE,
    limit=0.5,
    clear_s=3,
    told_by=(RuleId.NO_DATA, RuleId.GATEWAY_LOST),
    provenance="10 s: a strap that slips for a step or two is no walk across the room; our engineering choice.",
)
# Grey after 3 s (HR) and 5 s (SpO2) is the screens' business; an alarm waits until a person would miss the value.
NO_DATA: Final[dict[SensorKind, Rule]] = {
    kind: Rule(
        id=RuleId.NO_DATA,
        family=Family.TECHNICAL,
        watch=Watch.SILENCE,
        priority=Priority.LOW,
        legs=(Leg(hold_s=hold_s),),
        clear_s=3,
        told_by=(RuleId.GATEWAY_LOST,),
        provenance="HR 10 s, SpO2 15 s; our engineering choice. Medium while an alarm is on for the person.",
    )
    for kind, hold_s in ((SensorKind.STRAP, 10.0), (SensorKind.OXIMETER, 15.0))
}
_LOST_RULES: Final = {
    Part.GATEWAY: RuleId.GATEWAY_LOST,
    Part.INGEST: RuleId.STORE_LOST,
    Part.DASHBOARD: RuleId.DASHBOARD_LOST,
    Part.ALERTS: RuleId.ALERTS_LOST,
}
PART_LOST: Final[dict[Part, Rule]] = {
    part: Rule(
        id=rule,
        family=Family.TECHNICAL,
        watch=Watch.LIFE,
        priority=Priority.MEDIUM,
        legs=(Leg(hold_s=5),),
        provenance="Screens show a loss at once; a restart of a second is not worth a walk. Our engineering choice.",
    )
    for part, rule in _LOST_RULES.items()
}
"""Analysis watches these parts; its own loss and the broker's are told by others."""

VITAL_RULES: Final[dict[RuleId, Rule]] = {rule.id: rule for rule in (HR_OVER, HR_LOW, SPO2_LOW, SPO2_CRIT)}
"""Rules about a person's values; the order in which they are judged."""

RULES: Final[tuple[Rule, ...]] = (*VITAL_RULES.values(), CONTACT, *NO_DATA.values(), *PART_LOST.values())


def hash_rules(rules: tuple[Rule, ...] = RULES) -> str:
    """Return 16 hex digits that change with any number of any rule; the journal names its rule set by them."""
    return blake2b(msgspec.json.encode(rules), digest_size=8).hexdigest()
