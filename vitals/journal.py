"""Analysis' journal: all that it decided from, in order, so that a stored class can be replayed as it was seen.

Readings are in the record and are only named here. Ticks, heartbeats, commands and rosters are nowhere else.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from vitals.commands import Command
from vitals.parts import Part, PartState
from vitals.passport import Passport
from vitals.readings import RunId
from vitals.sensors import SensorId
from vitals.sessions import Phase, Roster, SessionId
from vitals.units import MonotonicMs, UtcMs


class Began(Struct, frozen=True, array_like=True, tag="began"):
    """Analysis started. All times of the entries that follow are on this run's clock.

    ``fresh``: without memory of a run before. ``moved_ms``: what was remembered was moved by so much, onto the clock
    of a machine that was started anew. ``rules_json``: the whole rule set that the hash names.
    """

    mono_ms: MonotonicMs
    utc_ms: UtcMs
    fresh: bool
    moved_ms: int
    rules_json: str


class Checkpoint(Struct, frozen=True, array_like=True, tag="checkpoint"):
    """The engine's memory at this place, packed, before a new session begins: a replay can begin here."""

    mono_ms: MonotonicMs
    state: bytes


class Consumed(Struct, frozen=True, array_like=True, tag="r"):
    """One reading as analysis took it: which stream (index into `JournalEntry.streams`), seq, and when it came."""

    stream: int
    seq: int
    received_mono_ms: MonotonicMs
    stream_mono_ms: MonotonicMs
    """The reading's own time on analysis' clock."""


class Ticked(Struct, frozen=True, array_like=True, tag="t"):
    """Time has passed."""

    mono_ms: MonotonicMs
    utc_ms: UtcMs


class Listened(Struct, frozen=True, array_like=True, tag="l"):
    """The broker was found or lost."""

    mono_ms: MonotonicMs
    utc_ms: UtcMs
    up: bool


class PartNoted(Struct, frozen=True, array_like=True, tag="p"):
    """A heartbeat or will: what of it decides. ``waiting``: sensors without a radio; ``batteries``: in %."""

    mono_ms: MonotonicMs
    retained: bool
    part: Part
    instance: str
    run: RunId
    state: PartState
    utc_ms: UtcMs
    clock_rate: float
    waiting: tuple[SensorId, ...] = ()
    batteries: dict[SensorId, int] = {}


class CommandNoted(Struct, frozen=True, array_like=True, tag="c"):
    """A command, perhaps one that was handled before."""

    mono_ms: MonotonicMs
    command: Command


class RosterNoted(Struct, frozen=True, array_like=True, tag="o"):
    """A roster that was put into effect."""

    mono_ms: MonotonicMs
    roster: Roster


class RosterGone(Struct, frozen=True, array_like=True, tag="g"):
    """A session's roster was cleared, or the session was found to be over."""

    mono_ms: MonotonicMs
    session: SessionId


Noted = Began | Checkpoint | Consumed | Ticked | Listened | PartNoted | CommandNoted | RosterNoted | RosterGone


class JournalStream(Struct, frozen=True, array_like=True):
    """A stream named once in an entry."""

    run: RunId
    subject: str
    kind: str


class JournalEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that was decided from since the last entry, in order; it is committed with what was decided.

    ``rosters`` maps session to version; ``rules_hash`` names the rule set. ``skipped``: readings that a flood kept out:
    a replay of this entry is not exact.
    """

    run: RunId
    seq: Annotated[int, Meta(ge=0)]
    mono_ms: MonotonicMs
    utc_ms: UtcMs
    streams: tuple[JournalStream, ...] = ()
    events: tuple[Noted, ...] = ()
    rosters: dict[str, int] = {}
    rules_hash: str = ""
    skipped: int = 0

    @property
    def consumed(self) -> tuple[Consumed, ...]:
        """The readings among the events."""
        return tuple(event for event in self.events if isinstance(event, Consumed))


class JournalMessage(Struct, frozen=True, kw_only=True):
    """What travels on the journal topic."""

    v: Literal[1] = 1
    sent_mono_ms: MonotonicMs
    body: JournalEntry


class Exertion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one person has done in this class so far, as far as heart rate and machines told.

    Seconds below, in and above the zone; ``valid_s``: with a good heart rate at all. ``banister`` and ``edwards``:
    training load, 0 without a peak rate. ``met``: now; ``met_min``: METs times minutes. ``drift_pct``:
    cardiac drift at constant work. ``recovery_*``: fall of the heart rate after the last bout, bpm; no verdict.
    """

    hr_smooth_bpm: float | None = None
    below_s: int = 0
    in_s: int = 0
    above_s: int = 0
    valid_s: int = 0
    banister: float = 0.0
    edwards: float = 0.0
    met: float | None = None
    met_min: float = 0.0
    met_peak: float = 0.0
    drift_pct: float | None = None
    recovery_peak_bpm: float | None = None
    recovery_1_min_bpm: float | None = None
    recovery_2_min_bpm: float | None = None


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
    exertion: Exertion | None = None
    hr: Passport | None = None
    spo2: Passport | None = None
