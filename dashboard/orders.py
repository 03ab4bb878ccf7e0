"""Orders: what is asked of another part, which owns the state; repeated until it answers."""

import logging
import secrets
from typing import Final

from dashboard.clinic import Clinic
from dashboard.ticker import Ticker
from dashboard.view.parts import Moment
from dashboard.view.room import Room
from vitals.commanding import CommandSender
from vitals.commands import (
    Acknowledge,
    Command,
    CommandAnswer,
    CommandBody,
    CommandId,
    PauseAudio,
    RecordSession,
    Respond,
)
from vitals.parts import Part
from vitals.sessions import Roster

logger: Final = logging.getLogger(__name__)


class Orders:
    """Sends commands and hears what became of them."""

    def __init__(self, *, commands: CommandSender, clinic: Clinic, room: Room, ticker: Ticker) -> None:
        """Keep the tools and listen for answers."""
        self._commands: Final = commands
        self._clinic: Final = clinic
        self._room: Final = room
        self._ticker: Final = ticker
        commands.on_answer(self._hear_answer)

    def resume(self, *, now: Moment) -> None:
        """Ask again for what the record has not confirmed."""
        asked = {command.body.session for command in self._commands.pending if isinstance(command.body, RecordSession)}
        for old in self._clinic.unrecorded_sessions():
            if old.roster.session not in asked:
                self.record_end(old.roster, by=Part.DASHBOARD.value, now=now)
        self._show_pending()

    def send(self, owner: Part, body: CommandBody, *, by: str, now: Moment, why: str = "") -> Command:
        """Ask the owner of a state for something; repeated until it answers."""
        command = Command(
            id=CommandId(secrets.token_hex(8)), owner=owner.value, by=by, at_utc_ms=now.utc_ms, why=why, body=body
        )
        # A full disk keeps nobody from taking an alarm: it is asked for each second, and shown until it is done.
        self._commands.send(command, must_be_kept=not isinstance(body, Acknowledge | PauseAudio | Respond))
        self._show_pending()
        return command

    def say_once(self, owner: Part, body: CommandBody, *, by: str, now: Moment) -> None:
        """Tell another part what it may as well miss: said once, kept nowhere."""
        command_id = CommandId(secrets.token_hex(8))
        self._commands.say_once(Command(id=command_id, owner=owner.value, by=by, at_utc_ms=now.utc_ms, body=body))

    def record_end(self, roster: Roster, *, by: str, now: Moment, why: str = "") -> None:
        """Give the record the last roster of a class that has ended, or its corrected one."""
        self.send(Part.INGEST, RecordSession(session=roster.session, roster=roster), by=by, now=now, why=why)

    def _hear_answer(self, command: Command, answer: CommandAnswer) -> None:
        if not answer.accepted:
            logger.warning(f"command refused id={command.id} owner={command.owner} why={answer.reason}")
        if isinstance(command.body, RecordSession):
            self._clinic.mark_recorded(command.body.session, version=command.body.roster.version)
        self._show_pending()

    def _show_pending(self) -> None:
        self._room.sending = {
            command.body.alarm_id: command.by
            for command in self._commands.pending
            if isinstance(command.body, Acknowledge)
        }
        self._ticker.hurry()
