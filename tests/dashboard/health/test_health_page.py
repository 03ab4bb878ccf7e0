"""The page of health with parts killed one by one: the sentence on top says what it means; and before class."""

import time
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.dashboard.house import House, open_voice, settings_for, until
from tests.dashboard.phone.pocket import AlertsVoice, open_pocket
from tests.peers import Mosquitto
from vitals.commands import SendTest
from vitals.parts import Part, PartState

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.timeout(180)]


async def test_what_is_killed_is_named_and_what_it_means_is_said_first(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    size = {"width": 1024, "height": 768}
    async with (
        open_voice(broker) as voice,
        House(settings) as house,
        open_pocket(house, tmp_path, pictures, viewport=size) as pocket,
        house.page() as wall,
    ):
        page = pocket.page
        await house.start_class()
        now = time.time_ns() // 1_000_000
        await wall.take()
        await wall.socket.send(
            f'{{"t": "sound", "screen": "w1", "name": "Gym", "sound": "on", "tested_utc_ms": {now}}}'
        )
        await pocket.open("/health")
        verdict, found = page.locator(".verdict h1"), page.locator(".verdict li")
        await expect(verdict).to_have_text("Something does not work")
        await expect(found).to_have_text(["No phone can be reached: an alarm is seen and heard at the wall alone."])
        await expect(page.locator(".before .check").filter(has_text="Gym")).to_contain_text("heard")
        await expect(page.locator(".parts tbody tr")).to_have_count(5)
        await pocket.picture("health-trouble")
        assert await pocket.defects() == []

        backup = page.locator(".numbers dl > div").filter(has_text="Newest backup")
        await expect(backup).to_contain_text("none known")
        settings.backup_mark_file.write_text("/mnt/site.zip\n", encoding="utf-8")
        await expect(backup).to_contain_text("ago")

        # The record dies: people are watched all the same.
        del voice.alive[Part.INGEST, "1"]
        voice.say_status(Part.INGEST, "1", state=PartState.LOST)
        await expect(page.locator(".verdict")).to_contain_text("The record is not running")
        await expect(verdict).to_have_text("Something does not work")
        # Analysis dies: nobody is watched, and that is the headline.
        del voice.alive[Part.ANALYSIS, "1"]
        voice.say_status(Part.ANALYSIS, "1", state=PartState.LOST)
        await expect(verdict).to_have_text("Nobody is watched")
        await expect(page.locator(".verdict")).to_have_attribute("data-verdict", "not_watching")
        await pocket.picture("health-not-watching")
        assert await pocket.defects() == []
        broker.kill()
        await expect(page.locator(".verdict")).to_contain_text("Broker lost")
        await house.stop()
        await expect(verdict).to_have_text("No connection")
        await pocket.picture("health-cut-off")


async def test_before_class_each_wall_is_heard_and_each_phone_answers_a_test(
    broker: Mosquitto, tmp_path: Path, pictures: Path
) -> None:
    settings = settings_for(tmp_path, broker.url)
    async with (
        open_voice(broker) as voice,
        House(settings) as house,
        open_pocket(house, tmp_path, pictures) as pocket,
        house.page() as wall,
    ):
        voice.alive[Part.ALERTS, "1"] = ()
        alerts, page = AlertsVoice(voice, house), pocket.page
        session = (await house.start_class())["id"]
        await alerts.put_on_duty(session, demo=(), tim=())
        alerts.say_reach(("w1", "tim"))
        await pocket.open("/health?lang=de")
        await expect(page.locator(".ready")).to_have_attribute("data-ready", "no")
        await expect(page.locator(".before .check").filter(has_text="demo")).to_contain_text("kein Telefon")
        await expect(page.locator(".verdict")).to_contain_text("demo hat Dienst und ist per Telefon nicht zu erreichen")
        await pocket.picture("health-before-class-de")
        assert await pocket.defects() == []

        # The wall is heard; tim's phone answers its test; demo opens the page of the phone and answers there.
        await wall.take()
        await wall.socket.send(
            f'{{"t":"sound","screen":"w1","name":"Gym","sound":"on","tested_utc_ms":{time.time_ns() // 1_000_000}}}'
        )
        await page.get_by_role("button", name="Test senden: tim").click()
        await until(lambda: any(isinstance(one.body, SendTest) for one in voice.commands), "no test was asked for")
        answer = {"token": alerts.token("test-1", "tim"), "response": "accept"}
        assert (await house.http.post("/api/v1/push/respond", json=answer)).status_code == 202
        await expect(page.locator(".before .check").filter(has_text="tim")).to_contain_text("Test beantwortet")
        phone = await pocket.context.new_page()
        await phone.goto(f"{pocket.url}/phone")
        alerts.say_call("test-2", called=("demo",))
        await phone.get_by_role("button", name="Accept").click()
        await expect(page.locator(".before .check").filter(has_text="demo")).to_contain_text("Seite offen")
        await expect(page.locator(".ready")).to_have_attribute("data-ready", "yes")
        await page.bring_to_front()
        await pocket.picture("health-ready-de")
        assert await pocket.defects() == []
