"""A Chromium of its own, whose processes a test stops and lets go on, as a machine that hangs or sleeps would."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from signal import Signals
from typing import NamedTuple

import psutil
from playwright.async_api import Page, async_playwright

from tests.chromium import CHROMIUM, FLAGS, WALL


class Stoppable(NamedTuple):
    """A page as large as the wall, and the mark on the command line of the browser that shows it."""

    page: Page
    mark: str

    def signal(self, number: Signals) -> None:
        """Send a signal to every process of the browser, whichever show the page by now."""
        found = [process for process in psutil.process_iter() if self.mark in " ".join(_command(process))]
        processes = {child for one in found for child in (one, *one.children(recursive=True))}
        assert len(processes) >= 3
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@asynccontextmanager
async def open_stoppable() -> AsyncIterator[Stoppable]:
    """Return an empty page in a browser that nobody else uses."""
    mark = f"--vitals-test={uuid.uuid4().hex}"
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, mark])
        context = await chromium.new_context(viewport=WALL)
        browser = Stoppable(await context.new_page(), mark)
        try:
            yield browser
        finally:
            browser.signal(Signals.SIGCONT)
            await chromium.close()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []
