"""Analysis' journal in the making: what the engine was given since the last entry, in order."""

from typing import Final, assert_never

from analysis.core.events import (
    CommandArrived,
    Event,
    Listening,
    PartHeard,
    ReadingHeard,
    RosterChanged,
    RosterCleared,
    Tick,
)
from analysis.core.memory import pack_state
from analysis.core.rules import PART_RULES
from analysis.core.state import EngineState
from vitals.journal import (
    Began,
    Checkpoint,
    CommandNoted,
    Consumed,
    JournalEntry,
    JournalStream,
    Listened,
    Noted,
    PartNoted,
    RosterGone,
    RosterNoted,
    Ticked,
)
from vitals.readings import RunId, kind_of
from vitals.units import MonotonicMs, UtcMs

EVENTS_MAX: Final = 20_000
"""A second of 300 people has 600; more than this is a flood, of which the journal keeps the first."""

CHECKPOINT_BYTES_MAX: Final = 65_536
"""Thirty people have some 20 kB. Of a larger crowd a replay begins at the start of the run instead."""


class Diary:
    """Collects one entry at a time."""

    def __init__(self) -> None:
        self._streams: dict[JournalStream, int] = {}
        self._events: list[Noted] = []
        self._skipped = 0
        self.skipped = 0
        """Readings that floods kept out of the journal."""

    def begin(self, began: Began) -> None:
        """Note the start of this run."""
        self._events.append(began)

    def note(self, event: Event, state: EngineState) -> None:
        """Take an event before the engine is given it; ``state`` is the engine's, which knows what will decide."""
        match event:
            case ReadingHeard():
                self._note_reading(event, state)
            case Tick():
                self._events.append(Ticked(event.now_ms, event.now_utc_ms))
            case PartHeard():
                if event.status.part in PART_RULES:
                    self._note_part(event)
            case Listening():
                self._events.append(Listened(event.now_ms, event.now_utc_ms, event.up))
            case CommandArrived():
                self._events.append(CommandNoted(event.now_ms, event.command))
            case RosterChanged():
                self._note_roster(event, state)
            case RosterCleared():
                self._events.append(RosterGone(event.now_ms, event.session))
            case _ as never:
                assert_never(never)

    def close_entry(
        self, *, run: RunId, seq: int, mono_ms: MonotonicMs, utc_ms: UtcMs, state: EngineState
    ) -> JournalEntry:
        """Return everything since the last entry and begin the next."""
        entry = JournalEntry(
            run=run,
            seq=seq,
            mono_ms=mono_ms,
            utc_ms=utc_ms,
            streams=tuple(self._streams),
            events=tuple(self._events),
            rosters={str(session): version for session, version in state.rosters.items()},
            rules_hash=state.rules_hash,
            skipped=self._skipped,
        )
        self._streams, self._events, self._skipped = {}, [], 0
        return entry

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened since the last entry."""
        return not self._events and not self._skipped

    def _note_reading(self, event: ReadingHeard, state: EngineState) -> None:
        reading = event.reading
        if reading.sensor not in state.sensors:
            return
        if len(self._events) >= EVENTS_MAX:
            self._skipped += 1
            self.skipped += 1
            return
        key = JournalStream(reading.run, reading.sensor, kind_of(reading))
        index = self._streams.setdefault(key, len(self._streams))
        self._events.append(Consumed(index, reading.seq, event.received_ms, event.stream_ms))

    def _note_part(self, event: PartHeard) -> None:
        status = event.status
        self._events.append(
            PartNoted(
                event.now_ms,
                event.retained,
                status.part,
                status.instance,
                status.run,
                status.state,
                status.utc_ms,
                status.clock_rate,
                tuple(sensor.sensor for sensor in status.sensors if sensor.waits_for_slot),
                {sensor.sensor: sensor.battery_pct for sensor in status.sensors if sensor.battery_pct is not None},
            )
        )

    def _note_roster(self, event: RosterChanged, state: EngineState) -> None:
        roster = event.roster
        known = state.rosters.get(roster.session)
        if known is None and roster.ended_utc_ms is None:
            packed = pack_state(state)
            if len(packed) <= CHECKPOINT_BYTES_MAX:
                self._events.append(Checkpoint(event.now_ms, packed))
        if roster.ended_utc_ms is not None or known is None or roster.version > known:
            self._events.append(RosterNoted(event.now_ms, roster))
