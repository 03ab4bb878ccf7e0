"""How a screen was set up, and what a tile says beside numbers and alarms: language, privacy, doubts, trend."""

from typing import Any, Final

import msgspec
import pytest
from playwright.async_api import expect

from dashboard.frames import AlarmView, LimitView, PartView
from dashboard.view.alarms import HeardAlarm, view_alarms
from tests.dashboard.page.peer import mono_ms, utc_ms
from tests.dashboard.page.people import acknowledged, change, hr, hr_high, no_data, room, spo2, spo2_critical
from tests.dashboard.page.screen import Screen
from tests.dashboard.words import alarm as alarm_of
from vitals.alarms import Family, Operator, Priority, RuleId, Signal, SubjectKind
from vitals.participants import LimitReason
from vitals.passport import Agreement, Doubt, Freshness, Passport
from vitals.readings import Averaging, Quality, Source
from vitals.streamclock import StreamClock
from vitals.units import Unit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90), pytest.mark.asyncio(loop_scope="session")]

SIZES: Final = ((1920, 1080), (1024, 768), (390, 844))
TECHNICAL: Final = (RuleId.GHOST, RuleId.SWAPPED, RuleId.DISAGREE, RuleId.QUESTIONABLE, RuleId.BATTERY_LOW)
PAST: Final = (RuleId.HR_CRIT, RuleId.SPO2_LOW)
"""Told with the worst value, because the newest keeps the limit."""
TEXTS: Final = {
    RuleId.GHOST: "Strap repeats another signal",
    RuleId.SWAPPED: "Sensors swapped?",
    RuleId.DISAGREE: "Strap and oximeter disagree",
    RuleId.QUESTIONABLE: "Strap values in doubt",
    RuleId.BATTERY_LOW: "Strap battery 8 %",
    RuleId.OUT_OF_SLOTS: "Gateway g1: 3 wait for a radio",
    RuleId.CLOCK: "Gateway g1: clock 3.5 s off",
}


async def open_with(screen: Screen, query: str) -> None:
    await screen.page.goto(f"{screen.peer.url}?{query}")
    await screen.live()


def technical(seat: int, rule: RuleId, priority: Priority = Priority.LOW, **changes: Any) -> AlarmView:
    return no_data(seat, id=f"t-{rule}-{seat}", rule=rule, text=TEXTS[rule], priority=priority, **changes)


def every_state(count: int) -> Any:
    """A room in which everything happens that a wall can tell of a person."""
    alarms = [spo2_critical(1), hr_high(2), acknowledged(hr_high(3)), hr_high(4, signal=Signal.LATCHED)]
    if count > 4:
        alarms += [technical(5, RuleId.GHOST), technical(6, RuleId.SWAPPED, Priority.MEDIUM), no_data(7)]
        alarms += [technical(8, RuleId.BATTERY_LOW, value=8)]
        waiting = technical(9, RuleId.OUT_OF_SLOTS, Priority.MEDIUM, value=3, subject="g1", affects=12)
        alarms.append(msgspec.structs.replace(waiting, participant=None, seat=None, subject_kind=SubjectKind.GATEWAY))
    scene = room(count, alarms=tuple(alarms))
    change(scene, 1, spo2=spo2(84))
    change(scene, 2, hr=hr(134))
    change(scene, 3, hr=hr(131))
    if count > 4:
        change(scene, 7, hr=hr(None, age_ms=14_000))
        change(scene, 9, hr=msgspec.structs.replace(hr(104), doubts=(Doubt.DRY_STRAP,)))
        change(scene, 10, hr_limit_in_s=15, hr=hr(117))
        change(scene, 11, zone="above", hr=hr(123))
        change(scene, 12, hr=hr(99, age_ms=4_000))
    return scene


