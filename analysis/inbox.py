"""What comes in over MQTT, as events for the engine: parsed once, put on our clock."""

from collections.abc import Callable
from typing import Final

from analysis.backlog import Backlog
from analysis.core.events import CommandArrived, Event, PartHeard, ReadingHeard, RosterChanged, RosterCleared
from vitals.bus import Bus, Incoming
from vitals.commands import Command
from vitals.errors import InputError, InputReason
from vitals.parts import Part, PartState, PartStatus
from vitals.proof import ProofRound, Stage
from vitals.readings import Reading, ReadingMessage, RunId, kind_of
from vitals.sessions import Roster, SessionId
from vitals.streamclock import StreamClock, hear
from vitals.topics import (
    CommandTopic,
    ProofTopic,
    ReadingTopic,
    RosterTopic,
    StatusTopic,
    parse_topic,
    topic_filter,
)
from vitals.units import MonotonicMs
from vitals.wire import decode

CLOCKS_MAX: Final = 64
"""Runs whose clock is remembered; a site has a few gateways, and a run that fell out is measured anew."""


class Inbox:
    """Hands each message to ``step`` as an event."""

    def __init__(
        self,
        *,
        site: str,
        step: Callable[[Event], None],
        prove: Callable[[ProofRound], None],
        clocks: dict[RunId, StreamClock],
        backlog: Backlog,
    ) -> None:
        """Keep where events and rounds of proof go.

        Args:
            site: of which we hear.
            step: gets the events, except readings.
            prove: gets the rounds of proof.
            clocks: those of an earlier run; they are kept up to date.
            backlog: gets the readings, and gives them to `judge_reading` when they can be judged.
        """
        self._site = site
        self._step = step
        self._prove = prove
        self._backlog = backlog
        self.clocks = clocks
        self.confirmed: set[SessionId] = set()
        """Sessions whose roster was heard on this connection."""
        self.dashboard_since_ms: MonotonicMs | None = None
        """First live heartbeat of the dashboard on this connection; None while it is not heard."""

    def subscribe(self, bus: Bus, *, readings: Bus) -> None:
        """Subscribe to everything that analysis hears; ``readings``: the bus that keeps a session for them."""
        bus.subscribe(topic_filter(StatusTopic, site=self._site), self.hear_status)
        bus.subscribe(topic_filter(RosterTopic, site=self._site), self.hear_roster)
        readings.subscribe(topic_filter(ReadingTopic, site=self._site), self.hear_reading)
        bus.subscribe(topic_filter(CommandTopic, site=self._site, owner=Part.ANALYSIS), self.hear_command)
        bus.subscribe(topic_filter(ProofTopic, site=self._site, stage=Stage.GATEWAY), self.hear_proof, qos=0)

    def forget_connection(self) -> None:
        """Hear that the connection is lost: what was confirmed on it may have changed meanwhile."""
        self.confirmed.clear()
        self.dashboard_since_ms = None

    def hear_reading(self, incoming: Incoming) -> None:
        """Take a reading.

        Raises:
            InputError: nonsense, another stream than its topic says, or a retained copy, whose age nobody knows.
        """
        message: ReadingMessage = decode(incoming.payload, ReadingMessage, place=incoming.topic)
        reading = message.body
        if not incoming.topic.endswith(f"/reading/{reading.sensor}/{kind_of(reading)}"):
            problem = f"holds a reading of {reading.sensor}/{kind_of(reading)}"
            raise InputError(incoming.topic, problem, InputReason.CONFLICT)
        if incoming.retained:
            raise InputError(incoming.topic, "is retained, a reading must not be", InputReason.CONFLICT)
        received_ms = incoming.received_ms
        if self._backlog.is_live or reading.run in self.clocks:
            # What the broker has kept says nothing of the clock of a run that we do not know.
            self._hear_clock(reading.run, sent_mono_ms=message.sent_mono_ms, received_ms=received_ms)
        self._backlog.take(reading, received_ms)

    def judge_reading(self, reading: Reading, received_ms: MonotonicMs) -> None:
        """Give the engine a reading of a run whose clock is known."""
        stream_ms = self.clocks[reading.run].to_consumer(reading.mono_ms)
        self._step(ReadingHeard(reading=reading, stream_ms=stream_ms, received_ms=received_ms))

    def hear_roster(self, incoming: Incoming) -> None:
        """Take a roster, or hear that it was cleared.

        Raises:
            InputError: nonsense, or another session than the topic says.
        """
        topic = parse_topic(incoming.topic)
        if not isinstance(topic, RosterTopic):
            return
        session = SessionId(topic.session)
        if not incoming.payload:
            self.confirmed.discard(session)
            self._step(RosterCleared(session=session, now_ms=incoming.received_ms))
            return
        roster: Roster = decode(incoming.payload, Roster, place=incoming.topic)
        if roster.session != session:
            raise InputError(incoming.topic, f"holds the roster of {roster.session!r}", InputReason.CONFLICT)
        self.confirmed.add(session)
        self._step(RosterChanged(roster=roster, now_ms=incoming.received_ms))

    def hear_status(self, incoming: Incoming) -> None:
        """Take a heartbeat or will.

        Raises:
            InputError: nonsense, or another part than the topic says.
        """
        topic = parse_topic(incoming.topic)
        if not incoming.payload or not isinstance(topic, StatusTopic):
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        if (status.part, status.instance) != (topic.part, topic.instance):
            problem = f"holds the status of {status.part}/{status.instance}"
            raise InputError(incoming.topic, problem, InputReason.CONFLICT)
        is_live = status.state is PartState.UP and not incoming.retained
        if status.part is Part.GATEWAY and is_live:
            # So that the first reading of a run is already dated by a clock that waited for nothing.
            self._hear_clock(status.run, sent_mono_ms=status.mono_ms, received_ms=incoming.received_ms)
        if status.part is Part.DASHBOARD:
            if status.state is not PartState.UP:
                self.dashboard_since_ms = None
            elif is_live and self.dashboard_since_ms is None:
                self.dashboard_since_ms = incoming.received_ms
        self._step(PartHeard(status=status, retained=incoming.retained, now_ms=incoming.received_ms))

    def hear_command(self, incoming: Incoming) -> None:
        """Take a command.

        Raises:
            InputError: nonsense, or a command to somebody else.
        """
        command: Command = decode(incoming.payload, Command, place=incoming.topic)
        if command.owner != Part.ANALYSIS:
            raise InputError(incoming.topic, f"holds a command to {command.owner!r}", InputReason.CONFLICT)
        self._step(CommandArrived(command=command, now_ms=incoming.received_ms))

    def hear_proof(self, incoming: Incoming) -> None:
        """Take a round of proof; a retained one proves nothing.

        Raises:
            InputError: nonsense.
        """
        if not incoming.retained:
            self._prove(decode(incoming.payload, ProofRound, place=incoming.topic))

    def _hear_clock(self, run: RunId, *, sent_mono_ms: MonotonicMs, received_ms: MonotonicMs) -> None:
        before = self.clocks.get(run)
        after = hear(before, sent_mono_ms=sent_mono_ms, received_mono_ms=received_ms)
        if after is not before:
            if before is None and len(self.clocks) >= CLOCKS_MAX:
                del self.clocks[next(iter(self.clocks))]
            self.clocks[run] = after
