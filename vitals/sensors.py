"""Sensors and gateways as everybody names them: ids that tell no address, and what a gateway says of them."""

import base64
import hashlib
import hmac
from enum import StrEnum
from typing import Annotated, Literal, NewType

from msgspec import Meta, Struct

from vitals.units import MonotonicMs, UtcMs

SensorId = NewType("SensorId", str)
GatewayId = NewType("GatewayId", str)


class SensorKind(StrEnum):
    """What a sensor is worn for."""

    STRAP = "strap"
    OXIMETER = "oximeter"
    MACHINE = "machine"
    """A treadmill, a bike, a foot pod, a cadence sensor: it tells work, not a vital sign."""


class SensorState(StrEnum):
    """Where a sensor is in its life with a gateway."""

    MISSING = "missing"
    """Assigned, but not in range."""
    SEEN = "seen"
    CONNECTING = "connecting"
    READY = "ready"
    STREAMING = "streaming"
    STALE = "stale"
    LOST = "lost"


class SensorStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sensor in a gateway's heartbeat; ``since_mono_ms`` on the gateway run's clock."""

    sensor: SensorId
    kind: SensorKind
    state: SensorState
    since_mono_ms: MonotonicMs
    rssi_dbm: int | None = None
    battery_pct: int | None = None
    reconnects: int = 0
    gaps: int = 0


class RadioStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One radio adapter in a gateway's heartbeat. ``slots_max`` None: the adapter tells no limit."""

    name: str
    up: bool
    slots_used: int
    slots_max: int | None = None
    why_down: str = ""


class NearbySensor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sensor in range, assigned or not; without address or name."""

    sensor: SensorId
    kind: SensorKind
    rssi_dbm: int
    age_ms: int


class Nearby(Struct, frozen=True, kw_only=True):
    """What a gateway hears around it, strongest first, at most 64."""

    v: Literal[1] = 1
    gateway: GatewayId
    sensors: Annotated[tuple[NearbySensor, ...], Meta(max_length=64)]


class ClockAnchor(Struct, frozen=True, kw_only=True):
    """A pair of times of one gateway run, published at the start and whenever the wall clock steps.

    UTC of a reading = ``utc_ms + (reading.mono_ms - mono_ms)`` with the newest anchor whose ``mono_ms`` is not later,
    else the first one.
    """

    mono_ms: MonotonicMs
    utc_ms: UtcMs
    synchronised: bool | None = None


class Anchors(Struct, frozen=True, kw_only=True):
    """All anchors of one gateway run (retained), oldest first; the oldest is kept, later ones are limited to 63."""

    v: Literal[1] = 1
    gateway: GatewayId
    run: str
    anchors: Annotated[tuple[ClockAnchor, ...], Meta(min_length=1, max_length=64)]


def mint_sensor_id(site_key: bytes, address: str) -> SensorId:
    """Return the sensor id of a Bluetooth address: the same at every gateway that holds the site's key.

    The address cannot be had back without the key (HMAC-SHA-256, 80 bits kept), so the id may travel.

    Args:
        site_key: the site's secret, at least 16 bytes.
        address: as the radio gives it; case does not matter.

    Raises:
        ValueError: the key is too short to hide anything.
    """
    if len(site_key) < 16:  # noqa: PLR2004 - 128 bits
        msg = f"the site key has {len(site_key)} bytes, needs 16 or more"
        raise ValueError(msg)
    digest = hmac.new(site_key, address.upper().encode(), hashlib.sha256).digest()
    return SensorId("s-" + base64.b32encode(digest[:10]).decode().lower())
