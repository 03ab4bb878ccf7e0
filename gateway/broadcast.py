"""The broadcast fallback of one assigned strap: when what it calls out counts as a reading. Pure.

A Polar strap says its heart rate in its advertisements (see `gateway.codecs.polar_advertising`). That takes no slot, so
it is what is left when no link can be had. It is poorer than a link (no RR intervals, losses are not noticed, the same
value is heard several times), so a link that stands ends it at once.
"""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from vitals.units import MonotonicMs

UNLINKED_MS: Final = 5_000
"""A strap that has no link for so long gets its readings from its calls, whatever the reason: its attempts fail, or it
stands in the queue of a busy radio. One that finds no free slot gets them at once."""

PERIOD_MS: Final = 1_000
"""At most one reading in so long: what a link gives."""

SILENT_MS: Final = 5_000
"""After so long without a new value the fallback is over too."""


class Broadcast(Struct, frozen=True, kw_only=True):
    """What is known of a strap's calls while it has no link.

    Attributes:
        unlinked_ms: since when it has none.
        counter: of the last frame that was taken, or of the first one that was heard.
        taken_ms: when the last reading was made.
    """

    unlinked_ms: MonotonicMs
    counter: int | None = None
    taken_ms: MonotonicMs | None = None

    def is_live(self, now_ms: MonotonicMs) -> bool:
        """Return whether readings come this way now."""
        return self.taken_ms is not None and now_ms - self.taken_ms <= SILENT_MS


def begin_broadcast(now_ms: MonotonicMs) -> Broadcast:
    """Return the state of a strap that has no link as of now."""
    return Broadcast(unlinked_ms=now_ms)


def hear_frame(before: Broadcast, counter: int, *, now_ms: MonotonicMs, lacks_slot: bool) -> tuple[Broadcast, bool]:
    """Return the state after one advertisement with a heart rate, and whether it is a new reading.

    The counter must have moved: a strap that repeats one frame for ever (a frozen one, a replayed one) must not look
    alive, so the very first frame that is heard is none either.

    Args:
        before: the state.
        counter: the frame's, 0..7.
        now_ms: when it was heard.
        lacks_slot: whether the strap waits for a slot.
    """
    if before.counter is None:
        return replace(before, counter=counter), False
    if counter == before.counter:
        return before, False
    is_wanted = lacks_slot or now_ms - before.unlinked_ms >= UNLINKED_MS
    is_due = before.taken_ms is None or now_ms - before.taken_ms >= PERIOD_MS
    if not (is_wanted and is_due):
        return before, False
    return replace(before, counter=counter, taken_ms=now_ms), True
