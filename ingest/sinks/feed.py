"""What the record has that the sink has not: readings up to the store's cursor, stream by stream, in bounded pieces.

The cursor only passes what is stored or given up, so a position below it misses nothing, except a gap that is filled
after all: those are remembered and looked at again.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from ingest.sinks.ledger import Batch, Key, Ledger, Move
from ingest.sinks.lines import COLUMNS, Point, Source, render_points
from ingest.store.cursor import SeqRange
from ingest.store.query import query
from ingest.store.segments import clock_of
from vitals.database import open_reader, storage_errors

POINTS_MAX: Final = 1_000
"""Readings of one batch, some 200 kB: a class of 30 makes 60 a second, and rendering must not hold up the commit."""

LOOK_BACK_MS: Final = 60_000
"""Runs that were closed so long ago are looked at in each turn, others once at the start and each `WHOLE_TURNS`."""

WHOLE_TURNS: Final = 600

_READING: Final = ", ".join(COLUMNS)
_STREAMS: Final = (
    "SELECT stream.id, run.id, source, run.run, subject, kind, cursor, generation_mode FROM stream"
    " JOIN run ON run.id = stream.run WHERE kind IN ('hr', 'oximeter', 'workload', 'battery')"
)
_ROWS: Final = (
    f"SELECT {_READING}, rr, received_utc_ms FROM reading LEFT JOIN workload USING (stream, seq)"  # noqa: S608 - names
    " WHERE reading.stream = ?1 AND seq >= ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4"
)


class _Stream:
    """One stream of the record, as of this turn."""

    def __init__(self, row: tuple[int, int, str, str, str, str, int, str | None], site: str) -> None:
        self.id, self.run_id, source, run, subject, kind, self.cursor, mode = row
        self.key: Final = Key(source, run, subject, kind)
        self.source: Final = Source(site, source, run, subject, kind, mode or "unknown")


class _Piece:
    """What was found so far, for one batch."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.moves: list[Move] = []
        self.oldest_utc_ms: int | None = None

    @property
    def room(self) -> int:
        return POINTS_MAX - len(self.lines)

    def add(self, lines: Iterator[str], rows: list[Point]) -> None:
        self.lines += lines
        for row in rows:
            received = int(str(row[-1]))
            self.oldest_utc_ms = received if self.oldest_utc_ms is None else min(self.oldest_utc_ms, received)


class Feed:
    """Reads the record beside its writer; belongs to the sink's thread."""

    def __init__(self, path: Path, *, site: str) -> None:
        """Open the record to read.

        Raises:
            StorageError: there is none yet, or it cannot be read.
        """
        self._path: Final = path
        self._site: Final = site
        self._connection: Final = open_reader(path)
        self._turns = 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def collect(self, ledger: Ledger, *, now_utc_ms: int) -> tuple[Batch | None, tuple[Move, ...]]:
        """Return the next batch and the positions after it; both are empty when the sink has everything.

        Raises:
            StorageError: the record cannot be read.
        """
        piece = _Piece()
        with storage_errors(self._path):
            filled = ledger.keys_with_skipped()
            for stream in self._streams(now_utc_ms):
                if stream.key in filled:
                    self._collect_filled(piece, stream, ledger)
                if piece.room > 0:
                    self._collect_new(piece, stream, ledger.positions.get(stream.key, -1))
                if piece.room <= 0:
                    self._turns = 0  # there is more: look at all again
                    break
            else:
                self._turns += 1
        if not piece.lines:
            return None, tuple(piece.moves)
        oldest = now_utc_ms if piece.oldest_utc_ms is None else piece.oldest_utc_ms
        payload = "\n".join(piece.lines).encode()
        return Batch(points=len(piece.lines), oldest_utc_ms=oldest, payload=payload), tuple(piece.moves)

    def erasures(self, done: dict[int, bool]) -> list[tuple[int, str, int, int | None]]:
        """Return what the record has erased and the server was not asked for: number, sensor, from, to in UTC ms."""
        with storage_errors(self._path):
            rows = query(self._connection, "SELECT id, sensor, from_utc_ms, to_utc_ms FROM erased_worn ORDER BY id")
        return [row for row in rows if row[0] not in done]

    def waiting(self, ledger: Ledger) -> int:
        """Return about how many readings are still to be sent: numbers between positions and cursors."""
        with storage_errors(self._path):
            return sum(
                max(0, row[6] - ledger.positions.get(Key(row[2], row[3], row[4], row[5]), -1))
                for row in query(self._connection, _STREAMS + " AND closed_utc_ms IS NULL")
            )

    def _streams(self, now_utc_ms: int) -> Iterator[_Stream]:
        if self._turns % WHOLE_TURNS == 0:
            rows = query(self._connection, _STREAMS)
        else:
            recent = " AND (closed_utc_ms IS NULL OR closed_utc_ms >= ?)"
            rows = query(self._connection, _STREAMS + recent, (now_utc_ms - LOOK_BACK_MS,))
        return (_Stream(row, self._site) for row in rows)

    def _collect_new(self, piece: _Piece, stream: _Stream, position: int) -> None:
        if stream.cursor <= position:
            return
        room = piece.room
        rows: list[Point] = query(self._connection, _ROWS, (stream.id, position + 1, stream.cursor, room))
        end = stream.cursor if len(rows) < room else int(str(rows[-1][0]))
        if rows:
            piece.add(self._render(stream, rows, mark=""), rows)
        gaps = query(
            self._connection,
            "SELECT max(first, ?2), min(last, ?3) FROM gap WHERE stream = ?1 AND last >= ?2 AND first <= ?3",
            (stream.id, position + 1, end),
        )
        piece.moves.append(Move(key=stream.key, seq=end, skipped=tuple(SeqRange(*gap) for gap in gaps)))

    def _collect_filled(self, piece: _Piece, stream: _Stream, ledger: Ledger) -> None:
        for first, last in ledger.skipped(stream.key):
            if piece.room <= 0:
                return
            rows: list[Point] = query(self._connection, _ROWS, (stream.id, first, last, piece.room))
            if rows:
                piece.add(self._render(stream, rows, mark="f"), rows)
                seqs = tuple(int(str(row[0])) for row in rows)
                piece.moves.append(Move(key=stream.key, seq=ledger.positions[stream.key], filled=seqs))

    def _render(self, stream: _Stream, rows: list[Point], *, mark: str) -> Iterator[str]:
        seq, mono_ms = int(str(rows[0][0])), int(str(rows[0][1]))
        return render_points(
            stream.source,
            clock_of(self._connection, stream.run_id),
            rows,
            twins=_twins_before(self._connection, stream.id, seq, mono_ms),
            mark=mark,
        )


def _twins_before(connection: apsw.Connection, stream: int, seq: int, mono_ms: int) -> int:
    """Return how many readings just before this one have its time."""
    twins = 0
    for (before_ms,) in query(
        connection,
        "SELECT mono_ms FROM reading WHERE stream = ? AND seq < ? ORDER BY seq DESC LIMIT 64",
        (stream, seq),
    ):
        if before_ms != mono_ms:
            break
        twins += 1
    return twins
