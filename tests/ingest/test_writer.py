"""The writer: exactly once, whole batches, cursors only over what is contiguous, gaps that say why."""

from collections.abc import Callable
from pathlib import Path

from ingest.store.batch import Batch, SourceWord
from ingest.store.query import query
from ingest.store.reader import RecordReader
from ingest.store.writer import Committed, RecordWriter
from vitals.parts import StreamExtent
from vitals.readings import HeartRateReading, RunId, StreamKey
from vitals.sessions import GenerationMode
from vitals.store import StreamCursor
from vitals.units import UtcMs

Hr = Callable[..., HeartRateReading]
Store = Callable[..., Committed]


def word(*extents: StreamExtent, run: str = "a1") -> SourceWord:
    return SourceWord(run=RunId(run), generation_mode=GenerationMode.TEST, clock_rate=1.0, extents=extents)


def extent(first: int, last: int, *, run: str = "a1", ended: bool = False) -> StreamExtent:
    return StreamExtent(run=RunId(run), subject="s-strap", kind="hr", first=first, last=last, ended=ended)


def said(source: str, source_word: SourceWord) -> Batch:
    batch = Batch()
    batch.words[source] = source_word
    return batch


def cursor_after(committed: Committed) -> int:
    [moved] = committed.moved
    [stream] = moved.streams
    return stream.seq


def gap_rows(writer: RecordWriter) -> list[tuple[int, int, str]]:
    return query(writer.connection, "SELECT first, last, cause FROM gap ORDER BY stream, first")


def test_a_reading_that_comes_twice_is_stored_once_and_counted(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0), hr(1), hr(1))
    committed = store(hr(0), hr(1), hr(2))
    assert committed.counts["stored"] == 1
    assert committed.counts["duplicates"] == 2
    assert query(writer.connection, "SELECT seq, hr_bpm FROM reading ORDER BY seq") == [(0, 100), (1, 100), (2, 100)]
    assert writer.totals() == {"stored": 3, "duplicates": 3}


def test_the_cursor_moves_only_over_what_is_contiguous(store: Store, hr: Hr) -> None:
    assert cursor_after(store(hr(5), hr(6))) == -1
    assert cursor_after(store(hr(1), hr(0))) == 1
    assert cursor_after(store(hr(4), hr(2), hr(3))) == 6


def test_the_cursor_after_a_restart_is_what_the_tables_hold(
    store: Store, hr: Hr, writer: RecordWriter, tmp_path: Path
) -> None:
    store(hr(0), hr(1), hr(3), hr(4))
    store(batch=said("g1", word(extent(1, 9))))
    again = RecordWriter(tmp_path / "record.db")
    try:
        [run] = again.open_runs()
        assert (run.source, run.run) == ("g1", "a1")
        assert run.streams == (StreamCursor(subject="s-strap", kind="hr", seq=1),)
        batch = Batch()
        batch.unreadable.append(("g1", StreamKey(RunId("a1"), "s-strap", "hr"), 2))
        assert cursor_after(again.store(batch, now_utc_ms=UtcMs(5))) == 4
    finally:
        again.close()
    assert gap_rows(writer) == [(2, 2, "refused")]


def test_what_the_outbox_dropped_is_a_gap_and_the_cursor_passes_it(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0), hr(1), hr(5))
    committed = store(batch=said("g1", word(extent(8, 20))))
    assert cursor_after(committed) == 7
    assert committed.counts["gaps"] == 5
    assert gap_rows(writer) == [(2, 4, "dropped"), (6, 7, "dropped")]
    assert not store(batch=said("g1", word(extent(8, 20)))).moved


def test_an_ended_run_with_nothing_left_is_closed_with_a_gap(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0), hr(1))
    committed = store(batch=said("g1", word(extent(6, 5, ended=True), run="b2")))
    assert cursor_after(committed) == 5
    assert gap_rows(writer) == [(2, 5, "run_ended")]
    assert committed.closed == (("g1", "a1"),)
    assert [run.run for run in writer.open_runs()] == []


def test_an_ended_run_stays_open_until_its_outbox_is_stored(store: Store, hr: Hr) -> None:
    store(hr(0), hr(1))
    assert not store(batch=said("g1", word(extent(2, 3, ended=True), run="b2"))).closed
    assert not store(hr(2)).closed
    committed = store(hr(3))
    assert committed.closed == (("g1", "a1"),)
    assert cursor_after(committed) == 3


def test_a_closed_run_that_speaks_again_is_open_again(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0))
    assert store(batch=said("g1", word(run="b2"))).closed
    committed = store(hr(0), hr(1))
    assert committed.counts == committed.counts | {"stored": 1, "duplicates": 1}
    assert cursor_after(committed) == 1
    assert query(writer.connection, "SELECT count(*) FROM run WHERE run = 'a1'") == [(1,)]


def test_a_reading_that_was_given_up_and_comes_after_all_is_no_gap_any_more(
    store: Store, hr: Hr, writer: RecordWriter
) -> None:
    store(hr(0))
    store(batch=said("g1", word(extent(6, 9))))
    assert gap_rows(writer) == [(1, 5, "dropped")]
    store(hr(3))
    assert gap_rows(writer) == [(1, 2, "dropped"), (4, 5, "dropped")]
    assert cursor_after(store(hr(1), hr(2), hr(4), hr(5))) == 5
    assert gap_rows(writer) == []


def test_the_same_seq_of_two_runs_or_two_gateways_is_two_readings(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0), hr(0, run="b2"))
    store(hr(0), source="g2")
    assert query(writer.connection, "SELECT count(*) FROM reading") == [(3,)]


def test_a_run_keeps_the_mode_that_its_source_said(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(hr(0))
    assert query(writer.connection, "SELECT generation_mode, clock_rate FROM run") == [(None, None)]
    store(batch=said("g1", word()))
    assert query(writer.connection, "SELECT generation_mode, clock_rate FROM run") == [("test", 1.0)]


def test_late_readings_are_marked_and_counted_once(store: Store, hr: Hr, writer: RecordWriter) -> None:
    assert store(hr(0), hr(1), late=True).counts["late"] == 2
    assert store(hr(0), hr(1), late=True).counts["late"] == 0
    assert query(writer.connection, "SELECT sum(late) FROM reading") == [(2,)]


def test_counts_of_the_reader_are_those_of_the_tables(store: Store, hr: Hr, reader: RecordReader) -> None:
    store(hr(0), hr(1), hr(1))
    counts = reader.counts()
    assert counts["rows_reading"] == 2
    assert counts["stored"] == 2
    assert counts["duplicates"] == 1
