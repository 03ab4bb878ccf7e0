"""Things that hold a key of their own: paired walls and tablets, tokens of scripts, the link for the first admin."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from dashboard.access.book import Book
from dashboard.access.roles import Role
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs


class DeviceKind(StrEnum):
    """What was paired."""

    DISPLAY = "display"
    TABLET = "tablet"


class Device(Struct, frozen=True, kw_only=True):
    """A paired wall (read-only, of one room), or a tablet on which PINs are taken."""

    name: str
    kind: DeviceKind
    room: str
    sees_names: bool
    created_utc_ms: UtcMs


class Token(Struct, frozen=True, kw_only=True):
    """A script's key."""

    name: str
    role: Role
    created_utc_ms: UtcMs


class Devices:
    """Everything with a key that is no person."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def all(self) -> tuple[Device, ...]:
        """Return what is paired, by name."""
        return tuple(device for _, device in self._read())

    def find(self, key: str) -> Device | None:
        """Return a device by the hash of its key."""
        return next((device for known, device in self._read() if known == key), None)

    def add(self, device: Device, key: str) -> None:
        """Pair a device.

        Raises:
            InputError: one of that name is paired already.
        """
        if any(known.name == device.name for known in self.all()):
            raise InputError("name", f"{device.name!r} is paired already", InputReason.CONFLICT)
        self._book.run(
            "INSERT INTO device VALUES (?, ?, ?, ?, ?, ?)",
            (device.name, key, device.kind.value, device.room, int(device.sees_names), device.created_utc_ms),
        )

    def revoke(self, name: str) -> None:
        """Shut a device out.

        Raises:
            InputError: none is called so.
        """
        if not self._book.run("DELETE FROM device WHERE name = ?", (name,)):
            raise InputError("device", f"{name[:80]!r} is not known", InputReason.UNKNOWN_NAME)

    def tokens(self) -> tuple[Token, ...]:
        """Return all tokens by name."""
        return tuple(
            Token(name=name, role=Role(role), created_utc_ms=created)
            for name, role, created in self._book.rows("SELECT name, role, created_utc_ms FROM token ORDER BY name")
        )

    def find_token(self, key: str) -> Token | None:
        """Return a token by its hash."""
        for name, role, created in self._book.rows(
            "SELECT name, role, created_utc_ms FROM token WHERE key = ?", (key,)
        ):
            return Token(name=name, role=Role(role), created_utc_ms=created)
        return None

    def add_token(self, token: Token, key: str) -> None:
        """Keep a token's hash.

        Raises:
            InputError: the name is taken.
        """
        if any(known.name == token.name for known in self.tokens()):
            raise InputError("token", f"{token.name!r} exists; revoke it first", InputReason.CONFLICT)
        self._book.run(
            "INSERT INTO token VALUES (?, ?, ?, ?)", (token.name, key, token.role.value, token.created_utc_ms)
        )

    def revoke_token(self, name: str) -> None:
        """End a token.

        Raises:
            InputError: none is called so.
        """
        if not self._book.run("DELETE FROM token WHERE name = ?", (name,)):
            raise InputError("token", f"{name[:80]!r} is not known", InputReason.UNKNOWN_NAME)

    def set_first_link(self, key: str, *, until_utc_ms: UtcMs) -> None:
        """Keep the one link by which the first admin is made; an earlier one ends."""
        self._book.run(
            "INSERT INTO first_link VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET key = excluded.key,"
            " until_utc_ms = excluded.until_utc_ms",
            (key, until_utc_ms),
        )

    def take_first_link(self, key: str, *, now_utc_ms: UtcMs) -> bool:
        """Return whether this is the link, and end it."""
        return self._book.run("DELETE FROM first_link WHERE key = ? AND until_utc_ms > ?", (key, now_utc_ms)) > 0

    def has_first_link(self, key: str, *, now_utc_ms: UtcMs) -> bool:
        """Return whether this is the link that waits."""
        return bool(self._book.rows("SELECT 1 FROM first_link WHERE key = ? AND until_utc_ms > ?", (key, now_utc_ms)))

    def _read(self) -> list[tuple[str, Device]]:
        return [
            (
                key,
                Device(
                    name=name,
                    kind=DeviceKind(kind),
                    room=room,
                    sees_names=bool(sees_names),
                    created_utc_ms=created,
                ),
            )
            for name, key, kind, room, sees_names, created in self._book.rows(
                "SELECT name, key, kind, room, sees_names, created_utc_ms FROM device ORDER BY name"
            )
        ]
