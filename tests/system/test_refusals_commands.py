"""A command that cannot do what it is told says why in one clear line, starts nothing and ends with 2."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

CLI = ("-P", "-m", "cli")
WITHOUT_BROKER = """
import sys
import cli.broker
from cli.main import main
cli.broker.find_mosquitto = lambda: None
sys.modules["iotcore"] = None
sys.exit(main())
"""
"""The command on a machine that has neither of the two brokers."""


def run(folder: Path, *arguments: str, python: tuple[str, ...] = CLI) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    return subprocess.run(
        [sys.executable, *python, *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def files_in(folder: Path) -> list[Path]:
    """Everything below a folder but the locks: they stay, as whoever removed one could break another."""
    return sorted(path for path in folder.rglob("*") if path.suffix != ".lock")


def line_of_refusal(folder: Path, *arguments: str, python: tuple[str, ...] = CLI, code: int = 2) -> str:
    """Run a command that is to refuse; return its one line."""
    before = files_in(folder)
    done = run(folder, *arguments, python=python)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert files_in(folder) == before, "it has started something"
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port at which another program listens that knows nothing of us."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize("command", ["demo", "serve", "gateway", "session list"])
def test_a_settings_file_that_is_not_there_is_one_line(tmp_path: Path, command: str) -> None:
    line = line_of_refusal(tmp_path, *command.split(), "--config", "none.toml")

    assert line == "vitals: settings file none.toml cannot be read: No such file or directory"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "vitals: settings file wrong.toml cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (b"site = ", "vitals: settings file wrong.toml is not TOML: Invalid value"),
        (b"[dashboard]\nprt = 1", "vitals: wrong.toml: dashboard.prt = 1: unknown key; did you mean dashboard.port?"),
        (b"[dashboard]\nport = 'x'", "vitals: wrong.toml: dashboard.port = 'x': Input should be a valid integer"),
        (b"broker = 'http://x'", "vitals: wrong.toml: broker = 'http://x': 'http://x' begins with neither mqtt://"),
    ],
)
def test_a_settings_file_of_nonsense_is_one_line_with_place_key_and_value(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "wrong.toml").write_bytes(content)

    assert line_of_refusal(tmp_path, "serve", "--config", "wrong.toml").startswith(said)


def test_a_folder_in_the_place_of_a_settings_file_is_one_line(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in line_of_refusal(tmp_path, "demo", "--config", ".")


@pytest.mark.parametrize("command", ["demo", "serve", "dashboard", "replay r.csv"])
def test_a_port_in_use_is_one_line_that_names_it(tmp_path: Path, command: str, taken_port: int) -> None:
    (tmp_path / "data").mkdir()
    line = line_of_refusal(tmp_path, *command.split(), "--port", str(taken_port))

    assert line == (
        f"vitals: dashboard.port = {taken_port}: in use on 127.0.0.1 by another program; choose another with --port"
    )


@pytest.mark.parametrize("command", ["demo", "serve", "dashboard"])
def test_the_network_without_https_is_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "data").mkdir()
    line = line_of_refusal(tmp_path, command, "--host", "0.0.0.0", "--port", "0")

    assert line.startswith("vitals: dashboard.host = '0.0.0.0': only this machine")


def test_a_port_of_the_air_in_use_is_one_line_that_names_it(tmp_path: Path, taken_port: int) -> None:
    line = line_of_refusal(tmp_path, "simulate", "--air-port", str(taken_port), "--log-level", "ERROR")

    assert line.startswith(f"vitals: virtual radio: port {taken_port} cannot be opened:")


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_machine_without_a_broker_is_one_line_that_says_what_to_install(tmp_path: Path, command: str) -> None:
    line = line_of_refusal(tmp_path, command, "--port", "0", python=("-P", "-c", WITHOUT_BROKER))

    assert line == (
        "vitals: no broker: install the package mosquitto, or `pip install session-vitals[broker]`, "
        "or give --broker URL"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "vitals: recording r.csv cannot be read: No such file or directory"),
        (b"\xff\xfe\x00", "vitals: recording r.csv cannot be read: 'utf-8' codec can't decode byte 0xff"),
        (b"a,b\n1,2\n", "vitals: r.csv:1: header 'a,b' does not start with t_s"),
        (b"t_s,steps\n1,2\n", "vitals: no recording has a heart rate, RR intervals or SpO2 to play"),
    ],
)
def test_a_recording_that_is_none_is_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "r.csv").write_bytes(content)

    assert line_of_refusal(tmp_path, "replay", "r.csv", "--port", "0").startswith(said)


def test_a_class_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    line = line_of_refusal(tmp_path, "session", "start", "--class", "none.toml")

    assert line == "vitals: class file none.toml cannot be read: No such file or directory"


def test_a_dashboard_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        line = line_of_refusal(tmp_path, "session", "list", "--port", str(port), code=1)

    assert line.startswith(f"vitals: no answer from the dashboard at http://127.0.0.1:{port}/api/v1/sessions:")


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    line = line_of_refusal(tmp_path, "demo", "--data", "data", "--port", "0", "--log-level", "ERROR")

    assert line == "vitals: data folder data cannot be made: File exists"


def test_a_record_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "record.db").write_bytes(b"not a database, but long enough to look like one " * 100)

    line = line_of_refusal(tmp_path, "ingest", "--data", ".", "--log-level", "ERROR", code=1)

    assert line.startswith("vitals: record.db: not a sound database")
