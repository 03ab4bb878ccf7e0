"""Analysis, dashboard and everybody's phones in one, for alerts as a process of its own behind a real broker."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
from msgspec.structs import replace

from tests.alerts.script import SESSION, STAFF, alarm_state, duty_of
from tests.killable import Killable
from tests.peers import Mosquitto
from vitals.alarms import AlarmState, Signal
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import Command, CommandAnswer, CommandBody, CommandId, Respond, Subscribe, verb_of
from vitals.delivery import ChannelName, DeliveryState, Reach, Response, SubscriptionId
from vitals.duty import Duty, StaffId
from vitals.escalation import PolicyTimeline
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.proof import ProofRound, Stage
from vitals.readings import RunId
from vitals.runs import new_run_id
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.topics import (
    AlarmStateTopic,
    CommandTopic,
    DeliveryTopic,
    DutyTopic,
    PolicyTopic,
    ProofTopic,
    ReachTopic,
    RosterTopic,
    StatusTopic,
    parse_topic,
    topic_filter,
)
from vitals.wire import decode, encode

SITE = "test"
RATE = 6.0
"""Of the clock, so that half a minute of steps is quick."""
PATIENCE_S = 40.0

PROGRAM = """
import asyncio, logging, pathlib, sys
from alerts.service import run
from vitals.settings import load_settings
logging.basicConfig(level="DEBUG")
flags = {"broker": sys.argv[1], "data": sys.argv[2], "site": "test", "mode": "test", "clock_rate": float(sys.argv[3])}
flags |= {"alerts.dashboard_url": "https://gym.test"}
asyncio.run(run(load_settings(file=None, environment={}, flags=flags)))
"""


class Alerts(Killable):
    """Alerts as a process, killed and started at will."""

    def __init__(self, *, url: str, folder: Path, rate: float) -> None:
        self.folder = folder
        super().__init__([sys.executable, "-c", PROGRAM, url, str(folder), str(rate)], log=folder / "alerts.log")

    def query(self, sql: str, *bindings: object) -> list[tuple[Any, ...]]:
        connection = apsw.Connection(str(self.folder / "alerts.db"), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(5000)
        with contextlib.closing(connection):
            return list(connection.execute(sql, bindings))


@contextlib.contextmanager
def running(broker: Mosquitto, folder: Path, *, rate: float) -> Iterator[Alerts]:
    process = Alerts(url=broker.url, folder=folder, rate=rate)
    process.start()
    try:
        yield process
    finally:
        process.kill()


class Peer:
    """Everybody but alerts. Analysis and a dashboard beat by themselves, as long as they are in ``beating``."""

    def __init__(self, *, url: str, rate: float) -> None:
        self.clock = Clock(rate=rate)
        self.bus = Bus(url=url, client_id=f"peer-{new_run_id()}", clock=self.clock)
        self.run_id = new_run_id()
        self.beating = {Part.ANALYSIS, Part.DASHBOARD}
        self.alarms: dict[str, AlarmState] = {}
        self.calls: dict[str, DeliveryState] = {}
        self.calls_ended: set[str] = set()
        self.answers: dict[str, CommandAnswer] = {}
        self.reach: Reach | None = None
        self.policy: PolicyTimeline | None = None
        self.proofs: list[ProofRound] = []
        self.status: PartStatus | None = None
        self._commands = 0
        bus = self.bus
        bus.subscribe(topic_filter(DeliveryTopic, site=SITE), self._hear_call)
        bus.subscribe(str(ReachTopic(site=SITE)), self._hear_reach)
        bus.subscribe(str(PolicyTopic(site=SITE)), self._hear_policy)
        bus.subscribe(topic_filter(ProofTopic, site=SITE, stage=Stage.ALERTS), self._hear_proof)
        bus.subscribe(str(StatusTopic(site=SITE, part="alerts", instance="1")), self._hear_status)

    async def beat(self) -> None:
        while True:
            for part in self.beating:
                self.say_part(part, PartState.UP)
            await self.clock.sleep(1)

    def say_part(self, part: Part, state: PartState) -> None:
        status = PartStatus(
            part=part,
            instance="1",
            run=self.run_id,
            state=state,
            generation_mode=GenerationMode.TEST,
            clock_rate=self.clock.rate,
            mono_ms=self.clock.mono_ms(),
            utc_ms=self.clock.utc_ms(),
        )
        self.bus.set_retained(str(StatusTopic(site=SITE, part=part, instance="1")), encode(status))

    def tell_class(self, people: int = 3, *, duty: Duty | None = None) -> None:
        """Open a class of ``p1``... on seats 1..., with everybody of the script on duty."""
        roster = Roster(
            session=SessionId(SESSION),
            version=1,
            room="room-1",
            generation_mode=GenerationMode.TEST,
            phase=Phase.TRAINING,
            started_utc_ms=self.clock.utc_ms(),
            entries=tuple(
                RosterEntry(participant=ParticipantId(f"p{seat}"), seat=seat, sensors=())
                for seat in range(1, people + 1)
            ),
        )
        self.bus.set_retained(str(RosterTopic(site=SITE, session=SESSION)), encode(roster))
        self.bus.set_retained(str(DutyTopic(site=SITE)), encode(duty or duty_of(STAFF)))

    def alarm(self, name: str, **more: Any) -> AlarmState:
        """Say an alarm of now."""
        state = alarm_state(name, onset_ms=self.clock.mono_ms(), **more)
        # Not the script's own day plus how long the machine has run, six times: that may be tomorrow.
        state = replace(state, onset_utc_ms=self.clock.utc_ms())
        self.say(state)
        return state

    def say(self, state: AlarmState) -> None:
        topic = str(AlarmStateTopic(site=SITE, subject=state.subject, rule=state.rule.value))
        self.alarms[state.alarm_id] = state
        self.bus.set_retained(topic, b"" if state.signal is Signal.OFF else encode(state))

    def end(self, name: str) -> None:
        state = self.alarms.pop(name)
        self.bus.set_retained(str(AlarmStateTopic(site=SITE, subject=state.subject, rule=state.rule.value)), b"")

    async def ask(self, body: CommandBody, *, by: str = "tom", why: str = "", command: str = "") -> CommandAnswer:
        """Give a command and repeat it until it is answered, as its sender would."""
        self._commands += 1
        name = CommandId(command or f"k-{self.run_id}-{self._commands}")
        order = Command(id=name, owner="alerts", by=by, at_utc_ms=self.clock.utc_ms(), why=why, body=body)
        topic = str(CommandTopic(site=SITE, owner="alerts", verb=verb_of(order)))
        deadline_s = time.monotonic() + PATIENCE_S
        while name not in self.answers:
            assert time.monotonic() < deadline_s, f"never answered: {body}"
            self.bus.send_soon(topic, encode(order), qos=1)
            await asyncio.sleep(0.1)
        return self.answers[name]

    async def subscribe(self, way: str, staff: str, channel: ChannelName, address: str, *, label: str = "") -> None:
        body = Subscribe(
            subscription=SubscriptionId(way), staff=StaffId(staff), channel=channel, address=address, label=label
        )
        said = await self.ask(body, by=staff)
        assert said.accepted, said.reason

    async def respond(self, name: str, staff: str, response: Response = Response.ACCEPT) -> CommandAnswer:
        alarm_id = self.alarms[name].alarm_id
        return await self.ask(Respond(alarm_id=alarm_id, staff=StaffId(staff), response=response), by=staff)

    def prove(self, seq: int) -> None:
        proof = ProofRound(
            gateway=GatewayId("g1"),
            run=RunId(self.run_id),
            seq=seq,
            made_mono_ms=self.clock.mono_ms(),
            made_utc_ms=self.clock.utc_ms(),
        )
        self.bus.send_soon(str(ProofTopic(site=SITE, stage=Stage.ANALYSIS, gateway="g1")), encode(proof))

    async def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait, generously, for something to become so."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline_s, f"never came: {what}"
            await asyncio.sleep(0.02)

    def _hear_call(self, incoming: Incoming) -> None:
        topic = parse_topic(incoming.topic)
        assert isinstance(topic, DeliveryTopic)
        if not incoming.payload:
            self.calls.pop(topic.alarm_id, None)
            self.calls_ended.add(topic.alarm_id)
            return
        state: DeliveryState = decode(incoming.payload, DeliveryState, place=incoming.topic)
        assert state.alarm_id == topic.alarm_id
        before = self.calls.get(topic.alarm_id)
        assert before is None or incoming.retained or state.revision >= before.revision
        self.calls[topic.alarm_id] = state

    def _hear_reach(self, incoming: Incoming) -> None:
        self.reach = decode(incoming.payload, Reach, place=incoming.topic)

    def _hear_policy(self, incoming: Incoming) -> None:
        self.policy = decode(incoming.payload, PolicyTimeline, place=incoming.topic)

    def _hear_proof(self, incoming: Incoming) -> None:
        self.proofs.append(decode(incoming.payload, ProofRound, place=incoming.topic))

    def _hear_status(self, incoming: Incoming) -> None:
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        self.status = status
        self.answers |= {answer.id: answer for answer in status.handled}


@contextlib.asynccontextmanager
async def beating(broker: Mosquitto, *, rate: float, people: int = 3) -> AsyncIterator[Peer]:
    """A peer that is connected, with an open class, for the time of a block."""
    peer = Peer(url=broker.url, rate=rate)
    async with peer.bus, asyncio.TaskGroup() as tasks:
        beats = tasks.create_task(peer.beat(), name="peer.beat")
        try:
            await peer.until(lambda: peer.bus.connected, "the broker")
            peer.tell_class(people)
            yield peer
        finally:
            beats.cancel()
