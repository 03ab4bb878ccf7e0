"""A folder that this user may not look into: one line that names it, whatever the command; never a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

AS_NOBODY = """
import os, sys
from cli.main import main
open_folder, closed_folder, *command = sys.argv[1:]
def run(folder):
    try:
        return main([word.replace("FOLDER", folder) for word in command])
    except SystemExit as end:
        return end.code
run(open_folder)  # brings every module, as nobody may not read where they are
print("====", flush=True)
print("====", file=sys.stderr, flush=True)
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
sys.exit(run(closed_folder))
"""


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0)
    yield folder
    folder.chmod(0o700)


def said_of(closed: Path, *command: str) -> tuple[int, str, str]:
    """Return exit code, output and complaints of a command in a folder that is closed to it."""
    ours = closed.parent / "open"
    ours.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-c", AS_NOBODY, str(ours), str(closed), *command],
        env={name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
        | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.rpartition("====\n")[2], done.stderr.rpartition("====\n")[2]


def test_doctor_names_a_closed_folder_once_and_says_who_may_look(closed: Path) -> None:
    code, output, _ = said_of(closed, "doctor", "--data", "FOLDER", "--port", "0")
    assert code == 1
    of_it = [line for line in output.splitlines() if str(closed) in line and line.startswith(("bad", "warn"))]
    assert len(of_it) == 1
    assert "is closed to user" in of_it[0]
    assert "run doctor as the user whose folder it is" in of_it[0]


@pytest.mark.parametrize(
    "command",
    [
        ("user", "list", "--data", "FOLDER"),
        ("backup", "x.zip", "--data", "FOLDER"),
        ("export", "--session", "x", "--data", "FOLDER"),
        ("report", "--session", "x", "--output", "x.html", "--data", "FOLDER"),
        ("session", "list", "--data", "FOLDER"),
        ("restore", "FOLDER/x.zip", "--data", "FOLDER/site"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_in_a_closed_folder_is_refused_in_one_line(closed: Path, command: tuple[str, ...]) -> None:
    code, output, complaint = said_of(closed, *command)
    assert code in {1, 2}
    assert output == ""
    (line,) = complaint.splitlines()
    assert line.startswith(f"vitals: {closed}")
    assert line.endswith("Permission denied")
