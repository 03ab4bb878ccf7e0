"""What a browser gives as its push address, checked before it goes to alerts, which will send there."""

import base64
import binascii
import hashlib
import ipaddress
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from vitals.delivery import SubscriptionId
from vitals.errors import InputError, InputReason
from vitals.sessions import GenerationMode
from vitals.wire import encode

ENDPOINT_CHARS_MAX: Final = 1_000
"""The longest that is known, of Windows' service, has some 500."""

_P256DH_BYTES: Final = 65
"""An uncompressed point of P-256 (RFC 8291, section 3.1), its first byte is 4."""
_AUTH_BYTES: Final = 16
"""RFC 8291, section 3.2."""


class _Keys(Struct, frozen=True, kw_only=True):
    p256dh: str
    auth: str


class PushAddress(Struct, frozen=True, kw_only=True):
    """A browser's subscription: where its service takes pushes, and the keys that only this browser can read with."""

    endpoint: str
    keys: _Keys

    def as_json(self) -> str:
        """Return what travels to alerts."""
        return encode(self).decode()

    def id(self) -> SubscriptionId:
        """Return the same id for the same browser, so that subscribing again changes nothing."""
        return SubscriptionId(hashlib.sha256(self.endpoint.encode()).hexdigest()[:32])


def read_address(endpoint: str, *, p256dh: str, auth: str, mode: GenerationMode) -> PushAddress:
    """Return a checked address.

    Args:
        endpoint: https, of a service with a name. http to this machine only for people who are not real: tests.
        p256dh: the browser's public key, base64url.
        auth: its secret, base64url.
        mode: of this site.

    Raises:
        InputError: one of them is none.
    """
    _check_endpoint(endpoint, mode=mode)
    point, secret = _bytes(p256dh), _bytes(auth)
    if len(point) != _P256DH_BYTES or point[0] != 4:  # noqa: PLR2004 - SEC 1, 2.3.3
        raise InputError("keys.p256dh", "is no public key of a browser", InputReason.WRONG_SHAPE)
    if len(secret) != _AUTH_BYTES:
        raise InputError("keys.auth", f"has {len(secret)} bytes, not {_AUTH_BYTES}", InputReason.WRONG_SHAPE)
    return PushAddress(endpoint=endpoint, keys=_Keys(p256dh=p256dh.rstrip("="), auth=auth.rstrip("=")))


def _check_endpoint(endpoint: str, *, mode: GenerationMode) -> None:
    """Refuse what could make alerts knock at doors inside the house."""
    try:
        url = urlsplit(endpoint)
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise InputError("endpoint", "is no address", InputReason.WRONG_SHAPE) from error
    if len(endpoint) > ENDPOINT_CHARS_MAX or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise InputError("endpoint", "is no address", InputReason.WRONG_SHAPE)
    if url.username is not None or url.password is not None or url.fragment:
        raise InputError("endpoint", "has a user or a fragment, a push service's has none", InputReason.WRONG_SHAPE)
    if url.scheme == "http" and mode is not GenerationMode.REAL and host in {"127.0.0.1", "localhost"}:
        return
    if url.scheme != "https" or "." not in host or _is_number(host):
        # The host alone is quoted: the rest of the address is a secret.
        problem = f"{url.scheme[:10]}://{host[:80]} is no push service: https and a name are needed"
        raise InputError("endpoint", problem, InputReason.NOT_ALLOWED)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True


def _bytes(text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare.encode("ascii") + b"=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""
