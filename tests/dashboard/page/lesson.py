"""A class that runs before browsers: a real server, hearts that beat, and staff with a page each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Browser, Locator, Page, expect

from tests.chromium import find_serious
from tests.dashboard.house import House, Voice, open_voice, settings_for
from tests.peers import Mosquitto

HOLD_S: Final = 20_000


class Staff:
    """Browsers in front of one house, each with a page of its own; errors of a page fail the test."""

    def __init__(self, browser: Browser, house: House, pictures: Path) -> None:
        self._browser = browser
        self._house = house
        self._pictures = pictures
        self.errors: list[str] = []

    async def open(self, path: str, *, width: int = 1024, height: int = 768) -> Page:
        page = await self._browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        await page.goto(f"http://{self._house.authority}{path}")
        await expect(page.locator("body")).to_have_attribute("data-link", "live", timeout=20_000)
        return page

    async def picture(self, page: Page, name: str) -> None:
        await page.screenshot(path=self._pictures / f"tablet-{name}.png")

    async def require_no_defect(self, page: Page) -> None:
        assert await find_serious(page) == []


@asynccontextmanager
async def beating(voice: Voice) -> AsyncIterator[None]:
    """Let two people's hearts beat until the test is over."""

    async def beat() -> None:
        while True:
            await voice.say_hr(1, 131)
            await voice.say_hr(2, 92)
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(beat(), name="test.hearts")
        yield
        task.cancel()


class Lesson(NamedTuple):
    """A class that runs: its house, who speaks for the sensors, who stands before the screens, and its id."""

    house: House
    voice: Voice
    staff: Staff
    session: str


@asynccontextmanager
async def teaching(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path, *people: dict[str, Any]
) -> AsyncIterator[Lesson]:
    """A class of these people; no page of it may log an error."""
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, beating(voice):
        session = (await house.start_class(*people))["id"]
        staff = Staff(browser, house, pictures)
        yield Lesson(house, voice, staff, session)
        assert staff.errors == []


async def hold(page: Page, button: Locator, done: Locator) -> None:
    """Hold a button with the mouse until what it does is seen."""
    await button.hover()
    await page.mouse.down()
    await expect(done).to_be_visible(timeout=HOLD_S)
    await page.mouse.up()


def said(voice: Voice, verb: str) -> list[Any]:
    return [command for command in voice.commands if command.body.__struct_config__.tag == verb]
