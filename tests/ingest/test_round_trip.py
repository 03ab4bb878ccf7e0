"""Every reading that can be heard comes back from the record exactly, whatever it tells, in whatever order it came."""

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.store.as_heard import to_reading
from ingest.store.batch import Batch, HeardReading, HeardRoster
from ingest.store.manners import PLAIN, manner_of
from ingest.store.query import query
from ingest.store.reader import RecordReader
from ingest.store.stored import Measure
from ingest.store.writer import RecordWriter
from vitals.participants import ParticipantId
from vitals.readings import (
    Averaging,
    BatteryReading,
    HeartRateReading,
    Machine,
    OximeterReading,
    Quality,
    Reading,
    ReadingKind,
    Reason,
    RunId,
    Source,
    WorkloadReading,
    kind_of,
)
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import decode, encode

T0_UTC_MS = 1_800_000_000_000
C1, P1 = SessionId("c1"), ParticipantId("p1")
SENSOR = SensorId("s-any")

maybe = st.none


def number(low: float, high: float) -> st.SearchStrategy[float | None]:
    return maybe() | st.floats(min_value=low, max_value=high)


def whole(low: int, high: int) -> st.SearchStrategy[int | None]:
    return maybe() | st.integers(min_value=low, max_value=high)


heard = {
    "run": st.sampled_from([RunId("a1"), RunId("a2")]),
    "sensor": st.just(SENSOR),
    "mono_ms": st.integers(min_value=0, max_value=3_600_000).map(MonotonicMs),
    "quality": st.sampled_from(Quality),
    "reason": maybe() | st.sampled_from(Reason),
    "device": st.text(max_size=48),
    "source": st.sampled_from(Source),
}
values: dict[type[Reading], dict[str, st.SearchStrategy[object]]] = {
    HeartRateReading: {
        "hr_bpm": whole(1, 300),
        "rr_ms": st.lists(st.floats(min_value=0, max_value=64_000, exclude_min=True), max_size=4).map(tuple),
        "contact": maybe() | st.booleans(),
    },
    OximeterReading: {
        "spo2_pct": number(0, 100),
        "pulse_bpm": number(1, 300),
        "perfusion_pct": number(0, 100),
        "averaging": maybe() | st.sampled_from(Averaging),
    },
    WorkloadReading: {
        "machine": st.sampled_from(Machine),
        "speed_kmh": number(0, 700),
        "incline_pct": number(-100, 100),
        "power_w": whole(-32_768, 32_767),
        "cadence_per_min": number(0, 33_000),
        "resistance_level": whole(-32_768, 32_767),
        "distance_m": number(0, 2**24),
        "elapsed_s": whole(0, 2**16),
        "met": number(0, 300),
    },
    BatteryReading: {"battery_pct": whole(0, 100)},
}
key = st.tuples(st.sampled_from(list(values)), st.sampled_from(["a1", "a2"]), st.integers(min_value=0, max_value=60))


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    """Readings with different keys, in any order, each as it comes off the wire."""
    made: list[Reading] = []
    for kind, run, seq in draw(st.lists(key, min_size=1, max_size=12, unique=True)):
        fields = {name: draw(strategy) for name, strategy in (heard | values[kind]).items()}
        fields |= {"run": RunId(run), "seq": seq}
        reading: Reading = decode(encode(kind(**fields)), kind, place="test")
        made.append(reading)
    return made


def wear(writer: RecordWriter) -> None:
    batch = Batch()
    worn = AssignedSensor(
        sensor=SENSOR, kind=SensorKind.MACHINE, gateway=GatewayId("g1"), from_utc_ms=UtcMs(T0_UTC_MS), to_utc_ms=None
    )
    roster = Roster(
        session=C1,
        version=1,
        room="room-1",
        generation_mode=GenerationMode.TEST,
        phase=Phase.TRAINING,
        started_utc_ms=UtcMs(T0_UTC_MS),
        entries=(RosterEntry(participant=P1, seat=1, sensors=(worn,)),),
    )
    batch.add_roster(HeardRoster(roster, UtcMs(T0_UTC_MS), final=False))
    writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS))


def store(writer: RecordWriter, *heard_readings: Reading) -> None:
    batch = Batch()
    for reading in heard_readings:
        batch.observed_offsets_ms["g1", reading.run] = T0_UTC_MS
        batch.readings.append(HeardReading("g1", reading, None, UtcMs(T0_UTC_MS), late=False))
    writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS))


