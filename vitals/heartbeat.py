"""The heartbeat of a part: its status each second and at once on a change, and the will that speaks when it is dead."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import CommandAnswer, CommandId
from vitals.connection import Will
from vitals.deadline import deadline
from vitals.errors import PeerError
from vitals.parts import HEARTBEAT_LOST_MS, HEARTBEAT_S, Part, PartState, PartStatus, StreamExtent
from vitals.readings import RunId
from vitals.sensors import RadioStatus, SensorStatus
from vitals.sessions import GenerationMode
from vitals.topics import StatusTopic
from vitals.units import MonotonicMs
from vitals.wire import decode, encode

logger: Final = logging.getLogger(__name__)

ANSWERS_MAX: Final = 64
PROBLEMS_MAX: Final = 16
_TOGETHER_S: Final = 0.01
"""Changes of one moment are told together; real seconds."""
_LEAVE_S: Final = 1.0


class Heartbeat:
    """What a part says of itself. Services change the attributes and call `changed` when somebody should know at once.

    ``counters``, ``oldest_unhandled_ms``, ``radios``, ``sensors``, ``extents`` are as in `PartStatus`.
    """

    def __init__(self, *, part: Part, instance: str, run: RunId, site: str, mode: GenerationMode, clock: Clock) -> None:
        """Keep who the part is; ``instance`` is a gateway's id, or the room, or ``1``."""
        self.part = part
        self.instance = instance
        self.run_id = run
        self.topic = str(StatusTopic(site=site, part=part, instance=instance))
        self.counters: dict[str, int] = {}
        self.oldest_unhandled_ms = 0
        self.radios: tuple[RadioStatus, ...] = ()
        self.sensors: tuple[SensorStatus, ...] = ()
        self.extents: tuple[StreamExtent, ...] = ()
        self._mode = mode
        self._clock = clock
        self._problems: dict[str, None] = {}
        self._answers: dict[CommandId, CommandAnswer] = {}
        self._before_beat: list[Callable[[], None]] = []
        self._changed = asyncio.Event()
        self._twin_ms: MonotonicMs | None = None

    def will(self) -> Will:
        """Return the connection's will: the same part, run and topic, lost."""
        return Will(self.topic, encode(self.status(PartState.LOST)))

    def status(self, state: PartState = PartState.UP) -> PartStatus:
        """Return the status as of now."""
        return PartStatus(
            part=self.part,
            instance=self.instance,
            run=self.run_id,
            state=state,
            generation_mode=self._mode,
            clock_rate=self._clock.rate,
            mono_ms=self._clock.mono_ms(),
            utc_ms=self._clock.utc_ms(),
            oldest_unhandled_ms=self.oldest_unhandled_ms,
            counters=dict(self.counters),
            problems=tuple(self._problems)[:PROBLEMS_MAX],
            handled=tuple(self._answers.values()),
            radios=self.radios,
            sensors=self.sensors,
            extents=self.extents,
        )

    def changed(self) -> None:
        """Tell the status at once."""
        self._changed.set()

    def before_beat(self, callback: Callable[[], None]) -> None:
        """Call back before each status, to bring the attributes up to date."""
        self._before_beat.append(callback)

    def set_problem(self, problem: str, *, present: bool) -> None:
        """Begin or end a problem that people should see, one line each; beyond `PROBLEMS_MAX` the oldest are shown."""
        if present == (problem in self._problems):
            return
        if present:
            self._problems[problem] = None
        else:
            del self._problems[problem]
        self.changed()

    def answer(self, answer: CommandAnswer) -> None:
        """Tell a command's sender what became of it; the last `ANSWERS_MAX` are kept, newest last."""
        self._answers.pop(answer.id, None)
        self._answers[answer.id] = answer
        while len(self._answers) > ANSWERS_MAX:
            del self._answers[next(iter(self._answers))]
        self.changed()

    def answer_to(self, command: CommandId) -> CommandAnswer | None:
        """Return what was answered to a command, if it is among the last `ANSWERS_MAX`."""
        return self._answers.get(command)

    async def run(self, bus: Bus) -> None:
        """Beat until cancelled; hear whether another process gives itself out as this part."""
        bus.subscribe(self.topic, self._hear_own_topic)
        while True:
            self._changed.clear()
            self._beat(bus)
            try:
                async with deadline(self._clock.real_s(HEARTBEAT_S)):
                    await self._changed.wait()
                    await asyncio.sleep(_TOGETHER_S)
            except TimeoutError:
                continue

    async def stop(self, bus: Bus) -> None:
        """Say that the part stops of its own will; waits a second at most."""
        try:
            async with deadline(_LEAVE_S):
                await bus.set_retained_now(self.topic, encode(self.status(PartState.STOPPED)))
        except (TimeoutError, PeerError):
            return  # nobody there to tell: a watcher sees the silence

    def _beat(self, bus: Bus) -> None:
        for callback in self._before_beat:
            callback()
        if self._twin_ms is not None and self._clock.mono_ms() - self._twin_ms >= HEARTBEAT_LOST_MS:
            self._twin_ms = None
            self.set_problem(self._twin_problem(), present=False)
        bus.set_retained(self.topic, encode(self.status()))

    def _hear_own_topic(self, incoming: Incoming) -> None:
        """Notice a twin: two that decide, store or carry under one name spoil each other's work, unseen by either."""
        if incoming.retained or not incoming.payload:
            return
        status: PartStatus = decode(incoming.payload, PartStatus, place=incoming.topic)
        if status.run == self.run_id or status.state is not PartState.UP:
            return
        if self._twin_ms is None:
            logger.error(f"another process is {self.part}/{self.instance} too, run={status.run}: stop one of the two")
        self._twin_ms = incoming.received_ms
        self.set_problem(self._twin_problem(), present=True)

    def _twin_problem(self) -> str:
        return f"another process is {self.part}/{self.instance} too: stop one of the two"
