"""Rule sets: the delivered one, and what a site may change of it; nonsense is refused with file, key and value."""

from importlib.resources import files
from pathlib import Path

import pytest

from analysis.core.rule_file import BOUNDS, read_rules
from analysis.core.rules import Rule, hash_rules, tailor
from analysis.rule_set import DEFAULT, load_rules
from tests.analysis.people import entry, roster
from tests.analysis.scenario import Scenario
from vitals.alarms import Change, Operator, Priority, RuleId
from vitals.errors import InputError, SetupError
from vitals.participants import LimitReason
from vitals.sessions import Phase, ResolvedLimit

HEAD = '[rule_set]\nname = "site"\nversion = 3\n'


def site(text: str) -> dict[RuleId, Rule]:
    return {rule.id: rule for rule in read_rules(HEAD + text, place="site.toml", base=DEFAULT).rules}


def test_the_delivered_set_is_the_file_that_is_delivered_with_it() -> None:
    delivered = files("analysis").joinpath("rules/default.toml").read_text(encoding="utf-8")
    assert read_rules(delivered, place="default.toml") == DEFAULT
    assert {rule.id for rule in DEFAULT.rules} == set(RuleId)


def test_every_number_says_where_it_comes_from() -> None:
    for rule in DEFAULT.rules:
        assert "hold_s" in rule.provenance
        assert set(rule.provenance) <= {*BOUNDS, "in.rest.hold_s"}
        assert all(rule.provenance.values())
        assert (rule.limit is None) == ("limit" not in rule.provenance)


def test_a_site_changes_what_it_names_and_nothing_else() -> None:
    changed = site('[SPO2_LOW]\nhold_s = { is = 20, source = "our ward" }\npriority = "high"\n')
    before = {rule.id: rule for rule in DEFAULT.rules}
    low = changed.pop(RuleId.SPO2_LOW)
    assert (low.legs[0].hold_s, low.priority, low.provenance["hold_s"]) == (20, Priority.HIGH, "our ward")
    assert (low.clear_s, low.provenance["clear_s"]) == (10, "engineering choice")
    assert changed == {rule: before[rule] for rule in changed}


def test_a_site_changes_the_margin_of_a_fall_and_keeps_its_level() -> None:
    changed = site('[HR_DROP]\nlevel_margin = { is = 15, source = "our ward" }\n')[RuleId.HR_DROP]
    assert (changed.level_s, changed.level_margin) == (60, 15)
    assert site("")[RuleId.HR_DROP] == DEFAULT.get(RuleId.HR_DROP)


