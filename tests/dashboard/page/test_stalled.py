"""A browser that is stopped for 30 s never shows old vitals as live after it wakes: real Chromium, real SIGSTOP."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.dashboard.page.peer import Scene, ScriptedPeer, mono_ms
from tests.dashboard.page.people import hr, room, spo2
from tests.stoppable import Stoppable, open_stoppable

STALL_S: Final = 30
LIVE_MS_MAX: Final = 3_000 + 1_000
"""`stale_ms`, and a second for the way and for a slow machine. The stall is seven times as long."""

# Notes what each picture of the display shows: the DOM after all callbacks of that frame, and at every change.
RECORDER: Final = """
globalThis.pictures = [];
const note = (at) => {
  const live = [...document.querySelectorAll('.tile[data-hr="live"] .hr .value')].map((node) => node.textContent);
  const grey = [...document.querySelectorAll('.tile[data-hr="stale"] .hr .value')].map((node) => node.textContent);
  globalThis.pictures.push({at, link: document.body?.dataset.link ?? '', live: live[0] ?? '', grey: grey[0] ?? '',
    bars: document.getElementById('bars')?.textContent ?? ''});
};
const after = new MessageChannel();
let frameAt = 0;
after.port1.onmessage = () => note(frameAt);
const frame = () => { frameAt = performance.now(); after.port2.postMessage(0); requestAnimationFrame(frame); };
requestAnimationFrame(frame);
new MutationObserver(() => note(performance.now()))
  .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""


@pytest_asyncio.fixture(loop_scope="session")
async def stoppable(peer: ScriptedPeer) -> AsyncIterator[Stoppable]:
    async with open_stoppable() as browser:
        await browser.page.add_init_script(RECORDER)
        await browser.page.goto(peer.url)
        yield browser


class Heart:
    """A heart rate that is never the same twice within a stall, with the time at which each was said."""

    def __init__(self) -> None:
        self.said: dict[str, int] = {}
        self._next = itertools.cycle(range(60, 240))

    def beat(self, scene: Scene) -> None:
        bpm, now = next(self._next), mono_ms()
        self.said[str(bpm)] = now
        scene.tiles = tuple(msgspec.structs.replace(tile, hr=hr(bpm), spo2=spo2(97)) for tile in scene.tiles)


def ages(pictures: list[dict[str, Any]], heart: Heart, offset_ms: float) -> list[float]:
    """How old each number was that looked alive, in the picture that showed it."""
    return [
        picture["at"] + offset_ms - heart.said[picture["live"]]
        for picture in pictures
        if picture["live"] and picture["live"] in heart.said
    ]


@pytest.mark.browser
@pytest.mark.timeout(150)
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("has_window", [True, False], ids=["ack window", "30 s of frames waiting"])
async def test_a_stalled_browser_never_shows_old_vitals_as_live(
    stoppable: Stoppable, peer: ScriptedPeer, *, has_window: bool
) -> None:
    heart = Heart()
    peer.has_window = has_window
    peer.scene = room(12)
    peer.renew = heart.beat
    page = stoppable.page
    live = page.locator('body[data-link="live"]')
    await expect(live).to_be_attached()
    # Several numbers: it is stopped at any moment after, and what counts is seen before.
    await page.wait_for_function("() => new Set(globalThis.pictures.map((one) => one.live)).size >= 4")
    offset_ms = mono_ms() - float(await page.evaluate("performance.now()"))

    stoppable.signal(signal.SIGSTOP)
    stopped_ms = mono_ms()
    await asyncio.sleep(STALL_S)
    woken_ms = mono_ms()
    stoppable.signal(signal.SIGCONT)

    await page.wait_for_function(
        "(woken) => globalThis.pictures.some((one) => one.at > woken && one.link === 'live' && one.live !== '')",
        arg=woken_ms - offset_ms,
        timeout=30_000,
    )
    pictures: list[dict[str, Any]] = await page.evaluate("globalThis.pictures")
    before = [picture for picture in pictures if picture["at"] + offset_ms < stopped_ms]
    # Nothing was noted while it stood still: wherever in between the line is drawn, the first picture is after it.
    after = [picture for picture in pictures if picture["at"] + offset_ms >= (stopped_ms + woken_ms) / 2]
    # The witness works: it saw live numbers before, and it looked often after.
    assert ages(before, heart, offset_ms)
    assert len(after) >= 5
    assert after[0]["link"] == "lost"
    assert after[0]["bars"].startswith("Connection lost, frozen at ")
    assert after[0]["live"] == after[0]["grey"] == ""
    assert max(ages(after, heart, offset_ms)) <= LIVE_MS_MAX
    old = {number for number, said in heart.said.items() if said < woken_ms - LIVE_MS_MAX}
    assert not old & {picture["live"] for picture in after}
    assert not old & {picture["grey"] for picture in after}
