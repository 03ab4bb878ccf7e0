"""Clock anchors: pairs of monotonic and wall time of one run, from which the UTC of a reading is computed when read.

Pure: the times come in. A step of the wall clock (a person, the first NTP answer, a suspended machine) becomes one
more anchor; readings carry monotonic time only and do not notice.
"""

from typing import Final

from vitals.sensors import ClockAnchor
from vitals.units import MonotonicMs, UtcMs

STEP_MS: Final = 250
"""A wall clock that is further from where the last anchor puts it has stepped. Ordinary NTP slewing (500 ppm at most)
takes eight minutes for it, so an hour of slewing costs seven anchors."""

ANCHORS_MAX: Final = 64


def note_anchor(
    anchors: tuple[ClockAnchor, ...], *, mono_ms: MonotonicMs, utc_ms: UtcMs, synchronised: bool | None
) -> tuple[ClockAnchor, ...]:
    """Return the anchors after a look at both clocks: the same tuple, unless there is something new to say.

    A new anchor is due at the start, when the wall clock has stepped by more than `STEP_MS`, and when the machine
    begins or ceases to follow a time server.

    Args:
        anchors: oldest first; empty at the start.
        mono_ms: the run's monotonic time of the look.
        utc_ms: the wall clock's time of the look.
        synchronised: whether the wall clock follows a time server; None where the machine does not tell.
    """
    now = ClockAnchor(mono_ms=mono_ms, utc_ms=utc_ms, synchronised=synchronised)
    if not anchors:
        return (now,)
    newest = anchors[-1]
    has_stepped = abs(utc_ms - (newest.utc_ms + mono_ms - newest.mono_ms)) > STEP_MS
    if not has_stepped and synchronised == newest.synchronised:
        return anchors
    if len(anchors) < ANCHORS_MAX:
        return (*anchors, now)
    # The first one is kept: readings before all others are placed by it.
    return (anchors[0], *anchors[2:], now)
