"""Words that somebody typed are words on every page: nothing of them runs, and no page breaks its own policy."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from tests.chromium import CHROMIUM, FLAGS
from tests.dashboard.access.lived_in import ONE, PAST, LivedIn, Texts, open_lived_in
from tests.peers import Mosquitto

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(240)]

PATIENCE_MS: Final = 45_000
WORDS: Final = Texts(
    alias="<img src=x onerror=ran()>",
    name='"><script>ran()</script>',
    note="<svg onload=ran()>'\"><img src=x onerror=ran()>",
    label="'\"><svg onload=ran()>",
    plan="</title></script><script>ran()</script>",
)
IMAGE: Final = "<img src=x onerror=ran()>"

WATCH: Final = """
  window.ran = () => { window.hasRun = true; };
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
"""Our own pages have no violation; what a word would bring in has one, for the policy would stop it."""

BROUGHT_IN: Final = """() => {
  const strange = 'img[src="x"], svg[onload], [onerror]';
  const look = (root) => [...root.querySelectorAll("*")].flatMap((node) => [
    ...(node.matches(strange) || (node.matches("script") && node.textContent.includes("ran()"))
      ? [node.outerHTML.slice(0, 120)] : []),
    ...(node.shadowRoot ? look(node.shadowRoot) : []),
  ]);
  return [...(window.hasRun ? ["it ran"] : []), ...window.violations, ...look(document)];
}"""


@asynccontextmanager
async def browsing(house: LivedIn) -> AsyncIterator[Page]:
    """Give a page of the admin, who sees everything; fails when a page logs an error."""
    name, value = (await house.clinic.headers_of("admin"))["cookie"].split("=", 1)
    site = f"http://{house.clinic.authority}"
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await browser.new_context(base_url=site, viewport={"width": 1280, "height": 900}, locale="en-GB")
        await context.add_cookies([{"name": name, "value": value, "url": site}])
        await context.add_init_script(WATCH)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(f"{page.url} {error}"))
        page.on("console", lambda said: errors.append(_told(said)) if said.type == "error" else None)
        yield page
        await browser.close()
    assert errors == []


def _told(said: ConsoleMessage) -> str:
    return f"{said.page.url if said.page else '?'} {said.text} {said.location['url']}"


def places(house: LivedIn) -> list[tuple[str, list[str]]]:
    """Return every page, with the words that must stand on it."""
    past, person = f"/review/{PAST}", f"/api/v1/sessions/{PAST}/participants/{ONE}/report"
    return [
        ("/wall", [WORDS.alias, WORDS.plan]),
        (f"/tablet#{ONE}", [WORDS.alias]),
        ("/class", [WORDS.alias]),
        ("/phone", []),
        (f"/alarm/{house.alarm}", []),
        ("/desk#people", [WORDS.alias, WORDS.name]),
        ("/desk#prescriptions", [WORDS.alias]),
        ("/desk#sensors", [WORDS.label]),
        ("/desk#classes", [WORDS.plan]),
        ("/desk#staff", []),
        ("/desk#import", []),
        ("/admin#own", []),
        ("/admin#devices", []),
        ("/admin#users", []),
        ("/admin#audit", []),
        ("/review", [WORDS.plan]),
        (past, [WORDS.plan]),
        (f"{past}/{ONE}", [WORDS.note]),
        (f"{past}/replay", []),
        ("/review/what-if", [WORDS.plan]),
        ("/review/site", []),
        (f"/review/people/{ONE}", []),
        (person, [WORDS.plan, WORDS.note]),
        (f"/api/v1/sessions/{PAST}/report", [WORDS.plan]),
        (f"/handover/{house.now}/{ONE}", [WORDS.alias, WORDS.plan, WORDS.note]),
        ("/health", []),
        ("/login", []),
        ("/first", []),
        (house.invited, []),
        ("/display", []),
    ]


async def test_nothing_that_somebody_typed_runs_and_no_page_breaks_its_policy(
    tmp_path: Path, broker: Mosquitto
) -> None:
    found: dict[str, list[str]] = {}
    async with open_lived_in(tmp_path, broker, WORDS) as house, browsing(house) as page:
        for path, words in places(house):
            await page.goto("about:blank")  # a page of which only the hash changes would not be loaded anew
            await page.goto(path)
            await expect(page.locator("body")).not_to_be_empty(timeout=PATIENCE_MS)
            for word in words:
                shown = page.get_by_text(word).or_(page.locator(f"[value={_quoted(word)}]")).first
                await expect(shown, f"{word} on {path}").to_be_attached(timeout=PATIENCE_MS)
            strange = await page.evaluate(BROUGHT_IN)
            if strange:
                found[path] = strange
        assert found == {}
        other = await page.context.new_page()
        await other.goto("/login")
        await other.evaluate("(word) => { document.body.innerHTML = word; }", WORDS.note)
        assert len(await other.evaluate(BROUGHT_IN)) >= 2  # it would have been seen
        assert await other.evaluate("window.hasRun") is None  # and the policy would have stopped it


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
