"""Chromium as the tests of pages start it, and what axe-core finds in a page that it shows."""

from pathlib import Path
from typing import Final

from playwright.async_api import Page, ViewportSize, expect

CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # As on a kiosk; what a page without it says of its sound has tests of its own.
    "--autoplay-policy=no-user-gesture-required",
]
WALL: Final[ViewportSize] = {"width": 1920, "height": 1080}
# A loaded machine takes its time; whoever opens a browser looks at it with this patience at least.
expect.set_options(timeout=20_000)

_AXE: Final = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
"""Comes with `make test` (npm), like the type check of the pages."""

_SERIOUS: Final = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(' | ')}`);
}"""


async def find_serious(page: Page) -> list[str]:
    """Return the serious defects of a page as it looks now, each with where it is.

    axe-core is injected by the debugger, since the page's own policy takes no stranger's script.
    """
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(_SERIOUS)
    return found
