"""The desk and the page of users in a real browser, with the real server: from a person to a class, and no defect."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from dashboard.access.roles import Role
from tests.chromium import find_serious
from tests.dashboard.access.clinic_house import Clinic, open_clinic
from tests.dashboard.page.desk import open_desk, open_tab
from tests.peers import Mosquitto

pytestmark = [
    pytest.mark.browser,
    pytest.mark.peer,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

NASTY = "<img src=x onerror=alert(1)>"
SIZES = ((1024, 768), (390, 844))
WIDE = (1920, 1080)


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        async with open_clinic(tmp_path, broker.url) as clinic:
            yield clinic
    finally:
        broker.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, clinic: Clinic) -> AsyncIterator[Page]:
    async with open_desk(browser, clinic, patience_ms=30_000) as page:
        yield page


async def too_small(page: Page) -> list[str]:
    """What is touched and is less than 48 px high, or hangs over the edge of the page."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll('main :is(button, select, a.button, label.check, label.button)')]
          .filter((node) => node.getClientRects().length > 0 && node.closest('.tabs') === null)
          .filter((node) => { const box = node.getBoundingClientRect();
            return box.height < 47.5 || box.right > innerWidth + 1 || box.left < -1; })
          .map((node) => node.outerHTML.slice(0, 100))"""
    )
    return found


async def test_from_a_person_to_a_class_at_the_desk(desk: Page, clinic: Clinic, pictures: Path) -> None:
    page = desk
    await open_tab(page, clinic, "desk")
    await expect(page.locator(".list .empty")).to_contain_text("Add a person, or import a list")
    for alias, name in (("Anna", "Anna Müller"), (NASTY, NASTY)):
        await page.get_by_role("button", name="Add a person").click()
        await expect(page.get_by_label("Alias on the screens")).to_be_focused()
        await page.keyboard.type(alias)
        await page.get_by_label("Name", exact=True).fill(name)
        await page.keyboard.press("Enter")
        await expect(page.locator(".person b", has_text=alias)).to_have_count(1)
        await expect(page.locator(".detail h2")).to_have_text(alias)
    assert await page.locator(".people img").count() == 0

    # What contradicts itself can't be saved, and says why; then the lowest limit applies, with its reason.
    await page.locator(".person", has_text="Anna").click()
    await page.get_by_role("button", name="Prescription", exact=True).click()
    await expect(page.locator('.limit[data-rule="SPO2_LOW"]')).to_contain_text("default, not prescribed")
    await page.get_by_label("Rest, bpm").fill("70")
    await page.get_by_label("Upper limit, bpm").fill("60")
    await expect(page.locator(".limits .refusal")).to_contain_text("is not above")
    await expect(page.get_by_role("button", name="Save as a new version")).to_be_disabled()
    await page.get_by_label("Upper limit, bpm").fill("121")
    await page.get_by_label("Exercise test done").check()
    upper = page.locator('.limit[data-rule="HR_OVER"]')
    await expect(upper.locator("h3 b")).to_have_text("> 121 bpm")
    await expect(upper.locator('li[data-applies="true"]')).to_contain_text("prescribed")
    await page.get_by_label("Why this version").fill("exercise test")
    await page.get_by_role("button", name="Save as a new version").click()
    await expect(page.locator(".versions li")).to_have_count(1)
    await page.screenshot(path=pictures / "desk-prescription.png")

    await page.get_by_role("tab", name="Classes").click()
    await page.get_by_role("button", name="Add a class plan").click()
    await page.get_by_label("Name of the class").fill("Tuesday")
    await page.locator(".standing").get_by_role("button", name="Anna").click()
    await page.get_by_label("Seat 2", exact=True).select_option(label=NASTY)
    await page.get_by_label("Seat 2", exact=True).focus()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.get_by_label("Seat 1", exact=True).locator("option:checked")).to_have_text(NASTY)
    await page.screenshot(path=pictures / "desk-plan.png")
    await page.get_by_role("button", name="Save", exact=True).click()
    plan = page.locator("[data-plan]", has_text="Tuesday")
    await expect(plan).to_contain_text("2 people")
    await plan.get_by_role("button", name="Start").click()
    await plan.get_by_role("button", name=re.compile("Start the class: 2 people")).click()
    async with clinic.script(Role.SUPERVISOR) as script:
        await expect(page).to_have_url(re.compile("/class"))
        (session,) = (await script.get("/api/v1/sessions")).json()
    seated = {one["seat"]: (one["alias"], one["limits"].get("HR_OVER")) for one in session["participants"]}
    assert seated == {1: (NASTY, None), 2: ("Anna", 121)}

    await hand_over(page, clinic, session["id"], pictures)


async def hand_over(page: Page, clinic: Clinic, session: str, pictures: Path) -> None:
    """In mid-class the staff changes: Anna is tom's from now on."""
    await open_tab(page, clinic, "desk#staff")
    tom = page.locator('[data-duty="tom"]')
    await tom.get_by_role("checkbox").check()
    await tom.get_by_role("button", name="2 Anna").click()
    await page.screenshot(path=pictures / "desk-duty.png")
    await page.locator("#part").get_by_role("button", name="Save", exact=True).first.click()
    await expect(tom.get_by_role("button", name="2 Anna")).to_have_attribute("aria-pressed", "true")
    async with clinic.script(Role.SUPERVISOR) as script:
        duty = (await script.get(f"/api/v1/sessions/{session}/duty")).json()
    assert {one["staff"]: len(one["participants"]) for one in duty["members"]} == {"ada": 0, "tom": 1}


