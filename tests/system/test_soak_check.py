"""The judge of the soak: what it must find wrong, and what not."""

from tests.system.soak_check import Fault, Gap, Slack, longer_than_cause, reconnects_ms, spoken_in, untold

SLACK = Slack(before_ms=2_000, reconnect_ms=10_000, edge_ms=1_000)
WALK = Fault("walked_off", "p01", 100_000, 120_000)
PULL = Fault("radio_pulled", "", 125_000, 140_000)
MUTE = Fault("mute", "p01", 300_000, 320_000)


def gap(from_ms: float, to_ms: float, *, who: str = "p01", kind: str = "hr") -> Gap:
    return Gap(who, kind, "not_heard", from_ms, to_ms)


def test_a_gap_may_last_as_long_as_its_cause_and_the_time_to_connect() -> None:
    assert longer_than_cause([gap(98_500, 129_000)], [WALK], SLACK) == []
    assert len(longer_than_cause([gap(97_000, 129_000)], [WALK], SLACK)) == 1
    assert len(longer_than_cause([gap(98_500, 131_000)], [WALK], SLACK)) == 1


def test_causes_that_follow_each_other_explain_one_long_gap() -> None:
    assert longer_than_cause([gap(99_000, 149_000)], [PULL, WALK], SLACK) == []
    assert len(longer_than_cause([gap(99_000, 149_000, who="p02")], [PULL, WALK], SLACK)) == 1
    assert len(longer_than_cause([gap(99_000, 151_000)], [PULL, WALK], SLACK)) == 1


def test_a_mute_strap_explains_nothing_at_the_oximeter() -> None:
    assert longer_than_cause([gap(299_000, 325_000)], [MUTE], SLACK) == []
    assert len(longer_than_cause([gap(299_000, 325_000, kind="oximeter")], [MUTE], SLACK)) == 1


def test_nothing_was_heard_in_an_honest_gap() -> None:
    heard = {("p01", "hr"): [98_000.0, 99_000.0, 100_500.0, 101_500.0, 124_000.0]}
    assert spoken_in([gap(99_000, 124_000)], heard, [WALK], SLACK) == []
    assert len(spoken_in([gap(99_000, 124_000)], heard, [], SLACK)) == 1


def test_every_long_time_without_a_reading_is_told() -> None:
    readings = {("p01", "hr"): [1_000.0, 2_000.0, 22_000.0, 24_000.0]}
    assert untold(readings, [gap(2_000, 22_000)], from_ms=0, to_ms=25_000, slack=SLACK) == []
    assert len(untold(readings, [gap(2_000, 15_000)], from_ms=0, to_ms=25_000, slack=SLACK)) == 1
    assert len(untold(readings, [gap(2_000, 22_000)], from_ms=0, to_ms=45_000, slack=SLACK)) == 1
    assert len(untold({("p02", "hr"): []}, [], from_ms=0, to_ms=45_000, slack=SLACK)) == 1


def test_the_time_to_speak_again_counts_from_the_last_fault_that_ended() -> None:
    assert reconnects_ms([gap(99_000, 149_000), gap(299_000, 321_500)], [WALK, PULL, MUTE]) == {
        "radio_pulled": [9_000],
        "mute": [1_500],
    }
