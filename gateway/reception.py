"""Reception: which radio hears which sensor, how strongly and when; and the choice of the radio to connect with."""

from collections.abc import Iterable, Iterator
from typing import Final, Generic, NamedTuple, TypeVar

from msgspec import Struct

from gateway.nearby import Heard
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

RSSI_SHARE: Final = 0.3
"""Weight of the newest RSSI in the mean: one advertisement varies by 10 dB when somebody walks past (habluetooth
smooths by the same share)."""

ALIKE_DB: Final = 5.0
"""Less than what a turn of the body changes."""

RSSI_ANEW_MS: Final = 5_000
"""After such a silence the old mean says nothing about where the sensor is now."""

RECEPTIONS_MAX: Final = 2048
"""Sensors times radios kept in memory; beyond it the longest unheard is forgotten."""

D = TypeVar("D")


class Reception(Struct, Generic[D], kw_only=True):
    """How one radio hears one sensor; ``device`` is what the radio needs to connect it."""

    sensor: SensorId
    radio: str
    kind: SensorKind
    device: D
    rssi_dbm: float
    seen_ms: MonotonicMs


class Candidate(NamedTuple):
    """A radio that could connect a sensor; ``room``: its free slots, less those that others wait for at its door."""

    radio: str
    rssi_dbm: float
    age_ms: int
    has_slot: bool
    room: int


def choose_radio(candidates: Iterable[Candidate], *, fresh_ms: int) -> str | None:
    """Return the radio that hears a sensor best, among those that heard it lately and have a free slot.

    Radios that hear it alike (within `ALIKE_DB`) share the work: the one with more room is chosen.
    """
    able = [one for one in candidates if one.has_slot and one.age_ms <= fresh_ms]
    best_dbm = max((one.rssi_dbm for one in able), default=0.0)
    alike = [one for one in able if one.rssi_dbm >= best_dbm - ALIKE_DB]
    return max(alike, key=lambda one: (one.room, one.rssi_dbm, one.radio)).radio if alike else None


class Receptions(Generic[D]):
    """How all radios of a gateway hear all sensors, as of their last advertisement."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_sensor: dict[SensorId, dict[str, Reception[D]]] = {}
        self._count = 0

    def __len__(self) -> int:
        """Return how many are kept."""
        return self._count

    def note(
        self, sensor: SensorId, *, radio: str, kind: SensorKind, device: D, rssi_dbm: int, now_ms: MonotonicMs
    ) -> None:
        """Take note of one advertisement."""
        radios = self._by_sensor.setdefault(sensor, {})
        known = radios.get(radio)
        if known is None:
            radios[radio] = Reception(
                sensor=sensor, radio=radio, kind=kind, device=device, rssi_dbm=rssi_dbm, seen_ms=now_ms
            )
            self._count += 1
            if self._count > RECEPTIONS_MAX:
                self._forget_oldest()
            return
        is_old = now_ms - known.seen_ms > RSSI_ANEW_MS
        known.rssi_dbm = rssi_dbm if is_old else known.rssi_dbm + RSSI_SHARE * (rssi_dbm - known.rssi_dbm)
        known.kind, known.device, known.seen_ms = kind, device, now_ms

    def of(self, sensor: SensorId) -> tuple[Reception[D], ...]:
        """Return what the radios heard of a sensor."""
        return tuple(self._by_sensor.get(sensor, {}).values())

    def rssi_dbm(self, sensor: SensorId) -> int | None:
        """Return how strongly a sensor was last heard, by the radio that heard it last."""
        newest = max(self.of(sensor), key=lambda one: one.seen_ms, default=None)
        return None if newest is None else round(newest.rssi_dbm)

    def forget_radio(self, radio: str) -> None:
        """Forget what a radio heard: it is gone, and its devices cannot be connected with another."""
        for sensor in list(self._by_sensor):
            if self._by_sensor[sensor].pop(radio, None) is not None:
                self._count -= 1
            if not self._by_sensor[sensor]:
                del self._by_sensor[sensor]

    def heard(self) -> Iterator[Heard]:
        """Return all as signs of life, for `nearby_of`."""
        for radios in self._by_sensor.values():
            for one in radios.values():
                yield Heard(sensor=one.sensor, kind=one.kind, rssi_dbm=round(one.rssi_dbm), heard_ms=one.seen_ms)

    def _forget_oldest(self) -> None:
        oldest = min(
            (one for radios in self._by_sensor.values() for one in radios.values()), key=lambda one: one.seen_ms
        )
        del self._by_sensor[oldest.sensor][oldest.radio]
        if not self._by_sensor[oldest.sensor]:
            del self._by_sensor[oldest.sensor]
        self._count -= 1
