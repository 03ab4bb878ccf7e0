"""The part that decides about alarms: puts engine, memory, clock and bus together, and runs until it is cancelled."""

import asyncio
import logging
from contextlib import closing
from typing import Final

from analysis.backlog import Backlog
from analysis.core.engine import Engine
from analysis.core.events import Event, Listening, RosterCleared, Tick
from analysis.core.rules import RuleSet
from analysis.diary import Diary
from analysis.inbox import Inbox
from analysis.rule_set import load_rules
from analysis.snapshot import Remembered, SnapshotFile
from analysis.spool import Spool
from analysis.voice import Voice
from vitals.bus import Bus
from vitals.clock import Clock, open_clock
from vitals.database import sole_owner
from vitals.echo import Echo
from vitals.errors import SetupError, SetupReason, StorageError
from vitals.journal import Began
from vitals.outbox import OutboxStore
from vitals.outbox_sender import OutboxSender
from vitals.parts import Part
from vitals.presence import open_presence
from vitals.readings import Reading, RunId
from vitals.settings import Settings
from vitals.topics import DerivedTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

INSTANCE: Final = "1"
"""One analysis decides for a site; two would tell two stories."""

TICK_S: Final = 0.2
"""Silence is noticed this much late at most; what a reading decides waits for no tick."""

JOURNAL_MS: Final = 1_000

SNAPSHOT_MS: Final = 10_000
"""How much is judged again after a crash at most, which takes 0.2 s with 300 people; their state is 2.7 MB."""

DERIVED_AFTER_MS: Final = 400
"""What is done once a second for everybody is not done at one go, an alarm would wait for the sum."""

SESSION_GONE_MS: Final = 10_000
"""A living dashboard tells all rosters within this time after it or we have connected; a session that it does not tell
ended while we did not listen. Without a dashboard no session ends: a broker that lost its memory ends no class."""

SESSION_S: Final = 300
"""Real seconds for which the broker keeps readings for us: a crash, an update, a restart of the machine's services. Who
was away for longer has a class that began anew; the record has everything in any case."""

UNHEARD: Final = "readings do not reach analysis"
UNHEARD_S: Final = 5.0
"""Real seconds; heartbeats go by another connection, so this can be told. A start, with a run that nobody knows, takes
up to four; a loss is named within five."""

OUTBOX_BYTES_MAX: Final = 256 * 1_048_576
OUTBOX_AGE_MS_MAX: Final = 7 * 86_400_000


async def run(settings: Settings) -> None:
    """Decide about alarms until cancelled; everything decided is on disk then.

    Raises:
        SetupError: a person must change something first; nothing was started.
    """
    clock = open_clock(rate=settings.clock_rate, mode=settings.mode, anchor=settings.clock_anchor)
    rules = load_rules(settings.analysis.rules)
    with sole_owner(settings.snapshot_file, what="analysis"):
        try:
            file = SnapshotFile(settings.snapshot_file, clock=clock, rules=rules)
        except StorageError as error:
            raise SetupError(str(error), SetupReason.SETTINGS) from error
        with closing(file), closing(Spool(settings.snapshot_file.with_suffix(".held"), clock=clock)) as spool:
            await _Analysis(settings, clock=clock, file=file, spool=spool, rules=rules).run()


