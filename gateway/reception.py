"""Reception: which radio hears which sensor, how strongly and since when. Pure; `gateway.choice` decides by it."""

from collections.abc import Iterator
from typing import Final, Generic, TypeVar

from msgspec import Struct

from gateway.nearby import Heard, Told
from vitals.sensors import SensorId, SensorKind
from vitals.units import MonotonicMs

RSSI_SHARE: Final = 0.3
"""Weight of the newest RSSI in the mean: one advertisement varies by 10 dB when somebody walks past (habluetooth
smooths by the same share)."""

RSSI_ANEW_MS: Final = 5_000
"""After such a silence the old mean says nothing about where the sensor is now."""

SILENCE_MS: Final = 2_000
"""A sensor that nobody heard for so long and is heard now has just begun to call: its link ended, or it was put on."""

CLEAR_DB: Final = 10.0
"""Twice what a turn of the body changes (engineering choice): a radio that hears a sensor so much better than the one
that had it last is clearly better."""

RECEPTIONS_MAX: Final = 2048
"""Sensors times radios kept in memory; beyond it the longest unheard is forgotten."""

D = TypeVar("D")


class Reception(Struct, Generic[D], kw_only=True):
    """How one radio hears one sensor.

    Attributes:
        sensor: which.
        radio: by which radio.
        kind: of the sensor.
        device: what the radio needs to connect it.
        rssi_dbm: smoothed.
        seen_ms: last heard.
        leads_since_ms: since when it is clearly better than the sensor's home; None: it is not.
        told: what the sensor says of itself.
    """

    sensor: SensorId
    radio: str
    kind: SensorKind
    device: D
    rssi_dbm: float
    seen_ms: MonotonicMs
    leads_since_ms: MonotonicMs | None = None
    told: Told = Told()


class Receptions(Generic[D]):
    """How all radios of a gateway hear all sensors, as of their last advertisement."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_sensor: dict[SensorId, dict[str, Reception[D]]] = {}
        self._calls_since_ms: dict[SensorId, MonotonicMs] = {}
        self._count = 0

    def __len__(self) -> int:
        """Return how many are kept."""
        return self._count

    def note(
        self,
        sensor: SensorId,
        *,
        radio: str,
        kind: SensorKind,
        device: D,
        rssi_dbm: int,
        now_ms: MonotonicMs,
        home: str | None = None,
        told: Told = Told(),  # noqa: B008 - immutable
    ) -> None:
        """Take note of one advertisement; ``home`` is the radio that had the sensor's last link."""
        radios = self._by_sensor.setdefault(sensor, {})
        if all(now_ms - one.seen_ms > SILENCE_MS for one in radios.values()):
            self._calls_since_ms[sensor] = now_ms
        known = radios.get(radio)
        if known is None:
            radios[radio] = Reception(
                sensor=sensor, radio=radio, kind=kind, device=device, rssi_dbm=rssi_dbm, seen_ms=now_ms, told=told
            )
            self._count += 1
        else:
            is_old = now_ms - known.seen_ms > RSSI_ANEW_MS
            known.rssi_dbm = rssi_dbm if is_old else known.rssi_dbm + RSSI_SHARE * (rssi_dbm - known.rssi_dbm)
            known.kind, known.device, known.seen_ms = kind, device, now_ms
            # Some sensors tell of themselves in every other advertisement only.
            known.told = known.told if told == Told() and not is_old else told
        _compare(radios, home, now_ms)
        if self._count > RECEPTIONS_MAX:
            self._forget_oldest()

    def calls_since_ms(self, sensor: SensorId) -> MonotonicMs | None:
        """Return since when a sensor calls without a longer silence, as far as it is known."""
        return self._calls_since_ms.get(sensor)

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
                self._forget_sensor(sensor)

    def heard(self) -> Iterator[Heard]:
        """Return all as signs of life, for `nearby_of`."""
        for radios in self._by_sensor.values():
            for one in radios.values():
                yield Heard(
                    sensor=one.sensor,
                    kind=one.kind,
                    rssi_dbm=round(one.rssi_dbm),
                    heard_ms=one.seen_ms,
                    told=one.told,
                )

    def _forget_oldest(self) -> None:
        oldest = min(
            (one for radios in self._by_sensor.values() for one in radios.values()), key=lambda one: one.seen_ms
        )
        del self._by_sensor[oldest.sensor][oldest.radio]
        self._count -= 1
        if not self._by_sensor[oldest.sensor]:
            self._forget_sensor(oldest.sensor)

    def _forget_sensor(self, sensor: SensorId) -> None:
        del self._by_sensor[sensor]
        self._calls_since_ms.pop(sensor, None)


def _compare(radios: dict[str, Reception[D]], home: str | None, now_ms: MonotonicMs) -> None:
    """Note which radios are clearly better than the home as of now, and since when."""
    at_home = radios.get(home) if home is not None else None
    for one in radios.values():
        is_fresh = at_home is not None and now_ms - min(one.seen_ms, at_home.seen_ms) <= RSSI_ANEW_MS
        if at_home is None or not is_fresh or one.rssi_dbm - at_home.rssi_dbm < CLEAR_DB:
            one.leads_since_ms = None
        elif one.leads_since_ms is None:
            one.leads_since_ms = now_ms
