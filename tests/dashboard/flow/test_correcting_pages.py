"""Corrections, the next class and practice in a real browser: on the class page, the tablet and in review."""

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.dashboard.flow.class_house import ClassHouse, open_class_house
from tests.dashboard.flow.test_class_page import browsing, look
from tests.dashboard.house import person
from tests.peers import Mosquitto

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(240)]

PLAN: Final = """
recovery = ["symptoms"]
[[due]]
kind = "rpe"
phases = ["training"]
first_s = 10
[[due]]
kind = "session_rpe"
phases = ["training"]
first_s = 10
"""


async def exchange(page: Page) -> None:
    """Two people had each other's strap from the start."""
    await page.locator(".wearing-card > summary").click()
    form = page.locator(".wearing form.exchange")
    await form.locator("[name=why]").fill("straps mixed up")
    await form.get_by_role("button", name="Put right").click()


async def enter_from_the_tablet(page: Page, house: ClassHouse, folder: Path, session: str) -> None:
    """What is due and the stop signs: one tap from the page of a person."""
    await page.goto(f"http://{house.authority}/tablet#p01")
    await expect(page.locator("button.person", has_text="Bert").locator(".label, .flow")).to_contain_text(
        ["not cleared"]
    )
    due = page.locator(".dues-here")
    await due.get_by_role("button", name="Whole class").click()
    await look(page, folder, "tablet-due")
    await page.locator(".due-pad").get_by_role("button", name="4", exact=True).click()
    await expect(due.get_by_role("button", name="Whole class")).to_have_count(0)
    await page.locator(".stop-signs").get_by_role("button", name="Dizziness").click()
    await expect(page.locator(".hint")).to_contain_text("Stop now.")
    await look(page, folder, "tablet-stop")
    found = await house.person(session, "p01")
    assert found["clearance"]["stop_sign"] == "dizziness"


async def test_a_mix_up_is_put_right_and_the_next_class_follows(broker: Mosquitto, tmp_path: Path) -> None:
    plan = tmp_path / "flow.toml"
    plan.write_text(PLAN)
    async with open_class_house(tmp_path, broker, flow_file=plan) as house, browsing(house) as page:
        carla = (await house.ask("/api/v1/people", {"alias": "Carla"}, status=201))["id"]
        seats = [{"seat": 1, "person": carla, "strap": "s-strap2"}]
        await house.ask("/api/v1/plans", {"name": "Half past ten", "seats": seats}, status=201)
        session = (await house.start_class(person(1, alias="Anna"), person(2, alias="Bert")))["id"]
        for who in ("p01", "p02"):
            await house.come(session, who)

        await exchange(page)
        await expect(page.locator(".corrected > li")).to_contain_text("straps mixed up")
        await expect(page.locator(".wearers > li", has_text="Anna")).to_contain_text("s-strap2")
        await look(page, tmp_path, "wearing")

        await house.phase(session, "training", participant="p01", why="for the test")
        await enter_from_the_tablet(page, house, tmp_path, session)

        await page.goto(f"http://{house.authority}/class")
        await page.locator(".parts").get_by_role("button", name="End").click()
        await page.get_by_role("combobox", name="Class").select_option(label="Half past ten")
        await expect(page.locator(".staying li")).to_contain_text("s-strap2")
        await look(page, tmp_path, "next")
        await page.get_by_role("button", name="End this class and begin the next").click()
        await page.locator(".why input").fill("all are well")
        await page.get_by_role("button", name="End and begin all the same").click()
        await expect(page.locator(".call .person", has_text="Carla")).to_be_visible()

        await page.goto(f"http://{house.authority}/review/{session}")
        await page.locator(".wearing-card > summary").click()
        await expect(page.locator(".wearing")).to_have_attribute("data-recorded", "yes")
        row = page.locator(".wearers > li", has_text="Anna").locator(".worn-row")
        await row.get_by_role("button").click()
        await row.locator("[name=who]").select_option(label="nobody")
        await row.locator("[name=why]").fill("lay on the table")
        await look(page, tmp_path, "review-wearing")
        await row.get_by_role("button", name="Put right").click()
        await expect(page.locator(".corrected > li")).to_have_count(2)
        await expect(page.locator(".wearing")).to_have_attribute("data-recorded", "yes")
        await expect(page.locator(".wearers > li", has_text="Anna")).to_contain_text("no sensor")


async def test_nobody_takes_practice_for_a_class(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house, browsing(house) as page:
        await expect(page.locator("#page")).to_contain_text("No phone is called about them.")
        await page.get_by_role("button", name="Begin practice").click()
        for path in ("class", "tablet", "phone", "wall"):
            if path != "class":
                await page.goto(f"http://{house.authority}/{path}")
            badge = page.locator("#badge, .shell-badge")
            await expect(badge).to_have_text("PRACTICE - not a class")
            await expect(badge).to_be_visible()
            assert (await page.title()).startswith("PRACTICE - not a class")
            await page.screenshot(path=tmp_path / f"practice-{path}.png")
