"""Everything the engine knows, as plain objects that go to disk and back without loss.

Times of our clock are typed `MonotonicMs` without exception: `memory.rebase` moves them by their type after a reboot.
"""

from typing import Final

from msgspec import Struct, field

from analysis.core.condition import IDLE, ConditionState
from analysis.core.exertion.meter import Meter
from analysis.core.quality.agreement import PairState
from analysis.core.quality.oximeter import OximeterState
from analysis.core.quality.strap import StrapState
from analysis.core.quality.swap import SwapState
from analysis.core.rules import Watch
from analysis.core.shape import Shape
from analysis.core.silence import Silence
from analysis.core.track import Track
from analysis.core.trend import Trend
from vitals.alarms import AlarmState, AudioState, RuleId
from vitals.commands import CommandAnswer
from vitals.participants import ParticipantId
from vitals.parts import Watched
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import Phase, RosterEntry, SessionId
from vitals.units import MonotonicMs, UtcMs

STATE_VERSION: Final = 6
"""Shape of this state. One of another version is not guessed at: analysis starts without memory and says so."""

STREAMS_MAX: Final = 8
"""Runs remembered for each sensor: a gateway that restarts more often than that within a class has other troubles."""

HOLES_MAX: Final = 64
"""Stretches of missed readings remembered for each stream; a reading out of a forgotten one counts as a duplicate."""


class Stream(Struct, kw_only=True, omit_defaults=True):
    """What was heard of one run's numbers: the highest, and the stretches below it that are missing."""

    last_seq: int
    holes: list[tuple[int, int]] = []


class Sensor(Struct, kw_only=True, omit_defaults=True):
    """One assigned sensor: whose it is, what of it was heard, and whether it is on the body."""

    sensor: SensorId
    kind: SensorKind
    gateway: GatewayId
    participant: ParticipantId
    from_utc_ms: UtcMs
    assigned_ms: MonotonicMs
    """When its assignment reached us."""
    run: str = ""
    seq: int = 0
    """Of the newest reading that told something; names a NO_DATA alarm."""
    silence: Silence = field(default_factory=Silence)
    trust: Silence = field(default_factory=Silence)
    """As ``silence``, of values that the rules were given."""
    is_missed: bool = False
    """Whether NO_DATA or QUESTIONABLE may be on."""
    contact: ConditionState = IDLE
    ghost: ConditionState = IDLE
    battery: ConditionState = IDLE
    strap: StrapState = field(default_factory=StrapState)
    oximeter: OximeterState = field(default_factory=OximeterState)
    streams: dict[str, Stream] = {}


class Person(Struct, kw_only=True, omit_defaults=True):
    """One participant of a session, with a track for each vital sign and each derived value."""

    session: SessionId
    entry: RosterEntry
    phase: Phase
    tracks: dict[Watch, Track]
    phase_since_ms: MonotonicMs = MonotonicMs(0)
    """When staff set the phase; 0: it is the first one that we know of."""
    heard: dict[Watch, SensorId] = {}
    """The sensor that told each vital sign last."""
    shape: Shape = field(default_factory=Shape)
    trends: dict[Watch, Trend] = {}
    meter: Meter = field(default_factory=Meter)
    pair: PairState = field(default_factory=PairState)
    disagree: ConditionState = IDLE


class Life(Struct, kw_only=True, omit_defaults=True):
    """One watched part. ``back_ms``: when it was first heard after a loss, or in a new run."""

    watched: Watched
    back_ms: MonotonicMs | None = None
    slots: ConditionState = IDLE
    clock: ConditionState = IDLE


class Counters(Struct, kw_only=True):
    """What came in and went out, since the snapshot began; for the heartbeat."""

    readings: int = 0
    duplicates: int = 0
    late: int = 0
    unassigned: int = 0
    alarms: int = 0
    found_afterwards: int = 0
    commands: int = 0


class EngineState(Struct, kw_only=True):
    """The whole; dictionaries keep their order on the way to disk and back."""

    version: int = STATE_VERSION
    rules_hash: str = ""
    """Rules by which conditions were judged so far."""
    rosters: dict[SessionId, int] = {}
    """Versions, by session."""
    people: dict[ParticipantId, Person] = {}
    sensors: dict[SensorId, Sensor] = {}
    swaps: dict[SessionId, SwapState] = {}
    lives: dict[str, Life] = {}
    """By ``part/instance``."""
    alarms: dict[str, AlarmState] = {}
    """By ``subject/rule``: every alarm whose signal is not off."""
    ended: dict[str, tuple[MonotonicMs, MonotonicMs]] = {}
    """Breach and end of the last alarm of each person and rule, to know it again in late readings."""
    audio: AudioState = AudioState()
    handled: dict[str, CommandAnswer] = {}
    counters: Counters = field(default_factory=Counters)
    listening_since_ms: MonotonicMs | None = None
    """None: nothing can reach us, so silence says nothing about anybody."""
    ticked_ms: MonotonicMs | None = None
    refreshed_ms: MonotonicMs = MonotonicMs(0)
    swept_until_ms: MonotonicMs = MonotonicMs(0)
    """No silence can become an alarm before."""
    has_late: bool = False
    """Late readings may have left something open."""
    utc_offset_ms: int = 0
    """Wall clock minus our clock, as of the last tick."""


def key_of(subject: str, rule: RuleId) -> str:
    """Return the key of an alarm; unique, because ids hold no slash."""
    # A rule id is its own text; this is asked for several times with each reading.
    return subject + "/" + rule
