"""What the flow says elsewhere: on tiles, in the record after a correction, in the class that follows, in practice."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.flow.class_house import ClassHouse, open_class_house
from tests.dashboard.house import Page, person
from tests.peers import Mosquitto
from vitals.alarms import Signal

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

WHOLE = {
    "blood_pressure": {"systolic_mmhg": 128, "diastolic_mmhg": 78},
    "mass_kg": 80.0,
    "symptoms": [],
    "is_medication_taken": True,
    "hr_bpm": 72.0,
}


async def says(page: Page, who: str, word: str) -> None:
    await page.take_until(lambda page: page.tiles.get(who, {}).get("flow", "") == word, f"{who} is not {word!r}")


async def signals(page: Page, *wanted: str) -> None:
    await page.take_until(
        lambda page: [one["signal"] for one in page.known.get("alarms", ())] == [*wanted], f"not {wanted}"
    )


async def test_a_tile_says_in_a_quiet_word_what_is_open(broker: Mosquitto, tmp_path: Path) -> None:
    plan = tmp_path / "flow.toml"
    plan.write_text('recovery = ["symptoms"]\n')
    async with open_class_house(tmp_path, broker, flow_file=plan) as house, house.page() as page:
        session = (await house.start_class(person(1), person(2)))["id"]
        await house.come(session, "p01")
        await says(page, "p01", "not_cleared")
        await house.ask(f"/api/v1/sessions/{session}/participants/p01/pre-check", WHOLE)
        await says(page, "p01", "")
        await house.phase(session, "training")
        await house.enter(session, "p01", {"kind": "symptom", "symptom": "angina"})
        await says(page, "p01", "stopped")
        await house.phase(session, "recovery")
        await says(page, "p01", "recovering")
        await house.enter(session, "p01", {"kind": "symptoms_asked"})
        await says(page, "p01", "to_release")
        # Who was not called in the roll-call is not judged.
        assert "flow" not in page.tiles["p02"]


async def test_no_way_to_a_phase_passes_the_check_before_exercise(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        await house.come(session, "p01")
        here = f"/api/v1/sessions/{session}"
        # The tablet and scripts begin phases by routes of their own.
        for path in (f"{here}/phase", f"{here}/participants/p01/phase", f"{here}/flow/phase"):
            assert (await house.ask(path, {"phase": "rest"}))["phase"] == "rest"
            refused = await house.ask(path, {"phase": "training"}, status=409)
            assert refused["detail"] == "why: is needed, not cleared: seat 1"
        # Who was not called in the roll-call has no check.
        await house.ask(f"{here}/participants/p02/phase", {"phase": "training"})
        # The phase of the class is exercise, too.
        await house.ask(f"{here}/phase", {"phase": "training", "why": "all were seen by the doctor"})
        assert (await house.person(session, "p01"))["clearance"]["state"] == "let_be"
        await house.enter(session, "p01", {"kind": "symptom", "symptom": "angina"})
        await house.ask(f"{here}/participants/p01/phase", {"phase": "cool_down"})
        await house.ask(f"{here}/participants/p01/phase", {"phase": None}, status=409)


async def test_nobody_with_an_alarm_is_let_go_without_a_reason(broker: Mosquitto, tmp_path: Path) -> None:
    plan = tmp_path / "flow.toml"
    plan.write_text("recovery = []\n")
    async with open_class_house(tmp_path, broker, flow_file=plan) as house, house.page() as page:
        session = (await house.start_class(person(1), person(2), person(3)))["id"]
        for who in ("p01", "p02"):
            await house.come(session, who)
        said = house.voice.say_alarm(session, participant="p01", subject="p01")
        await signals(page, "on")
        leave = f"/api/v1/sessions/{session}/participants/p01/leave"
        refused = await house.ask(leave, status=409)
        assert refused["detail"] == "why: is needed, not seen to: alarm"
        flow = await house.flow(session)
        assert [(one["seat"], one["what"], one["of"]) for one in flow["open_points"]] == [
            (1, "not_released", ["alarm"]),
            (2, "not_released", []),
        ]
        assert (await house.person(session, "p01"))["recovery"]["missing"] == ["alarm"]
        # Taken is not over, over is not seen.
        for signal in (Signal.ACKNOWLEDGED, Signal.LATCHED):
            house.voice.say_alarm_again(said, signal=signal)
            await signals(page, signal.value)
            await house.ask(leave, status=409)
        house.voice.say_alarm_is_over(said)
        await signals(page)
        await house.ask(leave)
        # With a reason the other one may go, and the record says what was let be.
        house.voice.say_alarm(session, participant="p02", subject="p02")
        await signals(page, "on")
        await house.ask(f"/api/v1/sessions/{session}/end", {"why": "goes with the ambulance"})
        await house.until_entered(session, "released")
        entries = (await house.http.get(f"/api/v1/sessions/{session}/entries")).json()
        left = {one["participant"]: one["body"] for one in entries if one["body"]["kind"] == "released"}
        assert left["p02"]["missing"] == ["alarm"]
        assert left["p02"]["why"] == "goes with the ambulance"
        assert left["p01"].get("missing", []) == []


async def test_a_new_class_begins_without_the_words_of_the_old_one(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house, house.page() as page:
        session = (await house.start_class(person(1)))["id"]
        await house.come(session, "p01")
        await says(page, "p01", "not_cleared")
        await house.ask(f"/api/v1/sessions/{session}/end", {"why": "end of the test"})
        following = (await house.start_class(person(1)))["id"]
        await page.take_until(lambda page: page.known["session"] is not None, "no class")
        await page.take_until(lambda page: page.known["session"]["id"] == following, "not the next class")
        assert "flow" not in page.tiles["p01"]


async def test_a_screen_is_told_that_it_is_practice_and_not_a_class(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house, house.page() as page:
        found = await house.ask("/api/v1/sessions/practice", {"players": 2}, status=201)
        assert found["is_practice"]
        await page.take_until(lambda page: (page.known.get("session") or {}).get("is_practice", False), "no practice")
        await house.ask(f"/api/v1/sessions/{found['session']}/end")
        other = await house.start_class(person(1))
        await page.take_until(lambda page: (page.known.get("session") or {}).get("id") == other["id"], "no class")
        assert "is_practice" not in page.known["session"]
        listed = (await house.http.get("/api/v1/review/sessions")).json()
        assert {one["id"]: one["is_practice"] for one in listed} == {found["session"]: True, other["id"]: False}


async def test_the_next_class_of_a_plan_tells_before_which_sensors_stay(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        anna = (await house.ask("/api/v1/people", {"alias": "Anna"}, status=201))["id"]
        seats = [{"seat": 4, "person": anna, "strap": "s-strap2"}]
        plan = (await house.ask("/api/v1/plans", {"name": "Late", "seats": seats}, status=201))["id"]
        session = (await house.start_class(person(1), person(2)))["id"]
        path = f"/api/v1/sessions/{session}/next"
        shown = (await house.http.get(path, params={"plan": plan})).json()
        assert shown == {
            "plan": plan,
            "name": "Late",
            "people": 1,
            "staying": [
                {
                    "sensor": "s-strap2",
                    "kind": "strap",
                    "seat": 2,
                    "alias": "2",
                    "next_seat": 4,
                    "next_alias": "Anna",
                }
            ],
            "freed": 1,
        }
        both = await house.ask(path, {"plan": plan, "next": {"name": "X"}}, status=422)
        assert both["detail"].startswith("body.next")
        answer = await house.ask(path, {"plan": plan}, status=201)
        new = (await house.http.get(f"/api/v1/sessions/{answer['started']}")).json()
        assert [(one["alias"], one["strap"]) for one in new["participants"]] == [("Anna", "s-strap2")]


async def test_a_correction_after_the_end_is_in_the_summaries(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        started = await house.start_class(person(1, alias="Anna"), person(2, alias="Bert"))
        session, path = started["id"], f"/api/v1/sessions/{started['id']}"
        await house.ask(f"{path}/end")
        assert await _recorded(house, path)
        assert await _worn(house, path) == {"Anna": ["s-strap1"], "Bert": ["s-strap2"]}
        wearing = (await house.http.get(f"{path}/wearing")).json()
        [worn] = wearing["people"][0]["worn"]
        assert (worn["sensor"], worn["to_utc_ms"]) == ("s-strap1", wearing["ended_utc_ms"])

        body = {"one": "p01", "other": "p02", "since_utc_ms": started["started_utc_ms"], "why": "straps mixed up"}
        await house.ask(f"{path}/exchanges", body)
        assert await _recorded(house, path)
        assert await _worn(house, path) == {"Anna": ["s-strap2"], "Bert": ["s-strap1"]}
        wearing = (await house.http.get(f"/api/v1/sessions/{session}/wearing")).json()
        assert [one["worn"][0]["sensor"] for one in wearing["people"]] == ["s-strap2", "s-strap1"]


async def _recorded(house: ClassHouse, path: str) -> bool:
    """Wait until the record has taken over what the clinic's file says."""
    for _ in range(300):
        if (await house.http.get(f"{path}/wearing")).json()["is_recorded"]:
            return True
        await asyncio.sleep(0.1)
    return False


async def _worn(house: ClassHouse, path: str) -> dict[str, list[str]]:
    """Return whose sensors the summaries count, when all are made."""
    answer: dict[str, Any] = {"pending": 1}
    while answer["pending"]:
        answer = (await house.http.get(f"{path}/summary")).json()
    return {one["alias"]: [worn["sensor"] for worn in one["summary"]["sensors"]] for one in answer["people"]}
