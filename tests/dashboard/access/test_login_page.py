"""The login page in a real browser, by keyboard: first admin, login, run out, display; and nobody's markup."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from dashboard.access.keys import hash_key, new_key
from dashboard.access.logins import WHOLE_MS
from dashboard.access.reception import LOGIN_COOKIE
from dashboard.access.roles import Role
from tests.chromium import CHROMIUM, FLAGS, find_serious
from tests.dashboard.access.clinic_house import PASSWORD, Clinic, open_clinic
from tests.dashboard.house import open_voice, person, until
from tests.peers import Mosquitto
from vitals.commands import Acknowledge
from vitals.units import UtcMs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

TABLET: Final[ViewportSize] = {"width": 1024, "height": 768}
EVIL: Final = "<img src=x onerror=alert(1)>"


@asynccontextmanager
async def browsing(clinic: Clinic, path: str, **more: Any) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(viewport=TABLET, locale="en-GB", **more)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await page.goto(f"http://{clinic.authority}{path}")
        yield page
        await browser.close()


async def picture(page: Page, folder: Path, name: str) -> None:
    place = Path(os.environ.get("VITALS_SCREENSHOTS", folder))
    await page.screenshot(path=place / f"{name}.png")


async def test_who_is_logged_in_takes_an_alarm_without_typing_a_name(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_voice(broker) as voice, open_clinic(tmp_path, broker.url) as clinic:
        headers = await clinic.headers_of("therapist")
        async with await clinic.someone("admin") as ada, browsing(clinic, "/login", extra_http_headers=headers) as page:
            started = await ada.post("/api/v1/sessions", json={"name": "Tuesday", "participants": [person(1)]})
            alarm = voice.say_alarm(started.json()["id"])
            await page.goto(f"http://{clinic.authority}/wall")
            await page.wait_for_function("() => import('/static/initials.js').then((initials) => initials.isSigned())")
            await page.locator("#strip").get_by_role("button").first.click()
            await expect(page.locator("#take")).to_be_focused()
            await expect(page.locator("#initials")).to_be_hidden()
            await expect(page.locator("#initials-label")).to_be_hidden()
            await picture(page, tmp_path, "acknowledge-as-login")
            await page.locator("#take").click()
            await until(lambda: bool(voice.commands), "the alarm is not taken")
            assert (voice.commands[0].by, voice.commands[0].body) == ("tom", Acknowledge(alarm_id=alarm.alarm_id))
            await page.locator("#sound").click()
            await expect(page.locator("#pause")).to_be_focused()
            await expect(page.locator("#screen-initials")).to_be_hidden()


async def test_a_person_logs_in_by_keyboard_and_comes_to_the_wall(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, browsing(clinic, "/wall") as page:
        await expect(page).to_have_url(f"http://{clinic.authority}/login?next=/wall")
        await expect(page.locator("#user")).to_be_focused()
        await page.keyboard.type("tom")
        await page.keyboard.press("Tab")
        await page.keyboard.type("not the password")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("User and password (or PIN) don't fit.")
        await expect(page.locator("#secret")).to_be_focused()
        await picture(page, tmp_path, "login-refused")
        assert await find_serious(page) == []
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"http://{clinic.authority}/wall")
        # A login that has run out: the wall stays and says who must log in.
        cookie = next(found for found in await page.context.cookies() if found.get("name") == LOGIN_COOKIE)
        assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
        with clinic.book() as shelves, shelves.book.change():
            began = time.time_ns() // 1_000_000 - WHOLE_MS - 1
            key = hash_key(str(cookie.get("value")))
            assert shelves.book.run("UPDATE login SET began_utc_ms = ? WHERE key = ?", (began, key)) == 1
        await page.reload()
        await expect(page.locator("#who-bar")).to_contain_text("tom was away too long")
        await picture(page, tmp_path, "wall-run-out")
        await page.get_by_role("link", name="Log in").click()
        await expect(page.locator("#user")).to_have_value("tom")


async def test_the_first_admin_is_made_by_the_link_which_leaves_no_trace(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic:
        key = new_key()
        with clinic.book() as shelves, shelves.book.change():
            shelves.book.run("DELETE FROM account")
            shelves.devices.set_first_link(key.hash, until_utc_ms=UtcMs(2**50))
        async with browsing(clinic, f"/first#{key.secret}") as page:
            await expect(page).to_have_url(f"http://{clinic.authority}/first")
            for text in ("boss", PASSWORD, PASSWORD + "!"):
                await page.keyboard.type(text)
                await page.keyboard.press("Tab")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("alert")).to_have_text("The two passwords differ.")
            await picture(page, tmp_path, "first")
            assert await find_serious(page) == []
            await page.locator("#again").fill(PASSWORD)
            await page.keyboard.press("Enter")
            await expect(page).to_have_url(f"http://{clinic.authority}/wall")


async def test_a_display_shows_a_code_and_then_the_wall_and_nobodys_markup(tmp_path: Path) -> None:
    async with open_clinic(tmp_path) as clinic, browsing(clinic, "/display") as page:
        await page.wait_for_function("() => document.getElementById('code').textContent.length === 7")
        await picture(page, tmp_path, "display-code")
        code = (await page.locator("#code").inner_text()).replace(" ", "")
        async with clinic.script(Role.SUPERVISOR) as desk:
            body = {"name": EVIL, "participants": [person(3, alias=EVIL[:24])]}
            assert (await desk.post("/api/v1/sessions", json=body)).status_code == 201
            pairing = {"code": code, "name": "wall-1", "sees_names": True}
            assert (await desk.post("/api/v1/displays", json=pairing)).status_code == 201
        await expect(page).to_have_url(f"http://{clinic.authority}/wall")
        await expect(page.locator("#class-name")).to_contain_text("<img src=x")
        assert await page.locator("img").count() == 0
        # Shut out, it shows nothing of the room any more.
        with clinic.book() as shelves:
            shelves.devices.revoke("wall-1")
        await expect(page).to_have_url(f"http://{clinic.authority}/login?next=%2Fwall", timeout=60_000)
