"""Every state of look.md's table, as computed by a real browser, and as a picture."""

import re

import pytest
from playwright.async_api import expect

from dashboard.frames import PartView, ValueView
from tests.dashboard.page.peer import mono_ms, utc_ms
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
from vitals.alarms import Priority, RuleId, Signal
from vitals.readings import Quality, Reason
from vitals.units import Unit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

HIGH = "rgb(176, 0, 32)"
MEDIUM = "rgb(255, 214, 10)"
CYAN = "rgb(0, 213, 255)"
CYAN_DIM = "rgb(20, 87, 106)"
WHITE = "rgb(255, 255, 255)"
TEXT = "rgb(232, 238, 244)"
MUTED = "rgb(147, 163, 180)"
FAINT = "rgb(93, 108, 124)"


async def test_a_person_who_is_well_shows_two_bright_numbers_and_no_word(screen: Screen) -> None:
    screen.peer.scene = room(4)
    await screen.open()
    await expect(screen.hr(1)).to_have_text("95")
    await expect(screen.spo2(1)).to_have_text("94")
    assert await screen.style(screen.hr(1), "color") == TEXT
    await expect(screen.tile(1).locator(".label")).to_have_text("")
    await expect(screen.tile(1)).to_have_attribute("role", "group")
    assert await screen.style(screen.tile(1), "animationName") == "none"


