"""Takes people out of what names several: rosters, entries of the journal, checkpoints in them. Pure.

The others stay as they were, so that their reports and the replay of their class do.
"""

from collections.abc import Set as AbstractSet

import msgspec
from msgspec import structs

from analysis.core.memory import pack_state, unpack_state
from analysis.core.state import EngineState
from vitals.errors import StorageError
from vitals.journal import Checkpoint, CommandNoted, JournalEntry, Noted, RosterNoted
from vitals.sessions import Roster
from vitals.wire import encode


def names(participant: str) -> str:
    """Return how JSON names somebody: a cheap look whether a text does."""
    return msgspec.json.encode(participant).decode()


def blot_roster(roster: Roster, gone: AbstractSet[str]) -> Roster:
    """Return a roster without those people."""
    entries = tuple(entry for entry in roster.entries if entry.participant not in gone)
    return roster if len(entries) == len(roster.entries) else structs.replace(roster, entries=entries)


def blot_entry(entry: JournalEntry, gone: AbstractSet[str]) -> JournalEntry:
    """Return an entry of the journal without those people; what they alone are in is left out."""
    events = tuple(left for event in entry.events if (left := _blot_event(event, gone)) is not None)
    return structs.replace(entry, events=events)


def _blot_event(event: Noted, gone: AbstractSet[str]) -> Noted | None:
    match event:
        case RosterNoted():
            return structs.replace(event, roster=blot_roster(event.roster, gone))
        case CommandNoted():
            told = encode(event.command.body).decode()
            return None if any(names(one) in told for one in gone) else event
        case Checkpoint():
            try:
                state = unpack_state(event.state)
            except StorageError:
                return None  # of another version of this program: nobody can read it, so nobody needs it
            return Checkpoint(event.mono_ms, pack_state(_blot_state(state, gone)))
        case _:
            return event


def _blot_state(state: EngineState, gone: AbstractSet[str]) -> EngineState:
    state.people = {name: person for name, person in state.people.items() if name not in gone}
    worn = {sensor for sensor, known in state.sensors.items() if known.participant in gone}
    for sensor in worn:
        del state.sensors[sensor]
    state.alarms = {
        key: alarm for key, alarm in state.alarms.items() if alarm.participant not in gone and alarm.subject not in gone
    }
    state.ended = {key: span for key, span in state.ended.items() if key.partition("/")[0] not in gone}
    return state
