"""The parts of the system as this server hears them: who lives, and who is lost since when."""

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from vitals.parts import (
    HEARTBEAT_LOST_MS,
    Part,
    PartState,
    PartStatus,
    Watched,
    check_silence,
    hear_status,
)
from vitals.readings import Reason
from vitals.sensors import GatewayId, SensorId, SensorStatus
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs, UtcMs

PARTS_MAX: Final = 256
"""Instances that are watched; a site has some ten."""

_REALITY: Final = (GenerationMode.REAL, GenerationMode.REPLAYED, GenerationMode.SIMULATED, GenerationMode.TEST)
"""From real to least real."""


class Moment(Struct, frozen=True, kw_only=True):
    """A time on this server's clock, and what the wall clock showed then."""

    ms: MonotonicMs
    utc_ms: UtcMs


class WatchedPart(Struct, frozen=True, kw_only=True):
    """One part: what it said last, its state, and since when that state is so."""

    watched: Watched
    state: Literal["up", "lost", "stopped"]
    since: Moment
    sensors: dict[SensorId, SensorStatus]
    """What a gateway says of its sensors, by their ids."""
    is_met: bool
    """It was heard alive by this server, not only in a retained copy."""
    radio_down_since: Moment | None = None
    """A gateway that lives, but whose radios are all down."""


class PartsWatch:
    """All parts by (part, instance), and the broker by this server's own connection."""

    def __init__(self, *, now: Moment) -> None:
        """Begin to watch; nothing is known to live."""
        self.started: Final = now
        self.parts: Final[dict[tuple[Part, str], WatchedPart]] = {}
        self.is_broker_up = False
        self.broker_since = now

    def hear(self, status: PartStatus, *, retained: bool, now: Moment) -> None:
        """Take one heartbeat, or the will of a part."""
        key = (status.part, status.instance)
        before = self.parts.get(key)
        if before is None and len(self.parts) >= PARTS_MAX:
            return
        watched = hear_status(None if before is None else before.watched, status, retained=retained, now_ms=now.ms)
        is_alive = status.state is PartState.UP and not retained
        self.parts[key] = _judge(before, watched, is_met=is_alive, now=now)

    def hear_broker(self, *, is_up: bool, now: Moment) -> None:
        """Take a change of this server's own connection."""
        if is_up is not self.is_broker_up:
            self.is_broker_up = is_up
            self.broker_since = now

    def look(self, now: Moment) -> bool:
        """Find the parts that have fallen silent; return whether there is a new one."""
        is_news = False
        for key, before in self.parts.items():
            watched = check_silence(before.watched, now_ms=now.ms)
            if watched is not before.watched:
                self.parts[key] = _judge(before, watched, is_met=False, now=now)
                is_news = True
        return is_news

    def part_with(self, gateway: GatewayId) -> bool:
        """Note that a gateway which is silent was shut out; return whether that is news.

        It is then a memory of the broker like one that was never heard alive here: missed by those alone whom it
        carries, and met again when it speaks.
        """
        known = self.parts.get((Part.GATEWAY, gateway))
        if known is None or known.state == "up" or not known.is_met:
            return False
        self.parts[Part.GATEWAY, gateway] = replace(known, is_met=False)
        return True

    def find(self, part: Part) -> tuple[str, WatchedPart] | None:
        """Return the instance that speaks for a part: one that lives before one that does not, the newest first."""
        found = [(instance, known) for (kind, instance), known in self.parts.items() if kind is part]
        return max(found, key=lambda pair: (pair[1].state == "up", pair[1].watched.heard_ms), default=None)

    def is_gateway_lost(self, gateway: GatewayId) -> bool:
        """Return whether nothing can come through a gateway any more: silent, stopped, or without a radio."""
        known = self.parts.get((Part.GATEWAY, gateway))
        return known is not None and (known.state != "up" or known.radio_down_since is not None)

    def is_behind_broker(self, known: WatchedPart, *, now_ms: MonotonicMs) -> bool:
        """Return whether the silence of a part may be the broker's alone: one cause is told as one cause.

        So it is while the broker is lost, and for as long after its return as a part that lives may need to be heard.
        """
        return not self.is_broker_up or (known.since.ms < self.broker_since.ms and not has_waited(self, now_ms))

    def loss_on_the_way(self, gateway: GatewayId, *, now_ms: MonotonicMs) -> Reason | None:
        """Return which loss keeps the values of a gateway's sensors away, if one does."""
        if not self.is_broker_up:
            return Reason.BROKER_LOST
        if not self.is_gateway_lost(gateway):
            return None
        known = self.parts[Part.GATEWAY, gateway]
        is_silent = known.state != "up"
        return Reason.BROKER_LOST if is_silent and self.is_behind_broker(known, now_ms=now_ms) else Reason.GATEWAY_LOST

    def sensor(self, gateway: GatewayId, sensor: SensorId) -> SensorStatus | None:
        """Return what a living gateway says of a sensor."""
        known = self.parts.get((Part.GATEWAY, gateway))
        if known is None or known.state != "up":
            return None
        return known.sensors.get(sensor)

    def least_real(self, *modes: GenerationMode) -> GenerationMode:
        """Return the least real of ``modes`` and of all parts that have not stopped."""
        said = [known.watched.status.generation_mode for known in self.parts.values() if known.state != "stopped"]
        return less_real(*modes, *said)


def less_real(*modes: GenerationMode) -> GenerationMode:
    """Return the least real of some modes; one test value among real ones makes a test."""
    return max(modes, key=_REALITY.index)


def has_waited(watch: PartsWatch, now_ms: MonotonicMs) -> bool:
    """Return whether a part that lives would have been heard by now."""
    return now_ms - max(watch.started.ms, watch.broker_since.ms) >= HEARTBEAT_LOST_MS


def _judge(before: WatchedPart | None, watched: Watched, *, is_met: bool, now: Moment) -> WatchedPart:
    state: Literal["up", "lost", "stopped"]
    if watched.lost_since_ms is None:
        state, since_ms = "up", now.ms
    else:
        state = "stopped" if watched.status.state is PartState.STOPPED else "lost"
        since_ms = watched.lost_since_ms
    since = Moment(ms=since_ms, utc_ms=UtcMs(now.utc_ms - (now.ms - since_ms)))
    if before is not None and before.state == state:
        since = before.since
    radios = watched.status.radios
    radio_down_since = None
    if state == "up" and radios and not any(radio.up for radio in radios):
        radio_down_since = now if before is None or before.radio_down_since is None else before.radio_down_since
    is_known = before is not None and before.watched.status is watched.status
    return WatchedPart(
        watched=watched,
        state=state,
        since=since,
        sensors=before.sensors
        if before is not None and is_known
        else {sensor.sensor: sensor for sensor in watched.status.sensors},
        is_met=is_met or (before is not None and before.is_met),
        radio_down_since=radio_down_since,
    )
