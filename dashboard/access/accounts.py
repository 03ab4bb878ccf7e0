"""Users: name, role, hashes of password and PIN. What takes something from somebody ends that one's logins at once."""

import re
from typing import Final

from msgspec import Struct

from dashboard.access.book import Book
from dashboard.access.roles import Role
from vitals.errors import InputError, InputReason
from vitals.units import UtcMs

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
PIN_FAILURES_MAX: Final = 10
"""After so many wrong PINs in a row only the password opens: 10 of 10 000 is 1 in 1 000 for a stolen tablet."""


class Account(Struct, frozen=True, kw_only=True):
    """One user."""

    name: str
    role: Role
    password: str
    pin: str | None
    pin_failures: int
    is_disabled: bool
    created_utc_ms: UtcMs


def require_name(name: str) -> str:
    """Return a name that may be taken by a user, a token or a device.

    Raises:
        InputError: it is none.
    """
    if not NAME.fullmatch(name):
        problem = f"{name[:80]!r} is not 1 to 32 of a-z 0-9 . _ -, beginning with a letter or digit"
        raise InputError("name", problem, InputReason.WRONG_SHAPE)
    return name


class Accounts:
    """All users."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def all(self) -> tuple[Account, ...]:
        """Return all users by name."""
        return tuple(
            Account(
                name=name,
                role=Role(role),
                password=password,
                pin=pin,
                pin_failures=failures,
                is_disabled=bool(is_disabled),
                created_utc_ms=created,
            )
            for name, role, password, pin, failures, is_disabled, created in self._book.rows(
                "SELECT name, role, password, pin, pin_failures, is_disabled, created_utc_ms FROM account ORDER BY name"
            )
        )

    def find(self, name: str) -> Account | None:
        """Return a user by name."""
        return next((account for account in self.all() if account.name == name), None)

    def require(self, name: str) -> Account:
        """Return a user by name.

        Raises:
            InputError: nobody is called so.
        """
        found = self.find(name)
        if found is None:
            raise InputError("user", f"{name[:80]!r} is not known", InputReason.UNKNOWN_NAME)
        return found

    def has_admin(self) -> bool:
        """Return whether somebody can administer."""
        return any(account.role is Role.ADMIN and not account.is_disabled for account in self.all())

    def add(self, name: str, role: Role, *, password: str, utc_ms: UtcMs) -> None:
        """Add a user; ``password`` is its hash.

        Raises:
            InputError: the name is taken or no name, or the role is not a person's.
        """
        require_name(name)
        if role is Role.DISPLAY:
            raise InputError("role", "display: displays are paired by a code, not users", InputReason.CONFLICT)
        if self.find(name) is not None:
            raise InputError("user", f"{name!r} exists", InputReason.CONFLICT)
        self._book.run("INSERT INTO account VALUES (?, ?, ?, NULL, 0, 0, ?)", (name, role.value, password, utc_ms))

    def set_role(self, name: str, role: Role) -> None:
        """Give another role, and end the user's logins.

        Raises:
            InputError: not known, a display, or the last admin.
        """
        if role is Role.DISPLAY:
            raise InputError("role", "display: displays are paired by a code, not users", InputReason.CONFLICT)
        with self._book.change():
            if role is not Role.ADMIN:
                self._refuse_last_admin(name)
            self.require(name)
            self._book.run("UPDATE account SET role = ? WHERE name = ?", (role.value, name))
            self._end_logins(name)

    def set_password(self, name: str, password: str) -> None:
        """Give another password (its hash), which opens a user that too many wrong PINs had shut; end the logins."""
        with self._book.change():
            self.require(name)
            self._book.run("UPDATE account SET password = ?, pin_failures = 0 WHERE name = ?", (password, name))
            self._end_logins(name)

    def set_pin(self, name: str, pin: str | None) -> None:
        """Give a PIN (its hash), or take it."""
        self._book.run("UPDATE account SET pin = ?, pin_failures = 0 WHERE name = ?", (pin, name))

    def set_disabled(self, name: str, *, is_disabled: bool) -> None:
        """Shut a user out, or let it in again.

        Raises:
            InputError: not known, or the last admin.
        """
        with self._book.change():
            if is_disabled:
                self._refuse_last_admin(name)
            self.require(name)
            self._book.run("UPDATE account SET is_disabled = ? WHERE name = ?", (int(is_disabled), name))
            self._end_logins(name)

    def count_pin(self, name: str, *, is_right: bool) -> None:
        """Count a wrong PIN; a right one, or a right password, begins anew."""
        change = "0" if is_right else "pin_failures + 1"
        self._book.run(f"UPDATE account SET pin_failures = {change} WHERE name = ?", (name,))  # noqa: S608 - constants

    def _end_logins(self, name: str) -> None:
        self._book.run("DELETE FROM login WHERE account = ?", (name,))

    def _refuse_last_admin(self, name: str) -> None:
        admins = [account.name for account in self.all() if account.role is Role.ADMIN and not account.is_disabled]
        if admins == [name]:
            raise InputError("user", f"{name!r} is the last admin; add another one first", InputReason.CONFLICT)
