"""Signs of health that no screen needs all the time: commits of the record, clocks, restarts, gaps of the last minutes.

Counted from what this server hears since its own start; the record and the audit log know what was before.
"""

from collections import deque
from typing import Final

from dashboard.view.parts import PartsWatch
from vitals.bus import Bus, Incoming
from vitals.parts import Part
from vitals.readings import RunId
from vitals.sensors import Anchors, GatewayId, SensorId
from vitals.store import StoreCursor
from vitals.topics import AnchorTopic, CursorTopic, topic_filter
from vitals.units import MonotonicMs
from vitals.wire import decode

WINDOW_MS: Final = 300_000
"""The last five minutes: as long as a warm-up, short enough to be about now."""

SAMPLE_MS: Final = 5_000
CLOCKS_MAX: Final = 1024
"""Runs of gateways whose clock is known; a gateway tells its last 16. Beyond it the longest known is forgotten."""


class Signs:
    """What was heard and counted."""

    def __init__(self, *, site: str, watch: PartsWatch) -> None:
        """Begin with nothing."""
        self._site: Final = site
        self._watch: Final = watch
        self.commit_ms: MonotonicMs | None = None
        """When the record last said that it has stored something; None: not since this server's start."""
        self._clocks: Final[dict[tuple[GatewayId, RunId], bool | None]] = {}
        self._runs: Final[dict[tuple[Part, str], set[RunId]]] = {}
        self._gaps: Final[deque[tuple[MonotonicMs, dict[SensorId, int]]]] = deque()
        self._sampled_ms = MonotonicMs(-SAMPLE_MS)

    def subscribe(self, bus: Bus) -> None:
        """Hear the record's cursors and the gateways' clocks."""
        bus.subscribe(topic_filter(CursorTopic, site=self._site), self._hear_cursor)
        bus.subscribe(topic_filter(AnchorTopic, site=self._site), self.hear_anchors)

    def look(self, now_ms: MonotonicMs) -> None:
        """Count what the parts say; called each second."""
        for key, known in self._watch.parts.items():
            if known.is_met:
                self._runs.setdefault(key, set()).add(known.watched.status.run)
        if now_ms - self._sampled_ms < SAMPLE_MS:
            return
        self._sampled_ms = now_ms
        self._gaps.append((now_ms, self._gaps_now()))
        while now_ms - self._gaps[0][0] > WINDOW_MS:
            self._gaps.popleft()

    @property
    def is_clock_right(self) -> dict[GatewayId, bool | None]:
        """Whether each gateway's clock follows a time server; None: its machine does not tell."""
        return {
            GatewayId(instance): self._clocks[GatewayId(instance), known.watched.status.run]
            for (part, instance), known in self._watch.parts.items()
            if part is Part.GATEWAY and (GatewayId(instance), known.watched.status.run) in self._clocks
        }

    def restarts(self, part: Part, instance: str) -> int:
        """Return how often a part has begun anew since this server began."""
        return max(0, len(self._runs.get((part, instance), ())) - 1)

    def gaps(self) -> tuple[int, int]:
        """Return how many interruptions there were within `WINDOW_MS`, and of how many sensors."""
        if not self._gaps:
            return 0, 0
        before, after = self._gaps[0][1], self._gaps[-1][1]
        # A gateway that began anew counts from 0 again.
        more = {sensor: count - min(before.get(sensor, count), count) for sensor, count in after.items()}
        return sum(more.values()), sum(1 for count in more.values() if count)

    def latencies(self) -> tuple[int | None, int | None]:
        """Return p50 and p99 (ms) from a notification to the broker over the last minute: the worst sensor's of all."""
        alive = [
            known for (part, _), known in self._watch.parts.items() if part is Part.GATEWAY and known.state == "up"
        ]
        sensors = [sensor for known in alive for sensor in known.sensors.values()]
        p50 = [sensor.latency_p50_ms for sensor in sensors if sensor.latency_p50_ms is not None]
        p99 = [sensor.latency_p99_ms for sensor in sensors if sensor.latency_p99_ms is not None]
        return max(p50, default=None), max(p99, default=None)

    def _gaps_now(self) -> dict[SensorId, int]:
        return {
            sensor: status.gaps
            for (part, _), known in self._watch.parts.items()
            if part is Part.GATEWAY
            for sensor, status in known.sensors.items()
        }

    def _hear_cursor(self, incoming: Incoming) -> None:
        if incoming.payload and not incoming.retained:
            decode(incoming.payload, StoreCursor, place=incoming.topic)
            self.commit_ms = incoming.received_ms

    def hear_anchors(self, incoming: Incoming) -> None:
        """Take what one run of a gateway says of its clock.

        Copies of earlier runs come too, before the run of now is known or after it; so all are kept.

        Raises:
            InputError: nonsense.
        """
        if not incoming.payload:
            return
        anchors: Anchors = decode(incoming.payload, Anchors, place=incoming.topic)
        key = anchors.gateway, RunId(anchors.run)
        if key not in self._clocks and len(self._clocks) >= CLOCKS_MAX:
            del self._clocks[next(iter(self._clocks))]
        self._clocks[key] = anchors.anchors[-1].synchronised
