"""The trail of calls and of people: who is called when, who was called, a class as a file, a person forgotten."""

import asyncio
import csv
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from alerts.policy.plan import policy_timeline
from alerts.service import load_policy
from dashboard.access.roles import Role
from tests.chromium import find_serious
from tests.dashboard.access.clinic_house import Clinic, open_clinic
from tests.dashboard.house import PATIENCE_S
from tests.dashboard.page.desk import open_desk, open_tab
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from tests.ingest.peers import IngestProcess
from tests.peers import Mosquitto
from vitals.bus import Bus
from vitals.clock import Clock
from vitals.delivery import AttemptState
from vitals.topics import PolicyTopic
from vitals.wire import encode

pytestmark = [
    pytest.mark.browser,
    pytest.mark.peer,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]

PATIENCE_MS: Final = 45_000
PAST: Final = PastClass(minutes=10, people=2, alarms=((300, 9),), accepted_after_s=4, receipt=AttemptState.DELIVERED)


@pytest_asyncio.fixture(loop_scope="session")
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    """A clinic with a class that is over, and with the record's owner at work."""
    write_past_class(tmp_path, PAST)
    broker = Mosquitto(tmp_path)
    broker.start()
    ingest = IngestProcess(broker.url, tmp_path)
    ingest.start()
    try:
        async with open_clinic(tmp_path, broker.url) as clinic:
            yield clinic
    finally:
        ingest.kill()
        broker.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, clinic: Clinic) -> AsyncIterator[Page]:
    expect.set_options(timeout=PATIENCE_MS)
    async with open_desk(browser, clinic, patience_ms=PATIENCE_MS) as page:
        yield page


def count_lines(path: Path) -> int:
    return len(list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines())))


async def test_the_desk_draws_who_is_called_when_as_alerts_tells_it(page: Page, clinic: Clinic, pictures: Path) -> None:
    await open_tab(page, clinic, "desk#staff")
    await expect(page.locator("#policy")).to_contain_text("has not told who is called when")
    policy = policy_timeline(load_policy(None))
    async with Bus(url=clinic.settings.broker, client_id="teller", clock=Clock()) as bus:
        bus.set_retained(str(PolicyTopic(site=clinic.settings.site)), encode(policy))
        async with clinic.script(Role.THERAPIST) as therapist:
            deadline_s = time.monotonic() + PATIENCE_S
            while (await therapist.get("/api/v1/policy")).json() is None:
                assert time.monotonic() < deadline_s, "the policy never came"
                await asyncio.sleep(0.05)
    await open_tab(page, clinic, "desk#staff")
    high = page.locator('.policy[data-priority="high"]')
    await expect(high.locator("li")).to_have_count(3)
    await expect(high.locator("li").first).to_contain_text("At once: all on duty")
    await expect(high.locator("li").last).to_contain_text(
        "After 30 s: everybody who has a phone; by all ways; again every 30 s"
    )
    await expect(high).to_contain_text("Accepted and still there after 60 s")
    await expect(page.locator('.policy[data-priority="low"]')).to_contain_text("The screens alone show it")
    assert await high.locator("svg .step").count() == 3
    assert await find_serious(page) == []
    for width, height in ((1024, 768), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.locator("#policy").scroll_into_view_if_needed()
        await page.screenshot(path=pictures / f"policy-{width}.png", full_page=True)


async def test_a_class_is_exported_and_says_who_was_called(page: Page, clinic: Clinic, pictures: Path) -> None:
    site = f"http://{clinic.authority}"
    await page.goto(f"{site}/review/{PAST.session}")
    await expect(page.locator(".review")).to_have_attribute("data-state", "done")
    await page.get_by_text("Export", exact=True).click()
    await page.screenshot(path=pictures / "review-export.png", full_page=True)
    async with page.expect_download() as started:
        await page.locator(".exports").get_by_role("link", name="CSV", exact=True).click()
    download = await started.value
    assert download.suggested_filename == f"{PAST.session}.csv"
    assert count_lines(await download.path()) > PAST.seconds * PAST.people
    await page.goto(f"{site}/review/{PAST.session}/{person_id(1)}")
    alarms = page.locator(".review-alarms")
    await expect(alarms).to_contain_text("4\N{NO-BREAK SPACE}s (tom)")
    await expect(alarms.locator(".calls")).to_contain_text("tom (phone) - shown by the phone")
    await expect(alarms.locator(".calls")).to_contain_text("Not reached")
    await alarms.scroll_into_view_if_needed()
    await page.screenshot(path=pictures / "review-called.png", full_page=True)
    assert await find_serious(page) == []


async def test_a_person_is_forgotten_when_the_number_is_typed_and_never_before(
    page: Page, clinic: Clinic, pictures: Path
) -> None:
    async with clinic.script(Role.ADMIN) as admin:
        added = await admin.post("/api/v1/people", json={"alias": "Anna", "number": "4711", "name": ""})
        person = added.json()["id"]
    await open_tab(page, clinic, "admin#erase")
    await page.locator("#f-person").select_option(person)
    await page.locator("#f-number").fill("4712")
    await page.locator("#f-why").fill("she asked for it")
    await page.get_by_role("button", name="Forget Anna for good").click()
    await expect(page.locator("#part .refusal")).to_contain_text("Nobody was forgotten: 4711 was to be typed")
    await page.screenshot(path=pictures / "erase.png", full_page=True)
    await page.locator("#f-number").fill("4711")
    await page.get_by_role("button", name="Forget Anna for good").click()
    owner = page.locator("#erasure [data-owner]")
    await expect(owner).to_have_count(4)
    for name in ("dashboard", "review", "ingest"):
        await expect(page.locator(f'#erasure [data-owner="{name}"]')).to_contain_text(re.compile(r"done \d"))
    # Nobody calls people in this house, so nobody has answered for the calls.
    await expect(page.locator('#erasure [data-owner="alerts"]')).to_contain_text("asked, not done yet")
    await expect(page.locator("#part")).to_contain_text("Nobody is in the register")
    await page.screenshot(path=pictures / "erased.png", full_page=True)
    assert await find_serious(page) == []
