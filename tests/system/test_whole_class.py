"""A class from the desk to the report, as the people of a clinic see it: real sensors' bytes over the virtual air, all
parts, and four pages of a real Chromium at once.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.system.gym import Gym, cast, open_gym
from tests.system.running import RunningSystem, running, until
from tests.system.staff import PHONE, TABLET, WALL, Staff, staff_at, tab_to
from vitals.sensors import mint_sensor_id
from vitals.settings import Settings
from vitals.site_key import open_site_key

pytestmark = [
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("system"),
]

RATE: Final = 3
"""The minute after effort, of which heart recovery is told, in 20 s."""
NAMES: Final = ("Anna", "Bert", "Cleo", "Dora")
FLOW: Final = """
recovery = ["heart", "blood_pressure", "symptoms"]
[pre_check]
items = ["blood_pressure", "heart_rate", "spo2", "symptoms", "medication"]
[[due]]
kind = "rpe"
phases = ["training"]
first_s = 15
"""


@asynccontextmanager
async def clinic(folder: Path) -> AsyncIterator[tuple[RunningSystem, Gym, Staff]]:
    flow = folder / "flow.toml"
    flow.write_text(FLOW)
    async with open_gym(rate=RATE) as gym:
        settings = {
            "VITALS_MODE": "simulated",
            "VITALS_CLOCK_RATE": str(RATE),
            "VITALS_GATEWAY__RADIOS": f"bumble:tcp-client:127.0.0.1:{gym.port}?slots=50",
            "VITALS_DASHBOARD__FLOW_FILE": str(flow),
        }
        async with running(folder, "serve", **settings) as system:
            await until(lambda: "first admin: " in system.said(), "the system is up", within_s=90)
            async with staff_at(system, folder) as staff:
                yield system, gym, staff


async def test_a_class_from_the_desk_to_the_report(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (system, gym, staff):
        desk = await staff.found_site()
        await register(system, staff, desk)
        await plan(staff, desk)
        wall = await staff.open("/wall?name=Gym", WALL)
        tablet = await staff.open("/tablet", TABLET)
        phone = await staff.open("/phone", PHONE)
        for page, name in ((wall, "wall-none"), (tablet, "tablet-none"), (phone, "phone-none")):
            await staff.look(page, name)
        await start(staff, desk)


def sensors(system: RunningSystem) -> dict[str, tuple[str, str | None]]:
    """Return who wears which strap and oximeter."""
    key = open_site_key(Settings(data=system.data).site_key_file)
    return {
        name: (
            mint_sensor_id(key, actor.strap_address),
            None if actor.oximeter_address is None else mint_sensor_id(key, actor.oximeter_address),
        )
        for name, actor in zip(NAMES, cast(), strict=True)
    }


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
    await staff.look(desk, "desk-prescription")
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
