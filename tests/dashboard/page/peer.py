"""A scripted peer of the page: one port that serves the static files and speaks frames.py over a websocket.

It keeps the scene that a test has set and tells it to every page: a snapshot on connecting, then deltas or snapshots as
the test says, and a heartbeat while nobody says otherwise. It keeps an ack window like the server's, so that a stalled
page gets no more than the server would send it.
"""

import asyncio
import mimetypes
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import UNSET
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from dashboard.frames import (
    ACK_WINDOW,
    AcknowledgeRequest,
    AlarmView,
    AudioView,
    CountsView,
    Frame,
    FrameAck,
    FromPage,
    PartView,
    PauseAudioRequest,
    PhoneReport,
    ScreenView,
    SessionView,
    Silence,
    SoundReport,
    TileView,
    ValueView,
)
from vitals.admitting import admit_no_more
from vitals.deadline import deadline
from vitals.sessions import GenerationMode

STATIC: Final = Path(__file__).resolve().parents[3] / "dashboard" / "static"
CSP: Final = "default-src 'self'"
BEAT_S: Final = 0.5
OPEN: Final = (
    b'{"who": "anybody", "role": "therapist", "via": "open", "has_run_out": false, "may": [], "is_open": true, '
    b'"emergency_until_utc_ms": null, "has_pin": false, "tablet": null}'
)
"""Who is logged in where nobody needs to: a demonstration."""


def mono_ms() -> int:
    """The server's clock."""
    return int(time.monotonic() * 1000)


def utc_ms() -> int:
    """The server's wall clock."""
    return time.time_ns() // 1_000_000


class Scene(msgspec.Struct, kw_only=True):
    """What the room looks like; a test changes it and calls `ScriptedPeer.tell`."""

    mode: GenerationMode = GenerationMode.SIMULATED
    time_zone: str = "Europe/Berlin"
    hr_silence: Silence = msgspec.field(default_factory=lambda: Silence(stale_ms=3_000, lost_ms=10_000))
    spo2_silence: Silence = msgspec.field(default_factory=lambda: Silence(stale_ms=5_000, lost_ms=15_000))
    session: SessionView | None = None
    tiles: tuple[TileView, ...] = ()
    alarms: tuple[AlarmView, ...] = ()
    parts: tuple[PartView, ...] = ()
    audio: AudioView = msgspec.field(default_factory=AudioView)
    counts: CountsView | None = None
    screens: tuple[ScreenView, ...] = ()
    analysis_silent_ms: int | None = 400
    """Age of the last heartbeat of analysis; None: never heard."""
    as_of_ms: int = msgspec.field(default_factory=mono_ms)
    """When its values were as old as they are meant to be."""


