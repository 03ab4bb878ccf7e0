"""Laws of settings on their way to a child process: the child reads what the parent had, nothing else."""

import argparse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.configuration import environment_of, settings_of
from vitals.sessions import GenerationMode
from vitals.settings import GatewaySettings, Settings, SimulatorSettings, add_common_flags, load_settings


@given(
    st.builds(
        Settings,
        site=st.sampled_from(["gym", "north-1"]),
        broker=st.sampled_from(["mqtt://127.0.0.1:1883", "mqtts://user:secret@broker.lan:8883"]),
        data=st.sampled_from([Path("/srv/vitals")]),
        mode=st.sampled_from(list(GenerationMode)),
        clock_rate=st.sampled_from([1.0, 7.5]),
        gateway=st.builds(
            GatewaySettings, radios=st.sampled_from([(), ("bluez:hci0",), ("bluez:hci0", "bumble:usb:0")])
        ),
        simulators=st.builds(
            SimulatorSettings, recordings=st.sampled_from([(), (Path("/r/a.csv"), Path("/r/b.rr.csv"))])
        ),
    )
)
def test_a_child_reads_exactly_the_settings_of_its_parent(settings: Settings) -> None:
    environment = environment_of(settings, {"PATH": "/bin", "VITALS_SITE": "stray"})
    assert load_settings(file=None, environment=environment, flags={}) == settings
    assert environment["PATH"] == "/bin"


def test_a_flag_beats_the_default_of_a_command(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_common_flags(parser)
    assert settings_of(parser.parse_args([]), data=str(tmp_path)).data == tmp_path
    assert settings_of(parser.parse_args(["--data", "elsewhere"]), data=str(tmp_path)).data == Path("elsewhere")


def test_a_quiet_command_speaks_as_file_environment_or_flag_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = argparse.ArgumentParser()
    add_common_flags(parser)
    file = tmp_path / "vitals.toml"
    file.write_text('log_level = "ERROR"', encoding="utf-8")
    assert settings_of(parser.parse_args([]), quiet=True).log_level == "WARNING"
    assert settings_of(parser.parse_args(["--config", str(file)]), quiet=True).log_level == "ERROR"
    monkeypatch.setenv("VITALS_LOG_LEVEL", "DEBUG")
    assert settings_of(parser.parse_args(["--config", str(file)]), quiet=True).log_level == "DEBUG"
    assert settings_of(parser.parse_args(["--log-level", "INFO"]), quiet=True).log_level == "INFO"
