"""From command-line arguments to settings, and from settings to the environment of a child process."""

import argparse
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vitals.settings import (
    CONFIG_VARIABLE,
    PREFIX,
    Settings,
    load_settings,
    read_flags,
    render_settings,
    setting_keys,
    variable_of,
)


def settings_of(arguments: argparse.Namespace, *, quiet: bool = False, **overrides: object) -> Settings:
    """Return the settings for these arguments.

    Args:
        arguments: as parsed; what was not given is None.
        quiet: log warnings only, unless file, environment or flag say otherwise.
        **overrides: what this command needs (``section__key``); it beats file and environment, only a flag beats it.

    Raises:
        SetupError: one line that names the place, the key and the value.
    """
    flags: dict[str, object] = {key.replace("__", "."): value for key, value in overrides.items()}
    flags |= read_flags(arguments)
    settings = load_settings(file=arguments.config, environment=os.environ, flags=flags)
    if quiet and "log_level" not in settings.model_fields_set:
        settings = load_settings(file=arguments.config, environment=os.environ, flags={"log_level": "WARNING"} | flags)
    logging.getLogger().setLevel(settings.log_level)
    return settings


def config_file(arguments: argparse.Namespace) -> Path | None:
    """Return the file that settings were read from, by flag or variable; None: there is none."""
    named: str | Path | None = arguments.config or os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def printed_config(arguments: argparse.Namespace, settings: Settings) -> bool:
    """Print the settings if ``--print-config`` asks for it; return whether it did."""
    if not arguments.print_config:
        return False
    print(render_settings(settings), end="")
    return True


def environment_of(settings: Settings, base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which a child reads exactly these settings; nothing of them stands in its arguments."""
    environment = {name: value for name, value in base.items() if not name.startswith(PREFIX)}
    defaults = Settings()
    for key in setting_keys():
        value = _value(settings, key)
        if value != _value(defaults, key):
            environment[variable_of(key)] = _text(value)
    return environment


def _value(settings: Settings, key: str) -> Any:
    section, _, name = key.rpartition(".")
    return getattr(getattr(settings, section) if section else settings, name)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case tuple():
            return ",".join(str(item) for item in value)
        case Path():
            return str(value.absolute())
        case _:
            return str(value)
