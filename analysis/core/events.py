"""What the engine hears and what it asks for: the whole of its contact with the world.

Events are tagged, for they go to disk as well: what was heard since the last snapshot is heard again after a crash.
"""

from msgspec import Struct

from vitals.alarms import AlarmState, AudioState, Change
from vitals.commands import Command, CommandAnswer
from vitals.parts import PartStatus
from vitals.readings import Reading
from vitals.sessions import Roster, SessionId
from vitals.units import MonotonicMs, UtcMs


class ReadingHeard(Struct, frozen=True, kw_only=True, tag=True):
    """A reading: its own time on our clock, and when it came."""

    reading: Reading
    stream_ms: MonotonicMs
    received_ms: MonotonicMs


class RosterChanged(Struct, frozen=True, kw_only=True, tag=True):
    """A roster, perhaps one that is known already."""

    roster: Roster
    now_ms: MonotonicMs


class RosterCleared(Struct, frozen=True, kw_only=True, tag=True):
    """A session's roster is gone: the session is over."""

    session: SessionId
    now_ms: MonotonicMs


class CommandArrived(Struct, frozen=True, kw_only=True, tag=True):
    """A command to analysis, perhaps one that was handled already."""

    command: Command
    now_ms: MonotonicMs


class PartHeard(Struct, frozen=True, kw_only=True, tag=True):
    """A heartbeat or a will; ``retained``: the broker's copy, which is no sign of life."""

    status: PartStatus
    retained: bool
    now_ms: MonotonicMs


class Listening(Struct, frozen=True, kw_only=True, tag=True):
    """Whether anything can reach us at all: sent at the start, and when the broker is lost or back."""

    up: bool
    now_ms: MonotonicMs
    now_utc_ms: UtcMs


class Tick(Struct, frozen=True, kw_only=True, tag=True):
    """Time has passed; also tells what the wall clock says."""

    now_ms: MonotonicMs
    now_utc_ms: UtcMs


Event = ReadingHeard | RosterChanged | RosterCleared | CommandArrived | PartHeard | Listening | Tick


class AlarmStateChanged(Struct, frozen=True, kw_only=True):
    """Publish an alarm retained; one whose signal is off: clear it."""

    alarm: AlarmState


class AlarmEventRaised(Struct, frozen=True, kw_only=True):
    """Write and publish one change; the shell numbers it."""

    change: Change
    alarm: AlarmState
    mono_ms: MonotonicMs
    utc_ms: UtcMs


class AudioChanged(Struct, frozen=True, kw_only=True):
    """Publish the room's audio state, retained."""

    audio: AudioState


class CommandAnswered(Struct, frozen=True, kw_only=True):
    """Name a command in the heartbeat, so that its sender stops repeating it."""

    answer: CommandAnswer


Effect = AlarmStateChanged | AlarmEventRaised | AudioChanged | CommandAnswered
