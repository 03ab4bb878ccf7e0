"""A gateway, a dashboard, a store and a screen in one, for analysis as a process of its own behind a real broker."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from analysis.backlog import CLOCK_WAIT_MS
from tests.analysis.people import LIMITS
from tests.killable import Killable
from vitals.alarms import AlarmEvent, AlarmEventMessage, AlarmId, AlarmState, Change, RuleId
from vitals.bus import Bus, Incoming
from vitals.clock import Clock, new_anchor
from vitals.commands import Acknowledge, Command, CommandId, verb_of
from vitals.journal import JournalEntry, JournalMessage, JournalStream
from vitals.participants import ParticipantId
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import HeartRateReading, OximeterReading, Quality, Reading, ReadingMessage, RunId, kind_of
from vitals.runs import new_run_id
from vitals.sensors import GatewayId, SensorId, SensorKind
from vitals.sessions import AssignedSensor, GenerationMode, Phase, Roster, RosterEntry, SessionId
from vitals.store import StoreCursor, StreamCursor
from vitals.topics import (
    AlarmEventTopic,
    AlarmStateTopic,
    CommandTopic,
    CursorTopic,
    JournalTopic,
    ReadingTopic,
    RosterTopic,
    StatusTopic,
    parse_topic,
    topic_filter,
)
from vitals.units import MonotonicMs
from vitals.wire import decode, encode

SITE = "test"
SESSION = SessionId("c1")
GATEWAY = GatewayId("g1")
PATIENCE_S = 60.0

PROGRAM = """
import asyncio, logging, pathlib, sys
import analysis.backlog
from analysis.service import run
from vitals.settings import load_settings
logging.basicConfig(level="INFO")
flags = {"broker": sys.argv[1], "data": sys.argv[2], "site": "test", "mode": "test", "clock_rate": float(sys.argv[3]),
    "clock_anchor": sys.argv[4]}
