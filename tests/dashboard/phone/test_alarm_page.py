"""The page behind a message: one big button that works from a token though nobody is logged in; and when it can't."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from dashboard.access.roles import Role
from tests.dashboard.access.clinic_house import PASSWORD, open_clinic
from tests.dashboard.house import open_voice, person, until
from tests.dashboard.phone.pocket import AlertsVoice, open_pocket
from tests.peers import Mosquitto
from vitals.action_token import ACTION_MS
from vitals.alarms import AlarmId, Priority, RuleId, Signal
from vitals.commands import Acknowledge, Respond
from vitals.delivery import Response

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(180)]

NAME = "Falcon Oldname"


async def test_one_big_button_answers_without_a_login(broker: Mosquitto, tmp_path: Path, pictures: Path) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        open_pocket(clinic, tmp_path, pictures) as pocket,
    ):
        alerts, page = AlertsVoice(voice, clinic), pocket.page
        async with clinic.script(Role.SUPERVISOR) as desk:
            body = {"name": "Tuesday", "participants": [person(7, alias=NAME)]}
            session = (await desk.post("/api/v1/sessions", json=body)).json()["id"]
        high = voice.say_alarm(
            session,
            alarm_id=AlarmId("a7"),
            subject="p07",
            participant="p07",
            rule=RuleId.HR_CRIT,
            priority=Priority.HIGH,
        )
        alerts.say_call("a7", called=("tom",), answers={"sue": "cannot"})

        await pocket.open(f"/alarm/a7#{alerts.token('a7', 'tom')}")
        accept = page.get_by_role("button", name="Accept")
        await expect(accept).to_be_visible()
        await expect(page.locator("h1")).to_have_text("Seat 7")
        await expect(page.locator(".text")).to_contain_text("HR 134 > 120")
        await expect(page.locator(".who")).to_contain_text("sue can't")
        assert "#" not in page.url
        assert NAME not in await page.content()
        box = await accept.bounding_box()
        assert box is not None
        assert box["height"] >= 140
        assert box["width"] >= 340
        await pocket.picture("alarm-high")
        assert await pocket.defects() == []

        # Without the network an answer is not called sent, and goes out by itself when there is one again.
        await pocket.context.set_offline(True)
        await accept.click()
        await expect(page.locator("#bar")).to_contain_text("has not arrived")
        await pocket.picture("alarm-not-arrived")
        assert await pocket.defects() == []
        await pocket.context.set_offline(False)
        await until(lambda: any(isinstance(one.body, Acknowledge) for one in voice.commands), "not acknowledged")
        await expect(page.locator("#bar")).to_be_hidden()
        await expect(page.locator(".state")).to_have_text("You have it")
        await expect(accept).to_be_hidden()
        assert {one.by for one in voice.commands if isinstance(one.body, Acknowledge | Respond)} == {"tom"}
        await until(lambda: any(entry.startswith("tom:respond") for entry in clinic.audited()), "it is written down")
        assert [entry for entry in clinic.audited() if entry.startswith("tom:respond")] == ["tom:respond:a7"]
        voice.say_alarm_again(high, signal=Signal.ACKNOWLEDGED, revision=2)
        await pocket.picture("alarm-taken")
        # The same message again: its token is spent.
        await page.reload()
        await expect(page.locator("h1")).to_have_text("Seat 7")
        await expect(accept).to_be_hidden()
        voice.say_alarm_is_over(high)
        await expect(page.locator("h1")).to_have_text("It is over")


async def test_a_message_that_is_too_old_leads_to_the_login_and_back(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        open_pocket(clinic, tmp_path, pictures) as pocket,
    ):
        alerts, page = AlertsVoice(voice, clinic), pocket.page
        async with clinic.script(Role.SUPERVISOR) as desk:
            body = {"name": "Tuesday", "participants": [person(7)]}
            session = (await desk.post("/api/v1/sessions", json=body)).json()["id"]
        voice.say_alarm(session, alarm_id=AlarmId("a8"), subject="p07", participant="p07")
        old = alerts.token("a8", "tom", age_ms=ACTION_MS)
        await pocket.open(f"/alarm/a8#{old}")
        await expect(page.locator(".text")).to_contain_text("too old")
        await pocket.picture("alarm-too-old")
        assert await pocket.defects() == []
        await page.get_by_role("link", name="Log in").click()
        await page.locator("#user").fill("tom")
        await page.locator("#secret").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{pocket.url}/alarm/a8")
        await expect(page.locator("h1")).to_have_text("Seat 7")
        await page.get_by_role("button", name="I can't").click()
        await expect(page.locator(".state")).to_contain_text("The next one is called")
        await until(lambda: any(isinstance(one.body, Respond) for one in voice.commands), "alerts was not told")
        assert {one.body.response for one in voice.commands if isinstance(one.body, Respond)} == {Response.CANNOT}
        assert not any(isinstance(one.body, Acknowledge) for one in voice.commands)


async def test_a_test_says_that_it_is_one_and_is_accepted_the_same_way(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    async with (
        open_voice(broker) as voice,
        open_clinic(tmp_path, broker.url) as clinic,
        open_pocket(clinic, tmp_path, pictures, locale="de-DE") as pocket,
    ):
        alerts, page = AlertsVoice(voice, clinic), pocket.page
        await pocket.open(f"/alarm/test-1?lang=de#{alerts.token('test-1', 'tom')}")
        await expect(page.locator(".text")).to_contain_text("Nur ein Test")
        await page.get_by_role("button", name="Annehmen").click()
        await expect(page.locator(".state")).to_have_text("Sie haben es")
        await pocket.picture("alarm-test-accepted")
        await until(lambda: any(isinstance(one.body, Respond) for one in voice.commands), "alerts was not told")
        assert not any(isinstance(one.body, Acknowledge) for one in voice.commands)
        with clinic.book() as shelves:
            assert list(shelves.answers.tested()) == ["tom"]
