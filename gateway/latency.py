"""How late a gateway's readings are: from a notification to the moment when the broker was given it. Pure."""

from collections import deque
from typing import Final, NamedTuple

from vitals.sensors import SensorId
from vitals.units import MonotonicMs

SPAN_MS: Final = 60_000
"""Over the last minute: long enough for a percentile of one reading a second, short enough to be about now."""

READINGS_MAX: Final = 256
"""Of one sensor; oximeters that send a hundred packets a second are told about by their newest."""

SENSORS_MAX: Final = 512
"""More than a gateway carries; beyond it the sensor that was heard first is forgotten."""


class Latency(NamedTuple):
    """Half of the readings were faster than the first, 99 of 100 not slower than the second."""

    p50_ms: int
    p99_ms: int


class Latencies:
    """The latencies of all sensors of a gateway."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_sensor: dict[SensorId, deque[tuple[MonotonicMs, int]]] = {}

    def note(self, sensor: SensorId, latency_ms: int, *, now_ms: MonotonicMs) -> None:
        """Take note of one reading that was just handed over."""
        known = self._by_sensor.get(sensor)
        if known is None:
            if len(self._by_sensor) >= SENSORS_MAX:
                del self._by_sensor[next(iter(self._by_sensor))]
            known = self._by_sensor[sensor] = deque(maxlen=READINGS_MAX)
        known.append((now_ms, latency_ms))

    def of(self, sensor: SensorId, *, now_ms: MonotonicMs) -> Latency | None:
        """Return how late a sensor's readings were over the last minute; None: there was none."""
        known = self._by_sensor.get(sensor)
        while known and now_ms - known[0][0] > SPAN_MS:
            known.popleft()
        if not known:
            self._by_sensor.pop(sensor, None)
            return None
        ordered = sorted(latency_ms for _, latency_ms in known)
        return Latency(_at(ordered, 50), _at(ordered, 99))


def _at(ordered: list[int], percent: int) -> int:
    """Return the value that so many percent do not exceed (nearest rank)."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
