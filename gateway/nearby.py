"""Nearby: which sensors a gateway hears around it, for giving them out; ids only, no address and no name. Pure."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from vitals.sensors import GatewayId, Nearby, NearbySensor, SensorId, SensorKind
from vitals.units import MonotonicMs

NEARBY_S: Final = 2.0
"""How often it is said."""

NEARBY_MAX: Final = 64
AGE_MS_MAX: Final = 10_000
"""What was not heard for longer is not near any more."""


class Heard(Struct, frozen=True, kw_only=True):
    """The last sign of one sensor: an advertisement, or a measurement while it is connected."""

    sensor: SensorId
    kind: SensorKind
    rssi_dbm: int
    heard_ms: MonotonicMs


def nearby_of(gateway: GatewayId, heard: Iterable[Heard], *, now_ms: MonotonicMs) -> Nearby:
    """Return what is in range, strongest first, each sensor once (at its strongest), at most `NEARBY_MAX`."""
    recent = [one for one in heard if now_ms - one.heard_ms <= AGE_MS_MAX]
    recent.sort(key=lambda one: (-one.rssi_dbm, one.sensor))
    strongest: dict[SensorId, Heard] = {}
    for one in recent:
        strongest.setdefault(one.sensor, one)
    return Nearby(
        gateway=gateway,
        sensors=tuple(
            NearbySensor(sensor=one.sensor, kind=one.kind, rssi_dbm=one.rssi_dbm, age_ms=max(0, now_ms - one.heard_ms))
            for one in list(strongest.values())[:NEARBY_MAX]
        ),
    )
