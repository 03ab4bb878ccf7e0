"""Roll-call: which strap was just put on. "Tap your strap" finds it by what changes, not by its number. Pure.

A strap that is touched, wetted or put on begins to have contact, or begins to give a heart rate; one that is held to
the gateway is found by its strength (`dashboard.view.nearest`).
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from vitals.sensors import SensorId
from vitals.units import MonotonicMs

TAPPED_MS: Final = 10_000
"""For so long a sensor counts as just touched: long enough to look from the person to the screen."""


class Touch(Struct, frozen=True, kw_only=True):
    """One sensor: whether somebody seems to wear it, and when that last began while we looked."""

    is_on: bool
    began_ms: MonotonicMs | None = None


def watch_touches(
    before: Mapping[SensorId, Touch], is_on: Mapping[SensorId, bool], *, now_ms: MonotonicMs
) -> dict[SensorId, Touch]:
    """Return what is known after another look; a sensor that was on at the first look was not touched just now."""
    after: dict[SensorId, Touch] = {}
    for sensor, on in is_on.items():
        known = before.get(sensor)
        if known is None:
            after[sensor] = Touch(is_on=on)
        elif on and not known.is_on:
            after[sensor] = Touch(is_on=True, began_ms=now_ms)
        else:
            after[sensor] = Touch(is_on=on, began_ms=known.began_ms)
    return after


def tapped(touches: Mapping[SensorId, Touch], *, now_ms: MonotonicMs) -> tuple[SensorId, ...]:
    """Return the sensors that were touched just now, the newest first."""
    fresh = [
        (touch.began_ms, sensor)
        for sensor, touch in touches.items()
        if touch.is_on and touch.began_ms is not None and now_ms - touch.began_ms <= TAPPED_MS
    ]
    return tuple(sensor for _, sensor in sorted(fresh, reverse=True))
