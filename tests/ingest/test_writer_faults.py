"""The writer when the disk gives out: nothing half stored, nothing forgotten, everything taken later."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.store.batch import Batch, HeardReading, Refusal
from ingest.store.papers import REFUSED_ROWS_MAX
from ingest.store.query import query
from ingest.store.streams import AHEAD_MAX, RUNS_OPEN_MAX
from ingest.store.writer import Committed, RecordWriter
from vitals.errors import StorageError, StorageReason
from vitals.readings import HeartRateReading
from vitals.units import UtcMs

Hr = Callable[..., HeartRateReading]
Store = Callable[..., Committed]


def batch_of(*readings: HeartRateReading) -> Batch:
    batch = Batch()
    batch.readings += [HeardReading("g1", reading, b"\x00" * 200, UtcMs(1), late=False) for reading in readings]
    return batch


def limit_pages(writer: RecordWriter, more: int) -> None:
    """Let the file grow by so many pages and then be full: SQLite itself says SQLITE_FULL, as on a full disk."""
    pages = query(writer.connection, "PRAGMA page_count")[0][0]
    writer.connection.execute(f"PRAGMA max_page_count={pages + more}").fetchall()


def test_a_full_disk_stores_nothing_of_a_batch_and_all_of_it_when_there_is_room(
    store: Store, hr: Hr, writer: RecordWriter
) -> None:
    store(hr(0), hr(1))
    limit_pages(writer, 2)
    batch = batch_of(*(hr(seq) for seq in range(2, 2000)), *(hr(seq, run="b2") for seq in range(5)))
    for _ in range(3):
        with pytest.raises(StorageError) as caught:
            writer.store(batch, now_utc_ms=UtcMs(1))
        assert caught.value.reason is StorageReason.DISK_FULL
        assert query(writer.connection, "SELECT count(*) FROM reading") == [(2,)]
        [run] = writer.open_runs()
        assert [stream.seq for stream in run.streams] == [1]
    limit_pages(writer, 1_000_000)
    committed = writer.store(batch, now_utc_ms=UtcMs(1))
    assert {cursor.run: cursor.streams[0].seq for cursor in committed.moved} == {"a1": 1999, "b2": 4}
    assert query(writer.connection, "SELECT count(*) FROM reading") == [(2005,)]
    assert writer.totals()["stored"] == 2005


def test_a_file_that_was_deleted_or_replaced_is_noticed(store: Store, hr: Hr, tmp_path: Path) -> None:
    store(hr(0))
    (tmp_path / "record.db").unlink()
    with pytest.raises(StorageError, match=r"record\.db"):
        store(hr(1))
    (tmp_path / "record.db").write_bytes(b"")
    with pytest.raises(StorageError, match="was replaced"):
        store(hr(1))


def test_refused_messages_are_kept_up_to_the_bound_and_the_newest_stay(writer: RecordWriter) -> None:
    for start in range(0, REFUSED_ROWS_MAX + 2000, 1000):
        batch = Batch()
        batch.refusals += [Refusal(UtcMs(n), "t", "not_json", "p", 1, b"{") for n in range(start, start + 1000)]
        writer.store(batch, now_utc_ms=UtcMs(1))
    rows = query(writer.connection, "SELECT count(*), min(received_utc_ms), max(received_utc_ms) FROM refused")
    assert rows == [(REFUSED_ROWS_MAX, 2000, REFUSED_ROWS_MAX + 1999)]


def test_a_stream_of_holes_is_left_to_its_outbox_beyond_the_bound(store: Store, hr: Hr, writer: RecordWriter) -> None:
    store(*(hr(2 * n + 1) for n in range(AHEAD_MAX)))
    committed = store(hr(10 * AHEAD_MAX), hr(0))
    assert committed.counts["dropped"] == 1
    assert committed.moved[0].streams[0].seq == 1
    assert query(writer.connection, "SELECT count(*) FROM reading") == [(AHEAD_MAX + 1,)]
    assert store(hr(10 * AHEAD_MAX)).counts["stored"] == 1


def test_cursors_on_the_broker_are_bounded_and_the_newest_runs_keep_theirs(
    store: Store, hr: Hr, writer: RecordWriter
) -> None:
    committed = store(*(hr(0, run=f"r{n}") for n in range(RUNS_OPEN_MAX + 3)))
    assert committed.closed == (("g1", "r0"), ("g1", "r1"), ("g1", "r2"))
    assert len(writer.open_runs()) == RUNS_OPEN_MAX
    again = store(hr(1, run="r0"))
    assert [(cursor.run, cursor.streams[0].seq) for cursor in again.moved] == [("r0", 1)]
