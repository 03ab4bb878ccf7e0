"""A class that ran through every part, judged again: as it was seen it is the class, alarm by alarm."""

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.system.running import RunningSystem, running, until

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]

UPPER_BPM = 120
SPEED = 5


def write_recordings(folder: Path) -> list[Path]:
    """Somebody over the limit from second 20 to 59, and somebody whose saturation falls under 88 for as long."""
    rates = [100 + second for second in range(20)] + [130] * 40 + [130 - second for second in range(40)]
    values = [95 - second / 3 for second in range(30)] + [84] * 40 + [84 + second / 3 for second in range(30)]
    heart, breath = folder / "heart.csv", folder / "breath.csv"
    heart.write_text("t_s,hr_bpm\n" + "".join(f"{at_s},{rate}\n" for at_s, rate in enumerate(rates)))
    breath.write_text("t_s,spo2_pct\n" + "".join(f"{at_s},{value:.0f}\n" for at_s, value in enumerate(values)))
    return [heart, breath]


def backtest(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, object]], str]:
    code = main(["backtest", "--json", *arguments])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


async def run_class(system: RunningSystem) -> str:
    assert system.process is not None
    await until(lambda: "replay ended" in system.said() or system.process is None, "the replay ends", within_s=200)
    return system.said().split("replay ended; session ")[1].split(" ")[0]


async def test_a_class_judged_as_seen_is_the_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(file) for file in write_recordings(tmp_path)]
    async with running(
        tmp_path, "replay", *files, "--speed", str(SPEED), "--hr-upper", str(UPPER_BPM), "--stay"
    ) as system:
        session = await run_class(system)
        await until(
            lambda: (
                system.query("record.db", "SELECT 1 FROM alarm_event WHERE change = 'session_ended'")
                or system.query("record.db", "SELECT 1 FROM session WHERE id = ? AND final = 1", session)
            ),
            "the end is on record",
        )
        stored = system.query("record.db", "SELECT DISTINCT alarm_id FROM alarm_event WHERE session = ?", session)
    data = ["--data", str(system.data)]

    code, lines, err = backtest(capsys, "--session", session, "--as-seen", *data)
    assert (code, err) == (0, "")
    [seen] = [line for line in lines if line["type"] == "as_seen"]
    assert seen["equal"] is True
    assert seen["missing"] == seen["skipped"] == 0
    assert int(str(seen["events"])) >= len(stored) > 0
    rules = {line["rule"] for line in lines if line["type"] == "alarm"}
    assert {"HR_OVER", "SPO2_LOW"} <= rules

    bundle = tmp_path / "elsewhere" / "class.incident.zip"
    bundle.parent.mkdir()
    assert main(["export", "--session", session, "--format", "incident", "--out", str(bundle), *data]) == 0
    capsys.readouterr()
    code, bundled, err = backtest(capsys, str(bundle), "--data", str(bundle.parent))
    assert (code, err) == (0, "")
    assert bundled == lines, "the bundle alone replays to the same alarms"

    code, lines, err = backtest(capsys, "--record", *data)
    assert (code, err) == (0, "")
    again = {line["rule"] for line in lines if line["type"] == "alarm" and line["kind"] == "physiological"}
    assert {"HR_OVER", "SPO2_LOW"} <= again
    assert lines[-1]["participants"] == 2


def test_a_session_that_is_not_on_record_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, lines, err = backtest(capsys, "--session", "nobody", "--data", str(tmp_path))
    assert (code, lines, len(err.splitlines())) == (2, [], 1)
    assert "record" in err
