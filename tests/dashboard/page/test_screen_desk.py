"""What a screen does beside showing people: it stays awake, and it sounds also while nobody sees it."""

import re

import pytest
from playwright.async_api import expect

from tests.dashboard.page.people import room, spo2_critical
from tests.dashboard.page.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

LOCKS = """
  globalThis.locks = [];
  Object.defineProperty(navigator, 'wakeLock', {value: {
    request: async (kind) => {
      const lock = {kind, released: false};
      globalThis.locks.push(lock);
      return lock;
    },
  }});
"""
HIDE = """({isHidden}) => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => isHidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_the_screen_is_kept_awake_and_asked_for_again_when_it_is_seen_again(screen: Screen) -> None:
    await screen.page.add_init_script(LOCKS)
    screen.peer.scene = room(6)
    await screen.open()
    assert await screen.page.evaluate("locks.map(({kind}) => kind)") == ["screen"]
    # A browser takes the lock when the page is hidden.
    await screen.page.evaluate("() => { locks[0].released = true; }")
    await screen.page.evaluate(HIDE, {"isHidden": True})
    await screen.page.locator("#path").evaluate("node => node.click()")
    await expect(screen.page.locator("#awake")).to_contain_text("Screen may go dark")
    assert await screen.page.evaluate("locks.length") == 1
    await screen.page.evaluate(HIDE, {"isHidden": False})
    await screen.page.wait_for_function("() => locks.length === 2")
    await expect(screen.page.locator("#awake")).to_have_text("Screen stays on")


async def test_a_hidden_page_shows_nothing_live_and_sounds(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    await screen.page.evaluate(HIDE, {"isHidden": True})
    await expect(screen.page.locator("body")).to_have_attribute("data-link", "lost")
    screen.peer.scene.alarms = (spo2_critical(3),)
    screen.peer.tell()
    await expect(screen.page.locator("body")).to_have_attribute("data-sounding", re.compile("^a-spo2-3"))


async def test_the_dialog_of_a_screen_that_was_left_open_closes(screen: Screen) -> None:
    await screen.page.add_init_script(
        "const real = setTimeout; globalThis.setTimeout = (f, ms) => real(f, ms === 60_000 ? 1_500 : ms);"
    )
    screen.peer.scene = room(6)
    await screen.open()
    await screen.page.locator("#sound").click()
    await expect(screen.page.locator("#screen")).to_be_visible()
    await expect(screen.page.locator("#screen")).to_be_hidden()
