"""A real Chromium in front of a running system: opens the wall, writes down what it shows, keeps pictures of it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import Signals
from typing import Any

from tests.stoppable import Stoppable, open_stoppable
from tests.system.running import RunningSystem

RECORDER = """
globalThis.looks = [];
const told = new Map();
let notedAt = 0;
const note = () => {
  const at = performance.now();
  if (at - notedAt > 2000) told.clear();
  notedAt = at;
  const link = document.body?.dataset.link ?? '';
  for (const tile of document.querySelectorAll('.tile')) {
    const text = (name) => tile.querySelector(name)?.textContent ?? '';
    const look = {
      id: tile.dataset.id, link, hr: tile.dataset.hr, spo2: tile.dataset.spo2, alarm: tile.dataset.alarm ?? '',
      hrText: text('.hr .value'), spo2Text: text('.spo2 .value'), label: text('.label'), who: text('.who'),
    };
    const line = JSON.stringify(look);
    if (told.get(look.id) === line) continue;
    told.set(look.id, line);
    globalThis.looks.push({at, ...look});
  }
};
const after = new MessageChannel();
after.port1.onmessage = note;
const frame = () => { after.port2.postMessage(0); requestAnimationFrame(frame); };
requestAnimationFrame(frame);
"""
"""Notes of each picture of the display (the page after all callbacks of that frame) which tiles changed, and how; of
the first picture after a pause all tiles."""

Look = dict[str, Any]


class Eye:
    """One page that looks at the wall."""

    def __init__(self, browser: Stoppable) -> None:
        self._browser = browser
        self.page = page = browser.page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)

    async def open(self, system: RunningSystem) -> None:
        await self.page.add_init_script(RECORDER)
        await self.page.goto(f"{system.url}/wall")

    async def looks(self) -> list[Look]:
        """All looks of all tiles since the page was opened, in order."""
        found: list[Look] = await self.page.evaluate("globalThis.looks")
        return found

    async def until_look(self, predicate: str, *, within_s: float = 90) -> None:
        """Wait until some tile has looked like this; ``predicate``: JavaScript over a ``look``."""
        script = f"() => globalThis.looks.some((look) => {predicate})"
        await self.page.wait_for_function(script, timeout=within_s * 1000)

    async def picture(self, folder: Path, name: str) -> None:
        """Keep what the wall looks like in the folder that `VITALS_SCREENSHOTS` names, else in ``folder``."""
        folder = Path(os.environ.get("VITALS_SCREENSHOTS", folder))
        folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=folder / f"{name}.png")

    def signal(self, number: Signals) -> None:
        """Stop or continue every process of this browser."""
        self._browser.signal(number)


@asynccontextmanager
async def looking() -> AsyncIterator[Eye]:
    """A browser of its own with an empty page as large as the wall."""
    async with open_stoppable() as browser:
        yield Eye(browser)
