"""Analysis' journal: what it consumed, in order, so that a stored class can be replayed exactly as it was seen."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from vitals.readings import RunId
from vitals.units import MonotonicMs, UtcMs


class Consumed(Struct, frozen=True, array_like=True):
    """One reading as analysis took it: which stream (index into `JournalEntry.streams`), seq, and when it came."""

    stream: int
    seq: int
    received_mono_ms: MonotonicMs
    stream_mono_ms: MonotonicMs
    """The reading's own time on analysis' clock."""


class JournalStream(Struct, frozen=True, array_like=True):
    """A stream named once in an entry."""

    run: RunId
    subject: str
    kind: str


class JournalEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tick: everything consumed since the last one, in order, then the tick itself.

    ``commands`` are ids in the order they were handled; ``rosters`` maps session to version; ``rules_hash`` names the
    rule set.
    """

    run: RunId
    seq: Annotated[int, Meta(ge=0)]
    mono_ms: MonotonicMs
    utc_ms: UtcMs
    streams: tuple[JournalStream, ...] = ()
    consumed: tuple[Consumed, ...] = ()
    commands: tuple[str, ...] = ()
    rosters: dict[str, int] = {}
    rules_hash: str = ""


class JournalMessage(Struct, frozen=True, kw_only=True):
    """What travels on the journal topic."""

    v: Literal[1] = 1
    sent_mono_ms: MonotonicMs
    body: JournalEntry


class Derived(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What analysis makes of one participant's readings (not retained, at most 1 Hz): %HRR and zone position."""

    v: Literal[1] = 1
    participant: str
    mono_ms: MonotonicMs
    hrr_pct: float | None = None
    zone: Literal["below", "in", "above"] | None = None
