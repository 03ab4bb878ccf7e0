"""The audit log in access.db: rows are only ever added, in a chain."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from dashboard.access.book import Book
from dashboard.access.chain import Event, Head, Row, add_row, find_break

_COLUMNS: Final = "seq, utc_ms, who, role, via, address, what, subject, detail, previous, hash"


class Trail:
    """The rows and their head."""

    def __init__(self, book: Book) -> None:
        """Keep the file."""
        self._book: Final = book

    def add(self, events: Iterable[Event]) -> Head:
        """Add events in one transaction; return the head after them.

        Raises:
            StorageError: the disk did not take it; none of them is kept.
        """
        with self._book.change():
            head = self.head()
            for event in events:
                row, head = add_row(head, event)
                self._book.run(f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _fields(row))  # noqa: S608 - constant
            self._book.run(
                "INSERT INTO audit_head VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET count = excluded.count,"
                " hash = excluded.hash",
                (head.count, head.hash),
            )
        return head

    def head(self) -> Head:
        """Return how long the log is, and its newest hash."""
        for count, newest in self._book.rows("SELECT count, hash FROM audit_head"):
            return Head(count=count, hash=newest)
        return Head()

    def rows(self) -> Iterator[Row]:
        """Give all rows, oldest first."""
        return (_row(found) for found in self._book.each(f"SELECT {_COLUMNS} FROM audit ORDER BY seq"))  # noqa: S608

    def newest(self, *, limit: int) -> list[Row]:
        """Return the newest rows, oldest of them first."""
        found = self._book.rows(f"SELECT {_COLUMNS} FROM audit ORDER BY seq DESC LIMIT ?", (limit,))  # noqa: S608
        return [_row(row) for row in reversed(found)]

    def find(self, *, before: int | None, who: str, what: str, subject: str, limit: int) -> list[Row]:
        """Return rows, the newest first.

        Args:
            before: only those before this one.
            who: exactly this one, if not empty.
            what: exactly this, if not empty.
            subject: with this in the subject, if not empty.
            limit: at most so many.
        """
        found = self._book.rows(
            f"SELECT {_COLUMNS} FROM audit WHERE (?1 IS NULL OR seq < ?1) AND (?2 = '' OR who = ?2)"  # noqa: S608 - constant
            " AND (?3 = '' OR what = ?3) AND (?4 = '' OR instr(subject, ?4) > 0) ORDER BY seq DESC LIMIT ?5",
            (before, who, what, subject, limit),
        )
        return [_row(row) for row in found]

    def whats(self) -> list[str]:
        """Return everything that the log has a name for, of its newest 10 000 rows."""
        newest = "SELECT what FROM audit ORDER BY seq DESC LIMIT 10000"
        return [what for (what,) in self._book.rows(f"SELECT DISTINCT what FROM ({newest}) ORDER BY what")]  # noqa: S608

    def find_break(self, *, noted: str | None = None) -> str | None:
        """Return what is wrong with the log, None when nothing is; see `dashboard.access.chain`."""
        return find_break(self.rows(), self.head(), noted=noted)


def _fields(row: Row) -> tuple[Any, ...]:
    event = row.event
    said = (event.utc_ms, event.who, event.role, event.via, event.address, event.what, event.subject, event.detail)
    return (row.seq, *said, row.previous, row.hash)


def _row(found: tuple[Any, ...]) -> Row:
    seq, utc_ms, who, role, via, address, what, subject, detail, previous, own = found
    event = Event(
        utc_ms=utc_ms, who=who, role=role, via=via, address=address, what=what, subject=subject, detail=detail
    )
    return Row(seq=seq, event=event, previous=previous, hash=own)
