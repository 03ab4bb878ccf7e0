"""Nothing dead looks alive: silence, old frames, gaps, a server that starts anew, a browser that slept."""

import msgspec
import pytest
from playwright.async_api import expect

from dashboard.frames import ValueView
from tests.dashboard.page.peer import renewed
from tests.dashboard.page.people import hr, hr_high, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.units import Unit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]


async def dead(screen: Screen) -> None:
    """Wait until nothing on the page looks alive."""
    await expect(screen.page.locator("body")).to_have_attribute("data-link", "lost", timeout=15_000)
    count = await screen.page.locator(".tile").count()
    await expect(screen.page.locator('.tile[data-hr="lost"][data-spo2="lost"]')).to_have_count(count)
    assert set(await screen.page.locator(".tile .value").all_inner_texts()) <= {"--"}


async def test_every_frame_is_acknowledged(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    screen.peer.tell(screen.peer.delta())
    last = screen.peer.seq
    await screen.peer.until(lambda: last in screen.peer.acked)


async def test_three_seconds_without_a_frame_bring_the_bar_and_kill_every_number(screen: Screen) -> None:
    screen.peer.renew = renewed
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await expect(screen.page.locator("#bars")).to_be_hidden()
    screen.peer.is_mute = True
    await dead(screen)
    bars = screen.page.locator("#bars")
    await expect(bars).to_contain_text("Connection lost, frozen at ")
    header, bar = await screen.page.locator("header").bounding_box(), await bars.bounding_box()
    assert header is not None
    assert bar is not None
    assert bar["width"] == header["width"]
    assert await screen.page.evaluate("document.getAnimations().length") == 0
    await expect(screen.lines().first.locator(".age")).to_have_text("")
    await expect(screen.lines().first).to_be_disabled()
    assert await screen.style(screen.lines().first, "backgroundColor") == "rgba(0, 0, 0, 0)"
    await screen.picture("connection-lost")
    screen.peer.is_mute = False
    await screen.live()
    await expect(bars).to_be_hidden()
    await expect(screen.hr(1)).to_have_text("95")


async def test_a_silent_connection_is_given_up_and_resumed(screen: Screen) -> None:
    screen.peer.renew = renewed
    screen.peer.scene = room(6)
    await screen.open()
    seq = screen.peer.seq
    screen.peer.is_mute = True
    await screen.peer.until(lambda: screen.peer.connections >= 2)
    assert screen.peer.resumes[0] == {}
    assert screen.peer.resumes[1]["epoch"] == "e1"
    assert int(screen.peer.resumes[1]["seq"]) >= seq
    screen.peer.is_mute = False
    await screen.live()


async def test_a_page_that_resumes_goes_on_with_the_next_delta(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    await screen.peer.cut()
    await screen.peer.until(lambda: screen.peer.connections == 2)
    assert screen.peer.resumes[1]["epoch"] == "e1"
    screen.peer.scene.alarms = (hr_high(3),)
    screen.peer.tell(screen.peer.delta(alarms=screen.peer.scene.alarms))
    await expect(screen.lines()).to_have_count(1)


async def test_a_gap_in_the_numbers_asks_for_everything_anew(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    screen.peer.seq += 3
    screen.peer.scene.alarms = (hr_high(3),)
    screen.peer.tell(screen.peer.delta(alarms=()))
    await screen.peer.until(lambda: screen.peer.connections == 2)
    assert screen.peer.resumes[1] == {}
    await expect(screen.lines()).to_have_count(1)


async def test_a_server_that_starts_anew_is_understood(screen: Screen) -> None:
    screen.peer.scene = room(6, alarms=(hr_high(3),))
    await screen.open()
    await expect(screen.lines()).to_have_count(1)
    screen.peer.epoch, screen.peer.seq = "e2", 0
    screen.peer.scene = room(8)
    screen.peer.tell()
    await expect(screen.page.locator(".tile")).to_have_count(8)
    await expect(screen.lines()).to_have_count(0)
    await screen.live()


async def test_a_frame_older_than_two_seconds_is_not_painted(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    await expect(screen.hr(1)).to_have_text("95")
    await screen.page.evaluate(
        """globalThis.seen = [];
        new MutationObserver(() => {
          const live = document.querySelectorAll('.tile[data-hr="live"] .hr .value');
          globalThis.seen.push(...[...live].map(node => node.textContent));
        }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true})"""
    )
    screen.peer.is_mute = True
    tiles = tuple(msgspec.structs.replace(tile, hr=hr(171)) for tile in screen.peer.scene.tiles)
    await screen.peer.send_raw(msgspec.json.encode(screen.peer.delta(ago_ms=2_500, tiles=tiles)).decode())
    await dead(screen)
    assert "171" not in await screen.page.evaluate("globalThis.seen")


async def test_after_a_jump_of_the_wall_clock_only_a_new_connection_is_believed(screen: Screen) -> None:
    screen.peer.renew = renewed
    screen.peer.scene = room(6)
    await screen.open()
    screen.peer.refuses = True
    # The machine slept: performance.now() stood still, the wall clock went on.
    await screen.page.evaluate("const real = Date.now; Date.now = () => real() + 600_000;")
    await dead(screen)
    assert screen.peer.connections == 1
    screen.peer.refuses = False
    await screen.live()
    assert screen.peer.resumes[1] == {}


async def test_a_page_whose_script_stood_still_shows_the_bar_before_anything_else(screen: Screen) -> None:
    screen.peer.renew = renewed
    screen.peer.has_window = False
    screen.peer.scene = room(6)
    await screen.open()
    first = await screen.page.evaluate(
        """() => new Promise(resolve => {
          setTimeout(() => {
            const until = performance.now() + 2_300;
            while (performance.now() < until);
            requestAnimationFrame(() => setTimeout(() => resolve(document.body.dataset.link), 0));
          }, 0);
        })"""
    )
    assert first == "lost"
    await screen.live()


async def test_a_hidden_page_shows_nothing_live_so_that_its_return_cannot_lie(screen: Screen) -> None:
    screen.peer.renew = renewed
    screen.peer.scene = room(6)
    await screen.open()
    await screen.page.evaluate(
        """() => {
          Object.defineProperty(document, 'hidden', {value: true, configurable: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    assert await screen.page.evaluate("document.body.dataset.link") == "lost"
    await screen.page.evaluate(
        "() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    await screen.live()


async def test_a_frame_that_is_no_json_starts_anew(screen: Screen) -> None:
    screen.peer.scene = room(6)
    await screen.open()
    await screen.page.evaluate("console.error = () => {}")
    await screen.peer.send_raw("{nonsense")
    await screen.peer.until(lambda: screen.peer.connections == 2)
    assert screen.peer.resumes[1] == {}
    await screen.live()


async def test_a_server_that_was_never_reached_is_said_in_words(screen: Screen) -> None:
    screen.peer.refuses = True
    await screen.page.goto(screen.peer.url)
    await expect(screen.page.locator("#bars")).to_contain_text("No connection to the server")
    await expect(screen.page.locator("#empty")).to_be_hidden()
    screen.peer.refuses = False
    screen.peer.scene = room(6)
    await screen.live()
    await expect(screen.page.locator(".tile")).to_have_count(6)


async def test_ages_follow_a_clock_that_runs_faster(screen: Screen) -> None:
    screen.peer.rate = 5.0
    screen.peer.renew = None
    screen.peer.scene = room(6)
    scene = screen.peer.scene
    scene.tiles = tuple(
        msgspec.structs.replace(
            tile,
            trace=(),
            spo2=None,
            hr=ValueView(value=95, unit=Unit.BPM, at_ms=screen.peer.snapshot().server_mono_ms),
        )
        for tile in scene.tiles
    )
    await screen.open()
    # Ten seconds of the server's clock are two of ours.
    await expect(screen.hr(1)).to_have_text("--", timeout=10_000)
    await screen.live()
