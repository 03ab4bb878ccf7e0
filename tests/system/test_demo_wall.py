"""The demo as a newcomer sees it: in its first two minutes the wall shows each kind of trouble, in real Chromium."""

from itertools import groupby
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.system.looking import Eye, Look, looking
from tests.system.running import running, until

pytestmark = [
    pytest.mark.peer,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.xdist_group("system"),
]

PEOPLE = 12
RATE = 3
"""Two minutes of the class in 40 s."""


def states(looks: list[Look], who: str) -> list[str]:
    """What a person's heart rate looked like, one state after the other; without the server no number lives."""
    return [state for state, _ in groupby(look["hr"] for look in looks if look["id"] == who and look["link"] == "live")]


async def test_the_demo_shows_each_kind_of_trouble_and_an_alarm_is_taken_by_keyboard(tmp_path: Path) -> None:
    arguments = ("--participants", str(PEOPLE))
    async with running(tmp_path, "demo", *arguments, VITALS_CLOCK_RATE=str(RATE)) as system, looking() as eye:
        await until(lambda: "wall: " in system.said(), "the class begins", within_s=60)
        await eye.open(system)
        await expect(eye.page.locator(".tile")).to_have_count(PEOPLE)
        await expect(eye.page.locator("#badge")).to_have_text("SIMULATED DATA")

        # Somebody's heart passes the limit: the tile, and a line above all tiles.
        await eye.until_look("look.label.startsWith('HR ') && look.alarm !== '' && look.hr === 'live'")
        await expect(eye.page.locator("#strip .alarm", has_text="HR ").first).to_be_visible()
        await eye.picture(tmp_path, "demo-hr-alarm")
        await take_first_alarm(eye)

        # The strap of another loses the skin, somebody's saturation falls, somebody walks out of range.
        await eye.until_look("look.label.includes('no skin contact') && look.hrText === '--'")
        await eye.picture(tmp_path, "demo-no-skin-contact")
        await eye.until_look("look.label.startsWith('SpO2 ') && look.alarm !== ''")
        await expect(eye.page.locator("#strip .alarm", has_text="SpO2 ").first).to_be_visible()
        await eye.picture(tmp_path, "demo-spo2-alarm")
        await eye.until_look("look.hr === 'stale' && look.hrText !== '--'")
        await eye.picture(tmp_path, "demo-stale")
        await eye.until_look("look.hr === 'lost' && look.hrText === '--' && look.label.includes('No strap signal')")
        await eye.picture(tmp_path, "demo-lost")

        walker = await who_was_lost(eye)
        await eye.page.wait_for_function(
            "(who) => document.querySelector(`.tile[data-id='${who}']`).dataset.hr === 'live'",
            arg=walker,
            timeout=90_000,
        )
        await eye.picture(tmp_path, "demo-back")
        # Out of range and back: never straight from alive to nothing, nothing alive in between.
        way = states(await eye.looks(), walker)
        lost = way.index("lost", way.index("live"))
        assert way[lost - 1] == "stale"
        assert way[lost + 1 :][:1] == ["live"]
        assert eye.errors == []
        assert "Traceback" not in system.said()


async def take_first_alarm(eye: Eye) -> None:
    """Acknowledge the first line of the strip without a mouse."""
    line = eye.page.locator("#strip .alarm").first
    await line.focus()
    await expect(line).to_be_focused()
    await eye.page.keyboard.press("Enter")
    await expect(eye.page.locator("#initials")).to_be_focused()
    await eye.page.keyboard.type("JD")
    await eye.page.keyboard.press("Enter")
    await expect(eye.page.locator("#strip .alarm .who", has_text="✓ JD").first).to_be_visible()
    await eye.until_look("look.who === '✓ JD'")


async def who_was_lost(eye: Eye) -> str:
    return next(
        str(look["id"])
        for look in await eye.looks()
        if look["hr"] == "lost" and look["label"].startswith("No strap signal")
    )
