"""A Chromium for the bench, steered by its own debugging protocol: nothing but a Chromium must be installed."""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect

from vitals.deadline import deadline

START_S: Final = 20.0
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SIZE: Final = "1920,1080"
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def find_chromium() -> str | None:
    """Return the path of a Chromium, None if there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path is not None), None)


@asynccontextmanager
async def open_tab(chromium: str) -> AsyncIterator["Tab"]:
    """Run a browser with one empty page, as large as a wall; a page in it may sound without being touched.

    Raises:
        TimeoutError: it does not start.
        OSError: it does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="vitals-bench-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            chromium,
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"--window-size={_SIZE}",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--autoplay-policy=no-user-gesture-required",
            # Chromium's sandbox refuses to run as root; the only page that it opens is our own.
            *(("--no-sandbox",) if os.geteuid() == 0 else ()),
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with connect(await _page_of(Path(profile)), max_size=None, proxy=None) as socket:
                tab = Tab(socket)
                for command in ("Performance.enable", "Network.enable", "Page.enable"):
                    await tab.call(command)
                yield tab
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _page_of(profile: Path) -> str:
    """Return the debugging address of the browser's one page, once it is there."""
    async with deadline(START_S):
        while True:
            with contextlib.suppress(OSError, ValueError, LookupError):
                port = int((profile / "DevToolsActivePort").read_text(encoding="ascii").splitlines()[0])
                pages = await asyncio.to_thread(_get_json, f"http://127.0.0.1:{port}/json/list")
                return str(next(page for page in pages if page["type"] == "page")["webSocketDebuggerUrl"])
            await asyncio.sleep(0.05)


def _get_json(url: str) -> Any:
    with _OPENER.open(url, timeout=5) as answer:
        return json.loads(answer.read())


class Tab:
    """One tab of the browser.

    ``frames``: websocket frames that the page has received; ``loaded_bytes``: files, with what HTTP says of them.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._calls = 0
        self.frames = 0
        self.loaded_bytes = 0

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Ask the browser for something and return its answer."""
        self._calls += 1
        await self._socket.send(json.dumps({"id": self._calls, "method": method, "params": parameters}))
        while True:
            message = await self._hear()
            if message.get("id") == self._calls:
                if "error" in message:
                    raise OSError(message["error"]["message"])
                result: dict[str, Any] = message["result"]
                return result

    async def listen(self, seconds: float) -> None:
        """Count frames for a while."""
        with contextlib.suppress(TimeoutError):
            async with deadline(seconds):
                while True:
                    await self._hear()

    async def script_s(self) -> float:
        """Return the seconds that the page's scripts have run since it was opened."""
        metrics = (await self.call("Performance.getMetrics"))["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == "ScriptDuration")

    async def _hear(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._socket.recv())
        if message.get("method") == "Network.loadingFinished":
            self.loaded_bytes += int(message["params"]["encodedDataLength"])
        self.frames += message.get("method") == "Network.webSocketFrameReceived"
        return message
