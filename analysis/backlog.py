"""Readings that came while we were away, held until they can be dated and judged; then all are, in their order.

The broker keeps what gateways say while analysis is dead or cut off. It comes in a burst, before rosters and heartbeats
or after them, and much of it is minutes old. Until both connections have told everything, and each run's clock is known
from something that is said now, readings wait here, and nobody's silence is judged. The broker takes them for delivered
by then, so they stand in a file as well (`analysis.spool`) until what they did is committed.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from analysis.spool import HELD_MAX, Held, Spool
from vitals.clock import Clock
from vitals.readings import Reading, RunId
from vitals.streamclock import StreamClock
from vitals.units import MonotonicMs

logger: Final = logging.getLogger(__name__)

CHUNK: Final = 1_000
"""Readings judged in one go, in some 30 ms: alarms among them are committed and told in between."""

CLOCK_WAIT_MS: Final = 3_000
"""A gateway's heartbeat comes each second. A run that says nothing for so long has ended: nobody can date it."""

_LOOK_S: Final = 0.1


class Backlog:
    """Hands readings to ``judge``: at once when open, else when `run` finds that everything is there."""

    def __init__(
        self,
        *,
        judge: Callable[[Reading, MonotonicMs], None],
        listen: Callable[[bool], None],
        save: Callable[[], None],
        clocks: dict[RunId, StreamClock],
        spool: Spool,
        age_ms_max: float,
        clock: Clock,
    ) -> None:
        """Begin closed, with what a killed run before has left.

        Args:
            judge: gets a reading and the time at which it is heard.
            listen: is told that from now on silence is silence (True), or that nothing reaches us (False).
            save: asks for a commit of what was judged so far.
            clocks: of runs, kept up to date by somebody else.
            spool: holds on disk what waits here.
            age_ms_max: what a run before heard longer ago is left out.
            clock: ours.
        """
        self._judge = judge
        self._listen = listen
        self._save = save
        self._clocks = clocks
        self._clock = clock
        self._spool = spool
        self._held: deque[Held] = deque(spool.load(age_ms_max=age_ms_max), maxlen=HELD_MAX)
        self._state_told = False
        self._readings_told = False
        self._complete = asyncio.Event()
        self._lost = asyncio.Event()
        self.is_open = False
        self._closed_ms = clock.mono_ms()
        self.dropped = 0
        self.undated = 0
        """Readings of runs that nobody could date."""

    @property
    def is_live(self) -> bool:
        """Whether a reading that comes now was sent just now."""
        return self._readings_told

    @property
    def closed_s(self) -> float:
        """For how many real seconds no reading has been judged, because something does not reach us."""
        return 0.0 if self.is_open else self._clock.real_s((self._clock.mono_ms() - self._closed_ms) / 1000)

    def take(self, reading: Reading, received_ms: MonotonicMs) -> None:
        """Judge a reading, or hold it."""
        if self.is_open:
            self._judge(reading, received_ms)
            return
        self.dropped += len(self._held) == HELD_MAX
        held = Held(reading, received_ms)
        self._spool.keep(held)
        self._held.append(held)

    def hear_saved(self) -> None:
        """Hear that everything judged so far is committed."""
        if self.is_open:
            self._spool.clear()

    def hear_state(self) -> None:
        """Hear that rosters and heartbeats have all been told."""
        self._state_told = True
        self._look()

    def hear_readings(self) -> None:
        """Hear that everything that was kept for us has come."""
        self._readings_told = True
        self._look()

    def lose_state(self) -> None:
        """Hear that rosters and heartbeats don't reach us."""
        self._state_told = False
        self._close()

    def lose_readings(self) -> None:
        """Hear that readings don't reach us."""
        self._readings_told = False
        self._close()

    async def run(self) -> None:
        """Judge what is held whenever everything is there, and open then; until cancelled."""
        while True:
            await self._complete.wait()
            self._lost.clear()
            await self._wait_for_clocks()
            await self._judge_held()
            if self._complete.is_set():
                self.is_open = True
                self._listen(True)  # noqa: FBT003 - the callback's only argument
                await self._lost.wait()

    def _look(self) -> None:
        if self._state_told and self._readings_told:
            self._complete.set()

    def _close(self) -> None:
        self._complete.clear()
        self._lost.set()
        if self.is_open:
            self.is_open = False
            self._closed_ms = self._clock.mono_ms()
            self._listen(False)  # noqa: FBT003 - the callback's only argument

    async def _wait_for_clocks(self) -> None:
        until_ms = self._clock.mono_ms() + CLOCK_WAIT_MS
        while self._complete.is_set() and any(one.reading.run not in self._clocks for one in self._held):
            if self._clock.mono_ms() >= until_ms:
                return
            await asyncio.sleep(_LOOK_S)

    async def _judge_held(self) -> None:
        if self._held:
            age_ms = self._clock.mono_ms() - self._held[0].received_ms
            logger.info(f"backlog judged readings={len(self._held)} held_ms={age_ms}")
        while self._held and self._complete.is_set():
            for _ in range(min(CHUNK, len(self._held))):
                reading = self._held.popleft().reading
                if reading.run in self._clocks:
                    self._judge(reading, self._clock.mono_ms())
                else:
                    self.undated += 1
            self._save()
            await asyncio.sleep(0)
