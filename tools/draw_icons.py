"""Draws the icons of the phone's page from dashboard/static/icon.svg with Chromium: run by hand when that changes.

.venv/bin/python tools/draw_icons.py
"""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright

STATIC: Final = Path(__file__).resolve().parents[1] / "dashboard" / "static"
GROUND: Final = "#141b23"
SIZES: Final = {"icon-192.png": (192, 1.0), "icon-512.png": (512, 1.0), "icon-maskable-512.png": (512, 0.72)}
"""File, side in px, share of the side that the drawing takes: a maskable icon is cut to a circle of 80 % of it."""


async def draw() -> None:
    """Draw all sizes."""
    svg = (STATIC / "icon.svg").read_text(encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (side_px, share) in SIZES.items():
            page = await browser.new_page(viewport={"width": side_px, "height": side_px})
            ground = GROUND if share < 1 else "transparent"
            drawn_px = round(side_px * share)
            style = f"margin:0;display:grid;place-items:center;height:100vh;background:{ground}"
            sized = svg.replace("<svg ", f'<svg width="{drawn_px}" height="{drawn_px}" ', 1)
            await page.set_content(f'<body style="{style}">{sized}</body>')
            await page.screenshot(path=STATIC / "phone" / name, omit_background=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(draw())
