import argparse
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from vitals.errors import SetupError, SetupReason
from vitals.sessions import GenerationMode
from vitals.settings import (
    CONFIG_VARIABLE,
    Settings,
    add_common_flags,
    load_settings,
    read_flags,
    render_settings,
    setting_keys,
    variable_of,
)


def load(
    tmp_path: Path,
    toml: str | None = None,
    environment: dict[str, str] | None = None,
    flags: dict[str, object] | None = None,
) -> Settings:
    file = None
    if toml is not None:
        file = tmp_path / "vitals.toml"
        file.write_text(toml)
    return load_settings(file=file, environment=environment or {}, flags=flags or {})


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings == Settings()
    assert settings.mode is GenerationMode.REAL
    assert settings.record_file == Path("data/record.db")


def test_the_environment_beats_the_file_and_a_flag_beats_both(tmp_path: Path) -> None:
    toml = 'site = "file"\n[dashboard]\nport = 1\nhost = "file"\nroom = "file"'
    environment = {"VITALS_DASHBOARD__PORT": "2", "VITALS_DASHBOARD__HOST": "environment", "HOME": "/root"}
    settings = load(tmp_path, toml, environment, {"dashboard.port": 3, "dashboard.room": None})
    assert (settings.dashboard.port, settings.dashboard.host, settings.dashboard.room) == (3, "environment", "file")
    assert settings.site == "file"


def test_every_key_can_be_set_by_its_variable(tmp_path: Path) -> None:
    texts = {
        "mode": "simulated",
        "broker": "mqtt://b:1",
        "clock_rate": "2",
        "log_level": "DEBUG",
        "gateway.radios": "a, b",
        "simulators.recordings": "a.csv,b.csv",
        "dashboard.language": "de",
        "simulators.scenario": "quiet",
        "ingest.influx_url": "http://influx.example:8086",
        "simulators.oximeters": "mixed",
        "alerts.dashboard_url": "https://gym.example",
        "alerts.contact": "mailto:it@gym.example",
    }
    for key in setting_keys():
        settings = load(tmp_path, environment={variable_of(key): texts.get(key, "2")})
        section, _, name = key.rpartition(".")
        value = getattr(getattr(settings, section) if section else settings, name)
        assert value != getattr(getattr(Settings(), section) if section else Settings(), name)


def test_a_variable_names_the_file_and_the_flag_beats_it(tmp_path: Path) -> None:
    named = tmp_path / "named.toml"
    named.write_text('site = "named"')
    assert load(tmp_path, environment={CONFIG_VARIABLE: str(named)}).site == "named"
    assert load(tmp_path, 'site = "flag"', {CONFIG_VARIABLE: str(named)}).site == "flag"


@pytest.mark.parametrize(
    ("toml", "environment", "flags", "line"),
    [
        ("sight = 1", {}, {}, "FILE: sight = 1: unknown key; did you mean site?"),
        ("[dashboard]\nprt = 1", {}, {}, "FILE: dashboard.prt = 1: unknown key; did you mean dashboard.port?"),
        ("[gateway.x]\na = 1", {}, {}, "FILE: gateway.x = {'a': 1}: unknown key"),
        (None, {"VITALS_GATEWAY__IDS": "x"}, {}, "VITALS_GATEWAY__IDS = 'x': unknown key; did you mean gateway.id?"),
        ("dashboard = 1", {}, {}, "FILE: dashboard = 1: unknown key"),
        ('[dashboard]\nport = "no"', {}, {}, "FILE: dashboard.port = 'no': Input should be a valid integer"),
        (None, {"VITALS_DASHBOARD__PORT": "70000"}, {}, "VITALS_DASHBOARD__PORT = '70000': Input should be less"),
        (None, {}, {"dashboard.port": -1}, "--port = -1: Input should be greater"),
        ('site = "a/b"', {}, {}, "FILE: site = 'a/b': String should match pattern"),
        ("[gateway]\nradios = [1]", {}, {}, "FILE: gateway.radios = [1]: Input should be a valid string"),
        (None, {}, {"broker": "http://x"}, "--broker = 'http://x': 'http://x' begins with neither mqtt://"),
        ('broker = "mqtt://a:secret@/"', {}, {}, "FILE: broker = 'mqtt://a:***@/': 'mqtt://a:***@/' names no host"),
        (None, {}, {"broker": "mqtt://a:secret@b"}, "--broker mqtt://a:***@b: everybody on the machine can read flags"),
        ("clock_rate = 21", {}, {}, "FILE: clock_rate = 21: Input should be less than or equal to 20"),
        (None, {}, {"simulators.scenario": "qiet"}, "--scenario = 'qiet': Input should be 'demo', 'quiet' or 'crisis'"),
        ("site = ", {}, {}, "settings file FILE is not TOML: Invalid value"),
    ],
)
def test_what_is_wrong_refuses_with_one_line_that_names_source_key_and_value(
    tmp_path: Path, toml: str | None, environment: dict[str, str], flags: dict[str, object], line: str
) -> None:
    with pytest.raises(SetupError) as caught:
        load(tmp_path, toml, environment, flags)
    said = str(caught.value)
    assert said.startswith(line.replace("FILE", str(tmp_path / "vitals.toml")))
    assert "\n" not in said
    assert "secret" not in said
    assert caught.value.reason is SetupReason.SETTINGS


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_refuses_with_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "vitals.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SetupError, match="cannot be read") as caught:
        load_settings(file=file, environment={}, flags={})
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_do_not_change_after_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings().dashboard.port = 1


def test_what_is_printed_is_toml_that_gives_the_same_settings_and_no_password(tmp_path: Path) -> None:
    toml = 'data = "/a \\"b\\" \\\\ c"\n[gateway]\nradios = ["x", "y"]\n[ingest]\ncommit_s = 0.5\n[dashboard]\nport = 0'
    settings = load(tmp_path, toml)
    assert load(tmp_path, render_settings(settings)) == settings
    secret = load(tmp_path, 'broker = "mqtt://me:secret@host"')
    printed = render_settings(secret)
    assert "secret" not in printed
    assert tomllib.loads(printed)["broker"] == "mqtt://me:***@host"


def test_the_common_flags_are_keys_of_the_settings() -> None:
    parser = argparse.ArgumentParser()
    add_common_flags(parser)
    arguments = parser.parse_args(["--data", "/d", "--broker", "mqtt://b", "--print-config", "--config", "f"])
    assert read_flags(arguments) == {"data": "/d", "broker": "mqtt://b"}
    assert arguments.config == Path("f")
    assert arguments.print_config
