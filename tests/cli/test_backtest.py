"""`vitals backtest` over files: what is printed is what the live code would have raised, and bad files stop nothing."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest
from msgspec import structs

from analysis.core.rules import hash_rules
from analysis.rule_set import DEFAULT
from cli.backtest.prescribed import read_prescribed
from cli.backtest.progress import Progress
from cli.main import EXIT_REFUSED, main
from vitals.alarms import RuleId
from vitals.participants import ParticipantId
from vitals.sessions import RosterEntry

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
KEYS = ["type", "recording", "participant", "rule", "kind", "priority", "breach_s", "onset_s", "end_s", "text"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[dict[str, object]], str]:
    """Exit code, the printed objects, and what went to stderr."""
    code = main(["backtest", "--json", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def write(file: Path, *, rates: list[object], step_s: float = 1.0, column: str = "hr_bpm") -> Path:
    rows = [f"{number * step_s:g},{rate}" for number, rate in enumerate(rates)]
    file.write_text("\n".join([f"t_s,{column}", *rows]) + "\n")
    return file


def ramp() -> list[object]:
    """A rate that is over 120 from second 100 until second 139, and rises and falls as a heart does."""
    return [*[100 + second / 5.5 for second in range(100)], *[128.0] * 40, *[128 - second / 2 for second in range(60)]]


def test_an_alarm_is_one_object_with_exactly_the_published_keys(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = write(tmp_path / "one.csv", rates=ramp())
    code, lines, err = run(capsys, file, "--hr-upper", "120")
    over = [line for line in lines if line.get("rule") == "HR_OVER"]
    assert (code, err) == (0, "")
    assert [list(line) for line in over] == [KEYS]
    assert over[0] == {
        "type": "alarm",
        "recording": "one",
        "participant": "one",
        "rule": "HR_OVER",
        "kind": "physiological",
        "priority": "medium",
        "breach_s": 100,
        "onset_s": 110,
        # 117 is the first value beyond the margin of 3 bpm; 5 s later it is over.
        "end_s": 167,
        "text": "HR 128 > 120",
    }
    assert lines[-1]["type"] == "summary"


def test_the_summary_counts_alarms_for_each_participant_hour(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(tmp_path / "one.csv", rates=ramp())
    write(tmp_path / "two.csv", rates=[100.0] * 200)
    _, lines, _ = run(capsys, tmp_path / "one.csv", tmp_path / "two.csv", "--hr-upper", "120")
    summary = lines[-1]
    assert summary["recordings"] == summary["participants"] == 2
    assert summary["participant_hours"] == pytest.approx(2 * 199 / 3600, abs=1e-4)
    assert summary["alarms"] == len(lines) - 1
    rates = summary["per_participant_hour"]
    assert isinstance(rates, dict)
    assert rates["medium"] == pytest.approx(3600 / 398, rel=0.01)
    assert summary["rules_hash"] == hash_rules(DEFAULT)


def test_each_oximeter_is_judged_by_its_own_values(capsys: pytest.CaptureFixture[str]) -> None:
    onsets = []
    for number in (1, 2, 4, 5):
        code, lines, _ = run(capsys, RECORDINGS / "hypox_6.csv", "--oximeter", str(number))
        low = [line for line in lines if line.get("rule") == "SPO2_LOW"]
        assert code == 0
        assert len(low) == 1
        onsets.append(low[0]["onset_s"])
    assert len(set(onsets)) > 1


def test_the_two_files_of_an_id_are_one_participant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(tmp_path / "one.csv", rates=[100.0] * 60)
    write(tmp_path / "one.rr.csv", rates=[600.0] * 100, step_s=0.6, column="rr_ms")
    _, lines, _ = run(capsys, tmp_path / "one.csv", tmp_path / "one.rr.csv")
    assert lines[-1]["recordings"] == lines[-1]["participants"] == 1


def test_files_beside_a_recording_that_hold_no_readings_are_left_alone(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write(tmp_path / "one.csv", rates=[100.0] * 60)
    (tmp_path / "one.events.csv").write_text("t_s,event\n1,start\n")
    (tmp_path / "manifest.csv").write_text("id,kind\none,exercise\n")
    code, lines, err = run(capsys, *sorted(tmp_path.glob("*.csv")))
    assert (code, err, lines[-1]["recordings"]) == (0, "", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time,hr\n1,2\n", ["bad.csv:1", "time,hr"]),
        ("t_s,hr_bpm\n0,100\n1,abc\n", ["bad.csv:3", "hr_bpm", "'abc'"]),
        ("t_s,hr_bpm\n0,100\n1,9999\n", ["bad.csv:3", "'9999'"]),
        ("t_s,speed_mps\n0,1\n", ["bad.csv", "nothing to judge"]),
        ("", ["bad.csv:1"]),
        ("\ufefft_s;hr_bpm\n0;100\n", ["bad.csv:1", "commas"]),
    ],
)
def test_a_bad_file_is_named_in_one_line_and_the_others_are_judged(
    text: str, said: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.csv", write(tmp_path / "good.csv", rates=ramp())
    bad.write_text(text)
    code, lines, err = run(capsys, bad, tmp_path / "absent.csv", good, "--hr-upper", "120")
    told = err.splitlines()
    assert code != 0
    assert len(told) == 2
    assert all(word in told[0] for word in said), told[0]
    assert "absent.csv" in told[1]
    assert "good" in {line.get("recording") for line in lines}
    assert lines[-1]["problems"] == [line.removeprefix("vitals: ") for line in told]


def test_a_byte_order_mark_is_no_part_of_the_header(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "marked.csv"
    file.write_text("t_s,hr_bpm\n0,100\n1,101\n", encoding="utf-8-sig")
    code, _, err = run(capsys, file)
    assert (code, err) == (0, "")


def test_no_recording_among_the_files_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "one.events.csv").write_text("t_s,event\n")
    code, lines, err = run(capsys, tmp_path / "one.events.csv")
    assert code != 0
    assert "none of these files holds readings" in err
    assert lines[-1]["participant_hours"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "needs one of"),
        (["--record", "--session", "x"], "needs one of"),
        (["x.csv", "--compare"], "--rules"),
        (["x.csv", "--rules", "/nowhere.toml"], "/nowhere.toml"),
        (["x.csv", "--prescriptions", "/nowhere.toml"], "/nowhere.toml"),
        (["x.csv", "--hr-upper", "120", "--prescriptions", "{bad}"], "rest_hr_bpm"),
        (["x.csv", "--hr-upper", "5000"], "5000"),
        (["x.csv", "--spo2-floor", "101"], "101"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = tmp_path / "prescriptions.toml"
    bad.write_text('[one]\nrest_hr_bpm = "slow"\n')
    code, lines, err = run(capsys, *(argument.format(bad=bad) for argument in arguments))
    assert (code, lines, len(err.splitlines())) == (EXIT_REFUSED, [], 1)
    assert said in err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("limits.toml", "[one]\nhr_upper_bpm = 120\n"),
        ("limits.toml", "[default]\nhr_upper_bpm = 120\n"),
        ("limits.csv", "id,hr_upper_bpm,exercise_test\none,120,true\ntwo,,\n"),
    ],
)
def test_limits_come_from_a_file(name: str, text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    limits = tmp_path / name
    limits.write_text(text)
    _, lines, _ = run(capsys, write(tmp_path / "one.csv", rates=ramp()), "--prescriptions", limits)
    assert "HR_OVER" in {line.get("rule") for line in lines}


def test_other_rules_are_compared_alarm_by_alarm(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rules = tmp_path / "slow.toml"
    rules.write_text(
        '[rule_set]\nname = "slow"\nversion = 1\n'
        '[HR_OVER]\nhold_s = { is = 30, source = "a trial" }\n'
        '[SPO2_LOW]\nhold_s = { is = 15, source = "unchanged" }\n'
    )
    file = write(tmp_path / "one.csv", rates=ramp())
    _, lines, _ = run(capsys, file, "--hr-upper", "120", "--rules", rules, "--compare")
    [difference] = [line for line in lines if line["type"] == "difference" and line["rule"] == "HR_OVER"]
    assert (difference["change"], difference["before_onset_s"], difference["after_onset_s"]) == ("later", 110, 130)
    assert lines[-1]["rules"] == "slow"


def test_people_read_a_table(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["backtest", str(write(tmp_path / "one.csv", rates=ramp())), "--hr-upper", "120"]) == 0
    out = capsys.readouterr().out
    assert "HR 128 > 120" in out
    assert "1:50" in out
    assert "after 10 s, for 0:57" in out
    assert "participant-hours" in out


def test_two_runs_print_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(RECORDINGS.glob("hypox_*.csv"))
    first = run(capsys, *files)
    assert run(capsys, *files) == first


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_for_terminals_only_and_goes_away() -> None:
    terminal, pipe = Terminal(), StringIO()
    for stream in (terminal, pipe):
        progress = Progress(stream)
        progress.expect(4)
        progress.add(1)
        progress.show("one")
        progress.clear()
    assert "25%" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
    assert pipe.getvalue() == ""
    assert Progress()._stream is sys.stderr


def test_a_stored_class_is_judged_by_the_rest_and_the_zone_that_a_file_prescribes(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text("[ann]\nrest_hr_bpm = 50\npeak_hr_bpm = 150\nzone_low_hrr_pct = 40\nzone_high_hrr_pct = 60\n")
    prescribed = read_prescribed(file, hr_upper_bpm=None, spo2_floor_pct=None)
    then = RosterEntry(participant=ParticipantId("ann"), seat=1, sensors=(), rest_hr_bpm=70, spo2_baseline_pct=96)

    now = prescribed.lay_over(then)

    assert (now.rest_hr_bpm, now.peak_hr_bpm, now.zone_low_bpm, now.zone_high_bpm) == (50, 150, 90, 110)
    assert now.spo2_baseline_pct == 96, "what the file does not say stays"
    assert {limit.rule: limit.value for limit in now.limits}[RuleId.ZONE_HIGH] == 110
    other = structs.replace(then, participant=ParticipantId("ben"))
    assert prescribed.lay_over(other) == other
