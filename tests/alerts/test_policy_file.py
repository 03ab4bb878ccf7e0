"""Policies as files: the delivered one says where each number comes from, and nonsense is refused in one line."""

import pytest

from alerts.policy.plan import policy_timeline
from alerts.policy.plan_file import read_policy
from tests.alerts.script import DEFAULT_FILE, PLAN
from vitals.alarms import Priority
from vitals.errors import InputError
from vitals.escalation import Called, Ways

TEXT = DEFAULT_FILE.read_text(encoding="utf-8")


def test_the_delivered_policy_says_where_each_number_comes_from() -> None:
    assert TEXT.count("{ is = ") == len(PLAN.sources)
    assert all(source.strip() for source in PLAN.sources.values())


def test_the_timeline_shows_every_step_in_order() -> None:
    timeline = policy_timeline(PLAN)
    shown = [(row.priority, row.after_s, row.called, row.every_s, row.again) for row in timeline.rows]
    assert shown == [
        (Priority.HIGH, 0, (Called.ON_DUTY,), None, False),
        (Priority.HIGH, 15, (Called.ON_DUTY, Called.SUPERVISOR), None, False),
        (Priority.HIGH, 30, (Called.EVERYBODY,), 30, False),
        (Priority.HIGH, 60, (Called.ON_DUTY,), None, True),
        (Priority.MEDIUM, 0, (Called.ASSIGNED,), None, False),
        (Priority.MEDIUM, 30, (Called.ON_DUTY,), None, False),
        (Priority.MEDIUM, 90, (Called.ON_DUTY, Called.SUPERVISOR), None, False),
        (Priority.LOW, 0, (), None, False),
    ]
    assert [row.ways for row in timeline.rows if row.every_s] == [Ways.ALL]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("[policy]", "[polici]", "site.toml: polici: unknown table, known are policy, high, medium"),
        ('name = "default"', "name = 7", "site.toml: policy.name: 7 is no name for this policy"),
        ("version = 1", "version = 0", "site.toml: policy.version: 0 is no whole number from 1 on"),
        ("version = 1", "version = 1\nvershun = 2", "site.toml: policy.vershun: unknown key, known are name, version"),
        ('["apprise"]', '["pigeon"]', "site.toml: policy.second_channels: 'pigeon' is none of web_push, ntfy"),
        ("is = 15,", "is = -1,", "site.toml: high.steps[1].after_s.is: -1 is not a number from 0 to 3600"),
        ("is = 15,", "is = 30,", "site.toml: high.steps[2].after_s: 30.0 a step comes later than the one before"),
        ("is = 0, source", "is = 5, source", "site.toml: high.steps[0].after_s: 5.0 a high alarm is told at once"),
        ('["everybody"]', '["nobody"]', "site.toml: high.steps[2].to: 'nobody' is none of assigned, on_duty"),
        (
            '["everybody"]',
            '["supervisor"]',
            "site.toml: high.steps[2].to: ['supervisor'] the last step calls everybody",
        ),
        ('["everybody"]', "[]", "site.toml: high.steps[2].to: [] calls nobody"),
        ('ways = "all"', 'ways = "every"', "site.toml: high.steps[2].ways: 'every' is none of first, all"),
        ('analysis = "high"', 'analysis = "loud"', "site.toml: losses.analysis: 'loud' is none of high, medium"),
        ("[group]", "[group]\nextra = 1", "site.toml: group.extra: unknown key, known are wait_s"),
        ("is = 6, source", "is = 0, source", "site.toml: limit.burst.is: 0 is not a number from 1 to 60"),
    ],
)
def test_nonsense_is_refused_in_one_line(before: str, after: str, line: str) -> None:
    assert before in TEXT
    with pytest.raises(InputError) as refused:
        read_policy(TEXT.replace(before, after, 1), place="site.toml")
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_a_number_without_a_source_is_refused() -> None:
    text = TEXT.replace('{ is = 15, source = "', '{ is = 15, why = "', 1)
    with pytest.raises(InputError, match="is not written as"):
        read_policy(text, place="site.toml")


def test_what_is_no_toml_is_refused() -> None:
    with pytest.raises(InputError, match=r"site.toml: is no TOML"):
        read_policy("[policy", place="site.toml")
