"""A class from roll-call to its end over HTTP: the gate, the watch, sensors that change hands, restarts, the next."""

from pathlib import Path

import pytest

from ingest.store.reader import RecordReader
from tests.dashboard.flow.class_house import ClassHouse, open_class_house
from tests.dashboard.house import person, until
from tests.peers import Mosquitto
from vitals.commands import RecordSession
from vitals.sessions import Assignments, SessionId
from vitals.topics import AssignmentsTopic
from vitals.wire import decode

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]

WHOLE = {
    "blood_pressure": {"systolic_mmhg": 128, "diastolic_mmhg": 78},
    "mass_kg": 80.0,
    "symptoms": [],
    "is_medication_taken": True,
    "hr_bpm": 72.0,
}
PRESSURE = {"kind": "blood_pressure", "systolic_mmhg": 132, "diastolic_mmhg": 80}


async def test_nobody_is_cleared_before_the_check_and_what_is_open_needs_a_reason(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        path = f"/api/v1/sessions/{session}/participants/p01/pre-check"
        assert (await house.person(session, "p01"))["state"] == "expected"
        await house.come(session, "p01")
        assert (await house.person(session, "p01"))["clearance"]["state"] == "not_cleared"

        refused = await house.phase(session, "training", status=409)
        assert refused["detail"] == "why: is needed, not cleared: seat 1"
        high = WHOLE | {"blood_pressure": {"systolic_mmhg": 212, "diastolic_mmhg": 100}, "is_medication_taken": None}
        refused = await house.ask(path, high, status=409)
        assert refused["detail"] == "why: is needed, does not pass: blood pressure; not checked: medication"
        found = await house.ask(
            path, {"is_medication_taken": True, "symptoms": [], "hr_bpm": 72.0, "why": "Dr K. agrees"}
        )
        assert found["clearance"] | {"at_utc_ms": 0} == {
            "state": "let_be",
            "by": "demo",
            "at_utc_ms": 0,
            "problems": ["blood_pressure"],
            "missing": [],
            "why": "Dr K. agrees",
            "stop_sign": None,
            "stop_utc_ms": None,
        }
        # p02 is not here: nobody waits for somebody who has not come.
        await house.phase(session, "training")
        assert (await house.person(session, "p01"))["phase"] == "training"


async def test_who_begins_without_a_check_begins_with_a_reason_that_is_kept(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1)))["id"]
        await house.come(session, "p01")
        await house.phase(session, "warm_up", why="was checked on the ward")
        clearance = (await house.person(session, "p01"))["clearance"]
        assert (clearance["state"], clearance["why"]) == ("let_be", "was checked on the ward")
        assert set(clearance["missing"]) >= {"blood_pressure", "medication", "symptoms"}


async def test_a_gain_of_weight_since_the_last_class_does_not_pass(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        first = (await house.start_class(person(1)))["id"]
        await house.ask(f"/api/v1/sessions/{first}/participants/p01/pre-check", WHOLE)
        await house.ask(f"/api/v1/sessions/{first}/end", {"why": "end of the test"})
        await until(lambda: any(isinstance(one.body, RecordSession) for one in house.voice.commands), "no end")
        await house.until_entered(first, "weight")
        second = (await house.start_class(person(1)))["id"]
        path = f"/api/v1/sessions/{second}/participants/p01/pre-check"
        refused = await house.ask(path, WHOLE | {"mass_kg": 82.5}, status=409)
        assert refused["detail"] == "why: is needed, does not pass: weight"
        findings = {one["item"]: one for one in (await house.person(second, "p01"))["findings"]}
        assert findings["weight"]["value"] == "82.5 (+2.5)"


async def test_a_stop_sign_ends_the_clearance_until_somebody_checks_again(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1)))["id"]
        path = f"/api/v1/sessions/{session}/participants/p01/pre-check"
        await house.ask(path, WHOLE)
        await house.phase(session, "training")
        tired = await house.enter(session, "p01", {"kind": "symptom", "symptom": "fatigue"})
        assert not tired["is_stop_sign"]
        assert (await house.person(session, "p01"))["clearance"]["state"] == "cleared"
        said = await house.enter(session, "p01", {"kind": "symptom", "symptom": "angina"})
        assert said["is_stop_sign"]
        found = await house.person(session, "p01")
        assert (found["clearance"]["state"], found["clearance"]["stop_sign"]) == ("stopped", "angina")
        assert found["recovery"]["since_utc_ms"] == found["clearance"]["stop_utc_ms"]
        await house.phase(session, "training", participant="p01", status=409)
        again = await house.ask(path, {**WHOLE, "why": "ECG without changes, Dr K."})
        assert again["clearance"]["state"] == "let_be"
        assert again["recovery"]["since_utc_ms"] is None


