"""The people who work in the room, each with a page of their own in one real Chromium, logged in as staff log in.

Every picture that is taken is also looked at by axe-core. Pages hold still (reduced motion), and a test can ask what
moves all the same.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from tests.chromium import CHROMIUM, FLAGS, find_serious
from tests.system.running import RunningSystem

PATIENCE_MS: Final = 90_000
WALL: Final[ViewportSize] = {"width": 1920, "height": 1080}
TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PASSWORD: Final = "a rainy tuesday"
TABS_MAX: Final = 200

MOVING: Final = """() => document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1)
  .map((one) => one.effect.target?.className ?? '')"""
SOUNDS: Final = """
globalThis.sounds = [];
new MutationObserver(() => {
  const key = document.body?.dataset.sounding ?? '';
  if (key !== (globalThis.sounds.at(-1)?.key ?? '')) globalThis.sounds.push({at: performance.now(), key});
}).observe(document, {subtree: true, childList: true, attributeFilter: ['data-sounding']});
"""
"""Notes when the page begins to sound, for which alarm, and when it stops."""


class Staff:
    """A browser in front of a running system."""

    def __init__(self, browser: Browser, system: RunningSystem, pictures: Path) -> None:
        self._browser = browser
        self._system = system
        self._pictures = pictures
        self.errors: list[str] = []
        """What pages logged as an error."""

    async def found_site(self) -> Page:
        """Make the first administrator by the link that `serve` prints; return that page."""
        page = await self._page(WALL)
        (link,) = re.findall(r"first admin: (\S+)", self._system.said())
        await page.goto(link)
        await page.get_by_label("User").fill("ada")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_label("Password again").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/wall"))
        return page

    async def open(self, path: str, size: ViewportSize) -> Page:
        """Open a page in a browser of its own, logged in, and wait until it is live."""
        page = await self._page(size)
        answer = await page.context.request.post(
            f"{self._system.url}/api/v1/login", data={"user": "ada", "password": PASSWORD}
        )
        assert answer.ok
        await page.goto(self._system.url + path)
        await expect(page.locator("body")).to_have_attribute("data-link", "live")
        return page

    async def _page(self, size: ViewportSize) -> Page:
        context = await self._browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        await page.add_init_script(SOUNDS)
        return page

    async def look(self, page: Page, name: str, *, is_long: bool = False) -> None:
        """Take a picture; nothing serious for axe-core, nothing beyond the edge, nothing that moves."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=self._pictures / f"class-{name}.png", full_page=is_long)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert await page.evaluate(MOVING) == [], name
        assert await find_serious(page) == [], name


async def tab_to(page: Page, wanted: Locator) -> None:
    """Go on with the tabulator key until something has the focus."""
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("(node) => node === document.activeElement"):
            return
    raise AssertionError(f"no tabulator key leads to {wanted}")


@asynccontextmanager
async def staff_at(system: RunningSystem, folder: Path) -> AsyncIterator[Staff]:
    """Open the browser; pictures go where `VITALS_SCREENSHOTS` says, else into ``folder``."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Staff(browser, system, Path(os.environ.get("VITALS_SCREENSHOTS", folder)))
        finally:
            await browser.close()
