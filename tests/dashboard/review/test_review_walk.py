"""A therapist's way after class, in a real browser with a real broker and record: look, mark, sign, ask what if."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect

from tests.chromium import CHROMIUM, FLAGS
from tests.dashboard.house import House, settings_for
from tests.dashboard.review.past_class import PastClass, person_id, write_past_class
from tests.ingest.peers import IngestProcess
from tests.peers import Mosquitto

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(180)]

PATIENCE_MS: Final = 45_000
PAST: Final = PastClass(minutes=10, people=2, holes=((100, 130),), alarms=((300, 9),))


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    """A page as large as a tablet on its side; a test fails when the page logs an error."""
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1024, "height": 768})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield page
        await browser.close()
    assert errors == []


async def test_from_the_list_of_classes_to_a_signed_report(
    page: Page, broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    write_past_class(tmp_path, PAST)
    ingest = IngestProcess(broker.url, tmp_path)
    ingest.start()
    try:
        async with House(settings_for(tmp_path, broker.url)) as house:
            site = f"http://{house.authority}"
            expect.set_options(timeout=PATIENCE_MS)
            await look_around(page, site, pictures)
            await draw_a_class_of_seconds(page)
            await mark_and_sign(page, site, pictures)
            await withdraw(page, site)
            await follow_the_programme(page, site, pictures)
            await ask_and_replay(page, site, pictures)
            await page.close()
    finally:
        ingest.kill()


async def look_around(page: Page, site: str, folder: Path) -> None:
    """The class, and one person in it."""
    state = page.locator(".review")
    await page.goto(f"{site}/review")
    await page.get_by_text("Tuesday <b>group</b>").click()
    await expect(state).to_have_attribute("data-state", "done")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.screenshot(path=folder / "review-class.png")
    await page.get_by_role("link", name="Ann1 <i>").click()
    await expect(page.locator(".review-first")).to_contain_text("This record has holes. Heart rate: ")
    await expect(state).to_have_attribute("data-chart", "raw")
    await expect(page.locator(".course canvas")).to_have_count(4)
    await page.screenshot(path=folder / "review-person.png")

    # Hovering reads all charts at once.
    plot = page.locator(".course-plot").first
    await plot.hover(position={"x": 400, "y": 100})
    await expect(page.locator(".course-reading")).to_contain_text("SpO")
    await expect(page.locator(".course-reading")).to_contain_text("Work, W")


async def draw_a_class_of_seconds(page: Page) -> None:
    """The axis ends with the class, however short: no room after it, and no zoom leads there."""
    asked = await page.evaluate(
        """async () => {
          const { Course } = await import("/static/review/course.js");
          const asked = [];
          const node = document.createElement("div");
          const summary = { started_utc_ms: 1000, until_ms: 5000 };
          const course = new Course(node, summary, "UTC", (...stretch) => asked.push(stretch));
          course.whole();
          course.zoom(2000, 30000);
          return asked;
        }"""
    )
    assert asked == [[1000, 6000], [2000, 6000]]


async def mark_and_sign(page: Page, site: str, folder: Path) -> None:
    """An artefact changes the figures, with who and why; the signature stands under what was shown."""
    await page.get_by_role("button", name="Closer").click()
    await page.get_by_role("button", name="Closer").click()
    mark = page.locator("#mark button")
    await expect(mark).to_be_enabled()
    await page.locator("#mark input").fill("strap slipped")
    await mark.click()
    await expect(page.locator(".review-first")).to_contain_text("1 marked as artefact and left out")
    await expect(page.locator(".review-marks")).to_contain_text("strap slipped")
    await page.screenshot(path=folder / "review-marked.png")
    await page.get_by_role("button", name="Sign this report").click()
    signature = page.locator("#signature")
    await expect(signature).to_contain_text("Signed by")
    await expect(signature).not_to_contain_text("changed since")
    await page.goto(f"{site}/api/v1/sessions/past-1/participants/{person_id(1)}/report")
    await expect(page.locator(".signature")).to_contain_text("the record is unchanged since")
    await expect(page.locator("body")).to_contain_text("strap slipped")
    await page.screenshot(path=folder / "report.png")
    await page.goto(f"{site}/review/past-1/{person_id(1)}")
    await page.get_by_label("Add a note").fill("felt well")
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.locator(".review-entries")).to_contain_text("felt well")
    await expect(signature).to_contain_text("the record has changed since")


async def withdraw(page: Page, site: str) -> None:
    """A mark is taken back with a reason: the figures count its stretch again, and both stay told."""
    await page.goto(f"{site}/review/past-1/{person_id(1)}")
    mark = page.locator(".review-marks li")
    await expect(mark).to_have_attribute("data-withdrawn", "no")
    await mark.get_by_label("Why it counts after all").fill("it was hers after all")
    await mark.get_by_role("button").click()
    await expect(mark).to_have_attribute("data-withdrawn", "yes")
    await expect(mark).to_contain_text("it was hers after all")
    await expect(mark).to_contain_text("strap slipped")
    await expect(page.locator(".review-first")).not_to_contain_text("marked as artefact")


async def follow_the_programme(page: Page, site: str, folder: Path) -> None:
    """One session cannot be compared, and the page says so; a 6-minute walk is entered here."""
    await page.goto(f"{site}/review/people/{person_id(1)}")
    await expect(page.locator("#same-work")).to_contain_text("Nothing can be compared")
    await page.get_by_label("6-minute walk, m").fill("412")
    await page.locator("#walk button").click()
    await expect(page.locator(".review-table tbody tr")).to_contain_text("412")
    await page.screenshot(path=folder / "programme.png", full_page=True)


async def ask_and_replay(page: Page, site: str, folder: Path) -> None:
    """Lower limits bring more alarms; and the replay says what it is."""
    await page.goto(f"{site}/review/what-if?session=past-1")
    await page.locator("input[name='value HR_OVER']").fill("100")
    await page.get_by_role("button", name="Ask the record").click()
    await expect(page.locator("#what-if-rules tr[data-rule='HR_OVER']")).to_be_visible()
    await page.screenshot(path=folder / "what-if.png")
    await page.goto(f"{site}/review/past-1/replay")
    await expect(page.locator(".replay-banner")).to_contain_text("REPLAY - not live")
    # While the strap of seat 1 was silent, the wall had no number, and neither has the replay.
    await page.locator("input[type='range']").fill(str(PAST.started_utc_ms + 120_000))
    await expect(page.locator(".replay-tile[data-seat='1'] .hr")).to_have_attribute("data-state", "lost")
    await expect(page.locator(".replay-tile[data-seat='2'] .hr")).to_have_attribute("data-state", "live")
    await page.screenshot(path=folder / "replay.png")
    await page.locator("input[type='range']").fill(str(PAST.started_utc_ms + 302_000))
    await expect(page.locator(".replay-strip")).to_contain_text("HR 128 > 124")
    await page.get_by_label("Speed").select_option("60")
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator(".replay")).to_contain_text("End of the class")
