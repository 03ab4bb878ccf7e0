"""The recorder without a broker: what a full disk does to a part that goes on."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ingest.intake import Intake
from ingest.recorder import Recorder
from ingest.store.batch import HeardRoster
from ingest.store.query import query
from ingest.store.reader import RecordReader
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.heartbeat import Heartbeat
from vitals.parts import Part
from vitals.readings import HeartRateReading, ReadingMessage, RunId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import encode

HR_TOPIC = "vitals/v1/gym/gateway/g1/reading/s-strap/hr"


class Bench:
    """A recorder with its parts in reach; its bus never connects."""

    def __init__(self, folder: Path) -> None:
        clock = Clock()
        self.path = folder / "record.db"
        self.intake = Intake(site="gym", store_run=RunId("i1"), clock=clock)
        self.heartbeat = Heartbeat(
            part=Part.INGEST, instance="1", run=RunId("i1"), site="gym", mode=GenerationMode.TEST, clock=clock
        )
        self.recorder = Recorder(
            path=self.path,
            site="gym",
            store_run=RunId("i1"),
            commit_s=1.0,
            clock=clock,
            intake=self.intake,
            bus=Bus(url="mqtt://127.0.0.1:1", client_id="test", clock=clock),
            heartbeat=self.heartbeat,
        )

    def limit_pages(self, more: int) -> None:
        """Let the file grow by so many pages and then be full: SQLite itself says SQLITE_FULL, as on a full disk."""
        writer = self.recorder._writer
        assert writer is not None
        pages = query(writer.connection, "PRAGMA page_count")[0][0]
        writer.connection.execute(f"PRAGMA max_page_count={pages + more}").fetchall()

    def hear(self, reading: HeartRateReading) -> None:
        body = encode(ReadingMessage(sent_mono_ms=reading.mono_ms, body=reading))
        self.intake.hear(Incoming(HR_TOPIC, body, retained=False, received_ms=MonotonicMs(reading.mono_ms)))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.recorder.open()
    yield bench
    bench.recorder.close()


async def test_a_roster_that_found_the_disk_full_is_stored_when_there_is_room(
    bench: Bench, roster: Callable[..., Roster]
) -> None:
    bench.limit_pages(0)
    worn = [(f"p{number}", f"s-{number}", 0, None) for number in range(300)]
    bench.intake.batch.add_roster(HeardRoster(roster(*worn), UtcMs(0), final=False))
    for _ in range(2):
        await bench.recorder.commit()
        assert len(bench.heartbeat.status().problems) == 1
    bench.limit_pages(100_000)
    await bench.recorder.commit()
    assert bench.heartbeat.status().problems == ()
    reader = RecordReader(bench.path)
    assert reader.session(SessionId("c1")) is not None
    reader.close()


async def test_readings_that_found_the_disk_full_are_counted_as_waiting_and_stored_once(
    bench: Bench, hr: Callable[..., HeartRateReading]
) -> None:
    bench.limit_pages(0)
    for seq in range(2000):
        bench.hear(hr(seq))
    await bench.recorder.commit()
    bench.hear(hr(2000))
    bench.recorder._count()
    assert bench.heartbeat.counters["pending"] == 2001
    assert bench.heartbeat.counters["stored"] == 0
    assert bench.heartbeat.oldest_unhandled_ms > 0
    bench.limit_pages(100_000)
    await bench.recorder.commit()
    await bench.recorder.commit()
    bench.recorder._count()
    counters = bench.heartbeat.counters
    assert (counters["stored"], counters["duplicates"], counters["pending"]) == (2001, 0, 0)


async def test_a_record_that_was_deleted_is_begun_anew_and_said(
    bench: Bench, hr: Callable[..., HeartRateReading]
) -> None:
    bench.hear(hr(0))
    await bench.recorder.commit()
    bench.path.unlink()
    bench.hear(hr(1))
    await bench.recorder.commit()
    [problem] = bench.heartbeat.status().problems
    assert str(bench.path) in problem
    await bench.recorder.commit()
    assert bench.heartbeat.status().problems == ()
    reader = RecordReader(bench.path)
    assert reader.counts()["rows_reading"] == 1
    reader.close()


async def test_a_record_that_could_not_be_opened_at_first_tells_its_cursors_when_it_can(
    bench: Bench, hr: Callable[..., HeartRateReading], tmp_path: Path
) -> None:
    bench.hear(hr(0))
    await bench.recorder.commit()
    later = Bench(tmp_path)
    later.hear(hr(0, run="b2"))
    await later.recorder.commit()
    assert later.recorder._told == {("g1", "a1"), ("g1", "b2")}
    later.recorder.close()
