"""A running dashboard with a real broker, a voice that plays all other parts, and a page without a browser."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from cli.broker import free_port
from dashboard.service import run
from tests.dashboard.words import alarm as alarm_of
from tests.peers import Mosquitto
from vitals.alarms import AlarmState
from vitals.bus import Bus, Incoming
from vitals.clock import Clock
from vitals.commands import Command, CommandAnswer
from vitals.deadline import deadline
from vitals.parts import Part, PartState, PartStatus
from vitals.readings import HeartRateReading, Quality, ReadingMessage, RunId
from vitals.sensors import RadioStatus, SensorId
from vitals.sessions import GenerationMode
from vitals.settings import DashboardSettings, Settings
from vitals.topics import AlarmStateTopic, CommandTopic, ReadingTopic, StatusTopic, topic_filter
from vitals.units import MonotonicMs, UtcMs
from vitals.wire import decode, encode

PATIENCE_S: Final = 60.0
"""How long a test waits for what must come; a loaded machine takes its time."""


async def until(condition: Callable[[], bool], why: str) -> None:
    """Wait until something is so."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, why
        await asyncio.sleep(0.02)


def settings_for(folder: Path, broker: str, **dashboard: Any) -> Settings:
    return Settings(
        broker=broker,
        data=folder,
        mode=GenerationMode.SIMULATED,
        dashboard=DashboardSettings(**({"port": free_port()} | dashboard)),
    )


