"""Sensors over HTTP: who is in range, which one is held to the gateway, and giving one to another gateway."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.house import House, Page, Voice, open_voice, person, settings_for, until
from tests.dashboard.test_sessions import Told
from tests.peers import Mosquitto
from vitals.parts import Part
from vitals.sensors import GatewayId, Nearby, NearbySensor, SensorId, SensorKind, SensorState, SensorStatus
from vitals.topics import NearbyTopic
from vitals.units import MonotonicMs
from vitals.wire import encode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


def near(sensor: str, rssi_dbm: int, **more: Any) -> NearbySensor:
    given: dict[str, Any] = {"kind": SensorKind.STRAP, "age_ms": 100} | more
    return NearbySensor(sensor=SensorId(sensor), rssi_dbm=rssi_dbm, **given)


def reason(page: Page) -> str | None:
    """Return why the first person has no heart rate, as the tile says it."""
    told: str | None = page.tiles.get("p01", {}).get("hr", {}).get("reason")
    return told


async def say_nearby(voice: Voice, gateway: str, *sensors: NearbySensor) -> None:
    said = Nearby(gateway=GatewayId(gateway), sensors=sensors)
    await voice.bus.publish(str(NearbyTopic(site="gym", gateway=gateway)), encode(said))


async def test_a_sensor_is_moved_to_another_gateway_and_its_tile_says_so(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        told = Told(voice)
        session = (await house.start_class())["id"]
        await until(lambda: told.sensors() == ["s-strap1", "s-strap2"], "no assignments")
        path = f"/api/v1/sessions/{session}/sensors/s-strap1/move"
        early = await house.http.post(path, json={"gateway": "g2"})
        assert (early.status_code, early.json()["detail"]) == (409, "gateway: 'g2' is not running")

        voice.alive[Part.GATEWAY, "g2"] = ()
        await page.take_until(lambda page: any(part["instance"] == "g2" for part in page.known["parts"]), "g2 lives")
        moved = await house.http.post(path, json={"gateway": "g2"})
        assert (moved.status_code, moved.json()["version"]) == (200, 2)
        await until(lambda: told.sensors("g2") == ["s-strap1"], "the new gateway is not told")
        await until(lambda: told.sensors("g1") == ["s-strap2"], "the old gateway is not told")
        await page.take_until(lambda page: reason(page) == "hand_over", "the tile does not say so")
        await until(lambda: told.versions[-1:] == [2], "no new version")
        roster = told.rosters[session]
        assert roster is not None
        worn = [(one.gateway, one.to_utc_ms is None) for one in roster.entries[0].sensors]
        assert worn == [("g1", False), ("g2", True)]

        again = await house.http.post(path, json={"gateway": "g2"})
        assert again.json()["version"] == 2
        await voice.say_hr(1, 88)
        await page.take_until(lambda page: page.tiles["p01"]["hr"]["value"] == 88, "no value")
        assert reason(page) is None


async def test_a_move_survives_a_restart(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        voice.alive[Part.GATEWAY, "g2"] = ()
        session = (await house.start_class())["id"]
        await page.take_until(lambda page: any(part["instance"] == "g2" for part in page.known["parts"]), "g2 lives")
        await house.http.post(f"/api/v1/sessions/{session}/sensors/s-strap1/move", json={"gateway": "g2"})
        await house.stop()
        told = Told(voice)
        await house.start()
        await until(lambda: told.sensors("g2") == ["s-strap1"] and told.sensors("g1") == ["s-strap2"], "not said again")
        ended = await house.http.post(f"/api/v1/sessions/{session}/end")
        assert ended.status_code == 200
        await until(lambda: told.sensors("g2") == [] and told.sensors("g1") == [], "not free")


async def test_what_cannot_be_moved_is_refused_in_one_line(tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, "mqtt://127.0.0.1:1")) as house:
        session = (await house.start_class())["id"]
        for path, body, status in (
            (f"{session}/sensors/s-none/move", {"gateway": "g2"}, 404),
            ("none/sensors/s-strap1/move", {"gateway": "g2"}, 404),
            (f"{session}/sensors/s-strap1/move", {"gateway": "g 2"}, 422),
            (f"{session}/sensors/s-strap1/move", {}, 422),
            (f"{session}/sensors/s-strap1/move", {"gateway": "g1"}, 200),
        ):
            answer = await house.http.post(f"/api/v1/sessions/{path}", json=body)
            assert (path, answer.status_code) == (path, status)
            assert status == 200 or "\n" not in answer.json()["detail"]


async def test_sensors_in_range_tell_who_hears_them_how_and_whose_they_are(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice:
        await house.start_class(person(1))
        for _ in range(2):
            await say_nearby(voice, "g1", near("s-strap1", -40, is_linked=True), near("s-new", -45, battery_low=True))
            await say_nearby(voice, "g2", near("s-new", -70, contact=False))

        async def heard() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = (await house.http.get("/api/v1/nearby")).json()
            return rows

        while len(rows := await heard()) < 3:  # noqa: ASYNC110 - an answer over HTTP has no event
            await asyncio.sleep(0.02)
        found = {(row["sensor"], row["gateway"]): row for row in rows}
        mine, new, far = found["s-strap1", "g1"], found["s-new", "g1"], found["s-new", "g2"]
        assert (mine["participant"], mine["leased_to"], mine["is_linked"]) == ("p01", "g1", True)
        assert (new["participant"], new["leased_to"], new["battery_low"], new["contact"]) == (None, None, True, None)
        assert (far["rssi_dbm"], far["contact"], far["battery_low"]) == (-70, False, None)

        nearest = (await house.http.get("/api/v1/sensors/nearest?kind=strap")).json()
        assert (nearest["outcome"], nearest["sensor"], nearest["gateway"]) == ("found", "s-new", "g1")
        at_g2 = (await house.http.get("/api/v1/sensors/nearest?gateway=g2")).json()
        assert (at_g2["outcome"], at_g2["sensor"], at_g2["rssi_dbm"]) == ("none_near", None, -70)
        assert (await house.http.get("/api/v1/sensors/nearest?kind=spoon")).status_code == 422


async def test_a_sensor_that_waits_for_a_slot_says_so_on_its_tile(broker: Mosquitto, tmp_path: Path) -> None:
    async with House(settings_for(tmp_path, broker.url)) as house, open_voice(broker) as voice, house.page() as page:
        await house.start_class()
        del voice.alive[Part.GATEWAY, "g1"]
        waits = SensorStatus(
            sensor=SensorId("s-strap1"),
            kind=SensorKind.STRAP,
            state=SensorState.SEEN,
            since_mono_ms=MonotonicMs(0),
            waits_for_slot=True,
        )
        voice.say_status(Part.GATEWAY, "g1", sensors=(waits,), problems=("out of radio slots",))
        await page.take_until(lambda page: reason(page) == "out_of_slots", "the tile is silent")
        await page.take_until(lambda page: any("no room" in text for text in page.part_texts()), "no bar")