async def test_a_high_alarm_is_filled_marked_and_flashes_at_two_hertz_but_never_the_number(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    change(screen.peer.scene, 7, spo2=spo2(84))
    await screen.open()
    tile = screen.tile(7)
    await expect(tile).to_have_attribute("data-alarm", "high")
    await expect(tile.locator(".mark")).to_have_text("▲▲▲")
    await expect(tile.locator(".label")).to_have_text("SpO2 84 < 88")
    assert await screen.style(tile.locator(".head"), "backgroundColor") == HIGH
    assert await screen.style(tile.locator(".head"), "color") == WHITE
    assert await screen.style(screen.spo2(7), "backgroundColor") == HIGH
    assert await screen.style(screen.hr(7), "backgroundColor") == "rgba(0, 0, 0, 0)"
    assert await screen.style(tile, "animationDuration") == "0.5s"
    assert await tile.locator("*").evaluate_all(
        "nodes => nodes.every(node => getComputedStyle(node).animationName === 'none')"
    )


async def test_a_medium_alarm_has_a_yellow_value_two_marks_and_flashes_slower(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(hr_high(3),))
    change(screen.peer.scene, 3, hr=hr(134))
    await screen.open()
    tile = screen.tile(3)
    await expect(tile.locator(".mark")).to_have_text("▲▲")
    assert await screen.style(tile.locator(".head"), "backgroundColor") == MEDIUM
    assert await screen.style(screen.hr(3), "color") == MEDIUM
    assert await screen.style(tile, "animationDuration") == "1.66667s"


async def test_a_low_alarm_is_a_steady_frame_with_one_mark(screen: Screen) -> None:
    low = hr_high(2, priority=Priority.LOW, rule=RuleId.HR_LOW, text="HR 48 < 50")
    screen.peer.scene = room(6, alarms=(low,))
    await screen.open()
    tile = screen.tile(2)
    await expect(tile.locator(".mark")).to_have_text("▲")
    assert await screen.style(tile, "borderTopColor") == CYAN
    assert await screen.style(tile, "animationName") == "none"


async def test_an_acknowledged_alarm_is_steady_keeps_its_colour_and_names_who(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(acknowledged(hr_high(3)),))
    await screen.open()
    tile = screen.tile(3)
    await expect(tile.locator(".who")).to_have_text("✓ MK")
    assert await screen.style(tile, "animationName") == "none"
    assert await screen.style(tile, "borderTopColor") == MEDIUM
    assert await screen.style(tile.locator(".head"), "backgroundColor") == MEDIUM


async def test_a_latched_alarm_is_dashed_and_says_when_it_was(screen: Screen) -> None:
    latched = hr_high(12, signal=Signal.LATCHED, text="HR 128 > 121", onset_utc_ms=1_763_803_260_000)
    screen.peer.scene = room(12, alarms=(latched,))
    await screen.open()
    tile = screen.tile(12)
    await expect(tile.locator(".label")).to_have_text("was HR 128 > 121 at 10:21")
    assert await screen.style(tile, "borderTopStyle") == "dashed"
    assert await screen.style(tile, "animationName") == "none"
    assert await screen.style(screen.hr(12), "color") == TEXT


async def test_an_alarm_that_is_on_is_never_hidden_behind_one_that_is_over(screen: Screen) -> None:
    over = spo2_critical(2, signal=Signal.LATCHED)
    screen.peer.scene = room(6, alarms=(over, hr_high(2)))
    await screen.open()
    await expect(screen.tile(2)).to_have_attribute("data-alarm", "medium")
    await expect(screen.tile(2).locator(".label")).to_have_text("HR 134 > 120")


async def test_an_alarm_moves_nothing(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    boxes = "nodes => nodes.map(node => JSON.stringify(node.getBoundingClientRect()))"
    places = screen.page.locator(".tile, .value, .unit, .bar, .seat")
    before = await places.evaluate_all(boxes)
    screen.peer.scene.alarms = (spo2_critical(7), hr_high(3), hr_high(5, priority=Priority.HIGH, id="x"), no_data(9))
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(4)
    assert await places.evaluate_all(boxes) == before


async def test_a_value_is_grey_with_its_age_at_three_seconds_and_gone_at_ten(screen: Screen) -> None:
    screen.peer.scene = room(12)
    change(screen.peer.scene, 8, hr=hr(107, age_ms=3_100), spo2=spo2(96))
    change(screen.peer.scene, 9, hr=hr(107, age_ms=10_100), trace=trace(9, 107, gap=(10, 0)))
    await screen.open()
    await expect(screen.tile(8)).to_have_attribute("data-hr", "stale")
    assert await screen.style(screen.hr(8), "color") == FAINT
    await expect(screen.hr(8)).to_have_text("107")
    await expect(screen.tile(8).locator(".age")).to_have_text(re.compile(r"^[3-9] s$"))
    await expect(screen.tile(9)).to_have_attribute("data-hr", "lost")
    await expect(screen.hr(9)).to_have_text("--")
    assert await screen.style(screen.hr(9), "color") == FAINT
    await expect(screen.tile(9).locator(".label")).to_have_text("No strap signal")
    assert await screen.style(screen.tile(9).locator(".label"), "color") == CYAN
    assert await screen.style(screen.tile(9), "borderTopColor") == CYAN_DIM
    assert "repeating-linear-gradient" in await screen.style(screen.tile(9), "backgroundImage")
    assert await screen.tile(9).locator(".needle").is_hidden()


async def test_an_oximeter_is_grey_later_than_a_strap(screen: Screen) -> None:
    screen.peer.scene = room(6)
    change(screen.peer.scene, 1, spo2=spo2(96, age_ms=300))
    change(screen.peer.scene, 2, spo2=spo2(96, age_ms=12_000))
    change(screen.peer.scene, 3, spo2=spo2(96, age_ms=16_000))
    await screen.open()
    await expect(screen.tile(1)).to_have_attribute("data-spo2", "live")
    await expect(screen.tile(2)).to_have_attribute("data-spo2", "stale")
    await expect(screen.tile(3)).to_have_attribute("data-spo2", "lost")
    await expect(screen.tile(3).locator(".label")).to_have_text("No oximeter signal")
    assert "repeating-linear-gradient" in await screen.style(screen.tile(3).locator(".spo2"), "backgroundImage")


async def test_a_value_goes_grey_and_then_by_the_pages_own_clock(screen: Screen) -> None:
    screen.peer.scene = room(4)
    await screen.open()
    tile = screen.tile(1)
    await expect(tile).to_have_attribute("data-hr", "live")
    # The server goes on with heartbeats that still carry the old number, as if it knew no better.
    screen.peer.renew = None
    await expect(tile).to_have_attribute("data-hr", "stale", timeout=15_000)
    await expect(screen.hr(1)).to_have_text("95")
    await expect(tile).to_have_attribute("data-hr", "lost", timeout=15_000)
    await expect(screen.hr(1)).to_have_text("--")


async def test_a_questionable_value_is_muted_with_dots_and_the_reason(screen: Screen) -> None:
    screen.peer.scene = room(12)
    change(screen.peer.scene, 11, spo2=spo2(92, quality=Quality.QUESTIONABLE, reason=Reason.POOR_SIGNAL))
    await screen.open()
    value = screen.spo2(11)
    await expect(value).to_have_text("92")
    assert await screen.style(value, "color") == MUTED
    assert "dotted" in await screen.style(value, "textDecorationStyle")
    await expect(screen.tile(11).locator(".label")).to_have_text("Oximeter: poor signal")


async def test_what_is_not_there_is_said_in_words(screen: Screen) -> None:
    screen.peer.scene = room(12)
    change(screen.peer.scene, 4, spo2=None)
    change(screen.peer.scene, 5, hr_upper=None)
    change(screen.peer.scene, 6, spo2=spo2(None, reason=Reason.OFF_SKIN))
    change(screen.peer.scene, 7, hr=ValueView(value=None, unit=Unit.BPM, reason=Reason.NEVER_HEARD))
    change(screen.peer.scene, 8, hr=hr(98, quality=Quality.UNUSABLE, reason=Reason.NOT_LIVE))
    change(screen.peer.scene, 9, hr=None)
    await screen.open()
    await expect(screen.tile(4).locator(".spo2")).to_have_text("no oximeter%")
    assert await screen.tile(4).locator(".spo2 .unit").is_hidden()
    await expect(screen.tile(5).locator(".label")).to_have_text("No HR limit")
    await expect(screen.tile(6).locator(".label")).to_have_text("Oximeter off finger")
    await expect(screen.spo2(6)).to_have_text("--")
    await expect(screen.tile(7).locator(".label")).to_have_text("Waiting for strap")
    await expect(screen.hr(7)).to_have_text("--")
    await expect(screen.hr(8)).to_have_text("--")
    await expect(screen.hr(9)).to_have_text("no strap")


async def test_an_alarm_whose_source_is_lost_stays_and_says_so_beside_a_dead_number(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(hr_high(3, source_lost=True),))
    change(screen.peer.scene, 3, hr=hr(134, age_ms=12_000))
    await screen.open()
    tile = screen.tile(3)
    await expect(tile).to_have_attribute("data-alarm", "medium")
    await expect(tile.locator(".label")).to_have_text("HR 134 > 120 · source lost")
    await expect(screen.hr(3)).to_have_text("--")
    assert await screen.style(screen.hr(3), "color") == FAINT
    await expect(screen.lines().first.locator(".who")).to_contain_text("source lost")


@pytest.mark.parametrize("part", ["analysis", "broker"])
async def test_an_alarm_that_nobody_judges_any_more_says_that_it_is_not_live(screen: Screen, part: str) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(3), hr_high(4, signal=Signal.LATCHED)), parts=(_lost(part),))
    # The value is back: analysis would have ended the alarm, but it is dead.
    change(screen.peer.scene, 3, spo2=spo2(97))
    await screen.open()
    await expect(screen.tile(3).locator(".label")).to_have_text("SpO2 84 < 88 · not live")
    line = screen.lines().filter(has_text="84 < 88")
    await expect(line.locator(".who")).to_contain_text("not live")
    # What is over was judged while somebody judged.
    await expect(screen.lines().filter(has_text="was").locator(".who")).to_have_text("not seen yet")
    await expect(screen.tile(4).locator(".label")).not_to_contain_text("not live")


def _lost(part: str) -> PartView:
    return PartView(
        part=part, instance="a", state="lost", since_ms=mono_ms(), since_utc_ms=utc_ms(), text="x", is_loss=True
    )


async def test_the_needle_stands_where_the_heart_rate_is_in_the_range(screen: Screen) -> None:
    screen.peer.scene = room(4)
    change(screen.peer.scene, 1, hr=hr(85))
    change(screen.peer.scene, 2, hr=hr(120))
    change(screen.peer.scene, 3, hr=hr(220))
    change(screen.peer.scene, 4, zone_low_bpm=None, zone_high_bpm=None, hr_upper=None)
    await screen.open()
    for seat, at in ((1, "20"), (2, "80"), (3, "99")):
        await expect(screen.tile(seat).locator(".needle")).to_have_attribute("data-at", at)
    assert await screen.tile(4).locator(".needle").is_hidden()
