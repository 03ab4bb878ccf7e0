"""Outbox and record together: whatever is lost between them, every seq ends as stored once or as a recorded gap."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.store.batch import Batch, HeardReading, SourceWord
from ingest.store.query import query
from ingest.store.writer import QUIET_WORDS, RecordWriter
from vitals.clock import Clock
from vitals.database import open_database, writing
from vitals.outbox import OUTBOX_SCHEMA, OutboxRow, OutboxStore
from vitals.readings import HeartRateReading, Quality, RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode
from vitals.store import StoreCursor
from vitals.units import MonotonicMs, UtcMs

SENSORS = ("s-1", "s-2")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("speak"), st.sampled_from(SENSORS)),
        st.tuples(st.just("write"), st.none()),
        st.tuples(st.just("send"), st.integers(min_value=0, max_value=2**16 - 1)),
        st.tuples(st.just("commit"), st.booleans()),
        st.tuples(st.just("crash"), st.none()),
        st.tuples(st.just("ingest dies"), st.none()),
    ),
    max_size=60,
)


class Pair:
    """A source with its outbox, a record, and a way between them that loses what it is told to lose."""

    def __init__(self, folder: Path, *, bytes_max: int) -> None:
        self._path = folder / "outbox.db"
        self._record = folder / "record.db"
        self._bytes_max = bytes_max
        self._connection: apsw.Connection | None = None
        self._runs = 0
        self.batch = Batch()
        self.writer = RecordWriter(self._record)
        self.delivered: set[tuple[str, str, int]] = set()
        self.start_source()

    def start_source(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = open_database(self._path, migrations=[OUTBOX_SCHEMA])
        self._runs += 1
        self.run = RunId(f"run{self._runs}")
        self.outbox = OutboxStore(
            self._connection,
            source="g1",
            run=self.run,
            bytes_max=self._bytes_max,
            age_ms_max=10**12,
            clock=Clock(),
            sends_before_commit=True,
        )

    def start_ingest(self) -> None:
        self.writer.close()
        self.batch = Batch()
        self.writer = RecordWriter(self._record)

    def close(self) -> None:
        self.writer.close()
        if self._connection is not None:
            self._connection.close()

    def speak(self, sensor: str) -> None:
        seq = self.outbox.reserve(sensor, "hr")
        self.outbox.put(topic=sensor, subject=sensor, kind="hr", seq=seq, body=b"x" * 200, mono_ms=seq)

    def write(self) -> None:
        assert self._connection is not None
        with writing(self._connection, self._path):
            self.outbox.write()
        self.outbox.committed()

    def rows(self) -> list[OutboxRow]:
        rows, place = self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)
        while place < self.outbox.newest_id:
            more, place = self.outbox.page(after_id=place, up_to_id=self.outbox.newest_id)
            rows += more
        return sorted({row.id: row for row in (*rows, *self.outbox.live)}.values())

    def send(self, *, chosen: int) -> None:
        """Deliver the rows whose bit is set; what is not delivered stays in the outbox, or is lost with it."""
        for place, row in enumerate(self.rows()):
            if chosen >> (place % 16) & 1:
                self.deliver(row)

    def deliver(self, row: OutboxRow) -> None:
        reading = HeartRateReading(
            run=row.key.run,
            sensor=SensorId(row.key.subject),
            seq=row.seq,
            mono_ms=MonotonicMs(row.seq),
            quality=Quality.GOOD,
            hr_bpm=60,
        )
        self.batch.readings.append(HeardReading("g1", reading, None, UtcMs(0), late=False))

    def commit(self, *, heard: bool = True) -> None:
        """Commit what came, with the source's newest status; ``heard``: whether the cursor reaches the source."""
        batch, self.batch = self.batch, Batch()
        batch.words["g1"] = SourceWord(
            run=self.run, generation_mode=GenerationMode.TEST, clock_rate=1.0, extents=self.outbox.extents()
        )
        committed = self.writer.store(batch, now_utc_ms=UtcMs(0))
        self.delivered |= {(one.reading.run, one.reading.sensor, one.reading.seq) for one in batch.readings}
        if heard:
            for cursor in committed.moved:
                self.tell(cursor.source, cursor.run, cursor.streams)

    def tell(self, source: str, run: RunId, streams: tuple) -> None:  # type: ignore[type-arg]
        self.outbox.apply_cursor(StoreCursor(store_run=RunId("i"), source=source, run=run, streams=streams))

    def settle(self) -> None:
        """Let both live on without loss until neither has anything to say."""
        for _ in range(QUIET_WORDS + 5):
            self.write()
            self.send(chosen=0xFFFF)
            self.commit()
            for cursor in self.writer.open_runs():
                self.tell(cursor.source, cursor.run, cursor.streams)


@contextmanager
def pair(*, bytes_max: int) -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        both = Pair(Path(folder), bytes_max=bytes_max)
        try:
            yield both
        finally:
            both.close()


# Two real files for each of up to 200 histories: 20 s were not enough on a loaded machine.
@pytest.mark.timeout(120)
@given(steps, st.sampled_from([1500, 10**9]))
@example(
    # Sent before it was written, in part, and then dead: only the record knows that these seqs ever were.
    script=[("speak", "s-1"), ("speak", "s-1"), ("speak", "s-1"), ("send", 0b010), ("commit", True), ("crash", None)],
    bytes_max=10**9,
)
@example(
    # A row that the outbox gave up is still on its way when the record notes the gap.
    script=[*[("speak", "s-1")] * 9, ("send", 0b1), ("write", None), ("commit", True), ("send", 0b1), ("commit", True)],
    bytes_max=1500,
)
@example(
    # A dropped seq of a dead run: the record notes the gap and is done with the run, but the source misses the cursor.
    script=[
        ("speak", "s-1"),
        ("write", None),
        ("crash", None),
        *[("speak", "s-1")] * 4,
        ("write", None),
        ("commit", False),
    ],
    bytes_max=1500,
)
def test_every_seq_is_stored_once_or_is_a_gap_whoever_dies_and_whatever_is_dropped(
    script: list[tuple[str, object]], bytes_max: int
) -> None:
    with pair(bytes_max=bytes_max) as both:
        for step, value in script:
            match step, value:
                case "speak", str():
                    both.speak(value)
                case "write", _:
                    both.write()
                case "send", int():
                    both.send(chosen=value)
                case "commit", bool():
                    both.commit(heard=value)
                case "crash", _:
                    both.start_source()
                case _:
                    both.start_ingest()
        both.settle()
        check(both)


def check(both: Pair) -> None:
    connection = both.writer.connection
    stored = set(
        query(
            connection,
            "SELECT run.run, subject, seq"
            " FROM reading JOIN stream ON stream.id = reading.stream JOIN run ON run.id = stream.run",
        )
    )
    gaps = query(
        connection,
        "SELECT run.run, subject, gap.first, gap.last"
        " FROM gap JOIN stream ON stream.id = gap.stream JOIN run ON run.id = stream.run",
    )
    missing = {(run, subject, seq) for run, subject, first, last in gaps for seq in range(first, last + 1)}
    assert stored == both.delivered
    assert not stored & missing
    for run, subject, cursor in query(
        connection, "SELECT run.run, subject, cursor FROM stream JOIN run ON run.id = stream.run"
    ):
        told = {seq for one, name, seq in stored | missing if (one, name) == (run, subject)}
        assert told == set(range(cursor + 1))
    assert both.outbox.unconfirmed == 0
    assert both.outbox.extents() == ()
    assert {one.run for one in both.writer.open_runs()} <= {both.run}
