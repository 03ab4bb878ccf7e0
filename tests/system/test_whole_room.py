"""What a class must be without: a mouse, colours, a manual. Real sensors' bytes, all parts, and a real Chromium."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Locator, Page, expect

from simulators.cast import plan_class
from tests.system.clinic import NAMES, clinic
from tests.system.gym import Gym, cast
from tests.system.running import RunningSystem
from tests.system.staff import PHONE, TABLET, WALL, Staff, tab_to
from vitals.sensors import GatewayId
from vitals.sessions import GenerationMode
from vitals.settings import Settings
from vitals.site_key import open_site_key

pytestmark = [
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.xdist_group("system"),
]

CLICKS_MAX: Final = 2
BLINDNESS: Final = ("protanopia", "deuteranopia", "tritanopia", "achromatopsia")
TILES: Final = """() => [...document.querySelectorAll('.tile')].map((tile) => ({
  seat: tile.querySelector('.seat')?.textContent, text: tile.innerText,
}))"""


async def test_a_room_is_run_by_keyboard_in_two_clicks_and_without_colours(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (system, gym, staff):
        await staff.found_site()
        await begin(system)
        wall = await staff.open("/wall", WALL)
        tablet = await staff.open("/tablet", TABLET)
        phone = await staff.open("/phone", PHONE)
        await expect(wall.locator('.tile[data-hr="live"]')).to_have_count(len(NAMES))
        await make_trouble(gym, wall)
        await tell_apart_without_colours(staff, {"wall": wall, "tablet": tablet, "phone": phone})
        await find_in_two_clicks(system, staff, tablet)
        await work_by_keyboard(staff, tablet)
        assert staff.errors == []
        assert "Traceback" not in system.said()


async def begin(system: RunningSystem) -> None:
    """Begin a class as a script does; Bert's upper limit is below what training takes."""
    base = Settings(data=system.data)
    body = plan_class(
        cast(),
        name="Thursday group",
        mode=GenerationMode.SIMULATED,
        room=base.dashboard.room,
        gateway=GatewayId(base.gateway.id),
        site_key=open_site_key(base.site_key_file),
    )
    people: Any = body["participants"]
    for person, alias in zip(people, NAMES, strict=True):
        person["alias"] = alias
    people[1]["prescription"]["hr_upper_bpm"] = 95
    await system.post("/api/v1/sessions", body | {"phase": "training"})


async def make_trouble(gym: Gym, wall: Page) -> None:
    """One of each: oxygen far too low, heart too fast, a strap off the skin, and somebody who is well."""
    await gym.tell("desaturation 0 on")
    await gym.tell("phase training")
    await gym.tell("off_skin 3 on")
    strip = wall.locator("#strip .alarm")
    await expect(strip.filter(has_text="< 85")).to_have_count(1)
    await expect(strip.filter(has_text="> 95")).to_have_count(1)
    await expect(wall.locator('.tile[data-hr="lost"]')).to_have_count(1)


async def tell_apart_without_colours(staff: Staff, pages: dict[str, Page]) -> None:
    """Whatever colours an eye lacks, marks and words tell high, medium and technical from each other and from well."""
    for kind in BLINDNESS:
        for name, page in pages.items():
            cdp = await page.context.new_cdp_session(page)
            await cdp.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
            await staff.look(page, f"{name}-{kind}")
            await cdp.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
            await cdp.detach()
    wall, tablet, phone = pages["wall"], pages["tablet"], pages["phone"]
    for lines in (wall.locator("#strip .alarm"), tablet.locator(".shell-alarm")):
        await expect(lines.filter(has_text="< 85").locator(".mark")).to_have_text("▲▲▲")
        await expect(lines.filter(has_text="> 95").locator(".mark")).to_have_text("▲▲")
    await expect(phone.locator(".card-alarm", has_text="< 85").locator(".mark")).to_have_text("▲▲▲ High")
    await expect(phone.locator(".card-alarm", has_text="> 95").locator(".mark")).to_have_text("▲▲ Medium")
    tiles = {one["seat"]: one["text"] for one in await wall.evaluate(TILES)}
    assert "▲▲▲" in tiles["1"]
    assert "▲▲" in tiles["2"]
    assert "▲▲▲" not in tiles["2"]
    assert "▲" not in tiles["3"]
    assert "--" in tiles["4"]
    assert "skin" in tiles["4"]


