"""The room that tiles have: classes of every size in windows of every size, as a real browser computes it; pictures."""

import msgspec
import pytest
from playwright.async_api import expect

from dashboard.frames import AlarmView
from tests.dashboard.page.people import (
    acknowledged,
    change,
    hr,
    hr_high,
    no_data,
    room,
    spo2,
    spo2_critical,
    trace,
)
from tests.dashboard.page.screen import Screen
from vitals.alarms import Priority, Signal
from vitals.readings import Quality, Reason

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("count", [3, 6, 12, 20, 30])
async def test_every_size_of_class_fits_and_its_heart_rates_can_be_read_from_afar(screen: Screen, count: int) -> None:
    screen.peer.scene = room(count, alarms=everything(count))
    dress(screen)
    await screen.open()
    await expect(screen.page.locator(".tile")).to_have_count(count)
    sizes = await screen.page.locator(".hr .value").evaluate_all(
        "nodes => nodes.map(node => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 100
    tops = await screen.page.locator(".tile").evaluate_all(
        """nodes => nodes.filter(node => node.dataset.hr === 'live')
          .map(node => node.querySelector('.hr .value').getBoundingClientRect().top - node.offsetTop)"""
    )
    assert max(tops) - min(tops) < 1
    assert await clipped(screen) == []
    await screen.picture(f"wall-{count}")


@pytest.mark.parametrize("count", [6, 12, 20, 30])
async def test_heart_rates_stand_on_one_line_whatever_stands_beside_them(screen: Screen, count: int) -> None:
    screen.peer.scene = room(count)
    change(screen.peer.scene, 2, spo2=None)
    change(screen.peer.scene, 3, spo2=spo2(None, reason=Reason.OFF_SKIN))
    change(screen.peer.scene, 4, hr=hr(100, age_ms=20_000), spo2=None)
    change(screen.peer.scene, 5, spo2=spo2(92, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL))
    await screen.open()
    await expect(screen.page.locator(".tile")).to_have_count(count)
    places = await screen.page.locator(".hr .value").evaluate_all(
        """nodes => nodes.map((node) => {
          const box = node.getBoundingClientRect();
          const tile = node.closest('.tile').getBoundingClientRect();
          return [box.top - tile.top, box.bottom - tile.top, box.left - tile.left];
        })"""
    )
    for edge in zip(*places, strict=True):
        assert max(edge) - min(edge) < 0.5


@pytest.mark.parametrize("count", [6, 12, 20, 30])
async def test_saturations_stand_on_one_line_also_without_a_strap(screen: Screen, count: int) -> None:
    screen.peer.scene = room(count)
    change(screen.peer.scene, 2, hr=None, hr_upper=None, zone_low_bpm=None, zone_high_bpm=None, trace=())
    await screen.open()
    await expect(screen.hr(2)).to_have_text("no strap")
    await expect(screen.tile(2).locator(".label")).to_have_text("")
    assert await screen.style(screen.tile(2).locator(".bar"), "visibility") == "hidden"
    bottoms = await screen.page.locator(".spo2 .value").evaluate_all(
        """nodes => nodes.map(
          (node) => node.getBoundingClientRect().bottom - node.closest('.tile').getBoundingClientRect().top
        )"""
    )
    assert max(bottoms) - min(bottoms) < 0.5


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844), (1280, 720), (3840, 2160)])
async def test_other_screens_show_the_same_without_scrolling_sideways(screen: Screen, width: int, height: int) -> None:
    await screen.page.set_viewport_size({"width": width, "height": height})
    screen.peer.scene = room(12, alarms=everything(12))
    dress(screen)
    await screen.open()
    assert await screen.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = await screen.page.locator(".hr .value").evaluate_all(
        "nodes => nodes.map(node => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 64
    assert await clipped(screen) == []
    await screen.picture(f"wall-{width}x{height}")


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 720), (1366, 768), (1080, 1920)])
async def test_a_wall_hides_nobody_in_any_window(screen: Screen, width: int, height: int) -> None:
    await screen.page.set_viewport_size({"width": width, "height": height})
    for count in (12, 20, 30):
        screen.peer.scene = room(count, alarms=everything(count))
        dress(screen)
        await screen.open()
        await expect(screen.page.locator(".tile")).to_have_count(count)
        unseen = await screen.page.evaluate(
            """() => [...document.querySelectorAll('.tile .hr .value, .tile .spo2, .tile .seat')].filter((node) => {
              const { left, top, right, bottom } = node.getBoundingClientRect();
              return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
            }).map((node) => node.closest('.tile').dataset.id)"""
        )
        assert unseen == []
        sizes = await screen.page.locator(".hr .value").evaluate_all(
            "nodes => nodes.map(node => parseFloat(getComputedStyle(node).fontSize))"
        )
        assert min(sizes) >= 60
        assert await clipped(screen) == []
        # A unit that has no room beside its number stands above it, and over nothing.
        assert await screen.tile(1).locator(".hr .unit").is_visible()
        assert await screen.tile(1).locator(".spo2 .unit").is_visible()
        await screen.picture(f"wall-{width}x{height}-{count}")


