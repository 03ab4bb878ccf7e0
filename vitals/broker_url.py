"""The address of the broker as people write it: ``mqtt://host``, ``mqtts://user:password@host:8883``."""

from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from vitals.errors import InputError, InputReason

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
"""Scheme and the port that IANA gave it (secure-mqtt is 8883)."""


class BrokerUrl(Struct, frozen=True, kw_only=True):
    """Where the broker is, and as whom to go there."""

    host: str
    port: int
    is_tls: bool = False
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Return what a log may show: no user, no password."""
        return f"BrokerUrl({str(self)!r})"

    def __str__(self) -> str:
        """Return the address with the scheme and port spelled out, without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.is_tls else 'mqtt'}://{host}:{self.port}"


def parse_broker_url(text: str) -> BrokerUrl:
    """Return the parts of a broker's address.

    Raises:
        InputError: another scheme, no host, a port that is none, or something behind the port.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused(text, str(error)) from error
    if parts.scheme not in _PORTS:
        raise _refused(text, "begins with neither mqtt:// nor mqtts://")
    if not parts.hostname:
        raise _refused(text, "names no host")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _refused(text, "has something behind the port")
    return BrokerUrl(
        host=parts.hostname,
        port=_PORTS[parts.scheme] if port is None else port,
        is_tls=parts.scheme == "mqtts",
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def mask_password(text: str) -> str:
    """Return an address fit for a log: the password, if there is one, becomes ``***``."""
    scheme, mark, rest = text.partition("://")
    login, at, host = rest.rpartition("@")
    if not mark or not at or ":" not in login:
        return text
    return f"{scheme}://{login.partition(':')[0]}:***@{host}"


def _refused(text: str, why: str) -> InputError:
    return InputError("broker", f"{mask_password(text)!r} {why}", InputReason.WRONG_SHAPE)
