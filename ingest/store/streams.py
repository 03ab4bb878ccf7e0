"""The runs and streams that the record knows, with the progress of each; lives in the writer's thread.

It changes together with the writer's transaction: when that fails, the whole register is thrown away and loaded anew.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import apsw

from ingest.store.cursor import Progress, SeqRange, account, holes, subtract, to_ranges
from ingest.store.erasure import Eraser
from ingest.store.manners import MannerBook
from ingest.store.query import query
from vitals.readings import RunId, StreamKey
from vitals.store import StreamCursor
from vitals.units import UtcMs

RUNS_OPEN_MAX: Final = 256
"""Runs whose cursor stands on the broker; beyond it the oldest is closed (and opened again if its source speaks)."""

STREAMS_MAX: Final = 20_000
"""Streams in memory: 64 runs of 100 sensors with three kinds each."""

AHEAD_MAX: Final = 10_000
"""Ranges beyond the first hole of one stream; what would make more is left to the outbox."""


class GapCause(StrEnum):
    """Why readings are not in the record: the first three of a seq, kept; the others of a time, found when asked."""

    DROPPED = "dropped"
    """Its source no longer has it: the outbox was full, it was too old, or another record file took it."""
    RUN_ENDED = "run_ended"
    """The run is over, and nothing of it is left at its source."""
    REFUSED = "refused"
    """It came, but nobody could read it; its first bytes are among the refused messages."""
    NOT_HEARD = "not_heard"
    """Its gateway ran and heard nothing of the sensor."""
    RESTARTED = "restarted"
    """Its gateway ended, and heard the sensor again after it had begun anew."""
    HAND_OVER = "hand_over"
    """The sensor went from one gateway to another."""


class StreamState:
    """One numbered stream; ``changed``: its cursor is not yet in the table."""

    def __init__(self, *, row: int, key: StreamKey, progress: Progress, gaps: list[SeqRange]) -> None:
        """Take what the tables say."""
        self.row: Final = row
        self.key: Final = key
        self.progress = progress
        self.gaps = gaps
        self.changed = False

    def takes(self, seq: int) -> bool:
        """Return whether a row may be stored, or is left to the outbox because too many holes lie below it."""
        ahead = self.progress.ahead
        return len(ahead) < AHEAD_MAX or seq <= ahead[-1].last + 1


class RunState:
    """One run of a source; ``dirty``: its cursor must be published after this commit."""

    def __init__(self, *, row: int, source: str, run: RunId) -> None:
        """Start without streams."""
        self.row: Final = row
        self.source: Final = source
        self.run: Final = run
        self.streams: dict[StreamKey, StreamState] = {}
        self.said: tuple[str, float] | None = None
        self.dirty = False
        self.quiet = 0
        """How many statuses in a row said that the run is over and nothing of it is left."""

    def cursors(self) -> tuple[StreamCursor, ...]:
        """Return how far each stream is, in the order in which they were first heard."""
        return tuple(
            StreamCursor(subject=key.subject, kind=key.kind, seq=stream.progress.cursor)
            for key, stream in self.streams.items()
        )


class StreamRegister:
    """All open runs, and closed ones as soon as they speak again."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Load the open runs; the connection is the writer's."""
        self._connection = connection
        self.manners = MannerBook(connection)
        self.eraser = Eraser(connection)
        self.runs: dict[tuple[str, RunId], RunState] = {}
        self._streams = 0
        for row, source, run in query(
            connection, "SELECT id, source, run FROM run WHERE closed_utc_ms IS NULL ORDER BY id"
        ):
            self._load(row, source, RunId(run))

    def run(self, source: str, run: RunId, *, now_utc_ms: UtcMs) -> RunState:
        """Return a run, made new or opened again."""
        state = self.runs.get((source, run))
        if state is not None:
            return state
        self._connection.execute(
            "INSERT INTO run (source, run, first_seen_utc_ms) VALUES (?, ?, ?)"
            " ON CONFLICT (source, run) DO UPDATE SET closed_utc_ms = NULL",
            (source, run, now_utc_ms),
        )
        row = query(self._connection, "SELECT id FROM run WHERE source = ? AND run = ?", (source, run))
        return self._load(row[0][0], source, run)

    def stream(self, run: RunState, key: StreamKey) -> StreamState | None:
        """Return a stream, made new when it is; ``None`` when there are too many."""
        state = run.streams.get(key)
        if state is not None or self._streams >= STREAMS_MAX:
            return state
        self._connection.execute(
            "INSERT INTO stream (run, subject, kind) VALUES (?, ?, ?)", (run.row, key.subject, key.kind)
        )
        state = StreamState(row=self._connection.last_insert_rowid(), key=key, progress=Progress(), gaps=[])
        run.streams[key] = state
        self._streams += 1
        run.dirty = True
        return state

    def account_rows(self, run: RunState, stream: StreamState, seqs: Iterable[int], *, now_utc_ms: UtcMs) -> None:
        """Count rows in that the tables have now; a gap that they fill after all is no gap any more."""
        ranges = to_ranges(seqs)
        run.dirty = True
        run.quiet = 0
        self._move(stream, ranges)
        for gap in [gap for gap in stream.gaps if any(subtract(gap, taken) != (gap,) for taken in ranges)]:
            rest = [gap]
            for taken in ranges:
                rest = [left for part in rest for left in subtract(part, taken)]
            self._replace_gap(stream, gap, rest, now_utc_ms=now_utc_ms)

    def note_gaps(self, run: RunState, stream: StreamState, *, upto: int, cause: GapCause, now_utc_ms: UtcMs) -> int:
        """Record everything above the cursor, up to and with ``upto``, that is missing; return how many seqs."""
        missing = holes(stream.progress, upto=upto)
        self._add_gaps(run, stream, missing, cause=cause, now_utc_ms=now_utc_ms)
        return sum(hole.last - hole.first + 1 for hole in missing)

    def note_gap(self, run: RunState, stream: StreamState, seq: int, *, cause: GapCause, now_utc_ms: UtcMs) -> None:
        """Record one seq as missing."""
        self._add_gaps(run, stream, (SeqRange(seq, seq),), cause=cause, now_utc_ms=now_utc_ms)

    def save(self) -> None:
        """Write the progress of all streams that moved; part of the writer's transaction."""
        changed = [stream for run in self.runs.values() for stream in run.streams.values() if stream.changed]
        self._connection.executemany(
            "UPDATE stream SET cursor = ? WHERE id = ?",
            [(stream.progress.cursor, stream.row) for stream in changed],
        )
        for stream in changed:
            stream.changed = False

    def take_dirty(self) -> Iterator[RunState]:
        """Yield the runs whose cursor is to be published, each once."""
        for run in self.runs.values():
            if run.dirty:
                run.dirty = False
                yield run

    def close(self, run: RunState, *, now_utc_ms: UtcMs) -> None:
        """Mark a run as complete and forget it here."""
        self._connection.execute("UPDATE run SET closed_utc_ms = ? WHERE id = ?", (now_utc_ms, run.row))
        del self.runs[run.source, run.run]
        self._streams -= len(run.streams)

    def _add_gaps(
        self,
        run: RunState,
        stream: StreamState,
        missing: tuple[SeqRange, ...],
        *,
        cause: GapCause,
        now_utc_ms: UtcMs,
    ) -> None:
        if not missing:
            return
        self._connection.executemany(
            "INSERT INTO gap (stream, first, last, cause, noted_utc_ms) VALUES (?, ?, ?, ?, ?)",
            [(stream.row, hole.first, hole.last, cause.value, now_utc_ms) for hole in missing],
        )
        stream.gaps.extend(missing)
        run.dirty = True
        self._move(stream, missing)

    def _replace_gap(self, stream: StreamState, gap: SeqRange, rest: list[SeqRange], *, now_utc_ms: UtcMs) -> None:
        cause = self._connection.execute(
            "DELETE FROM gap WHERE stream = ? AND first = ? RETURNING cause", (stream.row, gap.first)
        ).fetchall()[0][0]
        stream.gaps.remove(gap)
        for part in rest:
            self._connection.execute(
                "INSERT INTO gap (stream, first, last, cause, noted_utc_ms) VALUES (?, ?, ?, ?, ?)",
                (stream.row, part.first, part.last, cause, now_utc_ms),
            )
            stream.gaps.append(part)

    def _move(self, stream: StreamState, ranges: tuple[SeqRange, ...]) -> None:
        progress = account(stream.progress, ranges)
        stream.changed = stream.changed or progress != stream.progress
        stream.progress = progress

    def _load(self, row: int, source: str, run: RunId) -> RunState:
        state = RunState(row=row, source=source, run=run)
        for stream_row, subject, kind, cursor in query(
            self._connection,
            "SELECT id, subject, kind, cursor FROM stream WHERE run = ? ORDER BY id",
            (row,),
        ):
            gaps = [
                SeqRange(*gap)
                for gap in query(
                    self._connection, "SELECT first, last FROM gap WHERE stream = ? ORDER BY first", (stream_row,)
                )
            ]
            # The cursor column was written in the transaction of its rows, so only what lies above is looked at.
            above = query(
                self._connection,
                f"SELECT seq FROM {_table_of(kind)} WHERE stream = ? AND seq > ?",  # noqa: S608 - a fixed set of names
                (stream_row, cursor),
            )
            progress = account(Progress(cursor=cursor), (*to_ranges(seq for (seq,) in above), *gaps))
            key = StreamKey(run, subject, kind)
            state.streams[key] = StreamState(row=stream_row, key=key, progress=progress, gaps=gaps)
        self.runs[source, run] = state
        self._streams += len(state.streams)
        return state


def _table_of(kind: str) -> str:
    match kind:
        case "alarm":
            return "alarm_event"
        case "journal":
            return "journal"
        case _:
            return "reading"
