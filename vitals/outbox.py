"""The outbox: what a source has said and the store has not yet confirmed, on disk, bounded, with every drop told.

The tables live inside a database of the owner, who also commits: analysis writes its events in the transaction of its
snapshot, the gateway commits all readings of a tenth of a second at once. The outbox forgets only by the store's cursor
(`apply_cursor`) or by its bounds; what the bounds take is always the oldest, and `extents` says so.

Use: `put` as often as needed; then, in the owner's transaction, `write`; after the commit, `committed`. When the commit
fails nothing is forgotten, and the next `write` takes the same rows again. An owner whose disk may be slow takes the
work from `prepare` into a thread of its own and goes on; what comes meanwhile belongs to the next write.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import apsw
from msgspec import Struct

from vitals.clock import Clock, boot_id
from vitals.outbox_stream import OutboxStream
from vitals.outbox_table import OUTBOX_SCHEMA, OutboxRow, OutboxRun, OutboxTable
from vitals.parts import StreamExtent
from vitals.readings import RunId, StreamKey
from vitals.store import StoreCursor
from vitals.units import MonotonicMs, UtcMs

__all__ = ["OUTBOX_SCHEMA", "OutboxRow", "OutboxStore"]

UNWRITTEN_BYTES_MAX: Final = 16 * 1_048_576
"""What is kept in memory while the disk takes nothing: a minute of 300 people."""
LIVE_MAX: Final = 4096
"""Rows kept for sending at once; older ones are read from the table."""
EXTENTS_MAX: Final = 256
_PAGE_ROWS: Final = 500
_DROPPED_MAX: Final = 10_000
"""Rows that one `write` takes out of bounds at most; an outbox found a year later empties itself in steps."""


class _Write(Struct, kw_only=True):
    """What one write puts into the tables, as of its `prepare`; the last two are known when it was carried out."""

    up_to_id: int
    rows: tuple[tuple[int, OutboxRow], ...]
    streams: dict[StreamKey, OutboxStream]
    forgotten: dict[StreamKey, OutboxStream]
    bytes_before: int
    bytes_more: int = 0
    gone: tuple[OutboxRow, ...] = ()


class OutboxStore:
    """The outbox of one source; see the module for the order of calls."""

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        source: str,
        run: RunId,
        bytes_max: int,
        age_ms_max: int,
        clock: Clock,
        sends_before_commit: bool = False,
        boot: str | None = None,
        reader: apsw.Connection | None = None,
    ) -> None:
        """Take up what earlier runs have left.

        Args:
            connection: a database with the tables of `OUTBOX_SCHEMA`.
            source: a gateway's id, or ``analysis``; cursors of others are ignored.
            run: the run that is beginning.
            bytes_max: bound of everything in the table.
            age_ms_max: older rows are dropped.
            clock: for ages.
            sends_before_commit: whether a row may be sent before it is on disk: readings may, for latency; alarm
                events may not, for nothing may be announced that a crash makes unsaid.
            boot: what names the span of one monotonic clock; default: this boot of the machine and the clock's rate.
            reader: a second connection for `page`, when another thread carries out what `prepare` gives.
        """
        self._table = OutboxTable(connection)
        self._pages = self._table if reader is None else OutboxTable(reader)
        self._source = source
        self._run = run
        self._bytes_max = bytes_max
        self._age_ms_max = age_ms_max
        self._clock = clock
        self._sends_before_commit = sends_before_commit
        self._boot = f"{boot_id()}@{clock.rate}" if boot is None else boot
        self._runs = self._table.runs()
        self._runs[run] = OutboxRun(self._boot, clock.mono_ms(), clock.utc_ms())
        self._streams = self._table.streams()
        self._last_number = max((stream.number for stream in self._streams.values()), default=0)
        self._last_id = self._table.newest_id()
        self._table_bytes = self._table.size()
        self._changed = {key for key, stream in self._streams.items() if stream.is_done}
        self._unwritten: deque[OutboxRow] = deque()
        self._unwritten_bytes = 0
        self._write: _Write | None = None
        self.live: deque[OutboxRow] = deque(maxlen=LIVE_MAX)
        """Rows to be sent at once, oldest first; the sender takes them from the left."""
        self.wake: Callable[[], None] = _nobody
        """Called when ``live`` has grown."""
        self.dropped = 0
        """Rows dropped by the bounds since the start of this run."""

    def reserve(self, subject: str, kind: str) -> int:
        """Return the next seq of this run's stream, from 0; whoever reserves must put before reserving again."""
        stream = self._streams.get(StreamKey(self._run, subject, kind))
        return 0 if stream is None else stream.last + 1

    def put(self, *, topic: str, subject: str, kind: str, seq: int, body: bytes, mono_ms: int) -> None:
        """Take one message, already encoded, whose seq is the next of its stream.

        Raises:
            ValueError: another seq; a defect of the caller.
        """
        key = StreamKey(self._run, subject, kind)
        stream = self._streams.get(key)
        if stream is None:
            self._last_number += 1
            stream = self._streams[key] = OutboxStream(number=self._last_number)
        stream.append(seq)
        self._changed.add(key)
        self._last_id += 1
        row = OutboxRow(self._last_id, key, seq, MonotonicMs(mono_ms), topic, body)
        self._unwritten.append(row)
        self._unwritten_bytes += row.size
        while self._unwritten_bytes > UNWRITTEN_BYTES_MAX:
            oldest = self._unwritten.popleft()
            self._unwritten_bytes -= oldest.size
            self._streams[oldest.key].drop(oldest.seq)
            self.dropped += 1
        if self._sends_before_commit:
            self.live.append(row)
            self.wake()

    @property
    def needs_write(self) -> bool:
        """Whether `write` would change anything but what grew too old."""
        return bool(self._unwritten or self._changed)

    def write(self) -> None:
        """Put everything new into the tables and take everything confirmed or out of bounds from them.

        To be called inside the owner's transaction; `committed` must follow its commit.
        """
        self.prepare()()

    def prepare(self) -> Callable[[], None]:
        """Return what `write` does, for another thread: it uses the connection and nothing that changes here.

        To be called inside the owner's transaction, once, before the next `prepare`; `committed` must follow its
        commit, in this thread.
        """
        forgotten = {key: stream for key, stream in self._streams.items() if self._is_over(key, stream)}
        write = self._write = _Write(
            up_to_id=self._last_id,
            # What was sent before its commit may be confirmed by now: nothing would ever take such a row out again.
            rows=tuple((self._streams[row.key].number, row) for row in self._unwritten if self.is_unconfirmed(row)),
            streams={key: self._streams[key].copy() for key in self._changed},
            forgotten=forgotten,
            bytes_before=self._table_bytes,
        )
        return lambda: self._carry_out(write)

    def _carry_out(self, write: _Write) -> None:
        self._table.add_run(self._run, self._runs[self._run])
        bytes_more = -sum(self._table.delete_stored(stream) for stream in write.streams.values())
        self._table.put_streams(write.streams)
        if write.forgotten:
            self._table.delete_streams(write.forgotten.values(), keep_run=self._run)
        self._table.add_rows(write.rows)
        bytes_more += sum(row.size for _, row in write.rows)
        gone = self._delete_oldest(write.bytes_before + bytes_more)
        write.gone = tuple(gone)
        write.bytes_more = bytes_more - sum(row.size for row in gone)

    def committed(self) -> None:
        """Hear that the last `write` is on disk."""
        if self._write is None:
            return
        write, self._write = self._write, None
        self._table_bytes += write.bytes_more
        dropped = [row for row in write.gone if self.is_unconfirmed(row)]
        for row in dropped:
            self._streams[row.key].drop_up_to(row.seq)
        self.dropped += len(dropped)
        for key in write.forgotten:
            self._streams.pop(key, None)
            self._changed.discard(key)
        for key, written in write.streams.items():
            stream = self._streams.get(key)
            if stream is None or (stream.last, stream.stored) == (written.last, written.stored):
                self._changed.discard(key)
        is_live = False
        while self._unwritten and self._unwritten[0].id <= write.up_to_id:
            row = self._unwritten.popleft()
            self._unwritten_bytes -= row.size
            if not self._sends_before_commit:
                self.live.append(row)
                is_live = True
        if is_live:
            self.wake()

    def apply_cursor(self, cursor: StoreCursor) -> int:
        """Hear what the store has; the rows leave the table with the next `write`.

        A cursor that goes back (a store that lost its record) is believed: what is still here is sent again, and
        `extents` tells what is not.

        Returns:
            How many rows the store has newly confirmed; 0 for cursors of other sources and of forgotten runs.
        """
        if cursor.source != self._source:
            return 0
        confirmed = 0
        for one in cursor.streams:
            key = StreamKey(cursor.run, one.subject, one.kind)
            stream = self._streams.get(key)
            if stream is not None and one.seq != stream.stored:
                confirmed += stream.confirm(one.seq)
                self._changed.add(key)
        return confirmed

    def extents(self) -> tuple[StreamExtent, ...]:
        """Return what the store must know to close holes: streams of ended runs, and streams that lost rows here.

        At most `EXTENTS_MAX`, oldest first; the others follow when these are done.
        """
        told: list[StreamExtent] = []
        for key, stream in self._streams.items():
            has_ended = key.run != self._run
            if len(told) < EXTENTS_MAX and not (stream.is_done if has_ended else stream.is_whole):
                told.append(
                    StreamExtent(
                        run=key.run,
                        subject=key.subject,
                        kind=key.kind,
                        first=stream.first,
                        last=stream.last,
                        ended=has_ended,
                    )
                )
        return tuple(told)

    @property
    def newest_id(self) -> int:
        """The place of the newest row in the order of arrival."""
        return self._last_id

    @property
    def unconfirmed(self) -> int:
        """How many rows can be delivered that the store has not confirmed."""
        return sum(stream.unconfirmed for stream in self._streams.values())

    def standing(self) -> dict[StreamKey, int]:
        """Return the store's cursor of each stream that has something for the store."""
        return {key: stream.stored for key, stream in self._streams.items() if stream.unconfirmed}

    @property
    def size(self) -> int:
        """Bytes in the table and on the way to it."""
        return self._table_bytes + self._unwritten_bytes

    def page(self, *, after_id: int, up_to_id: int) -> tuple[list[OutboxRow], int]:
        """Return unconfirmed rows from the table in order of arrival, which is the order of seq in each stream.

        Returns:
            The rows, and the place to go on after; it was the last page when that is ``up_to_id``.
        """
        rows = self._pages.page(after_id=after_id, up_to_id=up_to_id, rows_max=_PAGE_ROWS)
        end = rows[-1].id if len(rows) == _PAGE_ROWS else up_to_id
        if end == up_to_id and self._sends_before_commit:
            # A write may have reached the disk just now, and not yet us.
            begin = rows[-1].id if rows else after_id
            rows += [row for row in self._unwritten if begin < row.id <= up_to_id]
        return [row for row in rows if self.is_unconfirmed(row)], end

    def is_unconfirmed(self, row: OutboxRow) -> bool:
        """Return whether the store still needs a row."""
        stream = self._streams.get(row.key)
        return stream is not None and row.seq > stream.stored

    def age_ms(self, row: OutboxRow, *, now_mono_ms: MonotonicMs, now_utc_ms: UtcMs) -> int:
        """Return how old a row is, 0 or more: by the monotonic clock in this boot, by the wall clock before it."""
        run = self._runs[row.key.run]
        if run.boot == self._boot:
            return max(0, now_mono_ms - row.mono_ms)
        return max(0, now_utc_ms - (run.utc_ms + row.mono_ms - run.mono_ms))

    def _is_over(self, key: StreamKey, stream: OutboxStream) -> bool:
        if key.run == self._run:
            return False
        # A store that stays away for twice the bound of age will not come back for an empty stream.
        is_old = self._clock.utc_ms() - self._runs[key.run].utc_ms > 2 * self._age_ms_max
        return stream.is_done or (is_old and stream.first > stream.last)

    def _delete_oldest(self, table_bytes: int) -> list[OutboxRow]:
        """Delete what is out of bounds, oldest first, and return it."""
        now_mono_ms, now_utc_ms = self._clock.mono_ms(), self._clock.utc_ms()
        gone: list[OutboxRow] = []
        rows_max = 1  # almost always the first look says that all is well
        while len(gone) < _DROPPED_MAX and (rows := self._table.oldest(rows_max)):
            going: list[OutboxRow] = []
            for row in rows:
                age_ms = self.age_ms(row, now_mono_ms=now_mono_ms, now_utc_ms=now_utc_ms)
                if table_bytes <= self._bytes_max and age_ms <= self._age_ms_max:
                    break
                table_bytes -= row.size
                going.append(row)
            if going:
                self._table.delete_up_to(going[-1].id)
                gone += going
            if len(going) < len(rows):
                break
            rows_max = _PAGE_ROWS
        return gone


def _nobody() -> None:
    """Nobody waits for rows yet."""