analysis.backlog.CLOCK_WAIT_MS = int(sys.argv[5])
asyncio.run(run(load_settings(file=None, environment={}, flags=flags)))
"""


class Analysis(Killable):
    """Analysis as a process, killed and started at will."""

    def __init__(self, *, url: str, folder: Path, rate: float) -> None:
        arguments = (url, str(folder), str(rate), new_anchor(), str(CLOCK_WAIT_MS))
        super().__init__([sys.executable, "-c", PROGRAM, *arguments], log=folder / "analysis.log")

    def be_patient(self) -> None:
        """From the next start on, wait an hour for a gateway that says nothing."""
        self._command[-1] = "3600000"


class Peer:
    """Everybody but analysis. Readings are of ``sensor(name)``; the heartbeat of the gateway goes on by itself."""

    def __init__(self, *, url: str, rate: float, people: int, watch: str = "oximeter") -> None:
        self.clock = Clock(rate=rate)
        self.bus = Bus(url=url, client_id=f"peer-{new_run_id()}", clock=self.clock)
        self.run_id = new_run_id()
        self.kind = SensorKind(watch)
        self.names = [f"p{number:02}" for number in range(people)]
        self.alarms: dict[str, AlarmState] = {}
        self.events: list[AlarmEvent] = []
        self.journal: list[JournalEntry] = []
        self.status: PartStatus | None = None
        self.statuses = 0
        self.beating = True
        self.sent: dict[tuple[JournalStream, int], Reading] = {}
        self._seq: dict[str, int] = {}
        self._stored: dict[tuple[RunId, str], int] = {}
        self._store_run = new_run_id()
        for kind, handler in (
            (AlarmStateTopic, self._hear_alarm),
            (AlarmEventTopic, self._hear_event),
            (JournalTopic, self._hear_journal),
        ):
            self.bus.subscribe(topic_filter(kind, site=SITE), handler)
        self.bus.subscribe(str(StatusTopic(site=SITE, part="analysis", instance="1")), self._hear_status)

    async def beat(self) -> None:
        while True:
            if self.beating:
                self.say_part(Part.GATEWAY, GATEWAY, PartState.UP)
            await self.clock.sleep(1)

    def say_part(self, part: Part, instance: str, state: PartState) -> None:
        status = PartStatus(
            part=part,
            instance=instance,
            run=self.run_id,
            state=state,
            generation_mode=GenerationMode.TEST,
            clock_rate=self.clock.rate,
            mono_ms=self.clock.mono_ms(),
            utc_ms=self.clock.utc_ms(),
        )
        self.bus.set_retained(str(StatusTopic(site=SITE, part=part, instance=instance)), encode(status))

    def tell_roster(self) -> None:
        entries = tuple(
            RosterEntry(
                participant=ParticipantId(name),
                seat=seat,
                sensors=(
                    AssignedSensor(
                        sensor=SensorId(f"s-{name}"), kind=self.kind, gateway=GATEWAY, from_utc_ms=self.clock.utc_ms()
                    ),
                ),
                limits=LIMITS,
            )
            for seat, name in enumerate(self.names, start=1)
        )
        roster = Roster(
            session=SESSION,
            version=1,
            room="room-1",
            generation_mode=GenerationMode.TEST,
            phase=Phase.TRAINING,
            started_utc_ms=self.clock.utc_ms(),
            entries=entries,
        )
        self.bus.set_retained(str(RosterTopic(site=SITE, session=SESSION)), encode(roster))

    def begin_anew(self) -> None:
        """Be another run of the gateway, as after a crash of it: numbers and clock begin anew."""
        self.run_id = new_run_id()
        self._seq.clear()

    def forget_roster(self) -> None:
        self.bus.set_retained(str(RosterTopic(site=SITE, session=SESSION)), b"")

    async def read(self, name: str, value: float, *, ago_ms: int = 0) -> None:
        """Publish one reading, measured ``ago_ms`` before it is sent."""
        sensor = SensorId(f"s-{name}")
        self._seq[name] = self._seq.get(name, -1) + 1
        now_ms = self.clock.mono_ms()
        measured_ms = MonotonicMs(now_ms - ago_ms)
        reading: Reading
        if self.kind is SensorKind.STRAP:
            reading = HeartRateReading(
                run=self.run_id,
                sensor=sensor,
                seq=self._seq[name],
                mono_ms=measured_ms,
                quality=Quality.GOOD,
                hr_bpm=int(value),
            )
        else:
            reading = OximeterReading(
                run=self.run_id,
                sensor=sensor,
                seq=self._seq[name],
                mono_ms=measured_ms,
                quality=Quality.GOOD,
                spo2_pct=value,
            )
        self.sent[JournalStream(reading.run, sensor, kind_of(reading)), reading.seq] = reading
        topic = ReadingTopic(site=SITE, gateway=GATEWAY, sensor=sensor, kind=kind_of(reading))
        await self.bus.publish(str(topic), encode(ReadingMessage(sent_mono_ms=now_ms, body=reading)))

    async def read_all(self, value: float, *, seconds: tuple[float, ...]) -> None:
        """Publish readings of everybody, measured so many seconds ago."""
        for second in seconds:
            for name in self.names:
                await self.read(name, value, ago_ms=int(second * 1000))

    def acknowledge(self, alarm_id: AlarmId, *, command: str = "k1") -> None:
        order = Command(
            id=CommandId(command),
            owner="analysis",
            by="ab",
            at_utc_ms=self.clock.utc_ms(),
            body=Acknowledge(alarm_id=alarm_id),
        )
        topic = CommandTopic(site=SITE, owner="analysis", verb=verb_of(order))
        self.bus.send_soon(str(topic), encode(order), qos=1)

    def changes(self, change: Change, rule: RuleId) -> list[AlarmEvent]:
        return [event for event in self.events if event.change is change and event.alarm.rule is rule]

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait, generously, for something to become so."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline_s, f"never came: {what}"
            await asyncio.sleep(0.02)

    async def until_up(self) -> None:
        before = self.statuses
        await self.until(lambda: self.statuses > before, "a live heartbeat of analysis")

    async def until_journal(self, holds: Callable[[JournalEntry], bool]) -> None:
        """Wait for a new journal entry of which something holds; what it names is committed."""
        place = len(self.journal)
        await self.until(lambda: any(holds(entry) for entry in self.journal[place:]), "an entry of the journal")

    def _hear_alarm(self, incoming: Incoming) -> None:
        if not incoming.payload:
            topic = parse_topic(incoming.topic)
            assert isinstance(topic, AlarmStateTopic)
            self.alarms.pop(f"{topic.subject}/{topic.rule}", None)
            return
        alarm: AlarmState = decode(incoming.payload, AlarmState, place=incoming.topic)
        self.alarms[f"{alarm.subject}/{alarm.rule}"] = alarm

    def _hear_event(self, incoming: Incoming) -> None:
        message: AlarmEventMessage = decode(incoming.payload, AlarmEventMessage, place=incoming.topic)
        if self._store(message.body.run, "alarm", message.body.seq):
            self.events.append(message.body)

    def _hear_journal(self, incoming: Incoming) -> None:
        message: JournalMessage = decode(incoming.payload, JournalMessage, place=incoming.topic)
        if self._store(message.body.run, "journal", message.body.seq):
            self.journal.append(message.body)

    def _store(self, run: RunId, kind: str, seq: int) -> bool:
        """Keep the cursor as the store does; return whether this is new."""
        stored = self._stored.get((run, kind), -1)
        if seq != stored + 1:
            return False
        self._stored[run, kind] = seq
        streams = tuple(
            StreamCursor(subject="analysis", kind=one, seq=last)
            for (owner, one), last in self._stored.items()
            if owner == run
        )
        cursor = StoreCursor(store_run=self._store_run, source="analysis", run=run, streams=streams)
        self.bus.set_retained(str(CursorTopic(site=SITE, source="analysis", run=run)), encode(cursor))
        return True

    def _hear_status(self, incoming: Incoming) -> None:
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        if status.state is PartState.UP and not incoming.retained:
            self.status = status
            self.statuses += 1


@contextlib.asynccontextmanager
async def beating(peer: Peer):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a context manager of the peer
    """Run the peer's connection and heartbeats for the time of a block."""
    async with peer.bus, asyncio.TaskGroup() as tasks:
        beats = tasks.create_task(peer.beat(), name="peer.beat")
        try:
            yield peer
        finally:
            beats.cancel()
