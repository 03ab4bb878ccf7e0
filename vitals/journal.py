"""Analysis' journal: what it consumed, in order, so that a stored class can be replayed exactly as it was seen."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from vitals.passport import Passport
from vitals.readings import RunId
from vitals.sessions import Phase
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
    """What analysis makes of one participant's readings (not retained, at most 1 Hz).

    ``mono_ms``: of the newest good heart rate, else of the statement. ``hrr_pct`` and ``zone``: None without a fresh
    good heart rate. ``hr_limit_in_s``, ``spo2_limit_in_s``: in how many seconds the nearer limit is reached if it goes
    on like this, None: not within a minute; it colours a tile and is never an alarm. ``phase_proposed``: what work and
    heart rate suggest; only staff set a phase. ``hr``, ``spo2``: how far the newest values may be trusted.
    """

    v: Literal[1] = 1
    participant: str
    mono_ms: MonotonicMs
    hrr_pct: float | None = None
    zone: Literal["below", "in", "above"] | None = None
    hr_slope_bpm_per_min: float | None = None
    hr_limit_in_s: int | None = None
    spo2_limit_in_s: int | None = None
    phase_proposed: Phase | None = None
    hr: Passport | None = None
    spo2: Passport | None = None
