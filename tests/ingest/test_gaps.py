"""What is missing from a class: never less than was lost, never longer than its cause, each time once and with why."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.store.batch import Batch, SourceWord
from ingest.store.coverage import SILENCE_MS, Heard, find_silences
from ingest.store.reader import RecordReader
from ingest.store.stored import StoredGap
from ingest.store.streams import GapCause
from ingest.store.writer import Committed
from vitals.participants import ParticipantId
from vitals.parts import StreamExtent
from vitals.readings import Averaging, HeartRateReading, OximeterReading, Quality, RunId
from vitals.sensors import SensorId
from vitals.sessions import GenerationMode, Roster, SessionId
from vitals.units import MonotonicMs

T0_UTC_MS = 1_800_000_000_000
C1, P1 = SessionId("c1"), ParticipantId("p1")

Hr = Callable[..., HeartRateReading]
Store = Callable[..., Committed]
StoreRoster = Callable[..., None]
MakeRoster = Callable[..., Roster]


def told(gap: StoredGap) -> tuple[str, float, float, int | None]:
    return (gap.cause.value, (gap.from_utc_ms - T0_UTC_MS) / 1000, (gap.to_utc_ms - T0_UTC_MS) / 1000, gap.count)


@pytest.fixture
def gaps(reader: RecordReader) -> Callable[[], list[tuple[str, float, float, int | None]]]:
    return lambda: [told(gap) for gap in reader.gaps(C1, P1)]


Gaps = Callable[[], list[tuple[str, float, float, int | None]]]


def test_a_sensor_that_moves_to_another_gateway_has_a_gap_from_the_last_reading_to_the_first(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    store(*map(hr, range(21)), source="g1")
    store(*(hr(seq, run="b1", mono_ms=(24 + seq) * 1000) for seq in range(10)), source="g2")
    store_roster(roster(("p1", "s-strap", 0, 22), ("p1", "s-strap", 22, None)))
    assert gaps() == [("hand_over", 20, 24, None)]


def test_a_sensor_that_comes_back_to_its_first_gateway_has_two_hand_overs_and_no_silence(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    store(*map(hr, range(10)), *(hr(seq, mono_ms=(20 + seq) * 1000) for seq in range(10, 15)), source="g1")
    store(*(hr(seq, run="b1", mono_ms=(12 + seq) * 1000) for seq in range(15)), source="g2")
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert gaps() == [("hand_over", 9, 12, None), ("hand_over", 26, 30, None)]


def test_a_gateway_that_begins_anew_leaves_a_gap_between_its_runs(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    store(*map(hr, range(10)))
    store(*(hr(seq, run="a2", mono_ms=(20 + seq) * 1000) for seq in range(5)))
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert gaps() == [("restarted", 9, 20, None)]


def test_numbers_lost_at_the_end_of_a_run_lie_between_it_and_the_next(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    store(*map(hr, range(10)))
    store(*(hr(seq, run="a2", mono_ms=(20 + seq) * 1000) for seq in range(100)))
    lost = StreamExtent(run=RunId("a1"), subject="s-strap", kind="hr", first=13, last=12, ended=True)
    batch = Batch()
    batch.words["g1"] = SourceWord(
        run=RunId("a2"), generation_mode=GenerationMode.TEST, clock_rate=1.0, extents=(lost,)
    )
    store(batch=batch)
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert gaps() == [("run_ended", 9, 20, 3)]


def test_a_stretch_that_the_outbox_dropped_is_a_gap_that_says_so(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    store(*map(hr, range(10)), *map(hr, range(40, 50)))
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert gaps() == []  # it may still be on its way
    batch = Batch()
    left = StreamExtent(run=RunId("a1"), subject="s-strap", kind="hr", first=40, last=49)
    batch.words["g1"] = SourceWord(
        run=RunId("a1"), generation_mode=GenerationMode.TEST, clock_rate=1.0, extents=(left,)
    )
    store(batch=batch)
    assert gaps() == [("dropped", 9, 40, 30)]


def test_a_sensor_that_was_never_heard_is_missing_for_all_of_its_time(
    store_roster: StoreRoster, roster: MakeRoster, gaps: Gaps, reader: RecordReader
) -> None:
    store_roster(roster(("p1", "s-strap", 0, None)))
    assert gaps() == []  # it may still come
    store_roster(roster(("p1", "s-strap", 0, None), version=2, ended_s=60))
    assert gaps() == [("not_heard", 0, 60, None)]
    [gap] = reader.gaps(C1, P1)
    assert (gap.sensor, gap.kind, gap.run) == ("s-strap", "hr", None)


def test_a_sensor_that_speaks_late_falls_silent_and_ends_early_is_missing_then(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, hr: Hr, gaps: Gaps
) -> None:
    times_s = [*range(8, 20), *range(31, 40)]
    store(*(hr(seq, mono_ms=at_s * 1000) for seq, at_s in enumerate(times_s)))
    store_roster(roster(("p1", "s-strap", 0, None), ended_s=60))
    assert gaps() == [("not_heard", 0, 8, None), ("not_heard", 19, 31, None), ("not_heard", 39, 60, None)]


def test_finished_measurements_are_not_missed_between_each_other(
    store: Store, store_roster: StoreRoster, roster: MakeRoster, gaps: Gaps
) -> None:
    def measured(seq: int, averaging: Averaging) -> OximeterReading:
        return OximeterReading(
            run=RunId("a1"),
            sensor=SensorId("s-oxi"),
            seq=seq,
            mono_ms=MonotonicMs(seq * 60_000),
            quality=Quality.GOOD,
            spo2_pct=96.0,
            averaging=averaging,
        )

    store(measured(0, Averaging.SPOT), measured(1, Averaging.SPOT))
    store_roster(roster(("p1", "s-oxi", 0, None)))
    assert gaps() == []
    store(measured(2, Averaging.NORMAL))
    assert gaps() == [("not_heard", 0, 60, None), ("not_heard", 60, 120, None)]


times = st.integers(min_value=0, max_value=120)


@given(st.sets(times, min_size=1), st.sets(times), st.one_of(st.none(), st.integers(min_value=121, max_value=140)))
def test_silences_are_the_long_times_between_readings_and_nothing_else(
    one: set[int], other: set[int], to_s: int | None
) -> None:
    """Two runs of one gateway hear a sensor at these seconds: every second of a longer pause is told once."""
    heard = [
        Heard(
            source="g1",
            run=RunId(run),
            stream=number,
            first=seq,
            last=seq,
            from_ms=at_s * 1000,
            to_ms=at_s * 1000,
            offset_ms=T0_UTC_MS,
        )
        for number, (run, seconds) in enumerate((("a1", one), ("a2", other)))
        for seq, at_s in enumerate(sorted(seconds))
    ]
    found = list(
        find_silences(heard, from_utc_ms=T0_UTC_MS, to_utc_ms=None if to_s is None else T0_UTC_MS + to_s * 1000)
    )
    ends = [0, *sorted(one | other), *([] if to_s is None else [to_s])]
    wanted = [(begin, end) for begin, end in pairwise(ends) if (end - begin) * 1000 > SILENCE_MS]
    assert [
        ((silence.from_utc_ms - T0_UTC_MS) / 1000, (silence.to_utc_ms - T0_UTC_MS) / 1000) for silence in found
    ] == wanted
    assert {silence.cause for silence in found} <= {GapCause.NOT_HEARD, GapCause.RESTARTED}
