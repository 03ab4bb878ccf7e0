"""A whole system as child processes, and a wall that watches it over the websocket: what the system tests act on."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from cli.broker import free_port
from dashboard.access.book import open_book
from dashboard.access.devices import Devices, Token
from dashboard.access.keys import new_key
from dashboard.access.roles import Role
from vitals.deadline import deadline
from vitals.units import UtcMs

Json = dict[str, Any]


async def until(condition: Callable[[], object], what: str, *, within_s: float = 30.0) -> None:
    """Wait for a condition; generous, because two cores carry a whole system, its test and others."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.02)


class RunningSystem:
    """``vitals demo`` or ``vitals replay`` in a process of its own, its parts below it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self.process: asyncio.subprocess.Process | None = None
        self.headers: dict[str, str] = {}
        """What lets the test in where a login is needed."""

    def let_in(self) -> None:
        """Make a token, as `vitals user token` does: `serve` lets nobody in without one."""
        key = new_key()
        with contextlib.closing(open_book(self.data / "access.db")) as book:
            Devices(book).add_token(Token(name="test", role=Role.ADMIN, created_utc_ms=UtcMs(0)), key.hash)
        (self.data / "script.token").write_text(key.secret)
        self.headers = {"Authorization": f"Bearer {key.secret}"}

    async def start(self, command: str, *arguments: str, **environment: str) -> None:
        base = {name: value for name, value in os.environ.items() if not name.startswith("VITALS_")}
        if command == "serve" and not self.headers:
            self.let_in()
        with self.output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "cli", command, *arguments),
                *("--data", str(self.data), "--port", str(self.port)),
                env=base | environment,
                stdout=output,
                stderr=output,
            )

    async def stop(self) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
            try:
                async with deadline(30):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        assert self.process.returncode is not None
        return self.process.returncode

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def pids(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads((self.data / "pids.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known

    def kill(self, part: str) -> int:
        """Kill a part as if it had crashed; return the process id that it had."""
        pid = self.pids()[part]
        os.kill(pid, signal.SIGKILL)
        return pid

    async def until_back(self, part: str, *, was: int) -> None:
        await until(lambda: self.pids().get(part, was) != was, f"{part} is started again")

    @contextlib.contextmanager
    def paused(self, part: str) -> Any:
        """Hold a part still for a while."""
        pid = self.pids()[part]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    async def get(self, path: str) -> Any:
        def ask() -> Any:
            request = urllib.request.Request(self.url + path, headers=self.headers)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())

        return await asyncio.to_thread(ask)

    async def post(self, path: str, body: object) -> Any:
        return await self._send("POST", path, body)

    async def put(self, path: str, body: object) -> Any:
        return await self._send("PUT", path, body)

    async def _send(self, method: str, path: str, body: object) -> Any:
        def ask() -> Any:
            request = urllib.request.Request(
                self.url + path,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"} | self.headers,
                method=method,
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read())

        return await asyncio.to_thread(ask)

    def query(self, database: str, sql: str, *bindings: object) -> list[tuple[Any, ...]]:
        """Read from a database of the running system."""
        connection = apsw.Connection(str(self.data / database), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(5000)
        with contextlib.closing(connection):
            return list(connection.execute(sql, bindings))


@asynccontextmanager
async def running(folder: Path, command: str, *arguments: str, **environment: str) -> AsyncIterator[RunningSystem]:
    """Run a system; on the way out end it, and show what it said when the test has failed."""
    system = RunningSystem(folder)
    await system.start(command, *arguments, **environment)
    try:
        yield system
    except BaseException:
        sys.stderr.write(system.said())
        raise
    finally:
        await system.stop()


class Wall:
    """A wall without a screen: takes frames, acknowledges them, keeps the state and everything that was ever shown."""

    def __init__(self, system: RunningSystem) -> None:
        self._url = f"ws://127.0.0.1:{system.port}/api/v1/stream"
        self._system = system
        self.tiles: dict[str, Json] = {}
        self.alarms: dict[str, Json] = {}
        self.parts: dict[str, Json] = {}
        self.session: Json | None = None
        self.first_frame: Json | None = None
        self.frames = 0
        self.is_connected = False
        self.disconnections = 0
        self.server_mono_ms = 0
        self.texts_seen: set[str] = set()
        self.alarms_seen: dict[str, Json] = {}

    async def watch(self) -> None:
        """Watch for ever, connecting anew when the server goes away."""
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                async with connect(
                    self._url, compression=None, origin=None, additional_headers=self._system.headers
                ) as link:
                    self.is_connected = True
                    async for message in link:
                        self._take(json.loads(message))
                        await link.send(json.dumps({"t": "ack", "seq": self.last_seq}))
            self.disconnections += self.is_connected
            self.is_connected = False
            await asyncio.sleep(0.1)

    def _take(self, frame: Json) -> None:
        self.frames += 1
        self.last_seq = frame["seq"]
        self.server_mono_ms = frame["server_mono_ms"]
        if frame["t"] == "s":
            self.first_frame = self.first_frame or frame
            self.tiles = {}
        if "session" in frame:
            self.session = frame["session"]
        for tile in frame.get("tiles", ()):
            self.tiles[tile["id"]] = tile
        if "alarms" in frame:
            self.alarms = {alarm["id"]: alarm for alarm in frame["alarms"]}
            self.alarms_seen |= self.alarms
        if "parts" in frame:
            self.parts = {f"{part['part']}/{part['instance']}": part for part in frame["parts"]}
            self.texts_seen |= {part.get("text", "") for part in frame["parts"]}

    def hr(self, participant: str) -> float | None:
        value: float | None = (self.tiles[participant].get("hr") or {}).get("value")
        return value

    def live_n(self) -> int:
        return sum(self.hr(participant) is not None for participant in self.tiles)

    def of_rule(self, rule: str) -> dict[str, Json]:
        return {alarm["participant"]: alarm for alarm in self.alarms.values() if alarm["rule"] == rule}


@asynccontextmanager
async def watched(system: RunningSystem, wall: Wall | None = None) -> AsyncIterator[Wall]:
    """A wall in front of a system, or the one that is given."""
    wall = wall or Wall(system)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(wall.watch())
        yield wall
        watching.cancel()
