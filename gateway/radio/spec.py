"""Radio specs: one line of settings that names an adapter, e.g. ``bluez:hci0?slots=7``. Parsed here, once."""

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from vitals.errors import SetupError, SetupReason

SLOTS_DEFAULT: Final = 7
"""Common dongles hold 5 to 7 links (bleak-retry-connector, bluez.py, comment on CSR and Broadcom adapters). Too high
here costs failed attempts; too low leaves a sensor without a radio."""

SLOTS_MAX: Final = 1000
"""No dongle holds so many; a virtual radio does, for a whole class on one adapter."""

_ADAPTER: Final = re.compile(r"hci\d{1,3}\Z")
_PORT_MAX: Final = 65_535


class RadioKind(StrEnum):
    """By which stack a radio is driven."""

    BLUEZ = "bluez"
    BUMBLE = "bumble"


class Transport(StrEnum):
    """How bumble reaches an adapter."""

    TCP_CLIENT = "tcp-client"
    UNIX = "unix"
    USB = "usb"
    SERIAL = "serial"
    HCI_SOCKET = "hci-socket"


class RadioSpec(Struct, frozen=True, kw_only=True):
    """One radio of a gateway.

    Attributes:
        kind: BlueZ (the operating system's stack) or bumble (ours).
        target: ``hci0`` for BlueZ; a bumble transport such as ``usb:0`` or ``tcp-client:127.0.0.1:9001``.
        slots: how many links the adapter holds at once.
    """

    kind: RadioKind
    target: str
    slots: int = SLOTS_DEFAULT

    @property
    def text(self) -> str:
        """The spec as one writes it, in full."""
        return f"{self.kind}:{self.target}?slots={self.slots}"


def parse_radio_spec(text: str) -> RadioSpec:
    """Return the radio that a spec names.

    Args:
        text: ``bluez:hci0``, ``bumble:tcp-client:127.0.0.1:9001``, ``bumble:unix:/run/radio.sock``,
            ``bumble:usb:0``, ``bumble:serial:/dev/ttyACM0``, ``bumble:hci-socket:0``; each may end in ``?slots=N``.

    Raises:
        SetupError: it names no radio; the message says which part of it and what would do.
    """
    head, question, query = text.strip().partition("?")
    kind, _, target = head.partition(":")
    slots = _parse_slots(query, text) if question else SLOTS_DEFAULT
    match kind:
        case RadioKind.BLUEZ:
            if not _ADAPTER.match(target):
                raise _refusal(text, f"adapter {target!r} is not hci0, hci1, ...")
            return RadioSpec(kind=RadioKind.BLUEZ, target=target, slots=slots)
        case RadioKind.BUMBLE:
            _check_transport(target, text)
            return RadioSpec(kind=RadioKind.BUMBLE, target=target, slots=slots)
        case _:
            raise _refusal(text, f"{kind!r} is neither bluez nor bumble")


def _parse_slots(query: str, text: str) -> int:
    """Return N of ``slots=N``."""
    key, _, value = query.partition("=")
    if key != "slots":
        raise _refusal(text, f"unknown option {key!r}, only slots=N")
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= SLOTS_MAX):
        raise _refusal(text, f"slots {value!r} is not a number of 1 to {SLOTS_MAX}")
    return int(value)


def _check_transport(target: str, text: str) -> None:
    """Refuse a bumble transport that we do not open."""
    scheme, _, place = target.partition(":")
    known = ", ".join(transport.value for transport in Transport)
    if scheme not in list(Transport):
        raise _refusal(text, f"transport {scheme!r} is none of {known}")
    if not place:
        raise _refusal(text, f"transport {scheme!r} needs a place, e.g. {scheme}:0")
    if scheme == Transport.TCP_CLIENT:
        host, _, port = place.rpartition(":")
        if not (host and port.isascii() and port.isdigit() and 1 <= int(port) <= _PORT_MAX):
            raise _refusal(text, f"{place!r} is not HOST:PORT")


def _refusal(text: str, problem: str) -> SetupError:
    """Return the one line for the operator."""
    return SetupError(f"radio {text!r}: {problem}", SetupReason.SETTINGS)
