"""Stream time: where a reading stands on the consumer's own clock, whatever the clocks of others say."""

from msgspec import Struct

from vitals.units import MonotonicMs


class StreamClock(Struct, frozen=True, kw_only=True):
    """The offset between one run's monotonic clock and the consumer's: the smallest (received - sent) ever seen.

    The smallest difference belongs to the message that waited least on its way, so delays in a broker or in a queue
    make a reading older, never the clock slower. Clocks of two machines drift apart by some ten ppm: 36 ms in an hour,
    far below the second that any rule asks for.
    """

    offset_ms: int

    def to_consumer(self, mono_ms: MonotonicMs) -> MonotonicMs:
        """Return a time of the run on the consumer's clock."""
        return MonotonicMs(mono_ms + self.offset_ms)


def hear(before: StreamClock | None, *, sent_mono_ms: MonotonicMs, received_mono_ms: MonotonicMs) -> StreamClock:
    """Return the clock after one live message (never a retained one: it was sent at an unknown time before)."""
    offset_ms = received_mono_ms - sent_mono_ms
    if before is not None and before.offset_ms <= offset_ms:
        return before
    return StreamClock(offset_ms=offset_ms)