def everything(count: int) -> tuple[AlarmView, ...]:
    """One alarm of each kind, as far as the class is large enough."""
    alarms = [acknowledged(hr_high(3))]
    if count >= 6:
        alarms.append(hr_high(6))
    if count >= 12:
        alarms += [spo2_critical(7), hr_high(9, priority=Priority.HIGH, text="HR 178 > 150"), no_data(10)]
        alarms.append(hr_high(12, signal=Signal.LATCHED, text="HR 128 > 121"))
    return tuple(alarms)


def dress(screen: Screen) -> None:
    """Gives the people the values that belong to `everything`, and each kind of absence to somebody."""
    scene = screen.peer.scene
    count = len(scene.tiles)
    change(scene, 3, hr=hr(134), spo2=spo2(100))
    change(scene, 4, spo2=None)
    change(scene, 6, hr=hr(134))
    if count < 12:
        return
    change(scene, 1, hr_upper=None, alias="Anna K.")
    change(scene, 2, spo2=spo2(None, reason=Reason.OFF_SKIN), trace=trace(2, 102, gap=(60, 40)))
    change(scene, 7, spo2=spo2(84))
    change(scene, 8, hr=hr(107, age_ms=4_000), spo2=spo2(96, age_ms=6_000))
    change(scene, 9, hr=hr(178), spo2=spo2(100))
    change(scene, 10, hr=hr(100, age_ms=20_000), trace=trace(10, 100, gap=(20, 0)))
    change(scene, 11, spo2=spo2(92, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL))
    scene.tiles = tuple(
        msgspec.structs.replace(tile, hr=hr(188), spo2=spo2(100)) if tile.seat == count else tile
        for tile in scene.tiles
    )


async def clipped(screen: Screen) -> list[str]:
    """What does not fit into its tile, or lies over its neighbour."""
    return list(
        await screen.page.evaluate("""() => {
          const wrong = [];
          const scale = Math.min(1, innerWidth / 1920, innerHeight / 1080);
          for (const tile of document.querySelectorAll('.tile')) {
            const outer = tile.getBoundingClientRect();
            const hr = tile.querySelector('.hr').getBoundingClientRect();
            const spo2 = tile.querySelector('.spo2').getBoundingClientRect();
            const space = spo2.left - hr.right;
            if (space < 8 * scale) wrong.push(`${tile.dataset.id}: HR ${space} px from SpO2`);
            for (const node of tile.querySelectorAll('.value, .seat, .who, .bar, .trace')) {
              const box = node.getBoundingClientRect();
              if (box.width === 0) continue;
              const isOut = box.right > outer.right + 0.5 || box.left < outer.left - 0.5
                || box.bottom > outer.bottom + 0.5 || box.top < outer.top - 0.5;
              if (isOut) wrong.push(`${tile.dataset.id}: ${node.className} ${node.textContent} sticks out`);
            }
            const label = tile.querySelector('.label');
            if (label.scrollWidth > label.clientWidth + 1) wrong.push(`${tile.dataset.id}: ${label.textContent} cut`);
          }
          for (const text of document.querySelectorAll('#strip .text, #strip .seats')) {
            if (text.scrollWidth > text.clientWidth + 1) wrong.push(`strip: ${text.textContent} cut`);
          }
          return wrong;
        }""")
    )
