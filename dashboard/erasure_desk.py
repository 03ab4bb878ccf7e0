"""Has a person forgotten everywhere: here at once, and by every other owner of a file, asked until it answers.

What is asked is kept before anybody is asked, so that a restart goes on where it was. What cannot be undone is refused
while it would spoil something: nobody is forgotten who is in a class that has not ended.
"""

import logging
import secrets
from typing import Final

from dashboard.clinic import Clinic
from dashboard.erasure.erasures import Erasures, ErasureStep
from dashboard.review.review_desk import ReviewDesk
from dashboard.ticker import Ticker
from dashboard.view.room import Room
from vitals.commanding import CommandSender
from vitals.commands import Command, CommandAnswer, CommandId, EraseParticipant
from vitals.errors import InputError, InputReason, StorageError
from vitals.participants import ParticipantId
from vitals.parts import Part
from vitals.units import UtcMs

logger: Final = logging.getLogger(__name__)

OTHERS: Final = (Part.INGEST, Part.ALERTS)
"""Who owns a file with people in it, besides this server. Analysis forgets a class when it ends; gateways know none."""

REVIEW: Final = "review"


class ErasureDesk:
    """Takes wishes to forget, and says how far they are."""

    def __init__(
        self, *, clinic: Clinic, review: ReviewDesk, commands: CommandSender, room: Room, ticker: Ticker
    ) -> None:
        """Keep the tools and listen for answers."""
        self._clinic: Final = clinic
        self._erasures: Final = Erasures(clinic.shelf)
        self._review: Final = review
        self._commands: Final = commands
        self._room: Final = room
        self._ticker: Final = ticker
        commands.on_answer(self._hear)

    async def erase(self, participant: ParticipantId, *, by: str, why: str) -> tuple[ErasureStep, ...]:
        """Forget somebody for good.

        Raises:
            InputError: the person is in a class that has not ended.
            StorageError: the disk did not take it; nothing was forgotten.
        """
        for session in self._clinic.open_sessions():
            if any(entry.participant == participant for entry in session.roster.entries):
                problem = f"{participant} is in class {session.roster.session}, which has not ended"
                raise InputError("participant", problem, InputReason.CONFLICT)
        now = self._ticker.now()
        owners = (*(part.value for part in OTHERS), Part.DASHBOARD.value, REVIEW)
        self._erasures.begin(
            ErasureStep(
                participant=participant,
                owner=owner,
                command=CommandId(secrets.token_hex(8)),
                asked_utc_ms=now.utc_ms,
                by=by,
                why=why,
                done_utc_ms=now.utc_ms if owner == Part.DASHBOARD else None,
                refused="",
            )
            for owner in owners
        )
        logger.info(f"erasure begun participant={participant}")
        await self.resume()
        return self.steps(participant)

    async def resume(self) -> None:
        """Ask again for what nobody has answered: after a start, and after each wish."""
        asked = {command.id for command in self._commands.pending}
        for step in self._erasures.steps():
            if step.done_utc_ms is not None or step.refused:
                continue
            if step.owner == REVIEW:
                await self._review.forget(step.participant)
                self._erasures.answered(step.command, at_utc_ms=self._ticker.now().utc_ms, refused="")
            elif step.command not in asked:
                self._commands.send(
                    Command(
                        id=step.command,
                        owner=step.owner,
                        by=step.by,
                        at_utc_ms=step.asked_utc_ms,
                        why=step.why,
                        body=EraseParticipant(participant=step.participant),
                    )
                )

    async def begin(self) -> None:
        """Go on at the start with what an earlier process left; what the disk does not give waits for the next one."""
        try:
            await self.resume()
        except (InputError, StorageError) as error:
            logger.warning(f"erasures wait why={error}")

    def steps(self, participant: ParticipantId) -> tuple[ErasureStep, ...]:
        """Return what became of one wish, owner by owner; nothing: nobody wished it."""
        return self._erasures.steps(participant)

    def kept_by_sink(self) -> int:
        """Return how many stretches of forgotten people the InfluxDB server has and does not delete."""
        found = self._room.parts.find(Part.INGEST)
        return 0 if found is None else found[1].watched.status.counters.get("sink_undeleted", 0)

    def _hear(self, command: Command, answer: CommandAnswer) -> None:
        if isinstance(command.body, EraseParticipant):
            refused = "" if answer.accepted else answer.reason or "refused"
            self._erasures.answered(command.id, at_utc_ms=UtcMs(self._ticker.now().utc_ms), refused=refused)
