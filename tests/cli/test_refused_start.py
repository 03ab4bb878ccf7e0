"""A system that is refused has said nothing before: no line that looks like a start stands above the refusal."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cli.main import EXIT_FAILED, EXIT_REFUSED

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

ADVICE = "write this machine's own address in the network of the gateways, as `ip -br address` shows it"


def refusal(folder: Path, settings: Mapping[str, str], *, code: int = EXIT_REFUSED) -> str:
    """Let `vitals serve` refuse; return all that it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cli", "serve", "--data", str(folder / "data"), "--port", "0"],
        env=environment | {f"VITALS_{name}": value for name, value in settings.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "code", "said"),
    [
        ("10.0.0.1:8883", EXIT_REFUSED, "no address"),
        ("mqtts://10.0.0.1", EXIT_REFUSED, "no address"),
        ("10.0.0.0/24", EXIT_REFUSED, "no address"),
        (" 127.0.0.1", EXIT_REFUSED, "no address"),
        # These two may come true when the network is up: the service is to try again.
        ("no-such-box.invalid", EXIT_FAILED, "a name that nobody knows here"),
        ("203.0.113.9", EXIT_FAILED, "not an address of this machine"),
    ],
)
def test_a_wrong_door_for_gateways_is_refused_with_setting_value_and_what_to_write(
    tmp_path: Path, host: str, code: int, said: str
) -> None:
    assert refusal(tmp_path, {"LAN__HOST": host}, code=code) == f"vitals: lan.host = {host!r}: {said}; {ADVICE}\n"


def test_a_port_for_gateways_that_is_taken_is_refused(tmp_path: Path, taken_port: int) -> None:
    said = refusal(tmp_path, {"LAN__HOST": "127.0.0.1", "LAN__PORT": str(taken_port)})
    assert said == f"vitals: lan.port = {taken_port}: in use on 127.0.0.1 by another program; choose another\n"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ANALYSIS__RULES", "gone.toml", "analysis.rules: gone.toml cannot be read:"),
        ("ALERTS__POLICY", "gone.toml", "alerts.policy gone.toml:"),
        ("DASHBOARD__FLOW_FILE", "gone.toml", "dashboard.flow_file gone.toml:"),
        ("GATEWAY__RADIOS", "wifi", "radio 'wifi': 'wifi' is neither bluez nor bumble"),
    ],
)
def test_what_a_part_would_refuse_is_refused_before_any_part_starts(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    (line,) = refusal(tmp_path, {name: value}).splitlines()
    assert line.startswith(f"vitals: {said}")
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_is_a_file_is_all_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert refusal(tmp_path, {}) == f"vitals: data folder {tmp_path / 'data'} cannot be made: File exists\n"
