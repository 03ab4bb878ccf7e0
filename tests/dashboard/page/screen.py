"""The page as a test looks at it: open it, wait for what it should show, take a picture."""

from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.dashboard.page.peer import ScriptedPeer


class Screen:
    """One page in front of the scripted peer."""

    def __init__(self, page: Page, peer: ScriptedPeer, pictures: Path) -> None:
        """Keep the three."""
        self.page = page
        self.peer = peer
        self._pictures = pictures

    async def open(self) -> None:
        """Open the wall and wait until it is live."""
        await self.page.goto(self.peer.url)
        await self.live()

    async def live(self) -> None:
        """Wait until the page shows what it hears."""
        await expect(self.page.locator("body")).to_have_attribute("data-link", "live")

    def tile(self, seat: int) -> Locator:
        """The tile of a seat (ids are p1, p2, ...)."""
        return self.page.locator(f'.tile[data-id="p{seat}"]')

    def hr(self, seat: int) -> Locator:
        """The big number."""
        return self.tile(seat).locator(".hr .value")

    def spo2(self, seat: int) -> Locator:
        """The number on the right."""
        return self.tile(seat).locator(".spo2 .value")

    def lines(self) -> Locator:
        """The lines of the alarm strip."""
        return self.page.locator("#strip .alarm")

    async def style(self, locator: Locator, name: str) -> str:
        """A computed style."""
        return str(await locator.evaluate("(node, name) => getComputedStyle(node)[name]", name))

    async def picture(self, name: str) -> None:
        """Keep what it looks like."""
        await self.page.screenshot(path=self._pictures / f"{name}.png")

    async def call(self, module: str, expression: str, *arguments: Any) -> Any:
        """Evaluate an expression over a module of the page (``m``) and arguments (``a``)."""
        script = f"async (a) => {{ const m = await import('/static/{module}'); return {expression}; }}"
        return await self.page.evaluate(script, list(arguments))
