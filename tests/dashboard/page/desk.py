"""The administrator's browser before a clinic: logged in, tab by tab; what its page throws fails the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, expect

from tests.dashboard.access.clinic_house import PASSWORD, Clinic


@asynccontextmanager
async def open_desk(browser: Browser, clinic: Clinic, *, patience_ms: int) -> AsyncIterator[Page]:
    """Open a page that may log no error and run nothing that somebody typed."""
    context = await browser.new_context(viewport={"width": 1024, "height": 768}, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(patience_ms)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
    answer = await context.request.post(
        f"http://{clinic.authority}/api/v1/login", data={"user": "ada", "password": PASSWORD}
    )
    assert answer.ok
    yield page
    await context.close()
    assert errors == []


async def open_tab(page: Page, clinic: Clinic, where: str) -> None:
    # Another one each time: with the part behind the # alone nothing would be loaded anew.
    await page.goto("about:blank")
    await page.goto(f"http://{clinic.authority}/{where}")
    await expect(page.locator("#part")).to_have_attribute("aria-busy", "false")
