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
    """One sensor in a gateway's heartbeat; ``since_mono_ms`` on the gateway run's clock.

    Attributes:
        sensor: its id.
        kind: as what it was given out.
        state: where it stands.
        since_mono_ms: since when.
        rssi_dbm: how strongly its advertisements were last heard (smoothed); a link tells no strength.
        battery_pct: as it told last.
        reconnects: links of this run after the first.
        gaps: how many times its stream was interrupted in this run.
        device: make and model, as far as it tells.
        driver: who reads it; empty until an advertisement or a link has told.
        radio: the radio that holds its link, or tries to; empty without.
        waits_for_slot: it is in range, and every radio that hears it is full.
        is_broadcast: its readings come from advertisements now, because no link can be had.
        notifications: how many it sent in this run.
        undecodable: how many of them were none of its characteristic's.
        latency_p50_ms: notification heard -> handed to the broker, over the last minute; None: nothing was handed over.
        latency_p99_ms: the same.
    """

    sensor: SensorId
    kind: SensorKind
    state: SensorState
    since_mono_ms: MonotonicMs
    rssi_dbm: int | None = None
    battery_pct: int | None = None
    reconnects: int = 0
    gaps: int = 0
    device: Annotated[str, Meta(max_length=48)] = ""
    driver: Annotated[str, Meta(max_length=32)] = ""
    radio: str = ""
    waits_for_slot: bool = False
    is_broadcast: bool = False
    notifications: int = 0
    undecodable: int = 0
    latency_p50_ms: int | None = None
    latency_p99_ms: int | None = None


class RadioStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One radio adapter in a gateway's heartbeat.

    Attributes:
        name: kind and target of its spec.
        up: whether it is open.
        slots_used: links that stand or are being made.
        slots_max: None: the adapter tells no limit.
        why_down: one line, empty while it is up.
        connects: links made in this run.
        errors: attempts that came to nothing, and how many times the radio went down, in this run.
        waiting: sensors that wait for their turn to be connected by it.
        adv_per_s: advertisements heard a second, over the last seconds.
    """

    name: str
    up: bool
    slots_used: int
    slots_max: int | None = None
    why_down: str = ""
    connects: int = 0
    errors: int = 0
    waiting: int = 0
    adv_per_s: float = 0.0


class NearbySensor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sensor in range, assigned or not; without address or name.

    ``battery_low``, ``contact`` (with the skin): as its advertisement tells; None: it does not. ``is_linked``: this
    gateway holds a link with it, so that it does not call, and its strength is that of before.
    """

    sensor: SensorId
    kind: SensorKind
    rssi_dbm: int
    age_ms: int
    battery_low: bool | None = None
    contact: bool | None = None
    is_linked: bool = False


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
