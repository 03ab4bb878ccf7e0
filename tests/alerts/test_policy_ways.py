"""Which ways the policy uses: storms, what a phone bears, what is off, who is out of reach; on virtual time."""

from alerts.policy.events import Held
from tests.alerts.script import STAFF, WAYS, Script
from vitals.alarms import Family, Priority, RuleId
from vitals.push_message import PushKind

ON_DUTY = {"tom-phone", "ann-phone", "sue-ntfy"}


def test_a_storm_of_lost_straps_is_one_message_and_holds_back_no_real_alarm() -> None:
    script = Script().at(10)
    for number in range(30):
        script.alarm(
            f"s{number}",
            Priority.MEDIUM,
            participant=f"q{number}",
            rule=RuleId.NO_DATA,
            family=Family.TECHNICAL,
        )
    script.at(11)
    for number in range(10):
        script.alarm(f"real{number}", participant=f"r{number}")
    script.at(12)
    script.alarm("g", Priority.MEDIUM, participant=None, rule=RuleId.GATEWAY_LOST, family=Family.TECHNICAL)
    for number in range(30):
        script.change(f"s{number}", inhibited_by=RuleId.GATEWAY_LOST)
    script.at(24)
    for number in range(10):
        assert script.who(f"real{number}", 11) == ON_DUTY, "at once, none held back"
    technical = [one for one in script.messages() if one.kind is PushKind.TECHNICAL]
    assert {one.cases[0].alarm_id for one in technical} == {"g"}
    assert {one.subscription for one in technical} == ON_DUTY, "one message to each phone"


def test_lost_straps_without_a_lost_gateway_become_one_message_too() -> None:
    script = Script().at(10)
    for number in range(7):
        script.alarm(
            f"s{number}", Priority.MEDIUM, participant=f"q{number}", rule=RuleId.NO_DATA, family=Family.TECHNICAL
        )
    script.at(20)
    assert {len(one.cases) for one in script.messages()} == {7}
    assert {one.subscription for one in script.messages()} == ON_DUTY


def test_a_phone_gets_every_first_high_alarm_and_repeats_as_its_bucket_allows() -> None:
    script = Script().at(10)
    for number in range(40):
        script.alarm(f"a{number}", participant=f"p{number}")
    assert len([one for one in script.told() if one.way == "tom-phone"]) == 40
    assert script.of_kind(Held) == []
    script.at(30)
    second = [one for one in script.told() if one.way == "tom-phone" and one.step == 1]
    assert script.plan.burst <= len(second) <= script.plan.burst + 3
    assert script.of_kind(Held)
    script.at(70)
    last_minute = [one for one in script.told() if one.way == "tom-phone" and 10 < one.at_s <= 70]
    assert len(last_minute) <= script.plan.burst + script.plan.per_minute


def test_what_was_held_is_told_when_there_is_room() -> None:
    script = Script().at(10)
    for number in range(12):
        script.alarm(f"m{number}", Priority.MEDIUM, participant="p3", rule=list(RuleId)[number])
    assert len({one.alarm for one in script.told() if one.way == "ann-phone"}) == script.plan.burst
    script.at(39)
    assert len({one.alarm for one in script.told() if one.way == "ann-phone"}) > script.plan.burst


def test_what_is_switched_off_calls_nobody_and_catches_up_afterwards() -> None:
    script = Script().at(10)
    script.switch_off("p1", RuleId.SPO2_CRIT, 60)
    script.alarm("a")
    script.at(69)
    assert script.told() == []
    case = script.state.cases["a"]  # type: ignore[index]
    assert (case.off_by, case.off_why) == ("tom", "strap is being changed")
    script.at(71)
    assert script.who("a", 70) == set(WAYS), "as if all steps had come at once, once"
    assert len(script.told("a")) == len(WAYS)


def test_switching_on_again_ends_it_at_once() -> None:
    script = Script().at(10)
    script.switch_off("p1", RuleId.SPO2_CRIT, 600)
    script.alarm("a")
    script.at(12)
    script.switch_off("p1", RuleId.SPO2_CRIT, 0)
    assert script.who("a", 12) == ON_DUTY


def test_a_step_that_reaches_nobody_goes_to_everybody_and_says_who_is_out_of_reach() -> None:
    script = Script().at(10)
    for way in ("tom-phone", "ann-phone", "sue-ntfy", "sue-mail"):
        script.close(way)
    script.alarm("a")
    assert script.who("a", 10) == {"ida-phone"}
    assert set(script.state.cases["a"].unreachable) == set(STAFF)  # type: ignore[index]


def test_who_has_the_second_channel_alone_is_called_by_it_at_once() -> None:
    script = Script().at(10)
    script.close("sue-ntfy")
    script.alarm("a")
    assert script.who("a", 10) == {"tom-phone", "ann-phone", "sue-mail"}


def test_a_way_that_is_gone_is_used_no_more() -> None:
    script = Script().at(10)
    script.alarm("a")
    script.close("tom-phone")
    script.at(60)
    assert [one.at_s for one in script.told("a") if one.way == "tom-phone"] == [10]
