"""The settings of each part: one frozen section of the settings file for each, with what every key is for."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from vitals.broker_url import parse_broker_url
from vitals.errors import InputError


def _broker_url(text: str) -> str:
    try:
        parse_broker_url(text)
    except InputError as error:
        raise ValueError(error.problem) from error
    return text


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
"""An id that is a level of a topic: no ``/ + #`` and no space."""
BrokerAddress = Annotated[str, AfterValidator(_broker_url)]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
OximeterMix = Literal["some", "standard", "mixed"]
ScenarioName = Literal["demo", "quiet", "crisis"]
"""``demo``: all troubles within two minutes, then some at random; ``quiet``: none, for measuring;
``crisis``: everybody's heart rate over its limit, for tests."""


class Section(BaseModel):
    """Named keys, of which none is unknown; read once and never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GatewaySettings(Section):
    """The box that hears the sensors."""

    id: Name = Field(default="g1", description="Name of this gateway; unique on the site.")
    radios: tuple[str, ...] = Field(
        default=("bluez:hci0",),
        description="Radios to hear with: `bluez:hci0`, `bumble:usb:0`, `bumble:tcp-client:HOST:PORT`.",
    )
    outbox: Path | None = Field(
        default=None, description="File of readings not yet stored; `outbox.db` in the data folder."
    )
    outbox_mb_max: int = Field(
        default=256,
        ge=1,
        le=65536,
        description="Size of the outbox; beyond it the oldest readings are dropped, counted.",
    )
    outbox_days_max: float = Field(
        default=7.0, gt=0, le=366, description="Age in the outbox; older readings are dropped, counted."
    )
    site_key_file: Path | None = Field(
        default=None,
        description="Secret that turns addresses into sensor ids; `site.key` in the data folder, made if missing.",
    )
    stale_s: Seconds = Field(default=5.0, description="A connected sensor that is silent this long is called stale.")
    drop_s: Seconds = Field(default=10.0, description="A connected sensor that is silent this long is connected anew.")
    capture: Path | None = Field(
        default=None,
        description="File (btsnoop, for Wireshark) of all that our own radios say; holds addresses. BlueZ: use btmon.",
    )


class IngestSettings(Section):
    """The part that keeps the record."""

    record: Path | None = Field(default=None, description="The record; `record.db` in the data folder.")
    commit_s: Seconds = Field(
        default=1.0, description="Time between two commits; a power cut loses nothing, it is sent again."
    )
    influx_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/@]+(/\S*)?$",
        description="InfluxDB server (v2 write API) that is given every reading besides; none: nobody is.",
    )
    influx_token_file: Path | None = Field(default=None, description="File that holds its token; none: no token.")
    influx_org: str = Field(default="clinic", min_length=1, max_length=64, description="Organisation on that server.")
    influx_bucket: str = Field(default="vitals", min_length=1, max_length=64, description="Bucket on that server.")
    keep_readings_days: int | None = Field(
        default=None,
        ge=1,
        le=36_600,
        description="Raw readings, gaps, journal and refused messages that are older are deleted; none: kept for ever.",
    )
    keep_sessions_days: int | None = Field(
        default=None,
        ge=1,
        le=36_600,
        description="Whole classes that ended longer ago are deleted: readings, alarms, entries, and who was in them; "
        "what is in no class by its own age. The register of people stays. None: kept for ever.",
    )


class AnalysisSettings(Section):
    """The part that decides about alarms."""

    snapshot: Path | None = Field(
        default=None, description="Its memory across a restart; `analysis.db` in the data folder."
    )
    rules: Path | None = Field(
        default=None,
        description="Rules that differ from those delivered (`analysis/rules/default.toml`), as TOML; "
        "each number says where it comes from.",
    )


class AlertsSettings(Section):
    """The part that calls people's phones."""

    ledger: Path | None = Field(
        default=None, description="Who was told what when, and the ways to people; `alerts.db` in the data folder."
    )
    policy: Path | None = Field(
        default=None,
        description="Who is called when, if not as delivered (`alerts/policies/default.toml`), as TOML; each number "
        "says where it comes from.",
    )
    dashboard_url: str = Field(
        default="",
        pattern=r"^(https?://[A-Za-z0-9._:\[\]-]{1,200})?$",
        description="Address of the dashboard as phones see it (`https://gym.example`), for the buttons of ntfy and "
        "the links in mails; empty: messages carry none.",
    )
    contact: str = Field(
        default="mailto:nobody@localhost",
        pattern=r"^(mailto:|https://)\S{1,200}$",
        description="Whom a push service may write to if our pushes trouble it (RFC 8292): `mailto:` or `https://`. "
        "Some services refuse pushes of a site that gives no real one.",
    )
    vapid_file: Path | None = Field(
        default=None,
        description="Private key of our pushes (PEM); `vapid.pem` in the data folder, made if missing. The public one "
        "is beside it, as `vapid.pub`.",
    )


