"""What the wall page costs a slow computer: its script time for each frame, in a Chromium throttled to a sixth."""

import asyncio
from typing import Final

from msgspec import Struct

from cli.bench.chromium import START_S, Tab, find_chromium, open_tab
from vitals.deadline import deadline

THROTTLE: Final = 6
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


async def measure_wall(url: str, *, seconds: float) -> WallCost | str:
    """Return the cost of the page for about ``seconds``, or the line that says why it was not measured."""
    chromium = find_chromium()
    if chromium is None:
        return "Chromium is not installed"
    try:
        async with deadline(START_S + 2 * (WARM_UP_S + seconds) + START_S), open_tab(chromium) as tab:
            return await _measure(tab, url, seconds=seconds)
    except (TimeoutError, OSError) as error:
        return f"Chromium does not answer: {str(error) or type(error).__name__}"


async def _measure(tab: Tab, url: str, *, seconds: float) -> WallCost:
    loop = asyncio.get_running_loop()
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


async def _watch_paint(tab: Tab, url: str, *, seconds: float) -> tuple[list[float], float | None]:
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