def test_a_site_with_other_numbers_has_another_name() -> None:
    text = HEAD + '[HR_OVER]\nhold_s = { is = 11, source = "us" }\n'
    assert hash_rules(read_rules(text, place="x", base=DEFAULT)) != hash_rules(DEFAULT)
    assert hash_rules(read_rules(text, place="x", base=DEFAULT)) == hash_rules(
        read_rules(text, place="y", base=DEFAULT)
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[HR_OVR]\n", "site.toml: HR_OVR: 'HR_OVR' is none of HR_OVER"),
        ("[HR_OVER]\nhold = 3\n", "site.toml: HR_OVER.hold: unknown key"),
        ("[HR_OVER]\nhold_s = 3\n", "site.toml: HR_OVER.hold_s: 3 is not written as"),
        ('[HR_OVER]\nhold_s = { is = 3, source = "" }\n', "site.toml: HR_OVER.hold_s.source: '' does not say where 3"),
        ('[HR_OVER]\nhold_s = { is = -1, source = "x" }\n', "site.toml: HR_OVER.hold_s.is: -1 is not a number from 0"),
        ('[HR_OVER]\nhold_s = { is = nan, source = "x" }\n', "site.toml: HR_OVER.hold_s.is: nan is not a number"),
        ('[HR_OVER]\nhold_s = { is = true, source = "x" }\n', "site.toml: HR_OVER.hold_s.is: True is not a number"),
        ('[HR_OVER]\npriority = "loud"\n', "site.toml: HR_OVER.priority: 'loud' is none of high, medium, low, info"),
        ('[HR_OVER]\nphases = ["sprint"]\n', "site.toml: HR_OVER.phases: 'sprint' is none of rest"),
        ('[HR_OVER]\nop = "<"\n', "site.toml: HR_OVER.op: '<': belongs to the program"),
        ('[HR_OVER]\nlatch = "yes"\n', "site.toml: HR_OVER.latch: 'yes' is not true or false"),
        ('[HR_OVER]\ndeep = { is = 5, source = "x" }\n', "site.toml: HR_OVER: deep and deep_hold_s need each other"),
        ('[HR_DROP]\nlevel_s = { is = 0, source = "x" }\n', "site.toml: HR_DROP.level_s.is: 0 is not a number from 20"),
        ("[HR_LOW.in.nap]\nlatch = true\n", "site.toml: HR_LOW.in.nap: 'nap' is none of rest"),
        ("[HR_LOW.in.rest]\nlimit = 3\n", "site.toml: HR_LOW.in.rest.limit: known here are hold_s"),
        ("[NO_DATA.machine]\n", "site.toml: NO_DATA.machine: is no rule"),
        ("HR_OVER = 3\n", "site.toml: "),
        ("[HR_OVER\n", "site.toml: is no TOML"),
    ],
)
def test_nonsense_is_refused_in_one_line_with_file_key_and_value(text: str, line: str) -> None:
    with pytest.raises(InputError) as refusal:
        site(text)
    assert str(refusal.value).startswith(line)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("", "site.toml: rule_set.name: None is no name"),
        ('[rule_set]\nname = "x"\nversion = 0\n', "site.toml: rule_set.version: 0 is no whole number"),
        ('[rule_set]\nname = "x"\nversion = 1\nsize = 3\n', "site.toml: rule_set.size: unknown key"),
    ],
)
def test_a_set_without_name_and_version_is_refused(head: str, line: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_rules(head, place="site.toml", base=DEFAULT)
    assert str(refusal.value).startswith(line)


def test_a_file_of_the_settings_is_read_or_refused_with_its_name(tmp_path: Path) -> None:
    assert load_rules(None) is DEFAULT
    path = tmp_path / "rules.toml"
    with pytest.raises(SetupError, match=r"analysis.rules: .*rules.toml cannot be read"):
        load_rules(path)
    path.write_text(HEAD + '[HR_OVER]\nhold_s = { is = 7, source = "x" }\n', encoding="utf-8")
    found = load_rules(path).get(RuleId.HR_OVER)
    assert found is not None
    assert found.legs[0].hold_s == 7
    path.write_text(HEAD + "[HR_OVER]\nhold_s = 7\n", encoding="utf-8")
    with pytest.raises(SetupError, match=r"rules.toml: HR_OVER.hold_s: 7 is not"):
        load_rules(path)


def test_a_persons_own_hold_and_comparison_win_over_the_phase_and_the_rule() -> None:
    low = next(rule for rule in DEFAULT.rules if rule.id is RuleId.HR_LOW)
    plain = ResolvedLimit(rule=RuleId.HR_LOW, value=40, reason=LimitReason.DEFAULT)
    own = ResolvedLimit(rule=RuleId.HR_LOW, value=40, reason=LimitReason.PRESCRIBED, op=Operator.AT_MOST, hold_s=3)
    training, resting, personal = (
        tailor(low, plain, Phase.TRAINING),
        tailor(low, plain, Phase.REST),
        tailor(low, own, Phase.REST),
    )
    assert training == low
    assert resting is not None
    assert (resting.legs[0].hold_s, resting.priority, resting.latch) == (20, Priority.MEDIUM, True)
    assert personal is not None
    assert (personal.legs[0].hold_s, personal.op) == (3, Operator.AT_MOST)


def test_a_hold_of_ones_own_is_never_slower_in_the_depth() -> None:
    critical = next(rule for rule in DEFAULT.rules if rule.id is RuleId.SPO2_CRIT)
    own = ResolvedLimit(rule=RuleId.SPO2_CRIT, value=85, reason=LimitReason.PRESCRIBED, hold_s=5)
    tailored = tailor(critical, own, None)
    assert tailored is not None
    assert [leg.hold_s for leg in tailored.legs] == [5, 5]


def test_an_engine_that_starts_with_other_rules_judges_everybody_by_them() -> None:
    text = HEAD + '[HR_OVER]\nhold_s = { is = 3, source = "x" }\n'
    s = Scenario().play(0, 2, 130)
    s.restart(rules=read_rules(text, place="x", base=DEFAULT))
    s.play(3, 4, 130)
    alarm = s.want(Change.RAISED, RuleId.HR_OVER, between=(3, 3)).alarm
    assert (alarm.hold_s, alarm.rules) == (3, s.engine.book.hash)
    s.tell(roster(entry("p01"), version=2))
    assert s.engine.state.rules_hash == s.engine.book.hash