async def test_nobody_leaves_before_the_watch_is_done_and_the_class_ends_only_with_a_reason(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        for who in ("p01", "p02"):
            await house.ask(f"/api/v1/sessions/{session}/participants/{who}/pre-check", WHOLE)
        await house.phase(session, "training")
        await house.phase(session, "recovery")
        leave = f"/api/v1/sessions/{session}/participants/p01/leave"
        refused = await house.ask(leave, status=409)
        assert refused["detail"] == "why: is needed, not seen to: heart, blood pressure, symptoms"
        await house.enter(session, "p01", PRESSURE)
        await house.enter(session, "p01", {"kind": "symptoms_asked"})
        refused = await house.ask(leave, status=409)
        assert refused["detail"] == "why: is needed, not seen to: heart"
        await house.ask(leave, {"why": "strap was off"})
        assert (await house.person(session, "p01"))["state"] == "left"

        refused = await house.ask(f"/api/v1/sessions/{session}/end", status=409)
        assert refused["detail"] == "why: is needed, still open: seat 2"
        await house.ask(f"/api/v1/sessions/{session}/end", {"why": "fire alarm"})
        found = await house.flow(session)
        assert found["ended_utc_ms"] is not None
        assert [one["state"] for one in found["people"]] == ["left", "left"]


async def test_a_restart_of_the_dashboard_forgets_nothing_of_the_flow(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        await house.ask(f"/api/v1/sessions/{session}/participants/p01/pre-check", WHOLE)
        await house.phase(session, "training")
        await house.enter(session, "p01", {"kind": "rpe", "rpe_borg": 13})
        await house.ask(f"/api/v1/sessions/{session}/participants/p01/sensors", {"kind": "strap", "sensor": "s-spare"})
        before = await house.flow(session)
        await house.stop()
        await house.start()
        after = await house.flow(session)
        moving = {"utc_ms": 0, "tapped": [], "is_record_read": True}
        assert after | moving == before | moving


async def test_a_spare_strap_takes_the_place_of_the_old_one_which_is_free_at_once(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with open_class_house(tmp_path, broker) as house:
        session = (await house.start_class(person(1), person(2)))["id"]
        path = f"/api/v1/sessions/{session}/participants/p01/sensors"
        taken = await house.ask(path, {"kind": "strap", "sensor": "s-strap2"}, status=409)
        assert taken["detail"] == "sensor: 's-strap2' is on p02"
        changed = await house.ask(path, {"kind": "strap", "sensor": "s-spare"})
        assert [one["strap"] for one in changed["participants"]] == ["s-spare", "s-strap2"]
        late = await house.come(session, "p07", alias="Late", strap="s-strap1")
        assert [(one["id"], one["seat"], one["strap"]) for one in late["participants"]][-1] == ("p07", 3, "s-strap1")
        assert (await house.person(session, "p07"))["state"] == "here"
        unknown = await house.ask(f"/api/v1/sessions/{session}/participants", {"id": "p99"}, status=404)
        assert "is not in the register" in unknown["detail"]


async def test_a_mix_up_is_put_right_after_the_end_and_the_record_is_told(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house:
        started = await house.start_class(person(1), person(2))
        session = started["id"]
        await house.ask(f"/api/v1/sessions/{session}/end")
        body = {"one": "p01", "other": "p02", "since_utc_ms": started["started_utc_ms"], "why": "straps mixed up"}
        changed = await house.ask(f"/api/v1/sessions/{session}/exchanges", body)
        assert [one["strap"] for one in changed["participants"]] == ["s-strap2", "s-strap1"]
        told = (await house.http.get(f"/api/v1/sessions/{session}/corrections")).json()
        assert [(one["by"], one["why"], len(one["changes"])) for one in told] == [("demo", "straps mixed up", 2)]

        reader = RecordReader(house.settings.record_file)

        def is_told() -> bool:
            stored = reader.session(SessionId(session))
            return stored is not None and stored.version == changed["version"]

        await until(is_told, "the record is not given the corrected roster")
        newest = reader.rosters(SessionId(session))[-1]
        reader.close()
        assert [entry.sensors[0].sensor for entry in newest.entries] == ["s-strap2", "s-strap1"]
        # Only what is found afterwards is entered afterwards.
        await house.enter(session, "p01", {"kind": "rpe", "rpe_borg": 13}, status=409)
        await house.enter(session, "p01", {"kind": "six_minute_walk", "distance_m": 412.0})


async def test_the_next_class_begins_where_this_one_ends_and_its_sensors_stay_connected(
    broker: Mosquitto, tmp_path: Path
) -> None:
    async with open_class_house(tmp_path, broker) as house:
        told: list[Assignments] = []
        topic = str(AssignmentsTopic(site="gym", gateway="g1"))
        house.voice.bus.subscribe(
            topic, lambda incoming: told.append(decode(incoming.payload, Assignments, place=topic))
        )
        session = (await house.start_class(person(1), person(2)))["id"]
        on_duty = {"members": [{"staff": "demo", "role": "supervisor"}]}
        put = await house.http.put(f"/api/v1/sessions/{session}/duty", json=on_duty)
        assert put.status_code == 200, put.text
        await until(lambda: bool(told) and len(told[-1].sensors) == 2, "no assignments")
        following = {"name": "Next", "participants": [person(1, id="p11"), person(3)]}
        answer = await house.ask(f"/api/v1/sessions/{session}/next", {"next": following}, status=201)
        assert answer["ended"] == session
        await until(lambda: {one.sensor for one in told[-1].sensors} == {"s-strap1", "s-strap3"}, "no assignments")
        assert all(any(one.sensor == "s-strap1" for one in said.sensors) for said in told if said.sensors)
        old = (await house.http.get(f"/api/v1/sessions/{session}")).json()
        new = (await house.http.get(f"/api/v1/sessions/{answer['started']}")).json()
        assert old["ended_utc_ms"] == new["started_utc_ms"]
        duty = (await house.http.get(f"/api/v1/sessions/{new['id']}/duty")).json()
        assert [one["staff"] for one in duty["members"]] == ["demo"]

        # A next class that cannot begin ends nothing.
        await house.ask(f"/api/v1/sessions/{new['id']}/next", {"next": {"name": "X"}}, status=422)
        assert (await house.http.get(f"/api/v1/sessions/{new['id']}")).json()["ended_utc_ms"] is None


async def test_practice_is_a_test_on_every_screen_and_touches_nobody(broker: Mosquitto, tmp_path: Path) -> None:
    async with open_class_house(tmp_path, broker) as house, house.page() as page:
        found = await house.ask("/api/v1/sessions/practice", {"players": 2}, status=201)
        assert found["generation_mode"] == "test"
        assert [one["id"] for one in found["people"]] == ["practice-1", "practice-2"]
        await page.take_until(lambda page: page.known.get("mode") == "test", "the wall does not say so")
        await house.ask(f"/api/v1/sessions/{found['session']}/end")
        body = {"name": "Real", "participants": [person(1, id="practice-1")]}
        mixed = await house.ask("/api/v1/sessions", body, status=409)
        assert "is for practice, and this class is none" in mixed["detail"]


async def test_a_plan_of_the_site_says_when_what_is_due(broker: Mosquitto, tmp_path: Path) -> None:
    plan = tmp_path / "flow.toml"
    plan.write_text(
        'recovery = ["symptoms"]\n[pre_check]\nitems = []\n[[due]]\nkind = "rpe"\nphases = ["training"]\nfirst_s = 10\n'
    )
    async with open_class_house(tmp_path, broker, flow_file=plan) as house:
        session = (await house.start_class(person(1)))["id"]
        found = await house.ask(f"/api/v1/sessions/{session}/participants/p01/pre-check")
        assert found["clearance"]["state"] == "cleared"
        await house.phase(session, "training")
        due = (await house.person(session, "p01"))["due"]
        assert [one["kind"] for one in due] == ["rpe"]
        await house.enter(session, "p01", {"kind": "rpe", "rpe_borg": 13})
        assert (await house.person(session, "p01"))["due"] == []
        await house.phase(session, "recovery")
        await house.enter(session, "p01", {"kind": "symptoms_asked"})
        await house.ask(f"/api/v1/sessions/{session}/participants/p01/leave")
        await _ends_without_a_word(house, session)


async def _ends_without_a_word(house: ClassHouse, session: str) -> None:
    assert (await house.flow(session))["open_points"] == []
    await house.ask(f"/api/v1/sessions/{session}/end")
