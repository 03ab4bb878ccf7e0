"""What the verbs of ``vitals gateway`` do: invite and expel on the server, pair on the other box."""

import argparse
import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.broker import mosquitto_user
from cli.door import Door, plan_door
from cli.pairing.authority import open_authority, write_private
from cli.pairing.conversation import OPEN_S, Credentials, new_code
from cli.pairing.furnishing import tell_broker
from cli.pairing.invitation import Invitation, join_site
from cli.pairing.members import new_password, read_members, write_members
from cli.system import PIDS_FILE, prepare_data
from dashboard.health.expelled import read_expelled, write_expelled
from vitals.errors import InputError, InputReason, SetupError, SetupReason
from vitals.sensors import GatewayId
from vitals.settings import Settings
from vitals.site_key import open_site_key
from vitals.units import UtcMs

CONFIG_FILE: Final = "gateway.toml"
AUTHORITY_FILE: Final = "site-authority.crt"
SITE_KEY_FILE: Final = "site.key"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def invite(settings: Settings, arguments: argparse.Namespace) -> None:
    """Let one gateway in that knows the code."""
    door = _door(settings)
    name = _checked_name(arguments.name)
    prepare_data(settings)
    code = new_code()

    def grant() -> Credentials:
        now, password = datetime.now(UTC), new_password()
        authority = open_authority(door.home, site=door.site, now=now)
        members = read_members(door.members_file)
        write_members(door.members_file, members.admit(name, password, now_utc_ms=UtcMs(int(now.timestamp() * 1000))))
        _keep_expelled(settings, read_expelled(settings.expelled_file) - {GatewayId(name)})
        tell_broker(door, pids_file=settings.data / PIDS_FILE, now=now)
        return Credentials(
            site=settings.site,
            gateway=name,
            password=password,
            port=door.port,
            authority_pem=authority.pem,
            site_key=open_site_key(settings.site_key_file).hex(),
        )

    def say(port: int) -> None:
        print(f"code: {code}  (once, for {OPEN_S / 60:.0f} minutes)")
        print("on the other box:")
        print(f"  vitals gateway pair --server {door.names[0]}:{port} --code {code}", flush=True)

    asyncio.run(Invitation(code=code, grant=grant).hold(host=door.host, port=settings.lan.pairing_port, on_open=say))
    print(f"gateway {name} is paired")


def pair(settings: Settings, arguments: argparse.Namespace) -> None:
    """Become a gateway of a site."""
    host, port = _server(arguments.server, settings.lan.pairing_port)
    folder = settings.data.absolute()
    taken = [file for file in (CONFIG_FILE, SITE_KEY_FILE) if (folder / file).exists()]
    if taken and not arguments.replace:
        msg = f"{folder / taken[0]}: this box belongs to a site already; --replace gives that up"
        raise SetupError(msg, SetupReason.NOT_ALLOWED)
    prepare_data(settings)
    given = asyncio.run(join_site(host=host, port=port, code=arguments.code))
    _keep(folder, host=host, given=given)
    print(f"paired: this box is gateway {given.gateway} of site {given.site}")
    print(f"start it with: vitals gateway --config {folder / CONFIG_FILE}")


def _keep(folder: Path, *, host: str, given: Credentials) -> None:
    """Write what the gateway needs; the settings come last, so that nothing half-written is started."""
    address = f"[{host}]" if ":" in host else host
    text = "\n".join(
        (
            "# Written by `vitals gateway pair`. Holds a password: for this user alone.",
            # JSON strings are TOML strings.
            f"site = {json.dumps(given.site)}",
            f"broker = {json.dumps(f'mqtts://{given.gateway}:{given.password}@{address}:{given.port}')}",
            f"broker_ca_file = {json.dumps(str(folder / AUTHORITY_FILE))}",
            f"data = {json.dumps(str(folder))}",
            "",
            "[gateway]",
            f"id = {json.dumps(given.gateway)}",
            "",
        )
    )
    try:
        write_private(folder / AUTHORITY_FILE, given.authority_pem)
        write_private(folder / SITE_KEY_FILE, given.site_key + "\n")
        write_private(folder / CONFIG_FILE, text)
    except OSError as error:
        raise SetupError(f"credentials in {folder}: {error.strerror}", SetupReason.SETTINGS) from error


def list_paired(settings: Settings, _arguments: argparse.Namespace) -> None:
    """Print who may come in."""
    members = read_members(_door(settings).members_file).gateways
    for member in members:
        since = datetime.fromtimestamp(member.paired_utc_ms / 1000, UTC)
        print(f"{member.gateway}  paired {since:%Y-%m-%d %H:%M} UTC")
    if not members:
        print("no gateway is paired")


def expel(settings: Settings, arguments: argparse.Namespace) -> None:
    """Shut a gateway out."""
    door = _door(settings)
    write_members(door.members_file, read_members(door.members_file).expel(arguments.name))
    _keep_expelled(settings, read_expelled(settings.expelled_file) | {GatewayId(arguments.name)})
    tell_broker(door, pids_file=settings.data / PIDS_FILE, now=datetime.now(UTC))
    print(f"gateway {arguments.name} is shut out")


def _keep_expelled(settings: Settings, names: frozenset[GatewayId]) -> None:
    try:
        write_expelled(settings.expelled_file, names)
    except OSError as error:
        msg = f"expelled gateways {settings.expelled_file}: {error.strerror}"
        raise SetupError(msg, SetupReason.SETTINGS) from error


def _door(settings: Settings) -> Door:
    door = plan_door(settings, user=mosquitto_user())
    if door is None:
        msg = "lan.host is not set: no gateway of another box is let in (docs/second-gateway.md)"
        raise SetupError(msg, SetupReason.SETTINGS)
    return door


def _checked_name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise InputError(
            "NAME", f"{name[:80]!r} is not 1 to 64 letters, digits, dots or dashes", InputReason.WRONG_SHAPE
        )
    return name


def _server(text: str, default_port: int) -> tuple[str, int]:
    """Return host and port of ``host``, ``host:port``, ``[v6]:port``."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/\s]+)(?::([0-9]{1,5}))?", text)
    port = default_port if found is None or found[2] is None else int(found[2])
    if found is None or not 0 < port <= 65_535:  # noqa: PLR2004 - the highest port
        raise InputError("--server", f"{text[:80]!r} is not HOST or HOST:PORT", InputReason.WRONG_SHAPE)
    return found[1].strip("[]"), port
