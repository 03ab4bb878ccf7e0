"""What sounds when, who may silence it, and what a screen says that can't be heard."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from dashboard.frames import AudioView, PartView, ScreenView
from tests.chromium import CHROMIUM, FLAGS, WALL
from tests.dashboard.page.peer import ScriptedPeer, mono_ms, utc_ms
from tests.dashboard.page.people import acknowledged, hr_high, no_data, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.alarms import Priority, RuleId, Signal

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90), pytest.mark.asyncio(loop_scope="session")]

CONDUCT: Final = """(() => {
  const told = [];
  const conductor = new m.Conductor(
    ({key}) => { told.push(`play ${key}`); return {lengthS: 2, pauseS: 5}; },
    () => told.push('stop'));
  return a[0].map(([at, calls]) => {
    conductor.follow(calls.map(([key, level, isNews = true]) => ({key, level, isNews, voice: 'cardiac'})), at);
    return told.splice(0).join(', ');
  });
})()"""

HIGH: Final = ["h", "high"]
MEDIUM: Final = ["m", "medium"]


async def run(screen: Screen, module: str, expression: str, *arguments: Any) -> Any:
    if screen.page.url == "about:blank":
        screen.peer.refuses = True
        await screen.page.goto(screen.peer.url)
    return await screen.call(module, expression, *arguments)


async def conduct(screen: Screen, *script: list[Any]) -> list[str]:
    told: list[str] = await run(screen, "sound/conductor.js", CONDUCT, list(script))
    return told


async def test_a_burst_comes_again_after_its_pause_as_long_as_nobody_takes_the_alarm(screen: Screen) -> None:
    told = await conduct(
        screen, [0, [HIGH]], [1_900, [HIGH]], [6_900, [HIGH]], [7_000, [HIGH]], [8_000, []], [20_000, []]
    )
    assert told == ["play h", "", "", "play h", "stop", ""]


async def test_a_more_urgent_alarm_cuts_in_and_a_less_urgent_one_waits_until_it_is_taken(screen: Screen) -> None:
    told = await conduct(
        screen,
        [0, [MEDIUM]],
        [500, [HIGH, MEDIUM]],
        [7_500, [HIGH, MEDIUM]],
        [10_000, [MEDIUM]],
        [14_500, [MEDIUM]],
    )
    assert told == ["play m", "stop, play h", "play h", "", "play m"]


async def test_what_is_new_sounds_at_once_but_one_at_a_time(screen: Screen) -> None:
    other = ["m2", "medium"]
    told = await conduct(
        screen, [0, [MEDIUM]], [1_000, [MEDIUM, other]], [2_100, [MEDIUM, other]], [9_200, [MEDIUM, other]]
    )
    assert told == ["play m", "", "play m2", "play m"]


async def test_taking_one_alarm_brings_no_other_that_was_heard_before(screen: Screen) -> None:
    other = ["m2", "medium"]
    told = await conduct(
        screen, [0, [MEDIUM, other]], [2_100, [MEDIUM, other]], [2_500, [MEDIUM]], [3_000, [MEDIUM]], [9_200, [MEDIUM]]
    )
    assert told == ["play m", "play m2", "stop", "", "play m"]


async def test_an_alarm_that_is_over_waits_for_its_turn_and_is_news_when_it_is_on_again(screen: Screen) -> None:
    over = ["h latched", "medium", False]
    told = await conduct(screen, [0, [HIGH]], [2_500, [over]], [7_000, [over]], [9_500, [HIGH]])
    assert told == ["play h", "", "play h latched", "play h"]


async def calls(screen: Screen, *alarms: Any) -> list[tuple[str, str]]:
    views = [msgspec.to_builtins(alarm) for alarm in alarms]
    found = await run(screen, "sound/conductor.js", "m.callsOf(a[0]).map((call) => [call.voice, call.level])", views)
    return [(voice, level) for voice, level in found]


async def test_only_high_and_medium_alarms_that_nobody_took_ask_to_be_heard(screen: Screen) -> None:
    low = hr_high(1, priority=Priority.LOW)
    note = hr_high(2, priority=Priority.INFO, rule=RuleId.ZONE_LOW)
    assert await calls(screen, low, note, acknowledged(spo2_critical(3)), no_data(4)) == []
    assert await calls(screen, hr_high(1), spo2_critical(2), no_data(3, priority=Priority.MEDIUM)) == [
        ("oxygenation", "high"),
        ("cardiac", "medium"),
        ("technical", "medium"),
    ]


async def test_one_that_is_over_calls_on_less_urgently_and_one_that_is_told_by_another_not_at_all(
    screen: Screen,
) -> None:
    assert await calls(screen, spo2_critical(1, signal=Signal.LATCHED)) == [("oxygenation", "medium")]
    told = hr_high(2, id="told", rule=RuleId.SPO2_LOW, inhibited_by=RuleId.SPO2_CRIT)
    assert await calls(screen, spo2_critical(2), told) == [("oxygenation", "high")]


async def sounding(screen: Screen, key: str) -> None:
    """Wait until the alarm whose key begins so sounds; an empty one: until nothing does."""
    body = expect(screen.page.locator("body"))
    if key:
        await body.to_have_attribute("data-sounding", re.compile(f"^{key}"), timeout=20_000)
    else:
        await body.not_to_have_attribute("data-sounding", re.compile("."), timeout=20_000)


async def test_an_alarm_sounds_until_somebody_takes_it_anywhere_and_again_when_it_rises(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(hr_high(3),))
    await screen.open()
    await sounding(screen, "a-hr-3 on medium")
    screen.peer.scene.alarms = (acknowledged(hr_high(3)),)
    screen.peer.tell()
    await sounding(screen, "")
    screen.peer.scene.alarms = (hr_high(3, priority=Priority.HIGH),)
    screen.peer.tell()
    await sounding(screen, "a-hr-3 on high")


async def test_a_pause_holds_for_the_room_with_initials_and_the_time_that_is_left(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await sounding(screen, "a-spo2-7")
    await screen.page.locator("#sound").click()
    await screen.page.locator("#pause").click()
    await expect(screen.page.locator("#screen-initials")).to_be_focused()
    assert screen.peer.pauses == []
    await screen.page.locator("#screen-initials").fill("MK")
    await screen.page.locator("#pause").click()
    await screen.peer.until(lambda: len(screen.peer.pauses) == 1)
    assert (screen.peer.pauses[0].seconds, screen.peer.pauses[0].by) == (120, "MK")
    screen.peer.scene.audio = AudioView(paused_until_ms=mono_ms() + 90_500, by="MK")
    screen.peer.tell()
    await expect(screen.page.locator("#audio")).to_have_text(re.compile(r"^Sound paused by MK, (90|8\d) s left$"))
    await expect(screen.page.locator("#counts")).to_be_hidden()
    await sounding(screen, "")
    await screen.picture("sound-paused")
    # A new alarm ends it: the server says so.
    screen.peer.scene.audio = AudioView()
    screen.peer.scene.alarms += (hr_high(3),)
    screen.peer.tell()
    await sounding(screen, "a-spo2-7")
    await expect(screen.page.locator("#audio")).to_be_hidden()


async def test_the_sound_is_on_again_before_its_time_when_somebody_says_so(screen: Screen) -> None:
    screen.peer.scene = room(12, audio=AudioView(paused_until_ms=mono_ms() + 90_500, by="MK"))
    await screen.open()
    await screen.page.locator("#sound").click()
    await screen.page.locator("#screen-initials").fill("JD")
    await expect(screen.page.locator("#pause")).to_have_text("Sound on again")
    await screen.page.locator("#pause").click()
    await screen.peer.until(lambda: len(screen.peer.pauses) == 1)
    assert screen.peer.pauses[0].seconds == 0


async def test_a_wall_that_hears_nothing_sounds_by_itself_and_can_be_hushed_here(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    screen.peer.is_mute = True
    screen.peer.refuses = True
    await screen.peer.cut()
    await sounding(screen, "connection")
    await screen.page.locator("#sound").click()
    await screen.page.locator("#screen-initials").fill("MK")
    await screen.page.locator("#pause").click()
    await sounding(screen, "")
    await expect(screen.page.locator("#audio")).to_have_text(re.compile(r"^This screen is quiet, 1\d\d s left$"))
    screen.peer.is_mute = screen.peer.refuses = False
    screen.peer.scene.alarms = (spo2_critical(7),)
    await sounding(screen, "a-spo2-7")


async def test_a_lost_analysis_is_heard(screen: Screen) -> None:
    down = PartView(
        part="analysis", instance="a", state="lost", since_ms=mono_ms(), since_utc_ms=utc_ms(), text="x", is_loss=True
    )
    screen.peer.scene = room(12, parts=(down,))
    await screen.open()
    await sounding(screen, "analysis")


async def test_the_test_is_what_a_person_heard_and_is_told_to_the_server(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    await expect(screen.page.locator("#sound")).to_have_text("Sound · not tested yet")
    await screen.page.locator("#sound").click()
    await screen.page.locator("#screen-initials").fill("MK")
    await expect(screen.page.locator("#heard")).to_be_hidden()
    await screen.page.locator("#test").click()
    await screen.picture("this-screen")
    await screen.page.locator("#not-heard").click()
    bar = screen.page.locator("#bars .bar-line")
    await expect(bar).to_have_text(["Sound was not heard when it was tested - check the loudspeaker"])
    await screen.peer.until(lambda: screen.peer.reports[-1].sound == "unheard")
    await screen.page.locator("#test").click()
    await screen.page.locator("#heard").click()
    await expect(bar).to_have_count(0)
    await expect(screen.page.locator("#sound")).to_have_text(re.compile(r"^Sound · heard \d\d:\d\d by MK$"))
    await screen.peer.until(lambda: screen.peer.reports[-1].sound == "on")
    assert abs((screen.peer.reports[-1].tested_utc_ms or 0) - utc_ms()) < 60_000
    # It is remembered, and told again to a server that has forgotten.
    told = len(screen.peer.reports)
    await screen.page.reload()
    await screen.live()
    await expect(screen.page.locator("#sound")).to_contain_text("by MK")
    await screen.peer.until(lambda: len(screen.peer.reports) > told and screen.peer.reports[-1].sound == "on")
    assert screen.peer.reports[-1].screen == screen.peer.reports[0].screen


async def test_other_screens_without_sound_are_named(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    screen.peer.scene.screens = (
        ScreenView(screen="b", name="Gym", sound="off"),
        ScreenView(screen="c", name="Hall", sound="on"),
        ScreenView(screen="d", name="Desk", sound="silent"),
        ScreenView(screen="e", name="Lab", sound="unheard"),
    )
    screen.peer.tell()
    bar = screen.page.locator("#bars .bar-line")
    await expect(bar).to_have_text(["Sound is off at Gym, Lab"])
    await expect(bar).to_have_attribute("data-kind", "trouble")


async def test_a_screen_that_is_not_meant_to_sound_says_so_and_never_does(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.page.goto(f"{screen.peer.url}?display=silent")
    await screen.live()
    await expect(screen.page.locator("#sound")).to_have_text("This screen never sounds")
    await screen.peer.until(lambda: bool(screen.peer.reports))
    assert screen.peer.reports[-1].sound == "silent"
    await sounding(screen, "")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def careful() -> AsyncIterator[Browser]:
    """A browser that lets no page sound before somebody has touched it."""
    flags = [flag for flag in FLAGS if not flag.startswith("--autoplay")]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        await browser.close()


async def test_a_page_that_may_not_sound_says_so_across_its_top_until_it_is_touched(
    careful: Browser, peer: ScriptedPeer, pictures: Path
) -> None:
    context = await careful.new_context(viewport=WALL)
    screen = Screen(await context.new_page(), peer, pictures)
    peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    bar = screen.page.locator("#bars .bar-line")
    await expect(bar).to_have_text(["Sound is off - touch to switch on"])
    box = await bar.bounding_box()
    assert box is not None
    assert box["width"] > 0.85 * 1920
    assert box["height"] >= 48
    await expect(screen.page.locator("#path")).to_have_text("Alarm path: sound off")
    await peer.until(lambda: bool(peer.reports) and peer.reports[-1].sound == "off")
    await screen.picture("sound-off")
    await sounding(screen, "")
    await bar.click()
    await expect(bar).to_have_count(0)
    await sounding(screen, "a-spo2-7")
    await peer.until(lambda: peer.reports[-1].sound == "on")
    await context.close()
