"""A stored class exactly as it was seen: the engine given once more what its journal says that it was given."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from analysis.core.engine import Engine
from analysis.core.events import (
    CommandArrived,
    Effect,
    Event,
    Listening,
    PartHeard,
    ReadingHeard,
    RosterChanged,
    RosterCleared,
    Tick,
)
from analysis.core.memory import decode_state, encode_state, rebase, unpack_state
from analysis.core.rules import RuleSet
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
from vitals.parts import PartStatus
from vitals.readings import Reading
from vitals.sensors import SensorKind, SensorState, SensorStatus
from vitals.sessions import GenerationMode
from vitals.units import MonotonicMs

FindReading = Callable[[JournalStream, int], Reading | None]
"""Returns a stored reading by its stream and number, None when the record does not have it."""


class Replay:
    """Feeds the journal's entries, in their order, to an engine of its own.

    ``engine`` is None until an entry tells where to begin: the start of a run without memory, or a checkpoint.
    ``missing``: readings that the record does not have; ``skipped``: those that the journal never named. With neither,
    the effects are those of the class, bit for bit.
    """

    def __init__(self, find_reading: FindReading) -> None:
        self._find_reading = find_reading
        self._rules: RuleSet | None = None
        self.engine: Engine | None = None
        self.missing = 0
        self.skipped = 0

    def feed(self, entry: JournalEntry) -> Iterator[tuple[Event, Sequence[Effect]]]:
        """Yield what the engine is given, and what follows from it.

        Raises:
            StorageError: a checkpoint is damaged, or of another version of this program.
        """
        self.skipped += entry.skipped
        for noted in entry.events:
            match noted:
                case Began():
                    self._begin(noted)
                case Checkpoint():
                    # What was replayed so far is the same, or more exact than nothing.
                    if self.engine is None and self._rules is not None:
                        self.engine = Engine(unpack_state(noted.state), rules=self._rules)
                case _:
                    event = self._event(noted, entry)
                    if self.engine is not None and event is not None:
                        yield event, self.engine.step(event)

    @property
    def rules(self) -> RuleSet | None:
        """The rules that the last entry named, or that were given."""
        return self._rules

    def use_rules(self, rules: RuleSet) -> None:
        """Judge by these rules until an entry names others: for a journal whose beginning is not at hand."""
        self._rules = rules

    def _begin(self, began: Began) -> None:
        self._rules = msgspec.json.decode(began.rules_json, type=RuleSet)
        if began.fresh:
            self.engine = Engine(EngineState(), rules=self._rules)
        elif self.engine is not None:
            state = decode_state(encode_state(self.engine.state))
            self.engine = Engine(rebase(state, by_ms=began.moved_ms) if began.moved_ms else state, rules=self._rules)

    def _event(self, noted: Noted, entry: JournalEntry) -> Event | None:
        """Return what the engine was given, None for a reading that the record does not have."""
        match noted:
            case Consumed():
                reading = self._find_reading(entry.streams[noted.stream], noted.seq)
                if reading is None:
                    self.missing += 1
                    return None
                return ReadingHeard(reading=reading, stream_ms=noted.stream_mono_ms, received_ms=noted.received_mono_ms)
            case Ticked():
                return Tick(now_ms=noted.mono_ms, now_utc_ms=noted.utc_ms)
            case Listened():
                return Listening(up=noted.up, now_ms=noted.mono_ms, now_utc_ms=noted.utc_ms)
            case PartNoted():
                return PartHeard(status=_status(noted), retained=noted.retained, now_ms=noted.mono_ms)
            case CommandNoted():
                return CommandArrived(command=noted.command, now_ms=noted.mono_ms)
            case RosterNoted():
                return RosterChanged(roster=noted.roster, now_ms=noted.mono_ms)
            case RosterGone():
                return RosterCleared(session=noted.session, now_ms=noted.mono_ms)
            case _:
                return None


def _status(noted: PartNoted) -> PartStatus:
    """Return as much of a heartbeat as decides."""
    waiting = set(noted.waiting)
    sensors = [*noted.batteries, *(sensor for sensor in noted.waiting if sensor not in noted.batteries)]
    return PartStatus(
        part=noted.part,
        instance=noted.instance,
        run=noted.run,
        state=noted.state,
        generation_mode=GenerationMode.REPLAYED,
        clock_rate=noted.clock_rate,
        mono_ms=MonotonicMs(0),
        utc_ms=noted.utc_ms,
        sensors=tuple(
            SensorStatus(
                sensor=sensor,
                # Neither is part of any decision.
                kind=SensorKind.STRAP,
                state=SensorState.STREAMING,
                since_mono_ms=MonotonicMs(0),
                battery_pct=noted.batteries.get(sensor),
                waits_for_slot=sensor in waiting,
            )
            for sensor in sensors
        ),
    )