@pytest.mark.parametrize("count", [4, 12, 30])
async def test_every_state_is_told_in_three_sizes(screen: Screen, count: int) -> None:
    for width, height in SIZES:
        await screen.page.set_viewport_size({"width": width, "height": height})
        screen.peer.scene = every_state(count)
        await screen.open()
        await expect(screen.page.locator(".tile")).to_have_count(count)
        # Nothing runs out of the page sideways.
        assert await screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        foot = await screen.page.locator("footer").evaluate("node => node.scrollWidth <= node.clientWidth + 1")
        assert foot
        await screen.picture(f"all-{count}-{width}")


@pytest.mark.parametrize(("count", "px"), [(4, 127), (6, 127), (12, 102), (20, 102), (30, 102)])
async def test_the_heart_rate_is_read_from_eight_metres_on_a_55_inch_screen(
    screen: Screen, count: int, px: int
) -> None:
    screen.peer.scene = room(count)
    change(screen.peer.scene, 1, hr=hr(188), spo2=spo2(100))
    await screen.open()
    assert float((await screen.style(screen.hr(1), "fontSize")).removesuffix("px")) >= px
    assert float((await screen.style(screen.spo2(1), "fontSize")).removesuffix("px")) >= 0.4 * px
    cut = "node => node.scrollWidth > node.clientWidth + 1"
    assert not await screen.tile(1).locator(".numbers").evaluate(cut)


async def test_technical_conditions_have_words_a_sign_and_who_is_on_it(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=tuple(technical(seat, rule) for seat, rule in enumerate(TECHNICAL, start=1)))
    await screen.open()
    for seat, rule in enumerate(TECHNICAL, start=1):
        await expect(screen.tile(seat).locator(".label")).to_have_text(TEXTS[rule])
        await expect(screen.tile(seat).locator(".mark")).to_have_text("◆")
        assert await screen.style(screen.tile(seat).locator(".label"), "color") == "rgb(0, 213, 255)"
    screen.peer.scene.alarms = (acknowledged(technical(2, RuleId.SWAPPED, Priority.MEDIUM)),)
    screen.peer.tell()
    await expect(screen.tile(2).locator(".mark")).to_have_text("◆◆")
    await expect(screen.tile(2).locator(".who")).to_have_text("✓ MK")


async def test_doubts_trend_and_zone_are_quiet_words_and_no_alarm(screen: Screen) -> None:
    screen.peer.scene = room(6)
    change(screen.peer.scene, 1, hr=msgspec.structs.replace(hr(99), doubts=(Doubt.HELD_BACK, Doubt.DRY_STRAP)))
    change(screen.peer.scene, 2, hr_limit_in_s=15, spo2_limit_in_s=18)
    change(screen.peer.scene, 3, spo2_limit_in_s=20)
    change(screen.peer.scene, 4, zone="below", hr_limit_in_s=40)
    change(screen.peer.scene, 5, zone="in")
    await screen.open()
    labels = ["jump held back", "limit in 15 s", "limit in 20 s", "", ""]
    for seat, label in enumerate(labels, start=1):
        await expect(screen.tile(seat).locator(".label")).to_have_text(label)
        await expect(screen.tile(seat)).not_to_have_attribute("data-alarm", "low")
    await expect(screen.tile(2)).to_have_attribute("data-trend", "hr")
    await expect(screen.tile(3)).to_have_attribute("data-trend", "spo2")
    await expect(screen.tile(4)).to_have_attribute("data-zone", "below")
    assert await screen.style(screen.tile(5).locator(".range"), "backgroundColor") == "rgb(74, 95, 115)"
    assert await screen.style(screen.tile(2).locator(".hr .unit"), "backgroundColor") == "rgb(51, 71, 90)"


async def test_a_wall_for_everybody_shows_no_alias_and_no_number_of_a_prescription(screen: Screen) -> None:
    screen.peer.scene = room(
        12,
        alarms=(spo2_critical(7, explanation="Limit 88: prescribed"), hr_high(3, signal=Signal.LATCHED)),
    )
    change(screen.peer.scene, 1, alias="Anna B")
    await open_with(screen, "display=number,nolimits")
    await expect(screen.tile(1).locator(".alias")).to_be_hidden()
    await expect(screen.tile(7).locator(".label")).to_have_text("SpO2 84 ↓")
    await expect(screen.lines().first.locator(".text")).to_have_text("SpO2 84 ↓")
    await screen.lines().first.click()
    await expect(screen.page.locator("#acknowledge-what")).to_have_text("SpO2 84 ↓")
    text = await screen.page.locator("body").inner_text()
    assert "88" not in text.replace("88 %", "")
    assert "120" not in text


