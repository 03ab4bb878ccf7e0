"""A class from the desk to the report, as the people of a clinic see it: real sensors' bytes over the virtual air, all
parts, and four pages of a real Chromium at once.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.system.clinic import NAMES, clinic, sensors
from tests.system.gym import Gym
from tests.system.running import RunningSystem
from tests.system.staff import PHONE, TABLET, WALL, Staff

pytestmark = [
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("system"),
]


@dataclass
class Pages:
    """Who looks at what."""

    desk: Page
    wall: Page
    tablet: Page
    phone: Page
    quiet_since_ms: float = 0.0
    """When somebody had taken the alarm, by the wall's clock."""


async def look_at_all(staff: Staff, pages: Pages, state: str) -> None:
    """Look at the three sizes."""
    for name in ("wall", "tablet", "phone"):
        await staff.look(getattr(pages, name), f"{name}-{state}")


async def test_a_class_from_the_desk_to_the_report(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (system, gym, staff):
        desk = await staff.found_site()
        await register(system, staff, desk)
        await plan(staff, desk)
        pages = Pages(
            desk=desk,
            wall=await staff.open("/wall?name=Gym", WALL),
            tablet=await staff.open("/tablet", TABLET),
            phone=await staff.open("/phone", PHONE),
        )
        await look_at_all(staff, pages, "none")
        await start(staff, desk)
        await call_the_roll(staff, desk)
        await check(staff, desk)
        await look_at_all(staff, pages, "calm")
        await train(staff, gym, pages)
        await raise_alarm(staff, gym, pages)
        await take_alarm(staff, pages)
        await recover(staff, gym, pages)
        await end(staff, pages)
        await review(staff, system, desk)
        assert staff.errors == []
        assert "Traceback" not in system.said()


async def register(system: RunningSystem, staff: Staff, desk: Page) -> None:
    """People; what Anna may do; whose strap is whose."""
    await desk.goto(f"{system.url}/desk")
    await expect(desk.locator(".list .empty")).to_contain_text("Add a person")
    await staff.look(desk, "desk-empty")
    for name in NAMES:
        await desk.get_by_role("button", name="Add a person").click()
        await desk.get_by_label("Alias on the screens").fill(name)
        await desk.keyboard.press("Enter")
        await expect(desk.locator(".person b", has_text=name)).to_have_count(1)
    await staff.look(desk, "desk-people")
    await desk.locator(".person", has_text="Anna").click()
    await desk.get_by_role("button", name="Prescription", exact=True).click()
    await desk.get_by_label("Rest, bpm").fill("65")
    await desk.get_by_label("Upper limit, bpm").fill("121")
    await desk.get_by_label("SpO2 critical below, %").fill("85")
    await desk.get_by_label("Exercise test done").check()
    await desk.get_by_label("Why this version").fill("exercise test")
    await expect(desk.locator('.limit[data-rule="HR_OVER"] h3 b')).to_have_text("> 121 bpm")
    await staff.look(desk, "desk-prescription", is_long=True)
    await desk.get_by_role("button", name="Save as a new version").click()
    await expect(desk.locator(".versions li")).to_have_count(1)

    await desk.get_by_role("tab", name="Sensors").click()
    worn = sensors(system)
    strap = desk.locator(f'[data-sensor="{worn["Anna"][0]}"]')
    await strap.get_by_role("button", name="Give").click()
    await strap.get_by_label("What is written on it").fill("Red 1")
    await strap.get_by_label("Give to").select_option(label="Anna")
    await staff.look(desk, "desk-sensors")
    await strap.get_by_role("button", name="Save").click()
    await expect(desk.locator("[data-known]")).to_have_count(1)
    await give_others(system, worn)


async def give_others(system: RunningSystem, worn: dict[str, tuple[str, str | None]]) -> None:
    """The other sensors are given as a script would."""
    people = {one["alias"]: one["id"] for one in await system.get("/api/v1/people")}
    for number, (name, (strap, oximeter)) in enumerate(worn.items(), start=1):
        if name != "Anna":
            body = {"kind": "strap", "label": f"Red {number}", "owner": people[name]}
            await system.put(f"/api/v1/sensors/{strap}", body)
        if oximeter is not None:
            body = {"kind": "oximeter", "label": f"Blue {number}", "owner": people[name]}
            await system.put(f"/api/v1/sensors/{oximeter}", body)


async def plan(staff: Staff, desk: Page) -> None:
    """A class of the four."""
    await desk.get_by_role("tab", name="Classes").click()
    await desk.get_by_role("button", name="Add a class plan").click()
    await desk.get_by_label("Name of the class").fill("Tuesday group")
    for name in NAMES:
        await desk.locator(".standing").get_by_role("button", name=name).click()
    await staff.look(desk, "desk-plan", is_long=True)
    await desk.get_by_role("button", name="Save", exact=True).click()
    await expect(desk.locator("[data-plan]", has_text="Tuesday group")).to_contain_text("4 people")


async def start(staff: Staff, desk: Page) -> None:
    """Begin it; the page of the class opens."""
    group = desk.locator("[data-plan]", has_text="Tuesday group")
    await group.get_by_role("button", name="Start").click()
    await staff.look(desk, "desk-start")
    await group.get_by_role("button", name=re.compile("Start the class: 4 people")).click()
    await expect(desk).to_have_url(re.compile("/class"))


async def call_the_roll(staff: Staff, page: Page) -> None:
    """Everybody has come, and each has a live value beside the name."""
    for name in NAMES:
        person = page.locator(".person", has_text=name)
        await person.get_by_role("button", name="Is here").click()
        await expect(person.locator(".badge")).to_contain_text("Not cleared")
        await expect(person.locator(".value").first).to_have_attribute("data-state", "live")
    await staff.look(page, "roll-call")


async def check(staff: Staff, page: Page) -> None:
    """Before exercise: three pass, one is let go with a reason."""
    for name in NAMES:
        person = page.locator(".person", has_text=name)
        await person.locator(".who").click()
        await person.get_by_role("group", name="Systolic").get_by_role("button", name="130").click()
        await person.get_by_role("group", name="Diastolic").get_by_role("button", name="80").click()
        await person.get_by_role("button", name="None").click()
        if name == "Anna":
            await staff.look(page, "pre-check", is_long=True)
        if name != "Dora":
            await person.get_by_role("button", name="Taken", exact=True).click()
        await person.get_by_role("button", name="Clear", exact=True).click()
        if name == "Dora":
            await expect(person.locator(".why")).to_contain_text("Still open: Medication")
            await person.locator(".why input").fill("doctor rang, goes without")
            await staff.look(page, "pre-check-open", is_long=True)
            await person.get_by_role("button", name="Clear all the same").click()
        await expect(person.locator(".badge")).to_contain_text("Let be" if name == "Dora" else "Cleared")
        if await person.locator(".inside").count():
            await person.locator(".who").click()
    await expect(page.locator("#page")).not_to_contain_text("not cleared")
    await staff.look(page, "roll-call-cleared")


async def train(staff: Staff, gym: Gym, pages: Pages) -> None:
    """Training begins for everybody, one tap; what is due is entered with one more."""
    desk = pages.desk
    await gym.tell("phase training")
    await desk.locator("#page > .phases").get_by_role("button", name="Training").click()
    await desk.locator(".parts").get_by_role("button", name="In class").click()
    due = desk.locator(".due", has_text="Bert")
    await expect(due.locator(".when")).to_have_text("due")
    await due.locator(".due-row").click()
    await staff.look(desk, "due")
    await due.get_by_role("button", name="13", exact=True).click()
    await expect(due).to_have_count(0)


async def raise_alarm(staff: Staff, gym: Gym, pages: Pages) -> None:
    """Anna's saturation falls: each screen says so, by shape and word too, and the wall sounds."""
    await gym.tell("desaturation 0 on")
    line = pages.wall.locator("#strip .alarm", has_text="< 85")
    await expect(line).to_contain_text("▲▲▲")
    await expect(pages.tablet.locator(".shell-alarm", has_text="< 85")).to_contain_text("▲▲▲")
    await expect(pages.phone.locator(".card-alarm", has_text="< 85")).to_contain_text("▲▲▲ High")
    await pages.wall.wait_for_function("() => globalThis.sounds.filter(({key}) => key.includes('high')).length >= 2")
    await look_at_all(staff, pages, "alarm")
    await staff.look(pages.desk, "class-alarm")


async def take_alarm(staff: Staff, pages: Pages) -> None:
    """Acknowledged on the tablet: the wall is quiet, says who, and so does the phone, which has nothing left to ask."""
    await pages.tablet.locator(".shell-alarm", has_text="< 85").click()
    card = pages.tablet.locator(".alarm-card", has_text="< 85")
    await card.get_by_role("button", name="Why").click()
    await expect(card.locator(".explanation")).not_to_be_empty()
    await staff.look(pages.tablet, "tablet-person-alarm")
    await staff.look(pages.tablet, "tablet-person-alarm-long", is_long=True)
    await card.get_by_role("button", name="Acknowledge").click()
    await expect(pages.wall.locator("#strip .alarm", has_text="< 85").locator(".who")).to_contain_text("✓")
    await expect(pages.wall.locator("body")).not_to_have_attribute("data-sounding", re.compile("high"))
    phone_card = pages.phone.locator(".card-alarm", has_text="< 85")
    await expect(phone_card.get_by_role("button", name="Accept")).to_be_hidden()
    await expect(phone_card).to_contain_text("✓")
    pages.quiet_since_ms = await pages.wall.evaluate("performance.now()")
    await card.get_by_role("button", name="Real").click()
    await look_at_all(staff, pages, "taken")


async def recover(staff: Staff, gym: Gym, pages: Pages) -> None:
    """Effort ends; nobody leaves the list before heart, pressure and symptoms are seen to."""
    desk = pages.desk
    await gym.tell("desaturation 0 off")
    await gym.tell("phase recovery")
    await desk.locator("#page > .phases").get_by_role("button", name="Recovery").click()
    await desk.locator(".parts").get_by_role("button", name="Recovery").click()
    await staff.look(desk, "recovery", is_long=True)
    for name in NAMES:
        person = desk.locator(".recovery", has_text=name)
        await person.get_by_role("group", name="Systolic").get_by_role("button", name="120").click()
        await person.get_by_role("group", name="Diastolic").get_by_role("button", name="80").click()
        await person.get_by_role("button", name="Keep").click()
        await person.get_by_role("button", name="No symptoms").click()
    for name in NAMES:
        person = desk.locator(".recovery", has_text=name)
        await expect(person).to_contain_text(re.compile(r"1 min: -?-\d+ bpm"))
        await expect(person).to_have_attribute("data-missing", "0")
    await staff.look(desk, "recovery-done", is_long=True)
    # Nobody has seen yet that Anna's alarm is over.
    for name in NAMES:
        person = desk.locator(".recovery", has_text=name)
        await person.get_by_role("button", name="Release").click()
        await expect(person).to_have_count(0)
    await expect(pages.wall.locator(".tile")).to_have_count(0)
    await look_at_all(staff, pages, "released")


async def end(staff: Staff, pages: Pages) -> None:
    """With nothing open the class ends with one tap."""
    desk = pages.desk
    await desk.locator(".parts").get_by_role("button", name="End").click()
    await staff.look(desk, "end")
    await desk.get_by_role("button", name="End the class").click()
    await expect(desk.locator("#page h1")).to_have_text("The class has ended.")
    await look_at_all(staff, pages, "ended")
    loud = await pages.wall.evaluate(
        "(since) => globalThis.sounds.filter(({at, key}) => at > since && key.includes('high'))", pages.quiet_since_ms
    )
    assert loud == []


async def review(staff: Staff, system: RunningSystem, desk: Page) -> None:
    """Afterwards: the class, one person, the sheet for the file."""
    await desk.goto(f"{system.url}/review")
    await staff.look(desk, "review-list")
    await desk.get_by_text("Tuesday group").click()
    await expect(desk.locator(".review")).to_have_attribute("data-state", "done")
    await expect(desk.locator("tbody tr")).to_have_count(len(NAMES))
    await staff.look(desk, "review-class", is_long=True)
    await desk.get_by_role("link", name="Anna").click()
    await expect(desk.locator(".course canvas").first).to_be_visible()
    await expect(desk.locator(".review")).to_have_attribute("data-chart", re.compile("."))
    await staff.look(desk, "review-person", is_long=True)
    report = await desk.get_by_role("link", name="Report", exact=True).get_attribute("href")
    await desk.goto(f"{system.url}{report}")
    await expect(desk.locator("body")).to_contain_text("Anna")
    await staff.look(desk, "report", is_long=True)
