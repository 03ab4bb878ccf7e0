"""Draws the room and publishes what changed: ten times a second while something does, alarms at once, else a heartbeat.

The pace is real time, whatever the rate of the clock: it is for eyes.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from dashboard.hub import Hub
from dashboard.view.parts import Moment
from dashboard.view.picture import Picture, Stage, delta_frame, draw, has_same_people, is_empty, snapshot_frame
from dashboard.view.room import Room
from vitals.clock import Clock
from vitals.deadline import deadline
from vitals.wire import encode

TICK_S: Final = 0.1
HEARTBEAT_S: Final = 1.0
"""A page that hears nothing for longer knows that it is cut off."""

WHOLE_S: Final = 0.5
"""Values age without any news: all tiles are drawn anew this often, in between only those with news."""

SPACE_S: Final = 0.02
"""Between two drawings: thirty alarms that arrive together make two frames, the first of them at once."""


class Ticker:
    """The one who draws; owns the hub."""

    def __init__(self, *, room: Room, stage: Stage, clock: Clock) -> None:
        """Draw nothing yet."""
        self._room: Final = room
        self._stage: Final = stage
        self._clock: Final = clock
        self._urgent: Final = asyncio.Event()
        self._picture: Picture | None = None
        self._published_s = 0.0
        self._whole_s = 0.0
        self.before_tick: Callable[[Moment], None] = lambda _: None
        """Called before each drawing, for what happens by the clock."""
        self.hub: Final = Hub(epoch=stage.epoch, snapshot=self._snapshot, now_s=asyncio.get_running_loop().time)

    def now(self) -> Moment:
        """Return the present moment of this server's clock."""
        return Moment(ms=self._clock.mono_ms(), utc_ms=self._clock.utc_ms())

    def hurry(self) -> None:
        """Draw at once: an alarm does not wait for the next tick."""
        self._urgent.set()

    async def run(self) -> None:
        """Draw for ever."""
        while True:
            self.tick()
            await asyncio.sleep(SPACE_S)
            try:
                async with deadline(TICK_S - SPACE_S):
                    await self._urgent.wait()
            except TimeoutError:
                pass
            self._urgent.clear()

    def tick(self) -> None:
        """Draw the room as it is now and publish it if it changed, or if nothing was published for `HEARTBEAT_S`."""
        room, now, now_s = self._room, self.now(), asyncio.get_running_loop().time()
        self.before_tick(now)
        room.forget_unheard(now.ms)
        is_whole = room.parts.look(now) or now_s - self._whole_s >= WHOLE_S / self._clock.rate
        before = self._picture
        picture = draw(room, self._stage, now=now, before=None if is_whole else before)
        room.changed.clear()
        if is_whole:
            self._whole_s = now_s
        self._picture = picture
        if before is None or not has_same_people(before, picture):
            self.hub.publish_anew()
        else:
            frame = delta_frame(before, picture, self._stage, seq=self.hub.seq + 1, now=now)
            if is_empty(frame) and now_s - self._published_s < HEARTBEAT_S:
                return
            self.hub.publish(encode(frame).decode())
        self._published_s = now_s

    def _snapshot(self, seq: int) -> str:
        return encode(snapshot_frame(self._room, self._stage, seq=seq, now=self.now())).decode()
