"""The outbox's tables: plain reading and writing of rows; what it means is in `vitals.outbox`."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import apsw

from vitals.outbox_stream import OutboxStream
from vitals.readings import RunId, StreamKey
from vitals.units import MonotonicMs

OUTBOX_SCHEMA: Final = """
CREATE TABLE outbox_run (
    run TEXT PRIMARY KEY,
    boot TEXT NOT NULL,      -- runs of one boot and clock rate share a monotonic clock
    mono_ms INTEGER NOT NULL,
    utc_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE outbox_stream (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    last INTEGER NOT NULL,   -- the highest seq that was ever here
    stored INTEGER NOT NULL, -- the store's cursor
    UNIQUE (run, subject, kind)
);
CREATE TABLE outbox_message (
    id INTEGER PRIMARY KEY,  -- in order of arrival
    stream INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    mono_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (stream, seq)
);
"""
"""For the migrations of the database's owner."""

ROW_BYTES: Final = 100
"""What a row is taken to need besides topic and body: four numbers and an entry in the second index."""

_COLUMNS: Final = "m.id, s.run, s.subject, s.kind, m.seq, m.mono_ms, m.topic, m.body"
_JOINED: Final = f"SELECT {_COLUMNS} FROM outbox_message m JOIN outbox_stream s ON s.id = m.stream"  # noqa: S608


class OutboxRow(NamedTuple):
    """One message: its place in the order of arrival, its stream and seq, and what to publish."""

    id: int
    key: StreamKey
    seq: int
    mono_ms: MonotonicMs
    topic: str
    body: bytes

    @property
    def size(self) -> int:
        """Bytes that count against the bound."""
        return ROW_BYTES + len(self.topic) + len(self.body)


class OutboxRun(NamedTuple):
    """A run's clocks at its start; ``boot`` names the span in which monotonic times can be compared."""

    boot: str
    mono_ms: int
    utc_ms: int


class OutboxTable:
    """The three tables in a connection whose transactions belong to somebody else."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Keep the connection; the tables must be there."""
        self._connection = connection

    def runs(self) -> dict[str, OutboxRun]:
        """Return all runs that are still known."""
        return {run: OutboxRun(*rest) for run, *rest in self._ask("SELECT run, boot, mono_ms, utc_ms FROM outbox_run")}

    def streams(self) -> dict[StreamKey, OutboxStream]:
        """Return all streams, oldest first, with the holes that their rows show."""
        streams: dict[StreamKey, OutboxStream] = {}
        for number, run, subject, kind, last, stored, lowest in self._ask(
            "SELECT id, run, subject, kind, last, stored, "
            "(SELECT min(seq) FROM outbox_message WHERE stream = outbox_stream.id) FROM outbox_stream ORDER BY id"
        ):
            first = last + 1 if lowest is None else lowest
            streams[StreamKey(RunId(run), subject, kind)] = OutboxStream(
                number=number, last=last, stored=stored, first=first
            )
        numbers = {stream.number: stream for stream in streams.values()}
        for number, low, high in self._ask(
            "SELECT stream, before + 1, seq - 1 FROM (SELECT stream, seq, "
            "lag(seq) OVER (PARTITION BY stream ORDER BY seq) AS before FROM outbox_message) WHERE seq > before + 1 "
            "ORDER BY stream, seq"
        ):
            numbers[number].add_hole(low, high)
        for number, highest in self._ask("SELECT stream, max(seq) FROM outbox_message GROUP BY stream"):
            if highest < numbers[number].last:
                numbers[number].add_hole(highest + 1, numbers[number].last)
        return streams

    def newest_id(self) -> int:
        """Return the highest place in the order of arrival, 0 when empty."""
        return int(self._ask("SELECT coalesce(max(id), 0) FROM outbox_message")[0][0])

    def size(self) -> int:
        """Return the bytes of all rows, counted as `OutboxRow.size`; reads the whole table."""
        total = "SELECT coalesce(sum(length(body) + length(topic) + ?), 0) FROM outbox_message"
        return int(self._ask(total, (ROW_BYTES,))[0][0])

    def page(self, *, after_id: int, up_to_id: int, rows_max: int) -> list[OutboxRow]:
        """Return the next rows in order of arrival."""
        return self._rows(
            f"{_JOINED} WHERE m.id > ? AND m.id <= ? ORDER BY m.id LIMIT ?", (after_id, up_to_id, rows_max)
        )

    def oldest(self, rows_max: int) -> list[OutboxRow]:
        """Return the first rows in order of arrival."""
        return self._rows(f"{_JOINED} ORDER BY m.id LIMIT ?", (rows_max,))

    def add_run(self, run: RunId, clocks: OutboxRun) -> None:
        """Keep a run, if it is new."""
        self._ask("INSERT OR IGNORE INTO outbox_run VALUES (?, ?, ?, ?)", (run, *clocks))

    def put_streams(self, streams: Mapping[StreamKey, OutboxStream]) -> None:
        """Keep how far streams are."""
        self._connection.executemany(
            "INSERT INTO outbox_stream VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET last = excluded.last, stored = excluded.stored",
            [(stream.number, *key, stream.last, stream.stored) for key, stream in streams.items()],
        ).fetchall()

    def add_rows(self, rows: Iterable[tuple[int, OutboxRow]]) -> None:
        """Keep rows, each with the number of its stream."""
        self._connection.executemany(
            "INSERT INTO outbox_message VALUES (?, ?, ?, ?, ?, ?)",
            [(row.id, number, row.seq, row.mono_ms, row.topic, row.body) for number, row in rows],
        ).fetchall()

    def delete_stored(self, stream: OutboxStream) -> int:
        """Delete what the store has of a stream and return its bytes."""
        gone = self._ask(
            "DELETE FROM outbox_message WHERE stream = ? AND seq <= ? RETURNING length(body) + length(topic) + ?",
            (stream.number, stream.stored, ROW_BYTES),
        )
        return sum(int(size) for (size,) in gone)

    def delete_up_to(self, last_id: int) -> None:
        """Delete everything up to a place in the order of arrival."""
        self._ask("DELETE FROM outbox_message WHERE id <= ?", (last_id,))

    def delete_streams(self, streams: Iterable[OutboxStream], *, keep_run: RunId) -> None:
        """Delete streams, and runs that have none left; the run that goes on stays."""
        for stream in streams:
            self._ask("DELETE FROM outbox_stream WHERE id = ?", (stream.number,))
        self._ask("DELETE FROM outbox_run WHERE run <> ? AND run NOT IN (SELECT run FROM outbox_stream)", (keep_run,))

    def _rows(self, query: str, values: tuple[int, ...]) -> list[OutboxRow]:
        return [
            OutboxRow(place, StreamKey(run, subject, kind), seq, mono_ms, topic, body)
            for place, run, subject, kind, seq, mono_ms, topic, body in self._ask(query, values)
        ]

    def _ask(self, query: str, values: tuple[str | int, ...] = ()) -> list[Any]:
        return list(self._connection.execute(query, values).fetchall())