class ScriptedPeer:
    """The server's side of the wire, in the hands of a test."""

    def __init__(self) -> None:
        """Begin with an empty room and nobody connected."""
        self.scene = Scene()
        self.epoch = "e1"
        self.seq = 0
        self.rate = 1.0
        self.heard: list[AcknowledgeRequest] = []
        self.pauses: list[PauseAudioRequest] = []
        self.reports: list[SoundReport] = []
        self.phones: list[PhoneReport] = []
        self.acked: list[int] = []
        self.resumes: list[dict[str, str]] = []
        """The query of each connection."""
        self.connections = 0
        self.is_mute = False
        """Says nothing at all, but keeps the connections open."""
        self.refuses = False
        """Takes no new websocket."""
        self.renew: Callable[[Scene], None] | None = going_on
        """Called on connecting and before each beat; `renewed` makes values new; None: no sensor speaks any more."""
        self.has_window = True
        """Keeps to the ack window; without it a stalled page has all frames waiting for it when it wakes."""
        self._news = asyncio.Event()
        self._heard_something = asyncio.Event()
        self._queue: list[Frame] = []
        self._live: set[ServerConnection] = set()
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._talk, "127.0.0.1", 0, process_request=self._answer, compression=None, close_timeout=1
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            await admit_no_more(self._server.sockets)
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where the wall is."""
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"http://127.0.0.1:{port}/wall"

    def snapshot(self, *, ago_ms: int = 0) -> Frame:
        """Everything, stamped ``ago_ms`` in the past; with the seq that was told last."""
        scene = self.scene
        return Frame(
            t="s",
            epoch=self.epoch,
            seq=self.seq,
            server_mono_ms=int((mono_ms() - ago_ms) * self.rate),
            utc_ms=utc_ms() - ago_ms,
            rate=self.rate,
            analysis_heard_ms=UNSET if scene.analysis_silent_ms is None else mono_ms() - scene.analysis_silent_ms,
            mode=scene.mode,
            time_zone=scene.time_zone,
            hr_silence=scene.hr_silence,
            spo2_silence=scene.spo2_silence,
            session=scene.session,
            tiles=scene.tiles,
            alarms=scene.alarms,
            parts=scene.parts,
            audio=scene.audio,
            counts=scene.counts if scene.counts is not None else UNSET,
            screens=scene.screens,
        )

    def delta(self, *, ago_ms: int = 0, **changes: object) -> Frame:
        """What changed; without changes a heartbeat."""
        self.seq += 1
        frame = Frame(
            t="d",
            epoch=self.epoch,
            seq=self.seq,
            server_mono_ms=int((mono_ms() - ago_ms) * self.rate),
            utc_ms=utc_ms() - ago_ms,
            rate=self.rate,
        )
        return msgspec.structs.replace(frame, **changes)

    def tell(self, frame: Frame | None = None) -> None:
        """Send a frame to every page: the scene as a snapshot unless another is given."""
        if frame is None:
            self.seq += 1
            frame = self.snapshot()
        self._queue.append(frame)
        self._news.set()

    def alarm(self, **changes: object) -> None:
        """Change the first alarm of the scene and tell all of them as a delta."""
        first, *rest = self.scene.alarms
        self.scene.alarms = (msgspec.structs.replace(first, **changes), *rest)
        self.tell(self.delta(alarms=self.scene.alarms))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what pages have done fulfils a condition."""
        async with deadline(20):
            while not condition():
                self._heard_something.clear()
                await self._heard_something.wait()

    async def send_raw(self, text: str) -> None:
        """Send a text to every page past the window and the mute button."""
        for connection in list(self._live):
            await connection.send(text)

    async def cut(self) -> None:
        """End every connection, as a restart does."""
        for connection in list(self._live):
            await connection.close()

    async def _talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        self.resumes.append({name: values[0] for name, values in query.items()})
        self.connections += 1
        self._heard_something.set()
        self._live.add(connection)
        try:
            async with asyncio.TaskGroup() as tasks:
                mouth = _Mouth(connection)
                ears = tasks.create_task(self._listen(connection, mouth), name="peer[page].ears")
                pump = tasks.create_task(self._pump(mouth, is_resumed="seq" in query), name="peer[page].pump")
                ears.add_done_callback(lambda _: pump.cancel())
        finally:
            self._live.discard(connection)

    async def _pump(self, mouth: "_Mouth", *, is_resumed: bool) -> None:
        with suppress(ConnectionClosed):
            sent = len(self._queue)
            if not is_resumed:
                if self.renew is not None:
                    self.renew(self.scene)
                await mouth.say(self.snapshot())
            while True:
                with suppress(TimeoutError):
                    async with deadline(BEAT_S):
                        while sent == len(self._queue):
                            self._news.clear()
                            await self._news.wait()
                if self.is_mute:
                    sent = len(self._queue)
                    continue
                if self.has_window:
                    await mouth.gate()
                if sent < len(self._queue):
                    frame = self._queue[sent]
                    sent += 1
                else:
                    if self.renew is not None:
                        self.renew(self.scene)
                    self.seq += 1
                    frame = self.snapshot()
                await mouth.say(frame)

    async def _listen(self, connection: ServerConnection, mouth: "_Mouth") -> None:
        with suppress(ConnectionClosed):
            async for text in connection:
                self._heard_something.set()
                match msgspec.json.decode(text, type=FromPage):
                    case FrameAck(seq=seq):
                        self.acked.append(seq)
                        mouth.open()
                    case AcknowledgeRequest() as request:
                        self.heard.append(request)
                    case PauseAudioRequest() as request:
                        self.pauses.append(request)
                    case SoundReport() as report:
                        self.reports.append(report)
                    case PhoneReport() as report:
                        self.phones.append(report)
                    case other:
                        raise AssertionError(other)

    def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        if path == "/api/v1/stream":
            return None if not self.refuses else Response(503, "Service Unavailable", Headers(), b"")
        if path == "/api/v1/me":
            return _found(OPEN, kind="application/json")
        file = STATIC / ("wall.html" if path == "/wall" else path.removeprefix("/static/"))
        if not file.is_relative_to(STATIC) or not file.is_file():
            return Response(404, "Not Found", Headers(), b"")
        return _found(file.read_bytes(), kind=mimetypes.guess_type(file.name)[0] or "application/octet-stream")


def _found(body: bytes, *, kind: str) -> Response:
    headers = Headers()
    headers["Content-Type"] = kind
    headers["Content-Length"] = str(len(body))
    headers["Content-Security-Policy"] = CSP
    headers["Cache-Control"] = "no-store"
    headers["Connection"] = "close"
    return Response(200, "OK", headers, body)


class _Mouth:
    """Sends to one page, at most the ack window ahead."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._flying = 0
        self._freed = asyncio.Event()

    async def gate(self) -> None:
        while self._flying >= ACK_WINDOW:
            self._freed.clear()
            await self._freed.wait()

    async def say(self, frame: Frame) -> None:
        self._flying += 1
        await self._connection.send(msgspec.json.encode(frame).decode())

    def open(self) -> None:
        self._flying -= 1
        self._freed.set()


def renewed(scene: Scene) -> None:
    """Make every value new: the sensors have just said the same again."""
    now = mono_ms()
    scene.tiles = tuple(
        msgspec.structs.replace(
            tile,
            hr=None if tile.hr is None else msgspec.structs.replace(tile.hr, at_ms=now),
            spo2=None if tile.spo2 is None else msgspec.structs.replace(tile.spo2, at_ms=now),
        )
        for tile in scene.tiles
    )


def going_on(scene: Scene) -> None:
    """Keep each value as old as it was: the sensors go on, however long the page takes to come."""
    now = mono_ms()
    passed, scene.as_of_ms = now - scene.as_of_ms, now

    def later(view: ValueView | None) -> ValueView | None:
        if view is None or view.at_ms is None:
            return view
        return msgspec.structs.replace(view, at_ms=min(view.at_ms + passed, now))

    scene.tiles = tuple(msgspec.structs.replace(tile, hr=later(tile.hr), spo2=later(tile.spo2)) for tile in scene.tiles)
