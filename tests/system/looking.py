"""A real Chromium in front of a running system: opens the wall, writes down what it shows, keeps pictures of it."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from signal import Signals
from typing import Any

import psutil
from playwright.async_api import Page, async_playwright

from tests.chromium import CHROMIUM, FLAGS, WALL
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

    def __init__(self, page: Page, mark: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        found = [process for process in psutil.process_iter() if mark in " ".join(_command(process))]
        self._processes = {child for process in found for child in (process, *process.children(recursive=True))}
        assert len(self._processes) >= 3

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
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


@asynccontextmanager
async def looking() -> AsyncIterator[Eye]:
    """A browser of its own with an empty page as large as the wall."""
    mark = f"--vitals-test={uuid.uuid4().hex}"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, mark])
        context = await chromium.new_context(viewport=WALL)
        eye = Eye(await context.new_page(), mark)
        try:
            yield eye
        finally:
            eye.signal(Signals.SIGCONT)
            await chromium.close()
