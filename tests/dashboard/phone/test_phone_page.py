"""The phone's page in a real browser: whose alarms are on top, three buttons, a lost connection; installable."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.dashboard.house import House, open_voice, person, settings_for, until
from tests.dashboard.phone.pocket import AlertsVoice, open_pocket
from tests.peers import Mosquitto
from vitals.alarms import AlarmId, Priority, RuleId, Signal
from vitals.commands import Acknowledge, Respond
from vitals.delivery import Response
from vitals.duty import StaffId
from vitals.participants import ParticipantId

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(180)]


async def test_a_therapist_walks_through_alarms_with_the_phone(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with open_voice(broker) as voice, House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        alerts, page = AlertsVoice(voice, house), pocket.page
        people = [person(number, alias=f"Falcon {number}") for number in range(1, 7)]
        session = (await house.start_class(*people))["id"]
        await alerts.put_on_duty(session, demo=("p01", "p02"), sue=())
        await pocket.open_phone()
        await expect(page.get_by_text("Nobody calls you")).to_be_visible()
        await expect(page.locator(".person")).to_have_count(2)
        for number in range(1, 7):
            await voice.say_hr(number, 90 + number)
        await expect(page.locator(".person").first).to_contain_text("91")
        await pocket.picture("phone-calm")
        assert await pocket.defects() == []

        mine = voice.say_alarm(session, participant=ParticipantId("p01"), subject="p01")
        voice.say_alarm(session, alarm_id=AlarmId("a2"), participant=ParticipantId("p05"), subject="p05")
        alerts.say_call("a1", called=("demo",), next_utc_ms=voice.clock.utc_ms() + 90_000)
        card = page.locator(".card-alarm").filter(has_text="Seat 1")
        await expect(card).to_contain_text("HR 134 > 120")
        await expect(card).to_contain_text("more people are called in")
        await expect(page.get_by_role("heading", name="Other alarms in the room")).to_be_visible()
        # Who is called to another's alarm has it on top.
        alerts.say_call("a2", called=("demo", "sue"), answers={"sue": "cannot"})
        await expect(page.get_by_role("heading", name="Other alarms in the room")).to_be_hidden()
        await expect(page.locator(".card-alarm")).to_have_count(2)
        await expect(page.locator(".card-alarm").filter(has_text="Seat 5")).to_contain_text("sue can't")
        await pocket.picture("phone-alarms")
        assert await pocket.defects() == []
        for name in ("Accept", "On my way", "I can't"):
            box = await card.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert box["height"] >= 48
            assert box["width"] >= 300

        await card.get_by_role("button", name="On my way").click()
        await until(lambda: any(isinstance(one.body, Acknowledge) for one in voice.commands), "not acknowledged")
        await until(lambda: any(isinstance(one.body, Respond) for one in voice.commands), "alerts was not told")
        (answer,) = {one.id: one for one in voice.commands if isinstance(one.body, Respond)}.values()
        said = Respond(alarm_id=AlarmId("a1"), staff=StaffId("demo"), response=Response.ON_MY_WAY)
        assert (answer.owner, answer.by, answer.body) == ("alerts", "demo", said)
        await expect(card).to_contain_text("Sent")
        voice.say_alarm_again(mine, signal=Signal.ACKNOWLEDGED, revision=2)
        alerts.say_call("a1", called=("demo",), answers={"demo": "on_my_way"})
        await expect(card).to_contain_text("you are on the way")
        await expect(card.get_by_role("button", name="Accept")).to_be_hidden()


async def test_a_high_alarm_calls_all_on_duty_and_a_lost_connection_cannot_be_missed(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with open_voice(broker) as voice, House(settings) as house, open_pocket(house, tmp_path, pictures) as pocket:
        alerts, page = AlertsVoice(voice, house), pocket.page
        session = (await house.start_class(*(person(number) for number in range(1, 7))))["id"]
        await alerts.put_on_duty(session, demo=("p01",), sue=())
        await pocket.open_phone()
        # A high alarm calls all on duty; over, and seen by nobody, it wants only that.
        high = voice.say_alarm(
            session,
            alarm_id=AlarmId("a3"),
            participant=ParticipantId("p06"),
            subject="p06",
            rule=RuleId.HR_CRIT,
            priority=Priority.HIGH,
        )
        await expect(page.locator(".card-alarm").first).to_contain_text("High")
        voice.say_alarm_again(high, signal=Signal.LATCHED, revision=2)
        seat6 = page.locator(".card-alarm").filter(has_text="Seat 6")
        await expect(seat6.get_by_role("button", name="Seen")).to_be_visible()
        await expect(seat6.get_by_role("button", name="I can't")).to_be_hidden()
        await pocket.picture("phone-high-taken-latched")

        broker.kill()
        await expect(page.locator(".bar-line").first).to_contain_text("Broker lost")
        await house.stop()
        await expect(page.locator(".cut")).to_be_visible()
        await expect(page.locator(".cut")).to_contain_text("No connection")
        await expect(page.locator(".person .value").first).to_have_text("--")
        await pocket.picture("phone-cut-off")
        assert await pocket.defects() == []