@pytest.mark.timeout(120)
@settings(max_examples=60, deadline=None)
@given(readings(), st.integers(min_value=0, max_value=11))
def test_every_reading_comes_back_as_it_was_heard(said: list[Reading], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "record.db")
        with closing(RecordWriter(path)) as writer:
            wear(writer)
            store(writer, *said[:cut])
            store(writer, *said)  # some twice: the first counts
        with closing(RecordReader(path)) as reader:
            found = [to_reading(one) for kind in ReadingKind for one in reader.readings(C1, P1, kind)]

    def order(reading: Reading) -> tuple[str, str, int]:
        return (kind_of(reading), reading.run, reading.seq)

    assert sorted(found, key=order) == sorted(said, key=order)


def work(seq: int, *, speed_kmh: float | None = None, power_w: int | None = None) -> WorkloadReading:
    return WorkloadReading(
        run=RunId("a1"),
        sensor=SENSOR,
        seq=seq,
        mono_ms=MonotonicMs(seq * 1000),
        quality=Quality.GOOD,
        machine=Machine.BIKE,
        speed_kmh=speed_kmh,
        power_w=power_w,
    )


def test_work_is_put_into_buckets_by_speed_unless_asked_for_another_measure(
    writer: RecordWriter, reader: RecordReader
) -> None:
    wear(writer)
    store(writer, work(0, speed_kmh=20.0, power_w=80), work(1, speed_kmh=22.0, power_w=None), work(2, power_w=120))
    [speed] = reader.buckets(C1, P1, ReadingKind.WORKLOAD)
    assert (speed.values, speed.low, speed.mean, speed.high) == (2, 20.0, 21.0, 22.0)
    [power] = reader.buckets(C1, P1, ReadingKind.WORKLOAD, measure=Measure.POWER_W)
    assert (power.values, power.low, power.mean, power.high) == (2, 80, 100.0, 120)
    with pytest.raises(ValueError, match="hr readings have no power_w"):
        reader.buckets(C1, P1, ReadingKind.HR, measure=Measure.POWER_W)


def test_history_of_work_has_a_trace_for_what_its_machine_tells(writer: RecordWriter, reader: RecordReader) -> None:
    wear(writer)
    store(writer, work(0, power_w=80), work(1, power_w=90))
    [power] = reader.live_history([SENSOR], since_utc_ms=UtcMs(T0_UTC_MS))
    assert (power.measure, [point.value for point in power.points]) == (Measure.POWER_W, [80, 90])


def test_readings_that_tell_nothing_of_how_they_were_made_need_no_code(writer: RecordWriter) -> None:
    told = HeartRateReading(
        run=RunId("a1"),
        sensor=SENSOR,
        seq=0,
        mono_ms=MonotonicMs(0),
        quality=Quality.GOOD,
        hr_bpm=90,
        device="Polar H10",
    )
    plain = HeartRateReading(
        run=RunId("a1"), sensor=SENSOR, seq=1, mono_ms=MonotonicMs(1000), quality=Quality.GOOD, hr_bpm=90
    )
    assert manner_of(plain) == PLAIN
    store(writer, told, plain)
    assert query(writer.connection, "SELECT seq, manner FROM reading ORDER BY seq") == [(0, 1), (1, None)]
    assert query(writer.connection, "SELECT count(*) FROM manner") == [(1,)]


def test_a_manner_of_a_batch_that_failed_is_not_remembered(writer: RecordWriter, reader: RecordReader) -> None:
    wear(writer)
    first = work(0, speed_kmh=5.0)
    broken = work(1, speed_kmh=6.0)
    batch = Batch()
    batch.readings.append(HeardReading("g1", first, None, UtcMs(T0_UTC_MS), late=False))
    # SQLite takes no integer of more than 64 bits: the batch fails after the manner was made.
    batch.readings.append(HeardReading("g1", broken, None, UtcMs(2**70), late=False))
    with pytest.raises(OverflowError):
        writer.store(batch, now_utc_ms=UtcMs(T0_UTC_MS))
    assert query(writer.connection, "SELECT count(*) FROM manner") == [(0,)]
    store(writer, first)
    [stored] = reader.readings(C1, P1, ReadingKind.WORKLOAD)
    assert to_reading(stored) == first
