"""A screen without a page: takes the frames of the websocket as the wall does, and notes when each new thing came."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import websockets
from msgspec import UNSET
from websockets.asyncio.client import connect

from cli.bench.sent import Arrival
from dashboard.frames import AlarmView, CountsView, Frame, FrameAck, TileView
from vitals.alarms import AlarmId, Family, Signal
from vitals.clock import monotonic_s
from vitals.wire import decode, encode

OPEN_S: Final = 30.0
_LOOK_S: Final = 0.05


class Screen:
    """One client. ``arrivals``: values that were new; ``alarms_ms``: from hold complete to here, by alarm id."""

    def __init__(self, url: str) -> None:
        """Take the address of the dashboard, ``http://HOST:PORT``."""
        self._url: Final = url.replace("http://", "ws://", 1) + "/api/v1/stream"
        self._seen: dict[tuple[str, str], int] = {}
        self._alarms: set[str] = set()
        self.arrivals: list[Arrival] = []
        self.alarms_ms: dict[str, float] = {}
        self.alarms_on: set[AlarmId] = set()
        """Those that nobody has taken yet."""
        self.taken_ms: dict[AlarmId, float] = {}
        """When the first frame came that says that somebody has taken an alarm, on the monotonic clock."""
        self.frames: list[int] = []
        """Bytes of each frame, uncompressed."""
        self.counts: CountsView | None = None
        self.first_live_s: float | None = None
        """On the monotonic clock: when the first frame with a live heart rate came."""

    async def watch(self) -> None:
        """Take frames until cancelled; waits at most `OPEN_S` for the dashboard, and comes back when it is dropped.

        Raises:
            OSError: nobody serves frames at the address.
        """
        deadline_s = time.monotonic() + OPEN_S
        while True:
            try:
                await self._take_frames()
            except (OSError, websockets.WebSocketException):
                if time.monotonic() > deadline_s and not self.frames:
                    raise
                await asyncio.sleep(0.02)

    async def wait(self, is_so: Callable[["Screen"], bool], *, limit_s: float) -> bool:
        """Return whether something became so within ``limit_s``."""
        deadline_s = time.monotonic() + limit_s
        while not is_so(self):
            if time.monotonic() > deadline_s:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def forget(self) -> None:
        """Begin a measurement: what came before does not count."""
        self.arrivals.clear()
        self.frames.clear()

    async def _take_frames(self) -> None:
        async with connect(self._url, max_size=None, proxy=None) as socket:
            async for text in socket:
                received_s = monotonic_s()
                payload = text.encode() if isinstance(text, str) else text
                frame: Frame = decode(payload, Frame, place="websocket")
                self._take(frame, received_ms=received_s * 1000)
                self.frames.append(len(payload))
                await socket.send(encode(FrameAck(seq=frame.seq)).decode())

    def _take(self, frame: Frame, *, received_ms: float) -> None:
        if frame.counts is not UNSET:
            self.counts = frame.counts
        if frame.tiles is not UNSET:
            for tile in frame.tiles:
                self._take_tile(tile, received_ms=received_ms)
        if frame.alarms is not UNSET:
            self.alarms_on = {AlarmId(alarm.id) for alarm in frame.alarms if alarm.signal is Signal.ON}
            for alarm in frame.alarms:
                self._take_alarm(alarm, received_ms=received_ms)

    def _take_tile(self, tile: TileView, *, received_ms: float) -> None:
        for kind, view in (("hr", tile.hr), ("oximeter", tile.spo2)):
            if (
                view is None
                or view.value is None
                or view.at_ms is None
                or self._seen.get((tile.id, kind)) == view.at_ms
            ):
                continue
            self._seen[tile.id, kind] = view.at_ms
            self.arrivals.append(Arrival(tile.id, kind, view.at_ms, view.value, received_ms))
            if self.first_live_s is None:
                self.first_live_s = received_ms / 1000

    def _take_alarm(self, alarm: AlarmView, *, received_ms: float) -> None:
        if alarm.acknowledged is not None:
            self.taken_ms.setdefault(AlarmId(alarm.id), received_ms)
        if alarm.family is Family.PHYSIOLOGICAL and alarm.id not in self._alarms:
            self._alarms.add(alarm.id)
            self.alarms_ms[alarm.id] = received_ms - alarm.onset_at_ms
