"""sink.db: how far the sink has come, and the batch that is on its way. Blocks: it belongs to the sink's thread.

A batch is written down in the same transaction that moves the positions over it, and kept for a while after the server
has confirmed it. So whatever is killed when, the same bytes are sent again: a point is never rendered twice with
another time, and what a killed server had confirmed and not yet written comes once more.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from msgspec import Struct

from ingest.store.cursor import SeqRange
from vitals.database import open_database, storage_errors, writing

MIGRATIONS: Final = (
    """
    CREATE TABLE position (
        source TEXT NOT NULL, run TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (source, run, subject, kind)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE skipped (
        source TEXT NOT NULL, run TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (source, run, subject, kind, first)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, points INTEGER NOT NULL, oldest_utc_ms INTEGER NOT NULL,
        payload BLOB NOT NULL,
        sent_utc_ms INTEGER, -- when the server confirmed it first
        is_waiting INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE TABLE forgotten (
        id INTEGER PRIMARY KEY, is_done INTEGER NOT NULL, said TEXT NOT NULL
    ) STRICT;
    CREATE TABLE total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
)


KEPT_MS: Final = 60_000
"""How long a confirmed batch is kept. VictoriaMetrics holds points in memory for 5 s before writing; one that was
killed has confirmed what it has not."""


class Key(NamedTuple):
    """A stream by its names: row numbers change when a record is restored, names do not."""

    source: str
    run: str
    subject: str
    kind: str


class Move(Struct, frozen=True, kw_only=True):
    """What one batch changes for a stream.

    ``seq``: the position after it. ``skipped``: seqs that it passed because the record has them as gaps. ``filled``:
    seqs that were such gaps and are in the batch after all.
    """

    key: Key
    seq: int
    skipped: tuple[SeqRange, ...] = ()
    filled: tuple[int, ...] = ()


class Batch(Struct, frozen=True, kw_only=True):
    """Lines of so many points; ``oldest_utc_ms``: when the first of them was received. ``id`` 0: not yet kept."""

    id: int = 0
    points: int
    oldest_utc_ms: int
    payload: bytes


class Ledger:
    """The one connection to sink.db."""

    def __init__(self, path: Path) -> None:
        """Open the file, made new when missing.

        Raises:
            StorageError: the file cannot be used.
        """
        self._path: Final = path
        self._db: Final = open_database(path, migrations=MIGRATIONS)
        # As in the record: who is to be forgotten is overwritten.
        self._db.execute("PRAGMA secure_delete=ON").fetchall()
        self.positions: Final[dict[Key, int]] = {
            Key(*key): seq for *key, seq in self._rows("SELECT source, run, subject, kind, seq FROM position")
        }

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def next_batch(self) -> Batch | None:
        """Return the oldest batch that the server has not confirmed since `send_anew`."""
        for number, points, oldest_utc_ms, payload in self._rows(
            "SELECT id, points, oldest_utc_ms, payload FROM batch WHERE is_waiting ORDER BY id LIMIT 1"
        ):
            return Batch(id=number, points=points, oldest_utc_ms=oldest_utc_ms, payload=payload)
        return None

    def send_anew(self) -> None:
        """Have everything that is still kept sent once more: a server that was away may have lost its last seconds."""
        with writing(self._db, self._path):
            self._db.execute("UPDATE batch SET is_waiting = 1 WHERE NOT is_waiting")

    def drop_sent(self) -> None:
        """Delete the batches that are kept to be sent once more: somebody who is to be forgotten may be in them."""
        with writing(self._db, self._path):
            self._db.execute("DELETE FROM batch WHERE NOT is_waiting")

    def skipped(self, key: Key) -> tuple[SeqRange, ...]:
        """Return the gaps of a stream that were passed."""
        rows = self._rows(
            "SELECT first, last FROM skipped WHERE source = ? AND run = ? AND subject = ? AND kind = ?", tuple(key)
        )
        return tuple(SeqRange(*row) for row in rows)

    def keys_with_skipped(self) -> frozenset[Key]:
        """Return the streams of which gaps were passed."""
        return frozenset(Key(*row) for row in self._rows("SELECT DISTINCT source, run, subject, kind FROM skipped"))

    def begin(self, batch: Batch | None, moves: Sequence[Move]) -> None:
        """Keep a batch together with the positions after it; None: there was nothing to send in what was passed.

        Raises:
            StorageError: the disk did not take it; nothing of it is kept.
        """
        with writing(self._db, self._path):
            if batch is not None:
                self._db.execute(
                    "INSERT INTO batch (points, oldest_utc_ms, payload) VALUES (?, ?, ?)",
                    (batch.points, batch.oldest_utc_ms, batch.payload),
                )
            for move in moves:
                self._db.execute(
                    "INSERT INTO position (source, run, subject, kind, seq) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET seq = excluded.seq",
                    (*move.key, move.seq),
                )
                self._skip(move.key, move.skipped)
                self._fill(move.key, move.filled)
        self.positions.update({move.key: move.seq for move in moves})

    def confirm(self, batch: Batch, *, now_utc_ms: int, refused: bool = False) -> None:
        """Note that the server has a batch, or will never take it; what it has had for long is forgotten.

        Raises:
            StorageError: the disk did not take it; the batch is sent again.
        """
        with writing(self._db, self._path):
            found = self._rows(
                "UPDATE batch SET is_waiting = 0, sent_utc_ms = coalesce(sent_utc_ms, ?2) WHERE id = ?1"
                " RETURNING sent_utc_ms = ?2",
                (batch.id, now_utc_ms),
            )
            if found and found[0][0]:
                self._add("refused" if refused else "sent", batch.points)
            self._db.execute("DELETE FROM batch WHERE NOT is_waiting AND sent_utc_ms < ?", (now_utc_ms - KEPT_MS,))

    def totals(self) -> dict[str, int]:
        """Return how many points were sent and refused since the file was made."""
        return dict(self._rows("SELECT name, value FROM total"))

    def forgotten(self) -> dict[int, bool]:
        """Return the erasures that the server was asked for, by their number, and whether it did them."""
        return {number: bool(done) for number, done in self._rows("SELECT id, is_done FROM forgotten")}

    def note_forgotten(self, number: int, *, is_done: bool, said: str) -> None:
        """Keep what the server did about an erasure."""
        with writing(self._db, self._path):
            self._db.execute(
                "INSERT INTO forgotten (id, is_done, said) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET is_done = excluded.is_done, said = excluded.said",
                (number, int(is_done), said[:400]),
            )

    def _skip(self, key: Key, ranges: Iterable[SeqRange]) -> None:
        self._db.executemany(
            "INSERT INTO skipped (source, run, subject, kind, first, last) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last = max(last, excluded.last)",
            [(*key, *gap) for gap in ranges],
        )

    def _fill(self, key: Key, seqs: Iterable[int]) -> None:
        for seq in seqs:
            found = self._rows(
                "DELETE FROM skipped WHERE source = ? AND run = ? AND subject = ? AND kind = ? AND first <= ?"
                " AND last >= ? RETURNING first, last",
                (*key, seq, seq),
            )
            for first, last in found:
                rest = (SeqRange(first, seq - 1), SeqRange(seq + 1, last))
                self._skip(key, [part for part in rest if part.first <= part.last])

    def _add(self, name: str, value: int) -> None:
        self._db.execute(
            "INSERT INTO total (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2",
            (name, value),
        )

    def _rows(self, sql: str, bindings: tuple[Any, ...] = ()) -> list[Any]:
        with storage_errors(self._path):
            return self._db.execute(sql, bindings).fetchall()
