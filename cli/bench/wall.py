"""What the wall page costs a slow computer: its script time for each frame, in a Chromium throttled to a sixth.

Speaks the browser's own debugging protocol, so that nothing but a Chromium must be installed.
"""

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect

from vitals.deadline import deadline

THROTTLE: Final = 6
START_S: Final = 20.0
WARM_UP_S: Final = 3.0
"""The first paint of all tiles and the compiler's first passes are no part of a tick."""

_WATCH_PAINT: Final = """
globalThis.painted = [];
globalThis.firstLive = null;
const look = () => {
  if (document.querySelector('.tile[data-hr="live"]')) globalThis.firstLive = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
const Native = WebSocket;
globalThis.WebSocket = class extends Native {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", () => {
      const came = performance.now();
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => globalThis.painted.push(performance.now() - came);
        after.port2.postMessage(0);
      });
    });
  }
};
"""
"""Before the page's own scripts: notes when the first heart rate was live, and for each frame how long it takes from
its message to the end of the display's next picture. Its listener is the first, so the page's work on the frame is
within that time."""

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SIZE: Final = "1920,1080"
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class WallCost(Struct, frozen=True, kw_only=True):
    """What the page costs a slow computer; and without a throttle, how long its frames take to the picture.

    ``weight_kb``: all that is loaded when it is opened for the first time; ``first_live_ms``: until a number lives on
    it, None: none did.
    """

    scripting: "Scripting"
    painted_ms: list[float]
    weight_kb: float
    first_live_ms: float | None


class Scripting(Struct, frozen=True, kw_only=True):
    """``script_s`` of JavaScript for ``ticks`` frames in ``seconds``."""

    script_s: float
    ticks: int
    seconds: float

    @property
    def ms_per_tick(self) -> float:
        """Milliseconds of script for one frame."""
        return self.script_s * 1000 / max(1, self.ticks)


def find_chromium() -> str | None:
    """Return the path of a Chromium, None if there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path is not None), None)


async def measure_wall(url: str, *, seconds: float) -> WallCost | str:
    """Return the cost of the page for about ``seconds``, or the line that says why it was not measured."""
    chromium = find_chromium()
    if chromium is None:
        return "Chromium is not installed"
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
            # Chromium's sandbox refuses to run as root; the only page that it opens is our own.
            *(("--no-sandbox",) if os.geteuid() == 0 else ()),
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with deadline(START_S + 2 * (WARM_UP_S + seconds) + START_S):
                return await _measure(await _page_of(Path(profile)), url, seconds=seconds)
        except (TimeoutError, OSError) as error:
            return f"Chromium does not answer: {str(error) or type(error).__name__}"
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


async def _measure(page: str, url: str, *, seconds: float) -> WallCost:
    loop = asyncio.get_running_loop()
    async with connect(page, max_size=None, proxy=None) as socket:
        tab = _Tab(socket)
        for command in ("Performance.enable", "Network.enable", "Page.enable"):
            await tab.call(command)
        painted_ms, first_live_ms = await _watch_paint(tab, url, seconds=seconds)
        weight_kb = tab.loaded_bytes / 1000
        await tab.call("Emulation.setCPUThrottlingRate", rate=THROTTLE)
        await tab.call("Page.navigate", url=url)
        await tab.listen(WARM_UP_S)
        before_s, from_s, frames = await tab.script_s(), loop.time(), tab.frames
        await tab.listen(seconds)
        scripting = Scripting(
            script_s=await tab.script_s() - before_s, ticks=tab.frames - frames, seconds=loop.time() - from_s
        )
        return WallCost(scripting=scripting, painted_ms=painted_ms, weight_kb=weight_kb, first_live_ms=first_live_ms)


async def _watch_paint(tab: "_Tab", url: str, *, seconds: float) -> tuple[list[float], float | None]:
    """Return how long each frame took to the picture, and the first live number; then take the watch off again."""
    watch = (await tab.call("Page.addScriptToEvaluateOnNewDocument", source=_WATCH_PAINT))["identifier"]
    await tab.call("Page.navigate", url=url)
    await tab.listen(WARM_UP_S)
    await tab.call("Runtime.evaluate", expression="globalThis.painted.length = 0")
    await tab.listen(seconds)
    seen = "({painted: globalThis.painted, firstLive: globalThis.firstLive})"
    answer = await tab.call("Runtime.evaluate", expression=seen, returnByValue=True)
    await tab.call("Page.removeScriptToEvaluateOnNewDocument", identifier=watch)
    value = answer["result"]["value"]
    return [float(took_ms) for took_ms in value["painted"]], value["firstLive"]


class _Tab:
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
