"""One screen on the websocket: frames out, at most `ACK_WINDOW` of them unacknowledged; acknowledgements and wishes in.

`await send` is no back-pressure: the buffers on the way swallow ten seconds of frames for a page that has stopped, and
give them out as if they were live when it wakes. So a page acknowledges each frame, and the gate is passed *before* the
next frame is chosen: after a stall only the frames of the window are old, the one after them is fresh.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect

from dashboard.access.gate import LOGIN_NEEDED
from dashboard.access.visitor import Visitor
from dashboard.frames import (
    ACK_WINDOW,
    AcknowledgeRequest,
    FrameAck,
    FromPage,
    PauseAudioRequest,
    PhoneReport,
    SoundReport,
)
from dashboard.hub import CLIENTS_MAX, Hub
from vitals.deadline import deadline, deadline_at
from vitals.errors import VitalsError
from vitals.wire import decode

logger: Final = logging.getLogger(__name__)

ACK_S: Final = 10.0
"""A page that has not acknowledged a frame for so long (real seconds) is dropped; it comes back when it wakes."""

CLOSE_S: Final = 1.0
REFUSALS_MAX: Final = 20
"""A page that keeps talking nonsense is dropped."""

Wished = AcknowledgeRequest | PauseAudioRequest | SoundReport | PhoneReport
"""What a page asks or tells of itself; frames that it has taken are for the window alone."""


class Screen:
    """One client of the hub."""

    def __init__(self, *, socket: WebSocket, hub: Hub, visitor: Visitor, on_wish: Callable[[Wished], None]) -> None:
        """Keep the socket, not yet accepted, and who is behind it."""
        self._visitor: Final = visitor
        self._socket: Final = socket
        self._hub: Final = hub
        self._on_wish: Final = on_wish
        self._sent: Final[deque[tuple[int, float]]] = deque()
        """Seq and time of the frames in flight."""
        self._acked: Final = asyncio.Event()
        self._why = ""
        """Why this server ends the connection; empty while the page does."""
        self._code = 1008

    async def serve(self, *, seq: int | None, epoch: str | None) -> None:
        """Serve the page until it leaves, stalls or is refused.

        Args:
            seq: of the last frame that the page has taken in an earlier connection.
            epoch: of that frame.
        """
        await self._socket.accept()
        if self._hub.clients >= CLIENTS_MAX:
            await self._socket.close(1013, f"{CLIENTS_MAX} screens are connected already")
            return
        self._hub.clients += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                pump = tasks.create_task(
                    self._pump(self._hub.resume(seq=seq, epoch=epoch)), name="dashboard[screen].pump"
                )
                ears = tasks.create_task(self._hear(), name="dashboard[screen].ears")
                leave = tasks.create_task(self._leave(), name="dashboard[screen].leave")
                _end_together(pump, ears, leave)
        finally:
            self._hub.clients -= 1
        if self._why:
            await self._close(self._code, self._why)

    async def _pump(self, cursor: int | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._hub.wait_beyond(cursor)  # a heartbeat ends it each second
                async with deadline_at(self._deadline_s()) as limit:
                    while len(self._sent) >= ACK_WINDOW:
                        self._acked.clear()
                        await self._acked.wait()
                        limit.reschedule(self._deadline_s())
                    frame, cursor = self._hub.choose(cursor)
                    self._sent.append((cursor, loop.time()))
                    limit.reschedule(self._deadline_s())
                    await self._socket.send_text(self._visitor.show(frame))
        except TimeoutError:
            self._hub.counters["dropped_clients"] += 1
            logger.info(f"screen dropped in_flight={len(self._sent)} silent_s={ACK_S:.0f}")
            self._why = f"no acknowledgement for {ACK_S:.0f} s"
        except WebSocketDisconnect:
            return

    async def _leave(self) -> None:
        await self._visitor.until_gone()
        self._code, self._why = LOGIN_NEEDED, "the login has ended"

    def _deadline_s(self) -> float | None:
        """Return when the oldest frame in flight is too old: for waiting as for sending."""
        return self._sent[0][1] + ACK_S if self._sent else None

    async def _hear(self) -> None:
        refused = 0
        try:
            while refused < REFUSALS_MAX:
                text = await self._socket.receive_text()
                try:
                    self._take(text)
                except VitalsError as error:
                    refused += 1
                    self._hub.counters["refused"] += 1
                    logger.info(f"message of a screen refused {error}")
            self._why = f"{REFUSALS_MAX} messages refused"
        except WebSocketDisconnect:
            return
        except KeyError:
            self._why = "text expected, got bytes"

    def _take(self, text: str) -> None:
        message: FromPage = decode(text.encode(), FromPage, place="websocket")
        self._visitor.require(message)
        if not isinstance(message, FrameAck):
            self._on_wish(message)
            return
        while self._sent and self._sent[0][0] <= message.seq:
            self._sent.popleft()
        self._acked.set()

    async def _close(self, code: int, why: str) -> None:
        try:
            async with deadline(CLOSE_S):
                await self._socket.close(code, why)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return  # a peer that takes no bytes takes no leave either


def _end_together(*tasks: asyncio.Task[None]) -> None:
    """Have the first task that ends end the others."""

    def end(_: asyncio.Task[None]) -> None:
        for task in tasks:
            task.cancel()

    for task in tasks:
        task.add_done_callback(end)
