"""Nearby: which sensors a gateway hears around it, for giving them out; ids only, no address and no name. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from vitals.sensors import GatewayId, Nearby, NearbySensor, SensorId, SensorKind
from vitals.units import MonotonicMs

NEARBY_S: Final = 2.0
"""How often it is said."""

NEARBY_MAX: Final = 64
AGE_MS_MAX: Final = 10_000
"""What was not heard for longer is not near any more."""


class Told(NamedTuple):
    """What a sensor says of itself in its advertisements, if it does."""

    battery_low: bool | None = None
    contact: bool | None = None


class Heard(Struct, frozen=True, kw_only=True):
    """The last sign of one sensor: an advertisement, or (``is_linked``) a measurement over its link."""

    sensor: SensorId
    kind: SensorKind
    rssi_dbm: int
    heard_ms: MonotonicMs
    told: Told = Told()
    is_linked: bool = False


def nearby_of(gateway: GatewayId, heard: Iterable[Heard], *, now_ms: MonotonicMs) -> Nearby:
    """Return what is in range, strongest first, at most `NEARBY_MAX`.

    A sensor that several radios hear is told once: as strong as the best of them hears it, as late as any of them did.
    """
    best: dict[SensorId, Heard] = {}
    for one in heard:
        if now_ms - one.heard_ms > AGE_MS_MAX:
            continue
        other = best.get(one.sensor, one)
        best[one.sensor] = Heard(
            sensor=one.sensor,
            kind=one.kind,
            rssi_dbm=max(one.rssi_dbm, other.rssi_dbm),
            heard_ms=max(one.heard_ms, other.heard_ms),
            told=one.told if one.heard_ms >= other.heard_ms else other.told,
            is_linked=one.is_linked or other.is_linked,
        )
    strongest = sorted(best.values(), key=lambda one: (-one.rssi_dbm, one.sensor))
    return Nearby(
        gateway=gateway,
        sensors=tuple(
            NearbySensor(
                sensor=one.sensor,
                kind=one.kind,
                rssi_dbm=one.rssi_dbm,
                age_ms=max(0, now_ms - one.heard_ms),
                battery_low=one.told.battery_low,
                contact=one.told.contact,
                is_linked=one.is_linked,
            )
            for one in strongest[:NEARBY_MAX]
        ),
    )