class _Analysis:
    """One run of analysis."""

    def __init__(self, settings: Settings, *, clock: Clock, file: SnapshotFile, spool: Spool, rules: RuleSet) -> None:
        self._site = settings.site
        self._clock = clock
        self._run_id, self._heartbeat, self._bus = open_presence(
            settings, Part.ANALYSIS, instance=INSTANCE, client="analysis", clock=clock
        )
        # A session of its own, for readings only: an old heartbeat or roster would be taken for a new one.
        mailbox = f"analysis-{file.mailbox()}"
        self._readings = Bus(
            url=settings.broker, client_id=mailbox, clock=clock, ca_file=settings.broker_ca_file, session_s=SESSION_S
        )
        remembered = file.load()
        if remembered.loss:
            self._heartbeat.set_problem(remembered.loss, present=True)
        self._engine = Engine(remembered.state, rules=rules)
        self._file = file
        self._outbox = _open_outbox(file, self._run_id, clock=clock)
        self._diary = Diary()
        self._voice = Voice(
            site=self._site,
            run=self._run_id,
            engine=self._engine,
            diary=self._diary,
            file=file,
            outbox=self._outbox,
            clocks=remembered.clocks,
            bus=self._bus,
            heartbeat=self._heartbeat,
            clock=clock,
        )
        self._is_fresh = remembered.fresh
        self._backlog = Backlog(
            judge=self._judge,
            listen=self._listen,
            save=self._voice.ask_commit,
            clocks=remembered.clocks,
            spool=spool,
            age_ms_max=SESSION_S * 1000 * clock.rate,
            clock=clock,
        )
        self._voice.on_saved = self._backlog.hear_saved
        self._inbox = Inbox(
            site=self._site,
            step=self._step,
            prove=self._voice.prove,
            clocks=remembered.clocks,
            backlog=self._backlog,
        )
        self._sender = OutboxSender(
            store=self._outbox, bus=self._bus, site=self._site, source=Part.ANALYSIS, clock=clock
        )
        self._journalled_ms = self._snapshot_ms = clock.mono_ms()
        self._owes_derived = False
        self._heartbeat.before_beat(self._fill_status)
        self._echoes = self._subscribe(mailbox)
        self._begin_diary(remembered)
        self._listen(False)  # noqa: FBT003 - as the backlog calls it

    def _subscribe(self, mailbox: str) -> tuple[Echo, ...]:
        """Hear everything; return what tells, once it comes back, that all before it was heard."""
        self._inbox.subscribe(self._bus, readings=self._readings)
        echoes = (
            Echo(self._bus, name=f"analysis-{self._run_id}", heard=self._backlog.hear_state),
            Echo(self._readings, name=mailbox, heard=self._backlog.hear_readings),
        )
        self._bus.on_disconnected(self._hear_loss)
        self._readings.on_connected(self._hear_session)
        self._readings.on_disconnected(self._backlog.lose_readings)
        return echoes

    def _begin_diary(self, remembered: Remembered) -> None:
        rules = encode(self._engine.book.rules).decode()
        now_ms, now_utc_ms = self._clock.mono_ms(), self._clock.utc_ms()
        self._diary.begin(Began(now_ms, now_utc_ms, remembered.fresh, remembered.moved_ms, rules))

    async def run(self) -> None:
        """Live until cancelled."""
        alarms = len(self._engine.state.alarms)
        logger.info(f"analysis begins run={self._run_id} rules={self._engine.book.hash} alarms={alarms}")
        name = f"analysis[{INSTANCE}]"
        async with self._bus, self._readings:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._heartbeat.run(self._bus), name=f"{name}.heartbeat")
                    tasks.create_task(self._sender.run(), name=f"{name}.sender")
                    tasks.create_task(self._voice.run(), name=f"{name}.voice")
                    tasks.create_task(self._backlog.run(), name=f"{name}.backlog")
                    for echo in self._echoes:
                        tasks.create_task(echo.run(), name=f"{name}.echo")
                    tasks.create_task(self._tick(), name=f"{name}.tick")
            finally:
                self._voice.speak(is_last=True)
                await self._heartbeat.stop(self._bus)
                logger.info(f"analysis ends run={self._run_id}")

    def _step(self, event: Event) -> None:
        self._diary.note(event, self._engine.state)
        self._file.note(event)
        effects = self._engine.step(event)
        if effects:
            self._voice.take(effects)

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            now_ms, now_utc_ms = self._clock.mono_ms(), self._clock.utc_ms()
            self._step(Tick(now_ms=now_ms, now_utc_ms=now_utc_ms))
            since_ms = now_ms - self._journalled_ms
            if self._owes_derived and since_ms >= DERIVED_AFTER_MS:
                self._owes_derived = False
                self._say_derived()
            if since_ms >= JOURNAL_MS:
                self._journalled_ms = now_ms
                self._owes_derived = True
                self._end_lost_sessions()
                if now_ms - self._snapshot_ms >= SNAPSHOT_MS:
                    self._snapshot_ms = now_ms
                    self._voice.ask_snapshot()
                self._voice.ask_commit()

    def _say_derived(self) -> None:
        for derived in self._engine.derive(self._clock.mono_ms()):
            topic = str(DerivedTopic(site=self._site, participant=derived.participant))
            self._bus.send_soon(topic, encode(derived))

    def _end_lost_sessions(self) -> None:
        since_ms, now_ms = self._inbox.dashboard_since_ms, self._clock.mono_ms()
        if since_ms is None or now_ms - since_ms < SESSION_GONE_MS:
            return
        for session in set(self._engine.state.rosters) - self._inbox.confirmed:
            logger.warning(f"session is gone session={session}: the dashboard lives and does not tell it")
            self._step(RosterCleared(session=session, now_ms=now_ms))

    def _judge(self, reading: Reading, received_ms: MonotonicMs) -> None:
        self._inbox.judge_reading(reading, received_ms)

    def _hear_session(self) -> None:
        if not self._readings.has_session and not self._is_fresh:
            logger.warning("broker kept no readings while we were away: what they would have shown is not heard")
        self._is_fresh = False

    def _hear_loss(self) -> None:
        self._inbox.forget_connection()
        self._backlog.lose_state()

    def _listen(self, up: bool) -> None:  # noqa: FBT001 - the backlog's callback
        self._step(Listening(up=up, now_ms=self._clock.mono_ms(), now_utc_ms=self._clock.utc_ms()))

    def _fill_status(self) -> None:
        beat, state = self._heartbeat, self._engine.state
        beat.oldest_unhandled_ms = self._voice.oldest_unhandled_ms
        beat.extents = self._outbox.extents()
        beat.set_problem(UNHEARD, present=self._backlog.closed_s > UNHEARD_S)
        counters = state.counters
        beat.counters = {
            **self._sender.counters,
            "readings": counters.readings,
            "duplicates": counters.duplicates,
            "late": counters.late,
            "unassigned": counters.unassigned,
            "alarms": counters.alarms,
            "alarms_on": len(state.alarms),
            "found_afterwards": counters.found_afterwards,
            "commands": counters.commands,
            "undated": self._backlog.undated,
            "refused": self._bus.counters["refused"] + self._readings.counters["refused"],
            "commits": self._voice.commits,
            "commit_us_max": self._voice.commit_us_max,
            "journal_skipped": self._diary.skipped,
            "dropped": self._outbox.dropped + self._backlog.dropped,
        }
        self._voice.commit_us_max = 0


def _open_outbox(file: SnapshotFile, run: RunId, *, clock: Clock) -> OutboxStore:
    return OutboxStore(
        file.connection,
        source=Part.ANALYSIS,
        run=run,
        bytes_max=OUTBOX_BYTES_MAX,
        age_ms_max=OUTBOX_AGE_MS_MAX,
        clock=clock,
    )