async def seed(clinic: Clinic) -> None:
    async with clinic.script(Role.ADMIN) as script:
        people: list[str] = []
        for alias in ("Anna", NASTY, "A person with quite a long alias"):
            body = {"alias": alias, "name": f"{alias} of a Long Name", "number": str(1000 + len(people))}
            people.append((await script.post("/api/v1/people", json=body)).json()["id"])
        prescription: dict[str, Any] = {"hr_upper_bpm": 121, "rest_hr_bpm": 60, "birth_year": 1956}
        await script.post(
            f"/api/v1/people/{people[0]}/prescriptions", json={"prescription": prescription, "why": "test"}
        )
        await script.put("/api/v1/sensors/s-red7", json={"kind": "strap", "label": "Red 7", "owner": people[0]})
        seats = [{"seat": seat, "person": person} for seat, person in enumerate(people, start=1)]
        series = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "time": "10:00", "first_date": "2026-01-05"}
        await script.post("/api/v1/plans", json={"name": "Every day", "seats": seats, "series": series})


async def test_no_serious_defect_at_the_desk_and_among_users_in_any_size(
    desk: Page, clinic: Clinic, pictures: Path
) -> None:
    page = desk
    await seed(clinic)
    views = (
        ("desk#people", ".person"),
        ("desk#prescriptions", ".person >> nth=1"),
        ("desk#sensors", "[data-known] button"),
        ("desk#classes", "[data-due] button.primary"),
        ("desk#classes", "[data-plan] button"),
        ("desk#staff", ""),
        ("desk#import", ""),
        ("admin#own", ""),
        ("admin#devices", ""),
        ("admin#users", ""),
        ("admin#audit", "#part .card button"),
    )
    for (width, height), shown in (*((size, views) for size in SIZES), (WIDE, views[1:5:3])):
        await page.set_viewport_size({"width": width, "height": height})
        for where, click in shown:
            await open_tab(page, clinic, where)
            if click:
                await page.locator(click).first.click()
                await expect(page.locator("#part")).to_have_attribute("aria-busy", "false")
            name = f"{where.replace('#', '-')}{'-2' if 'plan' in click else ''}-{width}"
            await page.screenshot(path=pictures / f"{name}.png", full_page=True)
            assert await find_serious(page) == [], name
            assert await too_small(page) == [], name
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, name


async def test_a_list_with_errors_is_shown_line_by_line_and_a_good_one_is_taken(desk: Page, clinic: Clinic) -> None:
    page = desk
    await open_tab(page, clinic, "desk?lang=de#import")
    bad = f"number;alias;name;hr_upper_bpm\n1;Anna;{NASTY};121\n2;=x;;\n3;Carl;;999\n".encode("latin-1")
    await page.locator("input[type=file]").set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": bad})
    await expect(page.locator("tbody tr")).to_have_count(2)
    await expect(page.locator("tbody tr").first).to_contain_text("=x")
    await expect(page.locator("#part")).to_contain_text("2 Fehler")
    good = bad.replace(b"=x", b"Bert").replace(b"999", b"119")
    await page.locator("input[type=file]").set_input_files({"name": "l.csv", "mimeType": "text/csv", "buffer": good})
    await expect(page.locator("#part")).to_contain_text("3 neu, 0 geändert")
    await page.get_by_role("button", name="Liste übernehmen").click()
    await expect(page.locator(".person")).to_have_count(3)
    assert await page.locator(".people img").count() == 0


async def test_a_user_who_is_invited_sets_the_own_password_and_a_wall_is_shut_out(
    desk: Page, clinic: Clinic, browser: Browser
) -> None:
    page = desk
    await open_tab(page, clinic, "admin#users")
    await page.locator("#f-user").fill("nora")
    await page.locator("#add-user").get_by_role("button", name="Add a user").click()
    link = await page.locator(".one-time code").inner_text()
    assert link.startswith(f"http://{clinic.authority}/invited#")
    other = await browser.new_context()
    nora = await other.new_page()
    await nora.goto(link)
    await expect(nora.get_by_label("User")).to_have_value("nora")
    await nora.get_by_label("Password", exact=True).fill("a rainy tuesday")
    await nora.get_by_label("Password again").fill("a rainy tuesday")
    await nora.keyboard.press("Enter")
    await expect(nora).to_have_url(re.compile("/wall"))
    # A therapist finds the own login here and nothing else.
    await nora.goto(f"http://{clinic.authority}/admin")
    await expect(nora.get_by_role("tab")).to_have_count(1)
    await nora.get_by_label("Why").fill("somebody fell over just now")
    await nora.get_by_role("button", name="Take emergency access").click()
    await expect(nora.locator("#part li")).to_contain_text("somebody fell over just now")
    await nora.goto(link)
    await nora.reload()
    await expect(nora.locator("#problem")).to_contain_text("was used or is too old")

    wall = await (await browser.new_context()).new_page()
    await wall.goto(f"http://{clinic.authority}/display")
    await expect(wall.locator("#code")).to_have_text(re.compile(r"^\w{3} \w{3}$"))
    await page.get_by_role("tab", name="Walls and tablets").click()
    await page.get_by_label("Code on the wall").fill(await wall.locator("#code").inner_text())
    await page.locator("#f-wall-name").fill("wall-1")
    await page.locator("#pair-wall").get_by_role("button", name="Pair").click()
    await expect(wall).to_have_url(re.compile("/wall"))
    await page.locator('[data-device="wall-1"]').get_by_role("button", name="Shut out").click()
    await expect(page.locator("[data-device]")).to_have_count(0)
    await page.get_by_role("tab", name="Audit log").click()
    await page.get_by_role("button", name="Look through the whole chain").click()
    await expect(page.locator("#part")).to_contain_text("each follows the one before")
    await expect(page.locator("tbody")).to_contain_text("emergency access")
    await wall.context.close()
    await other.close()
