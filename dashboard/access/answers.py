"""Answers to pushes: a token answers once, and whose phone has answered a test is known before the class."""

from typing import Final

from msgspec import Struct

from dashboard.access.book import Book
from vitals.alarms import AlarmId
from vitals.delivery import TEST_PREFIX, Response
from vitals.duty import StaffId
from vitals.units import UtcMs

KEPT_MS: Final = 86_400_000
"""A token is over after ten minutes; the answer to a test is looked at until the end of the day."""


class Answer(Struct, frozen=True, kw_only=True):
    """One answer. ``nonce``: of the token; of an answer by somebody who is logged in a random one."""

    nonce: str
    alarm: AlarmId
    staff: StaffId
    response: Response
    utc_ms: UtcMs


class Answers:
    """All answers of the last day."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def is_used(self, nonce: str) -> bool:
        """Return whether a token has answered."""
        return bool(self._book.rows("SELECT 1 FROM push_answer WHERE nonce = ?", (nonce,)))

    def add(self, answer: Answer) -> None:
        """Keep an answer; a nonce that is there stays as it is. What is older than a day goes."""
        self._book.run("DELETE FROM push_answer WHERE utc_ms < ?", (answer.utc_ms - KEPT_MS,))
        self._book.run(
            "INSERT OR IGNORE INTO push_answer VALUES (?, ?, ?, ?, ?)",
            (answer.nonce, answer.alarm, answer.staff, answer.response.value, answer.utc_ms),
        )

    def tested(self) -> dict[StaffId, UtcMs]:
        """Return when each person's phone last answered a test, with a word other than "can't"."""
        rows = self._book.rows(
            "SELECT staff, max(utc_ms) FROM push_answer WHERE substr(alarm, 1, ?) = ? AND response != ? GROUP BY staff",
            (len(TEST_PREFIX), TEST_PREFIX, Response.CANNOT.value),
        )
        return {StaffId(staff): UtcMs(utc_ms) for staff, utc_ms in rows}
