"""The class page in a real browser: a whole class from roll-call to its end, looked at in two sizes by axe-core."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from tests.chromium import CHROMIUM, FLAGS, find_serious
from tests.dashboard.flow.class_house import ClassHouse, open_class_house
from tests.dashboard.house import person
from tests.peers import Mosquitto

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(240)]

TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PLAN: Final = """
recovery = ["blood_pressure", "symptoms"]
[pre_check]
items = ["blood_pressure", "weight", "symptoms", "medication"]
[[due]]
kind = "rpe"
phases = ["training"]
first_s = 10
"""
SMALL: Final = """() => [...document.querySelectorAll('#page button, #page input, #page select')]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 48)
  .map((node) => node.outerHTML.slice(0, 100))"""


@asynccontextmanager
async def browsing(house: ClassHouse) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=TABLET, locale="en-GB", reduced_motion="reduce")
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"http://{house.authority}/class")
        yield page
        await browser.close()
        assert errors == []


async def look(page: Page, folder: Path, name: str) -> None:
    """Take a picture in both sizes; no serious defect, nothing too small for a thumb, nothing beyond the edge."""
    place = Path(os.environ.get("VITALS_SCREENSHOTS", folder))
    for size, kind in ((PHONE, "phone"), (TABLET, "tablet")):
        await page.set_viewport_size(size)
        await page.screenshot(path=place / f"class-{name}-{kind}.png", full_page=True)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, kind)
        assert await page.evaluate(SMALL) == [], (name, kind)
    assert await find_serious(page) == [], name


async def check_anna(page: Page, folder: Path) -> None:
    """Roll-call, and the check of one."""
    anna = page.locator(".person", has_text="Anna")
    await anna.get_by_role("button", name="Is here").click()
    await expect(anna.locator(".badge")).to_contain_text("Not cleared")
    await anna.locator(".who").click()
    await look(page, folder, "pre-check")
    await anna.get_by_role("group", name="Systolic").get_by_role("button", name="130").click()
    await anna.get_by_role("group", name="Diastolic").get_by_role("button", name="80").click()
    await anna.locator(".number input").fill("79,5")
    await anna.get_by_role("button", name="None").click()
    await anna.get_by_role("button", name="Clear", exact=True).click()
    await expect(anna.locator(".why")).to_contain_text("Still open: Medication")
    await look(page, folder, "pre-check-open")
    await anna.get_by_role("button", name="Taken", exact=True).click()
    await anna.get_by_role("button", name="Clear", exact=True).click()
    await expect(anna.locator(".badge")).to_contain_text("Cleared")


async def begin_training(page: Page) -> None:
    """The second one begins with a reason; by keyboard alone."""
    await page.locator(".person", has_text="Bert").get_by_role("button", name="Is here").click()
    await expect(page.locator(".person", has_text="Bert").locator(".badge")).to_contain_text("Not cleared")
    training = page.locator("#page > .phases").get_by_role("button", name="Training")
    await training.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".why p")).to_contain_text("not cleared: seat 2")
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.name") == "why":
            break
    await page.keyboard.type("checked on the ward")
    await page.keyboard.press("Enter")
    await expect(training).to_have_attribute("aria-pressed", "true")


async def come_late(page: Page, house: ClassHouse, session: str, folder: Path) -> None:
    """Who is in a phase of exercise without having been cleared is named until the check is made."""
    await page.locator(".person", has_text="Cleo").get_by_role("button", name="Is here").click()
    await expect(page.locator(".unchecked")).to_contain_text("Exercises and is not cleared: seat 3.")
    await look(page, folder, "unchecked")
    check = f"/api/v1/sessions/{session}/participants/p03/pre-check"
    await house.ask(check, {"why": "checked on paper at the door"})
    await expect(page.locator(".unchecked")).to_have_count(0)


async def enter_what_is_due(page: Page, folder: Path) -> None:
    """One tap to open, one to enter."""
    await page.locator(".parts").get_by_role("button", name="In class").click()
    due = page.locator(".due", has_text="Anna")
    await expect(due.locator(".when")).to_have_text("due")
    await due.locator(".due-row").click()
    await look(page, folder, "due")
    await due.get_by_role("button", name="13", exact=True).click()
    await expect(due).to_have_count(0)


async def stop_bert(page: Page, folder: Path) -> None:
    """A stop sign says at once what to do."""
    await page.locator(".two .person", has_text="Bert").locator(".who").click()
    await page.get_by_role("button", name="Chest pain").click()
    stop = page.locator(".stop")
    await expect(stop).to_contain_text("Stop now.")
    await look(page, folder, "stop")
    await stop.get_by_role("button", name="To recovery").click()
    await expect(stop).to_have_count(0)


async def release_bert(page: Page, folder: Path) -> None:
    """Who has been seen to leaves with one tap."""
    await page.locator("#page > .phases").get_by_role("button", name="Recovery").click()
    await page.locator(".parts").get_by_role("button", name="Recovery").click()
    bert = page.locator(".recovery", has_text="Bert")
    await bert.get_by_role("group", name="Systolic").get_by_role("button", name="120").click()
    await bert.get_by_role("group", name="Diastolic").get_by_role("button", name="80").click()
    await bert.get_by_role("button", name="Keep").click()
    await bert.get_by_role("button", name="No symptoms").click()
    await expect(bert).to_have_attribute("data-missing", "0")
    await look(page, folder, "recovery")
    await bert.get_by_role("button", name="Release").click()
    await expect(bert).to_have_count(0)


async def end(page: Page, folder: Path) -> None:
    """The end says what is open and asks why."""
    await page.locator(".parts").get_by_role("button", name="End").click()
    await expect(page.locator(".open-points li").first).to_contain_text("Anna")
    await page.get_by_role("button", name="End the class").click()
    await expect(page.locator(".why")).to_contain_text("say why")
    await look(page, folder, "end")
    await page.locator(".why input").fill("taken to the ward by her nurse")
    await page.get_by_role("button", name="End all the same").click()
    await expect(page.locator("#page h1")).to_have_text("The class has ended.")


async def test_a_class_is_run_from_roll_call_to_its_end(broker: Mosquitto, tmp_path: Path) -> None:
    plan = tmp_path / "flow.toml"
    plan.write_text(PLAN)
    async with open_class_house(tmp_path, broker, flow_file=plan) as house, browsing(house) as page:
        await expect(page.locator("#page h1")).to_have_text("No class yet.")
        await look(page, tmp_path, "none")
        people = (person(1, alias="Anna"), person(2, alias="Bert"), person(3, alias="Cleo"))
        session = (await house.start_class(*people))["id"]
        await check_anna(page, tmp_path)
        await begin_training(page)
        await come_late(page, house, session, tmp_path)
        await enter_what_is_due(page, tmp_path)
        await stop_bert(page, tmp_path)
        await release_bert(page, tmp_path)
        await end(page, tmp_path)
