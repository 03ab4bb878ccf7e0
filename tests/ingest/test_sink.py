"""The sink with a real server: killed, slow, away; and in the end every value is there exactly once."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ingest.sinks.feed import POINTS_MAX, Feed
from ingest.sinks.influx import InfluxAddress
from ingest.sinks.ledger import Ledger
from ingest.sinks.sink import Sink
from ingest.store.batch import Batch, SourceWord
from ingest.store.writer import Committed, RecordWriter
from tests.ingest.influx_peer import VictoriaMetrics
from tests.ingest.peers import IngestProcess, Source, Watch, until
from tests.peers import Mosquitto
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.parts import StreamExtent
from vitals.readings import HeartRateReading, RunId
from vitals.sessions import GenerationMode

T0_UTC_MS = 1_800_000_000_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "sink.db")
    yield ledger
    ledger.close()


@pytest.fixture
def feed(tmp_path: Path, store: Callable[..., Committed]) -> Iterator[Feed]:
    store()
    feed = Feed(tmp_path / "record.db", site="gym")
    yield feed
    feed.close()


def send(feed: Feed, ledger: Ledger) -> list[str]:
    """Return the lines of one batch that the server takes."""
    fresh, moves = feed.collect(ledger, now_utc_ms=T0_UTC_MS)
    ledger.begin(fresh, moves)
    batch = ledger.next_batch()
    if batch is None:
        return []
    ledger.confirm(batch, now_utc_ms=T0_UTC_MS)
    return batch.payload.decode().splitlines()


def test_a_reading_becomes_one_line_with_pseudonymous_tags_and_nanoseconds(
    feed: Feed, ledger: Ledger, store: Callable[..., Committed], hr: Callable[..., HeartRateReading]
) -> None:
    store(hr(0, bpm=101))
    tags = "vitals_hr,site=gym,gateway=g1,run=a1,sensor=s-strap,mode=unknown"
    fields = "seq=0i,quality=0i,late=0i,hr_bpm=101i,rr_1_ms=585.9375"
    assert send(feed, ledger) == [f"{tags} {fields} {T0_UTC_MS * 1_000_000}"]
    assert send(feed, ledger) == []


def test_two_readings_of_one_millisecond_are_two_points(
    feed: Feed, ledger: Ledger, store: Callable[..., Committed], hr: Callable[..., HeartRateReading]
) -> None:
    store(hr(0, mono_ms=5), hr(1, mono_ms=5), hr(2, mono_ms=5), hr(3, mono_ms=6))
    points = {(line.split(" ")[0], line.rsplit(" ", 1)[1]) for line in send(feed, ledger)}
    assert len(points) == 4
    store(hr(4, mono_ms=6))
    assert ",twin=1 " in send(feed, ledger)[0]


def test_what_lies_beyond_a_hole_waits_and_a_gap_that_is_filled_after_all_is_sent(
    feed: Feed, ledger: Ledger, store: Callable[..., Committed], hr: Callable[..., HeartRateReading]
) -> None:
    store(hr(0), hr(3))
    assert [line.split("seq=")[1][0] for line in send(feed, ledger)] == ["0"]
    words = Batch()
    batch_with_word(words, first=3, last=3)
    store(batch=words)
    assert [line.split("seq=")[1][0] for line in send(feed, ledger)] == ["3"]
    assert send(feed, ledger) == []
    store(hr(2), late=True)
    [line] = send(feed, ledger)
    assert "seq=2i" in line
    assert ",twin=f0 " in line
    assert send(feed, ledger) == []
    store(hr(1), late=True)
    assert "seq=1i" in send(feed, ledger)[0]


def batch_with_word(batch: Batch, *, first: int, last: int) -> None:
    """Have the gateway say what it still has: what lies below is lost."""
    batch.words["g1"] = SourceWord(
        run=RunId("a1"),
        generation_mode=GenerationMode.TEST,
        clock_rate=1.0,
        extents=(StreamExtent(run=RunId("a1"), subject="s-strap", kind="hr", first=first, last=last),),
    )


def test_a_batch_is_bounded_and_the_same_bytes_after_a_kill(
    feed: Feed, ledger: Ledger, store: Callable[..., Committed], hr: Callable[..., HeartRateReading], tmp_path: Path
) -> None:
    store(*(hr(seq) for seq in range(POINTS_MAX + 10)))
    fresh, moves = feed.collect(ledger, now_utc_ms=T0_UTC_MS)
    ledger.begin(fresh, moves)
    ledger.close()  # killed before the server had it
    again = Ledger(tmp_path / "sink.db")
    batch = again.next_batch()
    assert batch is not None
    assert fresh is not None
    assert batch.payload == fresh.payload
    assert len(batch.payload.splitlines()) == POINTS_MAX
    again.confirm(batch, now_utc_ms=T0_UTC_MS)
    assert len(send(feed, again)) == 10
    again.send_anew()
    assert again.next_batch() == batch, "a server that was killed is given its last minute again"
    assert again.totals() == {"sent": POINTS_MAX + 10}
    again.close()


@pytest.fixture
def metrics(tmp_path: Path) -> Iterator[VictoriaMetrics]:
    server = VictoriaMetrics(tmp_path)
    yield server
    server.kill()


def keeps_one(sink: Sink) -> bool:
    return sink.counters()["sink_undeleted"] == 1


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_a_server_that_does_not_delete_is_asked_once_and_said(
    metrics: VictoriaMetrics,
    store: Callable[..., Committed],
    hr: Callable[..., HeartRateReading],
    writer: RecordWriter,
    tmp_path: Path,
) -> None:
    store(hr(0))
    writer.connection.execute("INSERT INTO erased_worn VALUES (1, 'p1', 's-strap', 0, 1800000001000)").fetchall()
    metrics.start()
    for _ in range(2):
        sink = Sink(
            record=tmp_path / "record.db",
            ledger=tmp_path / "sink.db",
            address=InfluxAddress(url=metrics.url, org="clinic", bucket="vitals"),
            site="gym",
            now_utc_ms=lambda: T0_UTC_MS,
        )
        sink.start()
        await until(partial(keeps_one, sink), within_s=60)
        assert sink.problem == ""
        sink.stop()
    ledger = Ledger(tmp_path / "sink.db")
    assert ledger.forgotten() == {1: False}
    ledger.send_anew()
    assert ledger.next_batch() is None, "what was erased is not sent once more at the next start"
    ledger.close()


@pytest.fixture
def ingest(broker: Mosquitto, metrics: VictoriaMetrics, tmp_path: Path) -> Iterator[IngestProcess]:
    ingest = IngestProcess(broker.url, tmp_path, influx_url=metrics.url)
    yield ingest
    ingest.kill()


@pytest.fixture
async def bus(broker: Mosquitto) -> AsyncIterator[Bus]:
    async with Bus(url=broker.url, client_id="test", clock=Clock()) as bus:
        await until(lambda: bus.connected)
        yield bus


@pytest.mark.peer
@pytest.mark.timeout(300)
async def test_every_value_is_there_once_after_the_server_was_killed_and_slow_and_ingest_was_killed(
    bus: Bus, ingest: IngestProcess, metrics: VictoriaMetrics, tmp_path: Path
) -> None:
    await go_through_it(bus, ingest, metrics, tmp_path, away_s=3.0)


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_every_value_is_there_once_after_the_server_was_away_for_five_minutes(
    bus: Bus, ingest: IngestProcess, metrics: VictoriaMetrics, tmp_path: Path
) -> None:
    await go_through_it(bus, ingest, metrics, tmp_path, away_s=float(os.environ.get("SINK_AWAY_S", "300")))


async def go_through_it(
    bus: Bus, ingest: IngestProcess, metrics: VictoriaMetrics, folder: Path, *, away_s: float
) -> None:
    watch = Watch(bus)
    metrics.start()
    ingest.start()
    async with Source(bus, folder, run="b1").running() as source:
        await source.speak(rounds=100)
        await until(lambda: watch.counter("sink_sent") > 0, within_s=60)
        metrics.kill()  # -9: it has confirmed what it has not written
        await source.speak(rounds=round(away_s * 50), pause_s=0.02)
        await until(source.is_stored, within_s=60)
        assert watch.status is not None
        await until(lambda: any("InfluxDB" in problem for problem in watch.status.problems), within_s=60)  # type: ignore[union-attr]
        ingest.kill()
        ingest.start()
        metrics.start()
        await source.speak(rounds=100)
        metrics.pause()
        await source.speak(rounds=round(away_s * 20), pause_s=0.05)
        await until(source.is_stored, within_s=60)  # the record is not delayed by a server that is slow
        metrics.resume()
        ingest.kill()
        ingest.start()
        await source.speak(rounds=100)
        await until(source.is_stored, within_s=60)
        expected = {(sensor, float(seq)) for sensor in ("s-1", "s-2", "s-3") for seq in range(source.count)}
        await until(lambda: metrics.values("vitals_hr_seq").keys() == expected, within_s=120)
    counted = metrics.values("vitals_hr_seq")
    assert set(counted.values()) == {1}, "a value is there twice"
    assert sum(counted.values()) == 3 * source.count
    rates = metrics.values("vitals_hr_hr_bpm")
    assert sum(rates.values()) == 3 * source.count
