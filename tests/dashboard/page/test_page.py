"""What stands around the people: class, clock, badge, losses, the empty room; and that data is never markup."""

import re

import msgspec
import pytest
from playwright.async_api import expect

from dashboard.frames import AudioView, CountsView, PartView
from tests.dashboard.page.peer import Scene, mono_ms, utc_ms
from tests.dashboard.page.people import acknowledged, change, hr, hr_high, room, spo2_critical
from tests.dashboard.page.screen import Screen
from vitals.alarms import Signal
from vitals.sessions import GenerationMode

pytestmark = [pytest.mark.browser, pytest.mark.timeout(60), pytest.mark.asyncio(loop_scope="session")]

EVIL = "<img src=x onerror=\"document.title='stolen'\"><script>document.title='stolen'</script>"


def lost(part: str, text: str) -> PartView:
    return PartView(
        part=part, instance=part, state="lost", since_ms=mono_ms(), since_utc_ms=utc_ms(), text=text, is_loss=True
    )


def troubled(part: str, text: str) -> PartView:
    return PartView(part=part, instance=part, state="up", since_ms=mono_ms(), since_utc_ms=utc_ms(), text=text)


async def test_the_header_names_class_phase_time_in_it_sensors_and_the_sites_time(screen: Screen) -> None:
    screen.peer.scene = room(12)
    screen.peer.scene.counts = CountsView(
        straps_live=11, straps=12, oximeters_live=10, oximeters=11, gateways_live=2, gateways=2
    )
    await screen.open()
    page = screen.page
    await expect(page.locator("#class-name")).to_have_text("Phase III cardiac, Tue 10:00")
    await expect(page.locator("#phase")).to_have_text(re.compile(r"^Training · 1[89]:\d\d$"))
    await expect(page.locator("#counts")).to_have_text("11 of 12 straps · 10 of 11 oximeters · 2 of 2 gateways")
    berlin = await page.evaluate(
        "new Date().toLocaleTimeString('en-GB', {timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit'})"
    )
    shown = await page.locator("#clock").inner_text()
    assert shown[:4] == berlin[:4]
    assert len(shown) == 8


@pytest.mark.parametrize(
    ("mode", "badge"),
    [
        (GenerationMode.SIMULATED, "SIMULATED DATA"),
        (GenerationMode.REPLAYED, "REPLAYED DATA"),
        (GenerationMode.TEST, "TEST DATA"),
    ],
)
async def test_data_that_is_not_real_says_so_on_the_screen_and_in_the_title(
    screen: Screen, mode: GenerationMode, badge: str
) -> None:
    screen.peer.scene = room(6, mode=mode)
    await screen.open()
    await expect(screen.page.locator("#badge")).to_have_text(badge)
    await expect(screen.page).to_have_title(f"{badge} · Phase III cardiac, Tue 10:00 · Wall")
    assert await screen.page.locator("#badge").is_visible()


async def test_real_data_has_no_badge_and_the_page_never_claims_to_be_a_medical_device(screen: Screen) -> None:
    screen.peer.scene = room(6, mode=GenerationMode.REAL)
    await screen.open()
    await expect(screen.page.locator("#badge")).to_be_hidden()
    await expect(screen.page).to_have_title("Phase III cardiac, Tue 10:00 · Wall")
    await expect(screen.page.locator("footer")).to_contain_text("Not a medical device. Adds to direct supervision.")


async def test_an_empty_room_says_what_to_do_next(screen: Screen) -> None:
    screen.peer.scene = Scene()
    await screen.open()
    await expect(screen.page.locator("#empty")).to_contain_text("No class yet.")
    await expect(screen.page.locator("#empty")).to_contain_text(
        "Plan one at the desk and start it there, or run the demo."
    )
    await screen.picture("empty")
    screen.peer.scene = room(6)
    screen.peer.tell()
    await expect(screen.page.locator(".tile")).to_have_count(6)
    await expect(screen.page.locator("#empty")).to_be_hidden()


async def test_a_lost_part_is_named_across_the_top_and_moves_nothing(screen: Screen) -> None:
    screen.peer.scene = room(30)
    await screen.open()
    boxes = "nodes => nodes.map(node => JSON.stringify(node.getBoundingClientRect()))"
    before = await screen.page.locator(".tile, #strip, #clock").evaluate_all(boxes)
    text = "Analysis lost 10:24:07 - values are live, alarms are not. Watch people directly."
    screen.peer.scene.parts = (lost("analysis", text),)
    screen.peer.tell()
    bars = screen.page.locator("#bars .bar-line")
    await expect(bars).to_have_text([text])
    await expect(screen.tile(1)).to_have_attribute("data-hr", "live")
    # That there is no alarm means nothing when nobody would raise one.
    await expect(screen.page.locator("#strip")).to_have_text("Alarms are not live")
    await screen.picture("analysis-lost")
    screen.peer.scene.parts = (
        lost("gateway", "Gateway g1 lost 10:24:09, 12 people affected"),
        lost("ingest", "Record lost 10:24:08 - values and alarms are live, nothing is stored."),
        lost("analysis", text),
    )
    screen.peer.tell()
    await expect(bars).to_have_count(3)
    await expect(bars.first).to_have_text(text)
    assert await screen.page.locator(".tile, #strip, #clock").evaluate_all(boxes) == before
    cut = "nodes => nodes.filter(node => node.scrollHeight > node.clientHeight + 1).length"
    assert await bars.evaluate_all(cut) == 0
    await screen.picture("three-parts-lost")
    screen.peer.scene.parts = (PartView(part="analysis", instance="a", state="up", since_ms=0, since_utc_ms=0),)
    screen.peer.tell()
    await expect(bars).to_have_count(0)


