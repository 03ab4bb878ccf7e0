"""Logins: who came in with which cookie, when last seen, and whether emergency access is on."""

from typing import Final

from msgspec import Struct

from dashboard.access.book import Book
from dashboard.access.roles import Role
from vitals.units import UtcMs

IDLE_MS: Final[dict[Role, int]] = {
    Role.ADMIN: 15 * 60_000,
    Role.SUPERVISOR: 15 * 60_000,
    Role.THERAPIST: 4 * 3_600_000,
    Role.DISPLAY: 0,
}
"""Automatic logoff: 15 min for desks (45 CFR 164.312(a)(2)(iii) asks for one); a therapist keeps it for a class."""

WHOLE_MS: Final = 12 * 3_600_000
"""However busy: at the next day's start everybody logs in."""

FORGET_MS: Final = 7 * 86_400_000
"""So long a tablet that nobody touched still shows the wall; then it must be logged in again to show anything."""

SEEN_EVERY_MS: Final = 60_000
"""How finely idleness is kept: a write a minute, not one a click."""

EMERGENCY_MS: Final = 30 * 60_000


class Login(Struct, frozen=True, kw_only=True):
    """One login. Joined with its account, so that a role is always that of now."""

    key: str
    account: str
    role: Role
    began_utc_ms: UtcMs
    seen_utc_ms: UtcMs
    emergency_until_utc_ms: UtcMs | None
    emergency_why: str | None

    def has_run_out(self, *, now_utc_ms: UtcMs) -> bool:
        """Return whether it may only watch: idle too long, or too old. A clock that was set back counts as now."""
        idle_ms, age_ms = now_utc_ms - self.seen_utc_ms, now_utc_ms - self.began_utc_ms
        return idle_ms > IDLE_MS[self.role] or age_ms > WHOLE_MS


_SELECT: Final = (
    "SELECT key, account, role, began_utc_ms, seen_utc_ms, emergency_until_utc_ms, emergency_why FROM login"
    " JOIN account ON account.name = login.account WHERE NOT account.is_disabled"
)


class Logins:
    """All logins."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def find(self, key: str, *, now_utc_ms: UtcMs) -> Login | None:
        """Return a login by the hash of its cookie."""
        found = self._read(f"{_SELECT} AND key = ?", (key,))
        return next((login for login in found if now_utc_ms - login.seen_utc_ms < FORGET_MS), None)

    def emergencies(self, *, now_utc_ms: UtcMs) -> tuple[Login, ...]:
        """Return the logins with emergency access now."""
        return self._read(f"{_SELECT} AND emergency_until_utc_ms > ?", (now_utc_ms,))

    def add(self, key: str, account: str, *, utc_ms: UtcMs, instead_of: str | None) -> None:
        """Add a login; the one whose cookie came with the request ends: nobody hands somebody a known cookie."""
        with self._book.change():
            self._book.run("DELETE FROM login WHERE key = ? OR seen_utc_ms < ?", (instead_of or "", utc_ms - FORGET_MS))
            self._book.run("INSERT INTO login VALUES (?, ?, ?, ?, NULL, NULL)", (key, account, utc_ms, utc_ms))

    def touch(self, key: str, *, utc_ms: UtcMs) -> None:
        """Keep that somebody is there."""
        self._book.run("UPDATE login SET seen_utc_ms = ? WHERE key = ?", (utc_ms, key))

    def end(self, key: str) -> None:
        """End a login."""
        self._book.run("DELETE FROM login WHERE key = ?", (key,))

    def open_emergency(self, key: str, *, until_utc_ms: UtcMs, why: str) -> None:
        """Keep emergency access with its reason."""
        self._book.run(
            "UPDATE login SET emergency_until_utc_ms = ?, emergency_why = ? WHERE key = ?", (until_utc_ms, why, key)
        )

    def _read(self, sql: str, bindings: tuple[object, ...]) -> tuple[Login, ...]:
        return tuple(
            Login(
                key=key,
                account=account,
                role=Role(role),
                began_utc_ms=began,
                seen_utc_ms=seen,
                emergency_until_utc_ms=until,
                emergency_why=why,
            )
            for key, account, role, began, seen, until, why in self._book.rows(sql, bindings)
        )
