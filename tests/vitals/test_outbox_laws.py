import tempfile
from pathlib import Path

import apsw
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vitals.clock import Clock
from vitals.database import open_database, open_reader, writing
from vitals.errors import StorageError
from vitals.outbox import OUTBOX_SCHEMA, OutboxStore
from vitals.readings import RunId, StreamKey
from vitals.store import StoreCursor, StreamCursor

SUBJECTS = ("s-a", "s-b", "s-c")
ROW_BYTES = 100 + len("t") + 300


class OutboxLaw(RuleBasedStateMachine):
    """Whatever order of put, cursor, crash, full disk and drop: a seq that was written is in the store, can be
    delivered, or lies in a range that is told as dropped.
    """

    @initialize()
    def begin(self) -> None:
        memory = Path("/dev/shm")  # a crash of the process needs no disk, and a commit is a hundred times faster
        self.folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self.path = Path(self.folder.name) / "outbox.db"
        self.runs = 0
        self.now_ms = Clock().mono_ms()  # an hour after the start of the machine, 0 is out of bounds
        self.written: dict[StreamKey, set[int]] = {}
        self.in_store: dict[StreamKey, set[int]] = {}
        self.cursors: dict[StreamKey, int] = {}
        self.connection: apsw.Connection | None = None
        self.under_way: dict[StreamKey, set[int]] | None = None
        self.open()

    def open(self) -> None:
        self.connection = open_database(self.path, migrations=[OUTBOX_SCHEMA])
        self.reader = open_reader(self.path)
        self.under_way = None
        self.runs += 1
        self.run = RunId(f"run{self.runs}")
        self.unwritten: dict[StreamKey, set[int]] = {}
        self.outbox = OutboxStore(
            self.connection,
            source="g1",
            run=self.run,
            bytes_max=20 * ROW_BYTES,
            age_ms_max=3_600_000,
            clock=Clock(),
            sends_before_commit=True,
            reader=self.reader,
        )

    @rule(subject=st.sampled_from(SUBJECTS), count=st.integers(1, 9))
    def put(self, subject: str, count: int) -> None:
        for _ in range(count):
            seq = self.outbox.reserve(subject, "hr")
            self.outbox.put(topic="t", subject=subject, kind="hr", seq=seq, body=b"x" * 300, mono_ms=self.now_ms)
            self.unwritten.setdefault(StreamKey(self.run, subject, "hr"), set()).add(seq)

    @precondition(lambda self: self.under_way is None)
    @rule()
    def begin_to_write(self) -> None:
        """A slow disk: everything else goes on before it has answered."""
        assert self.connection is not None
        carry_out = self.outbox.prepare()
        self.connection.execute("BEGIN IMMEDIATE").fetchall()
        carry_out()
        self.under_way, self.unwritten = self.unwritten, {}

    @precondition(lambda self: self.under_way is not None)
    @rule(is_taken=st.booleans())
    def end_to_write(self, *, is_taken: bool) -> None:
        assert self.connection is not None
        assert self.under_way is not None
        under_way, self.under_way = self.under_way, None
        if is_taken:
            self.connection.execute("COMMIT").fetchall()
            # The disk has it, and the outbox has not heard so yet: nothing is there twice.
            rows, _ = self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)
            assert len({row.id for row in rows}) == len(rows)
            self.outbox.committed()
        else:
            self.connection.execute("ROLLBACK").fetchall()
        for key, seqs in under_way.items():
            (self.written if is_taken else self.unwritten).setdefault(key, set()).update(seqs)

    @precondition(lambda self: self.under_way is None)
    @rule()
    def commit(self) -> None:
        assert self.connection is not None
        with writing(self.connection, self.path):
            self.outbox.write()
        self.outbox.committed()
        for key, seqs in self.unwritten.items():
            self.written.setdefault(key, set()).update(seqs)
        self.unwritten.clear()

    @precondition(lambda self: self.under_way is None)
    @rule()
    def fail_to_commit(self) -> None:
        assert self.connection is not None
        with pytest.raises(StorageError):
            self.write_on_a_full_disk()

    def write_on_a_full_disk(self) -> None:
        assert self.connection is not None
        with writing(self.connection, self.path):
            self.outbox.write()
            raise apsw.FullError("planted")

    @rule(share=st.floats(0, 1))
    def deliver(self, share: float) -> None:
        """The store takes some of what is deliverable and says how far it is without a gap."""
        rows, _ = self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)
        for row in rows[: round(len(rows) * share)]:
            self.in_store.setdefault(row.key, set()).add(row.seq)
        self.tell_cursors()

    @rule()
    def hear_extents(self) -> None:
        """The store records a gap up to the first seq that can still come."""
        for extent in self.outbox.extents():
            key = StreamKey(extent.run, extent.subject, extent.kind)
            cursor = self.cursors.get(key, -1)
            if extent.first > cursor + 1:
                self.in_store.setdefault(key, set()).update(range(cursor + 1, extent.first))
        self.tell_cursors()

    def tell_cursors(self) -> None:
        for key, seqs in self.in_store.items():
            cursor = self.cursors.get(key, -1)
            while cursor + 1 in seqs:
                cursor += 1
            self.cursors[key] = cursor
        for run in {key.run for key in self.cursors}:
            streams = tuple(
                StreamCursor(subject=key.subject, kind=key.kind, seq=cursor)
                for key, cursor in self.cursors.items()
                if key.run == run
            )
            self.outbox.apply_cursor(StoreCursor(store_run=RunId("store"), source="g1", run=run, streams=streams))

    @rule()
    def crash(self) -> None:
        assert self.connection is not None
        self.reader.close()
        self.connection.close()
        self.open()

    @invariant()
    def nothing_written_is_lost_without_a_word(self) -> None:
        if not hasattr(self, "outbox"):
            return
        rows, _ = self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)
        deliverable = {(row.key, row.seq) for row in rows}
        first = {StreamKey(extent.run, extent.subject, extent.kind): extent.first for extent in self.outbox.extents()}
        for key, seqs in self.written.items():
            for seq in seqs:
                assert seq in self.in_store.get(key, ()) or (key, seq) in deliverable or seq < first.get(key, 0), (
                    f"{key} {seq} vanished"
                )

    @invariant()
    def rows_come_in_order_of_seq(self) -> None:
        if not hasattr(self, "outbox"):
            return
        last: dict[StreamKey, int] = {}
        for row in self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)[0]:
            assert row.seq > last.get(row.key, -1)
            last[row.key] = row.seq

    @invariant()
    def the_count_of_unconfirmed_rows_is_what_can_be_delivered(self) -> None:
        if hasattr(self, "outbox"):
            assert self.outbox.unconfirmed == len(self.outbox.page(after_id=0, up_to_id=self.outbox.newest_id)[0])

    @invariant()
    def the_table_holds_nothing_that_is_confirmed_after_a_commit(self) -> None:
        if not hasattr(self, "outbox") or self.outbox.needs_write or self.under_way is not None:
            return
        assert self.connection is not None
        ((rows, size),) = self.connection.execute(
            "SELECT count(*), coalesce(sum(length(body) + length(topic) + 100), 0) FROM outbox_message"
        )
        assert rows == self.outbox.unconfirmed
        assert size == self.outbox.size

    def teardown(self) -> None:
        if getattr(self, "connection", None) is not None:
            assert self.connection is not None
            self.reader.close()
            self.connection.close()
            self.folder.cleanup()


OutboxLaw.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestOutboxLaw = pytest.mark.timeout(120)(OutboxLaw.TestCase)
