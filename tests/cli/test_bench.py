import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.bench.crowd import ALARM_PEOPLE_MAX, TIGHT, choose_groups, count_alarms, tighten
from cli.bench.engine import make_roster
from cli.bench.figure import Figure, Setting, percentile, render_circumstances, render_table, rounded, spread, to_json
from cli.bench.outage import measure_outage
from cli.bench.processes import Usage, load_between, read_usage
from cli.bench.sent import Arrival, SentLog
from cli.bench.straps import measure_straps
from vitals.alarms import RuleId
from vitals.participants import ParticipantId

SETTING = Setting(cores=2, python="3.11.7", seconds=20, participants=30)


def test_a_percentile_is_one_of_the_values() -> None:
    values = list(range(1, 101))
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([7.0], 0.99) == 7.0


def test_a_figure_has_three_digits() -> None:
    assert [rounded(value) for value in (0.0123456, 12.3456, 123456.7, 0.0)] == [0.0123, 12.3, 123457, 0.0]


def test_json_carries_the_setting_and_only_what_was_measured() -> None:
    line = json.loads(to_json(spread("latency", "ms", [1.0, 2.0, 300.0], SETTING)))
    assert line == {
        "name": "latency",
        "unit": "ms",
        "setting": {"cores": 2, "python": "3.11.7", "seconds": 20.0, "participants": 30, "samples": 3},
        "p50": 2.0,
        "p99": 300.0,
    }


def test_what_was_not_measured_says_why() -> None:
    figure = spread("latency", "ms", [], SETTING)
    assert figure.p50 is None
    assert "nothing was measured" in render_table([figure])


def test_the_table_has_a_row_a_figure_and_a_column_a_size() -> None:
    many = Setting(cores=2, python="3.11.7", seconds=20, participants=300, note="busy")
    table = render_table(
        [
            spread("latency", "ms", [1.0, 3.0], SETTING),
            Figure(name="rows", unit="1/s", setting=SETTING, value=12345),
            spread("latency", "ms", [4.0], many),
        ]
    )
    assert table.splitlines() == [
        "| figure | unit | 30 people | 300 people | what was measured |",
        "|---|---|--:|--:|---|",
        "| latency | ms | 1 / 3 | 4 / 4 | 300: busy |",
        "| rows | 1/s | 12,345 |  |  |",
    ]
    assert "2 cores, Python 3.11.7" in render_circumstances([spread("latency", "ms", [1.0], many)])


def test_notes_that_differ_say_for_which_size() -> None:
    few = Setting(cores=2, python="3.11.7", seconds=20, participants=30, note="air to screen")
    many = Setting(cores=2, python="3.11.7", seconds=20, participants=300, note="air to screen; 30 in alarm")
    row = render_table([spread("latency", "ms", [1.0], few), spread("latency", "ms", [2.0], many)]).splitlines()[2]
    assert row.endswith("| air to screen; 300: 30 in alarm |")


def said(participant: str, kind: str, mono_ms: int, **values: float) -> str:
    return json.dumps({"participant": participant, "kind": kind, "mono_ms": mono_ms, **values})


def test_a_value_is_as_old_as_the_newest_notification_before_it_that_says_the_same() -> None:
    log = SentLog(
        [
            said("p1", "hr", 1_000, hr_bpm=100),
            said("p1", "hr", 2_000, hr_bpm=101),
            said("p1", "oximeter", 2_000, spo2_pct=96.42),
            said("p2", "hr", 2_005, hr_bpm=101),
            said("p1", "hr", 3_000, hr_bpm=101),
        ]
    )
    assert log.latencies_ms([Arrival("p1", "hr", 2_010, 101, 2_060.0)]) == [60.0]
    assert log.latencies_ms([Arrival("p1", "hr", 2_010, 100, 2_060.0)]) == [1060.0]
    assert log.latencies_ms([Arrival("p1", "oximeter", 2_003, 96.4, 2_100.0)]) == [100.0]


def test_a_value_that_nobody_said_is_not_measured() -> None:
    log = SentLog([said("p1", "hr", 2_000, hr_bpm=101), said("p1", "hr", 3_000)])
    assert log.latencies_ms([Arrival("p1", "hr", 1_999, 101, 2_060.0), Arrival("p9", "hr", 9_000, 101, 9_100.0)]) == []
    assert log.find(Arrival("p1", "hr", 9_000, 55, 9_100.0)) is None


