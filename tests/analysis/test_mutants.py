"""Planted defects: each must be caught by the worked examples of the condition machine, or they prove nothing."""

import pytest

from analysis.core import condition
from tests.analysis.condition_table import CASES, Case, play
from tests.analysis.mutant import Plant, planted

LEG = "if is_beyond(excess, rule, leg.beyond) else None"
SPAN = "at_ms - since >= leg.hold_s * 1000"
CLEAR_SPAN = "at_ms - since_ms >= rule.clear_s * 1000"
BREACH = "if is_beyond(excess, rule)"
INSIDE = "if excess > -rule.clear_margin or is_beyond(excess, rule):"
ACTIVE = "return _moved(before, rule, _ACTIVE, value, at_ms, None)"
STAND = f"{INSIDE}\n        {ACTIVE}\n    if"

MUTANTS: dict[str, Plant] = {
    "a breach at the limit": (
        ("if is_beyond(excess, rule) else before", "if excess >= 0 else before"),
        ("if is_beyond(excess, rule) else IDLE", "if excess >= 0 else IDLE"),
        (LEG, "if excess >= leg.beyond else None"),
    ),
    "a breach at the limit counts for every rule": (("(excess == depth and rule.op in INCLUSIVE)", "excess == depth"),),
    "no rule takes the limit itself for a breach": (("or (excess == depth and", "or (False and"),),
    "an alarm of a rule that takes the limit in clears at it": ((INSIDE, "if excess > -rule.clear_margin:"),),
    "a hold survives a good sample": ((f"{BREACH} else IDLE", f"{BREACH} else before"),),
    "a hold survives inside the margin": (
        ("if is_beyond(excess, rule) else IDLE", "if excess > -rule.clear_margin else IDLE"),
        (LEG, "if excess > leg.beyond - rule.clear_margin else None"),
    ),
    "a hold one second short": ((SPAN, f"{SPAN} - 1000"),),
    "a hold one sample long": ((SPAN, "at_ms - since > leg.hold_s * 1000"),),
    "a hole is ignored": (("at_ms - before.seen_ms <= rule.gate.hole_s_max * 1000", "True"),),
    "a hole of exactly 5 s ends the hold": (("before.seen_ms <= rule.gate", "before.seen_ms < rule.gate"),),
    "every leg is as deep as the first": ((LEG, "if is_beyond(excess, rule) else None"),),
    "a leg at its depth": ((LEG, "if excess >= leg.beyond else None"),),
    "all legs must be complete": (("complete = any(", "complete = all("),),
    "a leg keeps its start through a shallow value": ((LEG, "if is_beyond(excess, rule, leg.beyond) else since"),),
    "clears at the limit": ((INSIDE, "if excess > 0:"),),
    "clears without the clear time": (("if rule.clear_s <= 0:", "if rule.clear_s <= 60:"),),
    "a clear time one second short": ((CLEAR_SPAN, f"{CLEAR_SPAN} - 1000"),),
    "a clear time that never ends": ((CLEAR_SPAN, "at_ms < since_ms"),),
    "a hole clears": (("or at_ms - before.seen_ms > rule.gate.hole_s_max * 1000", ""),),
    "clearing goes on inside the margin": ((f"{STAND} at_ms", f"{STAND} at_ms".replace(INSIDE, "if excess > 0:")),),
    "above and below are one": (("value - limit if rule.op in UPWARD else limit - value", "value - limit"),),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_machine_does_what_the_example_says(case: Case) -> None:
    assert play(condition, case) == (case.begins_s, case.ends_s)


@pytest.mark.parametrize("name", MUTANTS)
def test_no_planted_defect_survives_the_examples(name: str) -> None:
    mutant = planted(condition, name, MUTANTS[name])
    caught = [case.name for case in CASES if play(mutant, case) != (case.begins_s, case.ends_s)]
    assert caught, f"{name!r} was not noticed by any example"
