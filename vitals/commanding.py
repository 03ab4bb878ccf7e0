"""Sends commands: each is kept on disk and repeated until the status of its owner names it, over any restart."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import COMMAND_REPEAT_S, Command, CommandAnswer, CommandId, verb_of
from vitals.database import open_database, writing
from vitals.deadline import deadline
from vitals.errors import InputError, InputReason, PeerError, PeerReason, StorageError
from vitals.parts import PartStatus
from vitals.topics import CommandTopic, StatusTopic, topic_filter
from vitals.wire import decode, encode

logger: Final = logging.getLogger(__name__)

PENDING_MAX: Final = 256
"""More unanswered commands than that means that their owner is gone; who asks it for more is told so.

Of one owner: one that hangs takes no room of the others. A site has four parts that take commands, and its gateways.
"""
COMMAND_SCHEMA: Final = """
CREATE TABLE command (
    place INTEGER PRIMARY KEY, -- in the order in which they were given
    id TEXT NOT NULL UNIQUE,
    payload BLOB NOT NULL
);
"""


class CommandSender:
    """Commands on their way. Owners handle an id once and answer every repetition; see `Heartbeat.answer`."""

    def __init__(self, *, path: Path, bus: Bus, site: str, clock: Clock, hears_statuses: bool = True) -> None:
        """Open the file and take up what is still unanswered.

        Args:
            path: a small database of its own.
            bus: where commands go.
            site: first level of their topics.
            clock: for the second between repetitions.
            hears_statuses: subscribe to the statuses of all parts; False: the caller hands them to `hear_status`,
                because it is subscribed to them anyway.

        Raises:
            StorageError: the file cannot be used.
        """
        self._path = path
        self._connection = open_database(path, migrations=[COMMAND_SCHEMA])
        self._bus = bus
        self._site = site
        self._clock = clock
        self._answered: list[Callable[[Command, CommandAnswer], None]] = []
        self._wake = asyncio.Event()
        self._pending: dict[CommandId, Command] = {}
        self._unkept: set[CommandId] = set()
        for (payload,) in self._connection.execute("SELECT payload FROM command ORDER BY place").fetchall():
            try:
                kept: Command = decode(bytes(payload), Command, place=str(path))  # type: ignore[arg-type]
            except InputError as error:
                logger.error(f"kept command not understood {error}")  # noqa: TRY400 - stays in the file
                continue
            self._pending[kept.id] = kept
        if hears_statuses:
            bus.subscribe(topic_filter(StatusTopic, site=site), self._hear)
        bus.on_connected(self._wake.set)

    @property
    def pending(self) -> tuple[Command, ...]:
        """Commands without an answer, oldest first."""
        return tuple(self._pending.values())

    def on_answer(self, callback: Callable[[Command, CommandAnswer], None]) -> None:
        """Call back with each command and its answer, once."""
        self._answered.append(callback)

    def send(self, command: Command, *, must_be_kept: bool = True) -> None:
        """Keep a command on disk and begin to send it; an id that is already on its way is not sent twice.

        Args:
            command: to send.
            must_be_kept: False: sent also when the disk does not take it; then it is lost with this process.

        Raises:
            InputError: `PENDING_MAX` commands wait for its owner already.
            StorageError: the disk does not take it; it was not sent.
        """
        if command.id in self._pending:
            return
        waiting = sum(1 for one in self._pending.values() if one.owner == command.owner)
        if waiting >= PENDING_MAX:
            problem = f"{waiting} others wait for an answer of {command.owner}"
            raise InputError("command", problem, InputReason.TOO_LARGE)
        try:
            with writing(self._connection, self._path):
                self._connection.execute(
                    "INSERT INTO command (id, payload) VALUES (?, ?)", (command.id, encode(command))
                ).fetchall()
        except StorageError as error:
            if must_be_kept:
                raise
            logger.warning(f"command sent without being kept id={command.id} {error}")
            self._unkept.add(command.id)
        self._pending[command.id] = command
        self._wake.set()

    def say_once(self, command: Command) -> None:
        """Send what is no order but a piece of news: neither kept nor repeated, and lost without a broker."""
        topic = str(CommandTopic(site=self._site, owner=command.owner, verb=verb_of(command)))
        self._bus.send_soon(topic, encode(command))

    def hear_status(self, status: PartStatus) -> None:
        """Take the answers out of a part's status.

        Raises:
            StorageError: the disk does not take it; the command stays pending and the answer is heard again.
        """
        for answer in status.handled:
            command = self._pending.get(answer.id)
            if command is None or command.owner != status.part.value:
                continue
            if answer.id not in self._unkept:
                with writing(self._connection, self._path):
                    self._connection.execute("DELETE FROM command WHERE id = ?", (answer.id,)).fetchall()
            self._unkept.discard(answer.id)
            del self._pending[answer.id]
            for callback in self._answered:
                callback(command, answer)

    async def run(self) -> None:
        """Repeat what is pending each `COMMAND_REPEAT_S`, oldest first, until cancelled."""
        try:
            while True:
                self._wake.clear()
                await self._send_pending()
                try:
                    async with deadline(self._clock.real_s(COMMAND_REPEAT_S) if self._pending else None):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            self._connection.close()

    async def _send_pending(self) -> None:
        for command in self.pending:
            topic = str(CommandTopic(site=self._site, owner=command.owner, verb=verb_of(command)))
            try:
                await self._bus.publish(topic, encode(command))
            except PeerError as error:
                if error.reason is not PeerReason.REFUSED:
                    return  # the reconnect wakes us
                logger.error(f"command refused by the broker id={command.id} topic={topic} why={error}")  # noqa: TRY400

    def _hear(self, incoming: Incoming) -> None:
        if not incoming.payload:
            return
        try:
            self.hear_status(decode(incoming.payload, PartStatus, place=incoming.topic))
        except StorageError as error:
            logger.error(f"answer not kept {error}")  # noqa: TRY400 - the next status brings it again
