"""Taking an alarm: asked for on the page, true only when the alarm's state says so."""

import re

import pytest
from playwright.async_api import expect

from dashboard.frames import AcknowledgedView
from tests.dashboard.page.peer import utc_ms
from tests.dashboard.page.people import hr_high, no_data, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.alarms import Signal

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]


def echo(screen: Screen, by: str) -> None:
    screen.peer.alarm(
        signal=Signal.ACKNOWLEDGED, sending=None, acknowledged=AcknowledgedView(by=by, at_utc_ms=utc_ms())
    )


async def test_a_click_says_sending_until_the_state_of_the_alarm_names_who(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    line = screen.lines().first
    await line.click()
    await expect(screen.page.locator("#acknowledge-what")).to_have_text("SpO2 84 < 88")
    await screen.picture("acknowledge")
    await screen.page.locator("#initials").fill("MK")
    await screen.page.locator("#take").click()
    await screen.peer.until(lambda: len(screen.peer.heard) == 1)
    assert (screen.peer.heard[0].alarm_id, screen.peer.heard[0].by) == ("a-spo2-7", "MK")
    await expect(line.locator(".who")).to_have_text("sending MK")
    await expect(screen.tile(7).locator(".who")).to_have_text("sending MK")
    assert await screen.style(screen.tile(7), "animationName") == "flash-tile-high"
    echo(screen, "MK")
    await expect(line.locator(".who")).to_have_text(re.compile(r"^✓ MK \d\d:\d\d$"))
    await expect(screen.tile(7).locator(".who")).to_have_text("✓ MK")
    await expect(screen.tile(7).locator(".taken")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    # Taken twice is nothing, but why it is there can still be read.
    await line.click()
    await expect(screen.page.locator("#acknowledge-taken")).to_contain_text("✓ MK ")
    await expect(screen.page.locator("#take")).to_be_hidden()
    await expect(screen.page.locator("#leave")).to_have_text("Close")
    await screen.page.locator("#leave").click()
    await expect(screen.page.locator("#status")).to_contain_text("acknowledged by MK")


async def test_initials_are_remembered_and_the_keyboard_is_enough(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7), hr_high(3)))
    await screen.open()
    await screen.page.keyboard.press("Tab")
    await expect(screen.lines().first).to_be_focused()
    assert await screen.style(screen.lines().first, "outlineStyle") == "solid"
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#initials")).to_be_focused()
    await screen.page.keyboard.type("JD")
    await screen.page.keyboard.press("Enter")
    await screen.peer.until(lambda: len(screen.peer.heard) == 1)
    await expect(screen.page.locator("#acknowledge")).to_be_hidden()
    # The second one: on its tile, and only one key more.
    await screen.tile(3).focus()
    assert await screen.style(screen.tile(3), "outlineStyle") == "solid"
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator("#take")).to_be_focused()
    await screen.page.keyboard.press("Enter")
    await screen.peer.until(lambda: len(screen.peer.heard) == 2)
    assert [(request.alarm_id, request.by) for request in screen.peer.heard] == [("a-spo2-7", "JD"), ("a-hr-3", "JD")]


async def test_nobody_takes_an_alarm_without_a_name_or_by_escape(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.tile(7).click()
    await screen.page.locator("#initials").fill("   ")
    await screen.page.locator("#take").click()
    await expect(screen.page.locator("#acknowledge")).to_be_visible()
    await screen.page.keyboard.press("Escape")
    await expect(screen.page.locator("#acknowledge")).to_be_hidden()
    assert screen.peer.heard == []


async def test_a_person_without_an_alarm_is_no_button(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.tile(2).click()
    await expect(screen.page.locator("#acknowledge")).to_be_hidden()
    await expect(screen.tile(2)).to_have_attribute("tabindex", "-1")
    await expect(screen.tile(7)).to_have_attribute("role", "button")
    name = re.compile(r"Seat 7 ?High: ?▲▲▲ ?SpO2 84 < 88")
    await expect(screen.tile(7)).to_have_accessible_name(name)
    await expect(screen.tile(2)).to_have_accessible_name("Seat 2")


async def test_a_shared_line_takes_all_its_alarms(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(no_data(4), no_data(9)))
    await screen.open()
    await screen.lines().first.click()
    await expect(screen.page.locator("#acknowledge-who")).to_have_text("4, 9")
    await screen.page.locator("#initials").fill("MK")
    await screen.page.locator("#take").click()
    await screen.peer.until(lambda: len(screen.peer.heard) == 2)
    assert {request.alarm_id for request in screen.peer.heard} == {"a-data-4", "a-data-9"}


async def test_a_latched_alarm_is_marked_as_seen(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(hr_high(3, signal=Signal.LATCHED),))
    await screen.open()
    await screen.tile(3).click()
    await expect(screen.page.locator("#take")).to_have_text("Seen")
    await screen.page.locator("#initials").fill("MK")
    await screen.page.locator("#take").click()
    await screen.peer.until(lambda: len(screen.peer.heard) == 1)


async def test_a_request_that_met_a_dead_connection_is_sent_again(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.lines().first.click()
    await screen.page.locator("#initials").fill("MK")
    screen.peer.refuses = True
    await screen.peer.cut()
    await screen.page.locator("#take").click()
    await expect(screen.lines().first.locator(".who")).to_have_text("sending MK")
    assert screen.peer.heard == []
    screen.peer.refuses = False
    await screen.peer.until(lambda: len(screen.peer.heard) >= 1)


async def test_an_acknowledgement_that_nobody_confirms_says_so(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.lines().first.click()
    await screen.page.locator("#initials").fill("MK")
    await screen.page.locator("#take").click()
    await expect(screen.lines().first.locator(".who")).to_have_text("not confirmed, try again", timeout=20_000)
    await expect(screen.page.locator("#status")).to_contain_text("not confirmed")


async def test_the_dialog_closes_when_somebody_else_was_faster(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.lines().first.click()
    await expect(screen.page.locator("#acknowledge")).to_be_visible()
    echo(screen, "JD")
    await expect(screen.page.locator("#acknowledge")).to_be_hidden()
    await expect(screen.lines().first.locator(".who")).to_contain_text("✓ JD")


async def test_a_focused_line_keeps_the_focus_when_others_come_before_it(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(hr_high(3),))
    await screen.open()
    await screen.lines().first.focus()
    screen.peer.scene.alarms += (spo2_critical(7), spo2_critical(8))
    screen.peer.tell()
    await expect(screen.lines()).to_have_count(3)
    await expect(screen.lines().nth(2)).to_be_focused()


async def test_the_buttons_of_the_dialog_are_large_enough_for_a_thumb(screen: Screen) -> None:
    await screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    box = await screen.lines().first.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    await screen.lines().first.click()
    for name in ("#take", "#leave", "#initials"):
        box = await screen.page.locator(name).bounding_box()
        assert box is not None
        assert box["height"] >= 48
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    await screen.picture("acknowledge-phone")


async def test_a_dialog_that_somebody_left_open_does_not_cover_people_for_long(screen: Screen) -> None:
    await screen.page.add_init_script(
        "const real = setTimeout; globalThis.setTimeout = (f, ms) => real(f, ms === 30_000 ? 1_500 : ms);"
    )
    screen.peer.scene = room(12, alarms=(spo2_critical(7),))
    await screen.open()
    await screen.lines().first.click()
    await expect(screen.page.locator("#acknowledge")).to_be_visible()
    await expect(screen.page.locator("#acknowledge")).to_be_hidden()
    assert screen.peer.heard == []
