"""Settings: one TOML file, beaten by the environment, beaten by flags; read once at the start and passed down.

A key that nobody knows refuses to start. docs/settings.md is generated from the descriptions here.
"""

import argparse
import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from vitals.broker_url import mask_password
from vitals.clock import RATE_MAX
from vitals.errors import SetupError, SetupReason
from vitals.part_settings import (
    AlertsSettings,
    AnalysisSettings,
    BrokerAddress,
    DashboardSettings,
    GatewaySettings,
    IngestSettings,
    LanSettings,
    Name,
    Section,
    SimulatorSettings,
)
from vitals.sessions import GenerationMode
from vitals.toml_text import toml_value

__all__ = [
    "AlertsSettings",
    "AnalysisSettings",
    "DashboardSettings",
    "GatewaySettings",
    "IngestSettings",
    "LanSettings",
    "Settings",
    "SimulatorSettings",
    "add_common_flags",
    "load_settings",
    "read_flags",
    "render_settings",
    "setting_keys",
    "variable_of",
]

PREFIX: Final = "VITALS_"
CONFIG_VARIABLE: Final = "VITALS_CONFIG"
"""Names the settings file when ``--config`` does not."""


class Settings(Section):
    """All settings of all parts; a part reads the common ones and its own section (vitals/part_settings.py)."""

    site: Name = Field(default="gym", description="Name of the site; the first level of every topic.")
    broker: BrokerAddress = Field(
        default="mqtt://127.0.0.1:1883",
        description="MQTT 5 broker: `mqtt://HOST:PORT` or `mqtts://USER:PASSWORD@HOST:PORT` (password: not as a flag).",
    )
    broker_ca_file: Path | None = Field(
        default=None, description="Certificate authority for `mqtts`; none: those of the operating system."
    )
    data: Path = Field(default=Path("data"), description="Folder of all files that the parts keep.")
    mode: GenerationMode = Field(
        default=GenerationMode.REAL,
        description="Where the numbers come from; anything but `real` is said on every screen.",
    )
    clock_rate: float = Field(
        default=1.0, ge=0.1, le=RATE_MAX, description="How many times faster than life; only for data that is not real."
    )
    clock_anchor: str = Field(default="", description="Given by the supervisor, so that all parts tell the same time.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="What is logged at least."
    )
    gateway: GatewaySettings = GatewaySettings()
    ingest: IngestSettings = IngestSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    alerts: AlertsSettings = AlertsSettings()
    dashboard: DashboardSettings = DashboardSettings()
    lan: LanSettings = LanSettings()
    simulators: SimulatorSettings = SimulatorSettings()

    @property
    def outbox_file(self) -> Path:
        """The gateway's outbox."""
        return self.gateway.outbox or self.data / "outbox.db"

    @property
    def site_key_file(self) -> Path:
        """The secret behind sensor ids."""
        return self.gateway.site_key_file or self.data / "site.key"

    @property
    def record_file(self) -> Path:
        """The record."""
        return self.ingest.record or self.data / "record.db"

    @property
    def sink_file(self) -> Path:
        """How far the InfluxDB sink has come; beside the record."""
        return self.record_file.with_name("sink.db")

    @property
    def snapshot_file(self) -> Path:
        """Analysis' memory."""
        return self.analysis.snapshot or self.data / "analysis.db"

    @property
    def ledger_file(self) -> Path:
        """What alerts has told whom."""
        return self.alerts.ledger or self.data / "alerts.db"

    @property
    def vapid_file(self) -> Path:
        """The private key of our pushes."""
        return self.alerts.vapid_file or self.data / "vapid.pem"

    @property
    def vapid_public_file(self) -> Path:
        """The public key of our pushes, as browsers want it: base64url."""
        return self.vapid_file.with_suffix(".pub")

    @property
    def clinic_file(self) -> Path:
        """Who is who."""
        return self.dashboard.clinic or self.data / "clinic.db"

    @property
    def access_file(self) -> Path:
        """Who may come in, and who did what; beside the clinic's file."""
        return self.clinic_file.with_name("access.db")

    @property
    def token_file(self) -> Path:
        """The token of scripts on this machine."""
        return self.dashboard.token_file or self.data / "script.token"

    @property
    def action_key_file(self) -> Path:
        """The secret with which alerts signs what a push may answer, and the dashboard checks it."""
        return self.data / "action.key"

    @property
    def backup_mark_file(self) -> Path:
        """As old as the newest backup: written when one is whole, looked at by the page of health."""
        return self.data / "last-backup"

    @property
    def expelled_file(self) -> Path:
        """Names of gateways that were shut out, one a line: they are missed no more."""
        return self.data / "expelled-gateways"