async def test_a_still_wall_has_broader_frames_in_place_of_flashes(screen: Screen) -> None:
    screen.peer.scene = room(12, alarms=(spo2_critical(7), hr_high(3)))
    await open_with(screen, "display=still")
    for seat in (3, 7):
        await expect(screen.tile(seat)).to_have_attribute("data-signal", "on")
        assert await screen.style(screen.tile(seat), "animationName") == "none"
        assert "inset" in await screen.style(screen.tile(seat), "boxShadow")
    assert await screen.style(screen.lines().first, "animationName") == "none"


async def test_a_word_in_the_address_that_means_nothing_is_named(screen: Screen) -> None:
    screen.peer.scene = room(4)
    await open_with(screen, "display=number,dark")
    await expect(screen.page.locator("#display-hint")).to_have_text("display=dark is not known")


async def test_alarms_and_losses_are_told_in_german(screen: Screen) -> None:
    lost = PartView(
        part="analysis",
        instance="a",
        state="lost",
        since_ms=mono_ms(),
        since_utc_ms=utc_ms(),
        text="Analysis lost 10:21:00 - values are live, alarms are not. Watch people directly.",
        is_loss=True,
        what="lost",
        loss_utc_ms=1_763_803_260_000,
    )
    alarms = (
        hr_high(3, limit_reason=LimitReason.PRESCRIBED),
        technical(5, RuleId.BATTERY_LOW, value=8.5),
        technical(6, RuleId.GHOST),
        hr_high(8, value=131, is_worst=True),
    )
    screen.peer.scene = room(12, alarms=alarms, parts=(lost,))
    await open_with(screen, "lang=de")
    page = screen.page
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await expect(page.locator("#bars .bar-line")).to_have_text(
        ["Analyse ausgefallen 10:21:00 - Werte sind aktuell, Alarme nicht. Personen direkt beobachten."]
    )
    await expect(screen.tile(3).locator(".label")).to_have_text("HF 134 > 120 · nicht aktuell")
    await expect(screen.tile(5).locator(".label")).to_have_text("Gurtbatterie 8,5 % · nicht aktuell")
    await expect(screen.tile(6).locator(".label")).to_have_text("Gurt wiederholt fremdes Signal · nicht aktuell")
    await expect(screen.tile(8).locator(".label")).to_have_text("HF Höchstwert 131 > 120 · nicht aktuell")
    await expect(page.locator("#path")).to_have_text("Alarmweg: Analyse ausgefallen")
    await screen.lines().first.click()
    await expect(page.locator("#acknowledge-why")).to_have_text("HF 134 > 120/min seit 10 s. Grenze 120: verordnet.")
    await expect(page.locator("#take")).to_have_text("Quittieren")
    await screen.picture("german")


