"""What the drivers of vendors' oximeters share: one reading a second out of whatever stream of frames the device sends.

Such devices send up to a hundred frames a second, several in a notification. The newest whole frame is the reading,
once a second; a finger that slips out is told at once. What is not told is not lost to anybody: a curve and ninety-nine
equal values a second help neither rules nor eyes.
"""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from gateway.codecs.oxygen import NoVitals, OxygenFrame
from gateway.codecs.undecodable import Undecodable
from gateway.drivers.base import Hearing, Stamp, Value, raw_hex_of
from vitals.readings import BatteryReading, OximeterReading, Quality, Reading, ReadingKind, Reason
from vitals.units import MonotonicMs

PERIOD_MS: Final = 950
"""A device whose clock runs a little fast is still heard each time."""
SLACK_MS: Final = 250
"""One that sends once a second sends a little early now and then; it shall not lose every other value by that."""


class BatteryNews(Struct, frozen=True, kw_only=True):
    """A battery level that came in a frame of its own."""

    battery_pct: int


Item = OxygenFrame | BatteryNews | NoVitals | Undecodable


class OxygenConversation:
    """What a vendor's oximeter says over one link."""

    def __init__(self, feed: Callable[[bytes], Sequence[Item]], *, restart: Callable[[], None] | None = None) -> None:
        """Begin with an empty stream.

        Args:
            feed: one notification -> what it completes, in order.
            restart: makes the stream forget half a frame; called before each question.
        """
        self._feed = feed
        self._restart = restart
        self._due_ms = MonotonicMs(0)
        self._is_good = False
        self._battery_pct: int | None = None

    def asked(self) -> None:
        """Hear that a question goes out: what is left of an old answer belongs to no new one."""
        if self._restart is not None:
            self._restart()

    def hear(self, value: Value, hearing: Hearing) -> Sequence[Reading]:
        """Return the newest frame if it is time for a reading, or if it is the first bad news; and a new battery level.

        Bytes that are no frame make a reading only where a second went by without one.
        """
        items = self._feed(value.raw)
        readings: list[Reading] = []
        frame = next((item for item in reversed(items) if isinstance(item, OxygenFrame)), None)
        is_due = hearing.mono_ms >= self._due_ms
        if frame is not None:
            if is_due or (self._is_good and frame.reason is not None):
                readings.append(_reading_of(frame, value.raw, hearing.stamp_of(ReadingKind.OXIMETER)))
                self._said(hearing.mono_ms, is_good=frame.reason is None)
        elif is_due and any(isinstance(item, Undecodable) for item in items):
            readings.append(undecodable_oxygen(value.raw, hearing.stamp_of(ReadingKind.OXIMETER)))
            self._said(hearing.mono_ms, is_good=False)
        return (*readings, *self._hear_battery(items, hearing))

    def _said(self, now_ms: MonotonicMs, *, is_good: bool) -> None:
        self._due_ms = MonotonicMs(max(self._due_ms, now_ms - SLACK_MS) + PERIOD_MS)
        self._is_good = is_good

    def _hear_battery(self, items: Sequence[Item], hearing: Hearing) -> Sequence[Reading]:
        told = [
            item.battery_pct
            for item in items
            if isinstance(item, OxygenFrame | BatteryNews) and item.battery_pct is not None
        ]
        if not told or told[-1] == self._battery_pct:
            return ()
        self._battery_pct = told[-1]
        stamp = hearing.stamp_of(ReadingKind.BATTERY)
        return (BatteryReading(**stamp._asdict(), battery_pct=told[-1], quality=Quality.GOOD),)


def _reading_of(frame: OxygenFrame, raw: bytes, stamp: Stamp) -> OximeterReading:
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=frame.spo2_pct,
        pulse_bpm=frame.pulse_bpm,
        perfusion_pct=frame.perfusion_pct,
        quality=frame.quality,
        reason=frame.reason,
        raw_hex=raw_hex_of(raw),
    )


def undecodable_oxygen(raw: bytes, stamp: Stamp) -> OximeterReading:
    """Return the reading of bytes that are no frame."""
    return OximeterReading(
        **stamp._asdict(),
        spo2_pct=None,
        quality=Quality.UNUSABLE,
        reason=Reason.UNDECODABLE,
        raw_hex=raw_hex_of(raw),
    )