def load_settings(*, file: Path | None, environment: Mapping[str, str], flags: Mapping[str, object]) -> Settings:
    """Return the settings from file, environment and flags; each beats the one before.

    Args:
        file: a TOML file; None: the one that the variable `CONFIG_VARIABLE` names, else none.
        environment: ``VITALS_<KEY>`` for common keys, ``VITALS_<SECTION>__<KEY>`` for the others; lists are separated
            by commas. Other variables are not looked at.
        flags: values by key (``broker``, ``dashboard.port``); None means not given.

    Raises:
        SetupError: one line that names file, variable or flag, the key and the value.
    """
    named = environment.get(CONFIG_VARIABLE)
    file = Path(named) if file is None and named else file
    values: dict[str, tuple[str, object]] = {}
    if file is not None:
        values |= {key: (f"{file}: {key}", value) for key, value in _read_file(file)}
    values |= {key: (name, value) for key, name, value in _read_environment(environment)}
    values |= {key: (_flag(key), value) for key, value in flags.items() if value is not None}
    for key, (source, value) in values.items():
        _check_known(key, source, value)
    _refuse_password_as_flag(flags)
    try:
        return Settings.model_validate(_nested(values))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(level) for level in problem["loc"][:2] if ".".join(map(str, problem["loc"][:2])) in values)
        key = key or str(problem["loc"][0])
        source, value = values[key]
        why = problem["msg"].removeprefix("Value error, ")
        raise SetupError(f"{source} = {_shown(key, value)}: {why}", SetupReason.SETTINGS) from error


def add_common_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that every subcommand has; each ``dest`` is a key of the settings, for `read_flags`."""
    group = parser.add_argument_group("common settings")
    group.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    group.add_argument("--data", metavar="DIR", help="folder of all files that are kept")
    group.add_argument("--broker", metavar="URL", help="MQTT 5 broker, as mqtt://127.0.0.1:1883")
    group.add_argument("--log-level", dest="log_level", metavar="LEVEL", help="DEBUG, INFO, WARNING or ERROR")
    group.add_argument("--print-config", action="store_true", help="print the settings as TOML and end")


def read_flags(arguments: argparse.Namespace) -> dict[str, object]:
    """Return those arguments whose ``dest`` is a key of the settings (``dashboard.port``) and that were given."""
    known = set(setting_keys())
    return {key: value for key, value in vars(arguments).items() if key in known and value is not None}


def setting_keys() -> tuple[str, ...]:
    """Return all keys, common ones first, as ``broker`` and ``dashboard.port``."""
    return tuple(key for key, _ in _walk(Settings()))


def render_settings(settings: Settings) -> str:
    """Return the settings as a TOML file, without secrets; a key that is not set is a comment."""
    lines: list[str] = []
    section = ""
    for key, value in _walk(settings):
        head, _, name = key.rpartition(".")
        if head != section:
            section = head
            lines += ["", f"[{section}]"]
        shown = toml_value(mask_password(value) if key == "broker" else value)
        lines.append(f"# {name} =" if shown is None else f"{name} = {shown}")
    return "\n".join(lines) + "\n"


def variable_of(key: str) -> str:
    """Return the environment variable of a key."""
    return PREFIX + key.replace(".", "__").upper()


def _walk(settings: Settings) -> Iterator[tuple[str, Any]]:
    fields = Settings.model_fields
    sections = [name for name in fields if isinstance(getattr(settings, name), Section)]
    yield from ((name, getattr(settings, name)) for name in fields if name not in sections)
    for section in sections:
        yield from ((f"{section}.{name}", value) for name, value in getattr(settings, section))


def _read_file(file: Path) -> Iterator[tuple[str, object]]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SetupError(f"settings file {file} cannot be read: {reason}", SetupReason.SETTINGS) from error
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"settings file {file} is not TOML: {error}", SetupReason.SETTINGS) from error
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", inner) for name, inner in value.items())
        else:
            yield key, value


def _read_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, object]]:
    usual = dict(_walk(Settings()))
    for name, text in sorted(environment.items()):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        key = name.removeprefix(PREFIX).lower().replace("__", ".")
        value: object = text
        if isinstance(usual.get(key), tuple):
            value = [part.strip() for part in text.split(",") if part.strip()]
        elif text == "" and key in usual and usual[key] is None:
            value = None
        yield key, name, value


def _check_known(key: str, source: str, value: object) -> None:
    known = setting_keys()
    if key in known:
        return
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise SetupError(f"{source} = {_shown(key, value)}: unknown key{hint}", SetupReason.SETTINGS)


def _refuse_password_as_flag(flags: Mapping[str, object]) -> None:
    url = flags.get("broker")
    if isinstance(url, str) and mask_password(url) != url:
        raise SetupError(
            f"--broker {mask_password(url)}: everybody on the machine can read flags; "
            f"give the password in the settings file or in {variable_of('broker')}",
            SetupReason.SETTINGS,
        )


def _nested(values: Mapping[str, tuple[str, object]]) -> dict[str, object]:
    tree: dict[str, Any] = {}
    for key, (_, value) in values.items():
        section, _, name = key.rpartition(".")
        (tree.setdefault(section, {}) if section else tree)[name] = value
    return tree


def _flag(key: str) -> str:
    return "--" + key.rpartition(".")[2].replace("_", "-")


def _shown(key: str, value: object) -> str:
    text = repr(mask_password(value) if key == "broker" and isinstance(value, str) else value)
    return text if len(text) <= 200 else text[:200] + "..."  # noqa: PLR2004 - one line of a terminal
