"""Laws of the record's small pure parts: RR intervals as bytes, wall times of a run, intervals of assignments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.store.anchors import RunClock
from ingest.store.assignments import Worn, merge_worn
from ingest.store.rr import pack_rr, unpack_rr
from vitals.participants import ParticipantId
from vitals.sensors import SensorId
from vitals.units import ticks_to_rr_ms

times = st.integers(min_value=0, max_value=200)
intervals = st.tuples(times, st.one_of(st.none(), times))


@given(st.lists(st.integers(min_value=1, max_value=65_535).map(ticks_to_rr_ms), max_size=9))
def test_intervals_of_a_strap_take_two_bytes_each_and_come_back_exactly(rr_ms: list[float]) -> None:
    packed = pack_rr(rr_ms)
    assert unpack_rr(packed) == tuple(rr_ms)
    assert packed is None if not rr_ms else len(packed or b"") == 1 + 2 * len(rr_ms)


@given(st.lists(st.floats(min_value=0, max_value=64_000, exclude_min=True), max_size=9))
def test_any_interval_comes_back_exactly(rr_ms: list[float]) -> None:
    assert unpack_rr(pack_rr(rr_ms)) == tuple(rr_ms)


def test_damaged_intervals_are_refused() -> None:
    with pytest.raises(ValueError, match="damaged: 03ff"):
        unpack_rr(b"\x03\xff")
    with pytest.raises(ValueError, match="damaged"):
        unpack_rr(b"\x01\xff")


@given(
    st.lists(st.tuples(times, times), min_size=1, max_size=5, unique_by=lambda pair: pair[0]),
    times,
    st.one_of(st.none(), times),
    st.one_of(st.none(), times),
)
def test_a_time_lies_in_a_span_exactly_when_its_label_lies_in_the_interval(
    anchors: list[tuple[int, int]], mono_ms: int, from_utc_ms: int | None, to_utc_ms: int | None
) -> None:
    clock = RunClock(anchors)
    label = clock.utc_ms(mono_ms)
    wanted = (from_utc_ms is None or from_utc_ms <= label) and (to_utc_ms is None or label < to_utc_ms)
    hits = [
        span
        for span in clock.spans(from_utc_ms, to_utc_ms)
        if (span.from_ms is None or span.from_ms <= mono_ms) and (span.to_ms is None or mono_ms < span.to_ms)
    ]
    assert len(hits) == int(wanted)
    assert all(mono_ms + span.offset_ms == label for span in hits)


@given(st.lists(intervals, max_size=6), times)
def test_merged_intervals_cover_the_same_times_once(given_intervals: list[tuple[int, int | None]], at: int) -> None:
    worn = [Worn(ParticipantId("p"), SensorId("s"), start, end) for start, end in given_intervals]

    def covers(one: Worn) -> bool:
        return one.from_utc_ms <= at and (one.to_utc_ms is None or at < one.to_utc_ms)

    merged = merge_worn(worn)
    assert sum(map(covers, merged)) == int(any(map(covers, worn)))


def test_different_sensors_are_never_joined() -> None:
    worn = [Worn(ParticipantId("p"), SensorId(name), 0, 10) for name in ("s", "t")]
    assert set(merge_worn(worn)) == set(worn)
