"""axe-core looks at every page state and finds no serious defect; all works by keyboard; movement can be off."""

from typing import Any

import pytest
from playwright.async_api import expect

from dashboard.frames import AudioView, ScreenView
from tests.chromium import find_serious
from tests.dashboard.page.peer import mono_ms
from tests.dashboard.page.people import acknowledged, hr_high, no_data, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.alarms import Signal

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="session")]


def busy(count: int) -> Any:
    return room(
        count,
        alarms=(spo2_critical(1), acknowledged(hr_high(2)), hr_high(3, signal=Signal.LATCHED), no_data(4)),
        audio=AudioView(paused_until_ms=mono_ms() + 90_000, by="MK"),
        screens=(ScreenView(screen="b", name="Gym", sound="off"),),
    )


@pytest.mark.parametrize("size", [(1920, 1080), (1024, 768), (390, 844)], ids=str)
async def test_no_serious_defect_in_any_state(screen: Screen, size: tuple[int, int]) -> None:
    await screen.page.set_viewport_size({"width": size[0], "height": size[1]})
    # Between the two phases of a flash there is no colour to judge.
    await screen.page.emulate_media(reduced_motion="reduce")
    screen.peer.scene = room(0)
    await screen.open()
    assert await find_serious(screen.page) == []
    screen.peer.scene = busy(12)
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(4)
    assert await find_serious(screen.page) == []
    await screen.lines().first.click()
    await expect(screen.page.locator("#acknowledge")).to_be_visible()
    assert await find_serious(screen.page) == []
    await screen.page.keyboard.press("Escape")
    await screen.page.locator("#path").click()
    await screen.page.locator("#test").click()
    await expect(screen.page.locator("#heard")).to_be_visible()
    assert await find_serious(screen.page) == []


async def test_the_sound_is_paused_and_tested_by_keyboard_alone(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    await screen.page.locator("#sound").focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#screen-initials")).to_be_focused()
    await screen.page.keyboard.type("MK")
    await screen.page.keyboard.press("Tab")
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator("#test")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await screen.page.keyboard.press("Tab")
    await expect(screen.page.locator("#heard")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#sound")).to_contain_text("by MK")
    await screen.page.locator("#pause").focus()
    await screen.page.keyboard.press("Enter")
    await screen.peer.until(lambda: len(screen.peer.pauses) == 1)
    await expect(screen.page.locator("#screen")).to_be_hidden()


async def test_what_is_touched_is_at_least_48_px_high(screen: Screen) -> None:
    for width, height in ((1920, 1080), (390, 844)):
        await screen.page.set_viewport_size({"width": width, "height": height})
        screen.peer.scene = busy(12)
        await screen.open()
        for name in ("#path", "#sound"):
            tall = """node => {
              const box = node.getBoundingClientRect();
              const after = getComputedStyle(node, '::after');
              const extra = after.content === 'none' ? 0 : -parseFloat(after.top) - parseFloat(after.bottom);
              return box.height + extra;
            }"""
            assert await screen.page.locator(name).evaluate(tall) >= 48, (name, width)
        await screen.page.locator("#sound").click()
        await screen.page.locator("#test").click()
        for name in ("#pause", "#test", "#heard", "#not-heard", "#screen-close", "#screen-initials"):
            box = await screen.page.locator(name).bounding_box()
            assert box is not None
            assert box["height"] >= 48
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        await screen.page.keyboard.press("Escape")
