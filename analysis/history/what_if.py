"""What other rules or limits would have changed: all rules about values, over many histories at once.

Quality is judged before, once, by the live code: what is taken here are the values that went to the rules. Rules about
shapes (a sudden fall, a rate that does not rise) and about sensors are the live code's alone (`playback.py`).
"""

from collections.abc import Mapping

from analysis.core.rules import SAMPLED, RuleSet, Watch, tailor
from analysis.history.samples import Samples, Values
from analysis.history.twin import Stood, judge
from vitals.alarms import RuleId
from vitals.participants import LimitReason
from vitals.sessions import Phase, ResolvedLimit


def judge_all(
    rules: RuleSet, samples: Mapping[Watch, Samples], limits: Mapping[RuleId, float | Values], *, phase: Phase
) -> dict[RuleId, Stood]:
    """Return when the condition of each rule stood.

    Args:
        rules: the rule set to try.
        samples: good heart rates and good saturations; a rule of a vital sign that is not here is left out.
        limits: for each rule one number, or one for each history; a rule without is left out, as for a person who has
            no such limit.
        phase: of the class, all the time.
    """
    found = {}
    for rule in rules.rules:
        if rule.watch not in SAMPLED or rule.watch not in samples or rule.id not in limits:
            continue
        mine = ResolvedLimit(rule=rule.id, value=0, reason=LimitReason.RULE_SET)
        tailored = tailor(rule, mine, phase)
        if tailored is not None:
            found[rule.id] = judge(tailored, samples[rule.watch], limits[rule.id])
    return found
