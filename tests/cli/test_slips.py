"""Slips at the keyboard: refused in one line, and nothing is made or begun."""

from pathlib import Path

import pytest

from cli.main import EXIT_REFUSED, main


@pytest.mark.parametrize("verb", [["list"], ["disable", "anna"], ["role", "anna", "admin"], ["revoke", "wall"]])
def test_users_are_not_looked_for_where_there_are_none(
    verb: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong"
    assert main(["user", *verb, "--data", str(wrong)]) == EXIT_REFUSED
    assert f"{wrong / 'access.db'}: there are no users; is --data right?" in capsys.readouterr().err
    assert not wrong.exists()


@pytest.mark.parametrize("seconds", ["-5", "nan", "inf", "soon"])
def test_a_demo_does_not_run_for_a_time_that_is_none(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", f"--seconds={seconds}"])
    assert "--seconds" in capsys.readouterr().err