class DashboardSettings(Section):
    """The web server of wall, tablet and desk."""

    host: str = Field(
        default="127.0.0.1",
        description="Address to listen on; another one than this machine's own needs the two files below.",
    )
    port: Port = Field(default=8080, description="Port to listen on; 0 takes a free one.")
    room: Name = Field(default="room-1", description="The room whose class this dashboard shows.")
    language: Literal["en", "de"] = Field(
        default="en", description="Language of the screens; a screen of its own choice has `?lang=` in its address."
    )
    clinic: Path | None = Field(
        default=None, description="Who is who, and commands on their way; `clinic.db` in the data folder."
    )
    class_file: Path | None = Field(default=None, description="Class to start with, as for `vitals session start`.")
    flow_file: Path | None = Field(
        default=None,
        description="When what is due in a class and what is checked before exercise, as docs/class.md shows it; "
        "what it does not name is as delivered.",
    )
    emergency_steps: tuple[Annotated[str, Field(min_length=1, max_length=160)], ...] = Field(
        default=(),
        max_length=20,
        description="What this house does in an emergency, one line a step, as the checklist on the screens; "
        "none: a default that says that it is one.",
    )
    certificate_file: Path | None = Field(
        default=None, description="Certificate (PEM, with those that signed it) for https; `vitals site certificate`."
    )
    key_file: Path | None = Field(default=None, description="Private key of the certificate (PEM).")
    names: tuple[str, ...] = Field(
        default=(),
        description="Host names and addresses by which browsers call this machine; others are refused. "
        "None: `host` and the machine's own name.",
    )
    token_file: Path | None = Field(
        default=None,
        description="Token with which `vitals session` asks (`vitals user token`); `script.token` in the data folder.",
    )


class LanSettings(Section):
    """The door for gateways on other boxes, in the broker that `vitals serve` starts."""

    host: str = Field(
        default="",
        description="Address on which paired gateways are let in, over TLS and with a password each; empty: none are.",
    )
    port: Port = Field(default=8883, description="Port for them.")
    pairing_port: Port = Field(default=8884, description="Port that `vitals gateway invite` opens for ten minutes.")
    names: tuple[str, ...] = Field(
        default=(),
        description="Host names and addresses by which gateways call this machine, for the broker's certificate; "
        "none: `host` and the machine's own name.",
    )


class SimulatorSettings(Section):
    """Simulated people and sensors, for demonstration and test."""

    host: str = Field(default="127.0.0.1", description="Address where the virtual air takes gateways.")
    port: Port = Field(default=9001, description="Port of the virtual air; 0 takes a free one.")
    participants: int = Field(default=12, ge=1, le=300, description="How many people take part.")
    seed: int = Field(default=7, ge=0, description="Chance begins here: the same seed gives the same class.")
    scenario: ScenarioName = Field(
        default="demo",
        description="What happens to them: `demo`: all troubles within two minutes; `quiet`: none; "
        "`crisis`: every heart rate over its limit.",
    )
    recordings: tuple[Path, ...] = Field(
        default=(), description="Recordings to play instead of simulated people: `ID.csv`, `ID.rr.csv`."
    )
    oximeter: int | None = Field(
        default=None, ge=0, le=99, description="N of the column `spo2_devN` to play; none: the first."
    )
    oximeters: OximeterMix = Field(
        default="some",
        description="Makes of the virtual oximeters: `some`: the demo has a Nonin and an O2Ring among standard ones; "
        "`standard`: all alike; `mixed`: everybody wears one, of all makes in turn.",
    )
    machines: int | None = Field(
        default=None,
        ge=0,
        le=300,
        description="How many people are on a treadmill, a bike, a foot pod, a cadence sensor, in turn; "
        "none: two in the demo, else nobody.",
    )
    sent_log: Path | None = Field(
        default=None, description="File that gets a line for each notification that was heard, for tests."
    )
