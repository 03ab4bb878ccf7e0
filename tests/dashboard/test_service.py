"""The whole server: health, the live view, lost parts by name, pages, start and stop."""

import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from dashboard.service import run
from tests.dashboard.house import House, open_voice, person, settings_for, until
from tests.dashboard.test_sessions import TOML
from tests.peers import Mosquitto
from vitals.bus import Incoming
from vitals.deadline import deadline
from vitals.errors import SetupError
from vitals.parts import Part, PartState, PartStatus
from vitals.topics import StatusTopic
from vitals.wire import decode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


async def test_healthz_says_ok_only_when_every_part_lives(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house:
        before = (await house.http.get("/healthz")).json()
        assert before["status"] == "degraded"
        async with open_voice(broker), house.page() as page:
            await page.take_until(lambda page: not page.part_texts() and len(page.known["parts"]) == 5, "not all up")
            after = (await house.http.get("/healthz")).json()

    assert after["status"] == "ok"
    states = {(part["part"], part["instance"]): part["state"] for part in after["parts"]}
    assert states == dict.fromkeys(
        [("gateway", "g1"), ("ingest", "1"), ("analysis", "1"), ("broker", "broker"), ("dashboard", "room-1")], "up"
    )


async def test_the_live_view_gives_values_with_age_and_reason_alarms_and_parts(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        session = await house.start_class(person(1, oximeter="s-oxi1", alias="Heron"), person(2))
        voice.say_alarm(session["id"], age_ms=5_000)
        await page.take_until(lambda page: bool(page.known.get("alarms")), "no alarm")
        await voice.say_hr(1, 134, age_ms=1_500)
        # The class is younger than this: what was said before it is nobody's.
        await voice.say_hr(2, 99, age_ms=3_600_000)
        await voice.say_hr(1, 134)
        await page.take_until(lambda page: page.tiles["p01"]["hr"]["value"] == 134, "no value")
        live = (await house.http.get("/api/v1/live")).json()

    first, second = live["participants"]
    assert (first["id"], first["alias"], first["seat"]) == ("p01", "Heron", 1)
    hr = first["signals"]["hr"]
    assert (hr["value"], hr["unit"], hr["quality"], hr["reason"]) == (134, "bpm", "good", None)
    assert 0 <= hr["age_ms"] < 20_000
    assert first["signals"]["spo2"] == {
        "value": None,
        "unit": "%",
        "age_ms": None,
        "quality": "unusable",
        "reason": "never_heard",
    }
    assert second["signals"]["hr"]["value"] is None
    (alarm,) = live["alarms"]
    assert (alarm["rule"], alarm["kind"], alarm["priority"]) == ("HR_OVER", "physiological", "medium")
    assert (alarm["text"], alarm["acknowledged"]) == ("HR 134 > 120", None)
    assert alarm["age_ms"] >= 15_000
    assert {part["part"] for part in live["parts"]} == {"gateway", "ingest", "analysis", "broker", "dashboard"}
    assert live["generation_mode"] == "simulated"


async def test_every_lost_part_is_named_on_the_wall_and_its_return_too(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        await house.start_class()
        await page.take_until(
            lambda page: page.known.get("session") is not None and not page.part_texts(), "not all well"
        )
        for part, instance, said in (
            (Part.ANALYSIS, "1", "Analysis lost"),
            (Part.INGEST, "1", "Record lost"),
            (Part.GATEWAY, "g1", "Gateway g1 lost"),
        ):
            handled = voice.alive.pop((part, instance))  # it falls silent; a will would be quicker
            await page.take_until(lambda page, said=said: any(said in text for text in page.part_texts()), said)  # type: ignore[misc]
            voice.alive[part, instance] = handled
            await page.take_until(lambda page: not page.part_texts(), f"{part} does not come back")
            voice.say_status(part, instance, state=PartState.LOST)
            await page.take_until(lambda page, said=said: any(said in text for text in page.part_texts()), said)  # type: ignore[misc]
            await page.take_until(lambda page: not page.part_texts(), f"{part} does not come back")


async def test_bad_payloads_are_refused_one_by_one_and_the_wall_goes_on(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        session = await house.start_class()
        for topic in (
            "gateway/g1/reading/s-strap1/hr",
            "part/gateway/g1/status",
            "part/analysis/1/status",
            "alarm/state/p01/HR_OVER",
            "alarm/audio",
            "analysis/derived/p01",
            "gateway/g1/nearby",
            "session/x/roster",
            "nobody/knows",
        ):
            for payload in (b"{", b"\xff\xfe", b"[]", b"null", b'{"v":2}', b"[" * 10_000, b"0" * 2_000_000):
                await voice.bus.publish(f"vitals/v1/gym/{topic}", payload)
        await voice.say_hr(1, 88)
        voice.say_alarm(session["id"])
        await page.take_until(
            lambda page: page.tiles.get("p01", {}).get("hr", {}).get("value") == 88 and bool(page.known["alarms"]),
            "the wall stands still",
        )


async def test_the_server_starts_without_a_broker_and_names_its_absence(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house, house.page() as page:
        await page.take()

    assert len(page.part_texts()) == 1
    assert page.part_texts()[0].startswith("Broker lost ")


async def test_a_clean_stop_closes_open_pages_and_says_stopped(broker: Mosquitto, tmp_path: Path) -> None:
    said: list[PartStatus] = []

    def hear(incoming: Incoming) -> None:
        said.append(decode(incoming.payload, PartStatus, place=incoming.topic))

    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        voice.bus.subscribe(str(StatusTopic(site="gym", part="dashboard", instance="room-1")), hear)
        await until(lambda: bool(said) and said[-1].state is PartState.UP, "no heartbeat")
        assert said[-1].generation_mode.value == "simulated"
        assert "screens" in said[-1].counters
        async with house.page() as page, house.page() as mute:
            await page.take()
            began_s = time.monotonic()
            await house.stop()
            assert time.monotonic() - began_s < 15
            for screen in (page, mute):
                with pytest.raises(ConnectionClosed):
                    await screen.take_until(lambda _: False, "it stays open")
        await until(lambda: said[-1].state is PartState.STOPPED, "it does not say that it stopped")


async def test_pages_come_with_their_types_and_are_asked_for_again_each_time(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        home = await house.http.get("/")
        wall = await house.http.get("/wall")
        script = await house.http.get("/static/wall.js")
        again = await house.http.get("/static/wall.js", headers={"if-none-match": script.headers["etag"]})
        api = (await house.http.get("/api/v1/openapi.json")).json()

    assert (home.status_code, home.headers["location"]) == (307, "/wall")
    assert wall.headers["content-type"].startswith("text/html")
    assert script.headers["content-type"].startswith("text/javascript")
    assert (script.headers["cache-control"], wall.headers["cache-control"]) == ("no-cache", "no-cache")
    assert again.status_code == 304
    assert {
        "/healthz",
        "/api/v1/live",
        "/api/v1/nearby",
        "/api/v1/sessions",
        "/api/v1/sessions/{session}",
        "/api/v1/sessions/{session}/end",
        "/api/v1/sessions/{session}/phase",
        "/api/v1/sessions/{session}/readings",
        "/api/v1/sessions/{session}/alarms",
        "/api/v1/sessions/{session}/gaps",
        "/api/v1/alarms/{alarm_id}/acknowledge",
        "/api/v1/audio-pause",
    } <= set(api["paths"])


async def test_a_class_file_of_the_settings_is_started_once(tmp_path: Path) -> None:
    path = tmp_path / "class.toml"
    path.write_bytes(TOML)
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1", class_file=path)) as house:
        first = (await house.http.get("/api/v1/live")).json()["session"]
        await house.stop()
        await house.start()
        assert (await house.http.get("/api/v1/live")).json()["session"] == first | {"phase": "training"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "dashboard.class_file {path}: No such file or directory"),
        ("name = ", "{path}: not TOML: "),
        ("name = 5", "{path}.name: 5 - Input should be a valid string (and 1 more)"),
    ],
)
async def test_a_class_file_that_cannot_be_is_refused_in_one_line(text: str | None, line: str, tmp_path: Path) -> None:
    path = tmp_path / "class.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(SetupError) as refused:
        async with deadline(60):
            await run(settings_for(tmp_path, "mqtt://127.0.0.1:1", class_file=path), is_open=True)

    assert str(refused.value).startswith(line.format(path=path))


async def test_the_wall_speaks_the_language_of_the_site(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1", language="de")) as house:
        wall = await house.http.get("/wall")
    assert '<html lang="de">' in wall.text
    assert wall.headers["cache-control"] == "no-cache"
