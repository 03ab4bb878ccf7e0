"""What the tests of the page share: one browser, a fresh page each, a scripted server, and where pictures go."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.dashboard.page.peer import ScriptedPeer
from tests.dashboard.page.screen import Screen

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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def peer() -> AsyncIterator[ScriptedPeer]:
    async with ScriptedPeer() as peer:
        yield peer


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page as large as the wall; a test fails when the page logs an error."""
    context = await browser.new_context(viewport=WALL)
    page = await context.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    await context.close()
    # That a server is away is what many tests are about; what it does not have is an error.
    unexpected = [error for error in errors if "WebSocket" not in error and "ERR_CONNECTION_REFUSED" not in error]
    assert unexpected == []


@pytest_asyncio.fixture(loop_scope="session")
async def screen(page: Page, peer: ScriptedPeer, pictures: Path) -> Screen:
    return Screen(page, peer, pictures)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("VITALS_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
