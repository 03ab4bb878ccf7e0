"""Numbering: what a sensor says becomes readings with the next seq of their streams, and goes into the outbox."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from gateway.attention import Attention
from gateway.drivers.base import Hearing, Stamp
from vitals.clock import Clock
from vitals.readings import Reading, ReadingKind, Reason, RunId, Source, kind_of
from vitals.sensors import SensorId
from vitals.topics import ReadingTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)


COUNTED: Final = ("notifications", "undecodable", "attempts", "connects", "drops", "commit_errors")
"""What a gateway counts, besides what its outbox and its bus do."""


class Outbox(Protocol):
    """What numbering needs of the outbox."""

    def reserve(self, subject: str, kind: str) -> int:
        """Return the next seq of this run's stream; the same again until something was put."""

    def put(self, *, topic: str, subject: str, kind: str, seq: int, body: bytes, mono_ms: int) -> None:
        """Keep one reading until the store has it, and have it sent."""


class Numbering:
    """Makes the readings of one run.

    ``counters``: those of `COUNTED`, and ``undecodable.<sensor>`` for each sensor that sent such bytes.
    """

    def __init__(self, *, site: str, gateway: str, run: RunId, clock: Clock, outbox: Outbox) -> None:
        """Begin a run; all streams begin at 0."""
        self._site = site
        self._gateway = gateway
        self._run = run
        self._clock = clock
        self._outbox = outbox
        self.attention: Final = Attention(now_ms=clock.mono_ms(), rate=clock.rate)
        """To be heeded by who runs this."""
        self._topics: dict[tuple[SensorId, ReadingKind], str] = {}
        self._broken: set[tuple[SensorId, ReadingKind]] = set()
        self.counters: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))

    def take(
        self,
        sensor: SensorId,
        hear: Callable[[Hearing], Sequence[Reading]],
        *,
        device: str = "",
        source: Source = Source.NOTIFIED,
        not_before_ms: MonotonicMs = MonotonicMs(0),  # noqa: B008 - an immutable number
    ) -> Sequence[Reading]:
        """Return what a driver makes of one notification, numbered and on its way; heard now, or while we were held.

        Bytes that are none of the characteristic's are a reading too, without a value: the record keeps them.

        Args:
            sensor: who speaks.
            hear: the driver's; at most one reading of each kind.
            device: make and model, for the stamps.
            source: by which way it was heard.
            not_before_ms: when the way was opened by which it came; however long this process was held still before,
                it cannot have been heard earlier.
        """
        self.counters["notifications"] += 1
        readings = hear(self._hearing(sensor, device, source, not_before_ms))
        for reading in readings:
            self._put(reading)
        return readings

    def _hearing(self, sensor: SensorId, device: str, source: Source, not_before_ms: MonotonicMs) -> Hearing:
        mono_ms = max(not_before_ms, self.attention.heard_ms(self._clock.mono_ms()))

        def stamp_of(kind: ReadingKind) -> Stamp:
            return Stamp(self._run, sensor, self._outbox.reserve(sensor, kind), mono_ms, device, source)

        return Hearing(mono_ms=mono_ms, stamp_of=stamp_of)

    def _put(self, reading: Reading) -> None:
        kind = kind_of(reading)
        self._tell_of_bytes(reading.sensor, kind, reading)
        self._outbox.put(
            topic=self._topic(reading.sensor, kind),
            subject=reading.sensor,
            kind=kind,
            seq=reading.seq,
            body=encode(reading),
            mono_ms=reading.mono_ms,
        )

    def _topic(self, sensor: SensorId, kind: ReadingKind) -> str:
        topic = self._topics.get((sensor, kind))
        if topic is None:
            topic = str(ReadingTopic(site=self._site, gateway=self._gateway, sensor=sensor, kind=kind))
            self._topics[sensor, kind] = topic
        return topic

    def _tell_of_bytes(self, sensor: SensorId, kind: ReadingKind, reading: Reading) -> None:
        """Count undecodable bytes; one line when they begin and one when they end, however many there are."""
        stream = (sensor, kind)
        if reading.reason is Reason.UNDECODABLE:
            self.counters["undecodable"] += 1
            self.counters[f"undecodable.{sensor}"] += 1
            if stream not in self._broken:
                self._broken.add(stream)
                logger.warning(f"sensor undecodable sensor={sensor} kind={kind} bytes=0x{reading.raw_hex[:40]}")
        elif self._broken and stream in self._broken:
            self._broken.discard(stream)
            logger.info(f"sensor decodable again sensor={sensor} kind={kind}")