class House:
    """`run(settings)` in this loop; ``http`` speaks to it. ``is_open``: as the demonstration, without a login."""

    is_open = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.authority = f"127.0.0.1:{settings.dashboard.port}"
        self.http = httpx.AsyncClient(base_url=f"http://{self.authority}", trust_env=False, timeout=PATIENCE_S)
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.service.cancel()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        finally:
            await self.http.aclose()

    async def start(self) -> None:
        self.service = self._tasks.create_task(run(self.settings, is_open=self.is_open), name="test.dashboard")
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                await self.http.get("/healthz")
            except httpx.TransportError:
                assert not self.service.done(), "the dashboard ended"
                assert time.monotonic() < deadline_s, "the dashboard does not listen"
                await asyncio.sleep(0.05)
            else:
                return

    async def stop(self) -> None:
        self.service.cancel()
        await asyncio.wait([self.service])

    async def start_class(self, *people: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Start a class of the given people, by default two with straps."""
        body = {"name": "Tuesday", "participants": list(people or (person(1), person(2)))} | more
        answer = await self.http.post("/api/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        started: dict[str, Any] = answer.json()
        return started

    @asynccontextmanager
    async def page(self, query: str = "", **more: Any) -> AsyncIterator["Page"]:
        url = f"ws://{self.authority}/api/v1/stream{query}"
        async with connect(url, compression=None, ping_interval=None, proxy=None, **more) as socket:
            yield Page(socket)


class Page:
    """What a page knows: everything of the last snapshot with the deltas since."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.tiles: dict[str, dict[str, Any]] = {}
        self.known: dict[str, Any] = {}
        self.frames: list[dict[str, Any]] = []

    async def take(self) -> dict[str, Any]:
        """Return the next frame, acknowledged."""
        async with deadline(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        await self.socket.send(json.dumps({"t": "ack", "seq": frame["seq"]}))
        if frame["t"] == "s":
            self.tiles.clear()
        self.tiles |= {tile["id"]: tile for tile in frame.get("tiles", ())}
        self.known |= frame
        self.frames.append(frame)
        return frame

    async def take_until(self, condition: Callable[["Page"], bool], why: str) -> dict[str, Any]:
        """Take frames until what the page knows fits; return the last one."""
        deadline_s = time.monotonic() + PATIENCE_S
        while True:
            frame = await self.take()
            if condition(self):
                return frame
            assert time.monotonic() < deadline_s, f"{why}: {self.known}"

    def part_texts(self) -> list[str]:
        return [part["text"] for part in self.known["parts"] if part.get("text")]


def person(number: int, **more: Any) -> dict[str, Any]:
    prescription = {"hr_upper_bpm": 120}
    return {"id": f"p{number:02}", "seat": number, "strap": f"s-strap{number}", "prescription": prescription} | more


class Voice:
    """Plays the gateway, the record and analysis: heartbeats, readings, alarms, answers."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.clock = Clock()
        self.alive: dict[tuple[Part, str], tuple[CommandAnswer, ...]] = {
            (Part.GATEWAY, "g1"): (),
            (Part.INGEST, "1"): (),
            (Part.ANALYSIS, "1"): (),
        }
        self.commands: list[Command] = []
        self._seq = 0
        bus.subscribe(topic_filter(CommandTopic, site="gym"), self._hear_command)

    def _hear_command(self, incoming: Incoming) -> None:
        self.commands.append(decode(incoming.payload, Command, place=incoming.topic))

    async def beat(self) -> None:
        """Say that everybody who is alive lives, until cancelled."""
        while True:
            for (part, instance), handled in self.alive.items():
                self.say_status(part, instance, handled=handled)
            await asyncio.sleep(0.3)

    def say_status(self, part: Part, instance: str, *, state: PartState = PartState.UP, **more: Any) -> None:
        given: dict[str, Any] = {"run": RunId(f"run-{instance}"), "handled": ()} | more
        status = PartStatus(
            part=part,
            instance=instance,
            state=state,
            generation_mode=GenerationMode.SIMULATED,
            clock_rate=1.0,
            mono_ms=self.clock.mono_ms(),
            utc_ms=self.clock.utc_ms(),
            radios=(RadioStatus(name="r0", up=True, slots_used=1),) if part is Part.GATEWAY else (),
            **given,
        )
        self.bus.set_retained(str(StatusTopic(site="gym", part=part, instance=instance)), encode(status))

    async def say_hr(self, number: int, bpm: int, *, age_ms: int = 0) -> None:
        now_ms = self.clock.mono_ms()
        body = HeartRateReading(
            run=RunId("run-g1"),
            sensor=SensorId(f"s-strap{number}"),
            seq=self._seq,
            mono_ms=MonotonicMs(now_ms - age_ms),
            quality=Quality.GOOD,
            hr_bpm=bpm,
        )
        self._seq += 1
        topic = ReadingTopic(site="gym", gateway="g1", sensor=body.sensor, kind="hr")
        await self.bus.publish(str(topic), encode(ReadingMessage(sent_mono_ms=now_ms, body=body)))

    def say_alarm(self, session: str, *, age_ms: int = 0, **more: Any) -> AlarmState:
        now_ms, now_utc_ms = self.clock.mono_ms(), self.clock.utc_ms()
        times: dict[str, Any] = {
            "breach_mono_ms": MonotonicMs(now_ms - age_ms - 10_000),
            "onset_mono_ms": MonotonicMs(now_ms - age_ms),
            "onset_utc_ms": UtcMs(now_utc_ms - age_ms),
        }
        state = alarm_of(session=session, **(times | more))
        self.say_alarm_again(state)
        return state

    def say_alarm_again(self, state: AlarmState, **changes: Any) -> AlarmState:
        state = msgspec.structs.replace(state, **changes)
        topic = AlarmStateTopic(site="gym", subject=state.subject, rule=state.rule)
        self.bus.set_retained(str(topic), encode(state))
        return state

    def say_alarm_is_over(self, state: AlarmState) -> None:
        self.bus.set_retained(str(AlarmStateTopic(site="gym", subject=state.subject, rule=state.rule)), b"")


@asynccontextmanager
async def open_voice(broker: Mosquitto) -> AsyncIterator[Voice]:
    """Give a voice that is connected and beats."""
    async with Bus(url=broker.url, client_id=f"voice-{broker.port}", clock=Clock()) as bus:
        voice = Voice(bus)
        async with asyncio.TaskGroup() as tasks:
            beat = tasks.create_task(voice.beat(), name="test.voice")
            await until(lambda: bus.connected, "the voice does not reach the broker")
            yield voice
            beat.cancel()
