"""The door: Mosquitto's listener for gateways on other boxes. TLS, a password each, an access list; none by default.

Mosquitto runs as a user of its own when we are root, and that user cannot look into a data folder that belongs to us
alone. So what it reads is written into a folder of its own below /run, which is gone after a reboot
(`pairing/furnishing.py` writes it anew at each start).
"""

import errno
import hashlib
import ipaddress
import re
import socket
from pathlib import Path
from typing import Final

from msgspec import Struct

from vitals.errors import PeerError, PeerReason, SetupError, SetupReason
from vitals.settings import Settings

AUTHORITY_FOLDER: Final = "authority"
MEMBERS_FILE: Final = "gateways.json"
_RUN: Final = Path("/run/session-vitals")
_CONNECTIONS_MAX: Final = 128
_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")


class Door(Struct, frozen=True, kw_only=True):
    """Where gateways come in. ``folder``: what Mosquitto reads; ``user``: who it runs as, None: as we do."""

    host: str
    port: int
    names: tuple[str, ...]
    site: str
    home: Path
    folder: Path
    user: str | None = None

    @property
    def members_file(self) -> Path:
        """The list of paired gateways."""
        return self.home / MEMBERS_FILE

    def render(self) -> list[str]:
        """Return the listener's lines of mosquitto.conf(5)."""
        return [
            f"listener {self.port} {self.host}",
            "allow_anonymous false",
            f"max_connections {_CONNECTIONS_MAX}",
            "tls_version tlsv1.2",
            f"certfile {self.folder / 'broker.crt'}",
            f"keyfile {self.folder / 'broker.key'}",
            f"password_file {self.folder / 'passwords'}",
            f"acl_file {self.folder / 'acl'}",
        ]


def plan_door(settings: Settings, *, user: str | None) -> Door | None:
    """Return where gateways of other boxes come in, or None: the settings open no door.

    Raises:
        SetupError: the door would be open to everywhere, and nothing says by which name gateways shall call.
    """
    lan = settings.lan
    if not lan.host:
        return None
    home = settings.data.absolute() / AUTHORITY_FOLDER
    mark = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Door(
        host=lan.host,
        port=lan.port,
        names=names_of(lan.host, lan.names),
        site=settings.site,
        home=home,
        folder=settings.data.absolute() / "broker" / "door" if user is None else _RUN / mark,
        user=user,
    )


def names_of(host: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in the broker's certificate: those of the settings, else the address and this machine's name.

    Raises:
        SetupError: ``host`` stands for all addresses, so it cannot be called by it.
    """
    if names:
        return names
    if _is_address(host) and ipaddress.ip_address(host).is_unspecified:
        msg = f"lan.host = {host}: name the addresses by which gateways reach this machine in lan.names"
        raise SetupError(msg, SetupReason.SETTINGS)
    own = socket.gethostname()
    return (host,) if own == host else (host, own)


def require_place(host: str, port: int) -> None:
    """Refuse a door that the broker could not open: it would say so in its own words, again and again.

    Raises:
        SetupError: ``host`` is nothing that can be listened on, or somebody listens there.
        PeerError: the address is not this machine's: it may become so, as a network comes up after the machine does.
    """
    refused = f"lan.host = {host!r}: "
    advice = "write this machine's own address in the network of the gateways, as `ip -br address` shows it"
    if not _is_address(host) and _NAME.fullmatch(host) is None:
        raise SetupError(f"{refused}no address; {advice}", SetupReason.SETTINGS)
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise PeerError(f"{refused}a name that nobody knows here; {advice}", PeerReason.UNREACHABLE) from error
    try:
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            msg = f"lan.port = {port}: in use on {host} by another program; choose another"
            raise SetupError(msg, SetupReason.PORT_IN_USE) from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise PeerError(f"{refused}not an address of this machine; {advice}", PeerReason.UNREACHABLE) from error
        raise SetupError(f"{refused}{error.strerror}; {advice}", SetupReason.SETTINGS) from error


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
