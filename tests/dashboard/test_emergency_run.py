"""Emergencies over HTTP: one button, the same on every screen, kept by the record, alive after a restart; the card."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.store.batch import Batch, HeardCommand
from ingest.store.writer import RecordWriter
from tests.dashboard.house import House, Page, open_voice, person, settings_for, until
from tests.peers import Mosquitto
from vitals.commands import Command, RecordEntry
from vitals.units import UtcMs

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]


async def say(house: House, session: str, step: str, **more: Any) -> Any:
    body = {"participant": "p01", "step": step} | more
    return await house.http.post(f"/api/v1/sessions/{session}/emergencies/steps", json=body)


def running(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.known.get("emergencies", [])
    return found


def store(path: Path, commands: list[Command]) -> None:
    """Do what the record does with entries."""
    writer, batch = RecordWriter(path), Batch()
    for command in {command.id: command for command in commands}.values():
        batch.add_command(HeardCommand(command, UtcMs(command.at_utc_ms)), answer=None)
    writer.store(batch, now_utc_ms=UtcMs(1))
    writer.close()


async def test_an_emergency_is_on_every_screen_and_survives_a_restart(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = (await house.start_class(person(1), person(2)))["id"]
        path = f"/api/v1/sessions/{session}/emergencies"
        async with house.page() as one, house.page() as other:
            begun = await house.http.post(path, json={"participant": "p01"})
            assert begun.status_code == 201
            again = await house.http.post(path, json={"participant": "p01"})
            assert again.json()["id"] == begun.json()["id"], "held twice is one emergency"
            for page in (one, other):
                await page.take_until(lambda page: len(running(page)) == 1, "no screen shows the emergency")
                assert (running(page)[0]["seat"], running(page)[0]["began_by"]) == (1, "demo")
            assert (await say(house, session, "role", role="leader", text="KB")).status_code == 201
            assert (await say(house, session, "call")).status_code == 201
            await other.take_until(lambda page: running(page)[0].get("done") == ["call"], "the other screen lags")
            assert running(other)[0]["roles"] == {"leader": "KB"}
            undone = await say(house, session, "undone", text="call")
            assert undone.json()["done"] == []
            assert (await say(house, session, "aed")).json()["done"] == ["aed"]

        await until(lambda: len({command.id for command in voice.commands}) >= 5, "the record is not told")
        # Two of the five are in the record when everything is started anew, the others still wait.
        stored = [command for command in voice.commands if isinstance(command.body, RecordEntry)]
        store(tmp_path / "record.db", [one for one in stored if one.id in {stored[0].id, stored[-1].id}])
        await house.stop()
        await house.start()
        async with house.page() as page:
            await page.take_until(
                lambda page: bool(running(page)) and running(page)[0].get("done") == ["aed"], "it did not survive"
            )
            assert running(page)[0]["roles"] == {"leader": "KB"}
            assert running(page)[0]["id"] == begun.json()["id"]
            ended = await say(house, session, "ended", text="handed over")
            assert ended.json()["ended_utc_ms"] is not None
            await page.take_until(lambda page: running(page) == [], "what has ended is still shown")
        told = (await house.http.get(path)).json()
        assert told["is_default"] is True
        assert [line["id"] for line in told["script"]][:2] == ["check", "call"]
        steps = [line["step"] for line in told["emergencies"][0]["lines"]]
        assert steps == ["began", "role", "call", "undone", "aed", "ended"]


@pytest.mark.parametrize(
    ("step", "more", "status", "line"),
    [
        ("dance", {}, 404, "'dance' is no line of the script"),
        ("role", {"role": "king", "text": "KB"}, 404, "'king' is none of leader"),
        ("undone", {"text": "aed"}, 409, "'aed' is not done"),
        ("aed", {"participant": "p02"}, 409, "none runs for this person"),
        ("AED!", {}, 422, "body.step"),
    ],
)
async def test_nonsense_is_refused_in_one_line(
    tmp_path: Path, step: str, more: dict[str, Any], status: int, line: str
) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        begun = await house.http.post(f"/api/v1/sessions/{session}/emergencies", json={"participant": "p01"})
        assert begun.status_code == 201
        answer = await say(house, session, step, **more)
        assert answer.status_code == status
        assert line in answer.json()["detail"]


async def test_a_house_has_its_own_script(tmp_path: Path) -> None:
    own = ("Ring the bell", "Open gate B")
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1", emergency_steps=own)) as house:
        session = (await house.start_class(person(1)))["id"]
        path = f"/api/v1/sessions/{session}/emergencies"
        await house.http.post(path, json={})
        told = await house.http.post(f"{path}/steps", json={"step": "line-2"})
        assert told.json()["lines"][-1]["text"] == "Open gate B"
        assert (await house.http.get(path)).json()["is_default"] is False


async def test_the_card_tells_what_is_known_and_says_what_is_missing(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = (await house.start_class(person(1, alias="<b>Kim</b>"), person(2)))["id"]
        await house.http.post(f"/api/v1/sessions/{session}/emergencies", json={"participant": "p01"})
        await say(house, session, "note", text="<script>alert(1)</script> pale")
        card = await house.http.get(f"/handover/{session}/p01")
        assert card.status_code == 200
        assert "The record cannot be read now" in card.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; pale" in card.text
        assert "<b>Kim" not in card.text
        assert "SIMULATED DATA" in card.text
        assert "HR above 120" in card.text

        await until(lambda: len({command.id for command in voice.commands}) >= 2, "the record is not told")
        store(tmp_path / "record.db", voice.commands)
        german = await house.http.get(f"/handover/{session}/p01?lang=de")
        assert "Übergabekarte: Platz 1" in german.text
        assert "Notfall begonnen" in german.text
        assert "nicht lesbar" not in german.text
        assert msgspec.json.encode(session).decode()[1:-1] not in german.text, "no id is on the paper"
        assert (await house.http.get(f"/handover/{session}/p99")).status_code == 404


async def test_what_an_alarm_was_and_who_is_not_called(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        session = (await house.start_class(person(1)))["id"]
        async with house.page() as page:
            alarm = voice.say_alarm(session)
            await page.take_until(lambda page: bool(page.known.get("alarms")), "no alarm")
            path = f"/api/v1/sessions/{session}/participants/{alarm.participant}/alarms"
            judged = await house.http.post(f"{path}/{alarm.alarm_id}/outcome", json={"outcome": "artefact"})
            assert judged.status_code == 202
            assert (await house.http.post(f"{path}/nobody/outcome", json={"outcome": "real"})).status_code == 404
            assert (await house.http.post(f"{path}/{alarm.alarm_id}/outcome", json={"outcome": "x"})).status_code == 422
            off = {"seconds": 300, "why": "strap is changed"}
            answer = await house.http.post(f"/api/v1/alarms/{alarm.alarm_id}/off", json=off)
            assert answer.status_code == 202
            assert (await house.http.post("/api/v1/alarms/none/off", json=off)).status_code == 404
        await until(
            lambda: {"record_entry", "alarm_off"} <= {str(one.body.__struct_config__.tag) for one in voice.commands},
            "the owners are not told",
        )
        told = next(one for one in voice.commands if one.body.__struct_config__.tag == "alarm_off")
        assert (told.owner, told.why, told.by) == ("alerts", "strap is changed", "demo")
