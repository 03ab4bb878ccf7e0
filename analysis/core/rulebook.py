"""A rule set, opened for the engine: every rule where it is looked for, tailored to a person and a phase once."""

from typing import Final

from analysis.core.rules import PART_RULES, Rule, RuleSet, Watch, hash_rules, tailor
from vitals.alarms import Operator, RuleId
from vitals.participants import LimitReason
from vitals.parts import Part
from vitals.sensors import SensorKind
from vitals.sessions import Phase, ResolvedLimit

WATCHED_SENSORS: Final = (SensorKind.STRAP, SensorKind.OXIMETER)
"""A machine tells no vital sign: nobody has to look when it is switched off."""


class Rulebook:
    """Looks rules up; it remembers nothing that the rule set does not say."""

    def __init__(self, rules: RuleSet) -> None:
        """Open a rule set.

        Raises:
            KeyError: a rule is missing, which no checked rule set does.
        """
        self.rules = rules
        self.hash = hash_rules(rules)
        self.vital: dict[RuleId, Rule] = rules.about_people()
        self.watches: dict[Watch, tuple[Rule, ...]] = {
            watch: tuple(rule for rule in self.vital.values() if rule.watch is watch) for watch in Watch
        }
        self.no_data = {kind: self.technical(RuleId.NO_DATA, kind) for kind in WATCHED_SENSORS}
        self.part_lost: dict[Part, Rule] = {part: self.technical(rule) for part, rule in PART_RULES.items()}
        holds_s = [rule.legs[0].hold_s for rule in self.no_data.values()]
        holds_s.append(self.technical(RuleId.QUESTIONABLE).legs[0].hold_s)
        self.silence_ms_min = int(min(holds_s) * 1000)
        """Who told something and was believed so lately is not silent in the sense of any rule."""
        self.contact = self.technical(RuleId.CONTACT)
        self.questionable = self.technical(RuleId.QUESTIONABLE)
        self.no_data_hole_ms = {kind: int(rule.gate.hole_s_max * 1000) for kind, rule in self.no_data.items()}
        self.questionable_hole_ms = int(self.questionable.gate.hole_s_max * 1000)
        self.ghost = self.technical(RuleId.GHOST)
        self.disagree = self.technical(RuleId.DISAGREE)
        self.swapped = self.technical(RuleId.SWAPPED)
        self.battery_low = self.technical(RuleId.BATTERY_LOW)
        self.out_of_slots = self.technical(RuleId.OUT_OF_SLOTS)
        self.clock = self.technical(RuleId.CLOCK)
        self.fall = self.vital[RuleId.HR_DROP]
        self.deficit_s = self.vital[RuleId.HR_NOT_RISING].window_s
        self.recovery_ms = self.vital[RuleId.HR_NOT_RECOVERING].window_s * 1000
        self.told_by = {rule.id: rule.told_by for rule in rules.rules if rule.told_by}
        self._tailored: dict[tuple[RuleId, Phase | None, Operator | None, float | None], Rule] = {}

    def technical(self, rule: RuleId, sensor: SensorKind | None = None) -> Rule:
        """Return a rule about our own ability to watch.

        Raises:
            KeyError: the rule set has none.
        """
        found = self.rules.get(rule, sensor)
        if found is None:
            raise KeyError(rule)
        return found

    def judged(self, rule: RuleId, phase: Phase | None, op: Operator | None, hold_s: float | None) -> Rule:
        """Return a rule about a person as it is judged, given the phase and what is the person's own."""
        key = (rule, phase, op, hold_s)
        found = self._tailored.get(key)
        if found is None:
            personal = ResolvedLimit(rule=rule, value=0, reason=LimitReason.RULE_SET, op=op, hold_s=hold_s)
            found = tailor(self.vital[rule], personal, phase) or self.vital[rule]
            self._tailored[key] = found
        return found