async def test_the_page_says_of_every_rule_in_english_what_the_server_says(screen: Screen) -> None:
    passport = Passport(
        quality=Quality.QUESTIONABLE,
        doubts=(Doubt.DRY_STRAP, Doubt.DISAGREE),
        agreement=Agreement.DISAGREE,
        averaging=Averaging.SLOW,
        source=Source.BROADCAST,
        age_ms=1_200,
        freshness=Freshness.FRESH,
        device="Make 1",
    )
    views: list[AlarmView] = []
    for rule in RuleId:
        is_technical = rule.value in {"NO_DATA", "CONTACT"} or rule in TEXTS or rule.value.endswith("_LOST")
        state = msgspec.structs.replace(
            alarm_of(),
            rule=rule,
            family=Family.TECHNICAL if is_technical else Family.PHYSIOLOGICAL,
            op=Operator.BELOW if "SPO2" in rule.value else Operator.ABOVE,
            value=84.5 if "SPO2" in rule.value else 134,
            limit=88 if "SPO2" in rule.value else 120,
            limit_reason=LimitReason.RULE_SET,
            unit=Unit.PERCENT if "SPO2" in rule.value else Unit.BPM,
            passport=passport,
            source_lost=True,
        )
        if rule in PAST:
            state = msgspec.structs.replace(state, value=state.limit, peak=state.value)
        heard = HeardAlarm(state=state, guess=StreamClock(offset_ms=0))
        views += view_alarms({("p", rule): heard}, clock=None, session=state.session, seats={}, affected={}, sending={})
    assert len(views) == len(RuleId)
    screen.peer.scene = room(4)
    await screen.open()
    told = await screen.call(
        "alarm-words.js",
        "a[0].map((alarm) => [m.sayAlarm(alarm, {hasLimits: true}), m.explainAlarm(alarm)])",
        msgspec.to_builtins(views),
    )
    assert told == [[view.text, view.explanation] for view in views]


def part(name: str, **changes: Any) -> PartView:
    return PartView(
        **{"part": name, "instance": name, "state": "up", "since_ms": mono_ms(), "since_utc_ms": utc_ms(), **changes}
    )


async def test_the_alarm_path_names_what_is_broken_and_how_old_the_last_heartbeat_is(screen: Screen) -> None:
    everybody = tuple(part(name) for name in ("gateway", "ingest", "analysis", "broker", "dashboard"))
    screen.peer.scene = room(12, parts=everybody)
    await screen.open()
    path = screen.page.locator("#path")
    await expect(path).to_contain_text("Alarm path up, analysis ")
    await expect(path).to_have_attribute("data-state", "up")
    screen.peer.scene.analysis_silent_ms = 4_600
    await expect(path).to_contain_text("Alarm path: analysis silent ")
    screen.peer.scene.analysis_silent_ms = None
    await expect(path).to_have_text("Alarm path: waiting for analysis")
    screen.peer.scene.analysis_silent_ms = 300
    record = part("ingest", state="lost", text="Record lost", is_loss=True, what="lost")
    gateway = part("gateway", text="slow", what="trouble", troubles=("slow_disk",))
    screen.peer.scene.parts = (gateway, record, *everybody[2:])
    await expect(path).to_have_text("Alarm path: Record lost +1 more")
    assert await screen.style(path, "color") == "rgb(0, 213, 255)"
    await path.click()
    stations = screen.page.locator("#stations li")
    await expect(stations).to_have_count(5)
    await expect(stations.nth(0)).to_have_text("◆ Gateway gateway: in trouble")
    await expect(stations.nth(1)).to_have_text("◆ Record: lost")
    await expect(stations.nth(2)).to_contain_text("✓ Analysis: up, heard ")
    await screen.picture("alarm-path")
    screen.peer.refuses = screen.peer.is_mute = True
    await screen.peer.cut()
    await expect(path).to_have_text("Alarm path: no connection", timeout=20_000)


async def test_colours_are_never_alone(screen: Screen) -> None:
    scene = room(
        12, alarms=(spo2_critical(1), hr_high(2), hr_high(3, priority=Priority.LOW), technical(4, RuleId.GHOST))
    )
    scene.tiles = tuple(
        msgspec.structs.replace(tile, hr_upper=LimitView(value=125, reason=LimitReason.PRESCRIBED))
        for tile in scene.tiles
    )
    screen.peer.scene = scene
    await screen.open()
    marks = [await screen.tile(seat).locator(".mark").inner_text() for seat in (1, 2, 3, 4)]
    assert marks == ["▲▲▲", "▲▲", "▲", "◆"]
    for seat, word in ((1, "High"), (2, "Medium"), (3, "Low")):
        await screen.tile(seat).click()
        await expect(screen.page.locator("#acknowledge-mark")).to_contain_text(word)
        await screen.page.keyboard.press("Escape")
    session = await screen.page.context.new_cdp_session(screen.page)
    await session.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    await screen.picture("without-colours")
