"""The service worker in Chromium, driven as a push service would: what it shows, replaces, answers and keeps."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import expect

from tests.dashboard.house import House, Voice, open_voice, settings_for, until
from tests.dashboard.phone.pocket import PAYLOADS, AlertsVoice, open_pocket
from tests.peers import Mosquitto
from vitals.alarms import AlarmId, Priority
from vitals.commands import Acknowledge, Receipt, Respond
from vitals.delivery import Response
from vitals.duty import StaffId

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(180)]

ALARM: Final = AlarmId(PAYLOADS["high"]["alarm_id"])


def receipts(voice: Voice) -> set[bool]:
    """What the phone has said of messages so far; True: opened."""
    return {one.body.is_seen for one in voice.commands if isinstance(one.body, Receipt)}


def tokened(name: str, token: str, **changes: Any) -> dict[str, Any]:
    return PAYLOADS[name] | {"token": token} | changes


async def test_a_push_is_shown_replaced_and_never_swallowed(broker: Mosquitto, tmp_path: Path, pictures: Path) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        await pocket.open_phone()
        worker = await pocket.register()
        cdp = await pocket.context.new_cdp_session(pocket.page)
        problems = (await cdp.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        # A browser of a test has no profile that could install anything; of the page itself nothing is wrong.
        assert [one for one in problems if one["errorId"] != "in-incognito"] == []

        # Every payload that alerts may send is shown as it says.
        for payload in PAYLOADS.values():
            await worker.push(payload | {"tag": payload["tag"]})
            note = await worker.until_noted(payload["tag"], body=payload["body"])
            is_asking = payload["kind"] != "clear" and payload["token"] != ""
            assert note["actions"] == (["accept", "cannot"] if is_asking else []), payload["kind"]
            assert note["title"] == payload["title"]
        # Priority look: high stays until somebody touches it, medium goes by itself.
        await worker.push(PAYLOADS["high"])
        assert (await worker.until_noted(ALARM, step=0))["requireInteraction"] is True
        assert (await worker.until_noted(PAYLOADS["medium"]["tag"]))["requireInteraction"] is False
        # The same tag is one notification; a later step sounds again, the same step only says a newer number.
        await worker.push(PAYLOADS["high_escalated"])
        loud = await worker.until_noted(ALARM, step=1)
        assert (loud["renotify"], loud["silent"]) == (True, False)
        await worker.push(PAYLOADS["high_same_step"])
        quiet = await worker.until_noted(ALARM, body=PAYLOADS["high_same_step"]["body"])
        assert (quiet["renotify"], quiet["silent"]) == (False, True)
        # What is over calls nobody: same place, no noise, nothing to answer.
        await worker.push(PAYLOADS["clear"])
        over = await worker.until_noted(ALARM, body="Somebody has it.")
        assert (over["silent"], over["actions"]) == (True, [])
        # Nonsense may have been an alarm.
        for nonsense in ("{", '{"v": 2}', PAYLOADS["high"] | {"url": "https://elsewhere.example/"}):
            await worker.push(nonsense)
        assert "Go to the room" in (await worker.until_noted("unreadable"))["body"]


async def test_an_answer_from_the_notification_reaches_the_room_without_a_login(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with open_voice(broker) as voice, House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        alerts, page = AlertsVoice(voice, house), pocket.page
        session = (await house.start_class())["id"]
        await pocket.open_phone()
        worker = await pocket.register()
        voice.say_alarm(session, alarm_id=ALARM, priority=Priority.HIGH)
        await expect(page.locator(".card-alarm")).to_have_count(1)
        alerts.say_call(ALARM, called=("tom",), unreachable=(StaffId("ann"),))
        await expect(page.locator(".card-alarm")).to_contain_text("ann")
        await worker.push(tokened("high", alerts.token(ALARM, "tom"), step=2))
        await worker.until_noted(ALARM, step=2)
        # That it is shown goes to the room; that it was opened not yet, for nobody has.
        await until(lambda: receipts(voice) == {False}, "the phone did not say that it shows it")
        await worker.touch(ALARM, "accept")
        await worker.until_noted(ALARM, body="You have it")
        await until(lambda: any(isinstance(one.body, Acknowledge) for one in voice.commands), "not acknowledged")
        taken = next(one for one in voice.commands if isinstance(one.body, Acknowledge))
        assert (taken.by, taken.owner, taken.body) == ("tom", "analysis", Acknowledge(alarm_id=ALARM))
        said = Respond(alarm_id=ALARM, staff=StaffId("tom"), response=Response.ACCEPT)
        await until(lambda: any(one.body == said for one in voice.commands), "alerts was not told")
        # A token answers once; one that is none is not hidden behind "sent".
        spent = alerts.token(ALARM, "tom")
        assert (await house.http.post("/api/v1/push/respond", json={"token": spent, "response": "cannot"})).is_success
        await worker.push(tokened("high", spent, step=3))
        await worker.until_noted(ALARM, step=3)
        await worker.touch(ALARM, "accept")
        await worker.until_noted(ALARM, body="This was answered before")
        await worker.push(tokened("high", "forged.token", step=4))
        await worker.until_noted(ALARM, step=4)
        await worker.touch(ALARM, "accept")
        await worker.until_noted(ALARM, body="It is over, or too old to be answered here. Open it.")

        # A tap leads to the one page with the one button; the token stays out of its address.
        await worker.push(tokened("high", alerts.token(ALARM, "tom"), step=5))
        await worker.until_noted(ALARM, step=5)
        await page.goto(f"{pocket.url}/alarm/{ALARM}#{alerts.token(ALARM, 'tom')}")
        await expect(page.get_by_role("button", name="Accept")).to_be_visible()
        await until(lambda: receipts(voice) == {False, True}, "the page did not say that it was opened")
        assert "#" not in page.url


async def test_without_the_server_the_phone_says_so_and_calls_no_answer_sent(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        page = pocket.page
        await pocket.open_phone()
        worker = await pocket.register()
        await worker.push(PAYLOADS["high"])
        await worker.until_noted(ALARM, step=0)
        await house.stop()
        await worker.touch(ALARM, "accept")
        lost = await worker.until_noted(ALARM, body="Your answer has not arrived. Go to the room.")
        assert lost["actions"] == ["accept", "cannot"]
        await page.goto(f"{pocket.url}/phone")
        await expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        await pocket.picture("phone-offline")
        assert await pocket.defects() == []
        kept = await page.evaluate(
            """async () => {
              const names = await caches.keys();
              const cache = await caches.open(names[0]);
              return [names.length, (await cache.keys()).map(({url}) => new URL(url).pathname)];
            }"""
        )
        assert kept[0] == 1
        assert [path for path in kept[1] if not path.startswith("/static/")] == []