class Finger:
    """Counts how often somebody touches the tablet."""

    def __init__(self) -> None:
        self.touches = 0

    async def touch(self, where: Locator) -> None:
        self.touches += 1
        await where.click()


async def find_in_two_clicks(system: RunningSystem, staff: Staff, tablet: Page) -> None:
    """Who, why, since when, acknowledge, pause the sound, change a limit, write a note: each from the page's start."""
    line = tablet.locator(".shell-alarm", has_text="< 85")
    card = tablet.locator(".alarm-card", has_text="< 85")
    anna = tablet.locator(".people .person", has_text="Anna")

    async def fresh() -> Finger:
        await tablet.goto("about:blank")
        await tablet.goto(f"{system.url}/tablet")
        await expect(line).to_be_visible()
        return Finger()

    # Who, what and since when stand there without any.
    finger = await fresh()
    await expect(line.locator(".seats")).to_have_text("1")
    await expect(line.locator(".age")).not_to_be_empty()
    await finger.touch(line)
    await finger.touch(card.get_by_role("button", name="Why"))
    await expect(card.locator(".explanation")).to_contain_text("85")
    assert finger.touches <= CLICKS_MAX
    finger = await fresh()
    await finger.touch(tablet.locator(".shell-pause"))
    await expect(tablet.locator(".shell-pause")).to_contain_text("Sound paused")
    assert finger.touches <= CLICKS_MAX
    await staff.look(tablet, "tablet-paused")
    finger = await fresh()
    await finger.touch(anna)
    await finger.touch(tablet.locator('button.limit[data-rule="SPO2_LOW"]'))
    await expect(tablet.locator("dialog[open]").get_by_label("New value")).to_be_visible()
    assert finger.touches <= CLICKS_MAX
    await staff.look(tablet, "tablet-limit")
    finger = await fresh()
    await finger.touch(anna)
    await finger.touch(tablet.get_by_role("textbox", name="Note"))
    await tablet.keyboard.type("sits down")
    await tablet.keyboard.press("Enter")
    await expect(tablet.locator(".entered")).to_contain_text("sits down")
    assert finger.touches <= CLICKS_MAX
    finger = await fresh()
    await finger.touch(line)
    await finger.touch(card.get_by_role("button", name="Acknowledge"))
    await expect(line.locator(".who")).to_contain_text("✓")
    assert finger.touches <= CLICKS_MAX


async def work_by_keyboard(staff: Staff, tablet: Page) -> None:
    """No mouse: Bert's page, his alarm, another limit, a note."""
    keys = tablet.keyboard
    await tablet.reload()
    bert = tablet.locator(".people .person", has_text="Bert")
    await expect(bert).to_be_visible()
    await tab_to(tablet, bert)
    await keys.press("Enter")
    card = tablet.locator(".alarm-card", has_text="> 95")
    take = card.get_by_role("button", name="Acknowledge")
    await expect(take).to_be_visible()
    await tab_to(tablet, take)
    await staff.look(tablet, "tablet-keyboard")
    await keys.press("Space")
    await expect(card.locator(".who")).to_contain_text("✓")
    limit = tablet.locator('button.limit[data-rule="HR_OVER"]')
    await tab_to(tablet, limit)
    await keys.press("Enter")
    dialog = tablet.locator("dialog[open]")
    value = dialog.get_by_label("New value")
    await tab_to(tablet, value)
    await keys.press("ArrowUp")
    await expect(value).to_have_value("96")
    await tab_to(tablet, dialog.get_by_role("button", name="Agreed with the doctor"))
    await keys.press("Space")
    await tab_to(tablet, dialog.get_by_role("button", name="Save"))
    await keys.press("Enter")
    await expect(limit).to_contain_text("96")
    await tab_to(tablet, tablet.get_by_role("textbox", name="Note"))
    await keys.type("slower now")
    await keys.press("Enter")
    await expect(tablet.locator(".entered")).to_contain_text("slower now")
