"""When a sensor was heard, and the times between: losses that took no number, because nobody heard anything to number.

Pure. A silence is what lies between two stretches of being heard. Its cause is what changed between them: the run, the
gateway, or nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from ingest.store.streams import GapCause
from vitals.readings import RunId

SILENCE_MS: Final = 5_000
"""A longer time without a reading is a gap: where rules give up a hold and traces are cut. Sensors tell each second or
two. A hand-over is a gap however short it is."""


class Heard(Struct, frozen=True, kw_only=True):
    """A stretch of one stream without a silence: its first and last reading, on the clock of its run."""

    source: str
    run: RunId
    stream: int
    first: int
    last: int
    from_ms: int
    to_ms: int
    offset_ms: int

    @property
    def from_utc_ms(self) -> int:
        """When it begins."""
        return self.from_ms + self.offset_ms

    @property
    def to_utc_ms(self) -> int:
        """When it ends."""
        return self.to_ms + self.offset_ms


class Silence(Struct, frozen=True, kw_only=True):
    """A time without readings. ``run``: that of the reading before, else of the one after; empty: there is neither."""

    run: RunId | None
    cause: GapCause
    from_utc_ms: int
    to_utc_ms: int


def find_silences(heard: Iterable[Heard], *, from_utc_ms: int, to_utc_ms: int | None) -> Iterator[Silence]:
    """Yield the silences of one sensor and kind from a time to a time, oldest first.

    Args:
        heard: when it was heard in that time, in any order; stretches may overlap.
        from_utc_ms: when it began to be worn.
        to_utc_ms: when that ended; ``None``: not yet, so what comes after the last reading is no silence so far.
    """
    ordered = sorted(heard, key=lambda one: one.from_utc_ms)
    if not ordered:
        if to_utc_ms is not None and to_utc_ms - from_utc_ms > SILENCE_MS:
            yield Silence(run=None, cause=GapCause.NOT_HEARD, from_utc_ms=from_utc_ms, to_utc_ms=to_utc_ms)
        return
    if ordered[0].from_utc_ms - from_utc_ms > SILENCE_MS:
        yield Silence(
            run=ordered[0].run,
            cause=GapCause.NOT_HEARD,
            from_utc_ms=from_utc_ms,
            to_utc_ms=ordered[0].from_utc_ms,
        )
    before = ordered[0]
    for after in ordered[1:]:
        silence = _between(before, after)
        if silence is not None:
            yield silence
        if after.to_utc_ms >= before.to_utc_ms or after.run == before.run:
            before = after
    if to_utc_ms is not None and to_utc_ms - before.to_utc_ms > SILENCE_MS:
        yield Silence(run=before.run, cause=GapCause.NOT_HEARD, from_utc_ms=before.to_utc_ms, to_utc_ms=to_utc_ms)


def _between(before: Heard, after: Heard) -> Silence | None:
    if before.stream == after.stream and after.first > before.last + 1:
        return None  # numbered, so it was heard: a recorded gap, or still on its way
    # In one run its own clock tells how long it was; between runs there is only the wall clock.
    if before.run == after.run:
        cause, length_ms = GapCause.NOT_HEARD, after.from_ms - before.to_ms
    else:
        cause = GapCause.HAND_OVER if before.source != after.source else GapCause.RESTARTED
        length_ms = after.from_utc_ms - before.to_utc_ms
    if length_ms <= (0 if cause is GapCause.HAND_OVER else SILENCE_MS):
        return None
    return Silence(run=before.run, cause=cause, from_utc_ms=before.to_utc_ms, to_utc_ms=after.from_utc_ms)
