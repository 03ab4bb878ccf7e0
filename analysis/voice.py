"""What the engine's effects become: committed first, then published; alarms of one moment share one commit."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from analysis.core.engine import Engine
from analysis.core.events import AlarmEventRaised, AlarmStateChanged, AudioChanged, CommandAnswered, Effect
from analysis.diary import Diary
from analysis.snapshot import SnapshotFile
from vitals.alarms import AlarmEvent, AlarmState, Signal
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import CommandAnswer
from vitals.errors import StorageError
from vitals.heartbeat import Heartbeat
from vitals.outbox import OutboxStore
from vitals.parts import Part
from vitals.proof import ProofRound, Stage
from vitals.readings import RunId
from vitals.streamclock import StreamClock
from vitals.topics import AlarmEventTopic, AlarmStateTopic, AudioTopic, JournalTopic, ProofTopic, topic_filter
from vitals.trouble import Trouble
from vitals.units import MonotonicMs
from vitals.wire import encode

logger: Final = logging.getLogger(__name__)

ALARM_STREAM: Final = "alarm"
JOURNAL_STREAM: Final = "journal"
_AGAIN_S: Final = 1.0
"""Real seconds until a disk that took nothing is tried again."""


class Voice:
    """Speaks for the engine. ``take`` collects, `run` commits and publishes."""

    def __init__(
        self,
        *,
        site: str,
        run: RunId,
        engine: Engine,
        diary: Diary,
        file: SnapshotFile,
        outbox: OutboxStore,
        clocks: dict[RunId, StreamClock],
        bus: Bus,
        heartbeat: Heartbeat,
        clock: Clock,
    ) -> None:
        """Say at once, as soon as there is a broker, everything that is on since an earlier run."""
        self._site = site
        self._run = run
        self._engine = engine
        self._diary = diary
        self._file = file
        self._outbox = outbox
        self._clocks = clocks
        self._bus = bus
        self._heartbeat = heartbeat
        self._clock = clock
        self._event_topic = str(AlarmEventTopic(site=site))
        self._journal_topic = str(JournalTopic(site=site))
        self._states: dict[str, bytes] = {}
        self._answers: list[CommandAnswer] = []
        self._proofs: list[ProofRound] = []
        self._work = asyncio.Event()
        self._is_snapshot_due = False
        self._has_news = False
        """Whether an alarm that began, changed or ended waits for the next commit; new numbers of one are no news."""
        self._waiting_since_ms: MonotonicMs | None = None
        self._unsaved = Trouble(heartbeat)
        self.commits = 0
        self.commit_us_max = 0
        """Longest commit since the last heartbeat."""
        self.on_saved: Callable[[], None] | None = None
        """Called after each commit."""
        for alarm in engine.state.alarms.values():
            bus.set_retained(self._topic(alarm), encode(alarm))
        bus.set_retained(str(AudioTopic(site=site)), encode(engine.state.audio))
        for answer in engine.state.handled.values():
            heartbeat.answer(answer)
        bus.subscribe(topic_filter(AlarmStateTopic, site=site), self._hear_state)

    def take(self, effects: Sequence[Effect]) -> None:
        """Collect effects for the next commit, which is made before anything else is done."""
        for effect in effects:
            match effect:
                case AlarmStateChanged(alarm=alarm):
                    self._states[self._topic(alarm)] = b"" if alarm.signal is Signal.OFF else encode(alarm)
                case AlarmEventRaised():
                    self._put_event(effect)
                case AudioChanged(audio=audio):
                    self._states[str(AudioTopic(site=self._site))] = encode(audio)
                case CommandAnswered(answer=answer):
                    self._answers.append(answer)
        if effects:
            self.ask_commit()

    def prove(self, proof: ProofRound) -> None:
        """Hand a round of proof on as an alarm would be told: with the next commit, by the same task."""
        self._proofs.append(proof)
        self.ask_commit()

    def _put_journal(self) -> None:
        """Write what was decided from beside what was decided: state and journal end at the same event."""
        if self._diary.is_empty:
            return
        entry = self._diary.close_entry(
            run=self._run,
            seq=self._outbox.reserve(Part.ANALYSIS, JOURNAL_STREAM),
            mono_ms=self._clock.mono_ms(),
            utc_ms=self._clock.utc_ms(),
            state=self._engine.state,
        )
        self._outbox.put(
            topic=self._journal_topic,
            subject=Part.ANALYSIS,
            kind=JOURNAL_STREAM,
            seq=entry.seq,
            body=encode(entry),
            mono_ms=entry.mono_ms,
        )

    def ask_commit(self) -> None:
        """Have everything so far committed and published at the end of this moment."""
        if self._waiting_since_ms is None:
            self._waiting_since_ms = self._clock.mono_ms()
        self._work.set()

    def ask_snapshot(self) -> None:
        """Have the whole state committed soon: with the next commit for which no alarm waits."""
        self._is_snapshot_due = True

    @property
    def oldest_unhandled_ms(self) -> int:
        """Age of the oldest effect that is not committed yet."""
        return 0 if self._waiting_since_ms is None else self._clock.mono_ms() - self._waiting_since_ms

    async def run(self) -> None:
        """Commit and publish whatever is asked for, until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            self.speak()
            if self._unsaved.why:
                await asyncio.sleep(_AGAIN_S)
                self._work.set()

    def speak(self, *, is_last: bool = False) -> None:
        """Commit, then publish; the last time the whole state, so that the next run need not judge anything again.

        A disk that takes nothing must not keep an alarm from people: then it is published all the same, the heartbeat
        says so, and the events wait in memory for the disk.
        """
        began_s = time.perf_counter()
        self._put_journal()
        whole = is_last or (self._is_snapshot_due and not self._has_news)
        self._has_news = False
        try:
            self._file.commit(self._engine.state, self._clocks, self._outbox, whole=whole)
        except StorageError as error:
            self._tell_unsaved(f"alarms not saved: {error}")
        else:
            self._tell_unsaved("")
            self._waiting_since_ms = None
            self._is_snapshot_due = self._is_snapshot_due and not whole
            self.commits += 1
            if self.on_saved is not None:
                self.on_saved()
            self.commit_us_max = max(self.commit_us_max, int((time.perf_counter() - began_s) * 1e6))
        states, self._states = self._states, {}
        for topic, payload in states.items():
            self._bus.set_retained(topic, payload)
        proofs, self._proofs = self._proofs, []
        for proof in proofs:
            onward = ProofTopic(site=self._site, stage=Stage.ANALYSIS, gateway=proof.gateway)
            self._bus.send_soon(str(onward), encode(proof))
        answers, self._answers = self._answers, []
        for answer in answers:
            self._heartbeat.answer(answer)

    def _put_event(self, effect: AlarmEventRaised) -> None:
        self._has_news = True
        seq = self._outbox.reserve(Part.ANALYSIS, ALARM_STREAM)
        event = AlarmEvent(
            run=self._run,
            seq=seq,
            mono_ms=effect.mono_ms,
            utc_ms=effect.utc_ms,
            change=effect.change,
            alarm=effect.alarm,
        )
        self._outbox.put(
            topic=self._event_topic,
            subject=Part.ANALYSIS,
            kind=ALARM_STREAM,
            seq=seq,
            body=encode(event),
            mono_ms=effect.mono_ms,
        )
        alarm = effect.alarm
        logger.info(f"alarm {effect.change} id={alarm.alarm_id} subject={alarm.subject} rule={alarm.rule}")

    def _hear_state(self, incoming: Incoming) -> None:
        """Clear what the broker still shows of alarms that are over, and say again what somebody has cleared.

        Nobody but us may write there; a second analysis that starts by mistake clears all that is not its own.
        """
        alarm = next((one for one in self._engine.state.alarms.values() if self._topic(one) == incoming.topic), None)
        if alarm is not None and not incoming.payload and incoming.topic not in self._states:
            self._bus.set_retained(incoming.topic, encode(alarm))
        elif alarm is None and incoming.retained and incoming.payload:
            logger.info(f"alarm state of nobody cleared topic={incoming.topic}")
            self._bus.set_retained(incoming.topic, b"")

    def _topic(self, alarm: AlarmState) -> str:
        return str(AlarmStateTopic(site=self._site, subject=alarm.subject, rule=alarm.rule))

    def _tell_unsaved(self, why: str) -> None:
        if not self._unsaved.tell(why):
            return
        if why:
            logger.error(f"snapshot not saved why={why}")
        else:
            logger.info(f"snapshot saved again path={self._file.path}")
