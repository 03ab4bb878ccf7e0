"""How late readings are: percentiles of the last minute, in bounded memory."""

import math

from hypothesis import given
from hypothesis import strategies as st

from gateway.latency import READINGS_MAX, SENSORS_MAX, SPAN_MS, Latencies, Latency
from vitals.sensors import SensorId
from vitals.units import MonotonicMs

STRAP = SensorId("s-1")


def note(latencies: Latencies, *pairs: tuple[int, int], sensor: SensorId = STRAP) -> None:
    for now_ms, latency_ms in pairs:
        latencies.note(sensor, latency_ms, now_ms=MonotonicMs(now_ms))


@given(st.lists(st.integers(0, 100_000), min_size=1, max_size=READINGS_MAX))
def test_so_many_readings_in_a_hundred_were_not_later(late_ms: list[int]) -> None:
    latencies = Latencies()
    note(latencies, *((0, one) for one in late_ms))
    said = latencies.of(STRAP, now_ms=MonotonicMs(0))
    assert said is not None
    for percent, value in ((50, said.p50_ms), (99, said.p99_ms)):
        needed = math.ceil(len(late_ms) * percent / 100)
        assert value in late_ms
        assert sum(one <= value for one in late_ms) >= needed
        assert sum(one < value for one in late_ms) < needed


def test_what_is_older_than_a_minute_does_not_count() -> None:
    latencies = Latencies()
    note(latencies, (0, 900), (1_000, 5))
    assert latencies.of(STRAP, now_ms=MonotonicMs(SPAN_MS)) == Latency(5, 900)
    assert latencies.of(STRAP, now_ms=MonotonicMs(SPAN_MS + 1)) == Latency(5, 5)
    assert latencies.of(STRAP, now_ms=MonotonicMs(2 * SPAN_MS)) is None
    assert latencies.of(SensorId("s-never"), now_ms=MonotonicMs(0)) is None


def test_neither_many_readings_nor_many_sensors_fill_the_memory() -> None:
    latencies = Latencies()
    for number in range(SENSORS_MAX + 5):
        note(latencies, (0, 1), sensor=SensorId(f"s-{number}"))
    note(latencies, *((0, 7) for _ in range(2 * READINGS_MAX)))
    assert len(latencies._by_sensor) == SENSORS_MAX
    assert max(len(kept) for kept in latencies._by_sensor.values()) == READINGS_MAX
