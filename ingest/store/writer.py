"""Writes the record, one batch in one transaction; the only writer of record.db. Blocks: it runs in its own thread.

A batch is stored whole or not at all; what was stored before is counted as a duplicate and ignored.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import apsw
from msgspec import Struct

from ingest.store.batch import Batch, HeardReading, SourceWord
from ingest.store.cursor import is_accounted
from ingest.store.erasure import Eraser
from ingest.store.manners import manner_of
from ingest.store.papers import store_commands, store_counts, store_refusals, store_rosters
from ingest.store.query import SqlValue, query
from ingest.store.retention import Keeping, Retention
from ingest.store.rows import (
    INSERT_ENTRY,
    INSERT_EVENT,
    INSERT_READING,
    INSERT_WORK,
    Row,
    row_of_entry,
    row_of_event,
    row_of_reading,
    row_of_work,
)
from ingest.store.schema import STRETCH_MS, open_record
from ingest.store.streams import RUNS_OPEN_MAX, GapCause, RunState, StreamRegister, StreamState
from vitals.commands import CommandAnswer, RecordCourse, RecordEntry
from vitals.database import storage_errors, writing
from vitals.errors import StorageError, StorageReason
from vitals.outbox import EXTENTS_MAX
from vitals.readings import RunId, StreamKey, WorkloadReading, stream_of
from vitals.store import StreamCursor
from vitals.units import UtcMs

ANALYSIS: Final = "analysis"
"""Source and subject of the streams that analysis numbers."""

QUIET_WORDS: Final = 10
"""Statuses, one each second: by then a source that has started anew has loaded its outbox."""

_NOTE_STRETCH: Final = (
    "INSERT INTO stretch (stream, ten_minutes, first, last) VALUES (?, ?, ?, ?) ON CONFLICT (stream, ten_minutes)"
    " DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)"
)

Numbered = tuple[StreamState, RunState, int, Row]


_Heard = TypeVar("_Heard")


class RunCursor(Struct, frozen=True, kw_only=True):
    """How far one run of a source is in the record."""

    source: str
    run: RunId
    streams: tuple[StreamCursor, ...]


class Committed(Struct, frozen=True, kw_only=True):
    """What one commit did.

    ``counts``: stored, duplicates, late, gaps (seqs), refused, dropped. ``moved``: cursors to publish. ``closed``: runs
    that are over and complete; their cursors may be cleared. ``took_ms``: from begin to after the sync, real ms.
    ``answers``: to wishes that are fulfilled now. ``is_busy``: there is more to forget: commit again, heard or not.
    """

    counts: dict[str, int]
    moved: tuple[RunCursor, ...]
    closed: tuple[tuple[str, RunId], ...]
    took_ms: float
    answers: tuple[CommandAnswer, ...] = ()
    is_busy: bool = False


class RecordWriter:
    """The one writer of a record file."""

    def __init__(self, path: Path, *, keeping: Keeping | None = None) -> None:
        """Open the file, made new or migrated; ``keeping``: what is deleted by age.

        Raises:
            StorageError: the file cannot be opened, is no database, or comes from a newer program.
        """
        self._path = path
        self._connection = open_record(path)
        # Who is to be forgotten is overwritten, not only left out of the index.
        self._connection.execute("PRAGMA secure_delete=ON").fetchall()
        self._inode = path.stat().st_ino
        self._words: dict[str, SourceWord] = {}
        self._retention = Retention(self._connection, Keeping() if keeping is None else keeping)
        self._register: StreamRegister | None = None
        with storage_errors(path):
            self._register = StreamRegister(self._connection)

    @property
    def connection(self) -> apsw.Connection:
        """The writer's connection, for a backup or a test; never for writing beside it."""
        return self._connection

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def open_runs(self) -> tuple[RunCursor, ...]:
        """Return the cursors of all runs that are not complete; published when the store starts."""
        return tuple(_cursor_of(run) for run in self._loaded().runs.values() if run.streams)

    def totals(self) -> dict[str, int]:
        """Return the counts since the record was made."""
        with storage_errors(self._path):
            return dict(query(self._connection, "SELECT name, value FROM counter"))

    def store(self, batch: Batch, *, now_utc_ms: UtcMs) -> Committed:
        """Store a batch in one transaction.

        Raises:
            StorageError: the disk did not take it; nothing of the batch is stored, the same batch can be tried again.
        """
        started = time.perf_counter()
        self._check_place()
        try:
            with writing(self._connection, self._path):
                register = self._loaded()
                counts = self._write(register, batch, now_utc_ms=now_utc_ms)
                answers = self._forget(register.eraser, batch, now_utc_ms=now_utc_ms)
                closed = tuple(self._close_complete(register, now_utc_ms=now_utc_ms))
        except BaseException:
            self._register = None
            raise
        moved = tuple(_cursor_of(run) for run in (*register.take_dirty(), *(run for run in closed if run.dirty)))
        return Committed(
            counts=dict(counts),
            moved=tuple(cursor for cursor in moved if cursor.streams),
            closed=tuple((run.source, run.run) for run in closed),
            took_ms=(time.perf_counter() - started) * 1000,
            answers=answers,
            is_busy=register.eraser.is_busy or self._retention.is_busy,
        )

    def _check_place(self) -> None:
        """Refuse to write into a file that nobody will find: SQLite would go on in one that was deleted or replaced."""
        with storage_errors(self._path):
            if self._path.stat().st_ino != self._inode:
                raise StorageError(f"{self._path}: was replaced while it was written", StorageReason.IO)

    def _loaded(self) -> StreamRegister:
        if self._register is None:
            with storage_errors(self._path):
                self._register = StreamRegister(self._connection)
        return self._register

    def _write(self, register: StreamRegister, batch: Batch, *, now_utc_ms: UtcMs) -> Counter[str]:
        counts = Counter(batch.counts)
        self._hear_words(register, batch, now_utc_ms=now_utc_ms)
        self._store_anchors(register, batch, now_utc_ms=now_utc_ms)
        for late in (False, True):
            readings = [
                (heard.source, stream_of(heard.reading), heard.reading.seq, heard)
                for heard in batch.readings
                if heard.late is late
            ]
            rows, work = self._number_readings(register, readings, counts=counts, now_utc_ms=now_utc_ms)
            stored = self._insert(register, INSERT_READING, rows, counts=counts, now_utc_ms=now_utc_ms)
            self._connection.executemany(INSERT_WORK, work)
            self._note_stretches(rows)
            if late:
                counts["late"] += stored
        events = [
            (heard.source, StreamKey(heard.event.run, ANALYSIS, "alarm"), heard.event.seq, heard)
            for heard in batch.events
        ]
        rows = _number(register, events, row_of_event, counts=counts, now_utc_ms=now_utc_ms)
        self._insert(register, INSERT_EVENT, rows, counts=counts, now_utc_ms=now_utc_ms)
        entries = [
            (heard.source, StreamKey(heard.entry.run, ANALYSIS, "journal"), heard.entry.seq, heard)
            for heard in (one._replace(entry=register.eraser.blot_entry(one.entry)) for one in batch.entries)
        ]
        rows = _number(register, entries, row_of_entry, counts=counts, now_utc_ms=now_utc_ms)
        self._insert(register, INSERT_ENTRY, rows, counts=counts, now_utc_ms=now_utc_ms)
        counts["gaps"] += self._note_gaps(register, batch, now_utc_ms=now_utc_ms)
        counts["gaps"] += self._close_holes(register, batch, now_utc_ms=now_utc_ms)
        register.save()
        store_rosters(self._connection, batch.rosters, blot=register.eraser.blot_roster)
        store_commands(self._connection, batch.commands.values())
        store_refusals(self._connection, batch.refusals)
        store_counts(self._connection, counts)
        return counts

    def _forget(self, eraser: Eraser, batch: Batch, *, now_utc_ms: UtcMs) -> tuple[CommandAnswer, ...]:
        """Forget what is asked, and what is too old, one piece at a time; return the wishes that are fulfilled."""
        said = [heard.event.alarm.participant for heard in batch.events]
        bodies = (heard.command.body for heard in batch.commands.values())
        for body in bodies:
            match body:
                case RecordEntry(entry=entry):
                    said.append(entry.participant)
                case RecordCourse(course=course):
                    said.append(course.participant)
                case _:
                    continue
        eraser.forget_late(batch.readings, said)
        answers = eraser.begin(batch.erasures, now_utc_ms=now_utc_ms)
        answers += eraser.work(now_utc_ms=now_utc_ms)
        if not eraser.is_busy:
            self._retention.work(now_utc_ms=now_utc_ms)
        return tuple(answers)

    def _number_readings(
        self,
        register: StreamRegister,
        readings: Iterable[tuple[str, StreamKey, int, HeardReading]],
        *,
        counts: Counter[str],
        now_utc_ms: UtcMs,
    ) -> tuple[list[Numbered], list[Row]]:
        """Return the rows of readings, and those of the work that some of them tell."""
        work: list[Row] = []

        def to_row(stream: int, heard: HeardReading) -> Row:
            if isinstance(heard.reading, WorkloadReading):
                work.append(row_of_work(stream, heard.reading))
            return row_of_reading(stream, heard, manner=register.manners.code(manner_of(heard.reading)))

        return _number(register, readings, to_row, counts=counts, now_utc_ms=now_utc_ms), work

    def _hear_words(self, register: StreamRegister, batch: Batch, *, now_utc_ms: UtcMs) -> None:
        for source, word in batch.words.items():
            self._words[source] = word
            run = register.run(source, word.run, now_utc_ms=now_utc_ms)
            said = (word.generation_mode.value, word.clock_rate)
            if run.said != said:
                run.said = said
                self._connection.execute(
                    "UPDATE run SET generation_mode = ?, clock_rate = ? WHERE id = ?", (*said, run.row)
                )

    def _store_anchors(self, register: StreamRegister, batch: Batch, *, now_utc_ms: UtcMs) -> None:
        for (source, name), anchors in batch.anchors.items():
            run = register.run(source, RunId(name), now_utc_ms=now_utc_ms)
            self._connection.executemany(
                "INSERT INTO anchor (run, mono_ms, utc_ms, synchronised) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (run, mono_ms) DO UPDATE SET utc_ms = excluded.utc_ms"
                " WHERE utc_ms <> excluded.utc_ms",
                [(run.row, anchor.mono_ms, anchor.utc_ms, anchor.synchronised) for anchor in anchors.anchors],
            )
        for (source, name), offset_ms in batch.observed_offsets_ms.items():
            run = register.run(source, name, now_utc_ms=now_utc_ms)
            self._connection.execute(
                "UPDATE run SET observed_offset_ms = ? WHERE id = ? AND observed_offset_ms IS NULL",
                (offset_ms, run.row),
            )

    def _insert(
        self,
        register: StreamRegister,
        statement: str,
        rows: Sequence[Numbered],
        *,
        counts: Counter[str],
        now_utc_ms: UtcMs,
    ) -> int:
        """Insert rows and move their cursors; return how many were new."""
        before = self._connection.total_changes()
        self._connection.executemany(statement, (row for _, _, _, row in rows))
        stored = self._connection.total_changes() - before
        counts["stored"] += stored
        counts["duplicates"] += len(rows) - stored
        seqs: defaultdict[int, list[int]] = defaultdict(list)
        states: dict[int, tuple[StreamState, RunState]] = {}
        for stream, run, seq, _ in rows:
            seqs[stream.row].append(seq)
            states[stream.row] = (stream, run)
        for row, (stream, run) in states.items():
            register.account_rows(run, stream, seqs[row], now_utc_ms=now_utc_ms)
        return stored

    def _note_stretches(self, rows: Sequence[Numbered]) -> None:
        stretches: dict[tuple[int, int], tuple[int, int]] = {}
        for stream, _, seq, row in rows:
            key = (stream.row, _integer(row[2]) // STRETCH_MS)
            first, last = stretches.get(key, (seq, seq))
            stretches[key] = (min(first, seq), max(last, seq))
        self._connection.executemany(_NOTE_STRETCH, [(*key, *seqs) for key, seqs in stretches.items()])

    def _note_gaps(self, register: StreamRegister, batch: Batch, *, now_utc_ms: UtcMs) -> int:
        noted = 0
        for source, key, seq in batch.unreadable:
            run = register.run(source, key.run, now_utc_ms=now_utc_ms)
            stream = register.stream(run, key)
            if stream is not None and stream.takes(seq) and not is_accounted(stream.progress, seq):
                register.note_gap(run, stream, seq, cause=GapCause.REFUSED, now_utc_ms=now_utc_ms)
                noted += 1
        for source, word in batch.words.items():
            for extent in word.extents:
                run = register.run(source, extent.run, now_utc_ms=now_utc_ms)
                stream = register.stream(run, StreamKey(extent.run, extent.subject, extent.kind))
                if stream is None:
                    continue
                nothing_left = extent.first > extent.last
                cause = GapCause.RUN_ENDED if extent.ended and nothing_left else GapCause.DROPPED
                noted += register.note_gaps(
                    run, stream, upto=min(extent.first - 1, extent.last), cause=cause, now_utc_ms=now_utc_ms
                )
                if stream.progress.cursor >= extent.last:
                    # The source would be silent about it, had it heard the cursor.
                    run.dirty = True
        return noted

    def _close_holes(self, register: StreamRegister, batch: Batch, *, now_utc_ms: UtcMs) -> int:
        """Give up what a dead run sent in part and never wrote down: a hole that nobody can fill, below rows we have.

        Not at the first word of it: a source that has just started may not have looked into its outbox yet, and what
        the cursor passes is deleted there.
        """
        noted = 0
        for run in list(register.runs.values()):
            if run.source not in batch.words:
                continue
            run.quiet = run.quiet + 1 if self._is_over(run) and self._is_delivered(run) else 0
            if run.quiet >= QUIET_WORDS:
                for stream in run.streams.values():
                    upto = stream.progress.ahead[-1].last if stream.progress.ahead else -1
                    noted += register.note_gaps(run, stream, upto=upto, cause=GapCause.RUN_ENDED, now_utc_ms=now_utc_ms)
        return noted

    def _close_complete(self, register: StreamRegister, *, now_utc_ms: UtcMs) -> Iterator[RunState]:
        """Close the runs that are over and have nothing more to come, and the oldest of too many."""
        complete = [
            run
            for run in register.runs.values()
            if self._is_over(run)
            and self._is_delivered(run)
            and not any(stream.progress.ahead for stream in run.streams.values())
        ]
        surplus = len(register.runs) - len(complete) - RUNS_OPEN_MAX
        if surplus > 0:
            current = {(source, word.run) for source, word in self._words.items()}
            others = (run for key, run in register.runs.items() if key not in current and run not in complete)
            complete += islice(others, surplus)
        for run in complete:
            register.close(run, now_utc_ms=now_utc_ms)
            yield run

    def _is_over(self, run: RunState) -> bool:
        word = self._words.get(run.source)
        return word is not None and word.run != run.run

    def _is_delivered(self, run: RunState) -> bool:
        """Return whether the source has nothing of a run that the record lacks, as far as it said."""
        extents = self._words[run.source].extents
        left = {
            StreamKey(extent.run, extent.subject, extent.kind): extent.last
            for extent in extents
            if extent.run == run.run
        }
        return len(extents) < EXTENTS_MAX and all(
            stream.progress.cursor >= left.get(key, -1) for key, stream in run.streams.items()
        )


def _number(
    register: StreamRegister,
    heard: Iterable[tuple[str, StreamKey, int, _Heard]],
    to_row: Callable[[int, _Heard], Row],
    *,
    counts: Counter[str],
    now_utc_ms: UtcMs,
) -> list[Numbered]:
    """Return rows with their streams; what the register cannot take is counted as dropped and comes again."""
    rows: list[Numbered] = []
    for source, key, seq, one in heard:
        run = register.run(source, key.run, now_utc_ms=now_utc_ms)
        stream = register.stream(run, key)
        if stream is None or not stream.takes(seq):
            counts["dropped"] += 1
        else:
            rows.append((stream, run, seq, to_row(stream.row, one)))
    return rows


def _cursor_of(run: RunState) -> RunCursor:
    return RunCursor(source=run.source, run=run.run, streams=run.cursors())


def _integer(value: SqlValue) -> int:
    return value if isinstance(value, int) else 0
