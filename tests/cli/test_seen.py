"""A replay held against the record: what is told otherwise is named."""

from msgspec.structs import replace

from analysis.core.events import AlarmEventRaised
from cli.backtest.seen import compare_changes
from tests.analysis.scenario import Scenario
from vitals.alarms import AlarmEvent, RuleId
from vitals.readings import RunId


def story() -> list[AlarmEventRaised]:
    played = Scenario().play(0, 12, 130).play(13, 60, 80)
    return [effect for effect in played.effects if isinstance(effect, AlarmEventRaised)]


def stored(told: list[AlarmEventRaised]) -> list[AlarmEvent]:
    return [
        AlarmEvent(run=RunId("r1"), seq=seq, mono_ms=one.mono_ms, utc_ms=one.utc_ms, change=one.change, alarm=one.alarm)
        for seq, one in enumerate(told)
    ]


def test_the_same_story_has_no_differences() -> None:
    told = story()
    assert len(told) >= 2
    assert list(compare_changes(told, stored(told))) == []


def test_what_is_different_is_named_with_both_values() -> None:
    told = story()
    recorded = stored(told)
    recorded[0] = replace(recorded[0], alarm=replace(recorded[0].alarm, limit=117.0), utc_ms=5)
    (line,) = compare_changes(told, recorded)
    alarm = told[0].alarm
    assert line == (
        f"change 1 differs, {RuleId.HR_OVER.value} {alarm.alarm_id}: utc_ms {told[0].utc_ms} (recorded: 5), "
        f"limit {alarm.limit} (recorded: 117.0)"
    )


def test_what_only_one_of_them_says_is_named() -> None:
    told = story()
    recorded = stored(told)
    recorded[0] = replace(recorded[0], alarm=replace(recorded[0].alarm, limit=None, source_lost=True))
    (line,) = compare_changes(told, recorded)
    assert "source_lost None (recorded: True)" in line
    assert f"limit {told[0].alarm.limit} (recorded: none)" in line


def test_a_missing_change_is_told() -> None:
    told = story()
    lines = list(compare_changes(told, stored(told)[:-1]))
    assert lines == [f"the replay has {len(told)} changes of alarms, the record has {len(told) - 1}"]
