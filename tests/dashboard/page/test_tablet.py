"""A class on the tablet, in a real browser before a real server: an alarm, a limit, a note, an emergency, the card."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.dashboard.house import House, Voice, person, until
from tests.dashboard.page.lesson import HOLD_S, Staff, hold, said, teaching
from tests.peers import Mosquitto
from vitals.alarms import Acknowledgement, AlarmId, Priority, RuleId, Signal
from vitals.delivery import Answered, Attempt, AttemptState, ChannelName, DeliveryState, Response
from vitals.duty import StaffId
from vitals.entries import PreChecked
from vitals.topics import DeliveryTopic
from vitals.units import UtcMs
from vitals.wire import encode

pytestmark = [
    pytest.mark.browser,
    pytest.mark.peer,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_therapist_runs_a_class_from_the_tablet(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    people = (person(1, alias="Kim"), person(2))
    async with teaching(broker, browser, tmp_path, pictures, *people) as (house, voice, staff, session):
        mine, other = await staff.open("/tablet"), await staff.open("/tablet?lang=de#p01", width=390, height=844)
        wall = await staff.open("/wall", width=1920, height=1080)
        await expect(mine.locator(".people .person")).to_have_count(2)
        await staff.require_no_defect(mine)

        # Who has an alarm, and why: one tap each.
        alarm = voice.say_alarm(session)
        await mine.locator(".shell-alarm").first.click()
        card = mine.locator(".alarm-card")
        await expect(card).to_have_count(1)
        await expect(mine.locator(".number").first.locator(".value")).to_have_text("131")
        await card.get_by_role("button", name="Why").click()
        await expect(card.locator(".explanation")).not_to_be_empty()
        await staff.picture(mine, "alarm")
        await staff.require_no_defect(mine)

        await call_nobody(staff, voice, mine)

        # Taken with what it was, in one tap; every screen says so.
        await card.get_by_role("button", name="Artefact").click()
        await until(lambda: bool(said(voice, "acknowledge")), "nobody takes the alarm")
        await until(lambda: bool(said(voice, "record_entry")), "nobody says what it was")
        assert said(voice, "record_entry")[0].body.entry.body.outcome == "artefact"
        taken = Acknowledgement(by="demo", at_utc_ms=UtcMs(voice.clock.utc_ms()), command="c")
        voice.say_alarm_again(alarm, signal=Signal.ACKNOWLEDGED, acknowledged=taken, revision=2)
        for page in (mine, other):
            await expect(page.locator(".alarm-card .who")).to_contain_text("✓ demo")
        await expect(wall.locator("#strip .alarm .who")).to_contain_text("✓ demo")
        await expect(card.get_by_role("button", name="Artefact")).to_have_attribute("aria-pressed", "true")

        # A limit with its reason, a note, one tap of Borg.
        dialog = mine.locator("dialog[open]")
        await mine.locator('button.limit[data-rule="HR_OVER"]').click()
        await dialog.get_by_role("button", name="+5").click()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_visible()  # not without a reason
        await dialog.get_by_role("button", name="Agreed with the doctor").click()
        await staff.require_no_defect(mine)
        await dialog.get_by_role("button", name="Save").click()
        await expect(mine.locator('button.limit[data-rule="HR_OVER"]')).to_contain_text("125")
        await expect(mine.locator('button.limit[data-rule="HR_OVER"]')).to_contain_text("set by demo")
        await mine.locator('button.limit[data-rule="HR_LOW"]').click()
        await dialog.get_by_role("button", name="Prescribed").click()  # needs no other reason
        await expect(dialog).to_have_count(0)
        await mine.get_by_role("textbox", name="Note").fill("<b>tired</b> today")
        await mine.locator(".entry-form").first.get_by_role("button").click()
        await mine.get_by_role("group", name="Borg").get_by_role("button", name="13", exact=True).click()
        await expect(mine.locator(".entered")).to_contain_text("<b>tired</b> today")
        await expect(mine.locator(".entered")).to_contain_text("Borg 13")

        await train_uncleared(staff, house, voice, mine)
        await run_emergency(staff, mine, other, wall)


async def call_nobody(staff: Staff, voice: Voice, page: Page) -> None:
    """Nobody is called for an alarm, for some minutes and with a reason."""
    await page.locator(".alarm-card").get_by_role("button", name="Call nobody").click()
    dialog = page.locator("dialog[open]")
    await dialog.get_by_role("button", name="10 min").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_visible()  # not without a reason
    await dialog.get_by_role("button", name="I am with the person").click()
    await staff.picture(page, "call-nobody")
    await staff.require_no_defect(page)
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await until(lambda: bool(said(voice, "alarm_off")), "alerts is not told to call nobody")
    off = said(voice, "alarm_off")[0]
    assert (off.body.seconds, off.why) == (600, "I am with the person")


async def train_uncleared(staff: Staff, house: House, voice: Voice, page: Page) -> None:
    """Exercise of somebody who is not cleared: the page says what was refused, and asks why."""
    (session,) = (await house.http.get("/api/v1/sessions")).json()
    answer = await house.http.post(f"/api/v1/sessions/{session['id']}/participants", json={"id": "p01"})
    assert answer.status_code == 201, answer.text
    chosen, dialog = page.locator(".card.head select"), page.locator("dialog[open]")
    await chosen.select_option("training")
    await expect(dialog).to_contain_text("Seat 1 is not cleared")
    await staff.picture(page, "not-cleared")
    await staff.require_no_defect(page)
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(chosen).to_have_value("")  # it says what is, not what was refused
    await chosen.select_option("training")
    await dialog.get_by_role("button", name="Seen by the doctor").click()
    await dialog.get_by_role("button", name="Begin all the same").click()
    await expect(dialog).to_have_count(0)
    await expect(chosen).to_have_value("training")
    await until(lambda: reasons(voice) == ["Seen by the doctor"], "nobody says why somebody not cleared exercises")


def reasons(voice: Voice) -> list[str]:
    entries = (one.body.entry.body for one in said(voice, "record_entry"))
    return [body.why for body in entries if isinstance(body, PreChecked)]


async def run_emergency(staff: Staff, mine: Page, other: Page, wall: Page) -> None:
    """One button, the same corner on every page; roles, script and clock on every screen; the card; the end."""
    await hold(mine, mine.locator(".shell-emergency"), mine.locator(".shell-panel"))
    await expect(other.locator(".shell-emergency-line")).to_contain_text("Notfall, Platz 1")
    await expect(wall.locator('.bar-line[data-kind="emergency"]')).to_contain_text("Emergency, seat 1")
    await mine.get_by_role("button", name="Leader: demo").click()
    await mine.get_by_role("button", name="Call the emergency number").click()
    await expect(mine.locator(".panel-step[aria-pressed=true]")).to_have_count(1)
    await other.locator(".shell-emergency-line").click()
    await expect(other.locator(".panel-step[aria-pressed=true]")).to_contain_text("Notruf absetzen")
    await expect(other.locator(".panel-role").first).to_contain_text("demo")
    for page, name in ((mine, "emergency"), (other, "emergency-phone")):
        await staff.picture(page, name)
        await staff.require_no_defect(page)
    async with mine.expect_popup() as popup:
        await mine.get_by_role("link", name="Handover card").click()
    card = await popup.value
    await expect(card.locator("h1")).to_contain_text("Seat 1")
    await expect(card.locator("main")).to_contain_text("Emergency began")
    await staff.picture(card, "handover")
    await staff.require_no_defect(card)
    await hold(mine, mine.get_by_role("button", name="End"), mine.locator(".people-side"))
    await expect(other.locator(".shell-panel")).to_be_hidden()
    await expect(wall.locator('.bar-line[data-kind="emergency"]')).to_have_count(0)


async def test_a_short_touch_begins_no_emergency_and_the_keyboard_can(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    async with teaching(broker, browser, tmp_path, pictures, person(1), person(2)) as (house, _, staff, session):
        page = await staff.open("/tablet", width=390, height=844)
        button = page.locator(".shell-emergency")
        await button.click()
        await expect(page.locator(".people .person").first).to_contain_text("131")
        path = f"/api/v1/sessions/{session}/emergencies"
        assert (await house.http.get(path)).json()["emergencies"] == []
        await button.focus()
        await page.keyboard.down("Enter")
        await expect(page.locator(".shell-panel")).to_be_visible(timeout=HOLD_S)
        await page.keyboard.up("Enter")
        # Nobody has said who it is: one tap does.
        await page.get_by_role("group", name="Seats").get_by_role("button", name="2").click()
        await expect(page.locator(".shell-emergency-line", has_text="seat 2")).to_be_visible()
        await expect(page.locator(".shell-emergency-line")).to_have_count(1)
        told = (await house.http.get(path)).json()["emergencies"]
        assert [(one["participant"], one["ended_utc_ms"] is None) for one in told] == [(None, False), ("p02", True)]


async def test_a_login_that_has_run_out_hides_no_value_and_no_alarm(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    async with teaching(broker, browser, tmp_path, pictures, person(1), person(2)) as (_, voice, staff, session):
        page = await staff.open("/tablet#p01")
        await expect(page.locator(".person-whole")).to_be_visible()

        async def run_out(route: Route) -> None:
            me = {"who": "kim", "role": "therapist", "via": "login", "has_run_out": True, "may": ["anybody", "watch"]}
            more = {"emergency_until_utc_ms": None, "has_pin": True, "tablet": "Gym", "is_open": False}
            await route.fulfill(body=json.dumps(me | more), content_type="application/json")

        await page.route("**/api/v1/me", run_out)
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator(".person-whole")).to_be_hidden()
        await expect(page.locator(".shell-person .hr").first).to_have_text("131")
        voice.say_alarm(session)
        await expect(page.locator(".shell-alarm")).to_have_count(1)
        await expect(page.get_by_role("button", name="Log in").first).to_be_visible()
        await staff.picture(page, "run-out")
        await staff.require_no_defect(page)
        await page.locator(".shell-alarm").click()
        await expect(page.get_by_label("PIN", exact=True)).to_be_visible()


async def test_what_is_over_lends_its_marks_to_nothing_that_is_on(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    async with teaching(broker, browser, tmp_path, pictures, person(1), person(2)) as (_, voice, staff, session):
        page = await staff.open("/tablet")
        high = voice.say_alarm(session, rule=RuleId.HR_CRIT, priority=Priority.HIGH)
        label = page.locator(".people .person .label").first
        await expect(label).to_contain_text("▲▲▲ HR")
        voice.say_alarm_again(high, signal=Signal.LATCHED, revision=2)
        await expect(label).to_contain_text("▲▲▲ was HR")
        voice.say_alarm(session, alarm_id=AlarmId("low"), rule=RuleId.HR_OVER, priority=Priority.LOW)
        await expect(label).to_contain_text(re.compile("^▲ HR"))


ROWS: Final = """nodes => nodes.map((node) => {
  const { top, height } = node.getBoundingClientRect();
  const line = parseFloat(getComputedStyle(node).fontSize);
  return [node.textContent.trim() || node.className, top, height / line];
})"""


async def test_a_row_stays_a_row_and_the_page_below_many_alarms_a_page(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    people = tuple(person(seat) for seat in range(1, 7))
    async with teaching(broker, browser, tmp_path, pictures, *people) as (_, voice, staff, session):
        tablet, call = await staff.open("/tablet?lang=de"), await staff.open("/class")
        await expect(tablet.locator(".people .person .hr").first).to_have_attribute("data-unit", "/min")
        await expect(call.locator(".person-row .value").first).to_have_text(re.compile(r"^131 bpm$"))
        for page, number in ((tablet, ".people .person .hr"), (call, ".person-row .value")):
            told = await page.locator(number).evaluate_all(ROWS)
            assert [one for one in told if one[2] > 2] == []
        # The pause of the sound has one place, whatever is on.
        for seat in range(1, 7):
            voice.say_alarm(
                session,
                alarm_id=AlarmId(f"a{seat}"),
                subject=f"p{seat:02}",
                participant=f"p{seat:02}",
                priority=Priority.HIGH,
            )
        await expect(tablet.locator(".shell-alarm")).to_have_count(6)
        pause, emergency = tablet.locator(".shell-pause"), tablet.locator(".shell-emergency")
        await expect(pause).to_be_visible()
        places = [await one.bounding_box() for one in (pause, emergency, tablet.locator(".shell-alarms"))]
        assert all(place is not None for place in places)
        at_pause, at_emergency, strip = [place for place in places if place is not None]
        assert at_pause["y"] + at_pause["height"] <= strip["y"]
        assert abs(at_pause["y"] - at_emergency["y"]) < 8
        assert strip["height"] < 140
        await staff.picture(tablet, "many")
        await tablet.set_viewport_size({"width": 390, "height": 844})
        await expect(tablet.locator(".people .person").first).to_be_in_viewport()
        await staff.picture(tablet, "many-phone")
        await staff.require_no_defect(tablet)


def delivery_of(alarm: AlarmId, utc_ms: UtcMs) -> DeliveryState:
    """Tom has opened it, eva has it on her phone and cannot come, kim is reached by nothing."""
    sent = [
        Attempt(staff=StaffId(one), channel=way, step=0, at_utc_ms=utc_ms, state=state)
        for one, way, state in (
            ("tom", ChannelName.WEB_PUSH, AttemptState.SEEN),
            ("tom", ChannelName.APPRISE, AttemptState.SENT),
            ("eva", ChannelName.WEB_PUSH, AttemptState.DELIVERED),
        )
    ]
    return DeliveryState(
        alarm_id=alarm,
        revision=1,
        onset_utc_ms=utc_ms,
        attempts=tuple(sent),
        answers=(Answered(staff=StaffId("eva"), response=Response.CANNOT, at_utc_ms=utc_ms),),
        unreachable=(StaffId("kim"),),
    )


def chart_of_one_call(utc_ms: UtcMs) -> dict[str, Any]:
    """What the record tells of an alarm that is over and of who was called."""
    called: dict[str, Any] = {
        "people": [{"staff": "tom", "ways": ["web_push"], "at_utc_ms": utc_ms, "reached": True, "receipt": "seen"}],
        "accepted_by": "tom",
        "accepted_utc_ms": utc_ms + 4_000,
        "cannot": ["eva"],
    }
    over: dict[str, Any] = {
        "id": "over",
        "rule": "HR_OVER",
        "family": "physiological",
        "priority": "medium",
        "text": "HR 134 > 120",
        "detail": "",
        "explanation": "",
        "acknowledged_utc_ms": utc_ms + 5_000,
        "op": ">",
        "value": 134,
        "limit": 120,
        "onset_utc_ms": utc_ms,
        "ended_utc_ms": utc_ms + 9_000,
        "acknowledged_by": "tom",
        "outcome": None,
        "calls": called,
    }
    nothing: dict[str, Any] = {"series": {}, "beats": [], "limits": [], "phases": [], "gaps": [], "entries": []}
    span = {"from_utc_ms": utc_ms - 60_000, "to_utc_ms": utc_ms, "bucket_ms": 5_000}
    return {**span, "alarms": [over], **nothing}


async def test_who_was_called_is_said_on_the_tablet_while_it_is_on_and_afterwards(
    broker: Mosquitto, browser: Browser, tmp_path: Path, pictures: Path
) -> None:
    async with teaching(broker, browser, tmp_path, pictures, person(1), person(2)) as (_, voice, staff, session):
        page = await staff.open("/tablet#p01")
        alarm = voice.say_alarm(session)
        card = page.locator(".alarm-card")
        await expect(card).to_have_count(1)
        await expect(card.locator(".on-it")).to_have_count(0)
        utc_ms = UtcMs(voice.clock.utc_ms())
        delivery = delivery_of(alarm.alarm_id, utc_ms)
        voice.bus.set_retained(str(DeliveryTopic(site="gym", alarm_id=alarm.alarm_id)), encode(delivery))
        on_it = card.locator(".on-it")
        await expect(on_it).to_contain_text("Called: tom (phone, message) - opened, eva (phone) - on the phone")
        await expect(on_it).to_contain_text("eva can't ")
        await expect(on_it).to_contain_text("not reached: kim")
        await staff.picture(page, "called")
        await staff.require_no_defect(page)

        # Afterwards, as the record tells it; nobody plays the record here.
        body = chart_of_one_call(utc_ms)

        async def tell(route: Route) -> None:
            await route.fulfill(body=json.dumps(body), content_type="application/json")

        await page.route("**/chart?*", tell)
        await page.reload()
        earlier = page.locator(".earlier")
        await earlier.locator("summary").click()
        await expect(earlier.locator(".calls")).to_have_count(3)
        await expect(earlier).to_contain_text("tom (phone) - opened")
        await expect(earlier).to_contain_text("tom accepted")
        await expect(earlier).to_contain_text("eva")
        await staff.picture(page, "called-then")
        await staff.require_no_defect(page)


COLUMNS: Final = """(() => {
  const data = new m.ChartData();
  data.replace(a[0]);
  for (const [at, value] of a[1]) data.append('hr', at, value);
  const [x, low, mean, high] = data.columns('hr');
  return mean.map((value, index) => [x[index], value, low[index], high[index]]);
})()"""


async def test_a_chart_draws_no_line_across_a_gap(screen: Any) -> None:
    screen.peer.refuses = True
    await screen.page.goto(screen.peer.url)
    series = {"low": [90, None, 92], "mean": [91, None, 93], "high": [92, None, 94]}
    body = {"from_utc_ms": 0, "bucket_ms": 5_000, "series": {"hr": series}, "beats": [], "limits": [], "entries": []}
    live = [[14_000, 94], [14_100, 94], [15_000, 95], [40_000, 99]]
    drawn = await screen.call("tablet/chart-data.js", COLUMNS, body, live)
    # The hole of the record, the value that came twice, and the hole before the last value.
    assert [value for _, value, *_ in drawn] == [91, None, 93, 94, 95, None, 99]
    assert drawn[0] == [2.5, 91, 90, 92]
    assert drawn[-1][0] == 40
