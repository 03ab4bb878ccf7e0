"""Emergencies of the open classes: begun, written down step by step, ended; told to every screen at once.

Every step is an entry on its way to the record, so it survives a restart of this server, of the record and of the
broker: what is stored is read back, what is not yet stored still waits in the file of commands.
"""

import asyncio
import logging
from typing import Final

import msgspec

from dashboard.desk import Desk
from dashboard.emergency.script import Role, Script
from dashboard.emergency.timeline import (
    BEGAN,
    ENDED,
    OWN_STEPS,
    ROLE,
    UNDONE,
    Emergency,
    find_running,
    read_emergencies,
)
from dashboard.entry_desk import EntryDesk
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from ingest.store.reader import RecordReader
from vitals.entries import EmergencyStep, Entry, EntryId
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.sessions import SessionId

logger: Final = logging.getLogger(__name__)

RETRY_S: Final = 2.0
"""A record that cannot be read is asked again after so long; what is not stored yet is known all the same."""

STEPS_MAX: Final = 2_000
"""Steps of one class; an hour with one each 2 s."""


class EmergencyDesk:
    """Takes the steps; what became of them the record tells."""

    def __init__(
        self, *, entry_desk: EntryDesk, desk: Desk, room: Room, ticker: Ticker, reader: RecordReader, script: Script
    ) -> None:
        """Keep the tools, know what waits; `run` reads what is stored."""
        self.script: Final = script
        self._entry_desk: Final = entry_desk
        self._desk: Final = desk
        self._room: Final = room
        self._ticker: Final = ticker
        self._reader: Final = reader
        self._entries: Final[dict[SessionId, dict[EntryId, Entry]]] = {}

    async def run(self) -> None:
        """Read the steps of the class that was open at the start, as soon as the record can be read."""
        session = self._desk.open_session(self._room.name)
        if session is None:
            return
        id_ = session.roster.session
        self._take(id_, self._entry_desk.waiting(id_, None))
        while True:
            try:
                stored = await asyncio.to_thread(self._reader.entries, id_)
            except StorageError as error:
                logger.info(f"emergencies are not read yet session={id_} {error}")
                await asyncio.sleep(RETRY_S)
                continue
            self._take(id_, stored)
            return

    def emergencies(self, session: SessionId) -> tuple[Emergency, ...]:
        """Return those of a class that this server knows by heart: the running and the past ones of an open class."""
        return read_emergencies(self._entries.get(session, {}).values())

    def begin(self, session: SessionId, participant: ParticipantId | None, *, by: str) -> Emergency:
        """Begin an emergency of a person, or of the class; one that runs already is that one.

        Raises:
            InputError: no such class or person, or it has ended.
        """
        running = find_running(self.emergencies(session), participant)
        if running is None:
            self._add(session, participant, EmergencyStep(step=BEGAN), by=by)
            logger.warning(f"emergency begun session={session} participant={participant or '-'}")
        return self._running(session, participant)

    def write(
        self, session: SessionId, participant: ParticipantId | None, step: EmergencyStep, *, by: str
    ) -> Emergency:
        """Write down one step of a running emergency.

        Raises:
            InputError: none runs for this person, the step or role is none, or the class has ended.
        """
        self._desk.require_open(session)
        before = self._running(session, participant)
        if step.step == BEGAN:
            return before
        lines = {line.id for line in self.script.lines}
        if step.step not in OWN_STEPS and step.step not in lines:
            raise InputError("step", f"{step.step!r} is no line of the script", InputReason.UNKNOWN_NAME)
        if step.step == UNDONE and step.text not in before.done:
            raise InputError("text", f"{step.text[:64]!r} is not done", InputReason.CONFLICT)
        if step.step == ROLE and step.role not in set(Role):
            raise InputError("role", f"{step.role!r} is none of {', '.join(Role)}", InputReason.UNKNOWN_NAME)
        if len(self._entries.get(session, {})) >= STEPS_MAX and step.step != ENDED:
            raise InputError("step", f"more than {STEPS_MAX} steps in this class", InputReason.CONFLICT)
        if step.step in lines and not step.text:
            # What the checklist said then is kept with it: a later version of the script must not rewrite the past.
            words = next(line.en for line in self.script.lines if line.id == step.step)
            step = msgspec.structs.replace(step, text=words)
        self._add(session, participant, step, by=by)
        found = self.emergencies(session)
        return next(one for one in found if one.id == before.id)

    def _running(self, session: SessionId, participant: ParticipantId | None) -> Emergency:
        running = find_running(self.emergencies(session), participant)
        if running is None:
            raise InputError("emergency", "none runs for this person", InputReason.CONFLICT)
        return running

    def _add(self, session: SessionId, participant: ParticipantId | None, step: EmergencyStep, *, by: str) -> None:
        taken = self._entry_desk.add(session, participant, step, by=by)
        self._take(session, (taken.entry,))

    def _take(self, session: SessionId, entries: tuple[Entry, ...]) -> None:
        kept = self._entries.setdefault(session, {})
        kept.update({entry.id: entry for entry in entries if isinstance(entry.body, EmergencyStep)})
        self._room.emergencies = {session: self.emergencies(session)}
        self._ticker.hurry()
