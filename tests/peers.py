"""A real Mosquitto for tests: on a free port of this machine, killed, paused and started again at will."""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from cli.broker import free_port
from tests.killable import Killable
from vitals.admitting import admit_no_more


def mosquitto_path() -> str:
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        message = "these tests need the package mosquitto"
        raise FileNotFoundError(message)
    return found


async def until(condition: Callable[[], object], *, within_s: float = 15.0, what: str = "") -> None:
    """Wait for a condition; fail when it does not come true in a time that even a slow machine keeps."""
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what or condition}"
        await asyncio.sleep(0.01)


class Mosquitto(Killable):
    """A broker without memory on disk: what it retained is gone when it is killed."""

    def __init__(self, folder: Path, *, extra: str = "") -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\n"
            f"log_type error\nlog_type warning\nmax_queued_messages 10000\nmax_inflight_messages 100\n{extra}\n"
        )
        super().__init__([mosquitto_path(), "-c", str(self._config)], log=folder / f"mosquitto-{self.port}.log")

    def start(self) -> None:
        super().start()
        self.until_it_listens(self.port, within_s=10)

    def refuse_everybody(self) -> None:
        """From the next start on nobody may connect."""
        text = self._config.read_text()
        self._config.write_text(text.replace("allow_anonymous true", "allow_anonymous false\nlog_type all"))


class Wire:
    """A TCP wire between a client and a broker that can be cut and mended; what is under way in it is lost."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = f"mqtt://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        await admit_no_more(self._server.sockets)
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self._is_cut = False

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        to_broker = await asyncio.open_connection("127.0.0.1", self._target)
        mine = {writer, to_broker[1]}
        self._writers |= mine
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, to_broker[1]))
                tasks.create_task(self._pass(to_broker[0], writer))
        finally:
            self._writers -= mine

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await reader.read(65536):
                writer.write(some)
                await writer.drain()
        writer.close()
