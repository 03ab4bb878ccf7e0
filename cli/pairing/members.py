"""Members: the gateways that may come in from other boxes, each with a password of its own; and what each may say.

The list is `gateways.json` in the folder of the site's authority; Mosquitto's password and ACL files are made from it
and hold nothing else. A password is 256 random bits and is kept as a salted hash alone.
"""

import base64
import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from cli.pairing.authority import write_private
from vitals.errors import InputError, InputReason, SetupError, SetupReason
from vitals.parts import Part
from vitals.topics import (
    AnchorTopic,
    AssignmentsTopic,
    CommandTopic,
    CursorTopic,
    NearbyTopic,
    ReadingTopic,
    StatusTopic,
    Topic,
    topic_filter,
)
from vitals.units import UtcMs

MEMBERS_MAX: Final = 64
"""Gateways of one site; the largest we measured has two radios for 300 people."""

_ITERATIONS: Final = 101
"""Mosquitto's own default. The password is random, so a slower hash would protect nothing more."""


class Member(Struct, frozen=True, kw_only=True):
    """One gateway: its id, the hash of its password as Mosquitto 2 reads it, and when it was paired."""

    gateway: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    password_hash: str
    paired_utc_ms: UtcMs


class Members(Struct, frozen=True, kw_only=True):
    """All of them, by id."""

    v: Literal[1] = 1
    gateways: Annotated[tuple[Member, ...], Meta(max_length=MEMBERS_MAX)] = ()

    def admit(self, gateway: str, password: str, *, now_utc_ms: UtcMs) -> "Members":
        """Return the list with one gateway more, or with a new password for one that is there.

        Raises:
            InputError: there are `MEMBERS_MAX` already.
        """
        others = [member for member in self.gateways if member.gateway != gateway]
        if len(others) >= MEMBERS_MAX:
            raise InputError("gateway", f"{gateway!r} would be number {MEMBERS_MAX + 1}", InputReason.TOO_LARGE)
        member = Member(gateway=gateway, password_hash=hash_password(password), paired_utc_ms=now_utc_ms)
        return Members(gateways=tuple(sorted([*others, member], key=lambda one: one.gateway)))

    def expel(self, gateway: str) -> "Members":
        """Return the list without a gateway.

        Raises:
            InputError: it is not in it.
        """
        others = tuple(member for member in self.gateways if member.gateway != gateway)
        if len(others) == len(self.gateways):
            raise InputError("gateway", f"{gateway!r} is not paired", InputReason.UNKNOWN_NAME)
        return Members(gateways=others)


def new_password() -> str:
    """Return 256 random bits as text without signs that an address would have to escape."""
    return secrets.token_urlsafe(32)


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    """Return a line's second half as Mosquitto 2 keeps it: PBKDF2 with HMAC-SHA-512 (mosquitto_passwd(1))."""
    salt = secrets.token_bytes(12) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def read_members(file: Path) -> Members:
    """Return the list in a file; a missing one is an empty list.

    Raises:
        SetupError: unreadable, or not such a list.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Members)
    except FileNotFoundError:
        return Members()
    except OSError as error:
        raise SetupError(f"paired gateways {file}: {error.strerror}", SetupReason.SETTINGS) from error
    except msgspec.MsgspecError as error:
        raise SetupError(f"paired gateways {file}: {error}", SetupReason.SETTINGS) from error


def write_members(file: Path, members: Members) -> None:
    """Write the list.

    Raises:
        SetupError: the disk does not take it.
    """
    try:
        write_private(file, msgspec.json.format(msgspec.json.encode(members)).decode() + "\n")
    except OSError as error:
        raise SetupError(f"paired gateways {file}: {error.strerror}", SetupReason.SETTINGS) from error


def render_passwords(members: Members) -> str:
    """Return Mosquitto's password file."""
    return "".join(f"{member.gateway}:{member.password_hash}\n" for member in members.gateways)


def render_acl(members: Members, *, site: str) -> str:
    """Return Mosquitto's access list: what is not named here is refused, so nobody speaks for another gateway."""
    lines = ["# Written by vitals from the list of paired gateways; changes are lost."]
    for member in members.gateways:
        lines += ["", f"user {member.gateway}"]
        lines += [f"topic write {text}" for text in _says(member.gateway, site)]
        lines += [f"topic read {text}" for text in _hears(member.gateway, site)]
    return "\n".join([*lines, ""])


def _says(gateway: str, site: str) -> list[str]:
    own: tuple[type[Topic], ...] = (ReadingTopic, NearbyTopic, AnchorTopic)
    status = topic_filter(StatusTopic, site=site, part=Part.GATEWAY.value, instance=gateway)
    return [*(topic_filter(kind, site=site, gateway=gateway) for kind in own), status]


def _hears(gateway: str, site: str) -> list[str]:
    return [
        topic_filter(AssignmentsTopic, site=site, gateway=gateway),
        topic_filter(CursorTopic, site=site, source=gateway),
        topic_filter(CommandTopic, site=site, owner=gateway),
    ]