def test_load_is_cpu_time_over_real_time_of_those_that_lived_on() -> None:
    before = {"a": Usage(cpu_s=1.0, rss_bytes=0), "gone": Usage(cpu_s=1.0, rss_bytes=0)}
    after = {"a": Usage(cpu_s=2.5, rss_bytes=5_000_000), "new": Usage(cpu_s=9.0, rss_bytes=0)}
    loads = load_between(before, after, seconds=10)
    assert list(loads) == ["a"]
    assert (loads["a"].cpu_pct, loads["a"].rss_mb) == (15.0, 5.0)


def test_usage_is_read_behind_a_name_with_brackets(tmp_path: Path) -> None:
    folder = tmp_path / "42"
    folder.mkdir()
    fields = ["S", *("0",) * 10, "250", "50", *("0",) * 20]
    (folder / "stat").write_text(f"42 (odd) name) {' '.join(fields)}\n")
    (folder / "statm").write_text("900 100 10 1 0 50 0\n")
    usage = read_usage(42, proc=tmp_path)
    assert usage is not None
    assert usage.cpu_s == 300 / os.sysconf("SC_CLK_TCK")
    assert usage.rss_bytes == 100 * os.sysconf("SC_PAGE_SIZE")
    assert read_usage(43, proc=tmp_path) is None


@pytest.mark.parametrize("people", [1, 3, 30, 300])
def test_limits_are_tightened_for_some_all_over_the_class_group_by_group(people: int) -> None:
    before = make_roster(people)
    groups = choose_groups(before)
    chosen = frozenset[ParticipantId]().union(*groups)
    assert sum(map(len, groups)) == len(chosen) == min(people, ALARM_PEOPLE_MAX)
    after = tighten(before, chosen)
    assert after.version == before.version + 1
    for entry, old in zip(after.entries, before.entries, strict=True):
        limits = {limit.rule: limit.value for limit in entry.limits}
        assert (limits[RuleId.HR_OVER] == TIGHT[RuleId.HR_OVER]) is (entry.participant in chosen)
        assert entry.sensors == old.sensors
    assert sum(count_alarms(before, group) for group in groups) == count_alarms(after, chosen) >= len(chosen)


def run_bench(*arguments: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "bench", "--json", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=170,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_fields(figures: list[dict[str, object]]) -> None:
    for figure in figures:
        assert {"name", "unit", "setting"} <= set(figure)
        assert {"value"} <= set(figure) or {"p50", "p99"} <= set(figure), figure
        setting = figure["setting"]
        assert isinstance(setting, dict)
        assert {"participants", "cores", "python", "seconds"} <= set(setting)


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_the_command_gives_one_json_object_a_line_with_its_setting() -> None:
    figures = run_bench("--only", "analysis,record", "--participants", "3", "--seconds", "1")
    check_fields(figures)
    assert len(figures) == 4


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_a_whole_class_is_measured_through_every_part() -> None:
    figures = run_bench("--only", "latency,load,frames", "--participants", "2", "--seconds", "3")
    check_fields(figures)
    names = {figure["name"] for figure in figures}
    assert {"notification -> websocket", "websocket frames"} <= names
    parts = ("broker", "gateway", "ingest", "analysis", "dashboard")
    assert {f"{kind}, {part}" for kind in ("CPU", "RSS") for part in parts} <= names


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_after_an_outage_everything_is_in_the_record_once_and_late_by_its_age() -> None:
    done = measure_outage(participants=2, minutes=0.5, quiet_s=3.0)
    assert done.stored == done.said > done.backlog == 120
    assert 60 <= done.late < done.said
    assert done.mismarked == 0
    assert len(done.quiet_ms) > 0


@pytest.mark.peer
@pytest.mark.timeout(180)
def test_every_strap_of_a_radio_is_timed_from_the_air_to_the_broker() -> None:
    carried = measure_straps(straps=2, seconds=3.0)
    assert (carried.straps, carried.live, len(carried.first_ms)) == (2, 2, 2)
    assert 4 <= len(carried.latencies_ms) <= 8
    assert all(0 <= one < 60_000 for one in (*carried.latencies_ms, *carried.first_ms))


def test_a_name_that_is_no_figure_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "bench", "--only", "speed"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "speed is none of latency" in done.stderr
