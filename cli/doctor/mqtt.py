"""Asks an address whether it speaks MQTT 5: one CONNECT, one CONNACK, goodbye (OASIS MQTT 5.0, sections 3.1, 3.2)."""

import secrets
import socket
import ssl
from pathlib import Path
from typing import Final

from msgspec import Struct

from vitals.broker_url import BrokerUrl

ANSWER_S: Final = 3.0

_CONNECT: Final = 0x10
_CONNACK: Final = 0x20
_DISCONNECT: Final = b"\xe0\x00"
_VERSION: Final = 5
_VERSION_REFUSED: Final = {0x01: "speaks MQTT 3 only", 0x84: "does not speak MQTT 5"}
"""0x01 is how a 3.1.1 broker says it, 0x84 how a newer one does."""
_NOT_LET_IN: Final = {
    0x86: "user name or password is wrong",
    0x87: "does not let us in",
    0x8A: "has banned this machine",
}


class Answer(Struct, frozen=True, kw_only=True):
    """What came back: ``problem`` is empty when it was a yes; ``is_reachable``: somebody took the connection."""

    is_reachable: bool
    problem: str = ""


def ask_broker(url: BrokerUrl, *, ca_file: Path | None = None, timeout_s: float = ANSWER_S) -> Answer:
    """Return whether MQTT 5 is spoken at an address; never raises, waits at most about twice ``timeout_s``."""
    is_reachable = False
    try:
        with socket.create_connection((url.host, url.port), timeout=timeout_s) as raw:
            is_reachable = True
            with _wrap(raw, url, ca_file) as connection:
                connection.sendall(encode_connect(user=url.user, password=url.password))
                problem = judge_connack(connection.recv(256))
                if not problem:
                    connection.sendall(_DISCONNECT)
    except TimeoutError:
        return Answer(is_reachable=is_reachable, problem=f"no answer within {timeout_s:g} s")
    except (OSError, ValueError) as error:
        return Answer(is_reachable=is_reachable, problem=str(getattr(error, "strerror", None) or error))
    return Answer(is_reachable=True, problem=problem)


def encode_connect(*, user: str | None, password: str | None) -> bytes:
    """Return a CONNECT packet: clean start, keep-alive 10 s, a client id that nobody else has."""
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    body = _text("MQTT") + bytes((_VERSION, flags)) + (10).to_bytes(2) + b"\x00"
    body += _text(f"doctor-{secrets.token_hex(4)}")
    body += b"" if user is None else _text(user)
    body += b"" if password is None else _text(password)
    return bytes((_CONNECT,)) + _length(len(body)) + body


def judge_connack(packet: bytes) -> str:
    """Return what is wrong with the first bytes of an answer; empty: a CONNACK that says yes."""
    if not packet:
        return "hangs up on MQTT 5"
    if packet[0] != _CONNACK or len(packet) < 4:  # noqa: PLR2004 - type, length, flags, code
        return f"answers {packet[:8]!r}, which is not MQTT"
    # The length of a CONNACK may take up to four bytes; the last one has no high bit.
    at = next((index for index in range(1, min(5, len(packet))) if packet[index] < 0x80), None)  # noqa: PLR2004
    if at is None or len(packet) < at + 3:
        return f"answers {packet[:8]!r}, which is not MQTT"
    code = packet[at + 2]
    if code == 0:
        # MQTT 3's CONNACK ends here; in MQTT 5 properties follow.
        return "" if packet[at] > 2 else "speaks MQTT 3 only"  # noqa: PLR2004 - flags and code
    return _VERSION_REFUSED.get(code) or _NOT_LET_IN.get(code) or f"refuses with code 0x{code:02x}"


def _wrap(raw: socket.socket, url: BrokerUrl, ca_file: Path | None) -> socket.socket:
    if not url.is_tls:
        return raw
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    return context.wrap_socket(raw, server_hostname=url.host)


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2) + data


def _length(count: int) -> bytes:
    """Return MQTT's variable byte integer (section 1.5.5)."""
    data = bytearray()
    while True:
        count, digit = divmod(count, 128)
        data.append(digit | (0x80 if count else 0))
        if not count:
            return bytes(data)