async def test_troubles_stand_behind_losses_and_what_does_not_fit_is_counted(screen: Screen) -> None:
    screen.peer.scene = room(12)
    slots = "Gateway gym-left cannot save - values are live, a power cut would lose some. +1 more"
    unsaved = "Alarms not saved - they are live, a restart would forget them."
    screen.peer.scene.parts = (troubled("gateway", slots),)
    await screen.open()
    bars = screen.page.locator("#bars .bar-line")
    await expect(bars).to_have_text([slots])
    assert await screen.style(bars.first, "color") == "rgb(0, 213, 255)"
    assert await screen.style(bars.first, "backgroundColor") == "rgb(12, 17, 22)"
    await screen.picture("in-trouble")
    cut = """nodes => nodes.filter(
      (node) => node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1
    ).length"""
    screen.peer.scene.parts = (troubled("gateway", slots), troubled("analysis", unsaved))
    screen.peer.tell()
    await expect(bars).to_have_text([unsaved, slots])
    assert await bars.evaluate_all(cut) == 0
    record = "Record lost 10:24:08 - values and alarms are live, nothing is stored."
    gateway = "Gateway g2 lost 10:24:09, 12 people affected"
    screen.peer.scene.parts = (
        troubled("gateway", slots),
        troubled("analysis", unsaved),
        troubled("dashboard", "Changes wait for the disk - values and alarms are live."),
        lost("ingest", record),
        lost("gateway", gateway),
    )
    screen.peer.tell()
    await expect(bars).to_have_text([gateway, record, unsaved, "+2 more"])
    await expect(bars.nth(1)).to_have_attribute("data-kind", "loss")
    await expect(bars.nth(2)).to_have_attribute("data-kind", "trouble")
    assert await bars.evaluate_all(cut) == 0
    await screen.picture("five-in-trouble")


async def test_paused_sound_is_shown_with_its_end(screen: Screen) -> None:
    screen.peer.scene = room(6, audio=AudioView(paused_until_ms=mono_ms() + 90_500, by="MK"))
    await screen.open()
    await expect(screen.page.locator("#audio")).to_contain_text("Sound paused by MK, ")
    screen.peer.scene.audio = AudioView()
    screen.peer.tell()
    await expect(screen.page.locator("#audio")).to_have_text("")


async def test_no_data_ever_becomes_markup(screen: Screen) -> None:
    alarm = spo2_critical(7)
    screen.peer.scene = room(
        12, alarms=(msgspec.structs.replace(alarm, text=f"SpO2 {EVIL}"), acknowledged(hr_high(3), by=EVIL))
    )
    scene = screen.peer.scene
    assert scene.session is not None
    scene.session = msgspec.structs.replace(scene.session, name=EVIL)
    change(scene, 1, alias=EVIL)
    scene.parts = (lost("analysis", EVIL),)
    scene.audio = AudioView(paused_until_ms=mono_ms() + 60_000, by=EVIL)
    await screen.open()
    await expect(screen.tile(1).locator(".alias")).to_have_text(EVIL)
    await expect(screen.page.locator("#class-name")).to_have_text(EVIL)
    await expect(screen.page.locator("#bars")).to_have_text(EVIL)
    await screen.tile(7).click()
    await expect(screen.page.locator("#acknowledge-what")).to_contain_text(EVIL)
    assert await screen.page.locator("img, body script").count() == 0
    assert await screen.page.title() != "stolen"


async def test_a_new_urgent_alarm_is_said_at_once_and_an_acknowledgement_politely(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    alert, status = screen.page.locator('[role="alert"]'), screen.page.locator("#status")
    await expect(alert).to_have_text("")
    await expect(status).to_have_attribute("role", "status")
    screen.peer.scene.alarms = (spo2_critical(7),)
    screen.peer.tell()
    await expect(alert).to_have_text("High: Seat 7, SpO2 84 < 88")
    screen.peer.scene.alarms = (acknowledged(spo2_critical(7)), hr_high(3))
    screen.peer.tell()
    await expect(alert).to_have_text("Medium: Seat 3, HR 134 > 120")
    await expect(status).to_have_text("Seat 7, SpO2 84 < 88 acknowledged by MK")
    screen.peer.scene.alarms = (spo2_critical(7), hr_high(3, signal=Signal.LATCHED))
    screen.peer.tell()
    await expect(alert).to_have_text("High: Seat 7, SpO2 84 < 88")


async def test_a_person_who_leaves_leaves_an_empty_cell(screen: Screen) -> None:
    screen.peer.scene = room(12)
    await screen.open()
    place = "node => [node.offsetLeft, node.offsetTop]"
    before = await screen.tile(9).evaluate(place)
    screen.peer.scene.tiles = tuple(tile for tile in screen.peer.scene.tiles if tile.seat not in {2, 5, 12})
    screen.peer.tell()
    await expect(screen.page.locator(".tile")).to_have_count(9)
    assert await screen.tile(9).evaluate(place) == before


async def test_the_trace_shows_a_gap_as_a_gap(screen: Screen) -> None:
    points = [[1000 * second, 100] for second in range(10)] + [[20_000, 100], [21_000, None], [22_000, 99]]
    await screen.page.goto(screen.peer.url)
    lines = await screen.call("sparkline.js", "m.stretches(a[0], 2600)", points)
    assert [len(line) for line in lines] == [10, 1, 1]


async def test_thirty_people_go_on_with_the_values_that_come(screen: Screen) -> None:
    screen.peer.scene = room(30)
    await screen.open()
    change(screen.peer.scene, 17, hr=hr(141))
    screen.peer.tell(screen.peer.delta(tiles=(screen.peer.scene.tiles[16],)))
    await expect(screen.hr(17)).to_have_text("141")
    await expect(screen.hr(16)).to_have_text("107")
