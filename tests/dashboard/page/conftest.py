"""What the tests of the page share: one browser, a fresh page each, a scripted server, and where pictures go."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.chromium import CHROMIUM, FLAGS, WALL
from tests.dashboard.page.peer import ScriptedPeer
from tests.dashboard.page.screen import Screen


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
async def screen(peer: ScriptedPeer, page: Page, pictures: Path) -> Screen:
    """A page in front of a peer. The page ends first: what it asks of a peer that ends is reset, and is no defect."""
    return Screen(page, peer, pictures)
