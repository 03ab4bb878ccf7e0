"""Links by which a user sets the own password, once: nobody else ever knows it."""

from typing import Final

from dashboard.access.book import Book
from vitals.units import UtcMs

INVITATION_MS: Final = 3 * 86_400_000
"""Handed over today, used before the week is over; an older one is made anew."""


class Invitations:
    """The links that wait, at most one of each user."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def give(self, account: str, key: str, *, utc_ms: UtcMs) -> UtcMs:
        """Keep the hash of a user's link, an earlier one ends; return until when it holds."""
        until = UtcMs(utc_ms + INVITATION_MS)
        self._book.run(
            "INSERT INTO invitation VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET key = excluded.key,"
            " until_utc_ms = excluded.until_utc_ms",
            (account, key, until),
        )
        return until

    def find(self, key: str, *, now_utc_ms: UtcMs) -> str | None:
        """Return whose link this is; None: nobody's, used, too old, or its user is shut out."""
        for (account,) in self._book.rows(
            "SELECT account FROM invitation JOIN account ON account.name = invitation.account"
            " WHERE invitation.key = ? AND until_utc_ms > ? AND NOT is_disabled",
            (key, now_utc_ms),
        ):
            return str(account)
        return None

    def until(self, *, now_utc_ms: UtcMs) -> dict[str, UtcMs]:
        """Return until when the links that wait hold, by user."""
        return dict(
            self._book.rows("SELECT account, until_utc_ms FROM invitation WHERE until_utc_ms > ?", (now_utc_ms,))
        )

    def end(self, account: str) -> None:
        """End a user's link."""
        self._book.run("DELETE FROM invitation WHERE account = ?", (account,))
